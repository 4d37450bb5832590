"""What is wrong with a config, found before the first iteration.

Each check yields one line per fault. A check speaks up only about what it knows: parts from other
packages, classes given as objects and structures of a user's own are passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any

from mmengine.config import Config

from mmpose import registry as reg
from mmpose.structures.metainfo import parse_pose_metainfo

from .errors import ConfigError, warn
from .part_checks import (
    failing_imports,
    find_remarks,
    incomplete_sections,
    unknown_types,
    unusable_backends,
    wrong_arguments,
)
from .places import TRAINING

_LOADERS = dict(train=('train_dataloader', 'val_dataloader'), test=('test_dataloader',))
# What only the metainfo of a keypoint data set has.
_SKELETON_KEYS = {'from_file', 'keypoint_info', 'keypoint_id2name'}
# Heads with one output channel per keypoint.
HEADS_BY_KEYPOINT = (
    'HeatmapHead',
    'CPMHead',
    'MSPNHead',
    'ViPNASHead',
    'SimCCHead',
    'RTMCCHead',
    'RTMWHead',
)


def require_valid(cfg: Config, stage: str) -> None:
    """Return if nothing is found wrong with ``cfg``, after telling what may be.

    Args:
        cfg: A whole config.
        stage: 'train' or 'test'; what the other alone needs is not checked.

    Raises:
        ConfigError: Lists every fault.
    """
    raise_faults(find_faults(cfg, stage))
    if stage == 'train' and all(cfg.get(name) is None for name in TRAINING):
        raise ConfigError(f'the config has nothing to train with: it lacks {", ".join(TRAINING)}.')
    for remark in find_remarks(cfg):
        warn(remark)


def raise_faults(faults: list[str]) -> None:
    """Return if there are no faults.

    Raises:
        ConfigError: Lists every fault.
    """
    if faults:
        count = 'one fault' if len(faults) == 1 else f'{len(faults)} faults'
        raise ConfigError('\n- '.join([f'the config has {count}:', *faults]))


def find_faults(cfg: Mapping, stage: str) -> list[str]:
    """All faults of ``cfg`` for ``stage`` ('train' or 'test'), a sentence each."""
    if faults := failing_imports(cfg, stage):
        return faults  # the parts that they name are not to be had
    checks = (
        *(incomplete_sections, unknown_types, wrong_arguments, unusable_backends),
        *(_missing_files, _skeleton_mismatches, _size_mismatches),
    )
    return list(dict.fromkeys(fault for check in checks for fault in check(cfg, stage)))


def _missing_files(cfg: Mapping, stage: str) -> Iterator[str]:
    faults = [
        f'{path}: {what} {file} does not exist'
        for place, joined, user in _datasets(cfg, stage)
        for path, dataset in leaf_datasets(place, joined)
        for what, file in _files_of(dataset, loads_images(user))
        if not os.path.exists(file)
    ]
    evaluator = f'{"val" if stage == "train" else stage}_evaluator'
    metrics = cfg.get(evaluator) or []
    for metric in [metrics] if isinstance(metrics, Mapping) else metrics:
        file = metric.get('ann_file') if isinstance(metric, Mapping) else None
        if isinstance(file, str) and is_local(file) and not os.path.exists(file):
            faults.append(f'{evaluator}: annotation file {file} does not exist')
    if faults:
        faults[-1] += (
            '; put the data there, or change where the config looks, such as with '
            f'--cfg-options {_LOADERS[stage][0]}.dataset.data_root=FOLDER'
        )
    yield from faults


def _datasets(cfg: Mapping, stage: str) -> Iterator[tuple[str, Any, Mapping]]:
    """The path and config of each data set of a stage, and the loader or hook that has it."""
    for name in _LOADERS[stage]:
        loader = _child(cfg, name)
        yield f'{name}.dataset', loader.get('dataset'), loader
    for index, hook in enumerate(cfg.get('custom_hooks') or []):
        if stage == 'train' and isinstance(hook, Mapping):
            place = f'custom_hooks[{index}].new_train_dataset'
            yield place, hook.get('new_train_dataset'), hook


def leaf_datasets(path: str, dataset: Any) -> Iterator[tuple[str, Mapping]]:
    """The path and config of each data set that reads annotations itself.

    Args:
        path: Of the data set in the config.
        dataset: Its config, perhaps of a wrapper of others.
    """
    if not isinstance(dataset, Mapping):
        return
    inner = dataset.get('datasets', dataset.get('dataset'))
    if isinstance(inner, (list, tuple)):
        for index, item in enumerate(inner):
            yield from leaf_datasets(f'{path}.datasets[{index}]', item)
    elif inner is not None:
        yield from leaf_datasets(f'{path}.dataset', inner)
    else:
        yield path, dataset


def loads_images(user: Mapping) -> bool:
    """Whether the pipelines of a loader or hook read pictures, which pose lifting does not."""
    return 'LoadImage' in str(user)


def _files_of(dataset: Mapping, with_images: bool) -> Iterator[tuple[str, str]]:
    """(what it is, path) of each local file and folder that a data set will read."""
    if (dataset.get('backend_args') or {}).get('backend', 'local') != 'local':
        return
    root, prefixes = dataset.get('data_root') or '', dataset.get('data_prefix')
    wanted = [('annotation file', root, dataset.get('ann_file'))]
    if dataset.get('test_mode'):
        wanted.append(('file of detected boxes', '', dataset.get('bbox_file')))
    if with_images and isinstance(prefixes, Mapping):
        wanted += [('image folder', root, prefix) for prefix in prefixes.values()]
    for what, folder, name in wanted:
        if isinstance(name, str) and name and isinstance(folder, str):
            path = os.path.join(folder, name)
            if is_local(path):
                yield what, path


def is_local(path: str) -> bool:
    """Whether a path leads to a file of this machine."""
    return '://' not in path and not path.startswith('s3:')


def _skeleton_mismatches(cfg: Mapping, stage: str) -> Iterator[str]:
    channels = _channels_by_keypoint(cfg)
    chosen = _child(cfg, 'model', 'test_cfg').get('output_keypoint_indices')
    for loader in _LOADERS[stage]:
        try:
            count = _num_keypoints(_child(cfg, loader, 'dataset'))
        except (FileNotFoundError, ValueError) as error:
            yield f'{loader}.dataset: {error}'
            continue
        if count is None or channels is None:
            continue
        if loader != 'train_dataloader' and chosen is not None:
            if len(chosen) != count:
                yield (
                    f'model.test_cfg.output_keypoint_indices has {len(chosen)} entries, but '
                    f'{loader}.dataset has {count} keypoints'
                )
        elif channels != count:
            yield (
                f'model.head predicts {channels:g} keypoints (out_channels), but '
                f'{loader}.dataset has {count}'
            )


def _channels_by_keypoint(cfg: Mapping) -> float | None:
    """How many keypoints the head's ``out_channels`` make; ``None`` if it does not count them."""
    head = _child(cfg, 'model', 'head')
    channels = head.get('out_channels')
    if head.get('type') not in HEADS_BY_KEYPOINT or not isinstance(channels, int):
        return None
    # UDP's combined form has a heatmap and two offsets per keypoint.
    return channels / (3 if _child(head, 'decoder').get('heatmap_type') == 'combined' else 1)


