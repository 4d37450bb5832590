"""Which keypoints of one definition are which of another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

import numpy as np

from mmpose.structures.metainfo import parse_pose_metainfo

Index = int | str
Rows = Sequence[tuple[Index | tuple[Index, Index], Index]]


def check_rows(name: str, mapping: Rows, num_keypoints: int) -> tuple[np.ndarray, np.ndarray]:
    """Sources (M, 2), twice the same where there is one, and targets (M,), as indices.

    Args:
        name: What the mapping is called in messages.
        mapping: Rows (source, target); a source may be a pair. Of rows with the same target the
            last one counts.
        num_keypoints: How many keypoints there are to map to.

    Raises:
        ValueError: There is no row, or a row cannot be.
    """
    if len(mapping) == 0:
        raise ValueError(f'{name} is empty; give a row (source, target) for each keypoint.')
    by_target = {}
    for source, target in mapping:
        pair = [source, source] if isinstance(source, (int, np.integer)) else list(source)
        if len(pair) != 2 or min(pair) < 0:
            raise ValueError(
                f'{name} has the source {source!r}; expected an index from 0 on, or a pair of '
                'them, whose middle is the target.'
            )
        if not 0 <= target < num_keypoints:
            raise ValueError(
                f'{name} has the target {target!r} in the row {(source, target)!r}, but there are '
                f'{num_keypoints} keypoints; expected an index from 0 to {num_keypoints - 1}.'
            )
        by_target[target] = pair
    return np.array(list(by_target.values())), np.array(list(by_target))


def rows_by_name(
    source: str | dict, target: str | dict, mapping: Rows | Mapping | None = None
) -> tuple[Rows, int]:
    """Rows (source, target) of indices, and the number of keypoints of the target.

    Args:
        source: The definition to map from, the path of its file or what
            :func:`parse_pose_metainfo` takes.
        target: The definition to map to.
        mapping: What is called differently or is made otherwise, rows or a dict of names or
            indices; all that have the same name in both are mapped besides.

    Raises:
        ValueError: The definitions share no name and there is no mapping, or it has a name that is
            in none of them.
    """
    source, target = (
        parse_pose_metainfo(dict(from_file=info) if isinstance(info, str) else info)
        for info in (source, target)
    )
    source_ids, target_ids = source['keypoint_name2id'], target['keypoint_name2id']
    rows = [(source_ids[name], i) for name, i in target_ids.items() if name in source_ids]
    given = mapping.items() if isinstance(mapping, Mapping) else mapping or ()
    for from_, to in given:
        single = isinstance(from_, (str, int, np.integer))
        ids = [_index(point, source) for point in ([from_] if single else from_)]
        rows.append((ids[0] if single else tuple(ids), _index(to, target)))
    if not rows:
        raise ValueError(
            f'{source["dataset_name"]!r} and {target["dataset_name"]!r} have no name of a keypoint '
            'in common; say in mapping which is which: {name in the source: name in the target}.'
        )
    return rows, target['num_keypoints']


def _index(point: Index, definition: dict) -> int:
    """The index of a keypoint, given by its name or by itself."""
    if not isinstance(point, str):
        return point
    ids = definition['keypoint_name2id']
    if point not in ids:
        near = get_close_matches(point, ids, n=3)
        hint = f'Did you mean {_listed(near)}?' if near else f'It has {_listed(ids)}.'
        name = definition['dataset_name']
        raise ValueError(f'mapping has {point!r}, which is no keypoint of {name!r}. {hint}')
    return ids[point]


def _listed(names: Iterable[str]) -> str:
    return ', '.join(map(repr, names))
