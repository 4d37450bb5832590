import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import savgol_filter

from mmpose.tracking import OneEuroFilter, SavitzkyGolayFilter, smooth_sequence

FILTERS = pytest.mark.parametrize('make', [OneEuroFilter, SavitzkyGolayFilter])


def stream(smooth, points, times=None, valid=None):
    """What comes out for points (F, ...) of one keypoint and D coordinates."""
    points = np.reshape(points, (len(points), 1, 1, -1))
    times = np.arange(len(points)) / 30 if times is None else times
    valid = np.ones(len(points), bool) if valid is None else valid
    out = [smooth(p, t, np.full((1, 1), v)) for p, t, v in zip(points, times, valid, strict=True)]
    return np.array(out)[:, 0, 0]


def published(values, times, min_cutoff, beta, d_cutoff):
    """Casiez et al. for one number."""

    def alpha(cutoff, dt):
        return 1 / (1 + 1 / (2 * np.pi * cutoff) / dt)

    smooth, speed, out = values[0], 0.0, [values[0]]
    for i in range(1, len(values)):
        dt = times[i] - times[i - 1]
        a = alpha(d_cutoff, dt)
        speed = a * (values[i] - smooth) / dt + (1 - a) * speed
        a = alpha(min_cutoff + beta * abs(speed), dt)
        smooth = a * values[i] + (1 - a) * smooth
        out.append(smooth)
    return np.array(out)


def test_one_euro_is_the_published_filter_at_any_frame_rate():
    rng = np.random.default_rng(0)
    values, times = rng.normal(0, 10, 50).cumsum(), rng.uniform(0.01, 0.2, 50).cumsum()
    settings = dict(min_cutoff=0.7, beta=0.03, d_cutoff=1.5)
    smooth = stream(OneEuroFilter(**settings, relative=False), values, times)
    np.testing.assert_allclose(smooth[:, 0], published(values, times, **settings), rtol=1e-12)


def test_one_euro_does_not_depend_on_directions():
    rng = np.random.default_rng(0)
    points = rng.normal(0, 5, (40, 2)).cumsum(0)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    settings = dict(beta=0.05, relative=False)
    plain, turned = (stream(OneEuroFilter(**settings), p) for p in (points, points @ turn.T))
    np.testing.assert_allclose(turned, plain @ turn.T, atol=1e-9)


def test_relative_speed_does_not_depend_on_the_size_of_the_picture():
    rng = np.random.default_rng(0)
    poses = rng.normal(0, 5, (20, 2, 6, 2)).cumsum(0)
    results = []
    for scale in (1.0, 4.0):
        smooth = OneEuroFilter()
        results.append([smooth(scale * pose, i / 30) / scale for i, pose in enumerate(poses)])
    np.testing.assert_allclose(*results)
    assert np.abs(results[0] - poses)[1:].min() > 0


def test_one_euro_calms_what_rests_and_keeps_up_with_what_moves():
    rng = np.random.default_rng(0)
    pose = rng.uniform(0, 100, (1, 17, 2))
    for velocity, jitter, lag in ((0, 0.5, 0.2), (10, 1, 10)):
        smooth, results = OneEuroFilter(), []
        for i in range(90):
            truth = pose + velocity * i
            results.append(smooth(truth + rng.normal(0, 1, pose.shape), i / 30) - truth)
        late = np.array(results[30:])
        assert late.std(0).mean() < jitter
        assert abs(late.mean()) < lag


def test_savgol_is_scipys_at_the_end_of_its_window():
    points = np.random.default_rng(0).normal(0, 1, (30, 2)).cumsum(0)
    smooth = stream(SavitzkyGolayFilter(window=7, order=2), points)
    for i in range(6, 30):
        expected = savgol_filter(points[i - 6 : i + 1], 7, 2, axis=0, mode='interp')[-1]
        np.testing.assert_allclose(smooth[i], expected, atol=1e-9)
    # a parabola goes through 3 points; of 4 it leaves the part of the cubic (1, -3, 3, -1) / 20
    np.testing.assert_array_equal(smooth[:2], points[:2])
    np.testing.assert_allclose(smooth[2], points[2], atol=1e-9)
    np.testing.assert_allclose(smooth[3], np.array([1, -3, 3, 19]) @ points[:4] / 20, atol=1e-9)


def test_savgol_keeps_polynomials_at_uneven_times_and_over_gaps():
    times = np.random.default_rng(0).uniform(0.01, 0.1, 40).cumsum()
    points = np.stack((3 + times - 2 * times**2, times), axis=-1)
    seen = np.arange(40) % 3 != 1
    noisy = np.where(seen[:, None], points, 1e6)
    smooth = stream(SavitzkyGolayFilter(window=11, order=2), noisy, times, seen)
    np.testing.assert_allclose(smooth[seen], points[seen], atol=1e-6)
    np.testing.assert_array_equal(smooth[~seen], 1e6)


