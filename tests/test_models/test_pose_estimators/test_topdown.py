from collections import OrderedDict
from copy import deepcopy

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models import TopdownPoseEstimator, build_pose_estimator
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

K = 3
CODEC = dict(type='MSRAHeatmap', input_size=(32, 64), heatmap_size=(8, 16), sigma=1)


def config(**kwargs):
    """A small model for 3 keypoints, of which 0 and 1 are mirrors."""
    cfg = dict(
        type='TopdownPoseEstimator',
        data_preprocessor=dict(type='PoseDataPreprocessor', mean=[127.5], std=[64.0]),
        backbone=dict(type='ResNet', depth=18, base_channels=4, stem_channels=4),
        head=dict(
            type='HeatmapHead', in_channels=32, out_channels=K, deconv_out_channels=(4,) * 3,
            decoder=CODEC),
        test_cfg=dict(flip_test=True, shift_heatmap=True),
    )  # fmt: skip
    return cfg | kwargs


def build(**kwargs):
    torch.manual_seed(0)
    return MODELS.build(config(**kwargs))


def sample(**metainfo):
    meta = dict(
        input_size=(32, 64),
        input_center=np.array([100.0, 50.0]),
        input_scale=np.array([64.0, 128.0]),
        flip_indices=[1, 0, 2],
    )
    sample = PoseDataSample(metainfo=meta | metainfo)
    sample.gt_instances = InstanceData(
        bboxes=np.array([[80.0, 0.0, 120.0, 100.0]], np.float32), bbox_scores=np.ones(1, np.float32)
    )
    sample.gt_fields = PixelData(heatmaps=torch.rand(K, 16, 8))
    sample.gt_instance_labels = InstanceData(keypoint_weights=torch.ones(1, K))
    return sample


def batch():
    torch.manual_seed(1)
    images = [torch.randint(0, 256, (3, 64, 32), dtype=torch.uint8) for _ in range(2)]
    return dict(inputs=images, data_samples=[sample(), sample()])


def pred(*points):
    """Predictions in pixels of the input."""
    keypoints = np.array([points], dtype=np.float32)
    return InstanceData(keypoints=keypoints, keypoint_scores=np.array([[0.1, 0.2, 0.3]]))


def test_tensor_mode_returns_heatmaps():
    model = build().eval()
    data = model.data_preprocessor(batch())
    assert tuple(model(**data, mode='tensor').shape) == (2, K, 16, 8)
    assert tuple(model(list(data['inputs'])).shape) == (2, K, 16, 8)
    (feats,) = model.extract_feat(data['inputs'])
    assert tuple(feats.shape) == (2, 32, 2, 1)


def test_a_training_step_lowers_the_loss():
    model = build().train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    losses = []
    for _ in range(3):
        data = model.data_preprocessor(batch(), training=True)
        out = model(**data, mode='loss')
        assert set(out) == {'loss_kpt', 'acc_pose'}
        assert out['acc_pose'].ndim == 0
        optimizer.zero_grad()
        out['loss_kpt'].backward()
        optimizer.step()
        losses.append(out['loss_kpt'].item())
    assert losses[2] < losses[1] < losses[0]
    assert all(p.grad is not None for p in model.parameters())


def test_keypoints_are_mapped_from_the_input_to_the_image():
    instances = pred((0, 0), (16, 32), (32, 64))
    (out,) = build().add_pred_to_datasample([instances], None, [sample()])
    # the crop is 64 x 128 around (100, 50)
    assert out.pred_instances.keypoints.tolist() == [[[68, -14], [100, 50], [132, 114]]]
    assert out.pred_instances.keypoint_scores.tolist() == [[0.1, 0.2, 0.3]]
    assert out.pred_instances.keypoints_visible.tolist() == [[0.1, 0.2, 0.3]]
    assert out.pred_instances.bboxes.tolist() == [[80, 0, 120, 100]]
    assert out.pred_instances.bbox_scores.tolist() == [1]
    assert 'pred_fields' not in out


def test_output_keypoint_indices_select_keypoints_and_heatmaps():
    model = build(test_cfg=dict(output_keypoint_indices=[2, 0]))
    fields = PixelData(heatmaps=torch.arange(3.0)[:, None, None].expand(3, 4, 4))
    (out,) = model.add_pred_to_datasample([pred((0, 0), (16, 32), (32, 64))], [fields], [sample()])
    assert out.pred_instances.keypoints.tolist() == [[[132, 114], [68, -14]]]
    assert out.pred_instances.keypoint_scores.tolist() == [[0.3, 0.1]]
    assert out.pred_fields.heatmaps[:, 0, 0].tolist() == [2, 0]


def test_prediction_of_a_mirror_image_is_mirrored():
    """Without the shift, flip testing treats a picture and its mirror image alike."""
    model = build(test_cfg=dict(flip_test=True, shift_heatmap=False, output_heatmaps=True)).eval()
    data = batch()
    mirrored = dict(
        inputs=[x.flip(-1) for x in data['inputs']], data_samples=batch()['data_samples']
    )
    with torch.no_grad():
        plain, flipped = (model.test_step(d)[0].pred_fields.heatmaps for d in (data, mirrored))
    torch.testing.assert_close(flipped, plain.flip(-1)[[1, 0, 2]])


