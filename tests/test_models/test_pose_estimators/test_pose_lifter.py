from copy import deepcopy

import numpy as np
import pytest
import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.structures import InstanceData, PixelData

from mmpose.datasets.transforms import GenerateTarget, PackPoseInputs
from mmpose.models import PoseLifter
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample

K, T = 3, 9
CODEC = dict(type='VideoPoseLifting', num_keypoints=K)
TCN = dict(
    type='TCN', in_channels=2 * K, stem_channels=8, num_blocks=1, kernel_sizes=(3, 3), dropout=0.0
)
CAMERA = dict(
    f=np.ones((2, 1)), c=np.zeros((2, 1)), k=np.zeros(3), p=np.zeros(2), w=1000, h=1000
)  # fmt: skip


def config(**kwargs):
    """A small model for 3 keypoints, of which 1 and 2 are mirrors."""
    cfg = dict(
        type='PoseLifter',
        backbone=TCN,
        head=dict(
            type='TemporalRegressionHead',
            in_channels=8,
            num_joints=K,
            loss=dict(type='MPJPELoss'),
            decoder=CODEC,
        ),
    )
    return cfg | kwargs


TRAJECTORY = dict(
    traj_backbone=TCN,
    traj_head=dict(
        type='TrajectoryRegressionHead',
        in_channels=8,
        num_joints=1,
        decoder=dict(CODEC, remove_root=True),
    ),
)
SEMI = dict(TRAJECTORY, semi_loss=dict(type='SemiSupervisionLoss', joint_parents=[0, 0, 0]))


def build(**kwargs):
    torch.manual_seed(0)
    return MODELS.build(config(**kwargs))


def sample(labelled=True, **metainfo):
    meta = dict(flip_indices=[0, 2, 1], target_root=np.array([[1.0, 2.0, 3.0]], np.float32))
    sample = PoseDataSample(metainfo=meta | metainfo)
    sample.gt_instance_labels = InstanceData()
    if labelled:
        sample.gt_instance_labels = InstanceData(
            lifting_target_label=torch.rand(1, K, 3),
            lifting_target_weight=torch.ones(1, K),
            trajectory_weights=torch.ones(1, K),
        )
    return sample


def batch(*samples):
    torch.manual_seed(1)
    samples = list(samples) or [sample(), sample()]
    return dict(inputs=[torch.rand(2 * K, T) - 0.5 for _ in samples], data_samples=samples)


def pred(poses):
    poses = np.array(poses, dtype=np.float32)
    return InstanceData(keypoints=poses, keypoint_scores=np.ones(poses.shape[:-1]))


def test_tensor_mode_returns_poses():
    model = build().eval()
    inputs = batch()['inputs']
    assert tuple(model(inputs).shape) == (2, K, 3)
    (feats,) = model.extract_feat(torch.stack(inputs))
    assert tuple(feats.shape) == (2, 8, 1)
    assert not any((model.with_traj, model.with_traj_backbone, model.with_traj_neck))


def test_poses_come_with_their_trajectory():
    model = build(**TRAJECTORY).eval()
    poses, positions = model(torch.stack(batch()['inputs']))
    assert (tuple(poses.shape), tuple(positions.shape)) == ((2, K, 3), (2, 1, 3))
    feats, traj_feats = model.extract_feat(torch.stack(batch()['inputs']))
    assert not torch.equal(feats[-1], traj_feats[-1])
    assert model.with_traj_backbone
    data = batch()
    out = model.test_step(data)
    assert out[1].pred_instances.keypoints.shape == (1, K, 3)
    assert out[1].pred_instances.trajectories.shape == (1, 1, 3)


def test_a_trajectory_may_share_the_features_of_the_poses():
    model = build(traj_head=TRAJECTORY['traj_head']).eval()
    feats, traj_feats = model.extract_feat(torch.stack(batch()['inputs']))
    assert feats is traj_feats
    assert model.with_traj
    assert not model.with_traj_backbone


def test_a_training_step_lowers_the_losses():
    model = build(**TRAJECTORY).train()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.02)
    losses = []
    data = model.data_preprocessor(batch(), training=True)
    for _ in range(5):
        out = model(**data, mode='loss')
        assert set(out) == {'loss_pose3d', 'mpjpe', 'loss_traj', 'mpjpe_traj'}
        total = out['loss_pose3d'] + out['loss_traj']
        optimizer.zero_grad()
        total.backward()
        optimizer.step()
        losses.append(total.item())
    assert losses[-1] < losses[0]
    assert all(p.grad is not None for p in model.parameters())


def test_predictions_are_moved_to_the_root():
    model = build().eval()
    data = batch(sample(), sample(target_root=np.zeros((1, 3), np.float32)))
    with torch.no_grad():
        raw = model(data['inputs'])
        out = model.test_step(data)
    np.testing.assert_allclose(
        out[0].pred_instances.keypoints, raw[:1] + torch.tensor([1.0, 2, 3]), rtol=1e-6
    )
    np.testing.assert_allclose(out[1].pred_instances.keypoints, raw[1:], rtol=1e-6)


