"""The visibility of the keypoints of a pipeline's sample."""

from __future__ import annotations

import numpy as np


def labelled_keypoints(results: dict) -> np.ndarray:
    """Which keypoints are labelled and have a position, (N, K) bool.

    Args:
        results: The sample, with ``keypoints`` (N, K, D) and ``keypoints_visible`` (N, K), or
            (N, K, 2) for visibility and weight; without the latter all are labelled.
    """
    has_position = np.isfinite(results['keypoints']).all(axis=-1)
    visible = results.get('keypoints_visible')
    if visible is None:
        return has_position
    if visible.ndim == 3:
        visible = visible[..., 0]
    return (visible > 0) & has_position


def split_visibility(results: dict) -> None:
    """Moves the weights out of ``keypoints_visible``, in place.

    Afterwards ``keypoints_visible`` is (N, K). If it was (N, K, 2), visibility and weight, the
    weights are found in ``keypoints_visible_weights``, (N, K).

    Args:
        results: The sample; one without ``keypoints_visible`` stays as it is.
    """
    visible = results.get('keypoints_visible')
    if visible is not None and visible.ndim == 3:
        results['keypoints_visible'] = visible[..., 0]
        results['keypoints_visible_weights'] = visible[..., 1]
