import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs.utils import (
    generate_unbiased_gaussian_heatmaps,
    get_heatmap_maximum,
    refine_keypoints,
    refine_keypoints_by_offsets,
    refine_keypoints_dark,
    refine_keypoints_dark_udp,
    refine_keypoints_megvii,
    tensor_decoding,
)


def whole_map_logarithm(heatmap, kernel, low, high):
    """The published preparation: blur, scale back to the maximum, limit, take the logarithm."""
    heatmap = heatmap.astype(np.float64)
    blurred = cv2.GaussianBlur(heatmap, (kernel, kernel), 0, borderType=cv2.BORDER_CONSTANT)
    if blurred.max() != 0:
        blurred *= heatmap.max() / blurred.max()
    return np.log(np.clip(blurred, low, high))


def whole_map_dark(cell, heatmap, kernel):
    """DARK's gradient and Hessian at a cell, written down as in the paper."""
    (x, y), (H, W) = cell, heatmap.shape
    if not (1 < x < W - 2 and 1 < y < H - 2):
        return np.zeros(2), np.zeros((2, 2))
    v = whole_map_logarithm(heatmap, kernel, 1e-10, np.inf)
    dx, dy = 0.5 * (v[y, x + 1] - v[y, x - 1]), 0.5 * (v[y + 1, x] - v[y - 1, x])
    dxx = 0.25 * (v[y, x + 2] - 2 * v[y, x] + v[y, x - 2])
    dyy = 0.25 * (v[y + 2, x] - 2 * v[y, x] + v[y - 2, x])
    dxy = 0.25 * (v[y + 1, x + 1] - v[y - 1, x + 1] - v[y + 1, x - 1] + v[y - 1, x - 1])
    return np.array([dx, dy]), np.array([[dxx, dxy], [dxy, dyy]])


def whole_map_udp(cell, heatmap, kernel):
    (x, y), (H, W) = cell, heatmap.shape
    if not (0 <= x < W and 0 <= y < H):
        return np.zeros(2), np.zeros((2, 2))
    v = np.pad(whole_map_logarithm(heatmap, kernel, 1e-3, 50), 1, mode='edge')
    x, y = x + 1, y + 1
    dx, dy = 0.5 * (v[y, x + 1] - v[y, x - 1]), 0.5 * (v[y + 1, x] - v[y - 1, x])
    dxx = v[y, x + 1] - 2 * v[y, x] + v[y, x - 1]
    dyy = v[y + 1, x] - 2 * v[y, x] + v[y - 1, x]
    around = v[y, x + 1] + v[y, x - 1] + v[y + 1, x] + v[y - 1, x]
    dxy = 0.5 * (v[y + 1, x + 1] + v[y - 1, x - 1] - around + 2 * v[y, x])
    return np.array([dx, dy]), np.array([[dxx, dxy], [dxy, dyy]]) + np.eye(2) * 2**-23


@pytest.mark.parametrize(
    ('cell', 'refined'),
    [
        ((5, 4), (5.25, 3.75)),
        ((2, 4), (2.25, 3.75)),
        ((1, 4), (1, 3.75)),  # the published rule leaves the second column alone
        ((8, 4), (8.25, 3.75)),
        ((9, 4), (9, 3.75)),
        ((5, 1), (5.25, 1)),
        ((0, 4), (0, 4)),
        ((5, 0), (5, 0)),
        ((-1, -1), (-1, -1)),
    ],
)
def test_quarter_cell_towards_the_higher_neighbours(cell, refined):
    rising_right_falling_down = np.arange(10) - 20 * np.arange(8)[:, None]
    keypoints = np.array([[cell]], np.float32)
    out = refine_keypoints(keypoints, rising_right_falling_down[None].astype(np.float32))
    np.testing.assert_array_equal(out, np.float32([[refined]]))
    np.testing.assert_array_equal(keypoints, np.float32([[cell]]))


def test_flat_neighbourhood_does_not_move():
    out = refine_keypoints(np.array([[[5.0, 4.0]]]), np.ones((1, 8, 10)))
    np.testing.assert_array_equal(out, [[[5, 4]]])


