"""Items from boxes that a detector found."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from .coco_file import ENTRY_ERRORS, load_json, unusable

PERSON = 1  # the category that the published detection files are about


def load_detections(
    path: str, images: dict[Any, dict], num_keypoints: int, dropped: Counter[str]
) -> list[dict]:
    """One item per detected instance, with its box as the file has it and no labels.

    Args:
        path: JSON list of ``{image_id, category_id, bbox: [x, y, w, h], score}``.
        images: Entries of the annotation file by id, with ``img_id`` and ``img_path``.
        num_keypoints: K of the keypoints to find.
        dropped: Counts by reason; those of this file are added.

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
    data_list: list[dict] = []
    for detection in detections:
        try:
            image = images.get(detection['image_id'])
            if detection.get('category_id', PERSON) != PERSON:
                dropped[f'category_id is not {PERSON}'] += 1
            elif image is None:
                dropped['unknown image_id'] += 1
            else:
                data_list.append(_item(detection, image, num_keypoints, len(data_list)))
        except ENTRY_ERRORS as error:
            raise unusable('detection', detection, path, error) from error
    return data_list


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
