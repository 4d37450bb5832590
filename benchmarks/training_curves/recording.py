"""Curves in a file, and how far others are from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import numpy as np

Curves = dict[str, dict[str, list[float]]]  # of families, by the name of the loss
DIGITS = 6


class Deviation(NamedTuple):
    """How far a curve is from the recorded one, in the step where it is worst.

    Attributes:
        name: Of the loss.
        step: Counted from 1.
        relative: The difference of the two losses, as a share of the recorded one, or of a tenth
            of the curve's greatest value where that is more.
        tolerance: How large that may be.
    """

    name: str
    step: int
    relative: float
    tolerance: float

    @property
    def accepted(self) -> bool:
        """Whether the curves agree; not where one has a number that is not finite."""
        return self.relative <= self.tolerance

    def __str__(self) -> str:
        return f'{self.name}: {self.relative:.1e} at step {self.step} of {self.tolerance:.1e}'


def tolerances(steps: int) -> np.ndarray:
    """Relative tolerances of the first steps.

    They are 1e-4 in the first five and grow to 1e-2 in the thirtieth. Weights times ``1 + 1e-11 x``
    with normal numbers x, ten thousand times what rounding does, moved the losses of every family
    by less than 1e-4 in all steps. That holds for the learning rates of :data:`.CURVES`: with
    higher ones some curves are chaotic.
    """
    return 1e-4 * 100 ** (np.clip(np.arange(steps) - 4, 0, None) / 25)


def compare(recorded: dict[str, list[float]], found: dict[str, list[float]]) -> list[Deviation]:
    """The largest deviation of each curve of a family, in the steps that ``found`` has.

    Raises:
        ValueError: The losses have other names, or more steps were found than recorded.
    """
    if recorded.keys() != found.keys():
        raise ValueError(
            f'The losses are {sorted(found)} but those recorded are {sorted(recorded)}; record '
            'them again if they are meant to be others.'
        )
    deviations = []
    for name, curve in found.items():
        if len(curve) > len(recorded[name]):
            raise ValueError(
                f'{name} has {len(curve)} steps, but {len(recorded[name])} are recorded; record '
                'them again.'
            )
        expected = np.array(recorded[name][: len(curve)])
        scale = np.maximum(np.abs(expected), np.abs(recorded[name]).max() / 10)
        relative = np.nan_to_num(np.abs(np.array(curve) - expected) / scale, nan=np.inf)
        allowed = tolerances(len(curve))
        worst = int((relative / allowed).argmax())
        deviations.append(Deviation(name, worst + 1, float(relative[worst]), float(allowed[worst])))
    return deviations


def falls(curves: dict[str, list[float]]) -> bool:
    """Whether the sum of the losses is lower in its last five steps than in its first five."""
    total = np.sum(list(curves.values()), axis=0)
    return bool(total[-5:].mean() < total[:5].mean())


def read_curves(path: str | Path) -> Curves:
    """The recorded curves by family and name of the loss."""
    return json.loads(Path(path).read_text(encoding='utf-8'))


def write_curves(path: str | Path, curves: Curves) -> None:
    """Write curves, sorted, a line each, to six significant digits."""
    families = []
    for family, losses in sorted(curves.items()):
        lines = (
            f'    {json.dumps(name)}: {json.dumps([float(f"{x:.{DIGITS}g}") for x in curve])}'
            for name, curve in sorted(losses.items())
        )
        families.append(f'  {json.dumps(family)}: {{\n' + ',\n'.join(lines) + '\n  }')
    Path(path).write_text('{\n' + ',\n'.join(families) + '\n}\n', encoding='utf-8')
