"""Poses of one skeleton in another: each joint from joints of these names, or from their means."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from mmpose.structures.metainfo import parse_pose_metainfo

# other names of the same joint
_COMMON_NAMES = dict(
    pelvis='root',
    mid_hip='root',
    hip='root',
    left_foot='left_ankle',
    right_foot='right_ankle',
    top_head='head_top',
)

# How a joint that a skeleton lacks is made of others: the first row whose joints can all be had,
# with the weights of their mean. The neck of Human3.6M is its upper end and its head is the middle
# of the skull: a quarter and seven twelfths of the way from the lower end to the top of the head.
_SHOULDERS = dict(left_shoulder=1, right_shoulder=1)
_RECIPES: dict[str, list[dict[str, float]]] = dict(
    root=[dict(left_hip=1, right_hip=1)],
    neck=[_SHOULDERS],
    thorax=[_SHOULDERS, dict(neck=1)],
    spine=[dict(root=1, thorax=1)],
    neck_base=[dict(nose=1), dict(upper_neck=1), dict(neck=3, head_top=1), dict(neck=1, head=1)],
    head=[
        dict(left_eye=1, right_eye=1),
        dict(head_bottom=1, head_top=1),
        dict(upper_neck=1, head_top=1),
        dict(neck=5, head_top=7),
    ],
)

# data sets whose files are called otherwise
_FILES = {'Human-Art': 'humanart', 'panoptic_pose_3d': 'panoptic_body3d'}
_MAX_LISTED = 6


def convert_keypoint_definition(
    keypoints: np.ndarray, pose_det_dataset: str | dict, pose_lift_dataset: str | dict
) -> np.ndarray:
    """(N, K', D) poses with the joints of another skeleton.

    Joints are matched by name. One that the first skeleton lacks is the mean of others: the root
    that of the hips, the thorax that of the shoulders, the spine the middle of these two, the head
    the middle of the eyes. All coordinates are averaged, and so is a score in the last column.

    Args:
        keypoints: (N, K, D), as detected.
        pose_det_dataset: The skeleton of ``keypoints``: the name of a data set, such as
            ``'coco'``, the path of a definition, or a definition as
            :func:`~mmpose.structures.metainfo.parse_pose_metainfo` takes or makes it.
        pose_lift_dataset: The skeleton that is wanted, likewise, such as ``'h36m'``.

    Raises:
        FileNotFoundError: There is no such data set.
        ValueError: A joint cannot be made, or K is not that of the first skeleton.

    Examples:
        >>> convert_keypoint_definition(poses, 'coco', 'h36m')[0, 0]  # the middle of the hips
        array([321.5, 240. ])
    """
    source, target = skeleton_definition(pose_det_dataset), skeleton_definition(pose_lift_dataset)
    names = tuple(source['keypoint_name2id'])
    keypoints = np.asarray(keypoints)
    if keypoints.ndim != 3 or keypoints.shape[1] != len(names):
        raise ValueError(
            f'keypoints has shape {keypoints.shape}, but {source["dataset_name"]!r} has '
            f'{len(names)} keypoints: (N, {len(names)}, D) was expected. Name the data set of the '
            'model that predicted them.'
        )
    labels = (source['dataset_name'], target['dataset_name'])
    indices, weights = _mixture(names, tuple(target['keypoint_name2id']), labels)
    mixed = (keypoints[:, indices] * weights[..., None]).sum(axis=2)
    return mixed.astype(np.result_type(keypoints.dtype, np.float32), copy=False)


def skeleton_definition(dataset: str | dict) -> dict:
    """The parsed definition of a skeleton.

    Args:
        dataset: A data set's name, the path of a definition, or a definition, parsed or not.

    Raises:
        FileNotFoundError: There is no such data set.
    """
    if isinstance(dataset, dict):
        return parse_pose_metainfo(dataset)
    if dataset.endswith('.py'):
        return parse_pose_metainfo(dict(from_file=dataset))
    path = f'configs/_base_/datasets/{_FILES.get(dataset, dataset)}.py'
    try:
        return parse_pose_metainfo(dict(from_file=path))
    except FileNotFoundError as error:
        raise FileNotFoundError(
            f'There is no data set {dataset!r}: {path} does not exist. Give the definition itself, '
            'such as `model.dataset_meta`, or the path of its file.'
        ) from error


@lru_cache(maxsize=64)
def _mixture(
    source: tuple[str, ...], target: tuple[str, ...], labels: tuple[str, str]
) -> tuple[np.ndarray, np.ndarray]:
    """Which joints each joint is made of, (K', M) indices, and their (K', M) weights.

    Args:
        source: The names of the joints that there are.
        target: Those of the joints that are wanted.
        labels: The names of both skeletons, for messages.
    """
    ids = {_COMMON_NAMES.get(name, name): i for i, name in enumerate(source)}
    ids.update({name: i for i, name in enumerate(source)})
    parts = {name: _parts(name, ids) for name in target}
    if missing := [name for name, found in parts.items() if not found]:
        raise ValueError(
            f'Poses of {labels[0]!r} cannot be turned into those of {labels[1]!r}: '
            f'{_listed(missing)} can neither be found by name nor be made of {_listed(source)}. '
            'Detect poses of a skeleton that has them, or rename the keypoints in its definition.'
        )
    indices = np.zeros((len(target), max(map(len, parts.values()))), dtype=np.intp)
    weights = np.zeros(indices.shape)
    for row, found in enumerate(parts.values()):
        # places that are left over repeat a joint, so that what is not known elsewhere stays there
        indices[row] = next(iter(found))
        indices[row, : len(found)], weights[row, : len(found)] = list(found), list(found.values())
    return indices, weights


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MAX_LISTED
    return ', '.join(names[:_MAX_LISTED]) + (f' and {more} more' if more > 0 else '')


def _parts(name: str, ids: dict[str, int]) -> dict[int, float]:
    """The weights of the joints that a joint is the mean of, by index; none if it cannot be had."""
    common = _COMMON_NAMES.get(name, name)
    if (index := ids.get(name, ids.get(common))) is not None:
        return {index: 1.0}
    for recipe in _RECIPES.get(common, ()):
        found = {part: _parts(part, ids) for part in recipe}
        if not all(found.values()):
            continue
        mixture: dict[int, float] = {}
        for part, weight in recipe.items():
            for i, share in found[part].items():
                mixture[i] = mixture.get(i, 0) + share * weight / sum(recipe.values())
        return mixture
    return {}
