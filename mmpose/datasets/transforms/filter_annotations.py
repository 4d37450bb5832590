"""Leaving out instances that are too small or hardly visible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import TRANSFORMS

from .instances import count_instances, select_instances, upright_boxes
from .visibility import labelled_keypoints


@TRANSFORMS.register_module()
class FilterAnnotations(BaseTransform):
    """Removes the instances that fail one of the chosen tests, from every key that lists them.

    A test whose key (``bbox``, ``area``, ``keypoints``) the sample lacks is passed.

    Args:
        min_gt_bbox_wh: Width and height, pixels, that a box must exceed.
        min_gt_area: Area, square pixels, that an instance must have.
        min_kpt_vis: Number of labelled keypoints that an instance must have.
        by_box: Whether to test boxes.
        by_area: Whether to test areas.
        by_kpt: Whether to test keypoints.
        keep_empty: Whether removing every instance gives ``None``, which tells the data set to
            take another picture, rather than a sample without instances. A sample that comes
            without instances passes either way.

    Raises:
        ValueError: No test is chosen, or ``min_gt_bbox_wh`` is not a pair.

    Example::

        >>> FilterAnnotations(by_box=True, by_kpt=True, keep_empty=False)  # as for RTMO
    """

    def __init__(
        self,
        min_gt_bbox_wh: tuple[int, int] = (1, 1),
        min_gt_area: int = 1,
        min_kpt_vis: int = 1,
        by_box: bool = False,
        by_area: bool = False,
        by_kpt: bool = True,
        keep_empty: bool = True,
    ) -> None:
        super().__init__()
        if not (by_box or by_area or by_kpt):
            raise ValueError(
                'FilterAnnotations has no test; set by_box, by_area or by_kpt, or remove it.'
            )
        if not isinstance(min_gt_bbox_wh, Sequence) or len(min_gt_bbox_wh) != 2:
            raise ValueError(f'min_gt_bbox_wh is {min_gt_bbox_wh!r}; expected pixels, (w, h).')
        self.min_gt_bbox_wh = min_gt_bbox_wh
        self.min_gt_area = min_gt_area
        self.min_kpt_vis = min_kpt_vis
        self.by_box = by_box
        self.by_area = by_area
        self.by_kpt = by_kpt
        self.keep_empty = keep_empty

    def transform(self, results: dict) -> dict | None:
        """The sample with the instances that pass, or ``None``; see ``keep_empty``."""
        N = count_instances(results)
        if N == 0:
            return results
        keep = np.ones(N, dtype=bool)
        if self.by_box and results.get('bbox') is not None:
            boxes = upright_boxes(results['bbox'])
            keep &= (boxes[:, 2:] - boxes[:, :2] > self.min_gt_bbox_wh).all(axis=1)
        if self.by_area and results.get('area') is not None:
            keep &= results['area'] >= self.min_gt_area
        if self.by_kpt and results.get('keypoints') is not None:
            keep &= labelled_keypoints(results).sum(axis=1) >= self.min_kpt_vis
        if self.keep_empty and not keep.any():
            return None
        select_instances(results, keep)
        return results
