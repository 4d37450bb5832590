"""The instances of a pipeline's sample: choosing some, and joining those of several samples."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, compress

import numpy as np

from mmpose.structures.bbox import bbox_corner2xyxy

# Arrays or lists with one entry for each instance, as far as a sample has them: what describes it,
LABEL_KEYS = ('bbox', 'bbox_score', 'keypoints', 'keypoints_visible', 'area', 'category_id')
# and what only some data sets say of it, such as where it stands in the annotation file.
OTHER_KEYS = ('id', 'iscrowd', 'num_keypoints', 'raw_ann_info', 'head_size')


def count_instances(results: dict) -> int:
    """The number of instances, by the keypoints or else the boxes; 0 where there are neither.

    Args:
        results: The sample.
    """
    for key in ('keypoints', 'bbox'):
        if results.get(key) is not None:
            return len(results[key])
    return 0


def upright_boxes(bbox: np.ndarray) -> np.ndarray:
    """Boxes (N, 4), left, top, right, bottom.

    Args:
        bbox: (N, 4), or the corners (N, 4, 2) of boxes that may be turned.
    """
    return bbox_corner2xyxy(bbox) if bbox.ndim == 3 else bbox


def select_instances(results: dict, keep: np.ndarray) -> None:
    """Removes the other instances from the sample, in place.

    Args:
        results: The sample.
        keep: (N,) bool.
    """
    for key in LABEL_KEYS + OTHER_KEYS:
        value = results.get(key)
        if isinstance(value, np.ndarray) and value.ndim and len(value) == len(keep):
            results[key] = value[keep]
        elif isinstance(value, list) and len(value) == len(keep):
            results[key] = list(compress(value, keep))


def join_instances(results: dict, samples: Sequence[dict]) -> None:
    """Gives a sample the instances of several, one after the other, in place.

    Args:
        results: The sample. Of what is no label it loses the keys that some of the others lack.
        samples: Where the instances stand, as arrays or lists; other values are passed over.

    Raises:
        ValueError: Some of the samples with instances lack a label, or shapes differ.
    """
    filled = [sample for sample in samples if count_instances(sample)] or samples[:1]
    for key in LABEL_KEYS + OTHER_KEYS:
        values = [sample[key] for sample in filled if sample.get(key) is not None]
        if not values or not all(isinstance(v, list) or np.ndim(v) for v in values):
            continue
        if len(values) == len(filled):
            results[key] = _joined(key, values)
        elif key in OTHER_KEYS:
            results.pop(key, None)
        else:
            raise ValueError(
                f'{len(filled) - len(values)} of {len(filled)} pictures to mix have instances '
                f'without {key!r}; let the data sets, and `pre_transform`, give all the same keys.'
            )


def _joined(key: str, values: list) -> np.ndarray | list:
    if any(isinstance(value, list) for value in values):
        return list(chain.from_iterable(values))
    if len({value.shape[1:] for value in values}) > 1:
        raise ValueError(
            f'{key!r} of the pictures to mix has the shapes {[v.shape for v in values]}, which '
            'must agree but for the number of instances; give all the same form (for boxes '
            '`bbox_keep_corner=False`, for keypoints a KeypointConverter in every data set).'
        )
    return np.concatenate(values)
