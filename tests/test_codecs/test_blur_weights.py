import cv2
import numpy as np
import pytest

from mmpose.codecs.utils.blur_weights import blur_matrix, mirrored_blur, patch_weights


@pytest.mark.parametrize('kernel', [1, 3, 11, 23])
@pytest.mark.parametrize('shape', [(16, 12), (5, 30)])
def test_blurs_equal_those_of_opencv(kernel, shape):
    maps = np.random.RandomState(0).rand(2, 3, *shape).astype(np.float32)
    along_y, along_x = (blur_matrix(n, kernel) for n in shape)
    for plain, mirrored, heatmap in zip(
        (along_y @ maps @ along_x.T).reshape(6, *shape),
        mirrored_blur(maps, kernel).reshape(6, *shape),
        maps.reshape(6, *shape),
        strict=True,
    ):
        zeros = cv2.GaussianBlur(heatmap, (kernel, kernel), 0, borderType=cv2.BORDER_CONSTANT)
        np.testing.assert_allclose(plain, zeros, rtol=1e-5)
        reflected = cv2.GaussianBlur(heatmap, (kernel, kernel), 0)
        np.testing.assert_allclose(mirrored, reflected, rtol=1e-5)


def test_patches_are_blurred_windows():
    window = np.random.RandomState(0).rand(9, 9).astype(np.float32)
    patch = (window.reshape(-1) @ patch_weights(5, reach=2)).reshape(5, 5)
    np.testing.assert_allclose(patch, cv2.GaussianBlur(window, (5, 5), 0)[2:7, 2:7], rtol=1e-5)
