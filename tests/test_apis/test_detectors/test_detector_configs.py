import pytest
from mmengine.config import Config

from mmpose.apis.detectors.configs import is_built_in, letterbox_of
from mmpose.apis.detectors.published import find_published

RESIZE = dict(type='mmdet.Resize', scale=(96, 96), keep_ratio=True)
PAD = dict(type='mmdet.Pad', size=(96, 64), pad_val=dict(img=(1, 2, 3)))


@pytest.mark.parametrize(
    ('pipeline', 'expected'),
    [
        ([], ((640, 640), 114, True)),
        ([dict(type='Resize', scale=(320, 320), keep_ratio=True)], ((320, 320), 114, True)),
        ([dict(type='Resize', scale=416, keep_ratio=False)], ((416, 416), 114, False)),
        ([RESIZE, PAD], ((96, 64), (1, 2, 3), True)),
        ([dict(type='Pad', size_divisor=32, pad_val=0)], ((640, 640), 0, True)),
    ],
)
def test_input_of_a_pipeline(pipeline, expected):
    for config in (
        dict(test_pipeline=pipeline),
        dict(test_dataloader=dict(dataset=dict(pipeline=pipeline))),
        dict(test_dataloader=dict(dataset=dict(type='Wrap', dataset=dict(pipeline=pipeline)))),
    ):
        letterbox = letterbox_of(Config(config))
        assert (letterbox.size_wh, letterbox.pad_value, letterbox.keep_ratio) == expected


def test_the_loader_comes_before_the_pipeline():
    steps = [[dict(type='Resize', scale=(side, side), keep_ratio=True)] for side in (64, 96)]
    config = dict(test_pipeline=steps[0], test_dataloader=dict(dataset=dict(pipeline=steps[1])))
    assert letterbox_of(config).size_wh == (96, 96)


@pytest.mark.parametrize(
    ('change', 'expected'),
    [
        (dict(), True),
        (dict(type='mmdet.YOLOX'), True),
        (dict(neck=None), True),
        (dict(type='DINO'), False),
        (dict(backbone=dict(type='EfficientNet')), False),
        (dict(neck=dict(type='mmdet.DyHead')), False),
        (dict(bbox_head=dict(type='FCOSHead')), False),
        (dict(bbox_head=dict(type='HeatmapHead')), False),
        (dict(type='TopdownPoseEstimator'), False),
    ],
    ids=str,
)
def test_which_configs_are_built_in(change, expected):
    model = {**find_published('rtmdet-tiny').config()['model'], **change}
    assert is_built_in(Config(dict(model=model))) is expected
