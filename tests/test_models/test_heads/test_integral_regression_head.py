import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData

from mmpose.models.heads import IntegralRegressionHead
from mmpose.structures import PoseDataSample

CODEC = dict(
    type='IntegralRegressionLabel', input_size=(16, 8), heatmap_size=(4, 2), sigma=1, normalize=True
)


def passing_head(**kwargs):
    """A head for one keypoint whose logits are its features, 4 x 2 cells of an input of 16 x 8."""
    return IntegralRegressionHead(
        1, (4, 2), 1, deconv_out_channels=None, final_layer=None, decoder=CODEC, **kwargs
    )


def logits(rows):
    """(1, 1, 2, 4) whose softmax is ``rows``, which sum to 1."""
    return torch.tensor([[rows]]).log()


# means x = 2 * 3/4 + 1/8 + 3 * 1/8 = 2 cells and y = 3/4 of a cell
ROWS = [[0.0, 0.125, 0.0, 0.125], [0.0, 0.0, 0.75, 0.0]]


def sample():
    sample = PoseDataSample(metainfo=dict(flip_indices=[0], input_size=(16, 8)))
    sample.gt_instance_labels = InstanceData(
        keypoint_labels=torch.tensor([[[0.5, 0.375]]]), keypoint_weights=torch.ones(1, 1)
    )
    return sample


def test_coordinates_are_means_of_the_heatmaps():
    coords, heatmaps = passing_head()((logits(ROWS),))
    torch.testing.assert_close(heatmaps, torch.tensor([[ROWS]]))
    torch.testing.assert_close(coords, torch.tensor([[[2 / 4, 0.75 / 2]]]))


def test_beta_sharpens_the_heatmaps():
    _, heatmaps = passing_head(beta=2.0)((logits(ROWS),))
    squares = torch.tensor([[ROWS]]).square()
    torch.testing.assert_close(heatmaps, squares / squares.sum())


def test_debias_takes_out_a_share_of_the_background():
    # a peak of logit log(5) over 7 cells of logit 0: the sum of the exponentials is 12
    feats = torch.zeros(1, 1, 2, 4)
    feats[..., 1, 2] = math.log(5)
    (coords, _), (plain, _) = (passing_head(debias=d)((feats,)) for d in (True, False))
    torch.testing.assert_close(coords, 12 / 11 * (plain - 1 / 24))


def test_large_logits_stay_finite():
    coords, heatmaps = passing_head(debias=True, beta=10.0)((torch.full((1, 1, 2, 4), 200.0),))
    torch.testing.assert_close(coords, torch.tensor([[[1.5 / 4, 0.5 / 2]]]))
    assert heatmaps.isfinite().all()


def test_layers_and_names():
    head = IntegralRegressionHead(
        6, (3, 2), 5, deconv_out_channels=(4, 4), deconv_kernel_sizes=(4, 4))  # fmt: skip
    coords, heatmaps = head((torch.zeros(2, 6, 2, 3),))
    assert (tuple(coords.shape), tuple(heatmaps.shape)) == ((2, 5, 2), (2, 5, 8, 12))
    shapes = {n: tuple(v.shape) for n, v in head.state_dict().items()}
    assert shapes['linspace_x'] == (1, 1, 1, 12)
    assert shapes['linspace_y'] == (1, 1, 8, 1)
    assert shapes['simplebaseline_head.deconv_layers.0.weight'] == (6, 4, 4, 4)
    assert shapes['simplebaseline_head.final_layer.weight'] == (5, 4, 1, 1)
    plain = IntegralRegressionHead([3, 6], (3, 2), 5, deconv_out_channels=None)
    assert {n for n in plain.state_dict() if 'linspace' not in n} == {
        'final_layer.weight',
        'final_layer.bias',
    }
    assert tuple(plain((torch.zeros(1, 3, 4, 6), torch.zeros(1, 6, 2, 3)))[0].shape) == (1, 5, 2)
    layers = dict(deconv_out_channels=None, conv_out_channels=(4,), conv_kernel_sizes=(3,))
    convs = IntegralRegressionHead(6, (3, 2), 5, **layers)
    assert tuple(convs((torch.zeros(1, 6, 2, 3),))[1].shape) == (1, 5, 2, 3)


