"""The keypoint definition of results: made of names, cut to some keypoints, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from mmpose.structures import parse_pose_metainfo
from mmpose.structures.keypoint import mirrors_by_name

# what a file keeps of a definition beside its names, with the types of its arrays
_LISTS = ('skeleton_links', 'flip_pairs', 'flip_indices', 'upper_body_ids', 'lower_body_ids')
_ARRAYS = dict(
    keypoint_colors=np.uint8,
    skeleton_link_colors=np.uint8,
    dataset_keypoint_weights=np.float32,
    sigmas=np.float32,
)


def as_metainfo(metainfo: Mapping | Sequence[str]) -> Mapping:
    """A keypoint definition by index.

    Args:
        metainfo: As :func:`mmpose.structures.parse_pose_metainfo` takes it, or names alone.

    Raises:
        ValueError: The definition has faults.
    """
    if isinstance(metainfo, Mapping):
        return parse_pose_metainfo(metainfo)
    return _of_names(tuple(metainfo))


def metainfo_for(metainfo: Mapping | Sequence[str] | None, num_keypoints: int) -> Mapping:
    """A keypoint definition by index of so many keypoints.

    Args:
        metainfo: As for :func:`as_metainfo`; ``None`` calls them ``keypoint_0`` and so on.
        num_keypoints: How many there are.

    Raises:
        ValueError: The definition has faults or another number of keypoints.
    """
    if metainfo is None:
        metainfo = [f'keypoint_{i}' for i in range(num_keypoints)]
    metainfo = as_metainfo(metainfo)
    if metainfo['num_keypoints'] != num_keypoints:
        raise ValueError(
            f'The keypoints are {num_keypoints}, but the metainfo '
            f'({metainfo["dataset_name"]}) defines {metainfo["num_keypoints"]}; give that of the '
            "model's data set, or `restricted(metainfo, indices)` where it returns only some."
        )
    return metainfo


@lru_cache(maxsize=64)
def _of_names(names: tuple[str, ...]) -> dict:
    mirrors = mirrors_by_name(names)
    return parse_pose_metainfo(
        dict(
            dataset_name='keypoints',
            keypoint_info={
                i: dict(name=name, swap=mirrors.get(name, '')) for i, name in enumerate(names)
            },
            skeleton_info={},
            joint_weights=[1.0] * len(names),
            sigmas=[],
        )
    )


def names_of(metainfo: Mapping) -> tuple[str, ...]:
    """The names of the keypoints in order."""
    return tuple(metainfo['keypoint_id2name'][i] for i in range(metainfo['num_keypoints']))


def restricted(metainfo: Mapping, indices: Sequence[int]) -> dict:
    """The definition of some of the keypoints, with the links and mirrors among them.

    Args:
        metainfo: As :func:`mmpose.structures.parse_pose_metainfo` makes it.
        indices: Which keypoints, in their new order.
    """
    place = {old: new for new, old in enumerate(indices)}
    names = names_of(metainfo)
    links = [set(link) <= place.keys() for link in metainfo['skeleton_links']]
    kept = [link for link, keep in zip(metainfo['skeleton_links'], links, strict=True) if keep]
    mirrors = [place.get(metainfo['flip_indices'][old], new) for new, old in enumerate(indices)]
    cut = dict(
        metainfo,
        num_keypoints=len(place),
        keypoint_id2name={new: names[old] for old, new in place.items()},
        keypoint_name2id={names[old]: new for old, new in place.items()},
        flip_indices=mirrors,
        flip_pairs=[(j, i) for i, j in enumerate(mirrors) if i != j],
        num_skeleton_links=len(kept),
        skeleton_links=[tuple(place[i] for i in link) for link in kept],
        skeleton_link_colors=np.asarray(metainfo['skeleton_link_colors'])[links],
    )
    for key in ('upper_body_ids', 'lower_body_ids'):
        cut[key] = sorted(place[i] for i in metainfo[key] if i in place)
    for key in ('keypoint_colors', 'dataset_keypoint_weights', 'sigmas'):
        values = np.asarray(metainfo[key])
        cut[key] = values[list(indices)] if len(values) else values
    return cut


def to_plain(metainfo: Mapping) -> dict[str, Any]:
    """The definition as plain Python values, for JSON; what else a data set says is left out."""
    plain = dict(dataset_name=metainfo['dataset_name'], keypoint_names=list(names_of(metainfo)))
    return plain | {key: np.asarray(metainfo[key]).tolist() for key in (*_LISTS, *_ARRAYS)}


def from_plain(plain: Mapping) -> dict[str, Any]:
    """The definition that :func:`to_plain` was given."""
    names = plain['keypoint_names']
    return dict(
        dataset_name=plain['dataset_name'],
        num_keypoints=len(names),
        keypoint_id2name=dict(enumerate(names)),
        keypoint_name2id={name: i for i, name in enumerate(names)},
        num_skeleton_links=len(plain['skeleton_links']),
        skeleton_links=[tuple(link) for link in plain['skeleton_links']],
        flip_pairs=[tuple(pair) for pair in plain['flip_pairs']],
        **{key: list(plain[key]) for key in _LISTS[2:]},
        **{key: np.array(plain[key], dtype) for key, dtype in _ARRAYS.items()},
    )
