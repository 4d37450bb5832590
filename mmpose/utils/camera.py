"""Calibrated cameras: from the world to their space and to their image, and back."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mmpose.registry import Registry

CAMERAS = Registry('camera', scope='mmpose', locations=['mmpose.utils'])

# OpenCV takes five steps by default; these leave less than a thousandth of a pixel at the corners.
_UNDISTORTION_STEPS = 20


class SingleCameraBase(metaclass=ABCMeta):
    """The interface of a camera. Positions are (..., 3), and (..., 2) in its image."""

    @abstractmethod
    def world_to_camera(self, X: Any) -> Any:
        """Positions in the space of the camera."""

    @abstractmethod
    def camera_to_world(self, X: Any) -> Any:
        """Positions in the world."""

    @abstractmethod
    def camera_to_pixel(self, X: Any) -> Any:
        """Positions in the image, pixels, (x, y)."""

    @abstractmethod
    def pixel_to_camera(self, X: Any) -> Any:
        """Positions in the space of the camera, of x and y in the image and the depth."""

    def world_to_pixel(self, X: Any) -> Any:
        """Positions in the image, pixels, (x, y), of positions in the world."""
        return self.camera_to_pixel(self.world_to_camera(X))


@CAMERAS.register_module()
class SimpleCamera(SingleCameraBase):
    """A pinhole camera with the distortion of Brown and Conrady, on arrays.

    The camera looks along z; x points right and y down. Distortion is that of OpenCV, with the
    same coefficients.

    Args:
        param: The calibration, with

            - R: (3, 3) rotation of the camera in the world: from its space to the world's.
            - T: (3, 1) place of the camera in the world.
            - K: (2, 3) intrinsic matrix, pixels; or instead of it
            - f: (2, 1) focal lengths, pixels, and c: (2, 1) principal point, pixels.
            - k: 3 or 6 radial coefficients k1, k2, k3 and k4, k5, k6, and p: the 2 tangential
              ones. Without them there is no distortion.

            Vectors may be flat as well.

    Raises:
        KeyError: Something is missing.
        ValueError: Something has another shape.
    """

    def __init__(self, param: Mapping[str, Any]) -> None:
        R, T = _read(param, 'R', (3, 3)), _read(param, 'T', (3,))
        if 'K' in param:
            K = _read(param, 'K', (2, 3))
        elif 'f' in param and 'c' in param:
            f, c = _read(param, 'f', (2,)), _read(param, 'c', (2,))
            K = np.column_stack([np.diag(f), c])
        else:
            raise KeyError(
                f"The camera has {sorted(param)}, but no intrinsics; add 'K', a (2, 3) matrix, or "
                "'f' and 'c', focal lengths and principal point."
            )
        # Positions are rows, so matrices stand on their right, transposed.
        self.param = dict(
            R_c2w=R.T,
            T_c2w=T[None],
            R_w2c=R,
            T_w2c=-T[None] @ R,
            K=K.T,
            f=np.diag(K)[:, None],
            c=K[:, 2:],
        )
        self.undistortion = 'k' in param and 'p' in param
        if self.undistortion:
            self.param['k'] = _read(param, 'k', (3,), (6,))
            self.param['p'] = _read(param, 'p', (2,))

    def world_to_camera(self, X: np.ndarray) -> np.ndarray:
        """Positions (..., 3) in the space of the camera, in the unit of ``T``.

        Args:
            X: (..., 3) positions in the world.
        """
        return _checked(X) @ self.param['R_w2c'] + self.param['T_w2c']

    def camera_to_world(self, X: np.ndarray) -> np.ndarray:
        """Positions (..., 3) in the world.

        Args:
            X: (..., 3) positions in the space of the camera.
        """
        return _checked(X) @ self.param['R_c2w'] + self.param['T_c2w']

    def camera_to_pixel(self, X: np.ndarray) -> np.ndarray:
        """Positions (..., 2) in the image, pixels, (x, y).

        Args:
            X: (..., 3) positions in the space of the camera.
        """
        _checked(X)
        xy = X[..., :2] / X[..., 2:]
        if self.undistortion:
            radial, tangential = self._distortion(xy)
            xy = xy * radial + tangential
        return xy @ self.param['K'][:2] + self.param['K'][2]

    def pixel_to_camera(self, X: np.ndarray) -> np.ndarray:
        """Positions (..., 3) in the space of the camera, the inverse of ``camera_to_pixel``.

        Args:
            X: (..., 3) x and y in the image, pixels, and depth.
        """
        _checked(X)
        distorted = (X[..., :2] - self.param['K'][2]) @ _inverse(self.param['K'][:2])
        xy = distorted
        if self.undistortion:
            for _ in range(_UNDISTORTION_STEPS):
                radial, tangential = self._distortion(xy)
                xy = (distorted - tangential) / radial
        return _join(xy * X[..., 2:], X[..., 2:])

    def _distortion(self, xy: Any) -> tuple[Any, Any]:
        """Factors (..., 1) and offsets (..., 2) that distort positions at depth 1."""
        k, p = self.param['k'], self.param['p']
        r2 = (xy**2).sum(-1)[..., None]
        radial = 1 + r2 * (k[0] + r2 * (k[1] + r2 * k[2]))
        if len(k) == 6:
            radial = radial / (1 + r2 * (k[3] + r2 * (k[4] + r2 * k[5])))
        swapped = p[[1, 0]]
        return radial, 2 * xy * (xy @ swapped)[..., None] + r2 * swapped


@CAMERAS.register_module()
class SimpleCameraTorch(SimpleCamera):
    """The same camera on tensors.

    Args:
        param: See :class:`SimpleCamera`.
        device: Where the tensors are.
    """

    def __init__(self, param: Mapping[str, Any], device: str | torch.device) -> None:
        super().__init__(param)
        self.param = {key: torch.tensor(v, device=device) for key, v in self.param.items()}


def _read(param: Mapping[str, Any], key: str, *shapes: tuple[int, ...]) -> np.ndarray:
    """A parameter in the first of the shapes that fits; a vector may come as a column."""
    if key not in param:
        raise KeyError(f'The camera has {sorted(param)}, but no {key!r}; add it.')
    value = np.asarray(param[key], dtype=np.float32)
    for shape in shapes:
        if value.shape == shape or (len(shape) == 1 and value.shape in ((*shape, 1), (1, *shape))):
            return value.reshape(shape)
    raise ValueError(
        f'{key!r} of the camera has shape {value.shape}; expected {" or ".join(map(str, shapes))}.'
    )


def _checked(X: Any) -> Any:
    if not isinstance(X, (np.ndarray, Tensor)):
        raise TypeError(f'X is a {type(X).__name__}; expected an array or a tensor (..., 3).')
    if X.ndim == 0 or X.shape[-1] != 3:
        raise ValueError(f'X has shape {tuple(X.shape)}; expected (..., 3), one row per position.')
    return X


def _inverse(matrix: Any) -> Any:
    return np.linalg.inv(matrix) if isinstance(matrix, np.ndarray) else torch.linalg.inv(matrix)


def _join(xy: Any, depth: Any) -> Any:
    if isinstance(xy, np.ndarray):
        return np.concatenate([xy, depth], axis=-1)
    return torch.cat([xy, depth], dim=-1)