@pytest.mark.parametrize(('window', 'order'), [(5, 2), (9, 3), (11, 1), (3, 0)])
def test_smooth_sequence_is_scipys(window, order):
    points = np.random.default_rng(0).normal(0, 1, (60, 3, 2)).cumsum(0)
    expected = savgol_filter(points, window, order, axis=0, mode='interp')
    np.testing.assert_allclose(smooth_sequence(points, window, order), expected, atol=1e-9)


def test_smooth_sequence_in_blocks(monkeypatch):
    points = np.random.default_rng(0).normal(0, 1, (60, 3, 2)).cumsum(0)
    whole = smooth_sequence(points)
    monkeypatch.setattr('mmpose.tracking.filters._BLOCK', 7)
    np.testing.assert_array_equal(smooth_sequence(points), whole)


def test_smooth_sequence_of_short_tracks_and_missing_points():
    points = np.random.default_rng(0).normal(0, 1, (6, 2, 2))
    assert smooth_sequence(points[:0]).shape == (0, 2, 2)
    np.testing.assert_array_equal(smooth_sequence(points[:2]), points[:2])
    np.testing.assert_allclose(
        smooth_sequence(points, 11, 2), savgol_filter(points, 6, 2, axis=0), atol=1e-9
    )
    points[2, 0] = np.nan
    smooth = smooth_sequence(points, 5, 1)
    np.testing.assert_array_equal(np.isnan(smooth), np.isnan(points))
    assert np.abs(smooth - points)[:, 1].max() > 0.1
    # frames 0, 1, 3, 4 around frame 2 give a line; at frame 3 the window is 1, 3, 4, 5
    line = np.polyfit([1, 3, 4, 5], points[[1, 3, 4, 5], 0, 0], 1)
    np.testing.assert_allclose(smooth[3, 0, 0], np.polyval(line, 3))


@FILTERS
def test_points_that_are_not_valid_leave_no_trace(make):
    rng = np.random.default_rng(0)
    points, times = rng.normal(0, 1, (20, 2)).cumsum(0), np.arange(20) / 30
    seen = np.ones(20, bool)
    seen[[4, 5, 11]] = False
    hurt = points.copy()
    hurt[4], hurt[5], hurt[11] = np.nan, 1e9, np.inf
    first, second = make(), make()
    smooth = stream(first, hurt, times, seen)
    np.testing.assert_array_equal(smooth[~seen], hurt[~seen])
    if make is OneEuroFilter:
        expected = stream(second, points[seen], times[seen])
    else:
        expected = stream(second, np.where(seen[:, None], points, -7), times, seen)[seen]
    np.testing.assert_allclose(smooth[seen], expected)


@FILTERS
@given(order=st.permutations(range(4)))
def test_poses_are_filtered_apart(make, order):
    poses = np.random.default_rng(0).normal(0, 9, (12, 4, 5, 2)).cumsum(0)
    together, moved = make(), make()
    for i, frame in enumerate(poses):
        smooth = together(frame, i / 30)
        if i == 6:
            moved.rearrange(np.array(order))
        now = frame[order] if i >= 6 else frame
        np.testing.assert_allclose(moved(now, i / 30), smooth[order] if i >= 6 else smooth)


@FILTERS
def test_a_new_row_begins_anew(make):
    poses = np.random.default_rng(0).normal(0, 9, (12, 2, 5, 2)).cumsum(0)
    smooth, alone = make(), make()
    for i in range(6):
        smooth(poses[i], i / 30)
    smooth.rearrange(np.array([1, -1]))
    for i in range(6, 12):
        both = smooth(poses[i], i / 30)
        np.testing.assert_allclose(both[1:], alone(poses[i, 1:], i / 30))


@FILTERS
def test_wrong_calls(make):
    smooth = make()
    smooth(np.zeros((2, 3, 2)), 1.0)
    with pytest.raises(ValueError, match=r'timestamp is 1\.0 after 1\.0; pass seconds that go on'):
        smooth(np.zeros((2, 3, 2)), 1.0)
    with pytest.raises(ValueError, match=r'shape \(1, 3, 2\) after \(2, 3, 2\); call rearrange'):
        smooth(np.zeros((1, 3, 2)), 2.0)
    with pytest.raises(ValueError, match=r'shape \(3, 2\), but must be \(N, K, D\)'):
        smooth(np.zeros((3, 2)), 2.0)
    with pytest.raises(ValueError, match=r'valid has the shape \(3,\) .* expected \(2, 3\)'):
        smooth(np.zeros((2, 3, 2)), 2.0, np.ones(3))


def test_settings_out_of_range():
    with pytest.raises(ValueError, match='min_cutoff is 0, but must be positive'):
        OneEuroFilter(min_cutoff=0)
    with pytest.raises(ValueError, match='beta is -1, but must be 0 or more'):
        OneEuroFilter(beta=-1)
    with pytest.raises(ValueError, match='order is 3 for a window of 3 frames'):
        SavitzkyGolayFilter(window=3, order=3)
    with pytest.raises(ValueError, match='needs an odd size; set 5'):
        smooth_sequence(np.zeros((9, 1, 2)), window=4)
    with pytest.raises(ValueError, match=r'expected 9 rising numbers'):
        smooth_sequence(np.zeros((9, 1, 2)), timestamps=np.zeros(9))
