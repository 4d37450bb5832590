import math

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from torch import nn

from mmpose.models.heads import CIDHead
from mmpose.models.heads.heatmap_heads.cid_head import GFDModule, SpatialAttention, _draw, _window
from mmpose.structures import PoseDataSample

K = 2
CODEC = dict(type='DecoupledHeatmap', input_size=(32, 24), heatmap_size=(8, 6))


def sample(**metainfo):
    return PoseDataSample(metainfo=dict(input_size=(32, 24), flip_indices=[1, 0]) | metainfo)


def random_head(channels=5, **kwargs):
    torch.manual_seed(0)
    return CIDHead(channels, 4, K, decoder=CODEC, **kwargs).eval()


class FirstFeatures(nn.Module):
    """Heatmaps that are the first K features, for every instance."""

    def forward(self, feats, instance_feats, cells):
        return feats[None, :K].expand(len(cells), -1, -1, -1)


def passing_head():
    """A head whose heatmaps are its features, of which the last is the logit of the root."""
    head = CIDHead(K + 1, 4, K, decoder=CODEC)
    with torch.no_grad():
        head.iia_module.keypoint_root_conv.weight.copy_(torch.eye(K + 1)[..., None, None])
        head.iia_module.keypoint_root_conv.bias.zero_()
    head.gfd_module = FirstFeatures()
    return head


def features(roots, *points, shape=(6, 8)):
    """(1, K + 1, h, w): heatmaps of 0.9 at (keypoint, x, y); the roots (x, y) have logits of 3."""
    out = torch.zeros(1, K + 1, *shape)
    out[:, -1] = -20
    for x, y in roots:
        out[0, -1, y, x] = 3.0
    for k, x, y in points:
        out[0, k, y, x] = 0.9
    return out


def smoothed_peak(value, floor=0.0):
    """A peak in its middle after smoothing."""
    return (value + (value + 8 * floor) / 9) / 2


def test_decoupling_is_the_fusion_of_both_attentions():
    torch.manual_seed(0)
    module = GFDModule(5, 3, 4)
    feats, instance_feats = torch.randn(5, 6, 8), torch.randn(2, 5)
    cells = torch.tensor([[1, 2], [7, 0]])
    down = module.conv_down(feats[None])[0]
    by_channel = module.channel_attention(instance_feats)[..., None, None]
    by_place = module.spatial_attention(down, instance_feats, cells)
    assert by_place.shape == (2, 1, 6, 8)
    attended = torch.cat([down * by_channel, down * by_place], dim=1)
    wanted = module.heatmap_conv(module.fuse_attention(attended).relu()).sigmoid()
    torch.testing.assert_close(module(feats, instance_feats, cells), wanted)


def test_spatial_attention_sees_likeness_and_place():
    attention = SpatialAttention(2, 2)
    nn.init.zeros_(attention.conv.weight)
    nn.init.zeros_(attention.conv.bias)
    with torch.no_grad():
        attention.atn.weight.copy_(torch.eye(2))
        attention.atn.bias.zero_()
        # in units of 32 cells, x counts 32 times and y 64 times
        attention.conv.weight[0, :, 2, 2] = torch.tensor([1.0, 32, 64])
    global_feats = torch.ones(2, 3, 4)
    out = attention(global_feats, torch.tensor([[0.25, 0.5]]), torch.tensor([[3, 1]]))
    x, y = np.meshgrid(range(4), range(3))
    wanted = 1 / (1 + np.exp(-(0.75 + (3 - x) + 2 * (1 - y))))
    np.testing.assert_allclose(out[0, 0].detach(), wanted, rtol=1e-5)


def test_instances_come_from_roots():
    feats = features([(2, 2), (6, 4)], (0, 1, 3), (1, 5, 2))
    (pred,), (field,) = passing_head().predict((feats,), [sample()], dict(output_heatmaps=True))
    # two cells in the middle of which the heatmaps are highest, and half a cell of 4 pixels
    assert pred.keypoints.tolist() == [[[6, 14], [22, 10]]] * 2
    root, heatmap = smoothed_peak(1 / (1 + math.exp(-3)), 1e-4), smoothed_peak(0.9)
    np.testing.assert_allclose(pred.keypoint_scores, np.full((2, K), root * heatmap), rtol=1e-5)
    assert field.heatmaps.shape == (K, 6, 8)
    assert field.heatmaps[0, 3, 1] == pytest.approx(heatmap)