def test_metainfo_of_the_model_replaces_that_of_the_samples():
    info = dict(
        dataset_name='three',
        keypoint_info={
            i: dict(name=n, swap=s, type='', color=(0, 0, 0))
            for i, (n, s) in enumerate([('left', 'right'), ('right', 'left'), ('top', '')])
        },
        skeleton_info={},
        joint_weights=[1.0] * K,
        sigmas=[0.1] * K,
    )
    model = build(metainfo=info).eval()
    data = batch()
    for s in data['data_samples']:
        s.set_metainfo(dict(flip_indices=list(range(17))))
    with torch.no_grad():
        out = model.test_step(data)
    assert out[0].flip_indices == [1, 0, 2]


def test_flip_indices_of_other_keypoints_are_refused():
    model = build().eval()
    data = batch()
    for sample in data['data_samples']:
        sample.set_metainfo(dict(flip_indices=list(range(17))))
    with pytest.raises(ValueError, match='flip_indices has 17 entries for 3 keypoints; set `metai'):
        model.test_step(data)


def test_without_a_head_there_are_features_only():
    model = TopdownPoseEstimator(config()['backbone'])
    assert not model.with_head
    assert not model.with_neck
    assert tuple(model(torch.zeros(1, 3, 64, 32))[0].shape) == (1, 32, 2, 1)
    assert model(torch.zeros(1, 3, 64, 32), mode='loss') == {}
    with pytest.raises(RuntimeError, match="TopdownPoseEstimator has no head; use mode='tensor'"):
        model(torch.zeros(1, 3, 64, 32), mode='predict')


def test_state_dict_round_trip():
    model, other = build().eval(), build_pose_estimator(config()).eval()
    other.load_state_dict(model.state_dict())
    with torch.no_grad():
        a, b = (m.test_step(batch())[1].pred_instances.keypoints for m in (model, other))
    np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize('load', ['torch', 'mmengine'])
def test_weights_of_releases_0x_are_renamed(load):
    from mmengine.runner.checkpoint import load_state_dict

    model = build()
    old = OrderedDict(
        (name.replace('head.', 'keypoint_head.'), torch.full_like(value, 2))
        for name, value in model.state_dict().items()
    )
    old._metadata = OrderedDict({'': dict(version=1), 'keypoint_head': dict(version=1)})
    if load == 'torch':
        model.load_state_dict(old)
    else:
        load_state_dict(model, old, strict=True)
    assert all((p == 2).all() for p in model.parameters())


def test_head_and_backbone_must_agree():
    cfg = config()
    cfg['head'] = dict(cfg['head'], in_channels=2048)
    message = (
        'ResNet returns 32 channels and HeatmapHead expects in_channels=2048; '
        'set `in_channels` of HeatmapHead to 32'
    )
    with pytest.raises(ValueError, match=message):
        MODELS.build(cfg)


@pytest.mark.parametrize(
    ('neck', 'head_channels', 'message'),
    [
        (
            dict(type='ChannelMapper', in_channels=[16, 32, 64], out_channels=8),
            8,
            r'ResNet returns \(16, 32\) channels and ChannelMapper expects in_channels=\[16, 32, 6',
        ),
        (
            dict(type='ChannelMapper', in_channels=[16, 32], out_channels=8),
            32,
            'ChannelMapper returns 8 channels and HeatmapHead expects in_channels=32',
        ),
        (
            dict(type='FeatureMapProcessor', concat=True),
            32,
            'FeatureMapProcessor returns 48 channels and HeatmapHead expects in_channels=32',
        ),
        (
            dict(type='GlobalAveragePooling'),
            48,
            'GlobalAveragePooling returns 32 channels and HeatmapHead expects in_channels=48',
        ),
    ],
    ids=['backbone', 'mapper', 'processor', 'pooling'],
)
def test_neck_must_agree_with_both_sides(neck, head_channels, message):
    cfg = config(neck=neck)
    cfg['backbone'] = dict(cfg['backbone'], out_indices=(2, 3))
    cfg['head'] = dict(cfg['head'], in_channels=head_channels)
    with pytest.raises(ValueError, match=message):
        MODELS.build(cfg)


def test_unknown_mode():
    with pytest.raises(ValueError, match="mode is 'test'; choose 'loss', 'predict' or 'tensor'"):
        build()(torch.zeros(1, 3, 64, 32), mode='test')


def test_numbers_of_predictions_and_samples_must_agree():
    with pytest.raises(ValueError, match='There are 0 predictions for 1 samples'):
        build().add_pred_to_datasample([], None, [sample()])


def test_building_does_not_change_the_config():
    cfg = config()
    before = deepcopy(cfg)
    MODELS.build(cfg)
    assert cfg == before
