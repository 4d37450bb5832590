"""Cluttered pictures without people."""

from __future__ import annotations

import cv2
import numpy as np

from .appearance import HAIRS, SKINS, sample_color
from .canvas import Canvas


def sample_background(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """A picture (H, W, 3) BGR uint8 of walls, floors, textures and clutter.

    Args:
        rng: Source of randomness.
        size: (w, h) in pixels.
    """
    image = _gradient(rng, size)
    if rng.random() < 0.5:
        _add_floor(rng, image)
    image = _textured(rng, image)
    canvas = Canvas(image)
    for _ in range(rng.integers(4, 22)):
        CLUTTER[rng.integers(len(CLUTTER))](rng, canvas)
    return image


def finish(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """The picture as a camera takes it: exposure, a little blur, noise."""
    if rng.random() < 0.35:
        image = cv2.GaussianBlur(image, (3, 3), rng.uniform(0.4, 0.9))
    strength = rng.uniform(0, 9)
    noise = rng.integers(0, 256, (image.shape[0], image.shape[1], 1), dtype=np.uint8)
    levels = np.arange(256)
    gain, offset, gamma = rng.uniform(0.8, 1.12), rng.uniform(-12, 18), rng.uniform(0.85, 1.2)
    curve = 255 * np.clip((gain * levels + offset) / 255, 0, 1) ** gamma
    image = cv2.LUT(image, np.round(curve).astype(np.uint8))
    grain = cv2.LUT(noise, np.round((levels / 255) * 2 * strength).astype(np.uint8))
    grain = cv2.merge([grain, grain, grain])
    return cv2.subtract(cv2.add(image, grain), (round(strength),) * 3 + (0,))


def _gradient(rng: np.random.Generator, size: tuple[int, int]) -> np.ndarray:
    """Smooth transitions between a few colours."""
    rows, columns = rng.integers(1, 4, 2)
    base = np.array(sample_color(rng))
    spread = rng.uniform(10, 90)
    colors = np.clip(base + rng.normal(0, spread, (rows, columns, 3)), 0, 255).astype(np.uint8)
    return cv2.resize(colors, size, interpolation=cv2.INTER_CUBIC)


def _add_floor(rng: np.random.Generator, image: np.ndarray) -> None:
    """Another colour below a horizon, perhaps with boards or tiles."""
    height, width = image.shape[:2]
    horizon = int(height * rng.uniform(0.3, 0.85))
    color = sample_color(rng)
    weight = rng.uniform(0.6, 1.0)
    below = image[horizon:]
    plain = np.full_like(below, color)
    image[horizon:] = cv2.addWeighted(below, 1 - weight, plain, weight, 0)
    if rng.random() < 0.4:
        line = tuple(channel * 0.7 for channel in color)
        for x in np.arange(-width, 2 * width, rng.integers(30, 120)):
            middle = width / 2 + (x - width / 2) * 0.35
            cv2.line(image, (int(middle), horizon), (int(x), height), line, 1, cv2.LINE_AA)


def _textured(rng: np.random.Generator, image: np.ndarray) -> np.ndarray:
    """The picture with coarse and fine blotches."""
    height, width = image.shape[:2]
    for _ in range(rng.integers(1, 3)):
        cell = float(rng.uniform(2, 60))
        shape = (max(2, int(height / cell)), max(2, int(width / cell)), 1)
        strength = rng.uniform(4, 36) if cell > 8 else rng.uniform(4, 20)
        blotches = (rng.random(shape) * strength).astype(np.uint8)
        method = cv2.INTER_LINEAR if rng.random() < 0.7 else cv2.INTER_NEAREST
        blotches = cv2.resize(blotches, (width, height), interpolation=method)
        change = cv2.add if rng.random() < 0.5 else cv2.subtract
        image = change(image, cv2.merge([blotches] * 3))
    return image


def _place(rng: np.random.Generator, canvas: Canvas) -> tuple[np.ndarray, float]:
    """A point of the picture and a length in pixels."""
    height, width = canvas.owner.shape
    return rng.uniform((0, 0), (width, height)), rng.uniform(0.03, 0.3) * min(width, height)


def _color(rng: np.random.Generator) -> tuple[float, float, float]:
    """Any colour; now and then that of skin or hair."""
    if rng.random() < 0.25:
        table = SKINS if rng.random() < 0.6 else HAIRS
        return tuple(float(channel) for channel in table[rng.integers(len(table))])
    return sample_color(rng)


def _blob(rng: np.random.Generator, canvas: Canvas) -> None:
    centre, size = _place(rng, canvas)
    radii = size * rng.uniform(0.2, 1, 2)
    canvas.ellipse(centre, radii, rng.uniform(0, 180), _color(rng), edge=rng.integers(3))


def _box(rng: np.random.Generator, canvas: Canvas) -> None:
    centre, size = _place(rng, canvas)
    w, h = size * rng.uniform(0.2, 1.2, 2)
    corners = np.array([(-w, -h), (w, -h), (w, h), (-w, h)])
    if rng.random() < 0.3:
        corners += rng.normal(0, 0.2 * size, (4, 2))
    color = _color(rng)
    canvas.polygon(centre + corners, color, edge=rng.integers(4))
    if rng.random() < 0.4:  # a window, a door, a shelf
        canvas.polygon(centre + 0.6 * corners, _color(rng), edge=rng.integers(2))


def _line(rng: np.random.Generator, canvas: Canvas) -> None:
    centre, size = _place(rng, canvas)
    end = centre + 2 * size * rng.normal(0, 1, 2)
    thickness = int(rng.integers(1, 5))
    color = _color(rng)
    start, end = np.round(centre).astype(int).tolist(), np.round(end).astype(int).tolist()
    cv2.line(canvas.image, start, end, color, thickness, cv2.LINE_AA)


def _shards(rng: np.random.Generator, canvas: Canvas) -> None:
    centre, size = _place(rng, canvas)
    points = centre + size * rng.normal(0, 0.6, (rng.integers(3, 7), 2))
    canvas.polygon(points, _color(rng), edge=rng.integers(3))


def _sticks(rng: np.random.Generator, canvas: Canvas) -> None:
    """Jointed sticks like stray arms and legs: branches, poles, pipes."""
    start, size = _place(rng, canvas)
    color, width = _color(rng), rng.uniform(0.06, 0.16) * size
    angle = rng.uniform(0, 2 * np.pi)
    for _ in range(rng.integers(1, 4)):
        end = start + size * rng.uniform(0.5, 1) * np.array([np.cos(angle), np.sin(angle)])
        taper = width * rng.uniform(0.6, 1)
        canvas.capsule(start, end, (width, taper), color, edge=rng.integers(3), light=1)
        start, width, angle = end, taper, angle + rng.normal(0, 0.9)


def _ball(rng: np.random.Generator, canvas: Canvas) -> None:
    """A round thing of a head's size on a pole: a lamp, a sign, a flower."""
    centre, size = _place(rng, canvas)
    radius = 0.3 * size
    foot = centre + np.array([0, rng.uniform(1, 4) * radius])
    canvas.capsule(centre, foot, (0.15 * radius, 0.15 * radius), _color(rng))
    canvas.ellipse(centre, (radius, radius * rng.uniform(0.8, 1.3)), 0, _color(rng), edge=1)


CLUTTER = (_blob, _box, _box, _line, _shards, _sticks, _sticks, _ball)
