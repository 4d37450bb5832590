import pickle

import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.structures import MultilevelPixelData, PoseDataSample

INSTANCES = ['gt_instances', 'gt_instance_labels', 'pred_instances']
FIELDS = ['gt_fields', 'pred_fields']


def test_metainfo_and_fields():
    sample = PoseDataSample(metainfo=dict(img_shape=(480, 640)))
    sample.gt_instances = InstanceData(keypoints=np.zeros((2, 17, 2)))
    sample.set_metainfo(dict(flip=True))
    assert sample.img_shape == (480, 640)
    assert sample.metainfo == dict(img_shape=(480, 640), flip=True)
    assert 'gt_instances' in sample
    assert 'pred_instances' not in sample
    assert sample.get('pred_instances', 'none') == 'none'
    assert sample.keys() == ['gt_instances']


@pytest.mark.parametrize('name', INSTANCES)
def test_instances_take_instance_data_only(name):
    sample = PoseDataSample()
    data = InstanceData(scores=np.arange(3))
    setattr(sample, name, data)
    assert getattr(sample, name) is data
    delattr(sample, name)
    assert name not in sample
    for wrong in (dict(scores=[1]), PixelData(heatmaps=np.zeros((1, 4, 4)))):
        with pytest.raises(AssertionError, match='InstanceData'):
            setattr(sample, name, wrong)


@pytest.mark.parametrize('name', FIELDS)
def test_fields_take_pixel_data_of_one_or_more_levels(name):
    sample = PoseDataSample()
    for data in (
        PixelData(heatmaps=np.zeros((1, 4, 4))),
        MultilevelPixelData(heatmaps=[np.zeros((1, 4, 4))]),
    ):
        setattr(sample, name, data)
        assert getattr(sample, name) is data
    with pytest.raises(AssertionError, match='PixelData'):
        setattr(sample, name, InstanceData())


def test_conversions_reach_all_fields():
    sample = PoseDataSample(
        gt_instances=InstanceData(keypoints=np.ones((1, 2, 2))),
        gt_fields=MultilevelPixelData(heatmaps=[np.ones((2, 4, 3)), np.ones((2, 2, 2))]),
    )
    tensors = sample.to_tensor()
    assert isinstance(tensors.gt_instances.keypoints, torch.Tensor)
    assert tensors.to(torch.float16).gt_fields.heatmaps[1].dtype is torch.float16
    assert isinstance(sample.gt_fields.heatmaps[0], np.ndarray)
    assert tensors.numpy().gt_fields.heatmaps[0].sum() == 24


def test_a_clone_and_a_pickled_copy_hold_the_same():
    sample = PoseDataSample(metainfo=dict(id=3), pred_instances=InstanceData(scores=np.ones(2)))
    for copy in (sample.clone(), pickle.loads(pickle.dumps(sample))):
        assert copy.id == 3
        assert copy.pred_instances.scores.sum() == 2
