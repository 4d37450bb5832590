"""The files that come with the annotations of InterHand2.6M: cameras, positions and root depths."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from mmpose.utils.camera import SimpleCamera

from ..base.coco_file import ENTRY_ERRORS, kind_of, load_json
from ..base.required_file import require_file

# 21 of the right hand, then 21 of the left; the last of each is its root, the wrist
NUM_JOINTS = 42


class RootNetResult(NamedTuple):
    """What RootNet found of an instance.

    Attributes:
        bbox: x, y, w, h in pixels.
        abs_depth: Distances of the right and the left root from the camera, millimetres.
    """

    bbox: list[float]
    abs_depth: list[float]


class InterHandLabels:
    """Cameras and positions of joints by captures, for the images of InterHand2.6M.

    Each camera and each frame is read once, for many annotations share it.

    Args:
        camera_param_file: JSON, by capture and then by camera: ``campos``, ``camrot``, ``focal``
            and ``princpt``.
        joint_file: JSON, by capture and then by frame: ``world_coord``, (42, 3) millimetres.
        data_root: Named in the error when a file is absent.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: A file cannot be understood.
    """

    def __init__(self, camera_param_file: str, joint_file: str, data_root: str | None = None):
        self.camera_param_file = camera_param_file
        self.joint_file = joint_file
        require_file(camera_param_file, data_root, 'camera_param_file')
        self._cameras = dict(_cameras(camera_param_file))
        require_file(joint_file, data_root, 'joint_file')
        self._joints = dict(_joints(joint_file))

    def camera(self, image: dict) -> SimpleCamera:
        """The camera that took the image.

        Args:
            image: The entry of the image, with ``capture`` and ``camera``.
        """
        key = str(image['capture']), str(image['camera'])
        if key not in self._cameras:
            raise ValueError(
                f'the camera {key[1]!r} of capture {key[0]} is not in '
                f'{self.camera_param_file!r}; set `camera_param_file` to the file that belongs to '
                'the annotations.'
            )
        return self._cameras[key]

    def joints(self, image: dict) -> np.ndarray:
        """Positions of the joints in the world when the image was taken, (42, 3) millimetres.

        Args:
            image: The entry of the image, with ``capture`` and ``frame_idx``.
        """
        key = str(image['capture']), str(image['frame_idx'])
        if key not in self._joints:
            raise ValueError(
                f'frame {key[1]} of capture {key[0]} is not in {self.joint_file!r}; set '
                '`joint_file` to the file that belongs to the annotations.'
            )
        return self._joints[key]


def load_rootnet(path: str, data_root: str | None = None) -> dict[str, RootNetResult]:
    """Results of RootNet by the ids of annotations, as text.

    Args:
        path: JSON list of ``{annot_id, bbox: [x, y, w, h], abs_depth: [right, left]}``.
        data_root: Named in the error when the file is absent.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not such a list.
    """
    require_file(path, data_root, 'rootnet_result_file')
    results = load_json(path)
    if not isinstance(results, list):
        raise ValueError(
            f'{path!r} holds {kind_of(results)}; expected a JSON list of '
            '{"annot_id", "bbox": [x, y, w, h], "abs_depth": [right, left]}.'
        )
    found = {}
    for i, result in enumerate(results):
        try:
            entry = RootNetResult(result['bbox'], result['abs_depth'])
            if (len(entry.bbox), len(entry.abs_depth)) != (4, 2):
                raise ValueError(
                    f'its bbox has {len(entry.bbox)} numbers and its abs_depth '
                    f'{len(entry.abs_depth)}; expected 4 and 2.'
                )
            found[str(result['annot_id'])] = entry
        except ENTRY_ERRORS as error:
            raise _broken(path, f'entry {i}', error) from error
    return found


def _captures(path: str) -> Iterator[tuple[str, dict]]:
    captures = load_json(path)
    if not isinstance(captures, dict) or not all(isinstance(c, dict) for c in captures.values()):
        raise ValueError(
            f'{path!r} is not divided into captures; expected an object with an object for each '
            'capture, like the camera and the joint files of InterHand2.6M.'
        )
    yield from captures.items()


def _cameras(path: str) -> Iterator[tuple[tuple[str, str], SimpleCamera]]:
    for capture, calibration in _captures(path):
        try:
            for name, rotation in calibration['camrot'].items():
                param = dict(
                    # the file turns the world to the camera, SimpleCamera wants the inverse
                    R=np.transpose(rotation),
                    T=calibration['campos'][name],
                    f=calibration['focal'][name],
                    c=calibration['princpt'][name],
                )
                yield (capture, name), SimpleCamera(param)
        except ENTRY_ERRORS as error:
            raise _broken(path, f'capture {capture}', error) from error


def _joints(path: str) -> Iterator[tuple[tuple[str, str], np.ndarray]]:
    for capture, frames in _captures(path):
        try:
            for frame, entry in frames.items():
                # pop: the lists take ten times the memory of the array
                positions = np.array(entry.pop('world_coord'), dtype=np.float32)
                if positions.shape != (NUM_JOINTS, 3):
                    raise ValueError(
                        f'world_coord of frame {frame} has shape {positions.shape}; expected '
                        f'({NUM_JOINTS}, 3).'
                    )
                yield (capture, frame), positions
        except ENTRY_ERRORS as error:
            raise _broken(path, f'capture {capture}', error) from error


def _broken(path: str, what: str, error: Exception) -> ValueError:
    reason = f'it has no {error}.' if isinstance(error, KeyError) else error
    return ValueError(f'{path!r}: {what} cannot be used: {reason}')
