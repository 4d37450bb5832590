import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.evaluation.functional import compute_similarity_transform


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.floats(0.1, 10), st.integers(4, 20))
def test_undoes_scale_rotation_and_shift(seed, scale, count):
    rng = np.random.default_rng(seed)
    target = rng.normal(size=(count, 3))
    rotation = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    rotation *= np.sign(np.linalg.det(rotation))
    source = scale * target @ rotation + rng.normal(size=3)
    np.testing.assert_allclose(compute_similarity_transform(source, target), target, atol=1e-7)


def test_does_not_mirror():
    target = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3.0]])
    mirrored = target * [-1, 1, 1]
    assert np.abs(compute_similarity_transform(mirrored, target) - target).max() > 0.1


def test_sets_are_aligned_one_by_one():
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(2, 5, 6, 3))
    together = compute_similarity_transform(source, target)
    for i in range(5):
        np.testing.assert_allclose(together[i], compute_similarity_transform(source[i], target[i]))


def test_coinciding_points_go_to_the_centre():
    target = np.array([[0.0, 0, 0], [2, 4, 6]])
    aligned = compute_similarity_transform(np.ones((2, 3)), target)
    np.testing.assert_allclose(aligned, [[1, 2, 3]] * 2)


def test_shapes_must_agree():
    with pytest.raises(ValueError, match=r'\(4, 3\) and \(5, 3\); they must be equal'):
        compute_similarity_transform(np.zeros((4, 3)), np.zeros((5, 3)))
