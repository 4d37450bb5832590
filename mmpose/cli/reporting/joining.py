"""Predictions and labels brought together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mmpose.cli.errors import ConfigError
from mmpose.evaluation.analysis import PoseRecords, records_of_coco
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from .skeletons import find_metainfo

if TYPE_CHECKING:
    from mmpose.evaluation.metrics.coco_ground_truth import CocoGroundTruth
    from mmpose.evaluation.metrics.coco_poses import Poses


class Results(NamedTuple):
    """What was read.

    Attributes:
        records: The poses, labelled and predicted.
        notices: What was assumed or left out, in sentences.
    """

    records: PoseRecords
    notices: list[str]


def join(
    poses: Poses,
    dataset: dict,
    fields: Sequence[str],
    sources: tuple[str, str],
    metainfo: str | None,
    dataset_name: str | None = None,
    image_paths: Mapping[Any, str] | None = None,
    suppression: tuple[str, float] | None = None,
) -> Results:
    """The records of predictions and a COCO data set.

    Args:
        poses: The predictions.
        dataset: The COCO data set.
        fields: The keys of an annotation that hold its keypoints.
        sources: The files of predictions and labels, for errors.
        metainfo: File that defines the keypoints; ``None`` looks for one that fits.
        dataset_name: The data set's name, if known.
        image_paths: Where pictures are, by id; others as the data set says.
        suppression: Mode and threshold of :func:`suppress`; ``None`` keeps all poses.

    Raises:
        ConfigError: Predictions, labels and definition do not fit each other.
    """
    from mmpose.evaluation.metrics.coco_poses import suppress

    notices: list[str] = []
    truth = _truth(dataset, fields, sources[1], notices)
    K = _num_keypoints(poses, truth, sources)
    if not len(poses.scores):
        poses = poses._replace(keypoints=np.empty((0, K, 3)))
        notices.append(f'{sources[0]} has no predictions, so every instance is missed.')
    meta, notice = find_metainfo(metainfo, K, _keypoint_names(dataset), dataset_name)
    notices += [notice] if notice else []
    _check_images(poses, truth, sources, notices)
    sigmas = np.asarray(meta['sigmas'], float)
    if suppression is not None and len(sigmas):
        poses = suppress(poses, *suppression, sigmas)
    paths = {image['id']: image.get('file_name', '') for image in dataset['images']}
    paths |= image_paths or {}
    try:
        records = records_of_coco(poses, truth, meta, paths, _areas(poses, fields))
    except (TypeError, ValueError) as error:
        raise ConfigError(f'{sources[0]} with {sources[1]}: {error}') from error
    return Results(records, notices)


def _areas(poses: Poses, fields: Sequence[str]) -> np.ndarray:
    """(D,) sizes of the poses, of whole bodies those of the first part, the body alone."""
    from mmpose.evaluation.metrics.coco_poses import extent

    body = WHOLEBODY_FIELDS[fields[0]] if len(fields) > 1 else None
    return extent(poses.keypoints[:, :body])


def _truth(
    dataset: dict, fields: Sequence[str], source: str, notices: list[str]
) -> CocoGroundTruth:
    from mmpose.evaluation.metrics.coco_ground_truth import parse_coco

    use_area = all('area' in annotation for annotation in dataset['annotations'])
    if not use_area:
        notices.append('Annotations have no `area`, for which 0.53 times that of the box is taken.')
    images = dataset['images']
    has_crowds = bool(images) and all('crowdIndex' in image for image in images)
    try:
        return parse_coco(dataset, use_area, has_crowds, fields=fields)
    except (TypeError, ValueError) as error:
        raise ConfigError(f'{source}: {error}') from error


def _num_keypoints(poses: Poses, truth: CocoGroundTruth, sources: tuple[str, str]) -> int:
    predicted, labelled = poses.keypoints.shape[1], truth.instances.keypoints.shape[1]
    if len(poses.scores) and labelled and predicted != labelled:
        raise ConfigError(
            f'{sources[0]} has {predicted} keypoints, {sources[1]} has {labelled}; give the '
            'annotations of the data set that the model was tested on.'
        )
    if not (predicted or labelled):
        raise ConfigError(f'{sources[0]} and {sources[1]} have no keypoint to report on.')
    return predicted or labelled


def _keypoint_names(dataset: dict) -> list[str]:
    """The names that all categories share; none if they differ."""
    named = [category.get('keypoints') or [] for category in dataset.get('categories', ())]
    return named[0] if named and all(names == named[0] for names in named) else []


def _check_images(
    poses: Poses, truth: CocoGroundTruth, sources: tuple[str, str], notices: list[str]
) -> None:
    known = np.isin(poses.image_ids, truth.image_ids)
    if len(known) and not known.any():
        raise ConfigError(
            f'no prediction is of an annotated image: {sources[0]} has the image ids '
            f'{_some(poses.image_ids)}, {sources[1]} has {_some(truth.image_ids)}; give the '
            'annotation file that the model was tested on by --ann-file.'
        )
    if not known.all():
        notices.append(
            f'{(~known).sum()} of {len(known)} predictions are left out, for their images are not '
            f'among the annotated ones: {_some(poses.image_ids[~known])}.'
        )


def _some(ids: np.ndarray) -> str:
    values = np.unique(ids).tolist()
    return ', '.join(map(str, values[:3])) + (', ...' if len(values) > 3 else '')
