from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpose.apis.detectors import NetworkDetector, build, build_detector, network_detector
from mmpose.apis.detectors.published import ALIASES, PUBLISHED, find_published
from mmpose.apis.inferencers.utils import default_det_models
from mmpose.utils.checkpoint import CheckpointError

USER_CONFIG = """
_base_ = 'mmdet::rtmdet/rtmdet_l_8xb32-300e_coco.py'

input_shape = 128
checkpoint = 'https://example.com/cspnext.pth'

model = dict(
    backbone=dict(
        deepen_factor=0.33,
        widen_factor=0.25,
        use_depthwise=True,
        init_cfg=dict(type='Pretrained', prefix='backbone.', checkpoint=checkpoint)),
    neck=dict(in_channels=[64, 128, 256], out_channels=64, num_csp_blocks=1, use_depthwise=True),
    bbox_head=dict(
        in_channels=64,
        feat_channels=64,
        share_conv=False,
        exp_on_reg=False,
        use_depthwise=True,
        num_classes=2,
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True, beta=2.0, loss_weight=1.0)),
    train_cfg=dict(assigner=dict(type='DynamicSoftLabelAssigner', topk=13), allowed_border=-1),
    test_cfg=dict(
        nms_pre=1000,
        min_bbox_size=0,
        score_thr=0.05,
        nms=dict(type='nms', iou_threshold=0.6),
        max_per_img=7))

train_pipeline = [dict(type='LoadImageFromFile', backend_args={{_base_.backend_args}})]
test_pipeline = [
    dict(type='LoadImageFromFile', backend_args={{_base_.backend_args}}),
    dict(type='Resize', scale=(input_shape, input_shape), keep_ratio=True),
    dict(type='Pad', size=(input_shape, input_shape), pad_val=dict(img=(114, 114, 114))),
    dict(type='PackDetInputs')]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
test_dataloader = dict(dataset=dict(pipeline=test_pipeline))
"""
FULL_CONFIG = """
norm = dict(type='SyncBN')
act = dict(type='SiLU', inplace=True)
model = dict(
    type='mmdet.RTMDet',
    data_preprocessor=dict(
        type='mmdet.DetDataPreprocessor',
        mean=[103.53, 116.28, 123.675],
        std=[57.375, 57.12, 58.395],
        bgr_to_rgb=False,
        batch_augments=None),
    backbone=dict(
        type='mmdet.CSPNeXt', arch='P5', expand_ratio=0.5, deepen_factor=0.33, widen_factor=0.25,
        use_depthwise=True, channel_attention=True, norm_cfg=norm, act_cfg=act),
    neck=dict(
        type='mmdet.CSPNeXtPAFPN', in_channels=[64, 128, 256], out_channels=64, num_csp_blocks=1,
        use_depthwise=True, expand_ratio=0.5, norm_cfg=norm, act_cfg=act),
    bbox_head=dict(
        type='mmdet.RTMDetSepBNHead', num_classes=2, in_channels=64, stacked_convs=2,
        feat_channels=64, use_depthwise=True,
        anchor_generator=dict(type='mmdet.MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
        bbox_coder=dict(type='mmdet.DistancePointBBoxCoder'),
        loss_bbox=dict(type='mmdet.GIoULoss', loss_weight=2.0),
        with_objectness=False, exp_on_reg=False, share_conv=False, pred_kernel_size=1,
        norm_cfg=norm, act_cfg=act),
    test_cfg=dict(
        nms_pre=30000, min_bbox_size=0, score_thr=0.001,
        nms=dict(type='nms', iou_threshold=0.65), max_per_img=300))
test_pipeline = [
    dict(type='mmdet.Resize', scale=(320, 320), keep_ratio=True),
    dict(type='mmdet.Pad', size=(320, 320), pad_val=dict(img=(114, 114, 114)))]
"""


@pytest.fixture(autouse=True)
def without_mmdet_and_network(monkeypatch):
    monkeypatch.setattr('mmpose.apis.detectors.build.is_absent', lambda package: True)
    monkeypatch.setattr('mmpose.apis.detectors.configs.is_absent', lambda package: True)


def write(path, text):
    path.write_text(text)
    return str(path)


def check_same(found, expected, **tolerance):
    assert len(found) == len(expected)
    for of_one, expected_of_one in zip(found, expected, strict=True):
        assert len(of_one.scores) > 0
        for values, wanted in zip(of_one, expected_of_one, strict=True):
            np.testing.assert_allclose(values, wanted, **tolerance)


