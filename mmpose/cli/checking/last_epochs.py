"""The data of a training's last epochs, where hooks exchange them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from .data import LoaderData
from .loading import OpenLoader, make_batch, open_loader, run_pipeline
from .model import PLACE, ModelFacts, try_loss
from .report import Report

if TYPE_CHECKING:
    from torch import nn


def check_last_epochs(
    cfg: Mapping, train: LoaderData, model: nn.Module | None, report: Report
) -> None:
    """Try what the hooks of a config exchange in the course of a training.

    Args:
        cfg: The config.
        train: The data of the first epochs, checked before; their pipeline is exchanged.
        model: The model, or ``None``.
        report: Gets the faults, each after the hook's place.
    """
    for i, hook in enumerate(cfg.get('custom_hooks') or []):
        place = f'custom_hooks[{i}]'
        if not isinstance(hook, Mapping) or report.has_fault(place):
            continue
        dataset = hook.get('new_train_dataset')
        pipeline = hook.get('switch_pipeline', hook.get('new_train_pipeline'))
        if dataset is None and pipeline is None:
            continue
        found = Report(report.debug)
        opened = _open(train.opened, dataset, pipeline, found)
        run_pipeline(opened, train.unreadable, found)
        make_batch(opened, found)
        if model is not None and not report.has_fault(PLACE):
            try_loss(model, opened, ModelFacts(type=''), found)
        for fault in found.faults:
            report.fault(place, fault)


def _open(
    train: OpenLoader, dataset: Mapping | None, pipeline: list | None, report: Report
) -> OpenLoader:
    """The loader with another data set or pipeline, or both."""
    from mmpose.engine.hooks.train_data import build_pipeline, exchange_pipeline

    if dataset is None:
        opened = OpenLoader(train.name, train.cfg, train.dataset)
    else:
        opened = open_loader(train.name, {**train.cfg, 'dataset': dataset}, report)
    if pipeline is not None and opened.dataset is not None:
        with report.part(f'{train.name}.dataset'):
            exchange_pipeline(opened.dataset, build_pipeline(pipeline))
    return opened
