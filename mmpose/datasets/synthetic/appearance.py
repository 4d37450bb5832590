"""What people wear: colours, sleeves, trousers or skirts, patterns, hair and skin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Color = tuple[float, float, float]

# BGR
SKINS = (
    (200, 222, 245),
    (172, 198, 236),
    (140, 172, 222),
    (112, 146, 200),
    (84, 116, 168),
    (64, 88, 132),
    (46, 64, 98),
    (36, 48, 74),
)
HAIRS = (
    (22, 20, 20),
    (30, 38, 52),
    (38, 62, 96),
    (60, 110, 160),
    (118, 182, 218),
    (42, 72, 150),
    (150, 150, 156),
    (214, 216, 220),
)
PATTERNS = ('plain', 'bands', 'stripes', 'checks', 'dots', 'badge', 'halves')
PATTERN_CHANCES = (0.4, 0.14, 0.1, 0.1, 0.1, 0.1, 0.06)


@dataclass(frozen=True)
class Appearance:
    """How one person looks; colours are BGR.

    Attributes:
        sleeve: How much of the arm is covered: 0 none, 1 down to the elbow, 2 to the wrist.
        legwear: ``'trousers'``, ``'shorts'`` or ``'skirt'``.
        leg_cover: How much of the leg is covered: 1 down to the knee, 2 to the ankle.
        hair_style: ``'short'``, ``'long'``, ``'bald'``, ``'bun'`` or ``'cap'``.
        light: Which side of the limbs is lit, -1 (left) or 1 (right).
    """

    skin: Color
    hair: Color
    top: Color
    top_accent: Color
    pattern: str
    pattern_size: float
    sleeve: float
    legwear: str
    bottom: Color
    leg_cover: float
    shoe: Color
    hair_style: str
    light: int


def sample_color(rng: np.random.Generator) -> Color:
    """Any colour, the grey, dark and pale ones somewhat more often, as clothes are."""
    color = rng.uniform(15, 245, 3)
    if rng.random() < 0.35:
        color = color.mean() + 0.25 * (color - color.mean())
    return _clipped(color)


def sample_appearance(rng: np.random.Generator, light: int = 1) -> Appearance:
    """A person's looks."""
    skin = _clipped(np.array(SKINS[rng.integers(len(SKINS))]) * rng.uniform(0.9, 1.08))
    top, bottom = sample_color(rng), sample_color(rng)
    legwear = str(rng.choice(['trousers', 'shorts', 'skirt'], p=[0.58, 0.24, 0.18]))
    return Appearance(
        skin=skin,
        hair=_clipped(np.array(HAIRS[rng.integers(len(HAIRS))]) * rng.uniform(0.8, 1.2)),
        top=top,
        top_accent=_accent(rng, top),
        pattern=str(rng.choice(PATTERNS, p=PATTERN_CHANCES)),
        pattern_size=rng.uniform(0.025, 0.07),
        sleeve=float(rng.choice([0.0, rng.uniform(0.45, 0.9), 2.0], p=[0.15, 0.45, 0.4])),
        legwear=legwear,
        bottom=bottom,
        leg_cover=2.0 if legwear == 'trousers' else rng.uniform(0.45, 0.95),
        shoe=sample_color(rng)
        if rng.random() < 0.5
        else _clipped(rng.uniform(15, 60) * np.ones(3)),
        hair_style=str(
            rng.choice(['short', 'long', 'bald', 'bun', 'cap'], p=[0.45, 0.25, 0.08, 0.1, 0.12])
        ),
        light=light,
    )


def shade(color: Color, factor: float) -> Color:
    """The colour darker (factor below 1) or lighter."""
    return tuple(float(min(channel * factor, 255)) for channel in color)


def outline_of(color: Color) -> Color:
    """The colour of an edge that stands out from the colour it surrounds."""
    return shade(color, 0.5) if sum(color) > 120 else tuple(channel + 60.0 for channel in color)


def _accent(rng: np.random.Generator, color: Color) -> Color:
    """A colour that differs visibly from another."""
    accent = np.array(sample_color(rng))
    if np.abs(accent - color).sum() < 120:
        accent = 255 - np.array(color) * 0.6
    return _clipped(accent)


def _clipped(color: np.ndarray) -> Color:
    return tuple(float(channel) for channel in np.clip(color, 5, 250))
