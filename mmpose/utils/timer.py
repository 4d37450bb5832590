"""Times of the steps of a loop."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from time import perf_counter

FPS = '_FPS_'


class StopWatch:
    """Measures named steps and reports means over their last runs.

    Steps may nest. The step '_FPS_' counts whole rounds and is reported as a frequency.

    Args:
        window: Number of last runs that a mean covers.

    Example::

        >>> watch = StopWatch(window=10)
        >>> for frame in video:
        ...     with watch.timeit():
        ...         with watch.timeit('pose'):
        ...             infer(frame)
        >>> watch.report_strings()
        ['FPS: 31.4', 'pose: 28']
    """

    def __init__(self, window: int = 1) -> None:
        if window < 1:
            raise ValueError(f'window is {window}; a mean needs at least 1 run.')
        self.window = window
        self.reset()

    def reset(self) -> None:
        """Forget all runs."""
        self._seconds: dict[str, deque] = defaultdict(partial(deque, maxlen=self.window))

    @contextmanager
    def timeit(self, timer_name: str = FPS) -> Iterator[None]:
        """Time the block as one run of the step ``timer_name``, also if the block raises."""
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[timer_name].append(perf_counter() - start)

    def report(self, key: str | None = None) -> dict[str, float] | float:
        """Mean durations in milliseconds by step; for '_FPS_' rounds per second.

        Args:
            key: The one step to report, as a number; ``None`` reports all.

        Raises:
            KeyError: The step was never timed.
        """
        means = {name: sum(runs) / len(runs) for name, runs in self._seconds.items()}
        result = {
            name: 1 / max(mean, 1e-9) if name == FPS else 1000 * mean
            for name, mean in means.items()
        }
        if key is None:
            return result
        if key not in result:
            raise KeyError(f'{key!r} was never timed; there are {sorted(result)}.')
        return result[key]

    def report_strings(self) -> list[str]:
        """The report in lines, the frequency first: 'FPS: 31.4', 'pose: 28' (milliseconds)."""
        report = self.report()
        fps = [f'FPS: {report.pop(FPS):.1f}'] if FPS in report else []
        return fps + [f'{name}: {value:.0f}' for name, value in report.items()]