def test_a_flip_test_treats_mirror_images_alike():
    model = build(test_cfg=dict(flip_test=True), **TRAJECTORY).eval()
    data, root = batch(), np.zeros((1, 3), np.float32)
    for each in data['data_samples']:
        each.set_metainfo(dict(target_root=root))
    mirrored = deepcopy(data)
    for x in mirrored['inputs']:
        poses = x.view(K, 2, T)[[0, 2, 1]] * torch.tensor([-1.0, 1])[:, None]
        x.copy_(poses.reshape(2 * K, T))
    with torch.no_grad():
        plain, flipped = (model.test_step(d)[1].pred_instances for d in (data, mirrored))
    signs = np.array([-1, 1, 1])
    np.testing.assert_allclose(flipped.keypoints, plain.keypoints[:, [0, 2, 1]] * signs, rtol=1e-5)
    np.testing.assert_allclose(flipped.trajectories, plain.trajectories * signs, atol=1e-6)


def test_motion_is_predicted_frame_by_frame():
    model = MODELS.build(
        dict(
            type='PoseLifter',
            backbone=dict(
                type='DSTFormer', in_channels=3, feat_size=8, depth=1, num_heads=2, mlp_ratio=1,
                num_keypoints=K, seq_len=4),
            head=dict(
                type='MotionRegressionHead', in_channels=8, embedding_size=4,
                loss=dict(type='MPJPEVelocityJointLoss'),
                decoder=dict(type='MotionBERTLabel', num_keypoints=K, concat_vis=True)),
            test_cfg=dict(flip_test=True, output_keypoint_indices=[2, 0]),
        )
    ).eval()  # fmt: skip
    meta = dict(camera_param=dict(w=1000, h=1000), factor=np.full((4, 1), 2.4, np.float32))
    samples = [sample(**meta), sample(**meta)]
    for each in samples:
        each.gt_instance_labels = InstanceData(
            lifting_target_label=torch.rand(4, K, 3), lifting_target_weight=torch.ones(4, K)
        )
    data = dict(inputs=[torch.rand(4, K, 3) for _ in samples], data_samples=samples)
    assert set(model(**data, mode='loss')) == {'loss_pose3d', 'mpjpe'}
    with torch.no_grad():
        out = model.test_step(data)
    assert out[0].pred_instances.keypoints.shape == (1, 4, 2, 3)
    assert out[0].pred_instances.keypoint_scores.shape == (1, 4, 2)


def test_output_keypoint_indices_and_fields():
    model = build(test_cfg=dict(output_keypoint_indices=[2, 0]))
    field = PixelData(heatmaps=torch.zeros(1, 2, 2))
    poses = [[[1.0, 1, 1], [2, 2, 2], [3, 3, 3]]]
    (out,) = model.add_pred_to_datasample(
        [pred(poses)], [field], [pred([[[7.0, 8, 9]]])], None, [sample()]
    )
    assert out.pred_instances.keypoints.tolist() == [[[3, 3, 3], [1, 1, 1]]]
    assert out.pred_instances.trajectories.tolist() == [[[7, 8, 9]]]
    assert out.pred_fields is field


def constant(head, *values):
    """Make a head predict ``values`` whatever its features."""
    with torch.no_grad():
        head.conv.weight.zero_()
        head.conv.bias.copy_(torch.tensor(values).flatten())


