import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.apis.detectors.letterbox import Letterbox, in_pictures

SIDES = st.integers(1, 200)


def picture(h, w):
    return np.random.default_rng(0).integers(0, 256, (h, w, 3), dtype=np.uint8)


def test_pictures_at_the_left_top_corner():
    wide, tall = picture(20, 40), picture(64, 16)
    batch, scales = Letterbox((32, 32))([wide, tall])
    assert batch.shape == (2, 32, 32, 3)
    np.testing.assert_allclose(scales, [[0.8, 0.8], [0.5, 0.5]])
    np.testing.assert_array_equal(batch[0, :16], cv2.resize(wide, (32, 16)))
    np.testing.assert_array_equal(batch[1, :, :8], cv2.resize(tall, (8, 32)))
    assert (batch[0, 16:] == 114).all()
    assert (batch[1, :, 8:] == 114).all()


def test_a_picture_of_the_same_size_is_copied():
    image = picture(32, 24)
    batch, scales = Letterbox((32, 32), pad_value=(1, 2, 3))([image[:, ::-1]])
    np.testing.assert_array_equal(batch[0, :, :24], image[:, ::-1])
    np.testing.assert_array_equal(batch[0, 5, 30], [1, 2, 3])
    np.testing.assert_array_equal(scales, [[1, 1]])


def test_views_of_pictures():
    image = picture(30, 50)
    for view in (image[..., ::-1], image[::2, 5:], image.transpose(1, 0, 2)):
        batch, _ = Letterbox((64, 64))([view])
        expected, _ = Letterbox((64, 64))([np.ascontiguousarray(view)])
        np.testing.assert_array_equal(batch, expected)


def test_without_the_aspect_ratio():
    image = picture(20, 40)
    batch, scales = Letterbox((32, 64), keep_ratio=False)([image])
    np.testing.assert_array_equal(batch[0], cv2.resize(image, (32, 64)))
    np.testing.assert_allclose(scales, [[0.8, 3.2]])


def test_no_pictures():
    batch, scales = Letterbox((32, 64))([])
    assert batch.shape == (0, 64, 32, 3)
    assert scales.shape == (0, 2)


@given(SIDES, SIDES, SIDES, SIDES)
@settings(deadline=None)
def test_round_trip(w, h, W, H):
    batch, scales = Letterbox((W, H))([picture(h, w)])
    assert batch.shape == (1, H, W, 3)
    in_batch = np.array([[0, 0, w, h]]) * np.tile(scales[0], 2)
    # the whole picture fills whole pixels of the batch, on one axis all of them
    np.testing.assert_allclose(in_batch, np.round(in_batch), atol=1e-3)
    assert np.isclose(in_batch[0, 2], W) or np.isclose(in_batch[0, 3], H)
    assert in_batch[0, 2] <= W + 1e-3
    assert in_batch[0, 3] <= H + 1e-3
    np.testing.assert_allclose(in_pictures(in_batch, scales[0]), [[0, 0, w, h]], rtol=1e-5)


@pytest.mark.parametrize('size', [(0, 32), (32,), 32])
def test_wrong_sizes(size):
    with pytest.raises(ValueError, match=r'size_wh is .* but must be 2 positive numbers'):
        Letterbox(size)
