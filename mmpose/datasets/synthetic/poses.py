"""Joint angles of people who stand, walk, sit, wave, ..., and where the camera sees them from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

Range = tuple[float, float]


class Limb(NamedTuple):
    """Angles of one arm or leg in degrees; all zero is a limb that hangs straight down.

    Attributes:
        flexion: How far it is raised forwards.
        abduction: How far it is raised sideways, away from the body.
        twist: Turn about its own length, positive turns a bent elbow's forearm inwards.
        bend: Of the elbow or the knee.
    """

    flexion: float
    abduction: float
    twist: float
    bend: float


@dataclass(frozen=True)
class Pose:
    """All angles of a person in degrees.

    Attributes:
        arms: Left, right.
        legs: Left, right.
        lean: Of the trunk, positive is forwards.
        tilt: Of the trunk, positive is to the person's left.
        head_turn: Positive is to the person's left.
        head_nod: Positive is downwards.
        yaw: Turn of the whole person: at 0 they face the camera, at 90 they look to the
            picture's right, at 180 they show their back.
        elevation: How far the camera looks down.
        roll: Turn in the picture plane.
    """

    arms: tuple[Limb, Limb]
    legs: tuple[Limb, Limb]
    lean: float = 0.0
    tilt: float = 0.0
    head_turn: float = 0.0
    head_nod: float = 0.0
    yaw: float = 0.0
    elevation: float = 0.0
    roll: float = 0.0


# what one arm can do: ranges of flexion, abduction, twist, bend
ARMS: dict[str, tuple[Range, Range, Range, Range]] = {
    'hangs': ((-15, 15), (4, 16), (-20, 30), (0, 30)),
    'points sideways': ((-10, 10), (60, 100), (-100, 60), (0, 50)),
    'is up': ((-10, 20), (120, 172), (-110, 20), (0, 80)),
    'points forwards': ((40, 110), (-5, 25), (-30, 40), (0, 60)),
    'rests on the hip': ((-25, 0), (32, 55), (70, 105), (70, 105)),
    'holds something': ((0, 45), (4, 25), (-30, 60), (60, 130)),
    'does anything': ((-40, 140), (0, 130), (-90, 90), (0, 140)),
}
ARM_CHANCES = (0.28, 0.12, 0.16, 0.1, 0.1, 0.12, 0.12)

# what both legs do (a stride moves one forwards and the other backwards)
LEGS: dict[str, tuple[Range, Range, Range, Range]] = {
    'stand': ((-6, 8), (0, 9), (-25, 5), (0, 8)),
    'stand apart': ((-8, 8), (8, 28), (-30, 5), (0, 12)),
    'sit': ((65, 100), (2, 22), (-15, 10), (60, 100)),
    'squat': ((70, 115), (10, 35), (-25, 5), (80, 125)),
    'do anything': ((-25, 100), (0, 40), (-30, 20), (0, 110)),
}
LEG_CHANCES = {'stride': 0.3, 'stand': 0.27, 'stand apart': 0.15, 'sit': 0.13, 'squat': 0.05}
LEG_CHANCES['do anything'] = 0.1


def sample_pose(rng: np.random.Generator) -> Pose:
    """A plausible pose, seen from the front, the back, the side or in between."""
    legs_do = str(rng.choice(list(LEG_CHANCES), p=list(LEG_CHANCES.values())))
    if legs_do == 'stride':
        pose = _stride(rng)
    else:
        legs = (_sample_limb(rng, LEGS[legs_do]), _sample_limb(rng, LEGS[legs_do]))
        arms_do = rng.choice(list(ARMS), size=2, p=ARM_CHANCES)
        if rng.random() < 0.4:
            arms_do[1] = arms_do[0]
        pose = Pose(arms=tuple(_sample_limb(rng, ARMS[arm]) for arm in arms_do), legs=legs)
    return replace(
        pose,
        lean=rng.normal(12 if legs_do == 'squat' else 3, 7),
        tilt=rng.normal(0, 6),
        head_turn=float(np.clip(rng.normal(0, 22), -60, 60)),
        head_nod=float(np.clip(rng.normal(4, 10), -25, 35)),
        yaw=_sample_yaw(rng),
        elevation=rng.uniform(-5, 18),
        roll=rng.normal(0, 4),
    )


def _sample_limb(rng: np.random.Generator, ranges: tuple[Range, ...]) -> Limb:
    return Limb(*(rng.uniform(low, high) for low, high in ranges))


def _stride(rng: np.random.Generator) -> Pose:
    """Walking to running: legs and arms swing in opposition."""
    effort = rng.uniform(0, 1)
    swing = rng.choice([-1.0, 1.0]) * rng.uniform(12, 28 + 30 * effort)
    legs, arms = [], []
    for direction in (swing, -swing):
        knee = rng.uniform(2, 12) if direction > 0 else rng.uniform(15, 35 + 60 * effort)
        knee += 40 * effort * (direction > 0) * rng.random()
        legs.append(Limb(direction, rng.uniform(0, 5), rng.uniform(-12, 3), knee))
        elbow = rng.uniform(5, 35) + 70 * effort * rng.random()
        arms.append(Limb(-direction * rng.uniform(0.5, 1), rng.uniform(4, 15), 15, elbow))
    return Pose(arms=(arms[0], arms[1]), legs=(legs[0], legs[1]))


def _sample_yaw(rng: np.random.Generator) -> float:
    """Mostly front and three-quarter views, a quarter from behind, some profiles."""
    towards = rng.choice([0.0, 90.0, 180.0], p=(0.62, 0.13, 0.25))
    return float(rng.choice([-1.0, 1.0]) * (towards + rng.normal(0, 28)))
