"""Metrics of parts of the keypoints, such as those of face and hands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from mmpose.registry import METRICS
from mmpose.structures.keypoint import WHOLEBODY_FIELDS

from .coco_metric import CocoMetric
from .keypoint_2d_metrics import AUC, EPE, NME, PCKAccuracy

_SUPPORTED = (CocoMetric, PCKAccuracy, AUC, EPE, NME)
# the fields of instances that have one entry for each keypoint, (N, K, ...)
_BY_KEYPOINT = ('keypoints', 'keypoint_scores', 'keypoints_visible')


@METRICS.register_module()
class KeypointPartitionMetric(BaseMetric):
    """The numbers of a metric for each part of the keypoints, as 'part/number'.

    Sizes that distances and similarities are measured in stay those of the whole instance.

    Args:
        metric: Config of the metric: CocoMetric, PCKAccuracy with ``norm_item`` 'bbox', AUC, EPE,
            or NME with ``norm_mode`` 'use_norm_item'; other sizes lie between keypoints that a
            part may lack. For CocoMetric the ground truth is always that of ``raw_ann_info`` and
            the size of an instance 0.53 times its box; the name of the part follows
            ``outfile_prefix`` and the path of ``analysis``.
        partitions: By name of the part, the indices of its keypoints, such as
            ``dict(body=range(17), face=range(23, 91))``.

    Raises:
        ValueError: There are no parts, the indices of one cannot be, or ``metric`` is none of
            these.
    """

    default_prefix: str | None = ''  # the part's name stands first

    def __init__(self, metric: dict, partitions: dict[str, Sequence[int]]) -> None:
        super().__init__()
        if not partitions:
            raise ValueError(
                'partitions is empty; name the parts with the indices of their keypoints, such as '
                'dict(body=range(17), face=range(23, 91)).'
            )
        self.partitions = {name: _checked_indices(name, part) for name, part in partitions.items()}
        kind = _checked_kind(metric)
        self._has_annotations = kind is CocoMetric
        if kind is CocoMetric:
            metric = _without_file(metric)
        self.metrics: dict[str, BaseMetric] = {
            name: METRICS.build(_of_part(metric, name)) for name in partitions
        }

    @property
    def dataset_meta(self) -> dict | None:
        """Metainfo of the data set, with all keypoints."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict) -> None:
        num_keypoints = dataset_meta.get('num_keypoints', len(dataset_meta.get('sigmas', ())))
        self._check_number(num_keypoints, f'the data set {dataset_meta.get("dataset_name")!r} has')
        self._dataset_meta = dataset_meta
        for name, indices in self.partitions.items():
            self.metrics[name].dataset_meta = _part_of_meta(dataset_meta, indices)

    def process(self, data_batch: Any, data_samples: Sequence[dict]) -> None:
        """Let the metric of each part keep what it needs of some samples.

        Args:
            data_batch: As the metric takes it.
            data_samples: As the metric takes them. Where the keypoints of CocoMetric go beyond
                ``keypoints`` of an annotation, it has those of COCO-WholeBody in their five
                fields. The samples are left as they are.

        Raises:
            ValueError: A sample lacks keypoints of a part, or predictions and labels have
                different numbers of them.
        """
        for sample in data_samples:
            self._check_sample(sample)
        annotations = [self._annotations(sample) for sample in data_samples]
        for name, indices in self.partitions.items():
            parts = [
                _part_of_sample(sample, anns, indices)
                for sample, anns in zip(data_samples, annotations, strict=True)
            ]
            self.metrics[name].process(data_batch, parts)

    def evaluate(self, size: int) -> dict:
        """The numbers of all parts, the same on every process.

        Args:
            size: How many samples the data set has.
        """
        return {
            f'{part}/{name}': value
            for part, metric in self.metrics.items()
            for name, value in metric.evaluate(size).items()
        }

    def compute_metrics(self, results: list) -> dict:
        """Not to be called, for the results lie with the metrics of the parts.

        Raises:
            NotImplementedError: Always.
        """
        raise NotImplementedError(
            'KeypointPartitionMetric keeps no results of its own; call `evaluate`, or '
            '`compute_metrics` of the metrics of its parts, `metrics`.'
        )

    def _annotations(self, sample: dict) -> list[tuple[dict, np.ndarray]]:
        """The annotations of the sample, if the metric needs any, and their (K, 3) keypoints."""
        # those of data sets that other metrics are for may have no keypoints
        anns = (sample.get('raw_ann_info') or []) if self._has_annotations else []
        found = []
        for ann in [anns] if isinstance(anns, Mapping) else anns:
            keypoints = self._annotated_keypoints(ann)
            self._check_number(len(keypoints), f'annotation {ann.get("id")} has')
            found.append((ann, keypoints))
        return found

    def _annotated_keypoints(self, ann: Mapping) -> np.ndarray:
        needed = 1 + max(part.max() for part in self.partitions.values())
        values = ann.get('keypoints', ())
        if len(values) < 3 * needed and all(field in ann for field in WHOLEBODY_FIELDS):
            values = [value for field in WHOLEBODY_FIELDS for value in ann[field]]
        return np.array(values).reshape(-1, 3)

    def _check_sample(self, sample: dict) -> None:
        counts = {
            group: sample[group]['keypoints'].shape[1]
            for group in ('pred_instances', 'gt_instances')
            if 'keypoints' in sample.get(group, ())
        }
        whose = f'sample {sample.get("id")} (image {sample.get("img_path", sample.get("img_id"))})'
        if len(set(counts.values())) > 1:
            raise ValueError(
                f'KeypointPartitionMetric: {whose} has {counts["pred_instances"]} predicted and '
                f'{counts["gt_instances"]} labelled keypoints; the model and the test data must '
                'have the same.'
            )
        for count in counts.values():
            self._check_number(count, f'{whose} has')

    def _check_number(self, num_keypoints: int, whose: str) -> None:
        for name, indices in self.partitions.items():
            if indices.max() >= num_keypoints:
                raise ValueError(
                    f'The part {name!r} of `partitions` has keypoint {indices.max()}, but {whose} '
                    f'{num_keypoints}; expected indices below that.'
                )


