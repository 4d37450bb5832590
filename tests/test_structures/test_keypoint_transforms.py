import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmpose.structures.keypoint import (
    flip_keypoints,
    flip_keypoints_custom_center,
    keypoint_clip_border,
)

KEYPOINTS = np.array([[[10, 20], [30, 40], [50, 60]]], dtype=np.float32)
VISIBLE = np.array([[1, 0, 0.5]], dtype=np.float32)
MIRROR = [0, 2, 1]


@pytest.mark.parametrize(
    ('direction', 'keypoints', 'visible'),
    [
        ('horizontal', [[629, 20], [589, 60], [609, 40]], [1, 0.5, 0]),
        ('vertical', [[10, 459], [50, 419], [30, 439]], [1, 0.5, 0]),
        # a half turn keeps left and right
        ('diagonal', [[629, 459], [609, 439], [589, 419]], [1, 0, 0.5]),
    ],
)
def test_flip(direction, keypoints, visible):
    got = flip_keypoints(KEYPOINTS, VISIBLE, (640, 480), MIRROR, direction)
    np.testing.assert_array_equal(got[0], [keypoints])
    np.testing.assert_array_equal(got[1], np.array([visible], dtype=np.float32))
    assert got[0].dtype == got[1].dtype == np.float32
    assert KEYPOINTS[0, 0, 0] == 10


def test_flip_takes_weights_and_no_visibility():
    weighted = np.stack((VISIBLE, 2 * VISIBLE), axis=-1)
    _, visible = flip_keypoints(KEYPOINTS, weighted, (640, 480), MIRROR)
    np.testing.assert_array_equal(visible, [[[1, 2], [0.5, 1], [0, 0]]])
    keypoints, visible = flip_keypoints(KEYPOINTS[0], None, (640, 480), MIRROR)
    assert visible is None
    np.testing.assert_array_equal(keypoints, [[629, 20], [589, 60], [609, 40]])


def test_flip_keeps_depth():
    keypoints = np.concatenate((KEYPOINTS, [[[7], [8], [9]]]), axis=-1)
    flipped, _ = flip_keypoints(keypoints, VISIBLE, (640, 480), MIRROR)
    np.testing.assert_array_equal(flipped[0, :, 2], [7, 9, 8])


@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 4),
    st.integers(1, 9),
    st.sampled_from(['horizontal', 'vertical', 'diagonal']),
)
def test_flip_is_an_involution(seed, N, K, direction):
    rng = np.random.default_rng(seed)
    keypoints, visible = rng.uniform(-100, 700, (N, K, 2)), rng.integers(0, 2, (N, K))
    args = ((640, 480), list(range(K))[::-1], direction)
    back = flip_keypoints(*flip_keypoints(keypoints, visible, *args), *args)
    np.testing.assert_allclose(back[0], keypoints, atol=1e-9)
    np.testing.assert_array_equal(back[1], visible)


def test_flip_errors():
    with pytest.raises(ValueError, match='flip_indices has 2 entries for 3 keypoints'):
        flip_keypoints(KEYPOINTS, VISIBLE, (640, 480), [1, 0])
    with pytest.raises(ValueError, match=r"direction must be .* not 'x'"):
        flip_keypoints(KEYPOINTS, VISIBLE, (640, 480), MIRROR, 'x')
    with pytest.raises(ValueError, match="center_mode must be 'static' or 'root', not 'mean'"):
        flip_keypoints_custom_center(KEYPOINTS, VISIBLE, MIRROR, 'mean')


@pytest.mark.parametrize(
    ('options', 'xs'),
    [
        (dict(center_x=40), [70, 30, 50]),
        (dict(center_mode='root', center_index=1), [50, 10, 30]),
        (dict(center_mode='root', center_index=[0, 1]), [30, -10, 10]),
    ],
    ids=['static', 'one root', 'mean of roots'],
)
def test_flip_at_a_line(options, xs):
    keypoints, visible = flip_keypoints_custom_center(KEYPOINTS, VISIBLE, MIRROR, **options)
    np.testing.assert_array_equal(keypoints[0, :, 0], xs)
    np.testing.assert_array_equal(keypoints[0, :, 1], [20, 60, 40])
    np.testing.assert_array_equal(visible, np.float32([[1, 0.5, 0]]))


def test_flip_at_the_root_of_each_instance():
    both = np.concatenate((KEYPOINTS, KEYPOINTS + 100))
    got, _ = flip_keypoints_custom_center(both, None, MIRROR, 'root', center_index=1)
    np.testing.assert_array_equal(got[1, :, 0], got[0, :, 0] + 100)


def test_clip_border_hides_keypoints_outside():
    keypoints = np.array([[[0, 0], [640, 480], [-0.1, 5], [5, 480.1]]])
    visible = np.ones((1, 4), dtype=np.float32)
    same, clipped = keypoint_clip_border(keypoints, visible, (640, 480))
    np.testing.assert_array_equal(same, keypoints)
    np.testing.assert_array_equal(clipped, [[1, 1, 0, 0]])
    assert visible.all()
    _, clipped = keypoint_clip_border(keypoints, np.ones((1, 4, 2)), (640, 480))
    np.testing.assert_array_equal(clipped, [[[1, 1], [1, 1], [0, 1], [0, 1]]])