def test_thresholds_and_blur_can_be_set():
    feats, head = features([(2, 2), (6, 4)], (0, 1, 3)), passing_head()
    (pred,) = head.predict((feats,), [sample()], dict(max_instances=1))
    assert len(pred) == 1
    (pred,) = head.predict((feats,), [sample()], dict(score_threshold=0.6))
    assert len(pred) == 0
    (pred,) = head.predict((feats,), [sample()], dict(blur_kernel_size=1, max_instances=1))
    assert pred.keypoint_scores[0, 0] == pytest.approx(0.9 / (1 + math.exp(-3)))


def test_flip_test_averages_roots_and_heatmaps():
    plain = features([(2, 2)], (0, 1, 3))
    mirrored = features([(5, 2)], (1, 6, 3))  # columns 2 and 1 of 8
    cfg = dict(flip_test=True, blur_kernel_size=1)
    (pred,) = passing_head().predict([(plain,), (mirrored,)], [sample()], cfg)
    assert pred.keypoints[0, 0].tolist() == [6, 14]
    # root and heatmap are alike in both
    assert pred.keypoint_scores[0, 0] == pytest.approx(0.9 / (1 + math.exp(-3)))
    assert pred.keypoint_scores[0, 1] == 0
    (pred,) = passing_head().predict([(plain,), (features([]),)], [sample()], cfg)
    root = (1 / (1 + math.exp(-3)) + 1e-4) / 2
    assert pred.keypoint_scores[0, 0] == pytest.approx(root * 0.45)


def test_sizes_are_averaged():
    small = torch.zeros(1, K + 1, 3, 4)
    small[:, -1] = -20
    cfg = dict(multiscale_test=True, blur_kernel_size=1)
    (pred,) = passing_head().predict([(features([(2, 2)], (0, 1, 3)),), (small,)], [sample()], cfg)
    assert pred.keypoints[0, 0].tolist() == [6, 14]
    root = (1 / (1 + math.exp(-3)) + 1e-4) / 2
    assert pred.keypoint_scores[0, 0] == pytest.approx(root * 0.45)


def test_instances_are_looked_up_where_a_size_shows_them():
    class Cells(FirstFeatures):
        def forward(self, feats, instance_feats, cells):
            seen.append(cells.tolist())
            return super().forward(feats, instance_feats, cells)

    seen = []
    head = passing_head()
    head.gfd_module = Cells()
    feats = [(features([(2, 5)]),), (features([], shape=(3, 4)),)]
    # 8 x 8 pixels of the picture fill the middle six of eight columns, and three of four
    head.predict(feats, [sample(ori_shape=(8, 8))], dict(multiscale_test=True))
    assert seen == [[[2, 5]], [[1, 2]]]


def test_nothing_is_found_on_an_empty_picture():
    both = torch.cat([features([]), features([(2, 2)], (0, 1, 3))])
    (nothing, one), fields = passing_head().predict(
        (both,), [sample()] * 2, dict(output_heatmaps=True)
    )
    assert nothing.keypoints.shape == (0, K, 2)
    assert nothing.keypoint_scores.shape == (0, K)
    assert not fields[0].heatmaps.any()
    assert len(one) == 1
    assert random_head()((torch.zeros(1, 5, 6, 8),)).shape[1:] == (K, 6, 8)


def test_a_batch_is_predicted_as_its_samples():
    head = random_head()
    with torch.no_grad():
        feats = torch.randn(3, 5, 6, 8)
        cfg = dict(flip_test=True)
        together = head.predict([(feats,), (feats.flip(0),)], [sample()] * 3, cfg)
        for b, pred in enumerate(together):
            views = [(feats[b, None],), (feats.flip(0)[b, None],)]
            (alone,) = head.predict(views, [sample()], cfg)
            assert len(pred) > 0
            np.testing.assert_array_equal(pred.keypoints, alone.keypoints)
            np.testing.assert_allclose(pred.keypoint_scores, alone.keypoint_scores, rtol=1e-5)
        assert len(head((feats,))) == sum(len(head((x[None],))) for x in feats)


