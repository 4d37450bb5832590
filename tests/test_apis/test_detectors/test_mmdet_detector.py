"""MMDetection is stood in for by a module with the three functions that are used."""

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.registry import DefaultScope
from mmengine.structures import InstanceData

from mmpose.apis.detectors import build, build_detector


@pytest.fixture
def calls(monkeypatch):
    calls = []

    def scope():
        current = DefaultScope.get_current_instance()
        return current and current.scope_name

    def init_detector(config, checkpoint, device):
        calls.append(('init', config, checkpoint, device, scope()))
        return 'network'

    class DetInferencer:
        def __init__(self, model, weights, device, show_progress):
            calls.append(('infer', model, weights, device, scope()))
            self.model = 'named network'

    def inference_detector(model, images):
        calls.append((model, len(images), scope()))
        instances = InstanceData(
            bboxes=np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]]),
            scores=np.array([0.5, 0.25]),
            labels=np.array([3, 0]),
        )
        return [SimpleNamespace(pred_instances=instances) for _ in images]

    mmdet, apis = ModuleType('mmdet'), ModuleType('mmdet.apis')
    apis.init_detector, apis.DetInferencer = init_detector, DetInferencer
    apis.inference_detector, mmdet.apis = inference_detector, apis
    monkeypatch.setitem(sys.modules, 'mmdet', mmdet)
    monkeypatch.setitem(sys.modules, 'mmdet.apis', apis)
    monkeypatch.setattr(build, 'is_absent', lambda package: False)
    return calls


def test_config(calls, pictures):
    config = Config(dict(model=dict(type='DINO')))
    detector = build_detector(config, 'dino.pth', cat_ids=0, device='cpu')
    found = detector(pictures)
    assert calls == [('init', config, 'dino.pth', 'cpu', 'mmdet'), ('network', 3, 'mmdet')]
    assert [of_one.boxes.tolist() for of_one in found] == [[[5, 6, 7, 8]]] * 3


def test_name(calls, pictures):
    found = build_detector('dino-4scale_r50_8xb2-12e_coco', device='cpu')(pictures[:1])
    assert calls[0] == ('infer', 'dino-4scale_r50_8xb2-12e_coco', None, 'cpu', 'mmdet')
    assert calls[1] == ('named network', 1, 'mmdet')
    np.testing.assert_array_equal(found[0].labels, [3, 0])


def test_the_scope_is_as_before(calls, pictures):
    before = DefaultScope.get_current_instance()
    build_detector('dino', device='cpu')(pictures[:1])
    after = DefaultScope.get_current_instance()
    assert (after and after.scope_name) == (before and before.scope_name)


def test_our_names_do_not_need_it(calls, weights):
    build_detector('rtmdet-nano', weights['rtmdet-nano'], device='cpu')
    assert calls == []
