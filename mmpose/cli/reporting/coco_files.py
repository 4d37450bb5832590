"""COCO result files and annotation files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mmpose.cli.checking.report import described
from mmpose.cli.errors import ConfigError
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from .joining import Results, join

if TYPE_CHECKING:
    from mmpose.evaluation.metrics.coco_poses import Poses

_KEYS = ('image_id', 'category_id', 'keypoints', 'score')


def read_coco_results(path: str, ann_file: str | None, metainfo: str | None) -> Results:
    """The poses of a COCO result file and of its annotation file.

    Raises:
        ConfigError: The files cannot be used, or do not fit each other.
    """
    entries = _read_entries(path)
    if ann_file is None:
        raise ConfigError(
            f'{path} has predictions only; give the labels by --ann-file, the COCO annotation '
            'file that the model was tested on.'
        )
    dataset = read_annotations(ann_file)
    first = (entries or dataset['annotations'] or [{}])[0]
    fields = fields_of(first)
    return join(
        _poses(entries, fields, path),
        dataset,
        fields,
        sources=(path, ann_file),
        metainfo=metainfo,
    )


def fields_of(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """The keys of a result or an annotation that hold keypoints."""
    return tuple(WHOLEBODY_FIELDS) if entry.keys() >= set(WHOLEBODY_FIELDS) else ('keypoints',)


def read_annotations(path: str) -> dict:
    """The data set in a COCO annotation file.

    Raises:
        ConfigError: It is another kind of file.
    """
    dataset = _read_json(path)
    if not isinstance(dataset, dict) or not {'images', 'annotations'} <= dataset.keys():
        raise ConfigError(
            f'--ann-file {path} is no COCO annotation file; expected an object with "images" and '
            '"annotations".'
        )
    return dataset


def _read_entries(path: str) -> list[dict]:
    entries = _read_json(path)
    if isinstance(entries, dict) and 'annotations' in entries:
        raise ConfigError(
            f'{path} is an annotation file; give the results first, and this file by --ann-file.'
        )
    if not isinstance(entries, list) or not all(
        isinstance(entry, dict) and entry.keys() >= set(_KEYS) for entry in entries
    ):
        raise ConfigError(
            f'{path} is no COCO result file; expected a list of objects, each with '
            f'{", ".join(_KEYS)}.'
        )
    return entries


def _read_json(path: str) -> Any:
    try:
        return json.loads(Path(path).read_text(encoding='utf-8'))
    except ValueError as error:
        raise ConfigError(f'{path} is not JSON: {error}. Write it again.') from error


def _poses(entries: Sequence[dict], fields: Sequence[str], path: str) -> Poses:
    from mmpose.evaluation.metrics.coco_ground_truth import id_array
    from mmpose.evaluation.metrics.coco_poses import Poses

    try:
        rows = [[float(v) for name in fields for v in entry[name]] for entry in entries]
        image_ids = id_array([entry['image_id'] for entry in entries], 'The results')
        category_ids = np.array([int(entry['category_id']) for entry in entries], int)
        scores = np.array([float(entry['score']) for entry in entries], float)
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f'{path} is no COCO result file: {described(error)}') from error
    lengths = {len(row) for row in rows}
    if len(lengths) > 1 or any(length % 3 for length in lengths):
        raise ConfigError(
            f'{path}: results have {", ".join(map(str, sorted(lengths)))} keypoint numbers; '
            'expected x, y and score of each keypoint, of equally many throughout.'
        )
    return Poses(
        ids=np.arange(len(entries)),
        image_ids=image_ids,
        category_ids=category_ids,
        keypoints=np.array(rows, float).reshape(len(rows), max(lengths, default=0) // 3, 3),
        scores=scores,
        areas=np.ones(len(entries)),  # for thinning out, which was done before the file
    )
