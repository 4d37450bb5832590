"""One item of ``bottomup`` mode from the instances of an image."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain

import numpy as np


def stack_instances(instances: list[dict], drop_reason: Callable[[dict], str | None]) -> dict:
    """The fields of N instances of one image together, and ``invalid_segs``.

    Args:
        instances: Items of ``topdown`` mode, all of the same image.
        drop_reason: Says why an instance cannot be learnt from, or ``None``; the segmentations of
            those that cannot stand in ``invalid_segs``.
    """
    first = instances[0]
    item = dict(img_id=first['img_id'], img_path=first['img_path'])
    for key in first:
        if key not in item:
            item[key] = _join([instance[key] for instance in instances])
    item['invalid_segs'] = [
        instance['segmentation']
        for instance in instances
        if 'segmentation' in instance and drop_reason(instance)
    ]
    return item


def _join(values: list) -> np.ndarray | list:
    """The instances' values of one field: arrays are stacked along N, lists are chained."""
    if isinstance(values[0], np.ndarray):
        return np.concatenate(values) if values[0].ndim else np.array(values)
    if isinstance(values[0], list):  # polygons; an RLE among them is a dict
        return list(chain.from_iterable(v if isinstance(v, list) else [v] for v in values))
    return values
