import numpy as np
import pytest
import torch

from mmpose.codecs.utils import checks


def test_valid_arguments_pass():
    for size in ((192, 256), [1, 2], np.array([3, 4]), (0.5, 1.5)):
        checks.check_size('input_size', size)
    checks.check_size('heatmap_size', (64, 64, 64), num_axes=3)
    for value in (2, 0.1, np.float32(3), (4.9, 5.66)):
        checks.check_positive('sigma', value)
    checks.check_odd('kernel', 11)
    checks.check_choice('mode', 'a', ('a', 'b'))
    checks.check_maps('heatmaps', np.zeros((0, 3, 4, 5)))
    checks.check_maps('heatmaps', torch.zeros(6, 4, 5), ndim=3, maps_per_keypoint=3)


@pytest.mark.parametrize(
    ('call', 'message'),
    [
        (lambda: checks.check_size('s', 192), r's is 192, but must be 2 positive numbers; give it'),
        (lambda: checks.check_size('s', (192,)), r's is \(192,\), .* give it as \(w, h\)'),
        (lambda: checks.check_size('s', (1, 2), 3), r's is \(1, 2\), .* 3 .* as \(w, h, d\)'),
        (lambda: checks.check_size('s', (0, 2)), r's is \(0, 2\), but must be 2 positive'),
        (lambda: checks.check_size('s', '12'), "s is '12', but must be 2 positive"),
        (lambda: checks.check_positive('sigma', 0), 'sigma is 0, but must be positive; set a num'),
        (
            lambda: checks.check_positive('sigma', float('nan')),
            'sigma is nan, but must be positive',
        ),
        (lambda: checks.check_positive('sigma', (2, -1)), r'sigma is \(2, -1\), but must be posit'),
        (lambda: checks.check_positive('sigma', ()), r'sigma is \(\), but must be positive'),
        (
            lambda: checks.check_positive('sigma', (2, 3), several=False),
            r'sigma is \(2, 3\), but must be positive and a single number; set a number',
        ),
        (lambda: checks.check_positive('sigma', None), 'sigma is None, but must be positive'),
        (lambda: checks.check_odd('k', 4), 'k is 4, but a window centred on a cell .* set 5'),
        (lambda: checks.check_odd('k', 2.5), 'k is 2.5, but a window centred on a cell .* set 3'),
        (lambda: checks.check_odd('k', -3), 'k is -3, but a window centred on a cell .* set 1'),
        (
            lambda: checks.check_choice('m', 'c', ('a', 'b')),
            "m is 'c', but must be one of 'a', 'b'",
        ),
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
def test_others_are_refused(call, message):
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
