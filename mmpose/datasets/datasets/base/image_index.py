"""The images of a COCO style file, and which of them annotations belong to."""

from __future__ import annotations

import os.path as osp
from collections.abc import Hashable, Sequence

import numpy as np

from .annotation_file import AnnotationFile
from .coco_file import ENTRY_ERRORS, unusable
from .oddities import Oddities


def index_images(
    images: Sequence[dict], folder: str, path: str, oddities: Oddities
) -> dict[Hashable, dict]:
    """The entries of the images by id, with ``img_id`` and ``img_path`` added.

    Args:
        images: The entries, which are written into.
        folder: Where the images are.
        path: The annotation file.
        oddities: Takes note of entries for the same image that differ.

    Raises:
        ValueError: An entry cannot be used, or two files have the same id.
    """
    index: dict[Hashable, dict] = {}
    for image in images:
        try:
            image_id, img_path = image['id'], osp.join(folder, image['file_name'])
            if image_id in index:
                _compare(index[image_id], image, oddities)
            image.update(img_id=image_id, img_path=img_path)
            index[image_id] = image
        except ENTRY_ERRORS as error:
            raise unusable('image', image, path, error) from error
    return index


def _compare(first: dict, image: dict, oddities: Oddities) -> None:
    if first['file_name'] != image['file_name']:
        raise ValueError(
            f'its id is that of {first["file_name"]!r} and of {image["file_name"]!r}, so it is '
            'not known which of them annotations belong to; give each image its own id.'
        )
    if any(first.get(key) != value for key, value in image.items()):
        oddities.repeated_images[image['id']] += 1


def sampled_images(images: dict[Hashable, dict], interval: int, path: str) -> dict[Hashable, dict]:
    """The images whose id is a multiple of the interval.

    Raises:
        ValueError: An id is no number, and the interval is not 1.
    """
    if interval == 1:
        return images
    if other := [image_id for image_id in images if not isinstance(image_id, int)]:
        raise ValueError(
            f'sample_interval={interval} picks images by number, but {path!r} has the image id '
            f'{other[0]!r}; leave it at 1.'
        )
    return {i: image for i, image in images.items() if i % interval == 0}


def image_numbers(
    annotations: Sequence[dict], images: dict[Hashable, dict], used: dict[Hashable, dict], path: str
) -> tuple[np.ndarray, int]:
    """For each annotation the number of its image, and how many belong to no image.

    Args:
        annotations: A list or an :class:`AnnotationFile`.
        images: All images by id.
        used: Those of them to use, which are numbered from 0; -1 stands for others.
        path: The annotation file.

    Raises:
        ValueError: An annotation has no ``image_id``.
    """
    by_id = {image_id: number for number, image_id in enumerate(used)}
    numbers, num_unknown = np.full(len(annotations), -1, dtype=np.int64), 0
    from_file = isinstance(annotations, AnnotationFile)
    ids = annotations.image_ids() if from_file else (ann['image_id'] for ann in annotations)
    for place in range(len(annotations)):
        try:
            image_id = next(ids)
            numbers[place] = by_id.get(image_id, -1)
            num_unknown += image_id not in images
        except ENTRY_ERRORS as error:
            raise unusable('annotation', annotations[place], path, error) from error
    return numbers, num_unknown
