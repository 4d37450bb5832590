"""What the transforms of a data set's pipelines do to an item, one after the other."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from mmpose.datasets.transforms.loading import UnreadableImageError


@dataclass
class Stage:
    """A sample behind a transform.

    Attributes:
        name: The transform's class; '' for the sample before the first one.
        sample: Copies of the sample's values that were asked for.
    """

    name: str
    sample: dict[str, Any]


@dataclass
class PipelineLog:
    """What happened to the item drawn last.

    Attributes:
        keys: The sample's values to copy at every stage.
        stages: The stages so far; they begin anew where a transform gives up an item and the data
            set draws another.
        failed: The class of the transform that raised an error; '' if none did.
    """

    keys: tuple[str, ...] = ()
    stages: list[Stage] = field(default_factory=list)
    failed: str = ''
    _is_inside: bool = False

    def run(self, transform: Callable[[dict], dict | None], sample: dict) -> dict | None:
        """What ``transform`` makes of ``sample``, after writing it down."""
        if self._is_inside:  # of a picture that is mixed in
            return transform(sample)
        name, self._is_inside = type(transform).__name__, True
        if not self.stages:
            self.start(sample)
        try:
            result = transform(sample)
        except Exception as error:
            self.failed = name
            if isinstance(error, UnreadableImageError):
                # in training a data set would pass over it and draw another item
                raise ValueError(str(error)) from error
            raise
        finally:
            self._is_inside = False
        if result is None:
            self.stages.clear()
        else:
            self.stages.append(self._stage(name, result))
        return result

    def start(self, sample: dict) -> None:
        """Write down an item as it comes from its data set."""
        self.stages.append(self._stage('', sample))

    def clear(self) -> None:
        """Forget the item."""
        self.stages, self.failed = [], ''

    def _stage(self, name: str, sample: dict) -> Stage:
        return Stage(name, {key: copy.copy(sample[key]) for key in self.keys if key in sample})


@dataclass
class _Watched:
    transform: Callable[[dict], dict | None]
    log: PipelineLog

    def __call__(self, sample: dict) -> dict | None:
        return self.log.run(self.transform, sample)


@contextmanager
def watched(dataset: Any, keys: tuple[str, ...] = ()) -> Iterator[PipelineLog]:
    """A log of the items drawn from ``dataset`` meanwhile.

    Args:
        dataset: A data set, or a wrapper of others, whose pipelines are logged too.
        keys: The sample's values to copy at every stage.
    """
    log = PipelineLog(keys)
    pipelines = [part.pipeline for _, part in walk(dataset) if hasattr(part, 'pipeline')]
    kept = [(pipeline, pipeline.transforms) for pipeline in pipelines]
    for pipeline, transforms in kept:
        pipeline.transforms = [_Watched(transform, log) for transform in transforms]
    try:
        yield log
    finally:
        for pipeline, transforms in kept:
            pipeline.transforms = transforms


def walk(dataset: Any, path: str = 'dataset') -> Iterator[tuple[str, Any]]:
    """A data set and those that it wraps, each with its place as configs have it."""
    yield path, dataset
    for i, part in enumerate(getattr(dataset, 'datasets', ())):
        yield from walk(part, f'{path}.datasets[{i}]')
    if hasattr(dataset, 'dataset'):
        yield from walk(dataset.dataset, f'{path}.dataset')


def leaves(dataset: Any, path: str = 'dataset') -> list[tuple[str, Any]]:
    """The data sets that read labels themselves, each with its place."""
    return [
        (place, part)
        for place, part in walk(dataset, path)
        if not hasattr(part, 'datasets') and not hasattr(part, 'dataset')
    ]
