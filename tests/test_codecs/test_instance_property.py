import numpy as np
import pytest

from mmpose.codecs.utils import get_diagonal_lengths, get_instance_bbox, get_instance_root

KEYPOINTS = np.float32(
    [
        [[0, 0], [6, 0], [3, 9], [100, 100]],
        [[5, 5], [5, 5], [5, 5], [5, 5]],
        [[8, 2], [8, 2], [8, 2], [8, 2]],
    ]
)
VISIBLE = np.float32([[1, 1, 0.2, 0], [1, 0, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize(
    ('root_type', 'first'), [('kpt_center', (3, 3)), ('bbox_center', (3, 4.5))]
)
def test_root_of_the_visible_keypoints(root_type, first):
    roots, visible = get_instance_root(KEYPOINTS, VISIBLE, root_type)
    np.testing.assert_array_equal(roots, [first, (5, 5), (0, 0)])
    np.testing.assert_array_equal(visible, [1, 1, 0])
    assert roots.dtype == visible.dtype == np.float32


def test_box_and_diagonal_of_the_visible_keypoints():
    boxes = get_instance_bbox(KEYPOINTS, VISIBLE)
    np.testing.assert_array_equal(boxes, [[0, 0, 6, 9], [5, 5, 5, 5], [0, 0, 0, 0]])
    assert boxes.dtype == np.float32
    np.testing.assert_allclose(get_diagonal_lengths(KEYPOINTS, VISIBLE), [117**0.5, 0, 0])


def test_without_visibility_all_count():
    roots, visible = get_instance_root(KEYPOINTS)
    np.testing.assert_allclose(roots[0], [109 / 4, 109 / 4])
    assert visible[0] == 1
    np.testing.assert_array_equal(get_instance_bbox(KEYPOINTS)[0], [0, 0, 100, 100])
    np.testing.assert_allclose(get_diagonal_lengths(KEYPOINTS)[0], 100 * 2**0.5, rtol=1e-6)


@pytest.mark.parametrize('root_type', ['kpt_center', 'bbox_center'])
def test_keypoints_without_a_position_do_not_count(root_type):
    keypoints = np.float32([[[np.nan, 3], [2, 4]]])
    roots, visible = get_instance_root(keypoints, None, root_type)
    np.testing.assert_array_equal(roots, [[2, 4]])
    assert visible == 1
    np.testing.assert_array_equal(get_instance_bbox(keypoints), [[2, 4, 2, 4]])


@pytest.mark.parametrize('shape', [(0, 17, 2), (2, 0, 2)])
def test_nothing_to_measure(shape):
    keypoints = np.zeros(shape, np.float32)
    roots, visible = get_instance_root(keypoints)
    assert roots.shape == (shape[0], 2)
    assert visible.shape == (shape[0],)
    assert not visible.any()
    np.testing.assert_array_equal(get_instance_bbox(keypoints), np.zeros((shape[0], 4)))
    np.testing.assert_array_equal(get_diagonal_lengths(keypoints), np.zeros(shape[0]))


def test_errors():
    with pytest.raises(ValueError, match="root_type is 'hip', but must be one of 'kpt_center', "):
        get_instance_root(KEYPOINTS, VISIBLE, 'hip')
    with pytest.raises(ValueError, match=r'keypoints_visible has shape \(3, 5\)'):
        get_instance_bbox(KEYPOINTS, np.ones((3, 5)))
    with pytest.raises(ValueError, match=r'expected \(N, K, 2\)'):
        get_diagonal_lengths(KEYPOINTS[0])
