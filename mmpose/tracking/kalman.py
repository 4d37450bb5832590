"""The motion of boxes: a Kalman filter with constant velocity, for all tracks at once.

Kalman, 1960, `A New Approach to Linear Filtering and Prediction Problems
<https://doi.org/10.1115/1.3662552>`_. Centre and size of a box are four quantities, each with a
velocity. Neither the motion nor the noise couples them, so that the filter of eight states is four
of two states: its matrices reduce to a few products, and no matrix is inverted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mmpose.structures.bbox import bbox_cs2xyxy, bbox_xyxy2cs
from mmpose.utils.checks import check_positive


class BoxStates(NamedTuple):
    """What is known of T boxes; the axis of length 4 is centre x, centre y, width and height.

    Attributes:
        values: (T, 4) pixels.
        velocities: (T, 4) pixels per frame.
        variances: (T, 4) of the values.
        covariances: (T, 4) of values and velocities.
        velocity_variances: (T, 4).
    """

    values: np.ndarray
    velocities: np.ndarray
    variances: np.ndarray
    covariances: np.ndarray
    velocity_variances: np.ndarray

    @property
    def boxes(self) -> np.ndarray:
        """(T, 4) left, top, right, bottom in pixels; no side is shorter than one pixel."""
        return bbox_cs2xyxy(self.values[:, :2], self.values[:, 2:].clip(min=1))

    def take(self, rows: np.ndarray) -> BoxStates:
        """Those of the given indices, or of a boolean mask."""
        return BoxStates(*(column[rows] for column in self))


class BoxMotion:
    """Predicts and corrects the states of boxes. All noise grows with the height of the box.

    Args:
        measurement: Standard deviation of a measured centre or size, in heights.
        acceleration: Change of the velocity in one frame, in heights per frame: the deviation of
            the white noise that drives it.
        velocity: Standard deviation of the velocity of a box seen once, in heights per frame.

    Raises:
        ValueError: A deviation is not positive.
    """

    def __init__(
        self, measurement: float = 0.05, acceleration: float = 0.006, velocity: float = 0.05
    ):
        check_positive('measurement', measurement, several=False)
        check_positive('acceleration', acceleration, several=False)
        check_positive('velocity', velocity, several=False)
        self.measurement = measurement
        self.acceleration = acceleration
        self.velocity = velocity

    def start(self, boxes: np.ndarray) -> BoxStates:
        """States (T) of boxes seen for the first time, at rest as far as is known.

        Args:
            boxes: (T, 4) left, top, right, bottom in pixels.
        """
        values = _measured(boxes)
        heights = values[:, 3:]
        zeros = np.zeros_like(values)
        return BoxStates(
            values,
            zeros,
            zeros + (self.measurement * heights) ** 2,
            zeros.copy(),
            zeros + (self.velocity * heights) ** 2,
        )

    def predict(self, states: BoxStates, steps: float) -> BoxStates:
        """The states some frames later; two predictions in a row equal one over both times.

        Args:
            states: T states.
            steps: Frames, 0 or more.
        """
        values, velocities, p, c, v = states
        q = (self.acceleration * values[:, 3:]) ** 2
        # F P F' of F = [[1, s], [0, 1]], and the noise of the acceleration collected over s frames
        return BoxStates(
            values + steps * velocities,
            velocities,
            p + 2 * steps * c + steps**2 * v + steps**3 / 3 * q,
            c + steps * v + steps**2 / 2 * q,
            v + steps * q,
        )

    def update(self, states: BoxStates, boxes: np.ndarray) -> BoxStates:
        """The states once boxes have been measured.

        Args:
            states: T predicted states.
            boxes: (T, 4) left, top, right, bottom in pixels, one for each.
        """
        values, velocities, p, c, v = states
        noise = (self.measurement * values[:, 3:]) ** 2
        gain, velocity_gain = p / (p + noise), c / (p + noise)
        surprise = _measured(boxes) - values
        return BoxStates(
            values + gain * surprise,
            velocities + velocity_gain * surprise,
            p - gain * p,
            c - gain * c,
            v - velocity_gain * c,
        )


def _measured(boxes: np.ndarray) -> np.ndarray:
    return np.concatenate(bbox_xyxy2cs(np.asarray(boxes, np.float64)), axis=-1)
