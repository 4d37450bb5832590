import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.tracking import BoxMotion

BOX = np.array([[10.0, 20.0, 50.0, 120.0]])  # centre (30, 70), 40 x 100


def test_a_first_box_is_at_rest():
    states = BoxMotion(measurement=0.1, velocity=0.2).start(BOX)
    np.testing.assert_array_equal(states.values, [[30, 70, 40, 100]])
    np.testing.assert_array_equal(states.velocities, 0)
    np.testing.assert_allclose(states.variances, 10.0**2)
    np.testing.assert_allclose(states.velocity_variances, 20.0**2)
    np.testing.assert_array_equal(states.boxes, BOX)


def test_one_step_by_hand():
    motion = BoxMotion(measurement=0.1, acceleration=0.03, velocity=0.2)
    predicted = motion.predict(motion.start(BOX), 1)
    # 100 + 400 + 9 / 3, 400 + 9 / 2, 400 + 9
    np.testing.assert_allclose(predicted.variances, 503)
    np.testing.assert_allclose(predicted.covariances, 404.5)
    np.testing.assert_allclose(predicted.velocity_variances, 409)
    updated = motion.update(predicted, BOX + np.array([6, 0, 6, 0]))
    np.testing.assert_allclose(updated.values, [[30 + 6 * 503 / 603, 70, 40, 100]])
    np.testing.assert_allclose(updated.velocities, [[6 * 404.5 / 603, 0, 0, 0]])
    np.testing.assert_allclose(updated.variances, 503 - 503**2 / 603)


def test_it_equals_the_filter_of_eight_states():
    motion, rng = BoxMotion(0.07, 0.02, 0.3), np.random.default_rng(0)
    states = motion.start(BOX)
    x, h = np.array([30.0, 70, 40, 100, 0, 0, 0, 0]), 100.0
    P = np.diag([(0.07 * h) ** 2] * 4 + [(0.3 * h) ** 2] * 4)
    H, eye = np.eye(4, 8), np.eye(4)
    for steps in (1, 1, 3, 2):
        q = (0.02 * x[3]) ** 2
        F = np.block([[eye, steps * eye], [0 * eye, eye]])
        Q = q * np.block(
            [[steps**3 / 3 * eye, steps**2 / 2 * eye], [steps**2 / 2 * eye, steps * eye]]
        )
        x, P = F @ x, F @ P @ F.T + Q
        states = motion.predict(states, steps)
        box = states.boxes + rng.normal(0, 5, (1, 4))
        z = np.concatenate([(box[0, :2] + box[0, 2:]) / 2, box[0, 2:] - box[0, :2]])
        R = (0.07 * x[3]) ** 2 * eye
        gain = P @ H.T @ np.linalg.inv(H @ P @ H.T + R)
        x, P = x + gain @ (z - H @ x), P - gain @ H @ P
        states = motion.update(states, box)
    np.testing.assert_allclose(states.values[0], x[:4], rtol=1e-12)
    np.testing.assert_allclose(states.velocities[0], x[4:], rtol=1e-9)
    np.testing.assert_allclose(states.variances[0], np.diag(P)[:4], rtol=1e-9)
    np.testing.assert_allclose(states.covariances[0], np.diag(P, 4), rtol=1e-9)


@given(st.integers(0, 20), st.integers(0, 20))
def test_two_predictions_equal_one_over_both_times(first, second):
    motion = BoxMotion()
    states = motion.start(BOX)._replace(velocities=np.array([[1.0, -2.0, 0.0, 0.0]]))
    twice = motion.predict(motion.predict(states, first), second)
    for one, two in zip(motion.predict(states, first + second), twice, strict=True):
        np.testing.assert_allclose(one, two)


@settings(deadline=None)
@given(st.floats(-20, 20), st.floats(-20, 20))
def test_constant_motion_is_learnt(vx, vy):
    motion, velocity = BoxMotion(), np.array([vx, vy, vx, vy])
    states = motion.start(BOX)
    for frame in range(1, 100):
        states = motion.update(motion.predict(states, 1), BOX + frame * velocity)
    np.testing.assert_allclose(states.velocities, [[vx, vy, 0, 0]], atol=0.02)
    np.testing.assert_allclose(motion.predict(states, 5).boxes, BOX + 104 * velocity, atol=0.2)


def test_boxes_that_shrink_do_not_turn_inside_out():
    states = BoxMotion().start(BOX)._replace(velocities=np.array([[0.0, 0, -10, 0]]))
    np.testing.assert_array_equal(BoxMotion().predict(states, 9).boxes, [[29.5, 20, 30.5, 120]])


def test_noise_has_to_be_positive():
    with pytest.raises(ValueError, match='acceleration is 0, but must be positive'):
        BoxMotion(acceleration=0)
