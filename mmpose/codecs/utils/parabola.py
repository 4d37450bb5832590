"""The parabola through the logarithm of a heatmap around a cell, for arrays and tensors alike.

A Gaussian's logarithm is a parabola, whose maximum one Newton step finds from its derivatives.
Both published versions are tables here: which cells around the centre make up each derivative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .neighbourhood import Values


@dataclass(frozen=True, eq=False)
class Parabola:
    """How a version of DARK reads the derivatives from a blurred heatmap."""

    reach: int
    """How many cells around the centre are read on each side."""

    low: float
    """Lower limit of the heatmap before the logarithm."""

    high: float
    """Upper limit."""

    damping: float
    """What is added to both second derivatives."""

    derivatives: np.ndarray
    """Matrix (cells, 5) from the logarithms of the patch, by rows, to d/dx, d/dy, dxx, dyy, dxy."""


def newton_step(derivatives: Values, damping: float = 0.0) -> tuple[Values, Values]:
    """Way along x and along y to the maximum of parabolas with derivatives (..., 5); 0 if flat."""
    dx, dy, dxx, dyy, dxy = (derivatives[..., i] for i in range(5))
    dxx, dyy = dxx + damping, dyy + damping
    determinant = dxx * dyy - dxy**2
    curved = determinant != 0
    determinant = determinant + ~curved  # no division by 0
    # -H^-1 g of the 2x2 Hessian H and the gradient g, written out
    x, y = (dxy * dy - dyy * dx) / determinant, (dxy * dx - dxx * dy) / determinant
    return x * curved, y * curved


def _derivatives(reach: int, *stencils: dict[tuple[int, int], float]) -> np.ndarray:
    """Columns for derivatives that are given as factors of the cells (dx, dy)."""
    side = 2 * reach + 1
    columns = np.zeros((side * side, len(stencils)))
    for column, stencil in enumerate(stencils):
        for (dx, dy), factor in stencil.items():
            columns[(dy + reach) * side + dx + reach, column] = factor
    return columns


_SLOPES = {(1, 0): 0.5, (-1, 0): -0.5}, {(0, 1): 0.5, (0, -1): -0.5}

DARK = Parabola(
    reach=2,
    low=1e-10,
    high=float('inf'),
    damping=0.0,
    derivatives=_derivatives(
        2,
        *_SLOPES,
        {(2, 0): 0.25, (0, 0): -0.5, (-2, 0): 0.25},
        {(0, 2): 0.25, (0, 0): -0.5, (0, -2): 0.25},
        {(1, 1): 0.25, (-1, 1): -0.25, (1, -1): -0.25, (-1, -1): 0.25},
    ),
)

UDP = Parabola(
    reach=1,
    low=1e-3,
    high=50.0,
    damping=float(np.finfo(np.float32).eps),
    derivatives=_derivatives(
        1,
        *_SLOPES,
        {(1, 0): 1.0, (0, 0): -2.0, (-1, 0): 1.0},
        {(0, 1): 1.0, (0, 0): -2.0, (0, -1): 1.0},
        {(0, 0): 1.0}
        | dict.fromkeys([(1, 1), (-1, -1)], 0.5)
        | dict.fromkeys([(1, 0), (-1, 0), (0, 1), (0, -1)], -0.5),
    ),
)

CORNERS_ACROSS_MAPS = [2, 1, 0, 2, 0, 0, 0, 0, 0]
"""What UDP's 3 * 3 cells read around (-1, -1): 0, the map's first cell; 1 and 2, the last row's
first and last cell in the map before. (Two of the cells belong to no derivative.)"""
