"""One person in a picture: a posed body with clothes, at a place and of a size."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np

from .appearance import Appearance
from .canvas import PARTS_PER_PERSON
from .skeleton import Figure


class Part(IntEnum):
    """What a pixel of a person shows."""

    HEAD = 1
    NECK = 2
    TRUNK = 3
    PELVIS = 4
    SKIRT = 5
    HAIR = 6
    LEFT_UPPER_ARM = 8
    RIGHT_UPPER_ARM = 9
    LEFT_FOREARM = 10
    RIGHT_FOREARM = 11
    LEFT_HAND = 12
    RIGHT_HAND = 13
    LEFT_THIGH = 14
    RIGHT_THIGH = 15
    LEFT_SHIN = 16
    RIGHT_SHIN = 17
    LEFT_FOOT = 18
    RIGHT_FOOT = 19


@dataclass(frozen=True)
class Person:
    """Who is drawn, where and how large.

    Attributes:
        figure: The posed body.
        looks: Its clothes and colours.
        scale: Pixels per stature.
        origin: (2,) where the pelvis is in the picture, pixels.
        number: The person's number on the canvas, from 0.
    """

    figure: Figure
    looks: Appearance
    scale: float
    origin: np.ndarray
    number: int = 0

    @property
    def edge(self) -> float:
        """Thickness of outlines in pixels."""
        return 0.0085 * self.scale

    def owner(self, part: Part) -> int:
        """The part's number on the canvas."""
        return (1 + self.number) * PARTS_PER_PERSON + part

    def project(self, points: np.ndarray) -> np.ndarray:
        """Pixels (..., 2) of points (..., 3) in the axes of the camera."""
        return self.origin + self.scale * points[..., :2] * (1, -1)

    def at(self, name: str) -> np.ndarray:
        """Pixel (2,) of a named point of the figure."""
        return self.project(self.figure.points[name])

    def depth(self, *names: str) -> float:
        """How much nearer to the viewer than the pelvis the points are on average, in statures."""
        return float(np.mean([self.figure.points[name][2] for name in names]))

    def turned_to_viewer(self, name: str) -> float:
        """Cosine between the viewer and the outward direction at a point of the head."""
        direction = self.figure.points[name] - self.figure.points['head']
        return float(direction[2] / np.linalg.norm(direction))
