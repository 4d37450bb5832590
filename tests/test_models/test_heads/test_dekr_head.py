import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData
from torch import nn

from mmpose.models.heads import DEKRHead
from mmpose.models.heads.hybrid_heads.dekr_head import AdaptiveActivationBlock, RescoreNet
from mmpose.structures import PoseDataSample

pytest.importorskip('torchvision')

K = 2
CODEC = dict(
    type='SPR', input_size=(32, 24), heatmap_size=(8, 6), sigma=(2, 1),
    generate_keypoint_heatmaps=True, decode_max_instances=3, decode_thr=0.05)  # fmt: skip


def sample(**metainfo):
    return PoseDataSample(metainfo=dict(input_size=(32, 24), flip_indices=[1, 0]) | metainfo)


def random_head(**kwargs):
    torch.manual_seed(0)
    return DEKRHead(5, K, 4, 3, decoder=CODEC, **kwargs).eval()


class Channels(nn.Module):
    def __init__(self, start, stop):
        super().__init__()
        self.channels = slice(start, stop)

    def forward(self, x):
        return x[:, self.channels]


def passing_head(**kwargs):
    """A head whose K + 1 heatmaps and 2 K displacements are its features."""
    head = random_head(**kwargs)
    head.heatmap_conv_layers = Channels(0, K + 1)
    head.displacement_conv_layers = Channels(K + 1, None)
    return head


def features(*roots, shape=(6, 8)):
    """(1, 3 K + 1, h, w) with (x, y, value, displacements); the keypoints' heatmaps are 0.5."""
    out = torch.zeros(1, 3 * K + 1, *shape)
    out[:, :K] = 0.5
    for x, y, value, displacements in roots:
        out[0, K, y, x] = value
        out[0, K + 1 :, y, x] = torch.tensor(displacements, dtype=torch.float)
    return out


POSE = (3, 2, 0.8, (-1, 0.5, 2, 1))
# cell (3, 2) with displacements, times 4 pixels
KEYPOINTS = [[8, 10], [20, 12]]


def test_channels():
    heatmaps, displacements = random_head()((torch.zeros(2, 9, 1, 1), torch.rand(2, 5, 6, 8)))
    assert (heatmaps.shape, displacements.shape) == ((2, K + 1, 6, 8), (2, 2 * K, 6, 8))


def block(bias):
    """A block of 2 groups whose affine maps are constant."""
    torch.manual_seed(0)
    module = AdaptiveActivationBlock(4, groups=2).eval()
    nn.init.zeros_(module.transform_matrix_conv.weight)
    with torch.no_grad():
        module.transform_matrix_conv.bias.copy_(torch.tensor(bias, dtype=torch.float))
    return module


def convolved(module, x, dilation=1):
    weight = module.adapt_conv.weight
    return nn.functional.conv2d(x, weight, padding=dilation, dilation=dilation, groups=2)


def test_kernel_without_an_affine_map_is_the_plain_one():
    module, x = block([0.0] * 12), torch.randn(1, 4, 5, 6)
    wanted = (module.norm(convolved(module, x)) + x).relu()
    torch.testing.assert_close(module(x), wanted)


def test_kernel_is_moved_and_stretched_in_each_group():
    # the first group is moved down by 1 and right by 2, the second stretched by 1
    module = block([0, 0, 1, 0, 0, 2, 1, 0, 0, 0, 1, 0])
    x = torch.randn(1, 4, 9, 9)
    moved = convolved(module, x.roll((-1, -2), (2, 3)))
    wide = convolved(module, x, dilation=2)
    wanted = (module.norm(torch.cat([moved[:, :2], wide[:, 2:]], dim=1)) + x).relu()
    # away from the border, where zeros come in
    torch.testing.assert_close(module(x)[..., 3:-3, 3:-3], wanted[..., 3:-3, 3:-3])


def test_poses_are_displacements_from_roots():
    cfg = dict(output_heatmaps=True)
    (pred,), (field,) = passing_head().predict((features(POSE),), [sample()], cfg)
    assert pred.keypoints.tolist() == [KEYPOINTS]
    np.testing.assert_allclose(pred.keypoint_scores, [[0.4, 0.4]])  # 0.8 times 0.5
    assert field.heatmaps[K].nonzero().tolist() == [[2, 3]]
    assert field.displacements[:, 2, 3].tolist() == [-1, 0.5, 2, 1]


