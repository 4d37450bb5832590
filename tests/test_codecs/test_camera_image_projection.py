import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs.utils import camera_to_image_coord, camera_to_pixel, pixel_to_camera

INTRINSICS = dict(fx=1000.0, fy=500.0, cx=320.0, cy=240.0)


def test_camera_to_pixel_by_hand():
    points = np.array([[1.0, -1.0, 2.0], [0.0, 0.0, 5.0]])
    # 1000 * 1 / 2 + 320, 500 * -1 / 2 + 240; the axis meets the principal point
    np.testing.assert_allclose(camera_to_pixel(points, **INTRINSICS), [[820, -10], [320, 240]])


def test_shift_makes_numbers_of_depth_zero():
    origin = np.zeros((1, 3))
    np.testing.assert_array_equal(camera_to_pixel(origin, **INTRINSICS, shift=True), [[320, 240]])
    moved = camera_to_pixel(np.array([[1e-8, 0, 0]]), **INTRINSICS, shift=True)
    np.testing.assert_allclose(moved, [[1320, 240]])


@given(
    arrays(np.float64, (2, 3, 2), elements=st.floats(-5, 5)),
    arrays(np.float64, (2, 3, 1), elements=st.floats(0.5, 20)),
)
def test_pixel_to_camera_inverts(xy, depth):
    points = np.concatenate([xy, depth], axis=-1)
    pixels = np.concatenate([camera_to_pixel(points, **INTRINSICS), depth], axis=-1)
    np.testing.assert_allclose(pixel_to_camera(pixels, **INTRINSICS), points, atol=1e-9)


def test_cameras_of_their_own():
    points = np.array([[[1.0, -1.0, 2.0]], [[0.0, 0.0, 5.0]]])
    fx, fy, cx, cy = np.array([[[1000.0], [800.0]], [[500.0], [400.0]], [[320], [8]], [[240], [9]]])
    pixels = camera_to_pixel(points, fx, fy, cx, cy)
    np.testing.assert_allclose(pixels, [[[820, -10]], [[8, 9]]])
    pixels = np.concatenate([pixels, points[..., 2:]], axis=-1)
    np.testing.assert_allclose(pixel_to_camera(pixels, fx, fy, cx, cy), points, atol=1e-12)


def test_single_precision_stays():
    points = np.ones((2, 4, 3), np.float32)
    assert camera_to_pixel(points, **INTRINSICS).dtype == np.float32
    assert pixel_to_camera(points, **INTRINSICS).dtype == np.float32


def test_image_coordinates_by_hand():
    camera = dict(f=np.array([[1000.0], [500.0]]), c=np.array([[320.0], [240.0]]))
    poses = np.array([[[0.0, 0.0, 4.0], [1.0, 1.0, 5.0]], [[0.0, 0.0, 2.0], [0.0, 0.0, 1.0]]])
    image, factor = camera_to_image_coord(0, poses, camera)
    # Two metres are 2 * 1 / 4 = 0.5 thousand pixels wide at the first root, and 1 at the second;
    # the published width is 0.001 larger.
    np.testing.assert_allclose(factor, [2 / 0.501, 2 / 1.001])
    np.testing.assert_allclose(image[0], [[0.32, 0.24, 0], [0.52, 0.34, 0.501 / 2]], rtol=1e-6)
    np.testing.assert_allclose(image[1], [[0.32, 0.24, 0], [0.32, 0.24, -1.001 / 2]], rtol=1e-6)


def test_single_pose_and_mean_root():
    camera = dict(f=[1000.0, 1000.0], c=[0.0, 0.0])
    pose = np.array([[0.0, 0.0, 3.0], [1.0, 0.0, 5.0]])
    image, factor = camera_to_image_coord([0, 1], pose, camera)
    np.testing.assert_allclose(factor, [2 / 0.501])  # the mean depth is 4
    np.testing.assert_allclose(image[:, 2], [-0.501 / 2, 0.501 / 2])
