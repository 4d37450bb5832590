"""Average precision on COCO-WholeBody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmpose.registry import METRICS
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from ..functional import (
    KeypointDetections,
    coco_stats,
    match_pairs,
    oks_of_parts,
    pairs_to_match,
)
from .coco_ground_truth import CocoGroundTruth, of_keypoints
from .coco_metric import CocoMetric
from .coco_poses import Poses, extent

_PRINTED = ('AP', 'AP .5', 'AP .75', 'AR')


@METRICS.register_module()
class CocoWholeBodyMetric(CocoMetric):
    """COCO average precision and recall of whole bodies, with those of their parts in the log.

    Jin et al., 2020, `Whole-Body Human Pose Estimation in the Wild
    <https://arxiv.org/abs/2007.11858>`_. Body, feet, face and hands are measured like poses of
    their own: an instance in which no keypoint of the part is labelled is ignored, and size and
    score are those of the whole body.

    Args:
        part_numbers: Whether to return the numbers of the parts as well, such as 'face/AP'.
        **kwargs: Those of :class:`CocoMetric`; ``prefix`` ``None`` means 'coco-wholebody'.
    """

    default_prefix: str | None = 'coco-wholebody'
    KEYPOINT_FIELDS: dict[str, int | None] = WHOLEBODY_FIELDS
    body_num, foot_num, face_num, left_hand_num, right_hand_num = WHOLEBODY_FIELDS.values()
    PARTS = ('body', 'foot', 'face', 'lefthand', 'righthand')

    def __init__(self, *args: Any, part_numbers: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.part_numbers = part_numbers

    def measure(self, poses: Poses, truth: CocoGroundTruth, sigmas: np.ndarray) -> dict[str, float]:
        """The numbers of whole bodies, and if wanted of their parts."""
        ends = [0, *accumulate(WHOLEBODY_FIELDS.values())]
        parts = [slice(start, end) for start, end in pairwise(ends)]
        numbers = self._numbers([*parts, slice(None)], poses, truth, sigmas)
        *of_parts, whole = numbers
        parts = dict(zip(self.PARTS, of_parts, strict=True))
        print_log(_table({**parts, 'whole body': whole}), 'current')
        if self.part_numbers:
            whole |= {
                f'{part}/{name}': value
                for part, numbers in parts.items()
                for name, value in numbers.items()
            }
        return whole

    def _numbers(
        self, parts: Sequence[slice], poses: Poses, truth: CocoGroundTruth, sigmas: np.ndarray
    ) -> list[dict[str, float]]:
        """Those of :meth:`stats_of` for each part, computed together where all poses have all."""
        has_score = poses.keypoints[..., 2] > 0
        scored = all(has_score[:, part].any(1).all() for part in parts)
        if truth.crowd_index is not None or not scored or not (sigmas > 0).all():
            return [self.stats_of(part, poses, truth, sigmas) for part in parts]
        dts = KeypointDetections(
            image_ids=poses.image_ids,
            category_ids=poses.category_ids,
            keypoints=poses.keypoints[..., :2],
            scores=poses.scores,
            areas=self.areas_of(poses),
        )
        gts = truth.instances
        pairs = pairs_to_match(gts, dts)
        similarities = oks_of_parts(
            gts, dts.keypoints, pairs.gt, pairs.detections[pairs.dt], sigmas, parts
        )
        return [
            coco_stats(match_pairs(of_keypoints(gts, part), dts, pairs, oks))
            for part, oks in zip(parts, similarities, strict=True)
        ]

    def areas_of(self, poses: Poses) -> np.ndarray:
        """(D,) areas around the keypoints of the body alone."""
        return extent(poses.keypoints[:, : self.body_num])


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f'{"part":<11}' + ''.join(f'{name:>8}' for name in _PRINTED)]
    for part, numbers in rows.items():
        lines.append(f'{part:<11}' + ''.join(f'{numbers[name]:8.3f}' for name in _PRINTED))
    return '\n'.join(lines)
