"""Building data sets from configs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmengine.dataset import ConcatDataset, RepeatDataset

from mmpose.registry import DATASETS

__all__ = ['DATASETS', 'build_dataset']


def build_dataset(cfg: dict | Sequence[dict], default_args: dict | None = None) -> Any:
    """The data set that a config describes.

    Args:
        cfg: ``type`` and arguments. A list of configs, or the type ``ConcatDataset`` with
            ``datasets``, chains several; ``RepeatDataset`` repeats ``dataset`` so many ``times``.
        default_args: Arguments for the data sets that their configs do not set.

    Raises:
        KeyError: No data set has that ``type``.
        ValueError: Data sets to chain have different skeletons.
    """
    if isinstance(cfg, Sequence):
        return _concatenated([build_dataset(item, default_args) for item in cfg])
    if cfg.get('type') == 'ConcatDataset':
        return build_dataset(cfg['datasets'], default_args)
    if cfg.get('type') == 'RepeatDataset':
        return RepeatDataset(build_dataset(cfg['dataset'], default_args), cfg['times'])
    return DATASETS.build({**(default_args or {}), **cfg})


def _concatenated(datasets: list[Any]) -> ConcatDataset:
    try:
        # the lists of categories may differ from file to file
        return ConcatDataset(datasets, ignore_keys='CLASSES')
    except (TypeError, ValueError) as error:
        names = [dataset.metainfo.get('dataset_name') for dataset in datasets]
        raise ValueError(
            f'Data sets with the skeletons {names} cannot simply be chained ({error}); put them '
            'into a CombinedDataset, with a KeypointConverter in the pipeline of each.'
        ) from error
