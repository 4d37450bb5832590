"""Reading COFW: pictures and 29 points of faces in MATLAB files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .matlab import open_hdf5
from .pictures import save_picture
from .published import Part, publish
from .sources import track

OPTIONS: dict = {}
NUM_POINTS = 29
FILES = dict(train=('COFW_train_color.mat', 'Tr'), test=('COFW_test_color.mat', 'T'))


def write(source: Path, out: Path) -> str:
    """Take the pictures out of both files and convert their faces.

    Args:
        source: The folder with ``COFW_train_color.mat`` and ``COFW_test_color.mat``.
        out: Gets ``annotations/cofw_*.json`` and ``images/000001.jpg``, numbered through both.

    Raises:
        FileNotFoundError: A file is not there.
        MissingPackageError: h5py is not installed.
        ConversionError: A file is malformed.
    """
    parts, num_pictures = {}, 0
    for part, (name, ending) in FILES.items():
        writer = CocoWriter.from_metainfo(
            'configs/_base_/datasets/cofw.py', category='face', image_root=out / 'images'
        )
        num_pictures += _add_faces(writer, source / name, ending, num_pictures + 1)
        parts[part] = Part(writer)
    return publish(out, 'COFWDataset', 'annotations/cofw_{}.json', parts)


def _add_faces(writer: CocoWriter, path: Path, ending: str, first_number: int) -> int:
    """Add all faces of a file; returns how many they are."""
    names = [f'Is{ending}', f'phis{ending}', f'bboxes{ending}']
    with open_hdf5(path, *names) as file:
        references, points, boxes = (file[name][()] for name in names)
        N = references.size
        if points.shape != (3 * NUM_POINTS, N) or boxes.shape != (4, N):
            raise ConversionError(
                f'{str(path)!r} has {N} pictures, {names[1]} of the shape {points.shape} and '
                f'{names[2]} of {boxes.shape}; expected ({3 * NUM_POINTS}, {N}) and (4, {N}).'
            )
        for i, reference in enumerate(track(references.ravel())):
            name = f'{first_number + i:06d}.jpg'
            image = picture_of(file[reference][()])
            save_picture(writer.image_root / name, image)
            image_id = writer.add_image(name, image.shape[1], image.shape[0])
            x, y, w, h = boxes[:, i].tolist()
            writer.add_instance(image_id, keypoints_of(points[:, i]), [x, y, w, h], w * h)
    return N


def picture_of(array: np.ndarray) -> np.ndarray:
    """(H, W) grey or (H, W, 3) BGR.

    Args:
        array: (W, H) or (3, W, H) RGB, for axes of MATLAB come in reverse.
    """
    return array.T[..., ::-1] if array.ndim == 3 else array.T


def keypoints_of(row: np.ndarray) -> np.ndarray:
    """(29, 3) x, y, v of a face; occluded points have v = 1.

    Args:
        row: (87,) all x, all y, and whether occluded.
    """
    x, y, occluded = row.reshape(3, NUM_POINTS)
    return np.column_stack([x, y, 2 - (occluded > 0)])
