import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.utils import SimpleCamera, SimpleCameraTorch
from mmpose.utils.camera import CAMERAS

# a quarter turn about the world's z: the camera's x is the world's y
QUARTER_TURN = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
PLACE = np.array([[1.0], [2.0], [3.0]])
K = np.array([[1000.0, 0.0, 320.0], [0.0, 500.0, 240.0]])
PLAIN = dict(R=QUARTER_TURN, T=PLACE, K=K)
DISTORTED = dict(PLAIN, k=[-0.2, 0.24, -0.003], p=[-0.0014, -0.001])
RATIONAL = dict(PLAIN, k=[0.1, -0.2, 0.05, 0.12, -0.18, 0.02], p=[0.001, -0.002])
CALIBRATIONS = dict(plain=PLAIN, distorted=DISTORTED, rational=RATIONAL)

calibrations = pytest.mark.parametrize('name', CALIBRATIONS)
positions = arrays(np.float32, (2, 3, 2), elements=st.floats(-1.5, 1.5, width=32))
depths = arrays(np.float32, (2, 3, 1), elements=st.floats(4, 8, width=32))


def both(param):
    return SimpleCamera(param), SimpleCameraTorch(param, device='cpu')


def test_world_and_camera_by_hand():
    camera = SimpleCamera(PLAIN)
    # The camera's place is its origin, and a metre along the world's y is one along its x.
    world = np.float32([[1, 2, 3], [1, 3, 7]])
    np.testing.assert_allclose(camera.world_to_camera(world), [[0, 0, 0], [1, 0, 4]], atol=1e-6)
    np.testing.assert_allclose(camera.camera_to_world(np.float32([[1, 0, 4]])), [[1, 3, 7]])
    # 1000 * 1 / 4 + 320, and the principal point's y
    np.testing.assert_allclose(camera.world_to_pixel(world[1:]), [[570, 240]])


def test_intrinsics_by_focal_length_and_principal_point():
    flat = dict(R=QUARTER_TURN, T=PLACE.ravel(), f=[1000, 500], c=[320, 240])
    columns = dict(R=QUARTER_TURN, T=PLACE, f=[[1000], [500]], c=[[320], [240]])
    point = np.float32([[1, 2, 4]])
    for param in (flat, columns):
        camera = SimpleCamera(param)
        np.testing.assert_allclose(camera.camera_to_pixel(point), [[570, 490]])
        np.testing.assert_array_equal(camera.param['f'], [[1000], [500]])
        np.testing.assert_array_equal(camera.param['c'], [[320], [240]])


@calibrations
def test_projection_is_that_of_opencv(name):
    param = CALIBRATIONS[name]
    points = np.random.RandomState(0).uniform((-1, -1, 3), (1, 1, 6), (20, 3))
    coefficients = np.zeros(8)
    if 'k' in param:
        coefficients[[0, 1, 4]], coefficients[2:4] = param['k'][:3], param['p']
        coefficients[5 : 5 + len(param['k'][3:])] = param['k'][3:]
    matrix = np.vstack([K, [0, 0, 1]])
    zero = np.zeros(3)
    wanted = cv2.projectPoints(points, zero, zero, matrix, coefficients)[0].reshape(-1, 2)
    for camera, X in zip(both(param), (points, torch.from_numpy(points).float()), strict=True):
        np.testing.assert_allclose(camera.camera_to_pixel(X), wanted, rtol=1e-5, atol=1e-3)


@calibrations
@given(xy=positions, depth=depths)
@settings(deadline=None, max_examples=25)
def test_round_trips(name, xy, depth):
    X = np.concatenate([xy, depth], axis=-1)
    for camera in both(CALIBRATIONS[name]):
        convert = torch.from_numpy if isinstance(camera, SimpleCameraTorch) else np.asarray
        points, z = convert(X), convert(depth)
        there = camera.camera_to_world(camera.world_to_camera(points))
        np.testing.assert_allclose(there, X, atol=1e-5)
        pixels = camera.camera_to_pixel(points)
        cat = torch.cat if isinstance(camera, SimpleCameraTorch) else np.concatenate
        back = camera.pixel_to_camera(cat([pixels, z], -1))
        np.testing.assert_allclose(back, X, atol=1e-3)


def test_skewed_pixels_round_trip():
    camera = SimpleCamera(dict(PLAIN, K=K + np.array([[0, 30, 0], [0, 0, 0]])))
    X = np.array([[1.0, -0.5, 4.0]])
    pixels = camera.camera_to_pixel(X)
    np.testing.assert_allclose(pixels, [[320 + 250 - 30 / 8, 240 - 500 / 8]])
    np.testing.assert_allclose(camera.pixel_to_camera(np.append(pixels, [[4.0]], 1)), X, atol=1e-5)


def test_positions_stay_as_they_are():
    X = np.float32([[1, 2, 4]])
    camera = SimpleCamera(DISTORTED)
    camera.camera_to_pixel(X), camera.pixel_to_camera(X), camera.world_to_camera(X)
    np.testing.assert_array_equal(X, [[1, 2, 4]])


def test_registry():
    assert isinstance(CAMERAS.build(dict(type='SimpleCamera', param=PLAIN)), SimpleCamera)
    built = CAMERAS.build(dict(type='SimpleCameraTorch', param=PLAIN, device='cpu'))
    assert built.param['K'].dtype == torch.float32


@pytest.mark.parametrize(
    ('change', 'error', 'message'),
    [
        (dict(R=np.eye(2)), ValueError, r"'R' of the camera has shape \(2, 2\); expected \(3, 3\)"),
        (dict(T=[1, 2]), ValueError, r"'T' of the camera has shape \(2,\); expected \(3,\)"),
        (dict(K=np.eye(3)), ValueError, r"'K' of the camera has shape \(3, 3\); expected \(2, 3\)"),
        (
            dict(k=[1, 2], p=[0, 0]),
            ValueError,
            r"'k' of the camera has shape \(2,\); expected \(3,\) or \(6,\)",
        ),
        (dict(k=[1, 2, 3], p=[0]), ValueError, r"'p' of the camera has shape \(1,\)"),
    ],
)
def test_wrong_calibration(change, error, message):
    with pytest.raises(error, match=message):
        SimpleCamera({**PLAIN, **change})


def test_incomplete_calibration():
    with pytest.raises(KeyError, match=r"The camera has \['K', 'R'\], but no 'T'; add it"):
        SimpleCamera(dict(R=np.eye(3), K=K))
    with pytest.raises(KeyError, match="but no intrinsics; add 'K'"):
        SimpleCamera(dict(R=np.eye(3), T=np.zeros(3), f=[1, 1]))


def test_wrong_positions():
    camera = SimpleCamera(PLAIN)
    with pytest.raises(ValueError, match=r'X has shape \(4, 2\); expected \(\.\.\., 3\)'):
        camera.world_to_camera(np.zeros((4, 2)))
    with pytest.raises(TypeError, match='X is a list; expected an array or a tensor'):
        camera.camera_to_pixel([[1, 2, 3]])
