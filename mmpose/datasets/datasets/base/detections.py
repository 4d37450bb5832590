"""Items from boxes that a detector found."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator

import numpy as np

from .coco_file import ENTRY_ERRORS, load_json, unusable

PERSON = 1  # the category that the published detection files are about


def load_detections(
    path: str,
    images: dict[Hashable, dict],
    num_keypoints: int,
    dropped: Counter[str],
    category_ids: set[int] | None = None,
) -> Iterator[dict]:
    """One item per detected instance, with its box as the file has it and no labels.

    Args:
        path: JSON list of ``{image_id, category_id, bbox: [x, y, w, h], score}``.
        images: Entries of the annotation file by id, with ``img_id`` and ``img_path``.
        num_keypoints: K of the keypoints to find.
        dropped: Counts by reason; those of this file are added.
        category_ids: The categories to use; ``None``: people.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is not such a list.
    """
    detections = load_json(path)
    if not isinstance(detections, list):
        raise ValueError(
            f'{path!r} does not hold a list; expected a JSON list of '
            '{"image_id", "category_id", "bbox": [x, y, w, h], "score"}.'
        )
    wanted, unwanted = {PERSON}, f'category_id is not {PERSON}'
    if category_ids is not None:
        wanted, unwanted = category_ids, 'category not chosen'
    num_items = 0
    for detection in detections:
        try:
            image = images.get(detection['image_id'])
            if detection.get('category_id', PERSON) not in wanted:
                dropped[unwanted] += 1
            elif image is None:
                dropped['unknown image_id'] += 1
            else:
                item = _item(detection, image, num_keypoints, num_items)
                if reason := _drop_reason(item):
                    dropped[reason] += 1
                    continue
                yield item
                num_items += 1
        except ENTRY_ERRORS as error:
            raise unusable('detection', detection, path, error) from error


def _item(detection: dict, image: dict, K: int, index: int) -> dict:
    x, y, w, h = detection['bbox'][:4]
    return dict(
        img_id=image['img_id'],
        img_path=image['img_path'],
        img_shape=(image['height'], image['width']),
        bbox=np.array([[x, y, x + w, y + h]], dtype=np.float32),
        bbox_score=np.array([detection['score']], dtype=np.float32),
        keypoints=np.zeros((1, K, 2), dtype=np.float32),
        keypoints_visible=np.ones((1, K), dtype=np.float32),
        id=index,
    )


def _drop_reason(item: dict) -> str | None:
    """Why the item cannot be used; ``None``: it can."""
    (x1, y1, x2, y2), (score,) = item['bbox'][0].tolist(), item['bbox_score'].tolist()
    if not math.isfinite(x1 + y1 + x2 + y2 + score):
        return 'box or score is not finite'
    return None if x2 > x1 and y2 > y1 else 'box without area'
