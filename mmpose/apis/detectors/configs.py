"""Configs of detectors, as MMDetection has them, read without it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from tempfile import TemporaryDirectory

from mmengine.config import Config

from mmpose.registry import MODELS, is_absent
from mmpose.utils.config_reading import ConfigError, read_config

from .letterbox import Letterbox
from .published import PUBLISHED, find_published

DEFAULT_SIZE = (640, 640)
_PARTS = ('model', 'backbone', 'neck', 'bbox_head')


def read_detector_config(path: str | PathLike) -> Config:
    """The config in a file, whose bases ``mmdet::...`` need MMDetection only if we lack them.

    Args:
        path: Of a .py, .json or .yaml file.

    Raises:
        ConfigError: The file or one of its bases fails.
    """
    if not is_absent('mmdet'):
        return read_config(path)
    try:
        with _bases_without_mmdet():
            return read_config(path)
    except ConfigError as error:
        if 'mmdet::' not in str(error):
            raise
        known = ', '.join(
            name for name in PUBLISHED if not name.endswith(('person', 'hand', 'face'))
        )
        raise ConfigError(
            f'{error}\nMMDetection is not installed: of its configs {known} are known, with '
            '`model` and `test_pipeline`. `pip install onedl-mmdetection` may provide others.'
        ) from error


def is_built_in(config: Config | dict) -> bool:
    """Whether all parts of a detector's config are ours, so that MMDetection is not needed.

    Args:
        config: With ``model``.

    Raises:
        ValueError: It has no ``model`` with a type.
    """
    model = config.get('model')
    if not isinstance(model, Mapping) or 'type' not in model:
        raise ValueError(
            'The config of the detector has no `model` with a type, such as model=dict('
            "type='RTMDet', ...)."
        )
    # all networks take a while to import; most detectors do without
    from mmpose.models.detectors.dense_box_head import DenseBoxHead
    from mmpose.models.detectors.single_stage import SingleStageDetector

    kinds = {part: _ours(model if part == 'model' else model.get(part)) for part in _PARTS}
    return (
        all(kinds[part] is not None for part in ('model', 'backbone', 'bbox_head'))
        and issubclass(kinds['model'], SingleStageDetector)
        and issubclass(kinds['bbox_head'], DenseBoxHead)
        and (kinds['neck'] is not None or not model.get('neck'))
    )


def _ours(cfg: Mapping | None) -> type | None:
    """The class of a part, if it is one of ours."""
    kind = (cfg or {}).get('type')
    kind = MODELS.get(kind.rpartition('.')[2]) if isinstance(kind, str) else kind
    return kind if getattr(kind, '__module__', '').startswith('mmpose.') else None


def letterbox_of(config: Config | dict) -> Letterbox:
    """How the test pipeline of a config makes a network's input of pictures.

    Args:
        config: ``Resize`` has the ``scale`` (w, h) and ``keep_ratio``, ``Pad`` the ``size`` (w, h)
            and ``pad_val``. Without them the input is 640x640, padded by 114.

    Raises:
        ValueError: The size is not two positive numbers.
    """
    steps = {
        str(step.get('type')).rpartition('.')[2]: step
        for step in _pipeline(config)
        if isinstance(step, Mapping)
    }
    resize, pad = steps.get('Resize', {}), steps.get('Pad', {})
    size = pad.get('size') or resize.get('scale') or DEFAULT_SIZE
    value = pad.get('pad_val', 114)
    value = value.get('img', 114) if isinstance(value, Mapping) else value
    return Letterbox(
        size if isinstance(size, Sequence) else (size, size),
        pad_value=value,
        keep_ratio=resize.get('keep_ratio', True) or not resize,
    )


def _pipeline(config: Config | dict) -> Sequence:
    dataset = (config.get('test_dataloader') or {}).get('dataset') or {}
    while not dataset.get('pipeline') and dataset.get('dataset'):  # within a wrapper
        dataset = dataset['dataset']
    return dataset.get('pipeline') or config.get('test_pipeline') or ()


@contextmanager
def _bases_without_mmdet() -> Iterator[None]:
    """While it lasts, MMEngine finds those configs of MMDetection that we know."""
    with TemporaryDirectory() as folder:
        original = Config._get_cfg_path

        def path_of(base: str, user: str) -> tuple[str, str | None]:
            published = find_published(base) if base.startswith('mmdet::') else None
            if published is None:
                return original(base, user)
            path = Path(folder, f'{Path(base).stem}.json')
            path.write_text(json.dumps(published.config()), encoding='utf-8')
            return str(path), 'mmdet'

        # MMEngine asks this function for every base and leaves no other way to answer
        Config._get_cfg_path = staticmethod(path_of)
        try:
            yield
        finally:
            Config._get_cfg_path = staticmethod(original)
