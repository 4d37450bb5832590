"""Drawing heads: skull, hair, ears, and the face as far as it is turned to the viewer."""

from __future__ import annotations

import cv2
import numpy as np

from .appearance import Color, shade
from .canvas import Canvas
from .person import Part, Person
from .skeleton import head_radii

Direction = tuple[float, float, float]  # along the head's left, up and front


def paint_mane(canvas: Canvas, person: Person) -> None:
    """Long hair that falls to the shoulders."""
    size = person.figure.body.head * person.scale
    crown, tips = _head_point(person, (0, 0.2, -0.25)), _head_point(person, (0, -1.35, -0.5))
    radii, owner = (0.95 * size, 0.75 * size), person.owner(Part.HAIR)
    canvas.capsule(crown, tips, radii, person.looks.hair, owner, person.edge)


def paint_head(canvas: Canvas, person: Person) -> None:
    """The head without long hair."""
    looks, bald = person.looks, person.looks.hair_style == 'bald'
    _paint_cap(canvas, person, (0, 0, 1), 180, looks.skin if bald else looks.hair, person.edge)
    if looks.hair_style == 'bun':
        radius = 0.42 * person.figure.body.head * person.scale
        at, owner = _head_point(person, (0, 0.75, -0.85)), person.owner(Part.HAIR)
        canvas.ellipse(at, (radius, radius), 0, looks.hair, owner, person.edge)
    if not bald:
        _paint_cap(canvas, person, (0, -0.36, 1), 62, looks.skin)
    if looks.hair_style == 'cap':
        _paint_cap(canvas, person, (0, 1, -0.25), 72, looks.top_accent)
        _paint_cap(canvas, person, (0, 0.4, 1), 24, shade(looks.top_accent, 0.7))
    for side in ('left', 'right'):
        if looks.hair_style != 'long':
            _paint_ear(canvas, person, side)
        _paint_eye(canvas, person, side)
    _paint_mouth(canvas, person)
    _paint_nose(canvas, person)


def _paint_ear(canvas: Canvas, person: Person, side: str) -> None:
    size = person.figure.body.head * person.scale
    if person.turned_to_viewer(f'{side}_ear') > -0.3 and size > 3.5:
        color, owner = shade(person.looks.skin, 0.9), person.owner(Part.HEAD)
        radii = (0.17 * size, 0.26 * size)
        canvas.ellipse(person.at(f'{side}_ear'), radii, 0, color, owner, 0.7 * person.edge)


def _paint_eye(canvas: Canvas, person: Person, side: str) -> None:
    facing = person.turned_to_viewer(f'{side}_eye')
    if facing <= 0.1:
        return
    size, eye = person.figure.body.head * person.scale, person.at(f'{side}_eye')
    half_width = 0.22 * size * max(0.45, facing)
    if size > 5:
        brow = eye - np.array([0, 0.26 * size])
        canvas.ellipse(brow, (half_width, 0.06 * size), 0, shade(person.looks.hair, 0.7))
    canvas.ellipse(eye, (half_width, 0.14 * size), 0, (245.0, 245.0, 245.0))
    canvas.ellipse(eye, (0.1 * size, 0.12 * size), 0, (30.0, 25.0, 20.0))


def _paint_mouth(canvas: Canvas, person: Person) -> None:
    size, (b, g, r) = person.figure.body.head * person.scale, person.looks.skin
    if person.turned_to_viewer('mouth') > 0 and size > 4:
        lips = (0.55 * b, 0.5 * g, 0.85 * r)
        canvas.ellipse(person.at('mouth'), (0.24 * size, 0.08 * size), 0, lips)


def _paint_nose(canvas: Canvas, person: Person) -> None:
    if person.turned_to_viewer('nose') > -0.2:
        size = person.figure.body.head * person.scale
        bridge, radii = _head_point(person, (0, 0.2, 0.95)), (0.05 * size, 0.13 * size)
        color, owner = shade(person.looks.skin, 0.74), person.owner(Part.HEAD)
        canvas.capsule(bridge, person.at('nose'), radii, color, owner)


def _head_point(person: Person, place: Direction) -> np.ndarray:
    """Pixel of a point given in the head's own half width, height and depth."""
    offset = person.figure.head_axes @ (head_radii(person.figure.body) * place)
    return person.project(person.figure.points['head'] + offset)


def _paint_cap(
    canvas: Canvas,
    person: Person,
    axis: Direction,
    opening: float,
    color: Color,
    edge: float = 0.0,
) -> None:
    """Colour what is in sight of a cap on the head.

    That region is convex. It is bounded by the cap's rim where that is in sight, and by the
    head's contour where that lies on the cap.

    Args:
        canvas: To draw on.
        person: Whose head.
        axis: Direction of the cap's middle.
        opening: Angle from the middle to the rim in degrees; 180: the whole head.
        color: BGR.
        edge: Thickness of the outline in pixels.
    """
    axes, radii = person.figure.head_axes, head_radii(person.figure.body)
    rim = _circle(np.array(axis), np.radians(opening))
    view = axes[2] / radii  # points of the unit sphere with a positive product are in sight
    contour = _circle(view, np.pi / 2)
    on_cap = contour @ axis > np.cos(np.radians(opening)) * np.linalg.norm(axis)
    points = np.concatenate([rim[rim @ view > 0], contour[on_cap]])
    if len(points) >= 3:
        outline = person.project(person.figure.points['head'] + (points * radii) @ axes.T)
        outline = cv2.convexHull(outline.astype(np.float32)).reshape(-1, 2)
        canvas.polygon(outline, color, person.owner(Part.HEAD), edge, convex=True)


def _circle(axis: np.ndarray, opening: float, num: int = 24) -> np.ndarray:
    """Points (num, 3) of the unit sphere that are ``opening`` radians from ``axis``."""
    axis = axis / np.linalg.norm(axis)
    first = np.cross(axis, np.eye(3)[np.abs(axis).argmin()])
    first /= np.linalg.norm(first)
    turns = np.linspace(0, 2 * np.pi, num, endpoint=False)
    ring = np.cos(turns)[:, None] * first + np.sin(turns)[:, None] * np.cross(axis, first)
    return np.cos(opening) * axis + np.sin(opening) * ring