def _checked_indices(name: str, indices: Sequence[int]) -> np.ndarray:
    array = np.array(list(indices))
    if (
        array.ndim != 1
        or array.dtype.kind not in 'iu'
        or array.min() < 0
        or len(np.unique(array)) < len(array)
    ):
        raise ValueError(
            f'The part {name!r} of `partitions` is {indices}; expected the indices of its '
            'keypoints, one or more, from 0 on and each once, such as range(23, 91).'
        )
    return array


def _checked_kind(metric: Mapping) -> type[BaseMetric]:
    """The class of the metric."""
    kind = metric.get('type')
    kind = METRICS.get(kind) if isinstance(kind, str) else kind
    if kind not in _SUPPORTED:
        raise ValueError(
            f'metric is of type {metric.get("type")!r}; KeypointPartitionMetric takes '
            f'{", ".join(supported.__name__ for supported in _SUPPORTED)}.'
        )
    if kind is PCKAccuracy and metric.get('norm_item', 'bbox') not in ('bbox', ['bbox']):
        raise ValueError(
            f'norm_item is {metric["norm_item"]!r}; with parts of the keypoints only '
            "norm_item='bbox' can be measured, for a part may lack the keypoints of other sizes."
        )
    if kind is NME and metric.get('norm_mode') != 'use_norm_item':
        raise ValueError(
            f'norm_mode is {metric.get("norm_mode")!r}; with parts of the keypoints only '
            "norm_mode='use_norm_item' can be measured, for a part may lack the keypoints of the "
            'distance.'
        )
    if converters := [key for key in ('pred_converter', 'gt_converter') if metric.get(key)]:
        raise ValueError(
            f'metric has {" and ".join(converters)}, whose indices are not those of a part; '
            'convert the samples by KeypointConverter in the pipeline of the data set.'
        )
    return kind


def _without_file(metric: dict) -> dict:
    """CocoMetric's config such that ground truth and sizes can be told for a part."""
    forced = dict(ann_file=None, use_area=False)
    ignored = [key for key, value in forced.items() if metric.get(key, value) != value]
    if ignored:
        MMLogger.get_current_instance().warning(
            f'KeypointPartitionMetric does not use {" and ".join(ignored)} of CocoMetric: the '
            'ground truth of a part comes from `raw_ann_info` of the samples, and the size of an '
            'instance from its box.'
        )
    return {**metric, **forced}


def _of_part(metric: dict, name: str) -> dict:
    """The config of the metric of a part, with files of its own."""
    files = ('outfile_prefix', 'analysis')
    named = {
        key: f'{metric[key].removesuffix(".npz")}.{name}'
        for key in files
        if isinstance(metric.get(key), str)
    }
    return {**metric, **named}


def _part_of_meta(meta: dict, indices: np.ndarray) -> dict:
    """The metainfo of some keypoints; links and mirrors, which metrics do not use, are left out."""
    part = dict(dataset_name=meta.get('dataset_name'), num_keypoints=len(indices))
    for key in ('sigmas', 'dataset_keypoint_weights'):
        if len(meta.get(key, ())):
            part[key] = np.asarray(meta[key])[indices]
    if 'keypoint_id2name' in meta:
        names = [meta['keypoint_id2name'][i] for i in indices.tolist()]
        part['keypoint_id2name'] = dict(enumerate(names))
        part['keypoint_name2id'] = {name: i for i, name in enumerate(names)}
    return part


def _part_of_sample(
    sample: dict, annotations: list[tuple[dict, np.ndarray]], indices: np.ndarray
) -> dict:
    """The sample with some of its keypoints; all else is shared with it."""
    part = dict(sample)
    for group in ('pred_instances', 'gt_instances'):
        if group in sample:
            part[group] = {
                name: values[:, indices] if name in _BY_KEYPOINT else values
                for name, values in sample[group].items()
            }
    if annotations:
        part['raw_ann_info'] = [
            dict(
                ann,
                keypoints=keypoints[indices].ravel().tolist(),
                num_keypoints=int((keypoints[indices, 2] > 0).sum()),
            )
            for ann, keypoints in annotations
        ]
    return part
