"""What a COCO style annotation file holds, faulty entries included."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mmpose.datasets.datasets.base.annotation_file import open_coco


@dataclass
class CocoSummary:
    """Counts of a file.

    Attributes:
        image_sizes: By image id (w, h) as stated, or ``None``.
        annotated: Ids of the images with an annotation.
        duplicates: For annotations, and for images that differ, the ids that several have.
        keypoint_numbers: How many annotations have so many keypoint numbers.
        categories: Ids of the categories that annotations have.
        listed_categories: Ids of the categories that the file lists; ``None``: it lists none.
        poor_boxes: By what is wrong with their box, the ids of annotations.
        not_finite: Ids of the annotations with NaN or infinity among their keypoint numbers.
    """

    image_sizes: dict[Hashable, tuple[float, float] | None] = field(default_factory=dict)
    annotated: set[Hashable] = field(default_factory=set)
    duplicates: dict[str, list] = field(default_factory=dict)
    keypoint_numbers: Counter[int] = field(default_factory=Counter)
    categories: set[Hashable] = field(default_factory=set)
    listed_categories: set[Hashable] | None = None
    poor_boxes: dict[str, list] = field(default_factory=dict)
    not_finite: list = field(default_factory=list)

    @property
    def num_empty_images(self) -> int:
        """Images without an annotation."""
        return len(self.image_sizes.keys() - self.annotated)


def summary_of(path: str) -> CocoSummary:
    """The summary of a file, which is read once as long as it does not change.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is no COCO file.
    """
    file = Path(path)
    changed = file.stat().st_mtime_ns if file.exists() else 0
    return _summary_of(path, str(file.absolute()), changed)


@lru_cache(maxsize=4)
def _summary_of(path: str, absolute_path: str, mtime_ns: int) -> CocoSummary:
    coco, summary = open_coco(path), CocoSummary()
    summary.duplicates['images'] = _read_images(coco['images'], summary)
    summary.duplicates['annotations'] = _read_annotations(coco['annotations'], summary)
    listed = coco.get('categories')
    if isinstance(listed, list):
        summary.listed_categories = {c.get('id') for c in listed if isinstance(c, dict)}
    return summary


def _read_images(images: Iterable[Any], summary: CocoSummary) -> list:
    """The ids that images share which differ."""
    entries: dict[Hashable, dict] = {}
    shared = []
    for image in images:
        if isinstance(image, dict) and 'id' in image:
            first = entries.setdefault(image['id'], image)
            if first != image:
                shared.append(image['id'])
    for image_id, image in entries.items():
        size = (image.get('width'), image.get('height'))
        summary.image_sizes[image_id] = size if all(map(_is_number, size)) else None
    return list(dict.fromkeys(shared))


def _read_annotations(annotations: Iterable[Any], summary: CocoSummary) -> list:
    """The ids that several annotations have. They are read one at a time, for they are many."""
    ids: Counter[Hashable] = Counter()
    boxes, owners, sizes = [], [], []
    for ann in annotations:
        if not isinstance(ann, dict):
            continue
        image_id = ann.get('image_id')
        summary.annotated.add(image_id)
        if 'id' in ann:
            ids[ann['id']] += 1
        if 'category_id' in ann:
            summary.categories.add(ann['category_id'])
        if isinstance(ann.get('keypoints'), list):
            summary.keypoint_numbers[len(ann['keypoints'])] += 1
            if not all(map(math.isfinite, filter(_is_number, ann['keypoints']))):
                summary.not_finite.append(ann.get('id'))
        if _is_box(ann.get('bbox')):
            boxes.append(ann['bbox'])
            owners.append(ann.get('id'))
            sizes.append(summary.image_sizes.get(image_id) or (np.inf, np.inf))
    if boxes:
        poor = _poor_boxes(np.array(boxes, np.float64), np.array(sizes, np.float64))
        summary.poor_boxes = {
            kind: [owners[i] for i in np.flatnonzero(mask)]
            for kind, mask in poor.items()
            if mask.any()
        }
    return [name for name, count in ids.items() if count > 1]


def _poor_boxes(boxes: np.ndarray, sizes: np.ndarray) -> dict[str, np.ndarray]:
    """Masks (N,) of boxes (N, 4), x, y, w, h, in pictures (N, 2), w, h, by what is wrong."""
    x, y, w, h = boxes.T
    W, H = sizes.T
    empty = ~((w > 0) & (h > 0))  # NaN too
    outside = ~empty & ((x >= W) | (y >= H) | (x + w <= 0) | (y + h <= 0))
    # a pixel is left for the conventions of where a picture ends
    beyond = ~empty & ~outside & ((np.minimum(x, y) < -1) | (x + w > W + 1) | (y + h > H + 1))
    return {'of no area': empty, 'outside the picture': outside, 'partly outside': beyond}


def _is_box(box: Any) -> bool:
    return isinstance(box, list) and len(box) == 4 and all(map(_is_number, box))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float))