@pytest.mark.parametrize('name', ['rtmdet-nano', 'yolox-tiny'])
def test_batch_equals_one_by_one(name, weights, pictures):
    detector = build_detector(name, weights[name], device='cpu')
    together = detector(pictures)
    check_same(together, [detector([p])[0] for p in pictures], atol=1e-3, rtol=1e-4)
    detector.detector.batch_size = 2
    check_same(detector(pictures), together, atol=1e-3, rtol=1e-4)
    scores = together[0].scores
    assert (scores[:-1] >= scores[1:]).all()


def test_numbers_of_a_name(weights, networks, pictures):
    """By hand: a picture of half the input's size, doubled."""
    picture = np.kron(pictures[0][:80, :80], np.ones((2, 2, 1), np.uint8))
    detector = build_detector('RTMDet-nano', weights['rtmdet-nano'], device='cpu')
    assert detector.detector.num_classes == 2  # as the weights have, not as the name says
    assert detector.detector.letterbox.size_wh == (320, 320)
    inputs = torch.from_numpy(detector.detector.letterbox([picture])[0]).permute(0, 3, 1, 2)
    (expected,) = networks['rtmdet-nano'].predict(inputs)
    (found,) = detector([picture])
    np.testing.assert_allclose(found.boxes, expected.boxes.numpy() / 2, rtol=1e-4, atol=1e-3)
    np.testing.assert_array_equal(found.labels, expected.labels.numpy())


def test_config_of_a_user(tmp_path, weights, pictures):
    path = write(tmp_path / 'rtmdet_nano_mine.py', USER_CONFIG)
    detector = build_detector(path, weights['rtmdet-nano'], cat_ids=(1,), device='cpu')
    network = detector.detector
    assert isinstance(network, NetworkDetector)
    assert network.letterbox.size_wh == (128, 128)
    assert network.network.bbox_head.test_cfg['nms_pre'] == 1000
    assert network.network.bbox_head.test_cfg['nms']['iou_threshold'] == 0.6
    found = detector(pictures)
    assert all(0 < len(of_one.labels) <= 7 for of_one in found)
    assert {label for of_one in found for label in of_one.labels} == {1}


def test_config_that_says_all(tmp_path, weights, pictures):
    path = write(tmp_path / 'mine.py', FULL_CONFIG)
    cfg = Config.fromfile(path)
    from_path = build_detector(Path(path), weights['rtmdet-nano'], device='cpu')(pictures)
    check_same(from_path, build_detector(cfg, weights['rtmdet-nano'], device='cpu')(pictures))
    as_dict = cfg.to_dict()
    check_same(from_path, build_detector(as_dict, weights['rtmdet-nano'], device='cpu')(pictures))
    # the same network as that of the name, which keeps fewer boxes
    by_name = build_detector('rtmdet-nano', weights['rtmdet-nano'], device='cpu')
    by_name.detector.network.bbox_head.test_cfg = dict(cfg.model.test_cfg)
    check_same(by_name(pictures), from_path, atol=1e-5)


def test_config_within_a_config(tmp_path, weights):
    write(tmp_path / 'base.py', USER_CONFIG)
    path = write(tmp_path / 'leaf.py', "_base_ = 'base.py'\nmodel = dict(test_cfg=dict(nms_pre=5))")
    detector = build_detector(path, weights['rtmdet-nano'], device='cpu')
    assert detector.detector.network.bbox_head.test_cfg['nms_pre'] == 5


def test_reading_leaves_mmengine_as_it_was(tmp_path, weights):
    original = Config._get_cfg_path
    build_detector(write(tmp_path / 'mine.py', USER_CONFIG), weights['rtmdet-nano'], device='cpu')
    assert Config._get_cfg_path is original
    with pytest.raises(ModuleNotFoundError, match='mmdet is not installed'):
        Config.fromfile(tmp_path / 'mine.py')


def test_unknown_base(tmp_path):
    path = write(tmp_path / 'mine.py', "_base_ = 'mmdet::dino/dino-4scale_r50.py'\n")
    with pytest.raises(
        ValueError, match='MMDetection is not installed: of its configs rtmdet_tiny'
    ):
        build_detector(path, 'some.pth')


def test_published_configs_by_path(monkeypatch):
    """Paths of configs that 1.x has, and we do not, mean the network of that name."""
    asked = []
    monkeypatch.setattr(build, 'build_published', lambda *args: asked.append(args) or len)
    build_detector('demo/mmdetection_cfg/rtmdet_m_640-8xb32_coco-person.py', 'x.pth', device='cpu')
    build_detector('mmdet::rtmdet/rtmdet_x_8xb32-300e_coco.py', device='cpu')
    assert [(p.size, p.num_classes, w) for p, w, _ in asked] == [('m', 1, 'x.pth'), ('x', 80, None)]