def test_close_poses_are_suppressed_if_asked_for():
    # the same keypoints from a root one to the right and three down; a third pose elsewhere
    twin = (4, 5, 0.9, (-2, -2.5, 1, -2))
    other = (0, 0, 0.7, (0, 0, 1, 2))
    feats, head = (features(POSE, twin, other),), passing_head()
    (pred,) = head.predict(feats, [sample()])
    np.testing.assert_allclose(pred.keypoint_scores[:, 0], [0.45, 0.4, 0.35])
    (pred,) = head.predict(feats, [sample()], dict(nms_dist_thr=0.05))
    assert pred.keypoints.tolist() == [KEYPOINTS, [[0, 0], [4, 8]]]
    # the heatmaps at the keypoints are alike, so the first, with the higher root, is kept
    np.testing.assert_allclose(pred.keypoint_scores[:, 0], [0.45, 0.35])
    (pred,) = head.predict(feats, [sample()], dict(nms_dist_thr=0.05, max_dets=1))
    assert len(pred) == 1


def test_flip_test_brings_the_mirror_image_back():
    # At column 4 of 0..7 in the mirror image, pixel 16 of 0..31 and 15 in the picture. From there
    # the left keypoint, pixel 8, is 7 pixels to the right, and the right one, 20, 5 to the left.
    mirrored = (4, 2, 0.8, (-5 / 4, 1, 7 / 4, 0.5))
    views = [(features(POSE),), (features(mirrored),)]
    (pred,) = passing_head().predict(views, [sample()], dict(flip_test=True))
    assert pred.keypoints.tolist() == [KEYPOINTS]
    np.testing.assert_allclose(pred.keypoint_scores, [[0.4, 0.4]])
    cfg = dict(flip_test=True, shift_heatmap=True, output_heatmaps=True)
    _, (field,) = passing_head().predict(views, [sample()], cfg)
    assert field.heatmaps[K, 2].nonzero()[:, 0].tolist() == [3, 4]


def test_poses_of_all_sizes_compete():
    # half the size; its root (1, 1) leads to the keypoints in pixels of its 16 x 12
    small = features((1, 1, 0.9, (0, 0.25, 1.5, 0.5)), shape=(3, 4))
    views = [(features(POSE),), (small,)]
    cfg = dict(multiscale_test=True)
    (pred,) = passing_head().predict(views, [sample()], cfg)
    assert pred.keypoints.tolist() == [KEYPOINTS, KEYPOINTS]
    np.testing.assert_allclose(pred.keypoint_scores[:, 0], [0.4, 0.45])
    (pred,) = passing_head().predict(views, [sample()], dict(nms_dist_thr=0.05, **cfg))
    assert pred.keypoints.tolist() == [KEYPOINTS]


def test_other_margins_are_minded():
    # 24 x 24 pixels in the middle of 32 x 24 are 16 x 16 in the middle of the 16 x 16
    small = features((2, 2, 0.9, (0, 0, -2, -2)), shape=(4, 4))
    cfg = dict(multiscale_test=True)
    views = [(features(),), (small,)]
    (pred,) = passing_head().predict(views, [sample(ori_shape=(48, 48))], cfg)
    np.testing.assert_allclose(pred.keypoints, [[[16, 12], [4, 0]]], rtol=1e-6)


def test_rescoring_reads_limbs_and_scores():
    net = RescoreNet(3 * 2 + 3, norm_indexes=[0])
    keypoints = torch.tensor([[[0.0, 0], [6, 8], [6, 3]], [[0, 0], [0.3, 0.4], [0, 0]]])
    scores = torch.tensor([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]])
    features = net._features(keypoints, scores, [(1, 0), (2, 1)])
    # lengths 10 and 5 over 10; the second is over 1, being shorter
    wanted = torch.tensor(
        [
            [0.6, 0.8, 0, -0.5, 1, 0.5, 0.1, 0.2, 0.3],
            [0.3, 0.4, -0.3, -0.4, 0.5, 0.5, 0.4, 0.5, 0.6],
        ]
    )
    torch.testing.assert_close(features, wanted)
    assert net(keypoints, scores, [(1, 0), (2, 1)]).shape == (2,)


def test_rescoring_multiplies_the_scores():
    head = passing_head(rescore_cfg=dict(in_channels=5, norm_indexes=[0]))
    nn.init.zeros_(head.rescore_net.l3.weight)
    nn.init.constant_(head.rescore_net.l3.bias, 0.25)
    feats = (features(POSE),)
    (pred,) = head.predict(feats, [sample(skeleton_links=[(0, 1)])])
    np.testing.assert_allclose(pred.keypoint_scores, [[0.1, 0.1]])
    (pred,) = head.predict(feats, [sample()])  # no limbs are known
    np.testing.assert_allclose(pred.keypoint_scores, [[0.4, 0.4]])
    message = (
        'in_channels of rescore_cfg is 5, but 2 keypoints and 2 limbs make 8; set it to that, or '
        'use the `skeleton_links`'
    )
    with pytest.raises(ValueError, match=message):
        head.predict(feats, [sample(skeleton_links=[(0, 1), (1, 0)])])


