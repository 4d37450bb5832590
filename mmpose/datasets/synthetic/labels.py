"""What is true of a drawn picture: boxes, areas, joints and whether they are in sight."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .canvas import PARTS_PER_PERSON, Canvas
from .person import Part, Person
from .rendering import paint_person
from .skeleton import KEYPOINT_NAMES

# the parts of the own body that may be in front of a joint that is in sight
_LIMBS = {
    'shoulder': ('UPPER_ARM',),
    'elbow': ('UPPER_ARM', 'FOREARM'),
    'wrist': ('FOREARM', 'HAND'),
    'hip': ('THIGH',),
    'knee': ('THIGH', 'SHIN'),
    'ankle': ('SHIN', 'FOOT'),
}
_TRUNK = {'shoulder': {Part.TRUNK, Part.NECK}, 'hip': {Part.TRUNK, Part.PELVIS, Part.SKIRT}}
PARTS_AT_JOINT = {
    f'{side}_{joint}': {Part[f'{side}_{part}'.upper()] for part in parts} | _TRUNK.get(joint, set())
    for side in ('left', 'right')
    for joint, parts in _LIMBS.items()
}
# from which cosine towards the viewer a point of the head is in sight; noses and ears stick out
LEAST_TURNED = dict(nose=-0.2, left_eye=0.1, right_eye=0.1, left_ear=-0.3, right_ear=-0.3)
# from which cosine on the trunk is between the viewer and a shoulder or a hip
FAR_SIDE = -0.75


def paint_people(canvas: Canvas, people: Sequence[Person]) -> list[dict]:
    """Draw people and say in COCO layout where they and their joints are.

    Args:
        canvas: The background, drawn into.
        people: From the farthest to the nearest, each with its own number. Those of whom nothing
            is in sight get no annotation.
    """
    boxes = []
    for person in people:
        paint_person(canvas, person)
        boxes.append(cv2.boundingRect(_mask(canvas.owner, person)))
    annotations = [
        annotate(canvas, person, box) for person, box in zip(people, boxes, strict=True) if box[2]
    ]
    return [annotation for annotation in annotations if annotation['area']]


def annotate(canvas: Canvas, person: Person, box: Sequence[int]) -> dict:
    """The COCO annotation of one person once all are drawn.

    Args:
        canvas: With everybody on it.
        person: Whom to annotate.
        box: x, y, w, h of what was drawn of the person inside the picture, before others came in
            front.
    """
    x, y, w, h = box
    mask = _mask(canvas.owner[y : y + h, x : x + w], person)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_TC89_L1, offset=(x, y))
    keypoints = label_keypoints(canvas, person)
    return dict(
        category_id=1,
        bbox=[float(side) for side in box],
        area=float(np.count_nonzero(mask)),
        iscrowd=0,
        num_keypoints=int(np.count_nonzero(keypoints[:, 2])),
        keypoints=keypoints.ravel().tolist(),
        segmentation=[
            contour.ravel().astype(float).tolist() for contour in contours if len(contour) >= 3
        ],
    )


def label_keypoints(canvas: Canvas, person: Person) -> np.ndarray:
    """The person's keypoints (17, 3): x and y to a tenth of a pixel, and v."""
    height, width = canvas.owner.shape
    labels = np.zeros((len(KEYPOINT_NAMES), 3))
    for label, name in zip(labels, KEYPOINT_NAMES, strict=True):
        x, y = np.round(person.at(name), 1)
        if 0 <= x <= width - 1 and 0 <= y <= height - 1:
            part = int(canvas.owner[round(y), round(x)]) - person.owner(0)
            label[:] = x, y, 2 if is_in_sight(person, name, part) else 1
    return labels


def is_in_sight(person: Person, joint: str, part: int) -> bool:
    """Whether a joint can be seen where ``part`` of the person is in front.

    Args:
        person: Whose joint it is.
        joint: Name of the joint.
        part: One of :class:`Part`; any other number: something else is in front.
    """
    if joint in LEAST_TURNED:
        return part == Part.HEAD and person.turned_to_viewer(joint) > LEAST_TURNED[joint]
    if part in (Part.TRUNK, Part.NECK, Part.PELVIS):
        to_viewer = person.figure.trunk_axes[2, 0] * (1 if joint.startswith('left') else -1)
        if to_viewer < FAR_SIDE:
            return False
    return part in PARTS_AT_JOINT[joint]


def _mask(owner: np.ndarray, person: Person) -> np.ndarray:
    """Where the person is in front, uint8 0 or 1."""
    return (owner // PARTS_PER_PERSON == person.number + 1).view(np.uint8)
