"""Filters that take the noise out of moving keypoints.

The streaming filters hold the state of N poses at once. They share a way to be called,
``filter(points, timestamp, valid)``, and ``rearrange``, by which poses come and go. Points that are
not valid come back as they are and leave no trace in the filter.
"""

from __future__ import annotations

import numpy as np

from mmpose.utils.checks import check_odd, check_positive

_BLOCK = 1024  # frames that are fitted together, to bound the memory


class OneEuroFilter:
    """A low-pass filter whose cutoff rises with speed: still points rest, fast ones do not lag.

    Casiez et al., 2012, `1 Euro Filter: A Simple Speed-based Low-pass Filter for Noisy Input in
    Interactive Systems <https://doi.org/10.1145/2207676.2208639>`_. The speed is that of the point
    and not of each of its coordinates, so that the directions of the picture are alike.

    Args:
        min_cutoff: Cutoff at rest, Hz. Lower it where still points tremble.
        beta: How much of the speed is added to the cutoff, Hz per unit of speed. Raise it where
            moving points lag.
        d_cutoff: Cutoff of the speed itself, Hz.
        relative: Whether the unit of speed is the size of the pose, the diagonal of its extent,
            per second: then near and far people, and pictures of any size, need the same ``beta``.
            A pose that has never had two valid points has no speed. Else the unit is that of the
            points per second, as in the paper.

    Raises:
        ValueError: A cutoff is not positive, or ``beta`` negative.

    Example:
        >>> smooth = OneEuroFilter(min_cutoff=1, beta=0, relative=False)
        >>> for time, x in ((0.0, 0.0), (0.1, 10.0)):
        ...     smoothed = smooth(np.full((1, 1, 2), x), time)
        >>> smoothed.round(2)  # 10 / (1 + 1 / (2 * pi * 0.1))
        array([[[3.86, 3.86]]])
    """

    def __init__(
        self,
        min_cutoff: float = 1.0,
        beta: float = 10.0,
        d_cutoff: float = 1.0,
        relative: bool = True,
    ):
        check_positive('min_cutoff', min_cutoff, several=False)
        check_positive('d_cutoff', d_cutoff, several=False)
        if not beta >= 0:
            raise ValueError(f'beta is {beta}, but must be 0 or more.')
        self.min_cutoff = min_cutoff
        self.beta = beta
        self.d_cutoff = d_cutoff
        self.relative = relative
        self._timestamp = -np.inf
        # filtered points (N, K, D), their velocities, the times (N, K) and the sizes of poses (N,)
        self._state: tuple[np.ndarray, ...] | None = None

    def rearrange(self, rows: np.ndarray) -> None:
        """Go on with other poses.

        Args:
            rows: (M,) which of the N poses each is; -1 for one that begins.
        """
        if self._state is not None:
            self._state = tuple(_taken(part, rows) for part in self._state)

    def __call__(
        self, points: np.ndarray, timestamp: float, valid: np.ndarray | None = None
    ) -> np.ndarray:
        """The filtered points (N, K, D).

        Args:
            points: (N, K, D) in any unit.
            timestamp: Seconds, later than the last.
            valid: (N, K) boolean, the points to trust; ``None`` means all. Those that are not
                finite never are.

        Raises:
            ValueError: The time has not gone on, or the shape has changed.
        """
        points, valid = _read(points, valid)
        check_time(timestamp, self._timestamp)
        if self._state is None:
            nan = np.full(points.shape, np.nan)
            self._state = (nan, nan, nan[..., 0], nan[:, 0, 0])
        values, velocities, times, sizes = self._state
        _check_shape(points, values.shape)
        self._timestamp = timestamp

        kept, begins = valid[..., None], np.isnan(times)[..., None]
        new = np.where(kept, points, 0)
        old = np.where(begins, new, values)
        elapsed = np.where(begins, 1, timestamp - times[..., None])
        velocity = np.where(begins, 0, velocities)
        velocity = _low_pass((new - old) / elapsed, velocity, elapsed, self.d_cutoff)
        speed = np.linalg.norm(velocity, axis=-1, keepdims=True)
        if self.relative:
            sizes = _sizes(points, valid, sizes)
            speed /= np.where(np.isnan(sizes), np.inf, sizes)[:, None, None]
        smooth = _low_pass(new, old, elapsed, self.min_cutoff + self.beta * speed)

        self._state = (
            np.where(kept, smooth, values),
            np.where(kept, velocity, velocities),
            np.where(valid, timestamp, times),
            sizes,
        )
        return np.where(kept, smooth, points)


