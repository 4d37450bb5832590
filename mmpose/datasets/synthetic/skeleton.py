"""A body's proportions, and its joints in space for given angles.

Axes of the body: x to the person's left, y up, z to where the person looks. Axes of the camera:
x to the right of the picture, y up, z towards the viewer; a person who faces the camera has the
same axes, so that the person's left is at the picture's right. Lengths are in statures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .poses import Limb, Pose

KEYPOINT_NAMES = (
    'nose',
    'left_eye',
    'right_eye',
    'left_ear',
    'right_ear',
    'left_shoulder',
    'right_shoulder',
    'left_elbow',
    'right_elbow',
    'left_wrist',
    'right_wrist',
    'left_hip',
    'right_hip',
    'left_knee',
    'right_knee',
    'left_ankle',
    'right_ankle',
)
SKELETON = (
    (16, 14),
    (14, 12),
    (17, 15),
    (15, 13),
    (12, 13),
    (6, 12),
    (7, 13),
    (6, 7),
    (6, 8),
    (7, 9),
    (8, 10),
    (9, 11),
    (2, 3),
    (1, 2),
    (1, 3),
    (2, 4),
    (3, 5),
    (4, 6),
    (5, 7),
)
SIDES = (('left', 1), ('right', -1))
DOWN = np.array([0.0, -1.0, 0.0])


@dataclass(frozen=True)
class Body:
    """Lengths in statures; widths are half widths.

    Attributes:
        girth: 1 is average; scales the widths of trunk and limbs.
        head: Half the height of the head.
    """

    shoulder: float
    hip: float
    trunk: float
    neck: float
    head: float
    upper_arm: float
    forearm: float
    thigh: float
    shin: float
    foot: float
    girth: float


@dataclass(frozen=True)
class Figure:
    """A posed body in the axes of the camera, the pelvis at the origin.

    Attributes:
        body: Its proportions.
        points: Joints and a few more points by name, each (3,).
        trunk_axes: (3, 3); columns: the trunk's left, up and front.
        head_axes: (3, 3); the same of the head.
    """

    body: Body
    points: dict[str, np.ndarray]
    trunk_axes: np.ndarray
    head_axes: np.ndarray


def sample_body(rng: np.random.Generator) -> Body:
    """A person's proportions: tall and short, slim and stout, some with a child's large head."""
    child = rng.random() < 0.15

    def about(value: float, spread: float = 0.05) -> float:
        return value * float(np.clip(rng.normal(1, spread), 1 - 2 * spread, 1 + 2 * spread))

    return Body(
        shoulder=about(0.105, 0.09),
        hip=about(0.056, 0.08),
        trunk=about(0.31),
        neck=about(0.035, 0.1),
        head=about(0.105 if child else 0.078, 0.07),
        upper_arm=about(0.165),
        forearm=about(0.145),
        thigh=about(0.22 if child else 0.245),
        shin=about(0.2 if child else 0.23),
        foot=about(0.1, 0.1),
        girth=about(1.08, 0.13),
    )


def rotation(axis: str, degrees: float) -> np.ndarray:
    """The (3, 3) rotation about ``'x'``, ``'y'`` or ``'z'``, right-handed."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    if axis == 'x':
        return np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    if axis == 'y':
        return np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    return np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])


def pose_body(body: Body, pose: Pose) -> Figure:
    """The body's joints in space."""
    camera = rotation('z', pose.roll) @ rotation('x', pose.elevation) @ rotation('y', pose.yaw)
    trunk = camera @ rotation('z', -pose.tilt) @ rotation('x', pose.lean)
    head = trunk @ rotation('y', pose.head_turn) @ rotation('x', pose.head_nod)
    left, up, _ = trunk.T
    points = {'pelvis': np.zeros(3), 'neck': body.trunk * up}
    points['head'] = points['neck'] + body.neck * up + body.head * 0.85 * head[:, 1]
    for i, (side, sign) in enumerate(SIDES):
        shoulder = points['neck'] + sign * body.shoulder * left - 0.035 * up
        arm = _limb_axes(trunk, pose.arms[i], sign)
        elbow = shoulder + body.upper_arm * (arm @ DOWN)
        forearm = arm @ rotation('x', -pose.arms[i].bend)
        wrist = elbow + body.forearm * (forearm @ DOWN)
        hip = sign * body.hip * camera[:, 0]
        leg = _limb_axes(camera, pose.legs[i], sign)
        knee = hip + body.thigh * (leg @ DOWN)
        shin = leg @ rotation('x', pose.legs[i].bend)
        ankle = knee + body.shin * (shin @ DOWN)
        points |= {
            f'{side}_shoulder': shoulder,
            f'{side}_elbow': elbow,
            f'{side}_wrist': wrist,
            f'{side}_hand': wrist + 0.055 * (forearm @ DOWN),
            f'{side}_hip': hip,
            f'{side}_knee': knee,
            f'{side}_ankle': ankle,
            f'{side}_toe': ankle + body.foot * (shin @ np.array([0.08 * sign, -0.35, 0.9])),
        }
    points |= _face(body, points['head'], head)
    return Figure(body=body, points=points, trunk_axes=trunk, head_axes=head)


def _limb_axes(parent: np.ndarray, limb: Limb, sign: int) -> np.ndarray:
    return (
        parent
        @ rotation('z', sign * limb.abduction)
        @ rotation('x', -limb.flexion)
        @ rotation('y', -sign * limb.twist)
    )


def head_radii(body: Body) -> np.ndarray:
    """Half width, half height and half depth of the head, (3,)."""
    return body.head * np.array([0.76, 1.0, 0.86])


def _face(body: Body, centre: np.ndarray, axes: np.ndarray) -> dict[str, np.ndarray]:
    """Eyes, ears and nose on the surface of the head."""
    places = {'nose': (0, -0.12, 1.05), 'mouth': (0, -0.5, 0.86)}
    for side, sign in SIDES:
        places[f'{side}_eye'] = (0.42 * sign, 0.14, 0.88)
        places[f'{side}_ear'] = (1.0 * sign, -0.02, -0.08)
    radii = head_radii(body)
    return {name: centre + axes @ (radii * place) for name, place in places.items()}
