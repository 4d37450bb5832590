import subprocess
import sys

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config

from mmpose.apis import (
    collect_multi_frames,
    dataset_meta_from_config,
    inference_bottomup,
    inference_topdown,
    init_model,
)
from mmpose.utils.checkpoint import CheckpointError

BOXES = np.array([[10, 10, 60, 80], [30, 5, 110, 85], [0, 0, 50, 50]], dtype=np.float32)


def keypoints(samples):
    return np.concatenate([sample.pred_instances.keypoints for sample in samples])


def test_model_is_ready(model, config):
    assert not model.training
    assert model.cfg.model.type == config.model.type
    assert model.dataset_meta['dataset_name'] == 'coco'
    assert next(model.parameters()).device.type == 'cpu'


def test_options_do_not_reach_into_the_callers_config(config):
    model = init_model(config, device='cpu', cfg_options={'model.test_cfg.flip_test': False})
    assert model.test_cfg['flip_test'] is False
    assert config.model.test_cfg.flip_test is True


def test_config_without_a_scope_is_of_this_package(config):
    config.default_scope = None
    assert init_model(config, device='cpu').cfg.default_scope is None


def test_config_as_path(config, checkpoint, tmp_path):
    path = tmp_path / 'config.py'
    config.dump(path)
    for given in (path, str(path)):
        assert init_model(given, checkpoint, device='cpu').cfg.model.backbone.depth == 18


def test_config_that_is_not_there():
    with pytest.raises(FileNotFoundError, match=r'no_such_config\.py'):
        init_model('configs/no_such_config.py')


def test_config_of_a_wrong_type():
    with pytest.raises(TypeError, match='config is a list; give a path or an mmengine Config'):
        init_model([1])


def test_cuda_that_is_absent(config, monkeypatch):
    notices = []
    monkeypatch.setattr('mmpose.apis.inference.print_log', lambda text, **_: notices.append(text))
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    model = init_model(config, device='cuda:0')
    assert next(model.parameters()).device.type == 'cpu'
    assert notices == [
        'cuda:0 was asked for, but CUDA is not available; the model runs on the CPU.'
    ]


def test_checkpoint_of_another_model(config, tmp_path):
    path = tmp_path / 'other.pth'
    torch.save(dict(state_dict=torch.nn.Linear(2, 2).state_dict()), path)
    with pytest.raises(CheckpointError, match='does not fit the model'):
        init_model(config, path, device='cpu')


def test_checkpoint_tells_the_skeleton(config, tmp_path):
    model = init_model(config, device='cpu')
    meta = {**model.dataset_meta, 'dataset_name': 'mine'}
    path = tmp_path / 'mine.pth'
    torch.save(dict(state_dict=model.state_dict(), meta=dict(dataset_meta=meta)), path)
    assert init_model(config, path, device='cpu').dataset_meta['dataset_name'] == 'mine'


def test_nobody_tells_the_skeleton(config):
    config.test_dataloader.dataset.pop('type')
    with pytest.warns(UserWarning, match='which keypoints the model predicts'):
        assert init_model(config, device='cpu').dataset_meta is None


@pytest.mark.parametrize(
    'dataset',
    [
        dict(type='CocoDataset'),
        dict(type='CombinedDataset', metainfo=dict(from_file='configs/_base_/datasets/coco.py')),
        dict(type='RepeatDataset', times=2, dataset=dict(type='CocoDataset')),
    ],
    ids=lambda dataset: dataset['type'],
)
def test_skeleton_from_the_config(dataset):
    config = Config(dict(val_dataloader=dict(dataset=dataset)))
    assert dataset_meta_from_config(config, 'val')['num_keypoints'] == 17
    assert dataset_meta_from_config(config) is None


def test_skeleton_of_an_unknown_mode():
    with pytest.raises(ValueError, match="dataset_mode is 'trial'"):
        dataset_meta_from_config(Config(), 'trial')


def test_one_sample_per_box_in_order(model, image):
    samples = inference_topdown(model, image, BOXES)
    assert len(samples) == 3
    for sample, box in zip(samples, BOXES, strict=True):
        np.testing.assert_array_equal(sample.pred_instances.bboxes, box[None])
        assert sample.pred_instances.keypoints.shape == (1, 17, 2)
        assert sample.pred_instances.bbox_scores.tolist() == [1.0]
        assert sample.ori_shape == (90, 120)


def test_batches_change_nothing(model, image):
    together = inference_topdown(model, image, BOXES)
    for batch_size in (1, 2):
        apart = inference_topdown(model, image, BOXES, batch_size=batch_size)
        np.testing.assert_allclose(keypoints(apart), keypoints(together), atol=1e-3)
    single = inference_topdown(model, image, BOXES[1:2])
    np.testing.assert_allclose(keypoints(single), keypoints(together)[1:2], atol=1e-3)


