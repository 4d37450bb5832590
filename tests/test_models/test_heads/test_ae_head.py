import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads import AssociativeEmbeddingHead
from mmpose.structures import PoseDataSample

K = 2


def codec(cell=4):
    return dict(
        type='AssociativeEmbedding', input_size=(32, 24), heatmap_size=(32 // cell, 24 // cell),
        sigma=1, decode_keypoint_order=[0, 1], decode_nms_kernel=3)  # fmt: skip


def passing_head(tag_per_keypoint=True, cell=4, **kwargs):
    """A head whose heatmaps and tags are its features."""
    channels = 2 * K if tag_per_keypoint else K + 1
    return AssociativeEmbeddingHead(
        channels, K, tag_per_keypoint=tag_per_keypoint, deconv_out_channels=None, final_layer=None,
        decoder=codec(cell), **kwargs)  # fmt: skip


def sample(**metainfo):
    return PoseDataSample(metainfo=dict(input_size=(32, 24), flip_indices=[1, 0]) | metainfo)


def maps(*points, value=1.0):
    """(1, 2 K, 6, 8): heatmaps and tags with (keypoint, x, y, tag) at single cells."""
    out = torch.zeros(1, 2 * K, 6, 8)
    for k, x, y, tag in points:
        out[0, k, y, x] = value
        out[0, K + k, y, x] = tag
    return out


PAIR = ((0, 1, 1, 5.0), (1, 2, 3, 5.1), (0, 6, 2, -5.0), (1, 5, 4, -5.1))


def test_channels():
    head = AssociativeEmbeddingHead(4, 17, tag_dim=2, deconv_out_channels=None)
    heatmaps, tags = head((torch.zeros(2, 9, 1, 1), torch.zeros(2, 4, 6, 8)))
    assert (heatmaps.shape, tags.shape) == ((2, 17, 6, 8), (2, 34, 6, 8))
    head = AssociativeEmbeddingHead(4, 17, tag_per_keypoint=False)
    heatmaps, tags = head((torch.zeros(2, 4, 1, 2),))
    assert (heatmaps.shape, tags.shape) == ((2, 17, 8, 16), (2, 1, 8, 16))


def test_tags_group_the_peaks():
    (pred,) = passing_head().predict((maps(*PAIR),), [sample()])
    by_x = np.argsort(pred.keypoints[:, 0, 0])
    # stride 4; the neighbours of a peak are alike, so there is no shift
    assert pred.keypoints[by_x].tolist() == [[[4, 4], [8, 12]], [[24, 8], [20, 16]]]
    assert pred.keypoint_scores.tolist() == [[1, 1], [1, 1]]
    assert pred.bbox_scores.tolist() == [1, 1]


def test_shared_tags_group_the_peaks():
    features = maps(*PAIR)
    shared = torch.cat([features[:, :K], features[:, K:].sum(1, keepdim=True)], dim=1)
    (pred,) = passing_head(tag_per_keypoint=False).predict((shared,), [sample()])
    by_x = np.argsort(pred.keypoints[:, 0, 0])
    assert pred.keypoints[by_x].tolist() == [[[4, 4], [8, 12]], [[24, 8], [20, 16]]]


@pytest.mark.parametrize(('shift', 'x'), [(False, 2), (True, 3)])
def test_flip_test_averages_heatmaps_and_keeps_the_tags_of_both(shift, x):
    mirrored = maps((1, 5, 1, 7.0))  # a right keypoint at column 5 of 0..7 is a left one at 2
    cfg = dict(flip_test=True, shift_heatmap=shift, output_heatmaps=True)
    _, (field,) = passing_head().predict([(maps(),), (mirrored,)], [sample()], cfg)
    assert field.heatmaps.nonzero().tolist() == [[0, 1, x]]
    assert field.heatmaps[0, 1, x] == 0.5
    assert field.tags.shape == (2 * K, 6, 8)  # of the picture, then of the mirror image
    assert field.tags.nonzero().tolist() == [[2, 1, x]]
    assert field.tags[2, 1, x] == 7


def test_several_numbers_in_a_tag_are_flipped_keypoint_by_keypoint():
    head = AssociativeEmbeddingHead(
        3 * K, K, tag_dim=2, deconv_out_channels=None, final_layer=None, decoder=codec()
    )
    mirrored = torch.arange(6.0).view(1, 6, 1, 1).expand(1, 6, 6, 8)
    cfg = dict(flip_test=True, output_heatmaps=True)
    _, (field,) = head.predict([(mirrored * 0,), (mirrored,)], [sample()], cfg)
    assert field.tags[:, 0, 0].tolist() == [0, 0, 0, 0, 3, 2, 5, 4]


def test_restored_heatmaps_have_the_size_of_the_input():
    cfg = dict(restore_heatmap_size=True, output_heatmaps=True)
    (pred,), (field,) = passing_head(cell=1).predict((maps((0, 1, 1, 5.0)),), [sample()], cfg)
    assert field.heatmaps.shape == (K, 24, 32)
    # pixels 5 and 6 lie an eighth of a cell from the centre of cell 1, which is 5.5
    assert field.heatmaps[0].max() == pytest.approx((7 / 8) ** 2)
    assert pred.keypoints.shape == (1, K, 2)


def test_sizes_are_averaged_and_tags_are_those_of_the_first():
    other = torch.full((1, 2 * K, 3, 4), 0.5)
    cfg = dict(multiscale_test=True, output_heatmaps=True)
    features = maps((0, 1, 1, 5.0))
    _, (field,) = passing_head().predict([(features,), (other,)], [sample()], cfg)
    torch.testing.assert_close(field.heatmaps, features[0, :K] / 2 + 0.25)
    torch.testing.assert_close(field.tags, features[0, K:])


def test_nothing_is_found_on_an_empty_picture():
    both = torch.cat([maps(), maps(*PAIR)])
    nothing, pair = passing_head().predict((both,), [sample()] * 2)
    assert nothing.keypoints.shape == (0, K, 2)
    assert nothing.keypoint_scores.shape == (0, K)
    assert nothing.bbox_scores.shape == (0,)
    assert len(pair) == 2


def test_a_batch_is_decoded_as_its_samples():
    torch.manual_seed(0)
    feats = torch.randn(3, 2 * K, 6, 8)
    cfg = dict(flip_test=True)
    head = passing_head()
    together = head.predict([(feats,), (feats.flip(0),)], [sample()] * 3, cfg)
    for b, pred in enumerate(together):
        one = [(feats[b, None],), (feats.flip(0)[b, None],)]
        (alone,) = head.predict(one, [sample()], cfg)
        assert len(pred) > 0
        for name in ('keypoints', 'keypoint_scores', 'bbox_scores'):
            np.testing.assert_array_equal(pred[name], alone[name])


def labelled(heatmaps, indices, weights, **fields):
    out = sample()
    out.gt_fields = PixelData(heatmaps=heatmaps, **fields)
    out.gt_instance_labels = InstanceData(
        keypoint_indices=torch.tensor(indices).view(-1, K, 2),
        keypoint_weights=torch.tensor(weights).view(-1, K),
    )
    return out


def test_losses():
    features = maps(*PAIR)
    head = passing_head(tag_loss=dict(type='AssociativeEmbeddingLoss', loss_weight=0.1))
    target = torch.zeros(K, 6, 8)
    # cells (1, 1) and (2, 3), and (6, 2) and (5, 4), of 8 columns
    indices = [[[9, 1], [26, 1]], [[22, 1], [37, 1]]]
    losses = head.loss((features,), [labelled(target, indices, [[1.0, 0], [2, 0]])])
    # two errors of 1 on the map of weight 2, and two on one without labels, which counts 1
    assert losses['loss_kpt'].item() == pytest.approx((2 * 2 + 2) / (K * 48))
    assert losses['loss_pull'].item() == pytest.approx(0.1 * 0.05**2, rel=1e-4)
    # instances with themselves, over the number of ordered pairs
    assert losses['loss_push'].item() == pytest.approx(0.1 * 0.5 * (1 + 1) / 2)


def test_masked_cells_teach_nothing():
    mask = torch.ones(1, 6, 8, dtype=torch.bool)
    mask[0, 1, 1] = False
    data = labelled(torch.zeros(K, 6, 8), [], [], heatmap_mask=mask)
    losses = passing_head().loss((maps((0, 1, 1, 5.0)),), [data])
    assert {name: loss.item() for name, loss in losses.items()} == dict(
        loss_kpt=0, loss_pull=0, loss_push=0
    )


@pytest.mark.parametrize('tag_per_keypoint', [True, False])
def test_gradients_reach_every_parameter_without_instances(tag_per_keypoint):
    head = AssociativeEmbeddingHead(
        4, K, tag_per_keypoint=tag_per_keypoint, deconv_out_channels=(4,), deconv_kernel_sizes=(4,)
    )
    with torch.autocast('cpu', torch.bfloat16):
        losses = head.loss((torch.rand(1, 4, 3, 4),), [labelled(torch.zeros(K, 6, 8), [], [])])
    sum(losses.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())


def test_errors():
    head = passing_head()
    with pytest.raises(KeyError, match='flip_test needs `flip_indices`'):
        head.predict(
            [(maps(),)] * 2, [PoseDataSample(metainfo=dict(input_size=(32, 24)))],
            dict(flip_test=True))  # fmt: skip
    with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
        head.predict([(maps(),)] * 2, [sample(flip_indices=[0, 1, 2])], dict(flip_test=True))
    with pytest.raises(ValueError, match=r'of 8x6 cells.*the decoder, or `restore_heatmap_size`'):
        head.predict((maps(),), [sample(input_size=(64, 48))])