def test_dark_finds_the_centre_of_a_gaussian():
    points = np.array([[[20.3, 30.1], [11.75, 40.5]]])
    heatmaps, _ = generate_unbiased_gaussian_heatmaps((48, 64), points, np.ones((1, 2)), 2.0)
    cells = get_heatmap_maximum(heatmaps)[0][None]
    np.testing.assert_allclose(refine_keypoints_dark(cells, heatmaps, 11), points, atol=2e-3)


def test_dark_leaves_borders_and_flat_maps():
    heatmaps = np.random.RandomState(0).rand(3, 16, 16).astype(np.float32)
    heatmaps[2] = 0
    cells = np.array([[[1, 8], [8, 14], [8, 8]]], np.float32)
    np.testing.assert_array_equal(refine_keypoints_dark(cells, heatmaps, 3), cells)


@pytest.mark.parametrize(
    'refine',
    [
        refine_keypoints,
        refine_keypoints_megvii,
        lambda k, h: refine_keypoints_dark(k, h, 3),
        lambda k, h: refine_keypoints_dark_udp(k, h, 3),
    ],
    ids=['plain', 'megvii', 'dark', 'udp'],
)
def test_maps_of_each_instance(refine):
    heatmaps = np.random.RandomState(0).rand(3, 4, 16, 12).astype(np.float32)
    cells = get_heatmap_maximum(heatmaps)[0]
    together = refine(cells, heatmaps)
    for n in range(3):
        np.testing.assert_allclose(together[n], refine(cells[n : n + 1], heatmaps[n])[0])
    shared = refine(cells, heatmaps[0])
    np.testing.assert_allclose(shared[1], refine(cells[1:2], heatmaps[0])[0])


@st.composite
def maps_and_cells(draw):
    """Noise of any scale and sign with a Gaussian in it, and cells in it and beside it."""
    random = np.random.RandomState(draw(st.integers(0, 2**31 - 1)))
    H, W = draw(st.tuples(st.integers(1, 30), st.integers(1, 30)))
    y, x = np.mgrid[:H, :W]
    centre = random.uniform(-2, 1.2 * max(H, W), (4, 2, 1, 1))
    gaussians = np.exp(-((x - centre[:, 0]) ** 2 + (y - centre[:, 1]) ** 2) / 8)
    noise = random.uniform(draw(st.sampled_from([-1, -0.1, 0])), 0.1, (4, H, W))
    scale = draw(st.sampled_from([1e-12, 1e-9, 1e-4, 1e-2, 1.0, 40.0, 255.0]))
    maps = (scale * (draw(st.sampled_from([0, 1])) * gaussians + noise)).astype(np.float32)
    cells = random.randint(-2, max(H, W) + 2, (1, 4, 2)).astype(np.float32)
    cells[0, :3] = get_heatmap_maximum(maps)[0][:3]
    cells[(cells == -1).all(axis=-1)] = -2  # (-1, -1) has a test of its own
    return maps, cells, draw(st.sampled_from([1, 3, 5, 11, 17]))


@pytest.mark.parametrize(
    ('refine', 'reference'),
    [(refine_keypoints_dark, whole_map_dark), (refine_keypoints_dark_udp, whole_map_udp)],
    ids=['dark', 'udp'],
)
@given(case=maps_and_cells())
@settings(deadline=None, max_examples=250)
def test_local_blur_equals_that_of_the_whole_map(refine, reference, case):
    maps, cells, kernel = case
    steps = (refine(cells, maps, kernel) - cells)[0]
    for heatmap, cell, step in zip(maps, cells[0].astype(int), steps, strict=True):
        gradient, hessian = reference(cell, heatmap, kernel)
        if abs(np.linalg.det(hessian)) > 1e-4:
            expected = -np.linalg.inv(hessian) @ gradient
            np.testing.assert_allclose(step, expected, rtol=1e-3, atol=1e-3)
        elif not hessian.any() or not gradient.any():  # outside, or all values at a limit
            np.testing.assert_array_equal(step, 0)


