import pytest
import torch

from mmpose.models.losses import (
    BoneLoss,
    MPJPELoss,
    MPJPEVelocityJointLoss,
    SemiSupervisionLoss,
)


def test_mpjpe():
    output = torch.tensor([[[3.0, 4, 0], [0, 0, 1]]])
    target = torch.zeros(1, 2, 3)
    assert MPJPELoss()(output, target) == 3
    weighted = MPJPELoss(use_target_weight=True, loss_weight=10)
    assert weighted(output, target, torch.tensor([[1.0, 0.0]])) == 25
    per_axis = torch.tensor([[[1.0, 0, 0], [0, 0, 2]]])
    assert weighted(output, target, per_axis) == 25  # lengths 3 and 2


def frames(*values):
    return torch.tensor(values)[None, ..., None]  # (1, T, K, 1)


def test_velocity_of_one_keypoint():
    output, target = frames([1.0], [3.0]), frames([2.0], [2.0])
    # errors of 1, none after scaling each frame, and a velocity of 2 instead of 0
    assert MPJPEVelocityJointLoss()(output, target) == 1 + 20 * 2
    loss = MPJPEVelocityJointLoss(lambda_3d_velocity=5, loss_weight=2)
    assert loss(output, target) == 2 * (1 + 5 * 2)


def test_scale():
    output, target = frames([1.0, 1.0]), frames([1.0, 3.0])
    # errors 0 and 2; scaled by 2 they are 1 and 1; a single frame has no velocity
    assert MPJPEVelocityJointLoss()(output, target) == 1 + 0.5 * 1
    assert MPJPEVelocityJointLoss(lambda_scale=3)(output, target) == 1 + 3 * 1
    assert MPJPEVelocityJointLoss()(0 * output, target) == 2 + 0.5 * 2  # zeros have no scale


def test_velocity_weights():
    output, target = frames([1.0], [3.0], [2.0]), frames([2.0], [2.0], [2.0])
    loss = MPJPEVelocityJointLoss(use_target_weight=True)
    # a velocity counts where both of its frames do; velocities 2 and -1 instead of 0
    weights = torch.tensor([[[0.0], [1.0], [1.0]]])
    assert loss(output, target, weights).item() == pytest.approx(1 / 3 + 20 * 1 / 2)
    shared = torch.ones(1, 1, 1)
    assert loss(output, target, shared).item() == pytest.approx(2 / 3 + 20 * 3 / 2)


def test_bones():
    # a chain with bones of 1 and 2, and of 3 and 2
    output = torch.tensor([[[0.0, 0], [1, 0], [1, 2]]])
    target = torch.tensor([[[0.0, 0], [0, 3], [2, 3]]])
    loss = BoneLoss([0, 0, 1])
    assert loss.loss_name == 'loss_bone'
    assert loss(output, target) == (2 + 0) / 2
    # means are compared, so the sets may differ in size and order
    assert loss(torch.cat([output, target]), torch.cat([target, output, target, output])) == 0
    weighted = BoneLoss([0, 0, 1], use_target_weight=True, loss_weight=5, loss_name='bones')
    assert weighted.loss_name == 'bones'
    assert weighted(output, target, torch.tensor([[2.0, 1.0]])) == 5 * 4 / 2


def test_bone_errors():
    loss = BoneLoss([0, 0, 1])
    message = r'The poses are \(2, 4, 3\), with 4 keypoints, for 3 joint_parents; name a parent'
    with pytest.raises(ValueError, match=message):
        loss(torch.zeros(2, 4, 3), torch.zeros(2, 4, 3))
    with pytest.raises(ValueError, match='give both the same dimensions'):
        loss(torch.zeros(2, 3, 3), torch.zeros(2, 3, 2))


def project(point, **intrinsics):
    names = ['fx', 'fy', 'cx', 'cy', 'k1', 'k2', 'k3', 'p1', 'p2']
    numbers = {**dict(fx=1, fy=1), **intrinsics}
    camera = torch.tensor([[float(numbers.get(name, 0)) for name in names]])
    return SemiSupervisionLoss.project_joints(torch.tensor([[point]]), camera)[0, 0].tolist()


@pytest.mark.parametrize(
    ('intrinsics', 'pixel'),
    [
        ({}, [0.5, 0.25]),
        (dict(fx=2, fy=4, cx=0.1, cy=0.2), [1.1, 1.2]),
        # r^2 is 0.3125
        (dict(k1=1), [0.5 * 1.3125, 0.25 * 1.3125]),
        (dict(k2=1), [0.5 * (1 + 0.3125**2), 0.25 * (1 + 0.3125**2)]),
        (dict(k3=1), [0.5 * (1 + 0.3125**3), 0.25 * (1 + 0.3125**3)]),
        (dict(p1=0.1), [0.5 * 1.05 + 0.03125, 0.25 * 1.05]),
        (dict(p2=0.1), [0.5 * 1.025, 0.25 * 1.025 + 0.03125]),
    ],
    ids=lambda value: '-'.join(value) if isinstance(value, dict) else None,
)
def test_projection(intrinsics, pixel):
    assert project([1.0, 0.5, 2.0], **intrinsics) == pytest.approx(pixel)


@pytest.mark.parametrize('depth', [0.0, 1e-30, -1.0])
def test_projection_of_points_beside_the_camera(depth):
    points = torch.tensor([[[3.0, 0.0, depth]]], requires_grad=True)
    projected = SemiSupervisionLoss.project_joints(points, torch.ones(1, 9))
    projected.sum().backward()
    assert projected.isfinite().all()
    assert points.grad.isfinite().all()
    assert project([3.0, 0.0, depth])[0] == (1 if depth >= 0 else -1)


def test_intrinsics_of_another_length():
    with pytest.raises(ValueError, match=r'The intrinsics are \(1, 4\); give the 9 numbers fx'):
        SemiSupervisionLoss.project_joints(torch.ones(1, 2, 3), torch.ones(1, 4))


def semi_supervised():
    pose = torch.tensor([[[0.0, 0, 0], [1, 0, 0]]])
    output = dict(
        labeled_pose=torch.cat([3 * pose, 3 * pose]),  # bones of 3 instead of 1
        unlabeled_pose=pose,
        unlabeled_traj=torch.tensor([[[0.0, 0, 2]]]),
    )
    intrinsics = torch.tensor([[1.0, 1, 0, 0, 0, 0, 0, 0, 0]])
    # projected to (0, 0) and (0.5, 0)
    target = torch.tensor([[[0.0, 1.0], [0.5, 0.0]]])
    return output, dict(unlabeled_target_2d=target, intrinsics=intrinsics)


def test_semi_supervision():
    output, target = semi_supervised()
    intrinsics = target['intrinsics'].clone()
    assert SemiSupervisionLoss([0, 0])(output, target) == dict(proj_loss=0.5, bone_loss=2)
    weighted = SemiSupervisionLoss([0, 0], projection_loss_weight=2, bone_loss_weight=5)
    assert weighted(output, target) == dict(proj_loss=1, bone_loss=10)
    assert torch.equal(target['intrinsics'], intrinsics)
    assert target['intrinsics'].shape == (1, 9)


def test_semi_supervision_warms_up():
    loss = SemiSupervisionLoss([0, 0], warmup_iterations=2)
    lengths = [len(loss(*semi_supervised())) for _ in range(4)]
    assert lengths == [0, 0, 2, 2]
