"""Keypoints of one definition in the order and number of another."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from mmcv.transforms import BaseTransform

from mmpose.registry import TRANSFORMS

from .keypoint_mapping import Rows, check_rows, rows_by_name
from .sample import require_keys

# what has keypoints as its second axis, and the visibility of each
_KEYPOINT_KEYS = dict(
    keypoints='keypoints_visible',
    keypoints_3d='keypoints_3d_visible',
    lifting_target='lifting_target_visible',
)


@TRANSFORMS.register_module()
class KeypointConverter(BaseTransform):
    """Puts keypoints to the places that another definition has for them.

    Converts ``keypoints`` (N, K, D), ``keypoints_3d`` and ``lifting_target`` with their visibility
    (N, K), those that are there; without visibility all are visible. ``keypoints_visible`` becomes
    (N, K, 2), visibility and weight. The weight is 0 for keypoints that the data does not have,
    which are at 0 and invisible, and 1 for others, so that a network can learn from several data
    sets which keypoints are visible.

    The sample's metainfo, such as ``flip_indices``, stays that of the data set; wrap data sets in
    a :class:`~mmpose.datasets.CombinedDataset`, which puts in that of the common definition.

    Either ``num_keypoints`` and ``mapping`` say what goes where, by indices, or ``source`` and
    ``target`` do by names: keypoints that have the same name in both need not be mentioned.

    Args:
        num_keypoints: Number of keypoints of the new definition; ``None``: that of ``target``.
        mapping: Rows (source, target) of indices or, with ``target``, of names; a dict of names
            will do. A source may be a pair: the target is in their middle, and visible if both
            are. Of rows with the same target the last one counts, as published mappings need.
        source: The definition of the data, the path of its file or a dict as a data set's
            ``metainfo``.
        target: The new definition.

    Raises:
        ValueError: A row of the mapping cannot be, or the definitions do not have its names; later,
            the sample lacks one of the sources.
        TypeError: Neither way of mapping is complete.
        KeyError: A sample has no ``keypoints``.

    Example::

        >>> convert = KeypointConverter(num_keypoints=3, mapping=[(4, 0), ((5, 6), 2)])
        >>> sample = convert(dict(keypoints=np.arange(14.0).reshape(1, 7, 2)))
        >>> sample['keypoints'].tolist()
        [[[8.0, 9.0], [0.0, 0.0], [11.0, 12.0]]]
        >>> sample['keypoints_visible'].tolist()
        [[[1.0, 1.0], [0.0, 0.0], [1.0, 1.0]]]
        >>> convert = KeypointConverter(
        ...     source='configs/_base_/datasets/coco.py',
        ...     target='configs/_base_/datasets/crowdpose.py',
        ...     mapping={('left_shoulder', 'right_shoulder'): 'neck'})
        >>> convert.num_keypoints
        14
    """

    def __init__(
        self,
        num_keypoints: int | None = None,
        mapping: Rows | Mapping | None = None,
        source: str | dict | None = None,
        target: str | dict | None = None,
    ) -> None:
        super().__init__()
        if source is not None and target is not None:
            mapping, num_targets = rows_by_name(source, target, mapping)
            if num_keypoints not in (None, num_targets):
                raise ValueError(
                    f'num_keypoints is {num_keypoints}, but target has {num_targets}; leave it out.'
                )
            num_keypoints = num_targets
        elif None in (num_keypoints, mapping) or (source, target) != (None, None):
            raise TypeError(
                'KeypointConverter needs num_keypoints and mapping, by indices, or source and '
                'target, by names.'
            )
        self.num_keypoints = num_keypoints
        self.mapping = mapping
        self._sources, self._targets = check_rows('mapping', mapping, num_keypoints)

    def transform(self, results: dict) -> dict:
        """The sample with the keypoints of the new definition."""
        # Published code writes into flip_indices for mappings with pairs: into the list that all
        # samples of the data set share, so that it changes again with each of them, and always to
        # indices of the source's order. It stays as it is here.
        results.update(_converted(results, self._sources, self._targets, self.num_keypoints))
        return results


@TRANSFORMS.register_module()
class SingleHandConverter(BaseTransform):
    """Puts the keypoints of a hand to the places that another definition has for left or right.

    Like :class:`KeypointConverter`, with a mapping for each side. ``hand_type`` (N, 2) says which
    hand an instance is: [1, 0] right, [0, 1] left.

    Args:
        num_keypoints: Number of keypoints of the new definition.
        left_hand_mapping: Rows (source, target) for left hands.
        right_hand_mapping: Rows (source, target) for right hands.

    Raises:
        ValueError: A row of a mapping cannot be; later, the sample lacks one of the sources, or an
            instance is not one hand.
        KeyError: A sample has no ``keypoints`` or ``hand_type``.
    """

    def __init__(
        self, num_keypoints: int, left_hand_mapping: Rows, right_hand_mapping: Rows
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.left_hand_mapping = left_hand_mapping
        self.right_hand_mapping = right_hand_mapping
        self._left = check_rows('left_hand_mapping', left_hand_mapping, num_keypoints)
        self._right = check_rows('right_hand_mapping', right_hand_mapping, num_keypoints)

    def transform(self, results: dict) -> dict:
        """The sample with the keypoints of the new definition."""
        remedy = 'It says which hand an instance is, [1, 0] right and [0, 1] left.'
        require_keys(results, 'SingleHandConverter', ('hand_type',), remedy)
        hand_type = np.reshape(results['hand_type'], (-1, 2)) > 0
        if not (hand_type.sum(axis=1) == 1).all():
            raise ValueError(
                f'hand_type is {np.asarray(results["hand_type"]).tolist()}, but each instance must '
                'be one hand, [1, 0] or [0, 1]; use KeypointConverter for instances of two hands.'
            )
        left, right = (
            _converted(results, *rows, self.num_keypoints) for rows in (self._left, self._right)
        )
        for key, values in right.items():
            is_right = hand_type[:, 0].reshape(-1, *[1] * (values.ndim - 1))
            results[key] = np.where(is_right, values, left[key])
        return results


def _converted(
    results: dict, sources: np.ndarray, targets: np.ndarray, num_keypoints: int
) -> dict[str, np.ndarray]:
    """The sample's values that the conversion changes."""
    require_keys(results, 'KeypointConverter', ('keypoints',), 'Data sets read them.')
    values = {}
    for key, visible_key in _KEYPOINT_KEYS.items():
        keypoints = results.get(key)
        if keypoints is None:
            continue
        _check_sources(key, sources, targets, keypoints.shape[1])
        visible = results.get(visible_key)
        if visible is None:
            visible = np.ones(keypoints.shape[:2], dtype=np.float32)
        if key == 'keypoints' and visible.ndim == 2:
            visible = np.stack([visible, np.ones_like(visible)], axis=-1)
        first, second = sources.T
        middle = (keypoints[:, first] + keypoints[:, second]) * 0.5
        both = np.minimum(visible[:, first], visible[:, second])
        for name, mapped, like in ((key, middle, keypoints), (visible_key, both, visible)):
            shape = (len(like), num_keypoints, *like.shape[2:])
            values[name] = np.zeros(shape, dtype=like.dtype)
            values[name][:, targets] = mapped
    return values


def _check_sources(key: str, sources: np.ndarray, targets: np.ndarray, num_sources: int) -> None:
    beyond = (sources >= num_sources).any(axis=1)
    if beyond.any():
        row = beyond.argmax()
        raise ValueError(
            f'The mapping takes target {targets[row]} from source {sources[row].max()}, but the '
            f'sample has {num_sources} {key}; check that the mapping is that of this data set.'
        )
