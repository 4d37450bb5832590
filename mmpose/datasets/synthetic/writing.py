"""Writing pictures and their COCO file to disk."""

from __future__ import annotations

import json
import multiprocessing
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
from mmengine.utils import ProgressBar

from .skeleton import KEYPOINT_NAMES, SKELETON

if TYPE_CHECKING:
    from .scene import SyntheticPeople

JPEG_QUALITY = 92


def write_coco(
    people: SyntheticPeople,
    out_dir: str | Path,
    num_images: int,
    ann_file: str = 'annotations.json',
    img_dir: str = 'images',
    first_index: int = 0,
    workers: int = 0,
    progress: bool = False,
) -> Path:
    """Write JPEG pictures and a COCO keypoint file; returns the path of the latter.

    The same arguments give the same files, whatever the number of workers.

    Args:
        people: What draws the pictures.
        out_dir: Folder to write into; made if absent.
        num_images: How many pictures.
        ann_file: Path of the COCO file in ``out_dir``.
        img_dir: Folder of the pictures in ``out_dir``; ``file_name`` is relative to it.
        first_index: Index of the first picture; splits with other indices do not share pictures.
        workers: Processes that draw; 0: this one.
        progress: Whether to show a progress bar.

    Raises:
        ValueError: ``num_images`` is less than 1.
    """
    if num_images < 1:
        raise ValueError(f'num_images is {num_images}; expected 1 or more.')
    out_dir = Path(out_dir)
    (out_dir / img_dir).mkdir(parents=True, exist_ok=True)
    (out_dir / ann_file).parent.mkdir(parents=True, exist_ok=True)
    draw = partial(_write_image, people, out_dir / img_dir)
    indices = range(first_index, first_index + num_images)
    bar = ProgressBar(num_images) if progress else None
    content = dict(images=[], annotations=[], categories=[category()])
    for image, labels in _map(draw, indices, workers):
        content['images'].append(image)
        for annotation in labels:
            ids = dict(id=len(content['annotations']) + 1, image_id=image['id'])
            content['annotations'].append(ids | annotation)
        if bar:
            bar.update()
    path = out_dir / ann_file
    path.write_text(json.dumps(content), encoding='utf-8')
    return path


def category() -> dict:
    """The COCO category of people with its keypoints."""
    return dict(
        id=1,
        name='person',
        supercategory='person',
        keypoints=list(KEYPOINT_NAMES),
        skeleton=[list(link) for link in SKELETON],
    )


def _write_image(people: SyntheticPeople, folder: Path, index: int) -> tuple[dict, list[dict]]:
    """Draw and store one picture; its COCO entry and its annotations."""
    image, annotations = people.draw(index)
    name = f'{index:08d}.jpg'
    _, data = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])
    (folder / name).write_bytes(data.tobytes())
    height, width = image.shape[:2]
    return dict(id=index, file_name=name, width=width, height=height), annotations


def _map(
    draw: Callable[[int], tuple[dict, list[dict]]], indices: range, workers: int
) -> Iterator[tuple[dict, list[dict]]]:
    if workers < 1:
        yield from map(draw, indices)
        return
    # spawn: OpenCV's threads do not survive a fork
    with multiprocessing.get_context('spawn').Pool(workers) as pool:
        yield from pool.imap(draw, indices, chunksize=8)
