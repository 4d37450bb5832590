"""Average precision on COCO-WholeBody."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise
from typing import Any

import numpy as np
from mmengine.logging import print_log

from mmpose.registry import METRICS
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from .coco_ground_truth import CocoGroundTruth
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
        parts = {
            name: self.stats_of(slice(start, end), poses, truth, sigmas)
            for name, (start, end) in zip(self.PARTS, pairwise(ends), strict=True)
        }
        whole = super().measure(poses, truth, sigmas)
        print_log(_table({**parts, 'whole body': whole}), 'current')
        if self.part_numbers:
            whole |= {
                f'{part}/{name}': value
                for part, numbers in parts.items()
                for name, value in numbers.items()
            }
        return whole

    def areas_of(self, poses: Poses) -> np.ndarray:
        """(D,) areas around the keypoints of the body alone."""
        return extent(poses.keypoints[:, : self.body_num])


def _table(rows: Mapping[str, Mapping[str, float]]) -> str:
    lines = [f'{"part":<11}' + ''.join(f'{name:>8}' for name in _PRINTED)]
    for part, numbers in rows.items():
        lines.append(f'{part:<11}' + ''.join(f'{numbers[name]:8.3f}' for name in _PRINTED))
    return '\n'.join(lines)