def _child(value: Mapping, *keys: str) -> Mapping:
    """The mapping under ``keys``; an empty one if there is none."""
    for key in keys:
        value = value.get(key)
        if not isinstance(value, Mapping):
            return {}
    return value


def _num_keypoints(dataset: Mapping) -> int | None:
    """The number of keypoints of a data set's samples; ``None`` if that is not plain to see."""
    for step in reversed(dataset.get('pipeline') or []):
        if isinstance(step, Mapping) and step.get('type') == 'KeypointConverter':
            return step.get('num_keypoints')
    metainfo = dataset.get('metainfo')
    if metainfo is None and isinstance(dataset.get('dataset'), Mapping):
        return _num_keypoints(dataset['dataset'])
    if metainfo is None and isinstance(dataset.get('type'), str):
        metainfo = getattr(reg.DATASETS.get(dataset['type']), 'METAINFO', None)
    if not isinstance(metainfo, Mapping) or not _SKELETON_KEYS & set(metainfo):
        return None
    return parse_pose_metainfo(dict(metainfo)).get('num_keypoints')


def _size_mismatches(cfg: Mapping, stage: str) -> Iterator[str]:
    decoder = _child(cfg, 'model', 'head', 'decoder')
    for loader in _LOADERS[stage]:
        dataset = _child(cfg, loader, 'dataset')
        steps = [s for s in dataset.get('pipeline') or [] if isinstance(s, Mapping)]
        places = {'model.head.decoder': decoder.get('input_size')}
        for step in steps:
            if step.get('type') == 'TopdownAffine':
                places[f'TopdownAffine in {loader}'] = step.get('input_size')
            elif step.get('type') == 'GenerateTarget':
                encoder = step.get('encoder')
                if isinstance(encoder, Mapping):
                    places[f'the encoder in {loader}'] = encoder.get('input_size')
                    yield from _codec_mismatches(encoder, decoder, loader)
        sizes = {name: _hashable(size) for name, size in places.items() if size is not None}
        if f'TopdownAffine in {loader}' in sizes and len(set(sizes.values())) > 1:
            told = ', '.join(f'{size} in {name}' for name, size in sizes.items())
            yield f'input_size must be the same everywhere, but is {told}'


def _codec_mismatches(encoder: Mapping, decoder: Mapping, loader: str) -> Iterator[str]:
    if encoder.get('type') != decoder.get('type'):
        return
    for key in ('heatmap_size', 'heatmap_type', 'simcc_split_ratio'):
        ours, theirs = (_hashable(codec.get(key)) for codec in (encoder, decoder))
        if None not in (ours, theirs) and ours != theirs:
            yield (
                f'{key} is {ours} in the encoder in {loader} but {theirs} in model.head.decoder; '
                'use the same codec in both'
            )


def _hashable(value: Any) -> Any:
    # A size is a tuple in a file and a list when it comes from the command line.
    return tuple(value) if isinstance(value, (list, tuple)) else value
