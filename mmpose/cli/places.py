"""What stands where in a config: the kind of part, its class, and the names that it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from inspect import signature
from typing import Any

from mmengine.runner import Runner

from mmpose import registry as reg
from mmpose.signatures import parameters_of

# Which registries a `type` is looked up in, by the key that leads to it.
_REGISTRIES: dict[str, tuple[reg.Registry, ...]] = {
    r'model|data_preprocessor|(\w+_)?(backbone|neck|head|loss|losses)|loss_\w+': (reg.MODELS,),
    r'(conv|norm|act)_cfg': (reg.MODELS,),
    r'decoder|encoder|codec': (reg.KEYPOINT_CODECS,),
    r'init_cfg': (reg.WEIGHT_INITIALIZERS,),
    r'assigner|oks_calculator|prior_generator': (reg.TASK_UTILS,),
    r'batch_augments': (reg.MODELS, reg.BATCH_AUGMENTS),
    r'(\w+_)?datasets?': (reg.DATASETS,),
    r'(\w+_)?pipeline|pre_transform|transforms': (reg.TRANSFORMS,),
    r'sampler|batch_sampler': (reg.DATA_SAMPLERS,),
    r'hook|custom_hooks': (reg.HOOKS,),
    r'optim_wrapper': (reg.OPTIM_WRAPPERS,),
    r'optimizer': (reg.OPTIMIZERS,),
    r'param_scheduler': (reg.PARAM_SCHEDULERS,),
    r'train_loop|val_loop|test_loop': (reg.LOOPS,),
    r'\w+_evaluator|metrics': (reg.METRICS, reg.EVALUATORS),
    r'visualizer': (reg.VISUALIZERS,),
    r'vis_backends': (reg.VISBACKENDS,),
    r'log_processor': (reg.LOG_PROCESSORS,),
    r'model_wrapper_cfg': (reg.MODEL_WRAPPERS,),
}
# What the code that builds a part adds to its arguments.
_SUPPLIED = {
    r'sampler|batch_sampler': ('dataset', 'seed', 'sampler', 'batch_size'),
    r'optimizer': ('params',),
    r'optim_wrapper': ('optimizer',),
    r'param_scheduler': ('optimizer', 'epoch_length'),
    r'(train|val|test)_loop': ('runner', 'dataloader', 'evaluator'),
    r'vis_backends': ('save_dir',),
    r'\w+_dataloader': ('dataset',),
}
# What it reads from the config itself, and keeps from the part.
_BESIDES = {
    r'hook|custom_hooks': ('priority',),
    r'(traj_)?head': ('input_transform', 'input_index', 'align_corners'),
    r'optim_wrapper': ('constructor', 'paramwise_cfg', 'optimizer'),
    r'param_scheduler': ('convert_to_iter_based',),
    r'train_loop': ('by_epoch',),
    r'\w+_dataloader': (
        *('dataset', 'sampler', 'batch_sampler', 'batch_size', 'collate_fn', 'worker_init_fn'),
        *('num_batch_per_epoch', 'disable_subprocess_warning'),
    ),
}
# The parts where a config need not name any.
_DEFAULTS = dict(
    optim_wrapper='OptimWrapper',
    val_loop='ValLoop',
    test_loop='TestLoop',
    visualizer='Visualizer',
    log_processor='LogProcessor',
)
# Configs of these kinds are completed by whoever builds them.
_COMPLETED = r'(conv|norm|act)_cfg|init_cfg|model_wrapper_cfg'
# `train_cfg` names a loop, but a model's key of that name is free-form.
LOOP_KEYS = dict(train_cfg='train_loop', val_cfg='val_loop', test_cfg='test_loop')
_SCOPES = (None, 'mmpose', 'mmengine', 'mmcv', *reg.FOREIGN_PACKAGES)
# Whose `transforms` are ours; others hand them to another library.
_COMPOSITES = ('Compose', 'KeyMapper', 'RandomApply', 'RandomChoice', 'TransformBroadcaster')
# Packages whose parts build those inside them from the config as it stands.
_PLAIN_BUILDERS = ('mmpose', 'mmengine', 'mmcv', 'torch')

# What any part's config may have beside arguments.
PART_KEYS = ('type', '_scope_', '_delete_')
RUNNER_KEYS = frozenset(signature(Runner.__init__).parameters) - {'self', 'cfg'}
# What else is read from the top level of a config.
TOP_LEVEL_KEYS = RUNNER_KEYS | {
    *('check_invalid_loss', 'custom_imports', 'find_unused_parameters', 'model_wrapper_cfg'),
    *('mp_start_method', 'opencv_num_threads', 'preprocess_cfg', 'runner_type', 'sync_bn'),
    *('compile', 'strategy', 'tta_model', 'tta_pipeline', 'vis_backends'),
}  # fmt: skip

_ALWAYS = ('model', 'default_hooks', 'custom_hooks', 'visualizer', 'log_processor')
# What a stage uses.
SECTIONS = dict(
    train=(
        *_ALWAYS,
        *('train_dataloader', 'val_dataloader', 'val_evaluator', 'model_wrapper_cfg'),
        *('optim_wrapper', 'param_scheduler', 'train_cfg', 'val_cfg'),
    ),
    test=(*_ALWAYS, 'test_dataloader', 'test_evaluator', 'test_cfg'),
)
# None of these does without the others.
TRAINING = ('train_cfg', 'train_dataloader', 'optim_wrapper')


@dataclass(frozen=True)
class Place:
    """A dict of a config that describes a part, or may do so.

    Attributes:
        path: Its place, such as 'model.head'.
        key: What kind of place it is: the last key of the path, with 'hook' for those under
            ``default_hooks`` and 'train_loop' for ``train_cfg``.
        cfg: The dict.
        is_plain: Whether the parts around it are known to build it as it stands.
    """

    path: str
    key: str
    cfg: Mapping
    is_plain: bool = True

    @cached_property
    def name(self) -> Any:
        """The ``type``, with the package of ``_scope_``; ``None`` if there is none."""
        kind, scope = self.cfg.get('type'), self.cfg.get('_scope_')
        if isinstance(kind, str) and scope in reg.FOREIGN_PACKAGES:
            return f'{scope}.{kind.removeprefix(f"{scope}.")}'
        return kind

    @cached_property
    def registries(self) -> tuple[reg.Registry, ...]:
        """Where the ``type`` is looked up; () if that is not known."""
        return next((r for key, r in _REGISTRIES.items() if re.fullmatch(key, self.key)), ())

    @cached_property
    def part(self) -> Callable | None:
        """The class that is to be built here, the default one if there is no ``type``."""
        name = self.name
        if name is None:
            name = self._default()
        if isinstance(name, str):
            found = (registry.get(name) for registry in self.registries)
            return next((part for part in found if part is not None), None)
        return name if callable(name) else None

    def _default(self) -> Any:
        if re.fullmatch(r'\w+_dataloader', self.key):
            from torch.utils.data import DataLoader

            return DataLoader
        if self.key == 'train_loop':
            by_epoch = self.cfg.get('by_epoch', True)
            return 'EpochBasedTrainLoop' if by_epoch else 'IterBasedTrainLoop'
        return _DEFAULTS.get(self.key)

    @property
    def supplied(self) -> Collection[str]:
        """Arguments that are added when the part is built."""
        return _by_pattern(_SUPPLIED, self.key)

    @property
    def besides(self) -> Collection[str]:
        """Keys of the config that are no arguments, beside those of every part."""
        return _by_pattern(_BESIDES, self.key)

    @property
    def is_complete(self) -> bool:
        """Whether the config has all arguments but those that are ``supplied``."""
        has_own_builder = self.key == 'optim_wrapper' and 'constructor' in self.cfg
        return not re.fullmatch(_COMPLETED, self.key) and not has_own_builder

    def names(self) -> set[str] | None:
        """The keys that may stand here; ``None`` if they may be any."""
        if self.path == 'auto_scale_lr':
            return {'enable', 'base_batch_size'}
        part = self.part
        parameters = None if part is None or not self.is_complete else parameters_of(part)
        if parameters is None:
            return None
        return set(parameters) - set(self.supplied) | {*self.besides, *PART_KEYS}

    def child(self, key: str) -> Place | None:
        """What stands under a key, if that is a dict."""
        value = self.cfg.get(key)
        return self.under(value, key) if isinstance(value, Mapping) else None

    def children(self) -> Iterator[Place]:
        """The dicts inside, also those in lists; not those for another library."""
        kind = self.cfg.get('type')
        kind = getattr(kind, '__name__', kind)
        for key, value in self.cfg.items():
            if key == 'transforms' and kind not in _COMPOSITES:
                continue
            for path, item in _in_lists(value, f'{self.path}.{key}'):
                yield self.under(item, key, path)

    def under(self, value: Mapping, key: str, path: str | None = None) -> Place:
        """The place of ``value``, which stands here under ``key``."""
        # A default hook stands under a name of its own.
        kind = 'hook' if self.path == 'default_hooks' else str(key)
        return Place(path or f'{self.path}.{key}', kind, value, self._builds_plainly)

    @cached_property
    def _builds_plainly(self) -> bool:
        """Whether the part here builds those inside it from their configs as they stand."""
        if not self.is_plain or 'type' not in self.cfg:
            return self.is_plain
        module = getattr(self.part, '__module__', None) or ''
        return module.partition('.')[0] in _PLAIN_BUILDERS


def section(cfg: Mapping, name: str) -> Iterator[Place]:
    """The dicts of a top-level key: itself, or those in its list."""
    for path, item in _in_lists(cfg.get(name), name):
        yield Place(path, LOOP_KEYS.get(name, name), item)


def walk(place: Place) -> Iterator[Place]:
    """A place and all those inside, as far as they are in scopes that we know."""
    scope = place.cfg.get('_scope_')
    if scope in reg.FOREIGN_PACKAGES and not reg.is_absent(scope):
        yield place  # what is inside belongs to that package
        return
    if scope not in _SCOPES:
        return
    yield place
    for child in place.children():
        yield from walk(child)


def _in_lists(value: Any, path: str) -> Iterator[tuple[str, Mapping]]:
    """The dicts in nested lists, with their places."""
    if isinstance(value, Mapping):
        yield path, value
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _in_lists(item, f'{path}[{index}]')


def _by_pattern(table: dict[str, tuple[str, ...]], key: str) -> tuple[str, ...]:
    return next((names for pattern, names in table.items() if re.fullmatch(pattern, key)), ())
