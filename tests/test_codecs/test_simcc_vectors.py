import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs.utils import (
    gaussian_blur1d,
    get_simcc_maximum,
    get_simcc_normalized,
    refine_simcc_dark,
    simcc_tensors,
)


def gaussians(centres, bins=96, sigma=4.0, peak=1.0):
    """Vectors (N, K, bins) float32 with Gaussians at the places (N, K)."""
    distances = np.arange(bins) - np.asarray(centres)[..., None]
    return (peak * np.exp(-(distances**2) / (2 * sigma**2))).astype(np.float32)


def random_vectors(seed, bins, shape=(2, 3)):
    """Float64 peaks of heights from 0.0003 to 300 in noise, some of it below 0, some ties."""
    random = np.random.RandomState(seed)
    peaks = 10 ** random.uniform(-3.5, 2.5, shape)[..., None]
    noise = 0.3 * random.rand(*shape, bins) - 0.1 * random.rand(*shape, 1)
    vectors = gaussians(random.uniform(0, bins - 1, shape), bins, random.uniform(1, 6)) + noise
    return (peaks * vectors).round(3 + 2 * random.randint(2))


def blurred_rows(rows, kernel):
    """Blur by definition, with zeros beyond the ends."""
    taps = cv2.getGaussianKernel(kernel, 0)[:, 0]
    radius = kernel // 2
    return np.stack([np.convolve(np.pad(row, radius), taps, 'valid') for row in rows])


def fully_blurred_dark(bins, rows, kernel):
    """The published formula: blur, scale back, limit, logarithm, one Newton step."""
    blurred = blurred_rows(rows, kernel)
    scaled = blurred * rows.max(1, keepdims=True) / blurred.max(1, keepdims=True)
    logs = np.log(np.clip(scaled, 1e-3, 50))
    refined = bins.astype(float)
    for i, (row, b) in enumerate(zip(logs, bins.astype(int), strict=True)):
        if 1 < b < rows.shape[1] - 2:
            slope = 0.5 * (row[b + 1] - row[b - 1])
            refined[i] -= slope / (1e-9 + 0.25 * (row[b + 2] - 2 * row[b] + row[b - 2]))
    return refined


def test_maximum_is_the_lower_of_both_axes():
    simcc_x, simcc_y = np.zeros((3, 8)), np.zeros((3, 6))
    simcc_x[0, 5], simcc_y[0, 2] = 0.5, 0.25
    simcc_x[1, 7], simcc_y[1, 0] = 1, 4
    simcc_x[2, 3] = 1  # nothing along y
    locs, vals = get_simcc_maximum(simcc_x, simcc_y)
    np.testing.assert_array_equal(locs, [[5, 2], [7, 0], [-1, -1]])
    np.testing.assert_array_equal(vals, [0.25, 1, 0])
    assert locs.dtype == np.float32


def test_maximum_of_instances():
    random = np.random.RandomState(0)
    simcc_x, simcc_y = random.randn(4, 3, 8), random.randn(4, 3, 6)
    locs, vals = get_simcc_maximum(simcc_x, simcc_y)
    for n in range(4):
        alone = get_simcc_maximum(simcc_x[n], simcc_y[n])
        np.testing.assert_array_equal(locs[n], alone[0])
        np.testing.assert_array_equal(vals[n], alone[1])


def test_maximum_of_a_softmax():
    simcc_x = np.log([[1.0, 3.0, 4.0]]) - 500  # far below 0, where an exponential is 0
    simcc_y = np.log([[8.0, 1.0, 1.0]]) + 500
    locs, vals = get_simcc_maximum(simcc_x, simcc_y, apply_softmax=True)
    np.testing.assert_array_equal(locs, [[2, 0]])
    np.testing.assert_allclose(vals, [0.5])


@pytest.mark.parametrize('shape', [(0, 17), (2, 0)])
def test_maximum_of_nothing(shape):
    locs, vals = get_simcc_maximum(np.zeros((*shape, 8)), np.zeros((*shape, 6)))
    assert locs.shape == (*shape, 2)
    assert vals.shape == shape


@pytest.mark.parametrize(
    ('shape_x', 'shape_y'),
    [((8,), (6,)), ((3, 8), (4, 6)), ((1, 3, 8), (3, 6)), ((3, 0), (3, 6)), ((3, 8), (3, 0))],
    ids=str,
)
def test_maximum_wants_vectors_of_the_same_keypoints(shape_x, shape_y):
    with pytest.raises(ValueError, match=r'have the shapes .* expected \(\.\.\., K, Wx\) and'):
        get_simcc_maximum(np.zeros(shape_x), np.zeros(shape_y))
    with pytest.raises(ValueError, match='have the shapes'):
        simcc_tensors.get_simcc_maximum(torch.zeros(shape_x), torch.zeros(shape_y))


def test_normalized_vectors_lie_between_0_and_1():
    simcc = torch.tensor([[[-1.0, 0.5, 0.25], [-2.0, 4.0, 1.0], [-1.0, -1.0, -1.0]]])
    expected = torch.tensor([[[0.0, 0.5, 0.25], [0.0, 1.0, 0.25], [0.0, 0.0, 0.0]]])
    torch.testing.assert_close(get_simcc_normalized(simcc), expected)
    area = 2 * np.sqrt(2 * np.pi)  # 5.01, above each value
    torch.testing.assert_close(get_simcc_normalized(simcc, 2.0), simcc.clamp(min=0) / area)


