import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.heads import MSPNHead
from mmpose.models.heads.heatmap_heads.mspn_head import PRM, PredictHeatmap
from mmpose.structures import MultilevelPixelData, PoseDataSample

CODEC = dict(type='MegviiHeatmap', input_size=(32, 48), heatmap_size=(8, 12), kernel_size=3)
LEVELS = (10.0, 20.0, 30.0)


def small_head(num_stages=2, num_units=2, **kwargs):
    return MSPNHead(num_stages, num_units, (12, 8), 4, 2, decoder=CODEC, **kwargs)


class Constant(torch.nn.Module):
    """Heatmaps (1, 2, 12, 8) of one value, whatever the feature map."""

    def __init__(self, value):
        super().__init__()
        self.value = value

    def forward(self, feature):
        return torch.full((1, 2, 12, 8), self.value)


def features(num_stages=2, batch=1):
    return [[torch.rand(batch, 4, 3, 2), torch.rand(batch, 4, 6, 4)] for _ in range(num_stages)]


def sample(levels=LEVELS, weights=None):
    """Targets of one value per level; weights of 1, or (L, K)."""
    sample = PoseDataSample(metainfo=dict(flip_indices=[1, 0]))
    sample.gt_fields = MultilevelPixelData(heatmaps=[torch.full((2, 12, 8), v) for v in levels])
    weights = torch.ones(len(levels), 2) if weights is None else torch.tensor(weights)
    sample.gt_instance_labels = InstanceData(keypoint_weights=weights[None])
    return sample


def test_layers_and_shapes():
    head = small_head(norm_cfg=dict(type='BN'))
    assert [tuple(x.shape) for x in head(features())] == [(1, 2, 12, 8)] * 4
    shapes = {n: tuple(v.shape) for n, v in head.state_dict().items() if 'conv.weight' in n}
    assert {n: s for n, s in shapes.items() if '.3.' in n} == {
        'predict_layers.3.conv_layers.0.conv.weight': (4, 4, 1, 1),
        'predict_layers.3.conv_layers.1.conv.weight': (2, 4, 3, 3),
    }
    assert len(shapes) == 8
    assert head.in_channels == (4, 4, 4, 4)


def test_corners_are_aligned_when_maps_grow():
    layer = PredictHeatmap(1, 1, (5, 3)).eval()
    layer.conv_layers = torch.nn.Identity()
    rows = layer(torch.tensor([[[[0.0, 0.0], [4.0, 4.0]]]]))[0, 0, :, 0]
    torch.testing.assert_close(rows, torch.tensor([0.0, 1, 2, 3, 4]))


def test_each_unit_learns_from_its_level():
    head = small_head(level_indices=[0, 1, 1, 2])
    for i, value in enumerate((11.0, 22.0, 20.0, 27.0)):
        head.predict_layers[i] = Constant(value)
    losses = head.loss(features(), [sample()])
    assert losses['loss_kpt'] == 1 + 4 + 0 + 9
    # equal values have their peak in the first cell, here and there
    assert losses['acc_pose'] == 1
    assert set(head.loss(features(), [sample()], dict(compute_acc=False))) == {'loss_kpt'}


def test_each_level_has_its_weights():
    head = small_head(level_indices=[0, 1, 1, 2])
    for i in range(4):
        head.predict_layers[i] = Constant(0.0)
    weights = [[1.0, 0.0], [0.0, 0.0], [0.0, 0.5]]
    losses = head.loss(features(), [sample(weights=weights)])
    assert losses['loss_kpt'] == (1 * 10**2 + 0.5 * 30**2) / 2  # the mean over two keypoints


def test_levels_by_default():
    assert small_head(3).level_indices == [0, 1, 0, 1, 0, 1]


def test_a_loss_for_each_unit():
    losses = [dict(type='KeypointMSELoss', loss_weight=w) for w in (1.0, 10.0, 100.0)]
    losses.append(dict(type='KeypointOHKMMSELoss', topk=1))
    head = small_head(level_indices=[0, 0, 0, 0], loss=losses)
    for i in range(4):
        head.predict_layers[i] = Constant(9.0)
    assert head.loss(features(), [sample()])['loss_kpt'] == 112


