"""Reading the cameras of Human3.6M from metadata.xml."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import ConversionError
from .mocap_files import pinhole
from .sources import read_xml
from .text_rows import numbers_of

NUM_SUBJECTS = 11
# number and height of the cameras; all pictures are 1000 pixels wide
CAMERAS = {'54138969': 1002, '55011271': 1000, '58860488': 1000, '60457274': 1002}
WIDTH = 1000
NUM_EXTRINSICS, NUM_INTRINSICS = 6, 9
NUM_VALUES = len(CAMERAS) * (NUM_SUBJECTS * NUM_EXTRINSICS + NUM_INTRINSICS)


def read_cameras(path: Path) -> dict[tuple[str, str], dict]:
    """The parameters of each camera by subject and number.

    They are ``R`` (3, 3), from the space of the camera to the world, ``T`` (3, 1), its place in
    metres, ``f`` and ``c`` (2, 1) in pixels, ``k`` (3, 1) and ``p`` (2, 1), the distortion, ``w``,
    ``h``, ``name`` and ``id``.

    Raises:
        FileNotFoundError: There is no such file.
        ConversionError: It is malformed.
    """
    if not path.is_file():
        raise FileNotFoundError(
            f'There is no file {str(path)!r}; give metadata.xml of the code that comes with '
            'Human3.6M.'
        )
    text = read_xml(path).findtext('w0')
    words = (text or '').strip().strip('[]').split()
    if len(words) != NUM_VALUES:
        raise ConversionError(
            f'{str(path)!r} has {len(words)} numbers in <w0>; expected {NUM_VALUES}: rotation and '
            f'place of {len(CAMERAS)} cameras for {NUM_SUBJECTS} subjects, and their intrinsics.'
        )
    values = numbers_of(words, f'{str(path)!r}, <w0>')
    num_extrinsics = NUM_VALUES - len(CAMERAS) * NUM_INTRINSICS
    extrinsics = values[:num_extrinsics].reshape(len(CAMERAS), NUM_SUBJECTS, NUM_EXTRINSICS)
    intrinsics = values[num_extrinsics:].reshape(len(CAMERAS), NUM_INTRINSICS)
    return {
        (f'S{subject + 1}', number): _camera(i, number, extrinsics[i, subject], intrinsics[i])
        for subject in range(NUM_SUBJECTS)
        for i, number in enumerate(CAMERAS)
    }


def _camera(i: int, number: str, extrinsics: np.ndarray, intrinsics: np.ndarray) -> dict:
    f, c, k, p = np.split(intrinsics, [2, 4, 7])
    return dict(
        R=world_to_camera(*extrinsics[:3].tolist()).T,
        T=extrinsics[3:, None] / 1000,
        k=k[:, None],
        p=p[:, None],
        id=number,
        **pinhole(f, c, WIDTH, CAMERAS[number], f'camera{i + 1}'),
    )


def world_to_camera(x: float, y: float, z: float) -> np.ndarray:
    """(3, 3) rotation about z, then y, then x.

    Args:
        x: Angle about the first axis, radians.
        y: About the second.
        z: About the third.
    """
    return _turn(0, x) @ _turn(1, y) @ _turn(2, z)


def _turn(axis: int, angle: float) -> np.ndarray:
    """(3, 3) rotation about an axis, radians."""
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.eye(3)
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[i, j], matrix[j, i] = -np.sin(angle), np.sin(angle)
    return matrix
