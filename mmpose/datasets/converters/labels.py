"""What the formats share that know keypoints and categories by their labels alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

KEYPOINTS_OPTION = dict(
    nargs='+',
    metavar='NAME',
    help='the keypoints in their order (default: the labels of all points, as first met)',
)
CATEGORY_OPTION = dict(metavar='NAME', help='what is labelled, where no rectangle tells it')


def categories_of(labels: Iterable[str], default: str) -> list[str]:
    """The categories, the first of them for instances without a rectangle.

    Args:
        labels: Those of all rectangles.
        default: What an instance without a rectangle is, unless all rectangles say the same.
    """
    labels = dict.fromkeys(labels)
    return list(labels) if len(labels) == 1 else list(dict.fromkeys([default, *labels]))


def box_around(corners: np.ndarray | Sequence[Sequence[float]]) -> list[float]:
    """x, y, w, h around corners (N, 2)."""
    corners = np.asarray(corners, dtype=np.float64)
    return [*corners.min(axis=0).tolist(), *np.ptp(corners, axis=0).tolist()]
