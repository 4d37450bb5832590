import numpy as np
import torch
from mmengine.structures import InstanceData

from mmpose.visualization import FastVisualizer

META = dict(
    keypoint_colors=np.array([[250, 0, 0], [0, 240, 0]]),
    skeleton_links=[(0, 1)],
    skeleton_link_colors=np.array([[1, 2, 3]]),
)


def pose(scores=(0.9, 0.9), keypoints=((10.0, 10.0), (40.0, 10.0))):
    return InstanceData(keypoints=np.array([keypoints]), keypoint_scores=np.array([scores]))


def test_pose_is_drawn_in_place():
    image = np.zeros((30, 60, 3), dtype=np.uint8)
    result = FastVisualizer(META, radius=4, line_width=2).draw_pose(image, pose())
    assert result is image
    assert image[10, 10].tolist() == [250, 0, 0]
    assert image[10, 40].tolist() == [0, 240, 0]
    assert image[10, 25].tolist() == [1, 2, 3]
    assert image[20:].max() == 0


def test_points_have_no_links():
    image = np.zeros((30, 60, 3), dtype=np.uint8)
    FastVisualizer(META).draw_points(image, pose())
    assert image[10, 10].tolist() == [250, 0, 0]
    assert image[10, 25].max() == 0


def test_low_scores_are_left_out():
    image = np.zeros((30, 60, 3), dtype=np.uint8)
    FastVisualizer(META, kpt_thr=0.5).draw_pose(image, pose((0.9, 0.4)))
    assert image[10, 10].tolist() == [250, 0, 0]
    assert image[:, 20:].max() == 0


def test_tensors_and_points_that_are_nowhere():
    image = np.zeros((30, 60, 3), dtype=np.uint8)
    instances = InstanceData(
        keypoints=torch.tensor([[[10.0, 10.0], [float('nan'), 1e20]]]),
        keypoint_scores=torch.ones(1, 2),
    )
    FastVisualizer(META).draw_pose(image, instances)
    assert image[10, 10].tolist() == [250, 0, 0]
    assert image[:, 20:].max() == 0
