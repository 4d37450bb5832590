import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads import CPMHead
from mmpose.structures import PoseDataSample

CODEC = dict(type='MSRAHeatmap', input_size=(32, 48), heatmap_size=(8, 12), sigma=1)


def passing_head(num_stages=2, **kwargs):
    """A head for two keypoints whose outputs are its feature maps."""
    return CPMHead(2, 2, num_stages, final_layer=None, decoder=CODEC, **kwargs)


def maps(value, y=5, x=3):
    """(1, 2, 12, 8) with a value at one place."""
    heatmaps = torch.zeros(1, 2, 12, 8)
    heatmaps[:, :, y, x] = value
    return heatmaps


def sample(target, weights=(1.0, 1.0)):
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0]))
    sample.gt_fields = PixelData(heatmaps=target[0])
    sample.gt_instance_labels = InstanceData(keypoint_weights=torch.tensor([weights]))
    return sample


def test_layers_and_shapes():
    head = CPMHead(
        6, 5, 2, deconv_out_channels=(8, 4), deconv_kernel_sizes=(4, 3),
        final_layer=dict(kernel_size=3, padding=1))  # fmt: skip
    outputs = head([torch.zeros(1, 6, 3, 2), torch.zeros(1, 6, 6, 4)])
    assert [tuple(x.shape) for x in outputs] == [(1, 5, 12, 8), (1, 5, 24, 16)]
    shapes = {n: tuple(v.shape) for n, v in head.state_dict().items() if n.endswith('.0.weight')}
    assert shapes == {
        'multi_deconv_layers.0.0.weight': (6, 8, 4, 4),
        'multi_deconv_layers.1.0.weight': (6, 8, 4, 4),
        'multi_final_layers.0.weight': (5, 4, 3, 3),
    }


def test_stages_may_differ_in_channels():
    head = CPMHead([4, 6], 5, 2)
    outputs = head([torch.zeros(1, 4, 3, 2), torch.zeros(1, 6, 3, 2)])
    assert [tuple(x.shape) for x in outputs] == [(1, 5, 3, 2)] * 2


def test_losses_of_the_stages_add_up():
    head = passing_head()
    target = maps(1.0)
    losses = head.loss([maps(3.0), maps(2.0, y=6)], [sample(target)])
    # per map of 96 cells: (3 - 1)^2 for the first stage; 1 and 2^2 for the second
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor((4 + 5) / 96))
    assert losses['acc_pose'] == 0  # of the second stage, a row of 12 too low
    assert set(head.loss([target] * 2, [sample(target)], dict(compute_acc=False))) == {'loss_kpt'}


def test_a_loss_for_each_stage():
    losses = [dict(type='KeypointMSELoss', loss_weight=w) for w in (10.0, 1.0)]
    losses = passing_head(loss=losses).loss([maps(2.0), maps(3.0)], [sample(maps(1.0))])
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor((10 * 1 + 4) / 96))
    assert losses['acc_pose'] == 1


def test_the_last_stage_is_decoded_and_no_other_runs():
    head = CPMHead(2, 2, 2, decoder=CODEC)
    head.multi_final_layers[0] = None  # fails when called
    with torch.no_grad():
        head.multi_final_layers[1].weight.copy_(torch.eye(2)[..., None, None])
        head.multi_final_layers[1].bias.zero_()
    feats = [maps(1.0), maps(0.5, y=2, x=6)]
    (pred,), (field,) = head.predict(feats, [sample(maps(1.0))], dict(output_heatmaps=True))
    assert pred.keypoints.tolist() == [[[24, 8], [24, 8]]]  # stride 4
    assert pred.keypoint_scores.tolist() == [[0.5, 0.5]]
    assert tuple(field.heatmaps.shape) == (2, 12, 8)


def test_mixed_outputs():
    feats = [maps(1.0), maps(0.5, y=2, x=6)]
    cfg = dict(output_heatmaps=True, mix_outputs=True)
    (pred,), (field,) = passing_head().predict(feats, [sample(maps(1.0))], cfg)
    assert pred.keypoint_scores.tolist() == [[0.5, 0.5]]  # of the first stage
    assert field.heatmaps[0, [5, 2], [3, 6]].tolist() == [0.5, 0.25]


def test_flip_test():
    cfg = dict(flip_test=True, shift_heatmap=False, output_heatmaps=True)
    plain, mirrored = torch.zeros(1, 2, 12, 8), torch.zeros(1, 2, 12, 8)
    mirrored[0, 1, 5, 5] = 1
    _, (field,) = passing_head().predict([[plain] * 2, [plain, mirrored]], [sample(plain)], cfg)
    assert field.heatmaps.nonzero().tolist() == [[0, 5, 2]]


def test_a_batch_is_predicted_like_its_samples():
    feats = [torch.rand(3, 2, 12, 8) for _ in range(2)]
    samples = [sample(maps(1.0))] * 3
    together = passing_head().predict(feats, samples)
    for i, pred in enumerate(together):
        (alone,) = passing_head().predict([x[i : i + 1] for x in feats], samples[:1])
        assert (pred.keypoints == alone.keypoints).all()
        assert (pred.keypoint_scores == alone.keypoint_scores).all()


def test_default_initialisation():
    head = CPMHead(64, 17, 2, deconv_out_channels=(8,), deconv_kernel_sizes=(4,))
    head.init_weights()
    assert head.multi_deconv_layers[1][0].weight.std().item() == pytest.approx(0.001, rel=0.1)
    assert (head.multi_deconv_layers[1][1].weight == 1).all()


def test_gradients_reach_every_parameter_in_half_precision():
    head = CPMHead(4, 2, 2)
    feats = [torch.randn(1, 4, 12, 8)] * 2
    with torch.autocast('cpu', torch.bfloat16):
        loss = head.loss(feats, [sample(maps(1.0))])['loss_kpt']
    assert loss.dtype is torch.float32
    loss.backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize(
    ('args', 'message'),
    [
        (dict(num_stages=0), 'CPMHead has 0 outputs; it needs at least 1'),
        (
            dict(num_stages=2, loss=[dict(type='KeypointMSELoss')]),
            'CPMHead has 1 losses for 2 outputs; list in `loss` one for each output, or give',
        ),
        (
            dict(num_stages=2, in_channels=[4, 4, 4]),
            r'in_channels is \[4, 4, 4\] for 2 stages; give one entry for each stage',
        ),
        (
            dict(num_stages=1, deconv_out_channels=(4,)),
            r'deconv_out_channels is \(4,\) and deconv_kernel_sizes is None',
        ),
    ],
)
def test_wrong_settings(args, message):
    with pytest.raises(ValueError, match=message):
        CPMHead(**dict(dict(in_channels=4, out_channels=2), **args))


def test_wrong_number_of_feature_maps():
    with pytest.raises(ValueError, match='has 2 stages but gets 3 feature maps; set `num_stages`'):
        passing_head()([maps(1.0)] * 3)
