import sys
from types import ModuleType

import pytest
from mmengine.config import Config

from mmpose.utils import adapt_mmdet_pipeline


def detector(*types):
    pipeline = [dict(type=name) for name in types]
    return Config(dict(test_dataloader=dict(dataset=dict(pipeline=pipeline))))


def test_transforms_of_mmdet_are_marked(monkeypatch):
    transforms = ModuleType('mmdet.datasets.transforms')
    transforms.Resize = transforms.PackDetInputs = object
    datasets = ModuleType('mmdet.datasets')
    datasets.transforms = transforms
    monkeypatch.setitem(sys.modules, 'mmdet', ModuleType('mmdet'))
    monkeypatch.setitem(sys.modules, 'mmdet.datasets', datasets)
    cfg = adapt_mmdet_pipeline(detector('Resize', 'mmdet.PackDetInputs', 'MyTransform'))
    pipeline = cfg.test_dataloader.dataset.pipeline
    names = [transform.type for transform in pipeline]
    assert names == ['mmdet.Resize', 'mmdet.PackDetInputs', 'MyTransform']
    assert adapt_mmdet_pipeline(cfg).test_dataloader.dataset.pipeline == pipeline


def test_without_mmdet(monkeypatch):
    monkeypatch.setitem(sys.modules, 'mmdet', None)
    cfg = Config(dict(model=dict()))
    assert adapt_mmdet_pipeline(cfg) is cfg
    with pytest.raises(ImportError, match='install it with `pip install onedl-mmdetection`'):
        adapt_mmdet_pipeline(detector('Resize'))
