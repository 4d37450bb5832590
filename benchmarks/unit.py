"""The unit of time of the benchmarks, so that figures from different machines compare.

One unit is one bilinear ``cv2.warpAffine`` of a 640x480 BGR uint8 picture to 192x256 (w x h) on
one thread. It is timed in turn with what is measured, as often in a row, in processor time of all
threads: caches are alike for both, and what else the machine does counts for neither.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial
from statistics import median

import cv2
import numpy as np

_MATRIX = np.array([[0.5, 0.1, -20.0], [-0.1, 0.5, 30.0]])


def picture(width: int = 640, height: int = 480) -> np.ndarray:
    """A noisy BGR uint8 picture (H, W, 3), the same on every call."""
    return np.random.RandomState(0).randint(0, 256, (height, width, 3), dtype=np.uint8)


def measure(
    function: Callable[[], object],
    rounds: int = 200,
    calls: int = 1,
    unit: Callable[[], object] | None = None,
) -> float:
    """Median time of a function in units.

    Args:
        function: What to measure.
        rounds: How often to time the unit and the function, in turn.
        calls: How many times ``function`` does its work in one go, to compare with as many units.
        unit: What takes one unit; ``None``: the warp to 192x256.
    """
    img = picture()
    cv2.setNumThreads(1)
    unit = unit or partial(cv2.warpAffine, img, _MATRIX, (192, 256), flags=cv2.INTER_LINEAR)

    def units() -> None:
        for _ in range(calls):
            unit()

    def seconds(timed: Callable[[], object]) -> float:
        start = time.process_time()
        timed()
        return time.process_time() - start

    seconds(units), seconds(function)  # not counted: memory and tables are set up
    pairs = [(seconds(function), seconds(units)) for _ in range(rounds)]
    return median(f for f, _ in pairs) / median(u for _, u in pairs)


def print_table(rows: Iterable[tuple[str, float, float | None]]) -> None:
    """Prints a Markdown table.

    Args:
        rows: Name, ratio in units, and target in units or ``None``.
    """
    print('| measured | units | target |')
    print('|---|---:|---:|')
    for name, ratio, target in rows:
        print(f'| {name} | {ratio:.2f} | {"" if target is None else f"{target:g}"} |')
