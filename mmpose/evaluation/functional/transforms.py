"""Annotations, predictions and sigmas carried over to another keypoint definition.

A mapping is a list of (source, target) pairs of keypoint indices, as in the transform
``KeypointConverter``. A source may be a pair of indices and then means the point midway between
them. Targets that no pair names stay empty.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

KeypointMapping = Sequence[tuple[int, int] | tuple[tuple[int, int], int]]


def transform_sigmas(
    sigmas: np.ndarray | Sequence[float], num_keypoints: int, mapping: KeypointMapping
) -> np.ndarray:
    """Sigmas (num_keypoints,) of the target definition; 0 where nothing is mapped.

    Args:
        sigmas: (K,) spread of each source keypoint; a midpoint has the mean of its two.
        num_keypoints: How many keypoints the target definition has.
        mapping: (source, target) indices.
    """
    sigmas = np.asarray(sigmas)
    first, second, target = _indices(mapping, len(sigmas), num_keypoints)
    converted = np.zeros(num_keypoints, sigmas.dtype)
    converted[target] = _mean(sigmas[first], sigmas[second])
    return converted


def transform_ann(ann_info: dict, num_keypoints: int, mapping: KeypointMapping) -> dict:
    """A copy of a COCO annotation with keypoints of the target definition.

    Args:
        ann_info: ``keypoints`` [x1, y1, v1, x2, ...]; ``num_keypoints``, where present, becomes
            the number of labelled keypoints that were carried over.
        num_keypoints: How many keypoints the target definition has.
        mapping: (source, target) indices; a midpoint is labelled if both its sources are.
    """
    keypoints = np.asarray(ann_info['keypoints']).reshape(-1, 3)
    first, second, target = _indices(mapping, len(keypoints), num_keypoints)
    first, second = keypoints[first], keypoints[second]
    converted = np.zeros((num_keypoints, 3))
    converted[target, :2] = _mean(first[:, :2], second[:, :2])
    converted[target, 2] = np.minimum(first[:, 2], second[:, 2])
    ann_info = dict(ann_info, keypoints=converted.ravel().tolist())
    if 'num_keypoints' in ann_info:
        ann_info['num_keypoints'] = int(np.count_nonzero(converted[:, 2]))
    return ann_info


def transform_pred(pred_info: dict, num_keypoints: int, mapping: KeypointMapping) -> dict:
    """A copy of predicted instances with keypoints of the target definition.

    Args:
        pred_info: ``keypoints`` (N, K, D) and ``keypoint_scores`` (N, K).
        num_keypoints: How many keypoints the target definition has.
        mapping: (source, target) indices; a midpoint scores the mean of its two sources.
    """
    keypoints = np.asarray(pred_info['keypoints'])
    scores = np.asarray(pred_info['keypoint_scores'])
    first, second, target = _indices(mapping, keypoints.shape[1], num_keypoints)
    converted = np.zeros((len(keypoints), num_keypoints, keypoints.shape[-1]), keypoints.dtype)
    converted[:, target] = _mean(keypoints[:, first], keypoints[:, second])
    converted_scores = np.zeros((len(keypoints), num_keypoints), scores.dtype)
    converted_scores[:, target] = _mean(scores[:, first], scores[:, second])
    return dict(pred_info, keypoints=converted, keypoint_scores=converted_scores)


def _mean(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first + second) / 2


def _indices(
    mapping: KeypointMapping, num_source: int, num_target: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The two sources (equal, but for midpoints) and the target of each pair."""
    sources = np.array([np.broadcast_to(source, 2) for source, _ in mapping], int).reshape(-1, 2)
    targets = np.array([target for _, target in mapping], int)
    for indices, limit, what in ((sources, num_source, 'source'), (targets, num_target, 'target')):
        wrong = indices[(indices < 0) | (indices >= limit)]
        if wrong.size:
            raise ValueError(
                f'The mapping names the {what} keypoint {wrong[0]}, but there are only {limit}; '
                f'expected an index from 0 to {limit - 1}.'
            )
    return sources[:, 0], sources[:, 1], targets
