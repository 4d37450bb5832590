"""The predictions that ``mmpose test --dump`` writes."""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import numpy as np

from mmpose.cli.errors import ConfigError
from mmpose.structures.keypoint import WHOLEBODY_FIELDS
from mmpose.utils.safe_unpickling import RefusedError, load_pickle

from .coco_files import fields_of, read_annotations
from .joining import Results, join

_KEYS = ('id', 'img_id', 'pred_instances')
_ANNOTATION_KEYS = ('id', 'category_id', 'keypoints', 'bbox')
# what CocoMetric does unless a config says otherwise
_SCORE_MODE, _SCORE_THR, _NMS_MODE, _NMS_THR = 'bbox_keypoint', 0.2, 'oks_nms', 0.9
_NOTICE = (
    'Poses are scored and thinned out as CocoMetric does by default. Where the config sets '
    '`score_mode` or `nms_mode`, `mmpose test --report` follows it.'
)


def read_dump(path: str, ann_file: str | None, metainfo: str | None) -> Results:
    """The poses of dumped predictions, and their labels from there or from an annotation file.

    Nothing in the file is run: of what a pickle can hold, plain values, arrays and tensors are
    read.

    Raises:
        ConfigError: The files cannot be used, or do not fit each other.
    """
    from mmpose.evaluation.metrics.coco_poses import gather_poses, pose_scores, prediction_of

    samples = _read_samples(path)
    dataset = _annotations_in(samples, path) if ann_file is None else read_annotations(ann_file)
    scored = all('bbox_scores' in sample['pred_instances'] for sample in samples)
    try:
        predictions = [prediction_of(sample, None, boxes_scored=scored) for sample in samples]
        poses = gather_poses(predictions, predictions[0].keypoints.shape[1])
    except (TypeError, ValueError) as error:
        raise ConfigError(f'{path}: {error}') from error
    mode = _SCORE_MODE if scored else 'keypoint'
    scores = pose_scores(mode, poses.scores, poses.keypoints[..., 2], _SCORE_THR)
    # a model of bodies may have been tested on annotations of whole bodies
    is_whole = poses.keypoints.shape[1] == sum(WHOLEBODY_FIELDS.values())
    annotation = (dataset['annotations'] or [{}])[0]
    names = {sample.get('dataset_name') for sample in samples}
    results = join(
        poses._replace(scores=scores),
        dataset,
        fields_of(annotation if is_whole else {}),
        sources=(path, ann_file or path),
        metainfo=metainfo,
        dataset_name=names.pop() if len(names) == 1 else None,
        image_paths={sample['img_id']: sample.get('img_path', '') for sample in samples},
        suppression=(_NMS_MODE, _NMS_THR),
    )
    results.notices.append(_NOTICE)
    return results


def _read_samples(path: str) -> list[dict]:
    try:
        with Path(path).open('rb') as file:
            samples = load_pickle(file)
    except RefusedError as error:
        raise ConfigError(
            f'{path} was not read: it names {error.name!r}, which predictions do not need and '
            'which could run code. Write it again by `mmpose test CONFIG CHECKPOINT --dump FILE`.'
        ) from error
    except UnpicklingError:
        samples = None
    if not isinstance(samples, list) or not all(
        isinstance(sample, dict)
        and sample.keys() >= set(_KEYS)
        and {'keypoints', 'keypoint_scores'} <= sample['pred_instances'].keys()
        for sample in samples
    ):
        raise ConfigError(
            f'{path} is no file of predictions; expected the list of data samples that '
            '`mmpose test CONFIG CHECKPOINT --dump FILE.pkl` writes.'
        )
    if not samples:
        raise ConfigError(f'{path} has no predictions; test on a data set that is not empty.')
    sides = {np.shape(sample['pred_instances']['keypoints'])[-1] for sample in samples}
    if sides != {2}:
        raise ConfigError(
            f'{path} has keypoints of {", ".join(map(str, sorted(sides)))} coordinates; a report '
            'is made of poses in pictures, which have 2.'
        )
    return samples


def _annotations_in(samples: list[dict], path: str) -> dict:
    """The data set that the samples' own annotations make up."""
    from mmpose.evaluation.metrics.coco_ground_truth import samples_to_coco, truth_of

    mend = 'give the annotation file that the model was tested on by --ann-file.'
    try:
        truths = [truth_of(sample) for sample in samples]
    except ValueError as error:
        raise ConfigError(f'the samples in {path} carry no annotations; {mend}') from error
    annotations = [annotation for truth in truths for annotation in truth['raw_ann_info']]
    for annotation in annotations:
        if missing := [key for key in _ANNOTATION_KEYS if key not in annotation]:
            raise ConfigError(
                f'the annotations in {path} are not in COCO style, without '
                f'{", ".join(missing)}; {mend}'
            )
    return samples_to_coco(truths)
