"""DeepFashion: 8, 6 or 4 landmarks of clothes for the full, upper or lower body."""

from __future__ import annotations

from typing import Any

from mmpose.codecs.utils.checks import check_choice
from mmpose.registry import DATASETS

from ..base import BaseCocoStyleDataset


@DATASETS.register_module()
class DeepFashionDataset(BaseCocoStyleDataset):
    """Landmarks of clothes. Paper: `Liu et al., 2016 <https://arxiv.org/abs/1608.03049>`_.

    Args:
        ann_file: As in the base, like all that is not listed here.
        subset: Which clothes the file labels, ``'full'`` (8 landmarks), ``'upper'`` (6) or
            ``'lower'`` (4); ``''`` is ``'full'``.
        bbox_file: As in the base.
        data_mode: As in the base.
        metainfo: The landmarks; ``None``: those of ``subset``.
        **kwargs: See :class:`BaseCocoStyleDataset`.

    Raises:
        ValueError: ``subset`` is unknown.
    """

    METAINFO: dict = dict(from_file='configs/_base_/datasets/deepfashion_full.py')

    def __init__(
        self,
        ann_file: str = '',
        subset: str = '',
        bbox_file: str | None = None,
        data_mode: str = 'topdown',
        metainfo: dict | None = None,
        **kwargs: Any,
    ) -> None:
        check_choice('subset', subset, ('', 'full', 'upper', 'lower'))
        self.subset = subset
        if subset and metainfo is None:
            metainfo = dict(from_file=f'configs/_base_/datasets/deepfashion_{subset}.py')
        super().__init__(ann_file, bbox_file, data_mode, metainfo, **kwargs)
