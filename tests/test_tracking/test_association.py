import numpy as np

from mmpose.evaluation.functional import oks_iou
from mmpose.tracking import default_sigmas, match, pose_similarity
from mmpose.tracking.association import enlarged


def test_one_keypoint_by_hand():
    # d = 10, area = (300 + 700) / 2, 2 * sigma = 0.1: exp(-100 / (2 * 500 * 0.01))
    oks, share = pose_similarity(
        np.zeros((1, 1, 2)),
        np.full((1, 1, 2), (6.0, 8.0)),
        [300.0] * np.ones(1),
        np.array([700.0]),
        np.array([0.05]),
    )
    np.testing.assert_allclose(oks, [[np.exp(-10)]])
    np.testing.assert_array_equal(share, [[1]])


def test_it_is_the_similarity_of_the_evaluation():
    rng = np.random.default_rng(0)
    first, second = rng.normal(0, 20, (3, 17, 2)), rng.normal(0, 20, (4, 17, 2))
    first[1, 3:9], second[2, 7:] = np.nan, np.nan
    areas1, areas2 = rng.uniform(1e3, 1e4, 3), rng.uniform(1e3, 1e4, 4)
    oks, share = pose_similarity(first, second, areas1, areas2, default_sigmas(17))
    with_score = [
        np.concatenate((np.nan_to_num(p), np.isfinite(p[..., :1])), axis=-1)
        for p in (first, second)
    ]
    for t, pose in enumerate(with_score[0]):
        expected = oks_iou(pose.ravel(), with_score[1].reshape(4, -1), areas1[t], areas2, vis_thr=0)
        np.testing.assert_allclose(oks[t], expected)
    assert share[1, 2] == 3 / 17  # 3 to 8 are missing here, 7 to 16 there
    assert share[0, 0] == 1


def test_two_keypoints_say_nothing():
    pose = np.zeros((1, 17, 2))
    other = pose.copy()
    other[:, 2:] = np.nan
    oks, share = pose_similarity(pose, other, np.ones(1), np.ones(1), default_sigmas(17))
    assert (oks, share) == (0, 0)


def test_sigmas_of_unknown_keypoints():
    assert default_sigmas(17)[0] == 0.026
    np.testing.assert_array_equal(default_sigmas(2), [0.05, 0.05])


def test_the_greatest_total_is_matched():
    similarity = np.array([[0.9, 0.8], [0.8, 0.1]])
    rows, columns = match(similarity, 0.3)  # 0.8 + 0.8, not 0.9 and then 0.1
    np.testing.assert_array_equal(columns[rows.argsort()], [1, 0])
    rows, columns = match(similarity, 0.85)
    assert (rows.tolist(), columns.tolist()) == ([0], [0])
    assert len(match(np.empty((0, 3)), 0.1)[0]) == 0


def test_enlarged_boxes():
    np.testing.assert_allclose(enlarged(np.array([[10.0, 10, 20, 30]]), 0.5), [[5, 0, 25, 40]])
