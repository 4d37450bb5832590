"""Training data that are exchanged between two epochs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mmengine.dataset import Compose
from mmengine.hooks import Hook
from mmengine.runner import IterBasedTrainLoop, Runner

from mmpose.registry import TRANSFORMS

Pipeline = Sequence[dict | Callable]
"""Configs of transforms, or transforms."""


def require_epochs(hook: Hook, runner: Runner) -> None:
    """Return if a training is divided into epochs.

    Args:
        hook: What counts them.
        runner: The training.

    Raises:
        TypeError: It goes by iterations.
    """
    if isinstance(runner.train_loop, IterBasedTrainLoop):
        raise TypeError(
            f'{type(hook).__name__} counts epochs, and IterBasedTrainLoop has none; use '
            'train_cfg=dict(by_epoch=True, max_epochs=...), or remove the hook.'
        )


def require_exchangeable(
    runner: Runner, dataset: dict | None = None, pipeline: Pipeline | None = None
) -> None:
    """Return if :func:`exchange_data` will work, as far as can be said without reading data.

    Args:
        runner: As there, like the others.
        dataset: The data set.
        pipeline: The pipeline; an error in building it shows here.

    Raises:
        TypeError: There is a data set, but no config to build another loader from.
    """
    if pipeline is not None:
        build_pipeline(pipeline)
    if dataset is not None and not isinstance(runner._train_dataloader, dict):
        raise TypeError(
            f'train_dataloader is a {type(runner._train_dataloader).__name__}; for another data '
            'set a loader is built anew, so give its config.'
        )


def exchange_data(
    runner: Runner, dataset: dict | None = None, pipeline: Pipeline | None = None
) -> None:
    """Give a training other data from its next epoch on.

    Args:
        runner: The training.
        dataset: Config of another data set, for which loader and sampler are built anew; ``None``
            to keep the one there is, as it was read.
        pipeline: Another pipeline; ``None`` to keep that of the data set.
    """
    # persistent workers hold copies of the data set, and would not see that it changes
    runner.train_loop.dataloader._iterator = None
    if dataset is not None:
        runner.train_loop.dataloader = runner.build_dataloader(
            {**runner._train_dataloader, 'dataset': dataset},
            seed=runner.seed,
            diff_rank_seed=runner._randomness_cfg.get('diff_rank_seed', False),
        )
        runner.logger.info(f'Epoch {runner.epoch + 1} begins with another data set.')
    if pipeline is not None:
        built = build_pipeline(pipeline)
        exchange_pipeline(runner.train_loop.dataloader.dataset, built)
        runner.logger.info(f'Epoch {runner.epoch + 1} begins with another pipeline: {built}')


def build_pipeline(pipeline: Pipeline) -> Compose:
    """The transforms, one after the other."""
    return Compose([TRANSFORMS.build(t) if isinstance(t, dict) else t for t in pipeline])


def exchange_pipeline(dataset: Any, pipeline: Compose) -> None:
    """Give a data set another pipeline.

    Of data sets in one another, the outermost that have a pipeline get it: a ``CombinedDataset``
    itself, whose parts keep theirs, and each data set that a ``ConcatDataset`` joins.

    Args:
        dataset: A data set, or a wrapper of others.
        pipeline: The new pipeline.

    Raises:
        TypeError: There is no pipeline.
    """
    pipelines = list(_pipelines(dataset))
    if not pipelines:
        raise TypeError(
            f'{type(dataset).__name__} has no `pipeline` to exchange, nor has a data set in it; '
            'expected one such as CocoDataset.'
        )
    for old in pipelines:
        # in place, because some wrappers show the pipeline of what they wrap as their own
        old.transforms = pipeline.transforms


def _pipelines(dataset: Any) -> Iterator[Compose]:
    if hasattr(dataset, 'pipeline'):
        yield dataset.pipeline
        return
    parts = [dataset.dataset] if hasattr(dataset, 'dataset') else getattr(dataset, 'datasets', ())
    for part in parts:
        yield from _pipelines(part)
