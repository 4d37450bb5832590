"""Writing what data sets of 3D poses in videos read: npz files of labels, pickled cameras."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mmpose.datasets.datasets.base.base_center_scale_dataset import SCALE_UNIT

BOX_FACTOR = 1.2  # by which a person's square is larger than the extent of the keypoints


class Recording(NamedTuple):
    """The labels of successive frames of one camera.

    Attributes:
        imgname: (T,) names of the pictures.
        part: (T, K, 3) x and y in pixels and whether visible.
        S: (T, K, 4) x, y, z in metres, in the space of the camera, and whether visible.
    """

    imgname: np.ndarray
    part: np.ndarray
    S: np.ndarray


def recording(
    imgname: Iterable[str],
    keypoints: np.ndarray,
    keypoints_3d: np.ndarray,
    visible: np.ndarray | None = None,
) -> Recording:
    """Labels in the shapes of the files.

    Args:
        imgname: T names.
        keypoints: (T, K, 2) pixels.
        keypoints_3d: (T, K, 3) millimetres, in the space of the camera.
        visible: (T, K); ``None``: all.
    """
    visible = np.ones(keypoints.shape[:2]) if visible is None else visible
    part = np.concatenate([keypoints, visible[..., None]], axis=-1)
    poses = np.concatenate([keypoints_3d / 1000, visible[..., None]], axis=-1)
    return Recording(np.array(list(imgname)), part.astype(np.float32), poses.astype(np.float32))


def save_recordings(path: Path, recordings: list[Recording], step: int = 1) -> int:
    """Write the npz file of all recordings; returns how many frames it has.

    Args:
        path: The file; its folder is made if absent.
        recordings: At least one.
        step: Distance of the frames to write, the first of each recording among them.
    """
    labels = {
        name: np.concatenate([getattr(item, name)[::step] for item in recordings])
        for name in Recording._fields
    }
    low, high = labels['part'][..., :2].min(axis=1), labels['part'][..., :2].max(axis=1)
    labels['center'] = (low + high) / 2
    labels['scale'] = BOX_FACTOR * (high - low).max(axis=1) / SCALE_UNIT
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **labels)
    return len(labels['imgname'])


def save_cameras(path: Path, cameras: Mapping[Any, dict]) -> None:
    """Write the parameters of cameras by their keys, pickled."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pickle.dumps(dict(cameras)))


def pinhole(f: Iterable[float], c: Iterable[float], width: int, height: int, name: str) -> dict:
    """The parameters that a pinhole camera has at least, vectors as columns."""
    f, c = np.reshape(f, (2, 1)), np.reshape(c, (2, 1))
    return dict(f=f, c=c, w=width, h=height, name=name)
