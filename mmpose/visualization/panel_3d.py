"""Panels with a pose in space: a perspective view over a floor, drawn with OpenCV."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np

_BITS = 4  # OpenCV places shapes to 1/16 pixel
_FAR = 1 << 20  # pixels; farther points would overflow OpenCV's integers
_NEAREST = 0.1  # of the camera's distance; what is nearer is drawn as if it were there

_BACKGROUND = (250, 251, 253)
_FLOOR, _GRID, _SHADOW = (237, 240, 245), (214, 219, 228), (205, 210, 220)
_AXES = dict(x=(214, 96, 96), y=(92, 168, 108), z=(88, 124, 204))
_TEXT = (96, 104, 120)
_FADE = 0.45  # how much of the background shows through what is farthest
_FONT = cv2.FONT_HERSHEY_SIMPLEX


@dataclass(frozen=True)
class View:
    """A camera that looks at the middle of a cube.

    The cube stands on the floor, from 0 to ``limit`` along z and around 0 along x and y. A length
    that is as far from the camera as its middle is drawn ``scale`` pixels long per ``limit``.

    Args:
        azimuth: Where the camera stands, degrees from the x axis around z.
        elevation: Its height, degrees above the horizon.
        limit: Side of the cube, in the unit of the poses.
        distance: Of the camera from the middle, in sides of the cube; infinite for a view without
            perspective.
        size_wh: Size of the panel, pixels.

    Raises:
        ValueError: ``limit`` or ``distance`` is not positive.
    """

    azimuth: float
    elevation: float
    limit: float
    distance: float
    size_wh: tuple[int, int]

    def __post_init__(self) -> None:
        for name, value in (('axis_limit', self.limit), ('axis_dist', self.distance)):
            if not value > 0:
                raise ValueError(f'{name} is {value}; it has to be positive.')

    @property
    def scale(self) -> float:
        """Pixels per side of the cube, which with its floor fills the panel."""
        return min(self.size_wh[0] / 1.5, self.size_wh[1] / 1.42)

    @property
    def axes(self) -> np.ndarray:
        """(3, 3) unit vectors to the right, up and towards the camera."""
        a, e = np.radians([self.azimuth, self.elevation])
        return np.array(
            [
                [-np.sin(a), np.cos(a), 0],
                [-np.sin(e) * np.cos(a), -np.sin(e) * np.sin(a), np.cos(e)],
                [np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)],
            ]
        )

    def project(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(..., 2) pixels of the panel, and (...) how near points are, in sides of the cube.

        Args:
            points: (..., 3) x, y, z in the unit of the poses.
        """
        middle = np.array([0, 0, 0.5])
        right, up, near = np.moveaxis((points / self.limit - middle) @ self.axes.T, -1, 0)
        enlarged = self.scale / np.maximum(1 - near / self.distance, _NEAREST)
        width, height = self.size_wh
        # a little below the middle, since there is a title above
        pixels = np.stack([width / 2 + right * enlarged, 0.505 * height - up * enlarged], axis=-1)
        return pixels, near


def draw_panel(
    view: View,
    pose: np.ndarray,
    shown: np.ndarray,
    links: list[tuple[int, int]],
    link_colors: np.ndarray,
    keypoint_colors: np.ndarray,
    title: str = '',
    show_indices: bool = False,
) -> np.ndarray:
    """(h, w, 3) uint8 RGB, a pose in the middle of the floor.

    The floor is at height 0, or at the lowest joint if that is lower. Links and joints cover each
    other by their distance and are paler the farther they are.

    Args:
        view: The camera and the size.
        pose: (K, 3), the last axis points up.
        shown: (K,) which joints are drawn.
        links: Pairs of joints.
        link_colors: (L, 3) RGB.
        keypoint_colors: (K, 3) RGB.
        title: What stands above.
        show_indices: Whether to write the index of each joint beside it.
    """
    panel = empty_panel(view).copy()
    shown = shown & np.isfinite(pose).all(axis=-1)
    if shown.any():
        pose = _on_the_floor(np.where(shown[:, None], pose, 0), shown)
        links = [(i, j) for i, j in links]
        drawn = [n for n, (i, j) in enumerate(links) if shown[i] and shown[j]]
        ends = np.array([links[n] for n in drawn], dtype=int).reshape(-1, 2)
        _draw_shadow(panel, view, pose, ends)
        _draw_pose(panel, view, pose, shown, ends, np.asarray(link_colors)[drawn], keypoint_colors)
        if show_indices:
            _draw_indices(panel, view, pose, shown)
    if title:
        size = max(0.32, view.size_wh[1] / 1000)
        (width, height), _ = cv2.getTextSize(title, _FONT, size, 1)
        place = ((view.size_wh[0] - width) // 2, round(1.9 * height))
        cv2.putText(panel, title, place, _FONT, size, _TEXT, 1, cv2.LINE_AA)
    return panel


def nice_step(limit: float) -> float:
    """The least of 1, 2 and 5 times powers of ten that is at least a fifth of ``limit``."""
    power = 10.0 ** np.floor(np.log10(limit / 5))
    return float(next(n * power for n in (1, 2, 5, 10) if n * power >= limit / 5 * (1 - 1e-9)))


def _on_the_floor(pose: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """The pose around the middle of the floor, and on it if it would reach below."""
    x, y, _ = pose[shown].mean(axis=0)
    return pose - (x, y, min(0.0, pose[shown, 2].min()))


@lru_cache(maxsize=16)
def empty_panel(view: View) -> np.ndarray:
    """(h, w, 3) uint8 RGB, the floor with a grid and the axes; not to be changed."""
    width, height = view.size_wh
    panel = np.full((height, width, 3), _BACKGROUND, dtype=np.uint8)
    panel[:, 0] = _GRID  # sets panels apart
    half, step = view.limit / 2, nice_step(view.limit)
    corners = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]]) * half
    cv2.fillConvexPoly(panel, _fixed(view.project(corners)[0]), _FLOOR, cv2.LINE_AA, _BITS)
    marks = np.linspace(-half, half, 2 * round(view.limit / step) + 1)
    for mark in marks:
        for ends in ([[mark, -half, 0], [mark, half, 0]], [[-half, mark, 0], [half, mark, 0]]):
            _line(panel, view, ends, _GRID, 1)
    _draw_axes(panel, view, corners, step)
    return panel


