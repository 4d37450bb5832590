"""Drawing arms and legs with their sleeves, trouser legs and shoes."""

from __future__ import annotations

import numpy as np

from .appearance import Color, shade
from .canvas import Canvas
from .person import Part, Person


def paint_limb(
    canvas: Canvas,
    person: Person,
    start: np.ndarray,
    end: np.ndarray,
    radii: tuple[float, float],
    color: Color,
    part: Part,
) -> None:
    """A limb between two pixels; ``radii`` at both ends in statures, for average girth."""
    sizes = np.array(radii) * person.scale * person.figure.body.girth
    canvas.capsule(start, end, sizes, color, person.owner(part), person.edge, person.looks.light)


def paint_upper_arm(canvas: Canvas, person: Person, side: str) -> None:
    """The arm from the shoulder to the elbow with its sleeve."""
    shoulder, elbow = person.at(f'{side}_shoulder'), person.at(f'{side}_elbow')
    looks, part = person.looks, _part(side, 'UPPER_ARM')
    paint_limb(canvas, person, shoulder, elbow, (0.032, 0.024), looks.skin, part)
    if looks.sleeve:
        cuff = shoulder + min(looks.sleeve, 1.0) * (elbow - shoulder)
        paint_limb(canvas, person, shoulder, cuff, (0.037, 0.03), looks.top, part)


def paint_forearm(canvas: Canvas, person: Person, side: str) -> None:
    """The arm from the elbow to the wrist, and the hand."""
    elbow, wrist = person.at(f'{side}_elbow'), person.at(f'{side}_wrist')
    looks, part = person.looks, _part(side, 'FOREARM')
    hand = person.at(f'{side}_hand')
    paint_limb(canvas, person, wrist, hand, (0.017, 0.021), looks.skin, _part(side, 'HAND'))
    if looks.sleeve > 1:
        paint_limb(canvas, person, elbow, wrist, (0.028, 0.021), looks.top, part)
    else:
        paint_limb(canvas, person, elbow, wrist, (0.024, 0.017), looks.skin, part)
        _paint_joint(canvas, person, elbow, 0.012, looks.skin)


def paint_thigh(canvas: Canvas, person: Person, side: str) -> None:
    """The leg from the hip to the knee with what covers it."""
    hip, knee = person.at(f'{side}_hip'), person.at(f'{side}_knee')
    looks, part = person.looks, _part(side, 'THIGH')
    paint_limb(canvas, person, hip, knee, (0.05, 0.034), looks.skin, part)
    if looks.legwear != 'skirt':
        cover = min(looks.leg_cover, 1.0)
        hem = hip + cover * (knee - hip)
        width = 0.036 + 0.012 * (1 - cover)
        paint_limb(canvas, person, hip, hem, (0.053, width), looks.bottom, part)


def paint_shin(canvas: Canvas, person: Person, side: str) -> None:
    """The leg from the knee to the ankle."""
    knee, ankle = person.at(f'{side}_knee'), person.at(f'{side}_ankle')
    covered = person.looks.leg_cover > 1
    color = person.looks.bottom if covered else person.looks.skin
    radii = (0.036, 0.03) if covered else (0.033, 0.02)
    paint_limb(canvas, person, knee, ankle, radii, color, _part(side, 'SHIN'))
    _paint_joint(canvas, person, knee, 0.016, color)


def paint_foot(canvas: Canvas, person: Person, side: str) -> None:
    """The shoe."""
    ankle, toe = person.at(f'{side}_ankle'), person.at(f'{side}_toe')
    part = _part(side, 'FOOT')
    paint_limb(canvas, person, ankle, toe, (0.024, 0.02), person.looks.shoe, part)


def _part(side: str, name: str) -> Part:
    return Part[f'{side.upper()}_{name}']


def _paint_joint(
    canvas: Canvas, person: Person, at: np.ndarray, radius: float, color: Color
) -> None:
    """The knob of an elbow or a knee."""
    size = radius * person.scale * person.figure.body.girth
    if size >= 1.2:
        canvas.ellipse(at, (size, size), 0, shade(color, 0.86))
