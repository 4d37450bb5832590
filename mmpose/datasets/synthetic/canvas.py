"""A picture together with a map of what is seen at each pixel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from .appearance import Color, outline_of, shade

SHIFT = 4  # OpenCV draws at 1/16 pixel
PARTS_PER_PERSON = 32  # how many part numbers a person has in the map
_ARC = np.linspace(-np.pi / 2, np.pi / 2, 7)


class Canvas:
    """A picture, (H, W, 3) BGR uint8, and the owner of each pixel, (H, W) uint16.

    The owner is 0 for the background and ``(1 + person) * PARTS_PER_PERSON + part`` where a part
    of a person is in front. What is drawn later covers what was drawn before, in both.

    Args:
        image: The background, drawn into.
    """

    def __init__(self, image: np.ndarray):
        self.image = image
        self.owner = np.zeros(image.shape[:2], dtype=np.uint16)

    def polygon(
        self,
        points: np.ndarray,
        color: Color,
        owner: int | None = None,
        edge: float = 0.0,
        convex: bool = False,
    ) -> None:
        """Fill a polygon.

        Args:
            points: (P, 2) pixels.
            color: BGR.
            owner: Who the pixels belong to from now on; ``None``: they stay with their owners.
            edge: Thickness of the outline in pixels; 0: none.
            convex: Whether the polygon is convex, which is faster to draw.
        """
        fixed = np.round(points * (1 << SHIFT)).astype(np.int32)
        if convex:
            cv2.fillConvexPoly(self.image, fixed, color, cv2.LINE_AA, SHIFT)
        else:
            cv2.fillPoly(self.image, [fixed], color, cv2.LINE_AA, SHIFT)
        if edge >= 0.4:
            width = max(1, round(edge))
            cv2.polylines(self.image, [fixed], True, outline_of(color), width, cv2.LINE_AA, SHIFT)
        if owner is not None:
            cv2.fillPoly(self.owner, [fixed], owner, cv2.LINE_8, SHIFT)

    def capsule(
        self,
        start: np.ndarray,
        end: np.ndarray,
        radii: Sequence[float],
        color: Color,
        owner: int | None = None,
        edge: float = 0.0,
        light: int = 0,
    ) -> None:
        """Fill a limb: two discs and the band between them.

        Args:
            start: (2,) pixels.
            end: (2,) pixels.
            radii: At the start and at the end, in pixels.
            color: BGR.
            owner: As for :meth:`polygon`.
            edge: As for :meth:`polygon`.
            light: The side that is lit, -1 (left) or 1 (right): the other is drawn darker;
                0: neither.
        """
        self.polygon(capsule_outline(start, end, radii), color, owner, edge, convex=True)
        across = np.array([start[1] - end[1], end[0] - start[0]])
        length = np.hypot(*across)
        if light and length >= 1 and max(radii) >= 1.5:
            across *= -np.sign(across[0] * light) / length if across[0] else 1 / length
            near, far = (np.outer(radii, across) * part for part in (0.3, 0.9))
            ends = np.stack([start, end])
            shadow = np.concatenate([ends + near, (ends + far)[::-1]])
            self.polygon(shadow, shade(color, 0.78), convex=True)

    def ellipse(
        self,
        centre: np.ndarray,
        radii: Sequence[float],
        angle: float,
        color: Color,
        owner: int | None = None,
        edge: float = 0.0,
    ) -> None:
        """Fill an ellipse whose axes are turned by ``angle`` degrees; see :meth:`polygon`."""
        t = np.linspace(0, 2 * np.pi, 20, endpoint=False)
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        points = np.stack([radii[0] * np.cos(t), radii[1] * np.sin(t)], axis=1)
        self.polygon(centre + points @ np.array([[c, s], [-s, c]]), color, owner, edge, convex=True)


def capsule_outline(start: np.ndarray, end: np.ndarray, radii: Sequence[float]) -> np.ndarray:
    """The outline of a limb, (14, 2), as :meth:`Canvas.capsule` fills it."""
    angle = np.arctan2(end[1] - start[1], end[0] - start[0])
    turns = np.concatenate([angle + _ARC, angle + np.pi + _ARC])
    arcs = np.stack([np.cos(turns), np.sin(turns)], axis=1)
    half = len(_ARC)
    return np.concatenate([end + radii[1] * arcs[:half], start + radii[0] * arcs[half:]])
