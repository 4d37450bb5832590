"""Reading the data sets of DeepPoseKit: pictures and keypoints of flies, locusts and zebras."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .coco_writer import CocoWriter
from .errors import ConversionError
from .labels import box_around
from .matlab import open_hdf5
from .pictures import save_picture
from .published import Part, publish
from .sources import find_file, track

OPTIONS = dict(
    test_fraction=dict(type=float, metavar='SHARE', help='how many of the frames, the last ones')
)
# the animal and its data set by the number of keypoints
KINDS = {
    32: ('fly', 'FlyDataset'),
    35: ('locust', 'LocustDataset'),
    9: ('zebra', 'ZebraDataset'),
}
FILE_NAME = 'annotation_data_release.h5'


def write(source: Path, out: Path, test_fraction: float = 0.1) -> str:
    """Take the pictures out of a file and convert their animals.

    The data sets state no test set; the published annotations have the last tenth in it.

    Args:
        source: ``annotation_data_release.h5`` or the folder that has it.
        out: Gets ``annotations/{fly,locust,zebra}_*.json`` and ``images/0.jpg``.
        test_fraction: The share of the pictures to test on.

    Raises:
        FileNotFoundError: The file is not there.
        MissingPackageError: h5py is not installed.
        ConversionError: The file is malformed, or of another animal.
    """
    if not 0 < test_fraction < 1:
        raise ConversionError(f'test_fraction is {test_fraction}; expected between 0 and 1.')
    path = find_file(source, [FILE_NAME], 'a data set of DeepPoseKit, such as its datasets/fly')
    with open_hdf5(path, 'images', 'annotations', 'annotated') as file:
        points, annotated = file['annotations'][()], file['annotated'][()]
        N, K = _checked_shape(path, points, annotated, len(file['images']))
        animal, dataset = KINDS[K]
        writer = CocoWriter.from_metainfo(
            f'configs/_base_/datasets/{animal}.py', category=animal, image_root=out / 'images'
        )
        for i in track(range(N)):
            image = file['images'][i]
            save_picture(writer.image_root / f'{i}.jpg', image)
            image_id = writer.add_image(f'{i}.jpg', image.shape[1], image.shape[0])
            _add_animal(writer, image_id, points[i], annotated[i].astype(bool))
    num_train = N - max(round(N * test_fraction), 1)
    parts = dict(
        train=Part(writer, range(1, num_train + 1)), test=Part(writer, range(num_train + 1, N + 1))
    )
    return publish(out, dataset, f'annotations/{animal}_{{}}.json', parts)


def _checked_shape(
    path: Path, points: np.ndarray, annotated: np.ndarray, num_images: int
) -> tuple[int, int]:
    """N, K."""
    N, K = (*points.shape, 0, 0)[:2]
    if K not in KINDS:
        raise ConversionError(
            f'{str(path)!r} has annotations of the shape {points.shape}; expected (N, K, 2) with '
            'K = 32 keypoints of flies, 35 of locusts or 9 of zebras.'
        )
    if points.shape != (N, K, 2) or annotated.shape != (N, K) or num_images != N:
        raise ConversionError(
            f'{str(path)!r} has {num_images} images, annotations of the shape {points.shape} and '
            f'annotated of {annotated.shape}; expected {N} images, {(N, K, 2)} and {(N, K)}.'
        )
    return N, K


def _add_animal(
    writer: CocoWriter, image_id: int, points: np.ndarray, annotated: np.ndarray
) -> None:
    """Add the animal of a picture, with a box that has its outermost pixels in it."""
    labelled = annotated & np.isfinite(points).all(axis=1)
    if not labelled.any():
        return writer.drop('picture without a label', writer.images[image_id - 1]['file_name'])
    x, y, w, h = box_around(points[labelled])
    w, h = w + 1, h + 1
    rows = np.column_stack([points, 2 * labelled])
    return writer.add_instance(image_id, rows, bbox=[x, y, w, h], area=w * h)
