"""Evaluation of several data sets at once, each by its own metric."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence, Sized
from typing import Any

import torch
from mmengine.dist import all_reduce
from mmengine.evaluator import BaseMetric, Evaluator
from mmengine.logging import MMLogger
from mmengine.structures import BaseDataElement

from mmpose.registry import DATASETS, EVALUATORS, METRICS
from mmpose.structures.metainfo import parse_pose_metainfo


@EVALUATORS.register_module()
class MultiDatasetEvaluator(Evaluator):
    """Evaluates a mixture of data sets: each metric sees the samples of one of them.

    A sample belongs to the data sets that are called like its ``dataset_name``. Each metric has
    the metainfo of its own data set.

    Args:
        metrics: Configs of the metrics, or metrics; each with a ``prefix`` where their numbers
            would have the same names.
        datasets: For each metric, the config of its data set, of which ``type`` and ``metainfo``
            count. Several may have the same name.

    Raises:
        KeyError: The ``type`` of a data set is not registered.
        ValueError: Metrics and data sets differ in number, or a data set has no metainfo.
    """

    def __init__(self, metrics: Sequence[dict | BaseMetric], datasets: Sequence[dict]) -> None:
        if len(metrics) != len(datasets):
            raise ValueError(
                f'There are {len(metrics)} metrics and {len(datasets)} datasets; give the data set '
                'of each metric, in their order.'
            )
        # built here, for the base looks in mmengine's registry unless the default scope is ours
        super().__init__([METRICS.build(m) if isinstance(m, dict) else m for m in metrics])
        self.dataset_names: list[str] = []
        for metric, dataset in zip(self.metrics, datasets, strict=True):
            metric.dataset_meta = metainfo = _metainfo_of(dataset)
            self.dataset_names.append(metainfo['dataset_name'])
        self._num_samples = torch.zeros(len(datasets), dtype=torch.int64)

    @property
    def dataset_meta(self) -> dict | None:
        """Metainfo of the whole test data; the metrics keep that of their own data sets."""
        return self._dataset_meta

    @dataset_meta.setter
    def dataset_meta(self, dataset_meta: dict) -> None:
        self._dataset_meta = dataset_meta

    def process(
        self, data_samples: Sequence[BaseDataElement | dict], data_batch: Any | None = None
    ) -> None:
        """Hand each metric the samples of its data set.

        Args:
            data_samples: Samples with predictions; each has ``dataset_name``.
            data_batch: What they come from; each metric gets its part.

        Raises:
            ValueError: A sample does not say where it comes from, or no metric is for that.
        """
        samples = [s.to_dict() if isinstance(s, BaseDataElement) else s for s in data_samples]
        places = defaultdict(list)
        for place, sample in enumerate(samples):
            places[self._dataset_of(sample)].append(place)
        for i, (name, metric) in enumerate(zip(self.dataset_names, self.metrics, strict=True)):
            if chosen := places.get(name):
                batch = _part_of_batch(data_batch, chosen, len(samples))
                metric.process(batch, [samples[place] for place in chosen])
                self._num_samples[i] += len(chosen)

    def evaluate(self, size: int) -> dict:
        """The numbers of all metrics whose data sets have samples; others are warned of.

        Args:
            size: How many samples the test data has.

        Raises:
            ValueError: Numbers of two metrics have the same name.
        """
        all_reduce(self._num_samples)
        counts = self._num_samples.tolist()
        self._num_samples.zero_()
        numbers, sources = {}, {}
        for dataset, metric, count in zip(self.dataset_names, self.metrics, counts, strict=True):
            source = f'{type(metric).__name__} of {dataset!r}'
            if not count:
                MMLogger.get_current_instance().warning(
                    f'MultiDatasetEvaluator: the test data has no sample for {source}, whose '
                    'numbers are left out.'
                )
                continue
            found = metric.evaluate(size)
            if twice := sorted(found.keys() & numbers.keys()):
                raise ValueError(
                    f'{source} and {sources[twice[0]]} both call a number {twice[0]!r}; give each '
                    'metric a `prefix` of its own.'
                )
            numbers |= found
            sources |= dict.fromkeys(found, source)
        return numbers

    def _dataset_of(self, sample: dict) -> str:
        name = sample.get('dataset_name')
        if name not in self.dataset_names:
            known = sorted(set(self.dataset_names))
            raise ValueError(
                f'MultiDatasetEvaluator: sample {sample.get("id")} (image '
                f'{sample.get("img_path", sample.get("img_id"))}) has dataset_name {name!r}; there '
                f'are metrics for {known}. '
                + (
                    "Add 'dataset_name' to `meta_keys` of PackPoseInputs."
                    if name is None
                    else 'Add the data set to `datasets` and a metric to `metrics`.'
                )
            )
        return name


def _metainfo_of(dataset: Mapping) -> dict:
    """The parsed metainfo of a data set's config, or else of its class."""
    kind = dataset['type']
    cls = DATASETS.get(kind) if isinstance(kind, str) else kind
    if cls is None:
        raise KeyError(DATASETS.missing_message(kind))
    metainfo = dataset.get('metainfo') or getattr(cls, 'METAINFO', None)
    if not metainfo:
        raise ValueError(
            f'A data set of `datasets`, of type {kind!r}, has no metainfo; give it as `metainfo`, '
            "such as dict(from_file='configs/_base_/datasets/coco.py')."
        )
    return parse_pose_metainfo(metainfo)


def _part_of_batch(data_batch: Any, places: list[int], num_samples: int) -> Any:
    """The rows of some samples, where the batch is a dict of such rows; else the whole."""
    if not isinstance(data_batch, Mapping):
        return data_batch
    return {
        key: [rows[place] for place in places]
        if isinstance(rows, Sized) and len(rows) == num_samples
        else rows
        for key, rows in data_batch.items()
    }