@pytest.mark.parametrize('kernel', [1, 3, 5, 7, 9, 11, 29, 37])
def test_blur_is_a_convolution_scaled_back(kernel):
    simcc = np.random.RandomState(kernel).rand(2, 3, 24)
    rows = simcc.reshape(6, 24)
    expected = blurred_rows(rows, kernel)
    expected *= rows.max(1, keepdims=True) / expected.max(1, keepdims=True)
    np.testing.assert_allclose(gaussian_blur1d(simcc, kernel), expected.reshape(2, 3, 24))
    np.testing.assert_allclose(
        gaussian_blur1d(simcc.astype(np.float32), kernel).reshape(6, 24), expected, rtol=1e-5
    )


def test_blur_leaves_its_argument_and_what_cannot_be_scaled():
    simcc = np.zeros((1, 3, 16), np.float16)
    simcc[0, 1, 8], simcc[0, 2] = 0.01, -1
    simcc[0, 2, 8] = 0.01  # negative once blurred
    before = simcc.copy()
    blurred = gaussian_blur1d(simcc, 5)
    np.testing.assert_array_equal(simcc, before)
    assert blurred.dtype == np.float32
    np.testing.assert_array_equal(blurred[0, 0], np.zeros(16))
    assert blurred[0, 1].max() == np.float32(simcc[0, 1, 8])
    assert (blurred[0, 2] < 0).all()


@pytest.mark.parametrize('shape', [(0, 17, 8), (2, 0, 8)])
def test_blur_and_refinement_of_nothing(shape):
    assert gaussian_blur1d(np.zeros(shape)).shape == shape
    assert refine_simcc_dark(np.zeros(shape[:2]), np.zeros(shape), 5).shape == shape[:2]


@given(seed=st.integers(0, 10**6), bins=st.integers(1, 60), radius=st.integers(0, 20))
@settings(deadline=None, max_examples=200)
def test_refinement_equals_that_of_a_full_blur(seed, bins, radius):
    kernel = 2 * radius + 1
    rows = random_vectors(seed, bins).reshape(-1, bins)
    rows = rows[(rows.max(1) > 0) & (blurred_rows(rows, kernel).max(1) > 0)]
    places = rows.argmax(1).astype(float)
    expected = fully_blurred_dark(places, rows, kernel)
    refined = refine_simcc_dark(places[None], rows[None], kernel)[0]
    np.testing.assert_allclose(refined - places, expected - places, rtol=1e-5, atol=1e-5)
    tensors = (torch.from_numpy(a) for a in (places, rows))
    on_device = simcc_tensors.refine_simcc_dark(*tensors, kernel).numpy()
    np.testing.assert_allclose(on_device - places, expected - places, rtol=1e-5, atol=1e-5)


@given(
    centre=st.floats(10, 85), sigma=st.floats(2, 8), peak=st.sampled_from([0.1, 1.0, 40.0, 500.0])
)
@settings(deadline=None)
def test_refinement_finds_the_centre_of_a_gaussian(centre, sigma, peak):
    simcc = gaussians([[centre]], sigma=sigma, peak=peak).astype(float)
    refined = refine_simcc_dark(simcc.argmax(-1).astype(float), simcc, 5)
    # the limit of 50 flattens the top of the highest; the ends cut off the widest
    np.testing.assert_allclose(refined, [[centre]], atol=0.6 if peak == 500 else 0.02)


def test_refinement_leaves_flat_vectors_and_bins_outside():
    simcc = np.stack([np.full(64, height) for height in (0, -3, 0.123, 90)] + [gaussians(7.4, 64)])
    simcc, bins = np.float32(simcc[None]), np.float32([[3, 4, 32, 32, -1]])
    np.testing.assert_array_equal(refine_simcc_dark(bins, simcc, 37), bins)
    tensors = torch.from_numpy(bins), torch.from_numpy(simcc)
    np.testing.assert_array_equal(simcc_tensors.refine_simcc_dark(*tensors, 37), bins)


@pytest.mark.parametrize('place', [0, 1, 38, 39])
def test_refinement_leaves_the_ends(place):
    simcc = gaussians([[place]], bins=40)
    bins = np.float32([[place]])
    np.testing.assert_array_equal(refine_simcc_dark(bins, simcc, 11), bins)
    tensors = torch.from_numpy(bins), torch.from_numpy(simcc)
    np.testing.assert_array_equal(simcc_tensors.refine_simcc_dark(*tensors, 11), bins)


def test_refinement_leaves_its_arguments():
    simcc = gaussians([[30.3, 40.7]])
    bins, before = np.float32([[30, 41]]), simcc.copy()
    refined = refine_simcc_dark(bins, simcc, 11)
    np.testing.assert_array_equal(bins, [[30, 41]])
    np.testing.assert_array_equal(simcc, before)
    assert refined.dtype == np.float32
    np.testing.assert_allclose(refined, [[30.3, 40.7]], atol=1e-3)


def test_refinement_wants_a_bin_per_vector_and_an_odd_blur():
    with pytest.raises(ValueError, match=r'shape \(1, 2\) for simcc of shape \(1, 3, 8\)'):
        refine_simcc_dark(np.zeros((1, 2)), np.zeros((1, 3, 8)), 5)
    for call in (gaussian_blur1d, lambda s, k: refine_simcc_dark(np.zeros((1, 3)), s, k)):
        with pytest.raises(ValueError, match=r'is 4, but .* needs an odd size; set 5'):
            call(np.zeros((1, 3, 8)), 4)
