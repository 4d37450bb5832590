"""What pose records take from the metainfo of a data set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def keypoint_fields(meta: Mapping[str, Any], num_keypoints: int) -> dict[str, Any]:
    """The fields of :class:`PoseRecords` that describe the keypoints.

    Args:
        meta: The metainfo, parsed. What does not fit ``num_keypoints``, such as names from before
            a conversion, is not used.
        num_keypoints: How many there are.
    """
    names, flips = dict(meta.get('keypoint_id2name', {})), meta.get('flip_indices', ())
    sigmas = np.asarray(meta.get('sigmas', ()), float)
    named = len(names) == num_keypoints
    return dict(
        dataset_name=meta.get('dataset_name', ''),
        keypoint_names=[names[k] if named else f'keypoint {k}' for k in range(num_keypoints)],
        flip_indices=flips if named and len(flips) == num_keypoints else np.arange(num_keypoints),
        sigmas=sigmas if len(sigmas) == num_keypoints else np.empty(0),
        skeleton_links=list(meta.get('skeleton_links', ())) if named else [],
    )
