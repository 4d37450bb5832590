from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.structures import PixelData

from mmpose.structures import MultilevelPixelData
from mmpose.testing import (
    get_coco_sample,
    get_config_file,
    get_packed_inputs,
    get_pose_estimator_cfg,
    get_repo_dir,
)
from mmpose.testing._utils import _rand_bboxes

CONFIG = 'body_2d_keypoint/topdown_heatmap/coco/td-hm_res50_8xb64-210e_coco-256x192.py'


def inside(keypoints, bboxes):
    low, high = bboxes[:, None, :2], bboxes[:, None, 2:]
    return ((keypoints >= low - 1e-3) & (keypoints <= high + 1e-3)).all()


def test_coco_sample():
    sample = get_coco_sample(img_shape=(60, 80), num_instances=3)
    assert sample['img'].shape == (60, 80, 3)
    assert sample['img'].dtype == np.uint8
    assert sample['bbox'].shape == (3, 4)
    assert sample['keypoints'].shape == (3, 17, 2)
    assert sample['keypoints'].dtype == sample['keypoints_visible'].dtype == np.float32
    assert inside(sample['keypoints'], sample['bbox'])
    assert sample['keypoints_visible'].all()
    np.testing.assert_allclose(sample['bbox_scale'], sample['bbox'][:, 2:] - sample['bbox'][:, :2])
    assert sample['flip_indices'][15:] == [16, 15]
    assert (6, 5) in sample['flip_pairs']
    assert sample['dataset_keypoint_weights'].sum() == pytest.approx(19.8)
    np.testing.assert_array_equal(sample['img'], get_coco_sample((60, 80))['img'])


def test_coco_sample_options():
    sample = get_coco_sample(
        img_shape=(60, 80),
        img_fill=7,
        num_instances=4,
        with_bbox_cs=False,
        with_img_mask=True,
        random_keypoints_visible=True,
        non_occlusion=True,
    )
    assert (sample['img'] == 7).all()
    assert 'bbox_center' not in sample
    assert set(np.unique(sample['img_mask'])) == {0, 1}
    assert set(np.unique(sample['keypoints_visible'])) == {0, 1}
    lefts, rights = sample['bbox'][:, 0], sample['bbox'][:, 2]
    assert (rights[:-1] <= lefts[1:]).all()


def test_random_boxes_lie_in_the_image():
    bboxes = _rand_bboxes(np.random.RandomState(0), 200, 80, 60)
    assert bboxes.shape == (200, 4)
    assert (bboxes >= 0).all()
    assert (bboxes <= [80, 60, 80, 60]).all()
    assert (bboxes[:, 2:] > bboxes[:, :2]).all()


def test_packed_inputs():
    batch = get_packed_inputs(batch_size=3, num_instances=2, num_keypoints=5)
    assert [image.shape for image in batch['inputs']] == [(3, 256, 192)] * 3
    assert batch['inputs'][0].dtype is torch.uint8
    sample = batch['data_samples'][2]
    assert sample.id == 2
    assert sample.input_size == (192, 256)
    mirror = sample.flip_indices
    assert [mirror[i] for i in mirror] == list(range(5))
    instances, labels = sample.gt_instances, sample.gt_instance_labels
    assert inside(instances.keypoints, instances.bboxes)
    assert labels.keypoint_weights.shape == (2, 5)
    np.testing.assert_allclose(
        labels.keypoint_labels.numpy() * (192, 256), instances.keypoints, rtol=1e-5
    )
    assert labels.keypoint_x_labels.shape == (2, 5, 384)
    assert labels.keypoint_y_labels.shape == (2, 5, 512)
    torch.testing.assert_close(labels.keypoint_x_labels.sum(-1), torch.ones(2, 5))
    assert isinstance(sample.gt_fields, PixelData)
    assert sample.gt_fields.heatmaps.shape == (5, 64, 48)


def test_packed_inputs_options():
    batch = get_packed_inputs(
        batch_size=1, with_heatmap=False, with_reg_label=False, with_simcc_label=False
    )
    sample = batch['data_samples'][0]
    assert 'gt_fields' not in sample
    assert sample.gt_instance_labels.keys() == ['keypoint_weights']
    levels = get_packed_inputs(batch_size=1, num_levels=3)['data_samples'][0].gt_fields
    assert isinstance(levels, MultilevelPixelData)
    assert levels.shape == ((64, 48),) * 3


def test_shipped_configs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Path(get_repo_dir(), 'configs').is_dir()
    assert Path(get_config_file(CONFIG)).is_file()
    model = get_pose_estimator_cfg(CONFIG)
    assert model.type == 'TopdownPoseEstimator'
    with pytest.raises(FileNotFoundError, match=r"'configs/nowhere.py' was not found"):
        get_config_file('nowhere.py')
