"""Parts of bodies: hands, face, feet and others, by the names of keypoints."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import accumulate, pairwise

from mmpose.signatures import near_names
from mmpose.structures.keypoint import WHOLEBODY_FIELDS, side_of

from .skeleton import names_of

Part = str | Sequence[str | int]
"""A part of the body or a keypoint by name, or keypoints by names or indices."""

# how the definitions of whole bodies call what is not of the body itself
_FOOT = re.compile(r'(big|small)_?toe|heel', re.IGNORECASE)
_FACE = re.compile(r'face[-_]\d+', re.IGNORECASE)
_HAND = re.compile(
    r'hand_root|thumb_?\d|forefinger\d|(index|middle|ring|pinky)(_finger)?_?\d', re.IGNORECASE
)
_LISTED = 30  # keypoints that an error names
_WHOLE_BODY = ('body', 'foot', 'face', 'left_hand', 'right_hand')


def parts_of(metainfo: Mapping) -> dict[str, list[int]]:
    """The parts that a definition has, and the indices of their keypoints.

    They are 'body', 'foot', 'face', 'left_hand' and 'right_hand' where the names of the keypoints
    tell at least two of them apart, and 'upper_body' and 'lower_body'.
    """
    parts = _by_names(names_of(metainfo))
    halves = dict(upper_body=metainfo['upper_body_ids'], lower_body=metainfo['lower_body_ids'])
    return {part: list(ids) for part, ids in {**parts, **halves}.items() if len(ids)}


@lru_cache(maxsize=64)
def _by_names(names: tuple[str, ...]) -> dict[str, list[int]]:
    parts: dict[str, list[int]] = {part: [] for part in _WHOLE_BODY}
    for i, name in enumerate(names):
        parts[_part_of(name)].append(i)
    if all('wrist' in names[i].lower() for i in parts['body']):  # two hands and no arms
        for i in parts.pop('body'):
            parts[f'{side_of(names[i]) or "left"}_hand'].append(i)
    return parts if sum(map(bool, parts.values())) > 1 else {}


def _part_of(name: str) -> str:
    if _FACE.fullmatch(name):
        return 'face'
    side = side_of(name)
    if side and _HAND.search(name):
        return f'{side}_hand'
    return 'foot' if side and _FOOT.search(name) else 'body'


def part_indices(metainfo: Mapping, part: Part) -> list[int]:
    """The indices of the keypoints of a part, in its order.

    Args:
        metainfo: The definition of all.
        part: What is wanted.

    Raises:
        IndexError: There is no keypoint of an index.
        ValueError: There is no such part or keypoint, or one is wanted twice; the message lists
            what there is.
    """
    index, parts = metainfo['keypoint_name2id'], parts_of(metainfo)
    if isinstance(part, str) and part in parts:
        return parts[part]
    wanted = [part] if isinstance(part, str) else list(part)
    if unknown := [name for name in wanted if isinstance(name, str) and name not in index]:
        raise ValueError(unknown_name(unknown[0], list(index), list(parts)))
    indices = [index[name] if isinstance(name, str) else int(name) for name in wanted]
    if outside := [i for i in indices if not 0 <= i < len(index)]:
        raise IndexError(f'There is no keypoint {outside[0]}; they go from 0 to {len(index) - 1}.')
    if not indices or len(set(indices)) < len(indices):
        raise ValueError(f'The part is {part!r}; name at least one keypoint, and each once.')
    return indices


def unknown_name(name: str, keypoints: Sequence[str], parts: Sequence[str] = ()) -> str:
    """What an error says of a name that is neither that of a keypoint nor that of a part."""
    near = near_names(name, [*parts, *keypoints], 3)
    hint = f' Did you mean {" or ".join(map(repr, near))}?' if near else ''
    listed = [*parts, *keypoints[:_LISTED], *['...'] * (len(keypoints) > _LISTED)]
    kinds = 'neither a part nor a keypoint' if parts else 'no keypoint'
    return f'{name!r} is {kinds}.{hint} There are {", ".join(listed)}.'


def whole_body_fields(metainfo: Mapping) -> dict[str, slice] | None:
    """The keypoints in the keys of COCO-WholeBody's files; ``None`` for any other definition."""
    ends = [0, *accumulate(WHOLEBODY_FIELDS.values())]
    if metainfo['num_keypoints'] != ends[-1]:
        return None
    parts = parts_of(metainfo)
    wanted = [list(range(start, end)) for start, end in pairwise(ends)]
    if [parts.get(part) for part in _WHOLE_BODY] != wanted:
        return None
    slices = [slice(*bounds) for bounds in pairwise(ends)]
    return dict(zip(WHOLEBODY_FIELDS, slices, strict=True))
