import numpy as np
import pytest

from mmpose.tracking import OneEuroFilter, SavitzkyGolayFilter, TrackSmoother

POSES = np.random.default_rng(0).normal(0, 9, (40, 3, 17, 2)).cumsum(0)
KINDS = pytest.mark.parametrize('kind', ['one_euro', 'savgol'])


def alone(make, track, frames):
    smooth = make()
    return [smooth(POSES[f, [track]], f / 30)[0] for f in frames]


@KINDS
def test_each_track_has_its_own_filter(kind):
    """Tracks 0 to 2 in a changing order; 1 begins later, 2 has gaps; -1 is nobody."""
    make = {'one_euro': OneEuroFilter, 'savgol': SavitzkyGolayFilter}[kind]
    smoother, rng = TrackSmoother(kind), np.random.default_rng(0)
    results = {0: {}, 1: {}}
    for f in range(40):
        ids = [0, *([1] * (f >= 15)), *([2] * (f % 7 < 4))]
        ids = rng.permutation([*ids, -1])
        poses = POSES[f, ids]
        smooth = smoother(poses, None, ids, f / 30)
        np.testing.assert_array_equal(smooth[ids == -1], poses[ids == -1])
        for track in results:
            if track in ids:
                results[track][f] = smooth[ids.tolist().index(track)]
    np.testing.assert_allclose(list(results[0].values()), alone(make, 0, range(40)))
    np.testing.assert_allclose(list(results[1].values()), alone(make, 1, range(15, 40)))


@KINDS
def test_tracks_that_ended_are_forgotten(kind):
    smoother = TrackSmoother(kind, max_absent=0.5)
    for f in range(200):
        smoother(POSES[f % 40, :1], None, [f // 4], f / 30)
        assert len(smoother.track_ids) <= 1 + 15 / 4 + 1
    assert smoother.track_ids.tolist() == [46, 47, 48, 49]
    for f in range(200, 216):
        smoother(POSES[0, :0], None, [], f / 30)
    assert smoother.track_ids.tolist() == []
    # one that comes back begins anew
    np.testing.assert_array_equal(smoother(POSES[9, :1], None, [49], 9.0), POSES[9, :1])


def test_a_filter_of_ones_own():
    class Mean:
        def __init__(self, weight):
            self.weight, self.last = weight, None

        def __call__(self, points, timestamp, valid):
            new = np.where(valid[:, None], points, 0)
            self.last = new if self.last is None else self.last + self.weight * (new - self.last)
            return self.last

    smoother = TrackSmoother(Mean, weight=0.5)
    smoother(np.full((1, 1, 2), 4.0), track_ids=[3])
    smooth = smoother(np.array([[[9.0, 9]], [[6, 2]]]), [[1.0], [0.9]], track_ids=[8, 3])
    np.testing.assert_array_equal(smooth, [[[9, 9]], [[5, 3]]])
    smoother.reset()
    np.testing.assert_array_equal(smoother(np.ones((1, 1, 2)), track_ids=[3]), 1)


def test_low_scores_and_nan_come_back_as_they_are():
    smoother, plain = TrackSmoother(score_thr=0.5), TrackSmoother()
    for f in range(10):
        poses, scores = POSES[f].copy(), np.ones((3, 17))
        expected = plain(poses)
        poses[0, 5], scores[1, 4] = np.nan, 0.4
        smooth = smoother(poses, scores)
        assert np.isnan(smooth[0, 5]).all()
        np.testing.assert_array_equal(smooth[1, 4], poses[1, 4])
        np.testing.assert_allclose(smooth[2], expected[2])


def test_dtype_and_dimensions():
    smoother = TrackSmoother()
    poses = np.ones((2, 17, 3), np.float32)
    assert smoother(poses).dtype == np.float32
    assert smoother(poses[:0]).shape == (0, 17, 3)
    assert smoother(poses).shape == (2, 17, 3)
    assert TrackSmoother()([]).shape == (0,)
    assert TrackSmoother()(np.ones((1, 2, 2), int)).dtype == np.float64


def test_wrong_calls():
    with pytest.raises(ValueError, match="kind is 'euro', but must be one of 'one_euro', 'savgol'"):
        TrackSmoother('euro')
    with pytest.raises(TypeError, match='beat'):
        TrackSmoother(beat=1)
    smoother = TrackSmoother()
    with pytest.raises(ValueError, match=r'track_ids are \[1, 1\] for 2 instances'):
        smoother(np.zeros((2, 17, 2)), None, [1, 1])
    with pytest.raises(ValueError, match=r'scores have the shape \(2, 5\)'):
        smoother(np.zeros((2, 17, 2)), np.ones((2, 5)))
    smoother(np.zeros((2, 17, 2)), timestamp=1.0)
    with pytest.raises(ValueError, match=r'shape \(2, 5, 2\); expected \(N, 17, 2\)'):
        smoother(np.zeros((2, 5, 2)))
    with pytest.raises(ValueError, match=r'timestamp is 0\.5 after 1\.0'):
        smoother(np.zeros((2, 17, 2)), timestamp=0.5)
