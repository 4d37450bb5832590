"""What the items of a data set hold, before the pipeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MAX_ITEMS = 200_000  # enough for shares to a tenth of a per cent


@dataclass
class ItemSummary:
    """Counts over the items of a data set.

    Attributes:
        num_items: Items that there are.
        num_read: Items that were counted, all or ``MAX_ITEMS`` evenly spread.
        num_instances: Instances in the items read.
        num_labelled: Instances in them that are labelled, as detected boxes are not.
        labelled: (K,) how many instances have the keypoint labelled; ``None``: none has labels.
        outside: Ids of the instances with labelled keypoints outside their picture.
        no_area: Ids of the instances whose box has no area.
        pictures: The paths of the pictures, each with its image id.
        categories: The category ids of the instances.
    """

    num_items: int
    num_read: int = 0
    num_instances: int = 0
    num_labelled: int = 0
    labelled: np.ndarray | None = None
    outside: list = field(default_factory=list)
    no_area: list = field(default_factory=list)
    pictures: dict[str, Hashable] = field(default_factory=dict)
    categories: Counter = field(default_factory=Counter)

    @property
    def image_ids(self) -> set[Hashable]:
        """The ids of the images."""
        return set(self.pictures.values()) - {None}

    def add(self, item: dict, sizes: Mapping[Hashable, tuple[float, float] | None]) -> None:
        """Count an item.

        Args:
            item: From the data set.
            sizes: By image id (w, h), where known.
        """
        self.num_read += 1
        for path in _paths(item):
            self.pictures[path] = item.get('img_id')
        boxes, keypoints = item.get('bbox'), item.get('keypoints')
        ids = np.ravel(item.get('id', -1)).tolist()
        if boxes is not None:
            boxes = np.reshape(boxes, (len(boxes), -1))[:, :4]
            self.no_area += _chosen(ids, ~(boxes[:, 2:] > boxes[:, :2]).all(axis=1))
        if 'category_id' in item:
            self.categories.update(np.ravel(item['category_id']).tolist())
        # without boxes, such as for pose lifting, an item is one instance in several frames
        self.num_instances += len(boxes) if boxes is not None else int(keypoints is not None)
        if keypoints is not None and np.any(keypoints):
            self._add_keypoints(item, ids, sizes.get(item.get('img_id')))

    def _add_keypoints(self, item: dict, ids: list, size_wh: tuple[float, float] | None) -> None:
        points = np.asarray(item['keypoints'])[..., :2]
        visible = np.asarray(item.get('keypoints_visible', np.ones(points.shape[:2])))
        visible = (visible[..., 0] if visible.ndim == 3 else visible) > 0
        if self.labelled is None:
            self.labelled = np.zeros(points.shape[1], dtype=np.int64)
        if points.shape[1] != len(self.labelled):
            raise ValueError(
                f'item {ids[:1]} has {points.shape[1]} keypoints, those before it '
                f'{len(self.labelled)}; a data set has one skeleton.'
            )
        self.num_labelled += len(points)
        self.labelled += visible.sum(axis=0)
        if size_wh is not None:
            # a pixel is left for the conventions of where a picture ends
            outside = ((points < -1) | (points > np.add(size_wh, 1))).any(axis=-1)
            self.outside += _chosen(ids, (visible & outside).any(axis=1))


def summarise(
    dataset: Any, sizes: Mapping[Hashable, tuple[float, float] | None] | None = None
) -> ItemSummary:
    """The summary of a data set's items.

    Args:
        dataset: A data set that was read.
        sizes: By image id (w, h), where known.
    """
    summary = ItemSummary(num_items=len(dataset))
    for index in spread(len(dataset), MAX_ITEMS):
        summary.add(dataset.get_data_info(index), sizes or {})
    return summary


def spread(total: int, count: int) -> list[int]:
    """Up to ``count`` indices below ``total``, evenly spread from the first to the last."""
    return np.unique(np.linspace(0, total - 1, min(total, count)).astype(int)).tolist()


def _paths(item: dict) -> list[str]:
    paths = item.get('img_path', item.get('img_paths'))
    return [str(path) for path in np.ravel(paths) if path is not None]


def _chosen(ids: list, mask: np.ndarray) -> list:
    """The ids of the instances in ``mask``; frames of a sequence share the one that it has."""
    if len(ids) != len(mask):
        return ids[:1] * bool(mask.any())
    return [ids[i] for i in np.flatnonzero(mask)]
