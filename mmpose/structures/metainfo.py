"""Skeleton definitions of data sets: read, checked and brought into the form that code uses."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from mmpose.utils.resources import resource_path

_REQUIRED = ('dataset_name', 'keypoint_info', 'skeleton_info', 'joint_weights', 'sigmas')
_CONSUMED = ('from_file', *_REQUIRED, 'stats_info')
_KEYPOINT_COLOR = (255, 128, 0)
_LINK_COLOR = (96, 96, 255)


def parse_pose_metainfo(metainfo: dict) -> dict:
    """The definition of a data set's keypoints by index, as samples and models use it.

    With K keypoints and L skeleton links the result has ``dataset_name``, ``num_keypoints``,
    ``keypoint_id2name``, ``keypoint_name2id``, ``upper_body_ids``, ``lower_body_ids``,
    ``flip_indices`` (the mirror of each keypoint), ``flip_pairs`` [(mirror, keypoint)],
    ``keypoint_colors`` (K, 3) and ``skeleton_link_colors`` (L, 3; (0,) if L is 0) in uint8 RGB,
    ``num_skeleton_links``, ``skeleton_links`` [(id, id)], ``dataset_keypoint_weights`` (K,) and
    ``sigmas`` (K,) in float32, and, where given, ``stats_info`` as float32 arrays. Other keys
    are passed through.

    Two faults, which published definitions have, leave it usable and are only warned of: weights
    missing at the end of ``joint_weights`` are 1, and where a mirror names no keypoint back,
    ``flip_indices`` follows the one side that is given.

    Args:
        metainfo: One of: ``dict(from_file='configs/_base_/datasets/coco.py')``, a file that
            defines ``dataset_info``, looked up by :func:`mmpose.utils.resources.resource_path`,
            with further keys that override the file's; such a ``dataset_info`` itself; or a
            dict parsed already, which is returned as it is.

    Raises:
        FileNotFoundError: ``from_file`` is nowhere.
        ValueError: The definition has faults; the message lists all of them.

    Warns:
        UserWarning: It has faults that leave it usable; the message lists all of them.
    """
    if 'keypoint_id2name' in metainfo and 'keypoint_info' not in metainfo:
        return metainfo
    info, source = dict(metainfo), 'The metainfo'
    if 'from_file' in metainfo:
        path = resource_path(metainfo['from_file']).resolve()
        info = {**_read_dataset_info(path, path.stat().st_mtime_ns), **metainfo}
        source = str(path)
    faults, bearable = _faults(info)
    lines = '\n'.join(f'- {fault}' for fault in faults + bearable)
    if faults:
        raise ValueError(f'{source} is no valid keypoint definition:\n{lines}')
    if bearable:
        # from here whoever calls, so that Python's filter shows a definition's warning once
        warnings.warn(f'{source} has faults, but is used:\n{lines}', stacklevel=1)
    return _parse(info)


@lru_cache(maxsize=256)
def _read_dataset_info(path: Path, mtime_ns: int) -> dict:
    """The ``dataset_info`` of a config file; ``mtime_ns`` makes an edited file be read again."""
    from mmengine.config import Config

    config = Config.fromfile(path).to_dict()
    if 'dataset_info' not in config:
        raise ValueError(f'{path} defines no `dataset_info`; it has {sorted(config)}.')
    return config['dataset_info']


def _parse(info: dict) -> dict:
    keypoints = [info['keypoint_info'][i] for i in range(len(info['keypoint_info']))]
    links = [link for _, link in sorted(info['skeleton_info'].items())]
    name2id = {kpt['name']: i for i, kpt in enumerate(keypoints)}
    mirror = [name2id[_mirror_name(kpt)] for kpt in keypoints]
    weights = np.ones(len(keypoints), dtype=np.float32)
    weights[: len(info['joint_weights'])] = info['joint_weights']
    parsed = dict(
        dataset_name=info['dataset_name'],
        num_keypoints=len(keypoints),
        keypoint_id2name=dict(enumerate(name2id)),
        keypoint_name2id=name2id,
        upper_body_ids=[i for i, kpt in enumerate(keypoints) if kpt.get('type') == 'upper'],
        lower_body_ids=[i for i, kpt in enumerate(keypoints) if kpt.get('type') == 'lower'],
        flip_indices=mirror,
        flip_pairs=[(j, i) for i, j in enumerate(mirror) if i != j],
        keypoint_colors=_colors(keypoints, _KEYPOINT_COLOR),
        num_skeleton_links=len(links),
        skeleton_links=[tuple(name2id[name] for name in link['link']) for link in links],
        skeleton_link_colors=_colors(links, _LINK_COLOR),
        dataset_keypoint_weights=weights,
        sigmas=np.array(info['sigmas'], dtype=np.float32),
    )
    if 'stats_info' in info:
        parsed['stats_info'] = {
            name: np.array(value, dtype=np.float32) for name, value in info['stats_info'].items()
        }
    parsed.update({key: value for key, value in info.items() if key not in _CONSUMED})
    return parsed


def _mirror_name(keypoint: Mapping) -> str:
    return keypoint.get('swap') or keypoint['name']


def _colors(entries: list[Mapping], default: tuple[int, int, int]) -> np.ndarray:
    return np.array([entry.get('color', default) for entry in entries], dtype=np.uint8)


def _faults(info: dict) -> tuple[list[str], list[str]]:
    """What is wrong with a definition, a line each: what forbids its use, and what does not."""
    if missing := [key for key in _REQUIRED if key not in info]:
        hint = 'configs/_base_/datasets/coco.py shows each of them.'
        return [f'It lacks {", ".join(missing)}; {hint}'], []
    keypoint_info, skeleton_info = info['keypoint_info'], info['skeleton_info']
    if faults := [
        *_entry_faults('keypoint_info', keypoint_info, 'name', "dict(name='nose', swap='')"),
        *_entry_faults('skeleton_info', skeleton_info, 'link', "dict(link=('nose', 'neck'))"),
    ]:
        return faults, []
    names = [kpt['name'] for kpt in keypoint_info.values()]
    wrong_swaps, one_sided_swaps = _swap_faults(keypoint_info.values())
    wrong_weights, missing_weights = _weight_faults(info['joint_weights'], len(names))
    faults = [
        *_id_faults(list(keypoint_info)),
        *_name_faults(names),
        *wrong_swaps,
        *_link_faults(skeleton_info, set(names)),
        *wrong_weights,
        *_number_faults('sigmas', info['sigmas'], len(names)),
    ]
    return faults, one_sided_swaps + missing_weights


def _entry_faults(key: str, entries: Any, field: str, example: str) -> list[str]:
    if not isinstance(entries, Mapping):
        return [f'{key} is a {type(entries).__name__}; write a dict of {{id: {example}}}.']
    bad = [
        i for i, entry in entries.items() if not isinstance(entry, Mapping) or field not in entry
    ]
    return [f'{key} has no {field!r} at {bad}; write {example}.'] if bad else []


def _id_faults(ids: list) -> list[str]:
    if set(ids) == set(range(len(ids))):
        return []
    return [f'The keypoint ids are {ids}; number the keypoints from 0 to {len(ids) - 1}.']


def _name_faults(names: list[str]) -> list[str]:
    return [
        f'{count} keypoints are named {name!r}; give each its own name.'
        for name, count in Counter(names).items()
        if count > 1
    ]


def _swap_faults(keypoints: Iterable[Mapping]) -> tuple[list[str], list[str]]:
    """Mirrors that are unknown or contradict each other, and those that do not name one back."""
    mirrors = {kpt['name']: _mirror_name(kpt) for kpt in keypoints}
    faults, one_sided = [], []
    for name, mirror in mirrors.items():
        if mirror not in mirrors:
            faults.append(
                f'{name!r} swaps with {mirror!r}, which is no keypoint; name a keypoint, or write '
                "swap='' for one without a mirror."
            )
            continue
        back = mirrors[mirror]
        remedy = f'set swap={name!r} on {mirror!r}, or mend the swap of {name!r}.'
        if back == mirror != name:
            one_sided.append(
                f'{name!r} swaps with {mirror!r}, but {mirror!r} with itself, so both are at '
                f'{mirror!r} after a flip, also in a flip test; {remedy}'
            )
        elif back != name:
            faults.append(
                f'{name!r} swaps with {mirror!r}, but {mirror!r} swaps with {back!r}; {remedy}'
            )
    return faults, one_sided


def _link_faults(skeleton_info: Mapping, names: set[str]) -> list[str]:
    faults = []
    for i, entry in skeleton_info.items():
        link = tuple(entry['link'])
        if len(link) != 2:
            faults.append(f'Skeleton link {i} is {link}; name the two keypoints it joins.')
        elif unknown := [name for name in link if name not in names]:
            faults.append(
                f'Skeleton link {i} joins {link}, but {" and ".join(map(repr, unknown))} is no '
                'keypoint; use names from keypoint_info.'
            )
    return faults


def _weight_faults(weights: Any, K: int) -> tuple[list[str], list[str]]:
    faults = _number_faults('joint_weights', weights, K)
    if faults or len(weights) == K:
        return faults, []
    return [], [
        f'joint_weights has {len(weights)} numbers for {K} keypoints, so those from id '
        f'{len(weights)} on weigh 1; give one number for each, here or beside `from_file`.'
    ]


def _number_faults(key: str, values: Any, K: int) -> list[str]:
    try:
        numbers = np.array(values, dtype=np.float64)
    except (TypeError, ValueError):
        return [f'{key} is {values!r}; give {K} numbers.']
    if key == 'sigmas' and numbers.size == 0:
        return []  # enough for the metrics that do not ask for them
    too_few = key == 'sigmas' and numbers.size < K
    if numbers.ndim != 1 or numbers.size > K or too_few:
        return [f'{key} has shape {numbers.shape} for {K} keypoints; give one number for each.']
    large_enough, limit = numbers >= 0, '0 or more'
    if key == 'sigmas':  # OKS divides by them
        large_enough, limit = numbers > 0, 'above 0'
    bad = np.flatnonzero(~(large_enough & np.isfinite(numbers)))
    if not bad.size:
        return []
    values_by_id = {i: values[i] for i in bad.tolist()}
    return [f'{key} has {values_by_id} by keypoint id; give finite numbers, {limit}.']
