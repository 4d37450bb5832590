"""Reading 300W-LP: 68 points of a face, in a MATLAB file for each picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import box_around
from .matlab import read_mat
from .published import Part, publish
from .sources import find_files, track
from .splitting import split_images

OPTIONS = dict(
    landmarks=dict(
        choices=('pt2d', 'pts_2d', 'pts_3d'),
        help='the points: those beside the pictures, or those in `landmarks`, which the mirrored '
        'pictures lack, along the outline that is seen or as the model in space projects',
    ),
    val_fraction=dict(
        type=float,
        metavar='SHARE',
        help='how many of the faces are for validation; all poses of a face stay together',
    ),
)
NUM_POINTS = 68


def write(source: Path, out: Path, landmarks: str = 'pt2d', val_fraction: float = 0.1) -> str:
    """Convert all pictures, and draw some to validate on, which the data set does not state.

    Args:
        source: The folder ``300W_LP`` with ``AFW``, ``HELEN``, ``IBUG``, ``LFPW``, their mirrored
            copies (``_Flip``) and ``landmarks``.
        out: Gets ``annotations/face_landmarks_300wlp_*.json``.
        landmarks: ``'pt2d'`` of the file beside the picture, or ``'pts_2d'`` or ``'pts_3d'`` of
            ``landmarks``.
        val_fraction: The share of the pictures to validate on.

    Raises:
        FileNotFoundError: There are no pictures.
        ConversionError: A file is malformed.
    """
    found = find_files(source, '**/*_[0-9]*.jpg', '300W-LP with its folders AFW, HELEN, ...')
    writer = CocoWriter.from_metainfo(
        'configs/_base_/datasets/300wlp.py', category='face', image_root=source
    )
    for picture in track(found):
        name = picture.relative_to(source)
        path = picture.with_suffix('.mat')
        if landmarks != 'pt2d':
            path = source / 'landmarks' / picture.parent.name / f'{picture.stem}_pts.mat'
        if not path.is_file():
            writer.drop('picture without points', name.as_posix())
            continue
        points = read_points(path, landmarks)
        # AFW_134212_1_0: the last number is that of the pose
        image_id = writer.add_picture(name, group=picture.stem.rpartition('_')[0])
        if image_id is not None:
            x, y, w, h = box_around(points)
            labelled = np.column_stack([points, np.full(NUM_POINTS, 2)])
            writer.add_instance(image_id, labelled, bbox=[x, y, w, h], area=w * h)
    drawn = split_images(writer, val_fraction)[0] if writer.images else dict(train=[])
    names = dict(train='train', val='valid', annotations='train')
    parts = {names[part]: Part(writer, ids) for part, ids in drawn.items()}
    return publish(out, 'Face300WLPDataset', 'annotations/face_landmarks_300wlp_{}.json', parts)


def read_points(path: Path, variable: str) -> np.ndarray:
    """(68, 2) points of a file, whichever axis is that of x and y.

    Raises:
        ConversionError: The file is damaged or has other points.
    """
    points = np.asarray(read_mat(path, variable)[0], dtype=np.float64)
    points = points.T if points.shape == (2, NUM_POINTS) else points
    if points.shape != (NUM_POINTS, 2):
        raise ConversionError(
            f'{str(path)!r}: {variable} has the shape {points.shape}; expected (2, {NUM_POINTS}) '
            f'or ({NUM_POINTS}, 2).'
        )
    return points
