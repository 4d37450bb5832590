import cv2
import numpy as np
import pytest
import torch

from mmpose.codecs.utils import batch_heatmap_nms, gaussian_blur, get_heatmap_maximum


def test_maximum_of_each_heatmap():
    heatmaps = np.zeros((3, 4, 5), np.float32)
    heatmaps[0, 2, 3] = 0.5
    heatmaps[1, 0, 4] = 2
    locs, vals = get_heatmap_maximum(heatmaps)
    np.testing.assert_array_equal(locs, [[3, 2], [4, 0], [-1, -1]])
    np.testing.assert_array_equal(vals, np.float32([0.5, 2, 0]))
    assert locs.dtype == np.float32


def test_maximum_of_a_batch_is_that_of_its_samples():
    batch = np.random.RandomState(0).randn(3, 4, 6, 5).astype(np.float32)
    locs, vals = get_heatmap_maximum(batch)
    for i, heatmaps in enumerate(batch):
        np.testing.assert_array_equal(locs[i], get_heatmap_maximum(heatmaps)[0])
        np.testing.assert_array_equal(vals[i], get_heatmap_maximum(heatmaps)[1])


def test_maximum_wants_maps():
    with pytest.raises(ValueError, match=r'shape \(4, 5\); expected \(K, H, W\) or'):
        get_heatmap_maximum(np.zeros((4, 5)))


def test_blur_treats_maps_apart_and_keeps_their_maxima():
    heatmaps = np.random.RandomState(0).rand(2, 3, 12, 9).astype(np.float32)
    blurred = gaussian_blur(heatmaps, 5)
    for before, after in zip(heatmaps.reshape(6, 12, 9), blurred.reshape(6, 12, 9), strict=True):
        alone = cv2.GaussianBlur(before, (5, 5), 0, borderType=cv2.BORDER_CONSTANT)
        np.testing.assert_allclose(after, alone * (before.max() / alone.max()), rtol=1e-4)


def test_blur_of_a_point_has_the_sigma_of_its_kernel():
    heatmaps = np.zeros((1, 41, 41), np.float32)
    heatmaps[0, 20, 20] = 0.7
    blurred = gaussian_blur(heatmaps, 11)[0]
    np.testing.assert_allclose(blurred[20, 20], 0.7, rtol=1e-6)
    np.testing.assert_allclose(blurred[20, 22], 0.7 * np.exp(-4 / (2 * 2**2)), rtol=1e-5)
    assert heatmaps.sum() == np.float32(0.7)


@pytest.mark.parametrize('shape', [(0, 17, 8, 8), (2, 3, 8, 8)])
def test_blur_of_nothing(shape):
    np.testing.assert_array_equal(gaussian_blur(np.zeros(shape, np.float32)), np.zeros(shape))


def test_blur_of_half_precision():
    heatmaps = np.random.RandomState(0).rand(2, 8, 8).astype(np.float16)
    np.testing.assert_array_equal(
        gaussian_blur(heatmaps, 3), gaussian_blur(heatmaps.astype(np.float32), 3)
    )


def test_nms_keeps_the_maxima_of_windows():
    heatmaps = torch.tensor([[[[1.0, 3, 2, 0, 5], [0, 1, 1, 4, 1]]]])
    expected = torch.tensor([[[[0.0, 3, 0, 0, 5], [0, 0, 0, 0, 0]]]])
    torch.testing.assert_close(batch_heatmap_nms(heatmaps, 3), expected)


@pytest.mark.parametrize(
    'call',
    [
        lambda: gaussian_blur(np.zeros((1, 8, 8)), 4),
        lambda: batch_heatmap_nms(torch.zeros(1, 1, 8, 8), 4),
    ],
    ids=['blur', 'nms'],
)
def test_even_kernels_are_refused(call):
    with pytest.raises(ValueError, match=r'is 4, but a .* needs an odd'):
        call()