class SavitzkyGolayFilter:
    """The newest point of a polynomial fitted to the last frames by least squares.

    Savitzky and Golay, 1964, `Smoothing and Differentiation of Data by Simplified Least Squares
    Procedures <https://doi.org/10.1021/ac60214a047>`_. It does not wait for later frames, so
    that it smooths less than :func:`smooth_sequence`. Frames may come at any times, and those in
    which a point is not valid are left out. Where no more of them are left than the polynomial has
    coefficients, such as at the beginning, a point comes back as it is.

    Args:
        window: Frames in the fit, the newest included.
        order: Of the polynomial, below ``window``.

    Raises:
        ValueError: ``order`` is negative or not below ``window``.
    """

    def __init__(self, window: int = 11, order: int = 2):
        _check_order(window, order)
        self.window = window
        self.order = order
        self._times = np.empty(0)
        self._points: np.ndarray | None = None  # (N, K, F, D), NaN where not valid

    def rearrange(self, rows: np.ndarray) -> None:
        """See :meth:`OneEuroFilter.rearrange`."""
        if self._points is not None:
            self._points = _taken(self._points, rows)

    def __call__(
        self, points: np.ndarray, timestamp: float, valid: np.ndarray | None = None
    ) -> np.ndarray:
        """See :meth:`OneEuroFilter.__call__`."""
        points, valid = _read(points, valid)
        check_time(timestamp, self._times[-1] if len(self._times) else -np.inf)
        newest = np.where(valid[..., None], points, np.nan)[:, :, None]
        if self._points is None:
            self._points = newest[:, :, :0]
        _check_shape(points, self._points.shape[:2] + self._points.shape[3:])
        self._points = np.concatenate((self._points, newest), axis=2)[:, :, -self.window :]
        self._times = np.append(self._times, timestamp)[-self.window :]
        fitted = _fit(self._times - timestamp, self._points, self.order)
        return np.where(valid[..., None] & ~np.isnan(fitted), fitted, points)


