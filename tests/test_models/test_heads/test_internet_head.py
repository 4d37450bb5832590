import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models import TopdownPoseEstimator
from mmpose.models.heads import InternetHead
from mmpose.models.heads.heatmap_heads.internet_head import (
    Heatmap1DHead,
    Heatmap3DHead,
    MultilabelClassificationHead,
)
from mmpose.structures import PoseDataSample

# w 4, h 6, d 8 cells of 8 pixels, and of 50 millimetres from -200 on; 2 keypoints of each hand
CODEC = dict(
    type='Hand3DHeatmap', image_size=(32, 48), heatmap_size=(4, 6, 8), depth_size=8,
    root_heatmap_size=8)  # fmt: skip


def returning(outputs):
    """A ``forward`` with fixed outputs."""
    return lambda x: outputs


def small_head(slices=16, **kwargs):
    return InternetHead(
        keypoint_head_cfg=dict(
            in_channels=4, out_channels=slices, depth_size=8, deconv_out_channels=(4,),
            deconv_kernel_sizes=(4,)),
        root_head_cfg=dict(in_channels=4, heatmap_size=8, hidden_dims=(5,)),
        hand_type_head_cfg=dict(in_channels=4, num_labels=2, hidden_dims=(5,)),
        decoder=CODEC,
        **kwargs)  # fmt: skip


def fixed_head(right=(0, 0, 0), left=(0, 0, 0), root=4.0, hands=(1.0, -1.0)):
    """A head with peaks of 1 at (x, y, z) of each hand's first keypoint, and 0 elsewhere."""
    head = small_head()
    for part, (x, y, z) in ((head.right_hand_head, right), (head.left_hand_head, left)):
        volumes = torch.zeros(1, 2, 8, 6, 4)
        volumes[0, 0, z, y, x] = 1
        part.forward = returning(volumes)
    head.root_head.forward = returning(torch.tensor([[root]]))
    head.hand_type_head.forward = returning(torch.tensor([hands]))
    return head


FEATS = (torch.zeros(1, 4, 3, 2),)


def sample(volumes=None, weights=(1.0,) * 4, root=(4.0, 1.0), hands=(1.0, 0.0), type_weight=1.0):
    sample = PoseDataSample(metainfo=dict(flip_indices=[2, 3, 0, 1]))
    volumes = torch.zeros(32, 6, 4) if volumes is None else volumes
    sample.gt_fields = PixelData(heatmaps=volumes)
    sample.gt_instance_labels = InstanceData(
        keypoint_weights=torch.tensor([weights]),
        root_depth=torch.tensor(root[:1]),
        root_depth_weight=torch.tensor(root[1:]),
        type=torch.tensor([hands]),
        type_weight=torch.tensor([type_weight]),
    )
    return sample


def test_outputs():
    volumes, root_depth, hand_type = small_head()((torch.rand(2, 4, 3, 2),))
    assert tuple(volumes.shape) == (2, 4, 8, 6, 4)
    assert tuple(root_depth.shape) == (2, 1)
    assert tuple(hand_type.shape) == (2, 2)


def test_parameter_names():
    weights = {n for n in small_head().state_dict() if n.endswith('weight')}
    assert weights >= {
        'left_hand_head.deconv_layers.0.weight',
        'right_hand_head.final_layer.weight',
        'root_head.fc.0.weight',
        'root_head.fc.2.weight',
        'hand_type_head.fc.0.weight',
        'hand_type_head.fc.2.weight',
    }


def test_slices_of_a_keypoint_follow_each_other():
    head = Heatmap3DHead(6, 6, depth_size=3, deconv_out_channels=None, final_layer=None)
    volumes = head((torch.arange(6.0).reshape(1, 6, 1, 1),))
    assert volumes[0, :, :, 0, 0].tolist() == [[0, 1, 2], [3, 4, 5]]


def test_position_is_the_mean_of_the_softmax():
    head = Heatmap1DHead(2, heatmap_size=3, hidden_dims=())
    with torch.no_grad():
        head.fc[0].weight.zero_()
        head.fc[0].bias.copy_(torch.log(torch.tensor([1.0, 1.0, 2.0])))
    torch.testing.assert_close(head(torch.zeros(1, 2)), torch.tensor([[1.25]]))
    assert head(torch.zeros(3, 2, dtype=torch.float32)).shape == (3, 1)


def test_default_initialisation():
    head = InternetHead(
        dict(in_channels=4, out_channels=8, depth_size=8, deconv_out_channels=None),
        dict(in_channels=256), dict(in_channels=256))  # fmt: skip
    head.init_weights()
    assert head.root_head.fc[0].weight.std().item() == pytest.approx(0.01, rel=0.1)
    assert not head.hand_type_head.fc[2].bias.any()
    assert head.left_hand_head.final_layer.weight.std().item() == pytest.approx(0.001, rel=0.5)
    assert MultilabelClassificationHead(4, 3, (5,))(torch.zeros(2, 4)).shape == (2, 3)


def test_predict_by_hand():
    head = fixed_head(right=(3, 5, 6), left=(1, 2, 0), root=5.0, hands=(0.2, -0.1))
    (pred,), (field,) = head.predict(FEATS, [sample()], dict(output_heatmaps=True))
    keypoints = pred.keypoints[0]
    assert keypoints[0].tolist() == [24, 40, 100]  # 8 pixels a cell; 50 mm a cell from -200 on
    assert keypoints[2].tolist() == [8, 16, -200]
    assert pred.keypoint_scores.tolist() == [[1, 0, 1, 0]]
    assert pred.rel_root_depth.tolist() == [50]
    assert pred.hand_type.tolist() == [[1, 0]]
    assert tuple(field.heatmaps.shape) == (4, 6, 4)
    assert field.heatmaps.nonzero().tolist() == [[0, 5, 3], [2, 2, 1]]


