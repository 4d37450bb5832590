import numpy as np
import pytest
import torch
from mmengine.structures import InstanceData, PixelData

from mmpose.models.pose_estimators.predictions import (
    check_number,
    input_to_image,
    select_keypoints,
)


def test_points_are_mapped_from_the_input_to_the_image():
    metainfo = dict(
        input_size=(32, 64),
        input_center=np.array([100.0, 50.0]),
        input_scale=np.array([64.0, 128.0]),
    )
    points = np.array([[0.0, 0], [16, 32], [32, 64]])
    # 64 x 128 pixels around (100, 50)
    assert input_to_image(points, metainfo).tolist() == [[68, -14], [100, 50], [132, 114]]
    assert input_to_image(points.reshape(3, 1, 2), metainfo).shape == (3, 1, 2)


def test_selection_of_keypoints():
    instances = InstanceData(
        keypoints=np.arange(6).reshape(1, 3, 2), keypoint_scores=np.array([[0.1, 0.2, 0.3]]),
        bboxes=np.zeros((1, 4)))  # fmt: skip
    field = PixelData(heatmaps=torch.arange(3.0)[:, None, None], tags=torch.zeros(6, 1, 1))
    select_keypoints(instances, field, [2, 0])
    assert instances.keypoints.tolist() == [[[4, 5], [0, 1]]]
    assert instances.keypoint_scores.tolist() == [[0.3, 0.1]]
    assert instances.bboxes.shape == (1, 4)
    assert field.heatmaps.flatten().tolist() == [2, 0]
    assert len(field.tags) == 6


def test_numbers_must_agree():
    check_number([1], ['a'])
    with pytest.raises(ValueError, match='There are 1 predictions for 2 samples; the head must re'):
        check_number([1], ['a', 'b'])
