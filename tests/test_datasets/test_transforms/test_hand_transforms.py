import numpy as np
import pytest

from mmpose.datasets.transforms import HandRandomFlip


def sample(**extra):
    return dict(
        img=np.arange(24, dtype=np.uint8).reshape(2, 4, 3),
        bbox=np.float32([[0, 0, 1, 1]]),
        keypoints=np.float32([[[0, 1, 30], [1, 0, -20]]]),
        keypoints_visible=np.float32([[1, 0]]),
        flip_indices=[1, 0],
        **extra,
    )


def test_flip():
    labels = dict(hand_type=np.float32([[1, 0]]), rel_root_depth=np.float32(20))
    results = HandRandomFlip(prob=1)(sample(**labels))
    assert results['flip']
    assert results['flip_direction'] == 'horizontal'
    np.testing.assert_array_equal(results['img'], sample()['img'][:, ::-1])
    np.testing.assert_array_equal(results['bbox'], [[2, 0, 3, 1]])
    # x becomes 3 - x; depths stay with their keypoints
    np.testing.assert_array_equal(results['keypoints'], [[[2, 0, -20], [3, 1, 30]]])
    np.testing.assert_array_equal(results['keypoints_visible'], [[0, 1]])
    np.testing.assert_array_equal(results['hand_type'], [[0, 1]])
    assert results['rel_root_depth'] == -20
    assert labels['hand_type'].tolist() == [[1, 0]]  # the data set's array is not changed


@pytest.mark.parametrize('labels', [{}, dict(hand_type=[[1, 0]], rel_root_depth=[20.0])])
def test_flip_is_its_own_inverse(labels):
    flip = HandRandomFlip(prob=1)
    results = flip(flip(sample(**labels)))
    for key, value in sample(**labels).items():
        np.testing.assert_array_equal(results[key], value)


def test_without_flip():
    results = HandRandomFlip(prob=0)(sample(hand_type=[[1, 0]], rel_root_depth=20))
    assert results['flip'] is False
    assert results['flip_direction'] is None
    assert results['hand_type'] == [[1, 0]]
    assert results['rel_root_depth'] == 20
