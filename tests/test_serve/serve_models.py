"""A stand-in for a model, with its picture."""

import threading

import cv2
import numpy as np

from mmpose.datasets.synthetic import SyntheticPeople
from mmpose.results import PoseResult, PoseResults

COCO = dict(from_file='configs/_base_/datasets/coco.py')


class KnownPoses:
    """Finds in every picture the same poses, and remembers what it was asked.

    Attributes:
        calls: The picture and options of each call.
        gate: Calls wait for it.
    """

    def __init__(self, keypoints, conf, bboxes, bbox_scores):
        self.found = dict(
            keypoints=keypoints, keypoint_scores=conf, bboxes=bboxes, bbox_scores=bbox_scores
        )
        self.calls = []
        self.gate = threading.Event()
        self.gate.set()
        self.error = None

    def predict(self, inputs, *, bboxes=None, bbox_thr=0.3, nms_thr=0.3):
        options = dict(bboxes=bboxes, bbox_thr=bbox_thr, nms_thr=nms_thr)
        self.calls.append((inputs[0], options))
        assert self.gate.wait(30)
        if self.error is not None:
            raise self.error
        return PoseResults([PoseResult(**self.found, metainfo=COCO) for _ in inputs])


def scene(index=3, size=(640, 480)):
    """A picture, BGR, and the labels of its people as arrays."""
    people = SyntheticPeople(image_size=size, people=(3, 3), height=(150, 330), seed=0)
    image, annotations = people.draw(index)
    points = np.array([one['keypoints'] for one in annotations], float).reshape(-1, 17, 3)
    boxes = np.array([one['bbox'] for one in annotations], float)
    boxes[:, 2:] += boxes[:, :2]
    return image, points, boxes


def known_poses(index=3):
    """The picture and a model that finds its people; their box scores are 0.95, 0.75, 0.55 ..."""
    image, points, boxes = scene(index)
    conf = np.where(points[..., 2] > 0, np.linspace(0.4, 1, 17), 0.1)
    return image, KnownPoses(points[..., :2], conf, boxes, 0.95 - 0.2 * np.arange(len(points)))


def encode(image, suffix='.jpg'):
    """The bytes of a picture file."""
    return cv2.imencode(suffix, image)[1].tobytes()
