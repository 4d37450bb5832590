import numpy as np
import pytest
import torch

from mmpose.codecs.utils import checks


def test_maps_pass():
    checks.check_maps('heatmaps', np.zeros((0, 3, 4, 5)))
    checks.check_maps('heatmaps', torch.zeros(6, 4, 5), ndim=3, maps_per_keypoint=3)


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (
            lambda: checks.check_maps('h', np.zeros((2, 2))),
            r'h has shape \(2, 2\); expected \(K, H',
        ),
        (
            lambda: checks.check_maps('h', np.zeros((2, 0, 3))),
            r'h has shape \(2, 0, 3\); .* H, W > 0',
        ),
        (lambda: checks.check_maps('h', np.zeros((2, 4, 4)), 4), r'expected \(B, K, H, W\) with'),
        (
            lambda: checks.check_maps('h', np.zeros((4, 4, 4)), 3, 3),
            'h has 4 maps per sample; expec',
        ),
    ],
)
def test_other_maps_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_keypoints_pass_as_they_are():
    keypoints, visible = np.zeros((2, 3, 2), np.float32), np.ones((2, 3))
    assert checks.check_keypoints(keypoints, visible) == (keypoints, visible)
    everything = checks.check_keypoints(keypoints, None)[1]
    np.testing.assert_array_equal(everything, np.ones((2, 3)))
    assert everything.dtype == np.float32


def test_keypoints_without_a_position_are_not_labelled():
    keypoints = np.float32([[[1, 2], [np.nan, 5], [6, np.inf]]])
    visible = np.float32([[0.7, 0.8, 0.9]])
    before = keypoints.copy()
    clean, labelled = checks.check_keypoints(keypoints, visible)
    np.testing.assert_array_equal(clean, np.float32([[[1, 2], [0, 0], [0, 0]]]))
    np.testing.assert_array_equal(labelled, np.float32([[0.7, 0, 0]]))
    assert (clean.dtype, labelled.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(keypoints, before)
    np.testing.assert_array_equal(visible, np.float32([[0.7, 0.8, 0.9]]))


@pytest.mark.parametrize(
    ('shape', 'visible_shape', 'num_dims', 'message'),
    [
        ((17, 2), None, None, r'keypoints has shape \(17, 2\); expected \(N, K, D\), .* Add the'),
        ((1, 17, 1), None, None, r'shape \(1, 17, 1\); expected \(N, K, D\)'),
        ((1, 17, 3), None, 2, r'shape \(1, 17, 3\); expected \(N, K, 2\)'),
        ((1, 17, 2), (17,), None, r'keypoints_visible has shape \(17,\) for .* expected \(1, 17\)'),
    ],
)
def test_shapes_that_disagree(shape, visible_shape, num_dims, message):
    visible = None if visible_shape is None else np.ones(visible_shape)
    with pytest.raises(ValueError, match=message):
        checks.check_keypoints(np.zeros(shape), visible, num_dims)