def test_the_last_unit_is_decoded_and_no_other_runs():
    head = small_head().eval()
    peak = torch.zeros(1, 2, 12, 8)
    peak[:, :, 5, 3] = 255
    head.predict_layers = torch.nn.ModuleList([None, None, None, Constant(0.0)])
    head.predict_layers[3].forward = lambda feature: peak
    (pred,), (field,) = head.predict(features(), [sample()], dict(output_heatmaps=True))
    assert pred.keypoints.tolist() == [[[14, 22], [14, 22]]]  # the middle of the cell
    assert pred.keypoint_scores.tolist() == [[1.5, 1.5]]
    torch.testing.assert_close(field.heatmaps, peak[0])


def test_flip_test():
    torch.manual_seed(0)
    head, feats = small_head().eval(), features()
    mirrored = [[x.flip(-1) for x in stage] for stage in feats]
    cfg = dict(flip_test=True, shift_heatmap=False, output_heatmaps=True)
    with torch.no_grad():
        _, (field,) = head.predict([feats, mirrored], [sample()], cfg)
        plain, flipped = head(feats)[-1], head(mirrored)[-1]
    expected = (plain[0] + flipped[0].flip(-1)[[1, 0]]) / 2
    torch.testing.assert_close(field.heatmaps, expected)


def test_a_batch_is_predicted_like_its_samples():
    torch.manual_seed(0)
    head, feats = small_head().eval(), features(batch=3)
    together = head.predict(feats, [sample()] * 3)
    for i, pred in enumerate(together):
        alone = head.predict([[x[i : i + 1] for x in stage] for stage in feats], [sample()])
        torch.testing.assert_close(pred.keypoints, alone[0].keypoints)


def test_prm_weighs_heatmaps_by_channel_and_place():
    prm = PRM(3).eval()
    x = torch.rand(2, 3, 9, 9)
    assert prm(x).shape == x.shape
    prm.conv_bn_relu_prm_1 = torch.nn.Identity()
    prm.middle_path = torch.nn.Identity()  # so that the means are the weights
    prm.bottom_path = torch.nn.Identity()
    torch.testing.assert_close(prm(x), x * (1 + x.mean((2, 3), keepdim=True) * x))
    names = {name.rsplit('.', 1)[0] for name in PRM(3).state_dict() if name.endswith('weight')}
    assert names == {
        'conv_bn_relu_prm_1.conv', 'conv_bn_relu_prm_1.bn', 'middle_path.0', 'middle_path.1',
        'middle_path.3', 'middle_path.4', 'bottom_path.0.conv', 'bottom_path.0.bn',
        'bottom_path.1.depthwise_conv.conv', 'bottom_path.1.depthwise_conv.bn',
        'bottom_path.1.pointwise_conv.conv', 'bottom_path.1.pointwise_conv.bn'}  # fmt: skip


@pytest.mark.parametrize('use_prm', [False, True])
def test_gradients_reach_every_parameter(use_prm):
    head = small_head(use_prm=use_prm)
    head.init_weights()
    head.loss(features(batch=2), [sample()] * 2)['loss_kpt'].backward()
    assert all(p.grad is not None for p in head.parameters())


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (
            dict(level_indices=[0, 1, 2]),
            r'level_indices is \[0, 1, 2\] for 2 stages of 2 units; give one level for each of t',
        ),
        (dict(loss=[dict(type='KeypointMSELoss')] * 3), 'MSPNHead has 3 losses for 4 outputs'),
        (dict(num_units=0), 'MSPNHead has 0 outputs; it needs at least 1'),
    ],
)
def test_wrong_settings(kwargs, message):
    with pytest.raises(ValueError, match=message):
        small_head(**kwargs)


def test_wrong_feature_maps():
    message = r'has 2 stages of 2 units but gets feature maps of \[2, 2, 2\] units per stage; set'
    with pytest.raises(ValueError, match=message):
        small_head()(features(num_stages=3))


def test_missing_levels():
    message = r'level_indices of MSPNHead goes up to 3, but the samples have targets of 3 level'
    with pytest.raises(ValueError, match=message):
        small_head(level_indices=[0, 1, 2, 3]).loss(features(), [sample()])
    one = sample()
    del one.gt_fields
    one.gt_fields = PixelData(heatmaps=torch.zeros(2, 12, 8))
    with pytest.raises(ValueError, match=r'goes up to 0, but the samples have targets of 1 level'):
        small_head(level_indices=[0] * 4).loss(features(), [one])
