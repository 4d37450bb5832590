"""What the configs name for a training, beside models and data, can be found."""

import gzip
import json
from pathlib import Path

import pytest

from mmpose import registry as reg

RECORD = Path(__file__).parents[1] / 'data' / 'config_expansions.json.gz'
CONFIGS = list(json.loads(gzip.decompress(RECORD.read_bytes())).values())


def entries(*keys):
    """All that stands under the keys, as lists, in any of the configs."""
    found = CONFIGS
    for key in keys:
        found = [cfg[key] for cfg in found if cfg.get(key)]
    for value in found:
        yield from value if isinstance(value, list) else [value]


def hooks():
    yield from entries('custom_hooks')
    for by_name in entries('default_hooks'):
        yield from by_name.values()


def types(cfgs, key='type'):
    return {cfg[key] for cfg in cfgs if key in cfg}


NAMED = {
    'hooks': (reg.HOOKS, types(hooks())),
    'weight averages': (reg.MODELS, types(hooks(), 'ema_type')),
    'schedulers': (reg.PARAM_SCHEDULERS, types(entries('param_scheduler'))),
    'optim wrappers': (reg.OPTIM_WRAPPERS, types(entries('optim_wrapper'))),
    'optim wrapper constructors': (
        reg.OPTIM_WRAPPER_CONSTRUCTORS,
        types(entries('optim_wrapper'), 'constructor'),
    ),
    'optimizers': (reg.OPTIMIZERS, types(entries('optim_wrapper', 'optimizer'))),
    'loops': (reg.LOOPS, types(entries('train_cfg'))),
    'samplers': (reg.DATA_SAMPLERS, types(entries('train_dataloader', 'sampler'))),
    'transforms of later epochs': (
        reg.TRANSFORMS,
        types(t for h in hooks() for key in ('switch_pipeline', 'new_train_pipeline')
              for t in h.get(key, ())),
    ),
    'data of later epochs': (
        reg.DATASETS, types(h['new_train_dataset'] for h in hooks() if 'new_train_dataset' in h)
    ),
}  # fmt: skip


@pytest.mark.parametrize('kind', NAMED)
def test_all_are_registered(kind):
    registry, names = NAMED[kind]
    assert names, f'no config names any {kind}'
    assert {name for name in names if registry.get(name) is None} == set()


def test_the_record_was_read_whole():
    _, names = NAMED['hooks']
    assert {'PipelineSwitchHook', 'RTMOModeSwitchHook', 'EMAHook', 'CheckpointHook'} <= names
    _, names = NAMED['schedulers']
    assert {'QuadraticWarmupLR', 'ConstantLR', 'MultiStepLR'} <= names