def labelled(cells, weights=None):
    cells = torch.tensor(cells, dtype=torch.int32).view(-1, 2)
    M = len(cells)
    out = sample()
    out.gt_fields = PixelData(
        heatmaps=torch.zeros(K + 1, 6, 8), instance_heatmaps=torch.zeros(M * K, 6, 8)
    )
    out.gt_instance_labels = InstanceData(
        instance_coords=cells,
        keypoint_weights=torch.ones(M, K) if weights is None else torch.tensor(weights),
    )
    return out


def test_losses():
    head = passing_head()
    feats = torch.cat([features([], (0, 1, 3)), features([])])
    losses = head.loss((feats,), [labelled([[2, 2], [1, 3]], [[0.5, 1], [1, 1]]), labelled([])])
    # without any peak to find: p^2 log(1 - p), and 1 for the number of peaks
    cell = -(0.9**2) * math.log(0.1)
    assert losses['loss/heatmap_decoupled'].item() == pytest.approx(1.5 * cell, rel=1e-4)
    half, high = 0.5, 1 / (1 + math.exp(-0.9))
    coupled = [-(p**2) * math.log(1 - p) for p in (half, high)]
    wanted = (4 * 48 - 1) * coupled[0] + coupled[1]
    assert losses['loss/heatmap_coupled'].item() == pytest.approx(wanted, rel=1e-4)
    # cosines of (0, 0, -20) and (0.9, 0, -20)
    cosine = 20 / math.hypot(20, 0.9)
    wanted = 2 * math.log(1 + math.exp(cosine - 1)) / 2
    assert losses['loss/contrastive'].item() == pytest.approx(wanted, rel=1e-4)


@pytest.mark.parametrize('instances', [[], [[2, 2]]])
def test_gradients_reach_every_parameter(instances):
    head = random_head().train()
    with torch.autocast('cpu', torch.bfloat16):
        losses = head.loss((torch.rand(2, 5, 6, 8),), [labelled(instances), labelled([])])
    sum(losses.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters())


def cells_of(*counts):
    return [torch.zeros(count, 2) for count in counts]


def test_some_instances_are_drawn():
    torch.manual_seed(0)
    assert _draw(cells_of(2, 1), -1) == [slice(None)] * 2
    assert _draw(cells_of(2, 1), 3) == [slice(None)] * 2
    counts = torch.zeros(5)
    for _ in range(200):
        first, none, second = _draw(cells_of(2, 0, 3), 2)
        assert len(none) == 0
        counts[torch.cat([first, second + 2])] += 1
        assert len(first) + len(second) == 2
    assert (counts > 40).all()


def test_drawing_limits_the_heatmaps():
    class Counting(FirstFeatures):
        def forward(self, feats, instance_feats, cells):
            counts.append(len(cells))
            return super().forward(feats, instance_feats, cells)

    counts = []
    head = passing_head()
    head.gfd_module = Counting()
    samples = [labelled([[0, 0], [1, 1]]), labelled([[2, 2], [3, 3]])]
    head.loss((torch.rand(2, K + 1, 6, 8),), samples, dict(max_train_instances=3))
    assert sum(counts) == 3


@pytest.mark.parametrize(('sides', 'window'), [((128, 176), 3), ((200, 202), 5), ((301, 301), 7)])
def test_larger_maps_have_larger_windows(sides, window):
    assert _window(*sides) == window


def test_initial_heatmaps_are_the_prior():
    head = random_head(prior_prob=0.2)
    head.init_weights()
    for conv in (head.iia_module.keypoint_root_conv, head.gfd_module.heatmap_conv):
        torch.testing.assert_close(conv.bias.sigmoid(), torch.full_like(conv.bias, 0.2))
        assert conv.weight.abs().max() < 0.01
    assert not head.gfd_module.fuse_attention.bias.any()


def test_errors():
    with pytest.raises(ValueError, match='prior_prob is 1; set it between 0 and 1, such as'):
        random_head(prior_prob=1)
    with pytest.raises(ValueError, match='CIDHead has maps of 8x6 cells for an input of 64x48 pix'):
        passing_head().predict((features([]),), [sample(input_size=(64, 48))])
    pair = [(features([(2, 2)]),)] * 2
    with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
        passing_head().predict(pair, [sample(flip_indices=[0, 1, 2])], dict(flip_test=True))
    with pytest.raises(KeyError, match='flip_test needs `flip_indices`'):
        passing_head().predict(
            pair, [PoseDataSample(metainfo=dict(input_size=(32, 24)))], dict(flip_test=True)
        )