def smooth_sequence(
    points: np.ndarray,
    window: int = 11,
    order: int = 2,
    timestamps: np.ndarray | None = None,
    valid: np.ndarray | None = None,
) -> np.ndarray:
    """A recorded track (F, K, D), smoothed by polynomials fitted around each frame.

    Half of the window lies after the frame: live, the result would come ``window // 2`` frames
    late. Near both ends the window is the first or the last one that fits. Where all points are
    valid and the frames even, the numbers are those of ``scipy.signal.savgol_filter``. Points that
    are not valid, and those with too few valid ones around them, come back as they are.

    Args:
        points: (F, K, D) in any unit.
        window: Frames in a fit, odd; where there are fewer, all.
        order: Of the polynomial, below ``window``.
        timestamps: (F,) rising; ``None`` means evenly.
        valid: (F, K) boolean, the points to trust; ``None`` means all. Those that are not finite
            never are.

    Raises:
        ValueError: An even window, an order that is not below it, times that do not rise, or
            shapes that do not go together.
    """
    check_odd('window', window)
    _check_order(window, order)
    points, valid = _read(points, valid)
    F = len(points)
    times = np.arange(F) if timestamps is None else np.asarray(timestamps, np.float64)
    if times.shape != (F,) or not (np.diff(times) > 0).all():
        raise ValueError(
            f'timestamps have the shape {times.shape} for {F} frames; expected {F} rising numbers.'
        )
    trusted = np.where(valid[..., None], points, np.nan)
    starts = np.clip(np.arange(F) - window // 2, 0, max(F - window, 0))
    frames = starts[:, None] + np.arange(min(window, F))
    smooth = points.copy()
    for first in range(0, F, _BLOCK):
        block = slice(first, first + _BLOCK)
        offsets = times[frames[block]] - times[block, None]
        around = np.moveaxis(trusted[frames[block]], 1, 2)
        fitted = _fit(offsets[:, None], around, order)
        smooth[block] = np.where(valid[block][..., None] & ~np.isnan(fitted), fitted, points[block])
    return smooth


def _fit(times: np.ndarray, points: np.ndarray, order: int) -> np.ndarray:
    """Values (..., D) at time 0 of the polynomials through points (..., F, D), by least squares.

    Args:
        times: (..., F).
        points: (..., F, D), NaN where one does not count.
        order: Of the polynomials. With fewer points than coefficients the value is NaN.
    """
    counted = ~np.isnan(points).any(-1)
    if counted.all():
        counted = np.ones(counted.shape[-1], bool)  # then all have the same coefficients
    scale = np.abs(times).max(-1, keepdims=True, initial=0)
    powers = (times / np.where(scale > 0, scale, 1))[..., None] ** np.arange(order + 1)
    weighted = np.swapaxes(powers, -1, -2) * counted[..., None, :]
    enough = counted.sum(-1) > order
    normal = np.where(enough[..., None, None], weighted @ powers, np.eye(order + 1))
    coefficients = np.linalg.solve(normal, weighted)[..., :1, :]
    values = (coefficients @ np.where(counted[..., None], points, 0))[..., 0, :]
    return np.where(enough[..., None], values, np.nan)


def _low_pass(
    new: np.ndarray, old: np.ndarray, elapsed: np.ndarray, cutoff: float | np.ndarray
) -> np.ndarray:
    """Exponential smoothing by a cutoff in Hz over an elapsed time in seconds."""
    phase = 2 * np.pi * cutoff * elapsed
    return old + phase / (1 + phase) * (new - old)


def _sizes(points: np.ndarray, valid: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Diagonals (N,) of the extents of poses; that from before where fewer than 2 points count."""
    low = np.where(valid[..., None], points, np.inf).min(1)
    high = np.where(valid[..., None], points, -np.inf).max(1)
    known = valid.sum(1) > 1
    diagonal = np.linalg.norm(np.where(known[:, None], high - low, 0), axis=-1)
    return np.where(diagonal > 0, diagonal, before)


def _taken(part: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Rows of an array, NaN for -1."""
    unknown = np.full((1, *part.shape[1:]), np.nan)
    return np.concatenate((part, unknown))[rows]


def _read(points: np.ndarray, valid: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    points = np.asarray(points, np.float64)
    if points.ndim != 3:
        raise ValueError(
            f'points have the shape {points.shape}, but must be (N, K, D): poses (or frames), '
            'keypoints, coordinates.'
        )
    finite = np.isfinite(points).all(-1)
    if valid is None:
        return points, finite
    valid = np.asarray(valid, bool)
    if valid.shape != finite.shape:
        raise ValueError(
            f'valid has the shape {valid.shape} for points of {points.shape}; '
            f'expected {finite.shape}.'
        )
    return points, finite & valid


def check_time(timestamp: float, last: float) -> None:
    """Passes a time after the last one.

    Raises:
        ValueError: The time has not gone on.
    """
    if not last < timestamp < np.inf:
        raise ValueError(
            f'The timestamp is {timestamp} after {last}; pass seconds that go on from frame to '
            'frame, and a new filter to another video.'
        )


def _check_shape(points: np.ndarray, expected: tuple[int, ...]) -> None:
    if points.shape != tuple(expected):
        raise ValueError(
            f'points have the shape {points.shape} after {tuple(expected)}; call rearrange() when '
            'poses come or go, and take a new filter for other keypoints.'
        )


def _check_order(window: int, order: int) -> None:
    check_positive('window', window, several=False)
    if not 0 <= order < window:
        raise ValueError(
            f'order is {order} for a window of {window} frames; expected 0 or more and less than '
            'the window.'
        )
