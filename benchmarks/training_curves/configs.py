"""A config of the zoo without files to load, and with a smaller input."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmengine.config import Config

from mmpose.registry import DATASETS
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.utils.config_reading import read_config
from mmpose.utils.resources import resource_path

from .table import Row

# what other pictures are needed for, and what changes pixels alone, which are drawn anew
_LEFT_OUT = ('LoadImage', 'Mosaic', 'YOLOXHSVRandomAug', 'PhotometricDistortion', 'Albumentation')
_SIZES = ('input_size', 'image_size', 'heatmap_size', 'in_featuremap_size')


def small_config(family: str, row: Row) -> Config:
    """The ``model``, ``pipeline``, ``dataset`` and ``optim_wrapper`` to train with.

    They are those of the row's config. The model starts from nothing, the pipeline has no
    transforms that need a file, and both have the row's input size.
    """
    published = read_config(resource_path(f'configs/{family}/{row.config}')).to_dict()
    dataset = published['train_dataloader']['dataset']
    model = published['model']
    for part in ('teacher_cfg', 'student_cfg'):
        if part in model:
            model[part] = dict(model=read_config(resource_path(model[part])).to_dict()['model'])
    pipeline = dataset['pipeline'] or _bottomup_pipeline(model['head']['decoder'], row)
    pipeline = [step for step in pipeline if step['type'] not in _LEFT_OUT]
    model, pipeline = _changed(dict(model=model, pipeline=pipeline), _without_files).values()
    if row.input_size is not None:
        model['data_preprocessor'].pop('batch_augments', None)  # they choose another input size
        model, pipeline = _resized(dict(model=model, pipeline=pipeline), row.input_size).values()
    if row.frames is not None:
        dataset['multiple_target'] = row.frames
    optim_wrapper = published['optim_wrapper']
    optimizer = optim_wrapper['optimizer']
    optimizer.update(lr=row.lr * optimizer['lr'], fused=True)  # the same numbers in less time
    return Config(
        dict(model=model, pipeline=pipeline, dataset=dataset, optim_wrapper=optim_wrapper)
    )


def keypoint_definition(dataset: Mapping[str, Any]) -> dict[str, Any]:
    """The parsed metainfo of a data set, from its config."""
    if dataset.get('metainfo'):
        return parse_pose_metainfo(dataset['metainfo'])
    return DATASETS.build(dict(dataset, lazy_init=True, pipeline=[])).metainfo


def _bottomup_pipeline(codec: dict, row: Row) -> list[dict]:
    """Transforms for a config that is published for inference alone."""
    scale = row.heatmap_size[0] / row.input_size[0]
    heatmap_size = [round(side * scale) for side in codec['input_size']]
    return [
        dict(type='BottomupRandomAffine', input_size=codec['input_size']),
        dict(type='GenerateTarget', encoder=dict(codec, heatmap_size=heatmap_size)),
        dict(type='BottomupGetHeatmapMask'),
        dict(type='PackPoseInputs'),
    ]


def _changed(value: Any, change: Callable[[str, Any], Any]) -> Any:
    """A copy of a config in which ``change`` was applied to each key and value."""
    if isinstance(value, Mapping):
        return {key: change(key, _changed(item, change)) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_changed(item, change) for item in value)
    return value


def _without_files(key: str, value: Any) -> Any:
    is_file = isinstance(value, Mapping) and value.get('type') == 'Pretrained'
    return None if is_file or key == 'teacher_pretrained' else value


def _resized(config: dict, size_wh: tuple[int, int]) -> dict:
    """A config for another input size, to which its other sizes keep their ratios."""
    encoder = next(s['encoder'] for s in config['pipeline'] if s['type'] == 'GenerateTarget')
    published_wh = encoder.get('input_size') or encoder['image_size']

    def resize(key: str, value: Any) -> Any:
        if key not in _SIZES or not isinstance(value, (list, tuple)):
            return value
        pairs = zip(value, size_wh, published_wh, strict=False)
        return tuple(round(side * new / old) for side, new, old in pairs) + tuple(value[2:])

    return _changed(config, resize)