def test_losses_of_samples_without_targets():
    model = build(**SEMI).train()
    poses = [[0.0, 0.0, 0.0], [0.0, 0.0, 2.0], [0.0, 0.0, 0.0]]
    constant(model.head, poses)
    constant(model.traj_head, [0.0, 0.0, 2.0])
    data = batch(sample(), sample(labelled=False, camera_param=CAMERA), sample())
    data['inputs'][1][:, T // 2] = torch.tensor([0.3, 0.4] * K)
    losses = model(**data, mode='loss')
    # all joints project to the centre, half a unit from the keypoints of the middle frame
    torch.testing.assert_close(losses['proj_loss'], torch.tensor(0.5))
    assert losses['bone_loss'] == 0
    labels = [data['data_samples'][i].gt_instance_labels.lifting_target_label for i in (0, 2)]
    distances = (torch.cat(labels) - torch.tensor(poses)).norm(dim=-1)
    torch.testing.assert_close(losses['loss_pose3d'], distances.mean())


def test_pipelines_make_samples_without_targets():
    encoder = dict(CODEC, normalize_camera=True)
    pipeline = Compose(
        [
            GenerateTarget(encoder=encoder),
            PackPoseInputs(meta_keys=('flip_indices', 'target_root', 'camera_param')),
        ]
    )
    camera = dict(CAMERA, f=np.full((2, 1), 1000.0), c=np.full((2, 1), 500.0))
    known = dict(
        keypoints=np.random.default_rng(0).uniform(0, 1000, (T, K, 2)).astype(np.float32),
        keypoints_visible=np.ones((T, K), np.float32),
        camera_param=camera,
    )
    target = dict(lifting_target=np.ones((1, K, 3), np.float32))
    data = pseudo_collate([pipeline(known | target), pipeline(dict(known))])
    losses = build(**SEMI)(**data, mode='loss')
    assert {'loss_pose3d', 'loss_traj', 'proj_loss', 'bone_loss'} <= set(losses)
    assert all(loss.isfinite() for loss in losses.values())
    assert data['data_samples'][1].camera_param['f'].ravel().tolist() == [2, 2]


def test_samples_without_targets_train_both_networks():
    model = build(**SEMI).train()
    data = batch(sample(), sample(labelled=False, camera_param=CAMERA))
    model(**data, mode='loss')['proj_loss'].backward()
    assert all(p.grad is not None for p in model.parameters())


def test_a_causal_model_lifts_the_last_frame():
    model = build(**dict(SEMI, backbone=dict(TCN, causal=True)))
    assert model.causal
    constant(model.head, torch.zeros(K, 3).tolist())
    constant(model.traj_head, [0.0, 0.0, 2.0])
    data = batch(sample(), sample(labelled=False, camera_param=CAMERA))
    data['inputs'][1][:, -1] = torch.tensor([0.3, 0.4] * K)
    torch.testing.assert_close(model(**data, mode='loss')['proj_loss'], torch.tensor(0.5))


def test_labelled_batches_have_no_further_losses():
    out = build(**SEMI)(**batch(), mode='loss')
    assert set(out) == {'loss_pose3d', 'mpjpe', 'loss_traj', 'mpjpe_traj'}


@pytest.mark.parametrize(
    ('kwargs', 'samples', 'message'),
    [
        (
            {},
            [sample(), sample(labelled=False)],
            '1 of 2 samples have no `lifting_target_label`; t',
        ),
        (SEMI, [sample(labelled=False)], '1 of 1 samples have no `lifting_target_label`; training'),
        (
            SEMI,
            [sample(), sample(labelled=False, camera_param=dict(f=[1, 1], c=[0, 0]))],
            r"A sample without targets needs `camera_param` with f .* but has \['c', 'f'\]; add `",
        ),
        (
            SEMI,
            [sample(), sample(labelled=False)],
            r'A sample without targets needs `camera_param` .* but has \[\]; add `camera_param` to',
        ),
    ],
    ids=['no loss for them', 'none labelled', 'no distortion', 'no camera'],
)
def test_missing_targets_are_named(kwargs, samples, message):
    with pytest.raises(ValueError, match=message):
        build(**kwargs)(**batch(*samples), mode='loss')


def test_causal():
    assert not build().causal
    assert build(backbone=dict(TCN, causal=True)).causal
    assert not build(backbone=dict(type='DSTFormer', in_channels=3, depth=1), head=None).causal


def test_a_semi_supervised_model_needs_both_heads():
    with pytest.raises(ValueError, match='semi_loss compares lifted poses with the picture and ne'):
        build(semi_loss=SEMI['semi_loss'])


def test_channels_of_the_trajectory_are_checked():
    traj_head = dict(TRAJECTORY['traj_head'], in_channels=4)
    message = 'TCN returns 8 channels and TrajectoryRegressionHead expects in_channels=4'
    for traj_backbone in (TCN, None):
        with pytest.raises(ValueError, match=message):
            build(traj_backbone=traj_backbone, traj_head=traj_head)


def test_flip_test_needs_flip_indices():
    model = build(test_cfg=dict(flip_test=True)).eval()
    each = PoseDataSample()
    with pytest.raises(KeyError, match='flip_test needs `flip_indices` in the samples; add it to'):
        model.test_step(batch(each))


def test_without_a_head_there_are_features_only():
    model = PoseLifter(TCN).eval()
    assert tuple(model(torch.zeros(1, 2 * K, T))[0].shape) == (1, 8, 1)
    assert model(torch.zeros(1, 2 * K, T), [sample()], mode='loss') == {}
    with pytest.raises(RuntimeError, match="PoseLifter has no head; use mode='tensor'"):
        model(torch.zeros(1, 2 * K, T), [sample()], mode='predict')


def test_numbers_of_predictions_and_samples_must_agree():
    with pytest.raises(ValueError, match='There are 0 predictions for 1 samples'):
        build().add_pred_to_datasample([], None, None, None, [sample()])


def test_weights_of_releases_0x_are_renamed():
    model, other = build(**TRAJECTORY), build(**TRAJECTORY)
    old = {
        ('keypoint_' + k if k.startswith('head.') else k): torch.full_like(v, 2)
        for k, v in model.state_dict().items()
    }
    other.load_state_dict(old)
    assert all((p == 2).all() for p in other.parameters())


def test_building_does_not_change_the_config():
    cfg = config(**SEMI)
    before = deepcopy(cfg)
    MODELS.build(cfg)
    assert cfg == before