def test_nothing_is_found_on_an_empty_picture():
    head = passing_head(rescore_cfg=dict(in_channels=5, norm_indexes=[0]))
    both = torch.cat([features(), features(POSE)])
    nothing, one = head.predict(
        (both,), [sample(skeleton_links=[(0, 1)])] * 2, dict(nms_dist_thr=0.05)
    )
    assert nothing.keypoints.shape == (0, K, 2)
    assert nothing.keypoint_scores.shape == (0, K)
    assert len(one) == 1


def test_a_batch_is_predicted_as_its_samples():
    head = random_head()
    cfg = dict(flip_test=True, nms_dist_thr=0.05)
    with torch.no_grad():
        feats = torch.randn(3, 5, 6, 8)
        together = head.predict([(feats,), (feats.flip(0),)], [sample()] * 3, cfg)
        for b, pred in enumerate(together):
            views = [(feats[b, None],), (feats.flip(0)[b, None],)]
            (alone,) = head.predict(views, [sample()], cfg)
            np.testing.assert_allclose(pred.keypoints, alone.keypoints, rtol=1e-4, atol=1e-4)
            np.testing.assert_allclose(pred.keypoint_scores, alone.keypoint_scores, rtol=1e-4)
    assert sum(map(len, together)) > 0


def labelled(**fields):
    out = sample()
    out.gt_fields = PixelData(
        **dict(
            heatmaps=torch.zeros(K + 1, 6, 8),
            heatmap_weights=torch.full((K + 1, 6, 8), 0.1),
            displacements=torch.zeros(2 * K, 6, 8),
            displacement_weights=torch.zeros(2 * K, 6, 8),
        )
        | fields
    )
    out.gt_instance_labels = InstanceData()
    return out


def test_losses():
    weights = torch.zeros(2 * K, 6, 8)
    weights[0, 2, 3] = 0.5
    losses = passing_head().loss((features(POSE),), [labelled(displacement_weights=weights)])
    # 2 x 48 heatmap cells of 0.5 and one of 0.8, all of weight 0.1
    wanted = 0.1 * (96 * 0.25 + 0.64) / ((K + 1) * 48)
    assert losses['loss/heatmap'].item() == pytest.approx(wanted)
    # an error of 1 costs 1/2, at half the weight
    assert losses['loss/displacement'].item() == pytest.approx(0.25)
    mask = torch.zeros(1, 6, 8, dtype=torch.bool)
    losses = passing_head().loss((features(POSE),), [labelled(heatmap_mask=mask)])
    assert [loss.item() for loss in losses.values()] == [0, 0]


def test_gradients_reach_every_parameter_to_train_without_instances():
    head = random_head(rescore_cfg=dict(in_channels=5, norm_indexes=[0])).train()
    with torch.autocast('cpu', torch.bfloat16):
        losses = head.loss((torch.rand(2, 5, 6, 8),), [labelled(), labelled()])
    sum(losses.values()).backward()
    assert all(torch.isfinite(p.grad).all() for p in head.parameters() if p.requires_grad)
    assert not any(p.requires_grad for p in head.rescore_net.parameters())


def test_errors():
    with pytest.raises(ValueError, match='DEKRHead has maps of 8x6 cells for an input of 64x48 pi'):
        passing_head().predict((features(),), [sample(input_size=(64, 48))])
    with pytest.raises(ValueError, match='flip_indices has 3 entries for 2 keypoints'):
        passing_head().predict(
            [(features(),)] * 2, [sample(flip_indices=[0, 1, 2])], dict(flip_test=True)
        )
    with pytest.raises(KeyError, match='flip_test needs `flip_indices`'):
        passing_head().predict(
            [(features(),)] * 2, [PoseDataSample(metainfo=dict(input_size=(32, 24)))],
            dict(flip_test=True))  # fmt: skip
    with pytest.raises(RuntimeError, match='DEKRHead has no decoder'):
        DEKRHead(5, K, 4, 3).decode([torch.zeros(1, 3, 6, 8)], [torch.zeros(1, 4, 6, 8)])