def test_formats_of_boxes_and_pictures(model, image, tmp_path):
    expected = keypoints(inference_topdown(model, image, BOXES))
    xywh = np.concatenate([BOXES[:, :2], BOXES[:, 2:] - BOXES[:, :2]], axis=1)
    np.testing.assert_allclose(
        keypoints(inference_topdown(model, image, xywh.tolist(), bbox_format='xywh')), expected
    )
    path = tmp_path / 'image.png'
    cv2.imwrite(str(path), image)
    for given in (path, str(path)):
        np.testing.assert_allclose(keypoints(inference_topdown(model, given, BOXES)), expected)


def test_scores_of_boxes(model, image):
    boxes = np.concatenate([BOXES, [[0.5], [0.25], [1.0]]], axis=1)
    samples = inference_topdown(model, image, boxes)
    assert [s.pred_instances.bbox_scores.tolist() for s in samples] == [[0.5], [0.25], [1.0]]


def test_without_boxes_the_picture_is_one_instance(model, image):
    (sample,) = inference_topdown(model, image)
    assert sample.pred_instances.bboxes.tolist() == [[0, 0, 120, 90]]


def test_no_box_gives_no_sample(model, image):
    assert inference_topdown(model, image, np.empty((0, 4))) == []


@pytest.mark.parametrize(
    ('boxes', 'options', 'message'),
    [
        ([[10, 10, 20]], {}, r'have the shape \(1, 3\)'),
        ([10, 10, 20, 20], {}, r'have the shape \(4,\)'),
        ([[10, 10, 90, 90], [50, 50, 20, 20]], {}, "Box 1 has no area.*bbox_format='xywh'"),
        ([[10, 10, np.nan, 90]], {}, 'Box 0 has no area'),
        ([[10, 10, 20, 20]], dict(bbox_format='cxcywh'), "bbox_format is 'cxcywh'"),
    ],
)
def test_malformed_boxes(model, image, boxes, options, message):
    with pytest.raises(ValueError, match=message):
        inference_topdown(model, image, boxes, **options)


def test_malformed_pictures(model, image, tmp_path):
    with pytest.raises(TypeError, match=r'array of float32; uint8, 0 to 255, was expected'):
        inference_topdown(model, image.astype(np.float32))
    with pytest.raises(ValueError, match=r'array of shape \(90, 120\); \(H, W, 3\) in BGR'):
        inference_topdown(model, image[..., 0])
    with pytest.raises(TypeError, match='A picture is a int'):
        inference_topdown(model, 5)
    with pytest.raises(FileNotFoundError, match=r'missing\.jpg'):
        inference_topdown(model, str(tmp_path / 'missing.jpg'))
    (tmp_path / 'text.jpg').write_text('no picture')
    with pytest.raises(ValueError, match=r'text\.jpg.* could not be read'):
        inference_topdown(model, tmp_path / 'text.jpg')


def test_config_without_pipeline(model, image):
    model.cfg.test_dataloader = None
    with pytest.raises(ValueError, match=r'no `test_dataloader\.dataset\.pipeline`'):
        inference_topdown(model, image)


def test_whole_pictures_for_models_without_boxes(model, image):
    model.cfg.test_dataloader.dataset.pipeline = [
        dict(type='LoadImage'),
        dict(type='PackPoseInputs'),
    ]
    seen = {}

    def test_step(batch):
        seen.update(batch)
        return batch['data_samples']

    model.test_step = test_step
    (sample,) = inference_bottomup(model, image)
    assert sample.ori_shape == (90, 120)
    assert sample.flip_indices == model.dataset_meta['flip_indices']
    assert seen['inputs'][0].shape == (3, 90, 120)


def test_neighbouring_frames():
    video = [np.full((1, 1, 3), i) for i in range(5)]

    def collected(*args, **kwargs):
        return [int(frame[0, 0, 0]) for frame in collect_multi_frames(video, *args, **kwargs)]

    assert collected(2, [-1, 0, 1]) == [2, 1, 3]
    assert collected(0, [-2, -1, 1, 2]) == [0, 0, 0, 1, 2]
    assert collected(4, [-1, 1, 2]) == [4, 3, 4, 4]
    assert collected(2, [-1, 1, 2], online=True) == [2, 1, 2, 2]


def test_import_stays_light():
    code = (
        'import sys, mmpose.apis; '
        "print([m for m in ('torchvision', 'matplotlib', 'scipy', 'pycocotools', 'mmpose.models', "
        "'mmengine.runner') if m in sys.modules])"
    )
    out = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == '[]'
