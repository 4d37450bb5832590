import cv2
import numpy as np

from mmpose.apis import visualize
from mmpose.visualization import PoseLocalVisualizer

COCO = 'configs/_base_/datasets/coco.py'


def test_picture_file_and_skeleton_file(tmp_path):
    path = tmp_path / 'picture.png'
    cv2.imwrite(str(path), np.full((100, 100, 3), [255, 0, 0], dtype=np.uint8))  # blue
    keypoints = np.full((1, 17, 2), 50.0)
    scores = np.zeros((1, 17))
    scores[0, 0] = 1
    drawing = visualize(str(path), keypoints, scores, metainfo=COCO)
    assert drawing[50, 50].tolist() == [51, 153, 255]
    assert drawing[10, 10].tolist() == [0, 0, 255]


def test_arrays_are_bgr_and_scores_are_optional():
    image = np.full((100, 100, 3), [255, 0, 0], dtype=np.uint8)
    visualizer = PoseLocalVisualizer(kpt_color=(9, 8, 7), skeleton=[])
    drawing = visualize(image, np.array([[[50.0, 50.0]]]), visualizer=visualizer)
    assert drawing[50, 50].tolist() == [9, 8, 7]
    assert drawing[10, 10].tolist() == [0, 0, 255]