def _draw_axes(panel: np.ndarray, view: View, corners: np.ndarray, step: float) -> None:
    """Draw the axes from the corner of the floor that is farthest away, with heights along z."""
    corner = corners[view.project(corners)[1].argmin()]
    thickness = max(1, round(view.size_wh[1] / 360))
    size = max(0.28, view.size_wh[1] / 1400)
    for axis, (name, color) in enumerate(_AXES.items()):
        tip = corner.copy()
        tip[axis] = view.limit if name == 'z' else -corner[axis]
        _line(panel, view, [corner, tip], color, thickness)
        _text(panel, view, tip + 0.05 * (tip - corner), name, size, color)
    for height in np.arange(step, view.limit * 0.999, step):
        mark = np.array([*corner[:2], height])
        _line(panel, view, [mark, mark * (0.95, 0.95, 1)], _AXES['z'], thickness)
        _text(panel, view, mark, f'{height:g}', size, _TEXT, beside=True)


def _draw_shadow(panel: np.ndarray, view: View, pose: np.ndarray, ends: np.ndarray) -> None:
    pixels = _fixed(view.project(pose * (1, 1, 0))[0])
    for i, j in ends:
        cv2.line(
            panel, pixels[i].tolist(), pixels[j].tolist(), _SHADOW, _width(view), cv2.LINE_AA, _BITS
        )


def _draw_pose(
    panel: np.ndarray,
    view: View,
    pose: np.ndarray,
    shown: np.ndarray,
    ends: np.ndarray,
    link_colors: np.ndarray,
    keypoint_colors: np.ndarray,
) -> None:
    """Draw links (L, 2) and joints from the farthest to the nearest."""
    pixels, near = view.project(pose)
    pixels = _fixed(pixels)
    joints = np.flatnonzero(shown)
    low, high = near[joints].min(), near[joints].max()
    middles = near[ends].mean(axis=1)
    # of a link and its nearer joint, the joint lies on top
    order = np.argsort(np.concatenate([middles, near[joints] + 1e-3]), kind='stable')
    colors = np.concatenate([link_colors.reshape(-1, 3), np.asarray(keypoint_colors)[joints]])
    faded = _faded(colors, np.concatenate([middles, near[joints]]), low, high)
    radius = round(_width(view) * 0.8 * (1 << _BITS))
    for n in order:
        if n < len(ends):
            i, j = ends[n]
            cv2.line(
                panel, pixels[i].tolist(), pixels[j].tolist(), faded[n], _width(view), cv2.LINE_AA,
                _BITS,
            )  # fmt: skip
        else:
            place = pixels[joints[n - len(ends)]].tolist()
            rim = radius + round(0.35 * (1 << _BITS))
            cv2.circle(panel, place, rim, _BACKGROUND, -1, cv2.LINE_AA, _BITS)
            cv2.circle(panel, place, radius, faded[n], -1, cv2.LINE_AA, _BITS)


def _draw_indices(panel: np.ndarray, view: View, pose: np.ndarray, shown: np.ndarray) -> None:
    size = max(0.28, view.size_wh[1] / 1600)
    pixels, _ = view.project(pose)
    for k in np.flatnonzero(shown):
        place = np.clip(pixels[k] + (2 * _width(view), -_width(view)), -_FAR, _FAR)
        cv2.putText(
            panel, str(k), np.round(place).astype(int).tolist(), _FONT, size, _TEXT, 1, cv2.LINE_AA
        )


def _faded(colors: np.ndarray, near: np.ndarray, low: float, high: float) -> list[list[float]]:
    """RGB colours (M, 3) mixed with the background, the more the farther they are."""
    far = (high - near) / max(high - low, 1e-6)
    share = (_FADE * far)[:, None]
    return (np.asarray(colors) * (1 - share) + np.array(_BACKGROUND) * share).tolist()


def _line(panel: np.ndarray, view: View, ends: list, color: tuple, thickness: int) -> None:
    (start, end), _ = view.project(np.array(ends, dtype=float))
    start, end = _fixed(start).tolist(), _fixed(end).tolist()
    cv2.line(panel, start, end, color, thickness, cv2.LINE_AA, _BITS)


def _text(
    panel: np.ndarray,
    view: View,
    point: np.ndarray,
    text: str,
    size: float,
    color: tuple,
    beside: bool = False,
) -> None:
    """Write a text with its middle at a point in space, or beside it, on the outer side."""
    (width, height), _ = cv2.getTextSize(text, _FONT, size, 1)
    pixel, _ = view.project(point)
    if beside:
        pixel[0] += np.copysign(width / 2 + 0.8 * height, pixel[0] - view.size_wh[0] / 2)
    corner = np.round(pixel + np.array([-width, height]) / 2).astype(int).tolist()
    cv2.putText(panel, text, corner, _FONT, size, color, 1, cv2.LINE_AA)


def _width(view: View) -> int:
    return max(2, round(view.scale / 60))


def _fixed(pixels: np.ndarray) -> np.ndarray:
    return np.round(np.clip(pixels, -_FAR, _FAR) * (1 << _BITS)).astype(np.int32)
