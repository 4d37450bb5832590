"""Drawing the trunk: shirt with pattern, seat, skirt, neck."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from .appearance import shade
from .canvas import Canvas
from .limbs import paint_limb
from .person import Part, Person


class Level(NamedTuple):
    """A cross section of the trunk, an ellipse.

    Attributes:
        height: Place between the pelvis (0) and the neck (1).
        shoulders: The part of its half width that counts in shoulder widths.
        width: The part of its half width in statures, for average girth.
        depth: Its half depth in statures, for average girth.
    """

    height: float
    shoulders: float
    width: float
    depth: float


SHIRT = (
    Level(1.02, 0.38, 0.0, 0.038),
    Level(0.93, 0.92, 0.0, 0.05),
    Level(0.72, 0.93, 0.0, 0.068),
    Level(0.4, 0.0, 0.084, 0.06),
    Level(0.1, 0.0, 0.092, 0.066),
)
SEAT = (
    Level(0.25, 0.0, 0.086, 0.06),
    Level(0.0, 0.0, 0.094, 0.068),
    Level(-0.16, 0.0, 0.08, 0.06),
)
WAISTBAND = (Level(0.22, 0.0, 0.086, 0.06), Level(0.0, 0.0, 0.1, 0.07))

# which pixels of a shirt take the second colour; both coordinates start at the neck and count in
# pattern sizes
PATTERN_RULES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    'bands': lambda across, along: np.floor(along) % 2 == 0,
    'stripes': lambda across, along: np.floor(across) % 2 == 0,
    'checks': lambda across, along: (np.floor(across) + np.floor(along)) % 2 == 0,
    'dots': lambda across, along: np.hypot(across % 1 - 0.5, along % 1 - 0.5) < 0.3,
    'badge': lambda across, along: np.hypot(across, along + 2.2) < 1.0,
    'halves': lambda across, along: across > 0,
}
SMALLEST_PATTERNED = 70  # pixels per stature; below, patterns are a blur


def paint_seat(canvas: Canvas, person: Person) -> None:
    """The seat of the trousers."""
    outline = silhouette(person, SEAT)
    canvas.polygon(outline, person.looks.bottom, person.owner(Part.PELVIS), person.edge)


def paint_skirt(canvas: Canvas, person: Person) -> None:
    """From the waist to the hem, around both legs."""
    reach = np.array([0.062 * person.scale, 0.0])
    hem = []
    for side in ('left', 'right'):
        hip, knee = person.at(f'{side}_hip'), person.at(f'{side}_knee')
        middle = hip + person.looks.leg_cover * (knee - hip)
        hem += [middle + reach, middle - reach]
    points = np.concatenate([silhouette(person, WAISTBAND), hem]).astype(np.float32)
    outline = cv2.convexHull(points).reshape(-1, 2)
    owner = person.owner(Part.SKIRT)
    canvas.polygon(outline, person.looks.bottom, owner, person.edge, convex=True)


def paint_shirt(canvas: Canvas, person: Person) -> None:
    """The shirt with its pattern."""
    outline = silhouette(person, SHIRT)
    canvas.polygon(outline, person.looks.top, person.owner(Part.TRUNK), person.edge)
    if person.looks.pattern != 'plain' and person.scale >= SMALLEST_PATTERNED:
        _paint_pattern(canvas, person, outline)


def paint_neck(canvas: Canvas, person: Person) -> None:
    """The neck."""
    color = shade(person.looks.skin, 0.85)
    neck, head = person.at('neck'), person.at('head')
    paint_limb(canvas, person, neck, head, (0.028, 0.028), color, Part.NECK)


def silhouette(person: Person, levels: tuple[Level, ...]) -> np.ndarray:
    """Contour (2 L, 2) in pixels of a tube of L ellipses: down one side and up the other."""
    left, up, front = person.figure.trunk_axes.T
    body = person.figure.body
    heights, shoulders, widths, depths = np.array(levels).T
    centres = (heights * body.trunk)[:, None] * up
    widths = shoulders * body.shoulder + widths * body.girth
    along = up[:2] / (np.hypot(*up[:2]) + 1e-6)
    across = np.array([along[1], -along[0], 0])
    # how far an ellipse reaches in a direction: the norm of its axes' components there
    reach = np.hypot(widths * (left @ across), depths * body.girth * (front @ across))
    sides = reach[:, None] * across
    return person.project(np.concatenate([centres + sides, (centres - sides)[::-1]]))


def _paint_pattern(canvas: Canvas, person: Person, outline: np.ndarray) -> None:
    """Colour those pixels of the shirt that its pattern says."""
    size_wh = canvas.owner.shape[::-1]
    x0, y0 = np.clip(np.floor(outline.min(axis=0)), 0, size_wh).astype(int)
    x1, y1 = np.clip(np.ceil(outline.max(axis=0)), 0, size_wh).astype(int)
    neck = person.at('neck')
    up = neck - person.at('pelvis')
    up = up / (np.hypot(*up) + 1e-6)
    dx, dy = np.arange(x0, x1) - neck[0], np.arange(y0, y1)[:, None] - neck[1]
    size = person.looks.pattern_size * person.scale
    along = (dx * up[0] + dy * up[1]) / size
    across = (dx * -up[1] + dy * up[0]) / size
    where = PATTERN_RULES[person.looks.pattern](across, along)
    where &= canvas.owner[y0:y1, x0:x1] == person.owner(Part.TRUNK)
    canvas.image[y0:y1, x0:x1][where] = np.array(person.looks.top_accent, dtype=np.uint8)