@pytest.mark.parametrize('refine', [refine_keypoints_dark, refine_keypoints_dark_udp])
def test_plateau_is_flat_to_the_last_digit(refine):
    random = np.random.RandomState(0)
    heatmaps = np.zeros((20, 30, 30), np.float32) + random.rand(20, 1, 1).astype(np.float32)
    cells = random.randint(8, 22, (1, 20, 2)).astype(np.float32)
    np.testing.assert_array_equal(refine(cells, heatmaps, 11), cells)


def test_udp_finds_the_centre_of_a_gaussian_on_the_border_too():
    points = np.array([[[20.3, 30.1], [11.75, 40.5]]])
    heatmaps, _ = generate_unbiased_gaussian_heatmaps((48, 64), points, np.ones((1, 2)), 2.0)
    cells = get_heatmap_maximum(heatmaps)[0][None]
    np.testing.assert_allclose(refine_keypoints_dark_udp(cells, heatmaps, 11), points, atol=0.02)
    corner = np.float32([[[0, 0]]])
    heatmap = np.float32([[[4, 2], [1, 0.5]]])  # logarithms fall by ln 2 along x, by ln 4 along y
    # the map goes on as it ends: the slope is half of the step, the curvature all of it
    np.testing.assert_allclose(
        refine_keypoints_dark_udp(corner, heatmap, 1)[0, 0], [-0.5, -0.5], atol=1e-5
    )


def test_udp_limits_what_it_reads():
    heatmap = np.full((1, 5, 5), 60, np.float32)
    heatmap[0, 2, 2:4] = 100, 80  # all above 50 and thus flat
    cells = np.float32([[[2, 2]]])
    np.testing.assert_array_equal(refine_keypoints_dark_udp(cells, heatmap, 1), cells)
    np.testing.assert_array_equal(refine_keypoints_dark_udp(cells, heatmap * 1e-5, 1), cells)
    assert refine_keypoints_dark_udp(cells, heatmap * 1e-2, 1)[0, 0, 0] > 2


@pytest.mark.parametrize('cell', [(-2, -1), (5, 2), (2, -1), (10**6, 0)])
def test_udp_leaves_keypoints_outside(cell):
    heatmap = np.random.RandomState(0).rand(1, 5, 5).astype(np.float32)
    cells = np.float32([[cell]])
    np.testing.assert_array_equal(refine_keypoints_dark_udp(cells, heatmap, 3), cells)


@pytest.mark.parametrize(
    ('cell', 'refined'),
    [((5, 4), (5.75, 4.25)), ((2, 2), (2.75, 2.25)), ((1, 4), (1, 4)), ((5, 7), (5, 7))],
)
def test_megvii_starts_from_the_middle_of_a_cell(cell, refined):
    rising_right_falling_down = np.arange(10) - 20 * np.arange(8)[:, None]
    out = refine_keypoints_megvii(np.float32([[cell]]), rising_right_falling_down[None])
    np.testing.assert_array_equal(out, np.float32([[refined]]))


def test_offsets_are_read_at_the_cells():
    offsets = np.zeros((1, 2, 2, 4, 6), np.float32)
    offsets[0, 0, :, 3, 5] = 0.5, -0.25
    offsets[0, 1] = 1
    out = refine_keypoints_by_offsets(np.float32([[[5, 3], [-1, -1]]]), offsets, radius=2)
    np.testing.assert_array_equal(out, np.float32([[[6, 2.5], [-1, -1]]]))


@pytest.mark.parametrize('refine', [refine_keypoints_dark, refine_keypoints_dark_udp])
def test_even_blur_kernels_are_refused(refine):
    with pytest.raises(ValueError, match=r'blur_kernel_size is 4, but a window .* set 5'):
        refine(np.zeros((1, 1, 2)), np.zeros((1, 8, 8)), 4)


@pytest.mark.parametrize('refine', [refine_keypoints, lambda k, h: refine_keypoints_dark(k, h, 3)])
@pytest.mark.parametrize(
    ('shape', 'message'),
    [
        ((8, 8), r'heatmaps has shape \(8, 8\); expected \(K, H, W\) or \(B, K, H, W\)'),
        ((4, 8, 8), r'heatmaps has shape \(4, 8, 8\) for .* \(2, 3, 2\); expected \(3, H, W\), or'),
        ((5, 3, 8, 8), r'heatmaps has shape \(5, 3, 8, 8\) for .* or \(2, 3, H, W\) with'),
    ],
)
def test_layouts_are_checked(refine, shape, message):
    with pytest.raises(ValueError, match=message):
        refine(np.zeros((2, 3, 2)), np.zeros(shape))


