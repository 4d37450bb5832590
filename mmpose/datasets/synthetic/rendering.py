"""Drawing a person: the parts of the body from the farthest to the nearest."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from . import heads, limbs, trunks
from .canvas import Canvas
from .person import Person

Layer = tuple[float, Callable[[Canvas, Person], None]]


def paint_person(canvas: Canvas, person: Person) -> None:
    """Draw a person over what is on the canvas."""
    for _, paint in sorted(layers(person), key=lambda layer: layer[0]):
        paint(canvas, person)


def layers(person: Person) -> list[Layer]:
    """The parts with their depths; the larger the nearer.

    The depth of a part is that of its middle, moved a little where bodies and clothes lie on one
    another: shirts over trousers, arms beside the trunk, the head before the neck.
    """
    depth, looks = person.depth, person.looks
    parts: list[Layer] = [
        (-0.02, trunks.paint_seat),
        (depth('pelvis', 'neck') + 0.004, trunks.paint_shirt),
        (depth('neck') - 0.03, trunks.paint_neck),
        (depth('head') + 0.03, heads.paint_head),
    ]
    if looks.legwear == 'skirt':
        nearer_knee = max(depth('left_knee'), depth('right_knee'))
        parts.append((0.5 * nearer_knee + 0.06, trunks.paint_skirt))
    if looks.hair_style == 'long':  # behind the neck, whichever side that is
        behind = -0.14 * person.figure.head_axes[2, 2]
        parts.append((depth('head') + behind, heads.paint_mane))
    for side in ('left', 'right'):
        for start, end, shift, paint in (
            ('shoulder', 'elbow', 0.012, limbs.paint_upper_arm),
            ('elbow', 'wrist', 0.03, limbs.paint_forearm),
            ('hip', 'knee', -0.01, limbs.paint_thigh),
            ('knee', 'ankle', -0.015, limbs.paint_shin),
            ('ankle', 'toe', -0.012, limbs.paint_foot),
        ):
            middle = depth(f'{side}_{start}', f'{side}_{end}')
            parts.append((middle + shift, partial(paint, side=side)))
    return parts
