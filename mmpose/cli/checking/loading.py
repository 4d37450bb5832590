"""The data sets and the loader of one section of a config, and the first items through them."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from mmengine.structures import BaseDataElement

from mmpose.cli.preflight import leaf_datasets
from mmpose.cli.stages import leaves, watched
from mmpose.registry import DATASETS

from .items import spread
from .labels import unusable_entries
from .report import Report, counted, described, examples

NUM_PACKED = 8  # items that go through the pipeline


@dataclass
class OpenLoader:
    """What could be built of a loader.

    Attributes:
        name: Of the section, such as 'train_dataloader'.
        cfg: The section.
        dataset: Its data set, with wrappers; ``None`` if it could not be built.
        parts: By place the data sets that read labels, as far as they could be built.
        packed: Items behind the pipeline.
        batch: Two of them as the model gets them; ``None`` if there is none.
        num_batches: Of an epoch; ``None`` if the loader could not be built.
    """

    name: str
    cfg: Mapping
    dataset: Any = None
    parts: dict[str, Any] = field(default_factory=dict)
    packed: list[dict] = field(default_factory=list)
    batch: Any = None
    num_batches: int | None = None


def open_loader(name: str, cfg: Mapping, report: Report) -> OpenLoader:
    """Build the data sets of a section, each on its own where they do not go together."""
    opened = OpenLoader(name, cfg)
    place = f'{name}.dataset'
    try:
        with report.warnings_as_remarks(place):
            opened.dataset = _read(cfg['dataset'])
    except Exception as error:
        failure = error
    else:
        opened.parts = dict(leaves(opened.dataset, place))
        return opened
    configs = list(leaf_datasets(place, cfg['dataset']))
    for path, dataset_cfg in configs:
        with report.part(path):
            dataset = DATASETS.build({**copy.deepcopy(dataset_cfg), 'lazy_init': True})
            if not _report_unusable(path, dataset, report):
                dataset.full_init()
                opened.parts[path] = dataset
    if len(opened.parts) == len(configs):  # each for itself is right
        with report.part(place):
            raise failure
    return opened


def _read(cfg: Mapping) -> Any:
    dataset = DATASETS.build(copy.deepcopy(cfg))
    if hasattr(dataset, 'full_init'):
        dataset.full_init()
    return dataset


def _report_unusable(place: str, dataset: Any, report: Report) -> bool:
    """Report the entries that cannot be read; returns whether there are any."""
    try:
        found = list(unusable_entries(dataset))
    except Exception:
        return False  # no COCO file, or one that is at fault itself, which reading it tells
    for text in found:
        report.fault(place, text)
    return bool(found)


def run_pipeline(opened: OpenLoader, unreadable: set[str], report: Report) -> None:
    """Put some items through the pipeline, and report what fails.

    Args:
        opened: Gets the items.
        unreadable: Paths of pictures that are known to be at fault.
        report: Gets the faults.
    """
    if opened.dataset is None:
        return
    place, failures = f'{opened.name}.dataset', {}
    with report.part(place), watched(opened.dataset) as log:
        for index in spread(len(opened.dataset), NUM_PACKED):
            log.clear()
            try:
                item = opened.dataset[index]
                if not {'inputs', 'data_samples'} <= set(item):
                    raise ValueError('it gives no inputs; end it with PackPoseInputs.')
                opened.packed.append(item)
            except Exception as error:
                if any(path in str(error) for path in unreadable):
                    continue
                text = f'{log.failed}: {described(error)}' if log.failed else described(error)
                failures.setdefault(text, []).append(index)
    for text, indices in failures.items():
        which = f'{counted(len(indices), "item")} of those tried ({examples(indices)})'
        report.fault(place, f'the pipeline fails for {which}: {text}')


def make_batch(opened: OpenLoader, report: Report) -> None:
    """Build the loader, and take the first and the last item of its first batch."""
    if opened.dataset is None or not opened.packed:
        return
    from mmengine.runner import Runner

    cfg = copy.deepcopy(dict(opened.cfg))
    for key in ('prefetch_factor', 'persistent_workers', 'pin_memory'):
        cfg.pop(key, None)
    cfg.update(dataset=opened.dataset, num_workers=0)
    with report.part(opened.name):
        loader = Runner.build_dataloader(cfg, seed=0)
        opened.num_batches = len(loader)
        indices = next(iter(loader.batch_sampler), None)
        if indices is None:
            report.fault(
                opened.name,
                f'{counted(len(opened.dataset), "item")} make no batch of '
                f'{cfg.get("batch_size")}; lower batch_size, or set drop_last=False.',
            )
            return
        opened.batch = loader.collate_fn([opened.dataset[i] for i in (indices[0], indices[-1])])


def shapes_of(packed: Iterable[dict]) -> dict[str, list]:
    """The shape of the inputs and of each target; sides that differ between items are 'N'."""
    shapes: dict[str, list] = {}
    for item in packed:
        for name, values in _arrays(item):
            shape = list(values.shape)
            known = shapes.setdefault(name, shape)
            if len(known) == len(shape):
                shapes[name] = [a if a == b else 'N' for a, b in zip(known, shape, strict=True)]
    return shapes


def not_finite(packed: Iterable[dict]) -> Counter[str]:
    """The names of inputs and targets with NaN or infinity, and in how many items."""
    return Counter(
        name
        for item in packed
        for name, values in _arrays(item)
        if not np.isfinite(np.asarray(values, dtype=np.float64)).all()
    )


def _arrays(item: dict) -> list[tuple[str, Any]]:
    """The inputs and targets of an item, those of several levels with their number."""
    found = _levels('inputs', item.get('inputs'))
    sample = item.get('data_samples')
    for part in ('gt_fields', 'gt_instance_labels'):
        values = sample.get(part) if isinstance(sample, BaseDataElement) else None
        if values is not None:
            found += [pair for name, value in values.items() for pair in _levels(name, value)]
    return found


def _levels(name: str, value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, (list, tuple)):
        return [(f'{name}[{i}]', part) for i, part in enumerate(value) if hasattr(part, 'shape')]
    return [(name, value)] if hasattr(value, 'shape') else []