@given(seed=st.integers(0, 2**31 - 1), scale=st.sampled_from([1e-3, 0.1, 1.0, 60.0]))
@settings(deadline=None, max_examples=60)
def test_udp_reads_across_maps_like_the_published_address(seed, scale):
    random = np.random.RandomState(seed)
    K, H, W = 4, 9, 7
    maps = (scale * random.uniform(-0.5, 1, (K, H, W))).astype(np.float32)
    maps[random.rand(K) < 0.5] *= -0.1
    logs = np.stack([whole_map_logarithm(heatmap, 3, 1e-3, 50) for heatmap in maps])
    row = np.pad(logs, ((0, 0), (1, 1), (1, 1)), mode='edge').ravel()
    cells = np.full((1, K, 2), -1, np.float32)
    moved = refine_keypoints_dark_udp(cells, maps, 3)[0]
    for k in range(K):
        at = lambda dx, dy, k=k: row[k * (H + 2) * (W + 2) + dy * (W + 2) + dx]  # noqa: E731
        gradient = [0.5 * (at(1, 0) - at(-1, 0)), 0.5 * (at(0, 1) - at(0, -1))]
        dxx = at(1, 0) - 2 * at(0, 0) + at(-1, 0)
        dyy = at(0, 1) - 2 * at(0, 0) + at(0, -1)
        around = at(1, 0) + at(-1, 0) + at(0, 1) + at(0, -1)
        dxy = 0.5 * (at(1, 1) + at(-1, -1) - around + 2 * at(0, 0))
        hessian = np.array([[dxx, dxy], [dxy, dyy]]) + np.eye(2) * 2**-23
        if abs(np.linalg.det(hessian)) > 1e-4:
            expected = -1 - np.linalg.inv(hessian) @ gradient
            np.testing.assert_allclose(moved[k], expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(
    ('lit', 'expected'),
    [
        ([], (-1, -1)),  # all corners at the limit: a flat surface
        ([0, -1], (0, 0)),  # with u = a - l = a - r: gradient u (1, 1) / 2, Hessian u (-1, 1/2, -1)
        ([-1], (-0.5, -1)),  # gradient u (1, 0) / 2, Hessian u (-1, 0, 0)
    ],
    ids=['neither', 'both', 'right'],
)
@pytest.mark.parametrize('tensors', [False, True])
def test_udp_reads_the_map_before_where_a_map_has_no_maximum(lit, expected, tensors):
    heatmaps = np.zeros((1, 3, 20, 30), np.float32)
    heatmaps[0, :2] = -1
    heatmaps[0, 2, 10, 15] = 1  # the last map stands before the first
    for x in lit:
        heatmaps[0, 2, -1, x] = 0.5
    cells = np.array([[[-1, -1], [-1, -1], [15, 10]]], np.float32)
    if tensors:
        moved = tensor_decoding.refine_keypoints_dark_udp(
            torch.from_numpy(cells), torch.from_numpy(heatmaps), 5
        ).numpy()
    else:
        moved = refine_keypoints_dark_udp(cells, heatmaps, 5)
    np.testing.assert_allclose(moved[0, 0], expected, atol=1e-3)
    np.testing.assert_array_equal(moved[0, 1:], [[-1, -1], [15, 10]])


def test_offsets_without_a_maximum_come_from_the_map_before():
    offsets = np.zeros((1, 2, 2, 3, 4), np.float32)
    offsets[0, 1, :, 1, 3] = 0.5, -0.25  # one row and one cell before the first map
    cells = np.array([[[-1, -1], [2, 1]]], np.float32)
    for function, convert in (
        (refine_keypoints_by_offsets, np.asarray),
        (tensor_decoding.refine_keypoints_by_offsets, torch.from_numpy),
    ):
        moved = np.asarray(function(convert(cells), convert(offsets), 4.0))
        assert moved.tolist() == [[[1, -2], [2, 1]]]