def test_published_weights(monkeypatch, networks):
    urls = []

    def load(source):
        urls.append(source)
        return dict(state_dict=networks['rtmdet-nano'].state_dict())

    monkeypatch.setattr(network_detector, 'load_checkpoint_file', load)
    build_detector('rtmdet-nano-hand', device='cpu')
    hand = 'v1/projects/rtmposev1/rtmdet_nano_8xb32-300e_hand-267f9c8f.pth'
    assert urls == [f'https://download.openmmlab.com/mmpose/{hand}']
    with pytest.raises(ValueError, match='No weights of yolox-m are published; give yours as `det'):
        build_detector('yolox-m', device='cpu')


def test_aliases():
    assert find_published('rtmdet-m') is PUBLISHED['rtmdet_m_8xb32-300e_coco']
    assert find_published('RTMDET-T') is find_published('rtmdet-tiny')
    assert (
        find_published('projects/rtmpose/rtmdet/hand/rtmdet_nano_320-8xb32_hand.py')
        is (PUBLISHED[ALIASES['rtmdet-nano-hand']])
    )
    assert find_published('whole_image') is None


def test_default_detectors():
    assert set(default_det_models) == {'human', 'body', 'wholebody', 'animal', 'hand', 'face'}
    for entry in default_det_models.values():
        published = find_published(entry['model'])
        assert entry['weights'] in (None, published.url)
        assert max(entry['cat_ids']) < published.num_classes
    assert default_det_models['animal']['cat_ids'] == tuple(range(15, 24))


def test_function(pictures):
    detector = build_detector(lambda images: [[[1, 2, 3, 4]]] * len(images), cat_ids=0)
    assert [len(found.boxes) for found in detector(pictures)] == [1, 1, 1]
    assert build_detector(detector)([pictures[0]])[0].scores.tolist() == [1]


@pytest.mark.parametrize(
    ('model', 'weights', 'error', 'text'),
    [
        (len, 'x.pth', ValueError, "det_weights is 'x.pth', but det_model is a function"),
        (3, None, TypeError, 'det_model is a int; give a callable that takes a list of BGR'),
        ('rtmdet-k', None, ValueError, "no detector 'rtmdet-k'. Did you mean 'rtmdet-"),
        ('dino', None, ValueError, 'other names need MMDetection .`pip install onedl-mmdetection`'),
        ('absent.py', None, FileNotFoundError, 'config absent.py of the detector does not exist'),
        ('x.onnx', 'y.pth', ValueError, "det_weights is 'y.pth', but x.onnx has its own; leave"),
        ('absent.onnx', None, FileNotFoundError, 'The detector absent.onnx does not exist'),
        ('rtmdet-m', 'absent.pth', FileNotFoundError, 'checkpoint absent.pth does not exist'),
        (dict(a=1), 'x.pth', ValueError, 'The config of the detector has no `model` with a type'),
        (dict(model=dict(type='DINO')), None, ValueError, 'does not say where the weights'),
        (dict(model=dict(type='DINO')), 'x', ImportError, 'the config describes a DINO, which nee'),
    ],
)
def test_bad_arguments(model, weights, error, text):
    with pytest.raises(error, match=text):
        build_detector(model, weights, device='cpu')


def test_config_without_weights(tmp_path):
    path = write(tmp_path / 'rtmdet_nano_320-8xb32_hand.py', FULL_CONFIG)
    with pytest.raises(ValueError, match=r'give `det_weights`, .*, such as https://.*267f9c8f.pth'):
        build_detector(path, device='cpu')


def test_weights_of_another_network(weights):
    with pytest.raises(CheckpointError, match='does not fit the model'):
        build_detector('rtmdet-tiny', weights['yolox-tiny'], device='cpu')


def test_class_that_the_network_lacks(weights):
    with pytest.raises(
        ValueError, match='cat_ids has 23, but the detector knows the classes 0 to 1'
    ):
        build_detector('rtmdet-nano', weights['rtmdet-nano'], range(15, 24), device='cpu')


def test_input_that_does_not_fit_the_strides(tmp_path, weights):
    text = FULL_CONFIG.replace('size=(320, 320)', 'size=(320, 330)')
    with pytest.raises(
        ValueError, match=r'input of the detector is \(320, 330\) .w, h.; give mult'
    ):
        build_detector(write(tmp_path / 'mine.py', text), weights['rtmdet-nano'], device='cpu')
