import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.evaluation.functional import (
    grouped_oks_nms,
    nearby_joints_nms,
    nms,
    nms_torch,
    oks_iou,
    oks_nms,
    soft_oks_nms,
)

SIGMAS = np.array([0.1, 0.1])


def pose(x, score, spread=0.0, joint_score=1.0):
    """Two keypoints at (x, 0) and (x + spread, 0)."""
    keypoints = np.array([[x, 0.0, joint_score], [x + spread, 0.0, joint_score]])
    return dict(keypoints=keypoints, score=score, area=100.0)


def test_nms_counts_both_ends_of_a_box():
    # two boxes 11 pixels wide share 6 columns: 6 / (11 + 11 - 6) = 0.375
    dets = np.array([[0, 0, 10, 0, 0.5], [5, 0, 15, 0, 0.9], [50, 0, 60, 0, 0.1]])
    assert nms(dets, 0.37) == [1, 2]
    assert nms(dets, 0.375) == [1, 0, 2]
    assert nms(np.empty((0, 5)), 0.5) == []


def test_oks_iou_by_hand():
    first, others = pose(0, 1)['keypoints'], np.stack([pose(0, 1)['keypoints']] * 2)
    others[1, :, 0] = (2, 4)
    # mean area (100 + 300) / 2 = 200: d**2 / (2 * 200 * 0.04) = 4 / 16 and 16 / 16
    oks = oks_iou(first.ravel(), others.reshape(2, -1), 100, np.array([100, 300]), SIGMAS)
    np.testing.assert_allclose(oks, [1, (np.exp(-0.25) + np.exp(-1)) / 2])


def test_oks_iou_compares_keypoints_seen_in_both():
    first, second = np.array([[0, 0, 0.9], [0, 0, 0.9]]), np.array([[2, 0, 0.9], [50, 0, 0.1]])
    oks = oks_iou(first.ravel(), second.reshape(1, -1), 100, np.array([100]), SIGMAS, vis_thr=0.3)
    np.testing.assert_allclose(oks, [np.exp(-0.5)])
    second[0, 2] = 0.3  # not above the threshold either
    oks = oks_iou(first.ravel(), second.reshape(1, -1), 100, np.array([100]), SIGMAS, vis_thr=0.3)
    assert oks.tolist() == [0]


def test_sigmas_must_fit_the_poses():
    with pytest.raises(ValueError, match='17 sigmas for poses of 2 keypoints; pass `sigmas`'):
        oks_nms([pose(0, 1)], 0.5)


def test_oks_nms_removes_what_resembles_a_kept_pose():
    # neighbours 2 pixels apart have an OKS of exp(-0.5) = 0.607, those 4 apart exp(-2) = 0.135
    poses = [pose(4, 0.7), pose(0, 0.9), pose(2, 0.8)]
    assert oks_nms(poses, 0.6, SIGMAS).tolist() == [1, 0]  # the removed one removes nobody
    assert oks_nms(poses, 0.61, SIGMAS).tolist() == [1, 2, 0]
    assert oks_nms([], 0.6).tolist() == []


def test_oks_nms_keeps_the_first_of_equal_scores():
    assert oks_nms([pose(0, 0.5), pose(0, 0.5)], 0.9, SIGMAS).tolist() == [0]


def test_score_per_joint_is_averaged():
    poses = [pose(0, np.array([0.2, 0.4])), pose(0, np.array([0.1, 0.9]))]
    assert oks_nms(poses, 0.5, SIGMAS, score_per_joint=True).tolist() == [1]
    assert soft_oks_nms(poses, 0.5, 1, SIGMAS, score_per_joint=True).tolist() == [1]


def test_soft_oks_nms_ranks_by_the_score_that_is_left():
    poses = [pose(0, 0.9), pose(0, 0.8), pose(100, 0.2)]
    # the twin keeps 0.8 * exp(-1 / 0.5) = 0.108, less than 0.2
    assert soft_oks_nms(poses, 0.5, sigmas=SIGMAS).tolist() == [0, 2, 1]
    assert soft_oks_nms(poses, 0.5, 2, sigmas=SIGMAS).tolist() == [0, 2]
    assert soft_oks_nms(poses, 1.0, sigmas=SIGMAS).tolist() == [0, 1, 2]  # 0.294 is left
    assert soft_oks_nms([], 0.5).tolist() == []


def naive_oks_nms(poses, scores, areas, thr):
    """The definition, one pose after the other."""
    kept = []
    for i in sorted(range(len(poses)), key=lambda i: -scores[i]):
        rivals = oks_iou(poses[i], poses[kept], areas[i], areas[kept], SIGMAS) if kept else []
        if not np.any(np.array(rivals) > thr):
            kept.append(i)
    return kept


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 10**6), st.integers(0, 12), st.floats(0.05, 0.95))
def test_grouped_oks_nms_is_oks_nms_of_each_group(seed, count, thr):
    rng = np.random.default_rng(seed)
    poses = np.concatenate([rng.uniform(0, 6, (count, 2, 2)), rng.random((count, 2, 1))], -1)
    scores, areas = rng.integers(0, 5, count) / 4, rng.uniform(50, 200, count)
    groups = rng.integers(0, 3, count)
    keep = grouped_oks_nms(poses, scores, areas, groups, thr, SIGMAS)
    for group in range(3):
        members = np.flatnonzero(groups == group)
        kept = naive_oks_nms(poses[members], scores[members], areas[members], thr)
        assert sorted(members[kept]) == members[keep[members]].tolist()


def test_nearby_joints_nms():
    poses = [pose(0, 0.5, spread=100), pose(4, 0.9, spread=100), pose(6, 0.1, spread=100)]
    # 5 % of the extent of 100 is 5 pixels, which two keypoints, more than half, must fall below
    assert nearby_joints_nms(poses, 0.05) == [1]
    assert nearby_joints_nms(poses, 0.03) == [1, 0]
    assert nearby_joints_nms(poses, 0.01) == [1, 0, 2]
    assert nearby_joints_nms(poses, 0.01, max_dets=2) == [1, 0]
    assert nearby_joints_nms([], 0.05) == []


def test_nearby_joints_nms_of_poses_without_extent():
    assert nearby_joints_nms([pose(0, 0.5), pose(9, 0.6)], 0.05) == [1, 0]


def test_nearby_joints_nms_rejects_impossible_limits():
    with pytest.raises(ValueError, match='fewer than the 2 keypoints'):
        nearby_joints_nms([pose(0, 0.5)], 0.05, num_nearby_joints_thr=2)
    with pytest.raises(ValueError, match='dist_thr is 0'):
        nearby_joints_nms([pose(0, 0.5)], 0)


def test_nms_torch():
    boxes = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 8], [20, 0, 30, 10]])
    scores = torch.tensor([0.5, 0.9, 0.7])
    assert nms_torch(boxes, scores, 0.7).tolist() == [1, 2]  # IoU 0.8
    assert nms_torch(boxes, scores, 0.8).tolist() == [1, 2, 0]
    groups = nms_torch(boxes, scores, 0.7, return_group=True)
    assert [group.tolist() for group in groups] == [[1, 0], [2]]
    assert nms_torch(boxes[:0], scores[:0]).tolist() == []


def test_nms_torch_with_another_measure():
    points = torch.tensor([[0.0], [1.0], [5.0]])
    kept = nms_torch(points, torch.tensor([3.0, 2.0, 1.0]), -2.0, lambda a, b: -(a - b.T).abs())
    assert kept.tolist() == [0, 2]
