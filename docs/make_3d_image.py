"""Makes the picture of the page on 3D inference: ``python docs/make_3d_image.py``."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from mmengine.structures import InstanceData

from mmpose.apis import convert_keypoint_definition
from mmpose.apis.inferencers.utils.drawing_3d import PICTURE_AZIMUTH, unmirrored
from mmpose.apis.lifting import to_display_axes
from mmpose.datasets.synthetic.appearance import sample_appearance
from mmpose.datasets.synthetic.backgrounds import sample_background
from mmpose.datasets.synthetic.canvas import Canvas
from mmpose.datasets.synthetic.labels import KEYPOINT_NAMES, paint_people
from mmpose.datasets.synthetic.person import Person
from mmpose.datasets.synthetic.poses import sample_pose
from mmpose.datasets.synthetic.skeleton import pose_body, sample_body
from mmpose.structures import PoseDataSample
from mmpose.structures.metainfo import parse_pose_metainfo
from mmpose.visualization import Pose3dLocalVisualizer

STATURE = 1.75  # metres
SEEDS = (1, 13)


def person(seed: int, number: int) -> Person:
    """A drawn person, who has a pose in space."""
    rng = np.random.default_rng(seed)
    figure = pose_body(sample_body(rng), sample_pose(rng))
    origin = np.array([165.0 + 220 * number, 225.0])
    return Person(figure, sample_appearance(rng), 360.0, origin, number)


def pose_in_space(someone: Person) -> np.ndarray:
    """(17, 3) the keypoints of COCO in the axes of a camera, metres."""
    points = np.stack([someone.figure.points[name] for name in KEYPOINT_NAMES])
    return STATURE * points * (1, -1, -1)


def main() -> None:
    """Draw two people and their poses."""
    people = [person(seed, number) for number, seed in enumerate(SEEDS)]
    canvas = Canvas(sample_background(np.random.default_rng(7), (560, 460)))
    paint_people(canvas, people)
    poses = convert_keypoint_definition(np.stack(list(map(pose_in_space, people))), 'coco', 'h36m')
    found = np.stack([[someone.at(name) for name in KEYPOINT_NAMES] for someone in people])
    scores = np.ones((len(people), 17))
    sample = PoseDataSample(
        pred_instances=InstanceData(
            keypoints=to_display_axes(poses),
            keypoint_scores=scores,
            track_ids=np.arange(len(people)),
        )
    )
    sample_2d = PoseDataSample(pred_instances=InstanceData(keypoints=found, keypoint_scores=scores))
    visualizer = Pose3dLocalVisualizer(line_width=3, radius=4)
    visualizer.set_dataset_meta(
        parse_pose_metainfo(dict(from_file='configs/_base_/datasets/h36m.py'))
    )
    drawn = visualizer.add_datasample(
        'people',
        canvas.image[..., ::-1],
        unmirrored(sample),
        sample_2d,
        num_instances=len(people),
        axis_azimuth=PICTURE_AZIMUTH,
    )
    file = Path(__file__).parent / 'images' / 'inference_3d.png'
    cv2.imwrite(str(file), drawn[..., ::-1], [cv2.IMWRITE_PNG_COMPRESSION, 9])


if __name__ == '__main__':
    main()
