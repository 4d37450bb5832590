"""Whether the metrics of a config go with the data that they are for."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from mmpose.cli.preflight import is_local
from mmpose.registry import EVALUATORS, METRICS

from .coco_summary import CocoSummary, summary_of
from .items import ItemSummary
from .loading import OpenLoader
from .report import Report, counted, examples


def check_evaluator(
    name: str,
    cfg: Any,
    opened: OpenLoader,
    items: Sequence[ItemSummary],
    predictions: Sequence | None,
    report: Report,
) -> None:
    """Build each metric, compare its annotation file, and hand it predictions.

    Args:
        name: Of the section, such as 'val_evaluator'.
        cfg: The section: a metric, several, or an evaluator with ``metrics``.
        opened: The data.
        items: What each of its data sets holds.
        predictions: Samples with predictions; ``None``: the model makes none.
        report: Gets what is wrong.
    """
    if isinstance(cfg, Mapping) and 'metrics' in cfg:
        if cfg.get('type', 'Evaluator') != 'Evaluator':  # which metric is for what, it knows
            with report.part(name):
                EVALUATORS.build(copy.deepcopy(cfg))
            return
        cfg = cfg['metrics']
    metrics = cfg if isinstance(cfg, (list, tuple)) else [cfg]
    for i, metric_cfg in enumerate(metrics):
        place = f'{name}[{i}]' if len(metrics) > 1 else name
        if not isinstance(metric_cfg, Mapping):
            continue
        path = metric_cfg.get('ann_file')
        if isinstance(path, str) and is_local(path) and opened.dataset is not None:
            with report.part(place):
                _compare(place, metric_cfg, summary_of(path), opened, items, report)
        with report.part(place):
            metric = METRICS.build(copy.deepcopy(metric_cfg))
            if opened.dataset is None:
                continue
            metric.dataset_meta = opened.dataset.metainfo
            _check_sigmas(place, metric, opened, report)
            if predictions:
                metric.process(opened.batch, [sample.to_dict() for sample in predictions])


def _compare(
    place: str,
    cfg: Mapping,
    file: CocoSummary,
    opened: OpenLoader,
    items: Sequence[ItemSummary],
    report: Report,
) -> None:
    """Report where the annotation file is not that of the data."""
    path, data = cfg['ann_file'], f'{opened.name}.dataset'
    ids = set().union(*(item.image_ids for item in items))
    absent = ids - file.image_sizes.keys()
    if absent:
        which = 'none' if absent == ids else f'{len(ids) - len(absent)}'
        report.fault(
            place,
            f'{which} of the {counted(len(ids), "picture")} of {data} are in {path}; absent are '
            f'the ids {examples(sorted(absent, key=str))}. Set ann_file to that of the data set.',
        )
    elif unseen := file.annotated - ids:
        report.remark(
            place,
            f'{counted(len(unseen), "annotated picture")} of {path} not in {data}, which count as '
            f'missed: ids {examples(sorted(unseen, key=str))}',
        )
    known = file.categories | (file.listed_categories or set())
    unknown = set().union(*(item.categories for item in items)) - known
    if unknown:
        report.fault(
            place,
            f'the categories {examples(sorted(unknown))} of {data} are not in {path}, which has '
            f'{examples(sorted(known))}.',
        )
    numbers = set(file.keypoint_numbers)
    K = opened.dataset.metainfo.get('num_keypoints')
    if K is not None and numbers - {3 * K} and not cfg.get('gt_converter'):
        report.fault(
            place,
            f'{path} has {examples([n / 3 for n in sorted(numbers)])} keypoints per instance, but '
            f'{data} has {K}.',
        )


def _check_sigmas(place: str, metric: Any, opened: OpenLoader, report: Report) -> None:
    from mmpose.evaluation import CocoMetric

    if not isinstance(metric, CocoMetric):
        return
    sigmas = metric.dataset_meta.get('sigmas', ())
    converter = metric.pred_converter or metric.dataset_meta
    K = converter.get('num_keypoints')
    if K is not None and len(sigmas) != K:
        report.fault(
            place,
            f'the metainfo has {len(sigmas)} sigmas for {K} keypoints, and OKS needs one for each; '
            f'set `sigmas` in the metainfo of {opened.name}.dataset, or another metric.',
        )