def test_positions_of_the_cells_are_not_trained():
    head = passing_head()
    assert {n for n, p in head.named_parameters() if not p.requires_grad} == {
        'linspace_x',
        'linspace_y',
    }


def test_predict_and_heatmaps():
    preds, fields = passing_head().predict(
        (logits(ROWS),), [sample()], dict(output_heatmaps=True)
    )  # fmt: skip
    np.testing.assert_allclose(preds[0].keypoints, [[[8, 3]]], rtol=1e-6)
    assert preds[0].keypoint_scores.tolist() == [[1]]
    torch.testing.assert_close(fields[0].heatmaps, torch.tensor([ROWS]))


@pytest.mark.parametrize(
    ('cfg', 'x', 'column'),
    # mirrored, the mean 1/2 stays, and less one pixel of 16 it is 7/16; column 2 becomes column 1
    [
        (dict(shift_coords=False), 8, 1),
        (dict(shift_coords=True, shift_heatmap=True), 7.5, 2),
    ],
    ids=['plain', 'shifted'],
)
def test_flip_test_averages_coordinates_and_heatmaps(cfg, x, column):
    feats = (logits(ROWS),)
    preds, fields = passing_head().predict(
        [feats, feats], [sample()], dict(flip_test=True, output_heatmaps=True, **cfg)
    )
    np.testing.assert_allclose(preds[0].keypoints, [[[x, 3]]], rtol=1e-6)
    expected = torch.zeros(4)
    expected[2] += 0.375
    expected[column] += 0.375
    torch.testing.assert_close(fields[0].heatmaps[0, 1], expected)


def test_loss_is_that_of_the_coordinates():
    head = passing_head()
    losses = head.loss((logits(ROWS),), [sample()])
    assert losses['loss_kpt'].item() == pytest.approx(0, abs=1e-12)
    assert losses['acc_pose'] == 1
    rows = [ROWS[0], [0.0, 0.0, 0.0, 0.75]]  # 3/4 of a cell to the right
    losses = head.loss((logits(rows),), [sample()])
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor(0.1875**2 / 2 / 2))
    assert losses['acc_pose'] == 0


def test_training_under_autocast_keeps_the_coordinates_precise():
    head = IntegralRegressionHead(
        4, (4, 2), 1, deconv_out_channels=(4,), deconv_kernel_sizes=(4,))  # fmt: skip
    with torch.autocast('cpu', dtype=torch.bfloat16):
        coords, heatmaps = head((torch.randn(1, 4, 2, 4),))
        loss = head.loss((torch.randn(1, 4, 2, 4),), [sample()])['loss_kpt']
    assert coords.dtype is heatmaps.dtype is loss.dtype is torch.float32
    loss.backward()
    assert all(p.grad.isfinite().all() for p in head.parameters() if p.requires_grad)


def test_the_feature_map_must_have_the_announced_size():
    message = (
        r'IntegralRegressionHead makes heatmaps of 8x2 \(w x h\) from a feature map of 8x2, but '
        r'in_featuremap_size announces 4x2; set `in_featuremap_size` to \(8, 2\)'
    )
    with pytest.raises(ValueError, match=message):
        passing_head()((torch.zeros(1, 1, 2, 8),))


def test_sizes_of_sample_and_decoder_must_agree():
    other = sample()
    other.set_metainfo(dict(input_size=(16, 16)))
    with pytest.raises(ValueError, match=r'input size \(16, 16\) and the decoder of IntegralRegr'):
        passing_head().predict((logits(ROWS),), [other])