def test_an_estimator_maps_pixels_to_the_image_and_keeps_the_depth():
    model = TopdownPoseEstimator(
        backbone=dict(type='ResNet', depth=18, base_channels=4, stem_channels=4),
        data_preprocessor=dict(type='PoseDataPreprocessor'),
    ).eval()
    model.head = fixed_head(right=(3, 5, 6), root=5.0)
    data_sample = sample()
    data_sample.set_metainfo(
        dict(input_size=(32, 48), input_center=np.array([100, 50]), input_scale=np.array([64, 96]))
    )
    data_sample.gt_instances = InstanceData(bboxes=np.zeros((1, 4)), bbox_scores=np.ones(1))
    (result,) = model(torch.zeros(1, 3, 48, 32), [data_sample], mode='predict')
    pred = result.pred_instances
    # the input shows the image from (68, 2) on at half its size
    assert pred.keypoints[0, 0].tolist() == [68 + 2 * 24, 2 + 2 * 40, 100]
    assert pred.keypoints_visible.tolist() == pred.keypoint_scores.tolist()
    assert pred.rel_root_depth.tolist() == [50]
    assert pred.hand_type.tolist() == [[1, 0]]


def test_flip_test_exchanges_the_hands():
    torch.manual_seed(0)
    outputs = torch.rand(1, 4, 8, 6, 4), torch.tensor([[5.0]]), torch.tensor([[2.0, -3.0]])
    head, metainfo = small_head(), sample().metainfo
    cfg = dict(shift_heatmap=False)
    volumes, root_depth, hand_type = head.flip_back(outputs, metainfo, cfg)
    torch.testing.assert_close(volumes, outputs[0].flip(-1)[:, [2, 3, 0, 1]])
    assert root_depth.tolist() == [[3]]  # a cell in front of the right hand's root, not behind
    assert hand_type.tolist() == [[-3, 2]]
    for values, expected in zip(
        head.flip_back((volumes, root_depth, hand_type), metainfo, cfg), outputs, strict=True
    ):
        torch.testing.assert_close(values, expected)
    (pred,) = head.eval().predict([FEATS, FEATS], [sample()], dict(flip_test=True))
    assert pred.rel_root_depth == pytest.approx(0)  # equal features tell of no side
    assert pred.hand_type[0, 0] == pred.hand_type[0, 1]


def test_a_batch_is_predicted_like_its_samples():
    torch.manual_seed(0)
    head, feats = small_head().eval(), torch.randn(3, 4, 3, 2)
    for i, pred in enumerate(head.predict((feats,), [sample()] * 3)):
        (alone,) = head.predict((feats[i : i + 1],), [sample()])
        for name, values in pred.items():
            np.testing.assert_allclose(values, alone[name], rtol=1e-4)


def test_predict_takes_half_precision():
    with torch.autocast('cpu', torch.bfloat16):
        (pred,) = small_head().eval().predict(FEATS, [sample()])
    assert pred.keypoints.shape == (1, 4, 3)
    assert pred.keypoints.dtype == np.float32


def test_losses_by_hand():
    head = fixed_head(root=5.0, hands=(0.0, 0.0))
    target = torch.zeros(4, 8, 6, 4)
    target[:, 0, 0, 0] = 3
    losses = head.loss(FEATS, [sample(target.flatten(0, 1), weights=(1.0, 0.5, 0.0, 0.0))])
    # (3 - 1)^2, and half of 3^2; the mean over the cells of four volumes
    torch.testing.assert_close(losses['loss_kpt'], torch.tensor(8.5 / (4 * 8 * 6 * 4)))
    assert losses['loss_rel_root'] == 1
    torch.testing.assert_close(losses['loss_hand_type'], torch.tensor(2.0).log())
    assert losses['acc_pose'] == 0  # a logit of 0 is no right hand
    assert 'acc_pose' not in head.loss(FEATS, [sample()], dict(compute_acc=False))


def test_labels_of_weight_zero_do_not_count():
    head = fixed_head(root=5.0)
    losses = head.loss(FEATS, [sample(root=(4.0, 0.0), type_weight=0.0)])
    assert (losses['loss_rel_root'], losses['loss_hand_type'], losses['acc_pose']) == (0, 0, 0)
    assert head.loss(FEATS, [sample()])['acc_pose'] == 1


def test_gradients_reach_every_parameter():
    head = small_head()
    losses = head.loss((torch.randn(2, 4, 3, 2),), [sample(torch.rand(32, 6, 4))] * 2)
    sum(v for k, v in losses.items() if 'loss' in k).backward()
    assert all(p.grad is not None for p in head.parameters())


def test_errors():
    with pytest.raises(ValueError, match='out_channels is 17 and depth_size is 8; give the numbe'):
        small_head(slices=17)
    message = 'The targets have 40 slices and InternetHead predicts 16 for each of two hands; set'
    with pytest.raises(ValueError, match=message):
        small_head().loss(FEATS, [sample(torch.zeros(40, 6, 4))])
