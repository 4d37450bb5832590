import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import SPR

INPUT_SIZE, HEATMAP_SIZE = (256, 192), (64, 48)
K = 3


def codec(**kwargs):
    kwargs = dict(sigma=(2, 1), generate_keypoint_heatmaps=True) | kwargs
    return SPR(INPUT_SIZE, HEATMAP_SIZE, **kwargs)


@st.composite
def people(draw):
    """(N, K, 2) pixels: instances at least 64 pixels apart, each with a diagonal of over 20."""
    places = draw(st.permutations([(x, y) for x in (32, 96, 160, 224) for y in (48, 144)]))
    places = np.float32(places[: draw(st.integers(1, 6))])
    number = 2 * K * len(places)
    offsets = draw(st.lists(st.floats(-8, 8, width=32), min_size=number, max_size=number))
    keypoints = places[:, None] + np.float32(offsets).reshape(-1, K, 2)
    keypoints[:, 0, 1] -= 20
    keypoints[:, 1, 1] += 20
    return keypoints


def in_order(decoded, keypoints):
    """The decoded instances in the order of the nearest given ones, each of which must occur."""
    gaps = np.abs(decoded[:, None] - keypoints).max(axis=(2, 3))
    order = gaps.argmin(axis=0)
    assert sorted(order) == list(range(len(keypoints)))
    return decoded[order]


def test_encoded_maps():
    keypoints = np.float32([[[40, 40], [80, 40], [60, 100]]])  # root (60, 60), cell (15, 15)
    encoded = codec().encode(keypoints)
    heatmaps, weights = encoded['heatmaps'], encoded['heatmap_weights']
    assert heatmaps.shape == weights.shape == (K + 1, 48, 64)
    places = [np.unravel_index(heatmap.argmax(), heatmap.shape) for heatmap in heatmaps]
    assert places == [(10, 10), (10, 20), (25, 15), (15, 15)]
    np.testing.assert_allclose(
        heatmaps[:, [10, 10, 25, 15], [11, 21, 16, 16]].diagonal()[:3], np.exp(-1 / 2)
    )
    np.testing.assert_allclose(heatmaps[3, 15, 16], np.exp(-1 / 8))
    np.testing.assert_array_equal(weights, np.where(heatmaps > 0, np.float32(1), np.float32(0.1)))

    diagonal = np.hypot(10, 15)
    displacements = encoded['displacements']
    assert displacements.shape == (2 * K, 48, 64)
    np.testing.assert_allclose(displacements[:, 15, 15], [-5, -5, 5, -5, 0, 10])
    np.testing.assert_allclose(displacements[:, 14, 13], [-3, -4, 7, -4, 2, 11])
    drawn = encoded['displacement_weights'] > 0
    assert np.count_nonzero(drawn) == 2 * K * 4 * 4
    np.testing.assert_allclose(encoded['displacement_weights'][drawn], 1 / diagonal)
    assert {v.dtype for v in encoded.values()} == {np.dtype(np.float32)}


def test_small_instances_have_no_root():
    keypoints = np.float32([[[40, 40], [52, 40], [40, 56]]])  # a diagonal of 5 cells
    assert codec().encode(keypoints)['heatmaps'][-1].any()
    encoded = codec(minimal_diagonal_length=5.1).encode(keypoints)
    assert not encoded['heatmaps'][-1].any()
    assert not encoded['displacement_weights'].any()
    assert encoded['heatmaps'][:-1].any(axis=(1, 2)).all()


def test_root_type():
    keypoints = np.float32([[[40, 40], [40, 40], [100, 120]]])
    root = codec(root_type='bbox_center').encode(keypoints)['heatmaps'][-1]
    assert np.unravel_index(root.argmax(), root.shape) == (20, 18)  # (70, 80) / 4, rounded


@pytest.mark.parametrize('with_keypoints', [False, True])
def test_default_sigmas(with_keypoints):
    def sigmas(size):
        return SPR((512, 512), size, generate_keypoint_heatmaps=with_keypoints).sigma

    number = 1 + with_keypoints
    assert sigmas((128, 128)) == (4, 2)[:number]
    assert sigmas((160, 160)) == (5, 2)[:number]
    assert sigmas((32, 32)) == (1, 0.5)[:number]
    assert sigmas((512, 32)) == (4, 2)[:number]


def test_sigma_of_keypoints_without_heatmaps_is_not_used():
    assert codec(sigma=(4, 2), generate_keypoint_heatmaps=False).sigma == (4,)
    assert codec(sigma=np.array([4, 2])).sigma == (4, 2)


@given(keypoints=people(), as_tensors=st.booleans())
@settings(deadline=None, max_examples=40)
def test_round_trip_is_exact(keypoints, as_tensors):
    encoded = codec().encode(keypoints)
    maps = encoded['heatmaps'], encoded['displacements']
    decoded, (root_scores, scores) = codec().decode(
        *(map(torch.from_numpy, maps) if as_tensors else maps)
    )
    assert isinstance(decoded, torch.Tensor) == as_tensors
    decoded = np.asarray(decoded)
    np.testing.assert_allclose(in_order(decoded, keypoints), keypoints, atol=1e-3)
    np.testing.assert_array_equal(root_scores, 1)
    assert scores.shape == (len(keypoints), K)


def test_decoded_order_limit_and_threshold():
    heatmaps = np.zeros((1, 48, 64), np.float32)
    heatmaps[0, 10, [8, 9, 20, 40, 60]] = 0.5, 0.4, 0.9, 0.7, 0.01
    displacements = np.zeros((2 * K, 48, 64), np.float32)
    displacements[:, 10, 20] = 1, -2, 0.5, 0, 0, 0
    roots_only = codec(sigma=2, generate_keypoint_heatmaps=False)
    keypoints, (root_scores, keypoint_scores) = roots_only.decode(heatmaps, displacements)
    np.testing.assert_array_equal(root_scores, np.float32([0.9, 0.7, 0.5]))
    np.testing.assert_array_equal(keypoints[0], [[84, 32], [82, 40], [80, 40]])
    np.testing.assert_array_equal(keypoints[1], [[160, 40]] * K)
    assert keypoint_scores is None
    few = codec(sigma=2, generate_keypoint_heatmaps=False, decode_max_instances=2)
    assert len(few.decode(heatmaps, displacements)[0]) == 2


def test_keypoint_scores_are_read_between_cells():
    # 64 columns: cell c is read at 64 / 63 * c - 0.5, and a slope of 1 gives the place
    heatmaps = torch.arange(64.0).repeat(2, 48, 1)
    keypoints = torch.tensor([[[31.5, 20], [63, 20]], [[-9, 20], [0, -30]]])
    scores = codec().get_keypoint_scores(heatmaps, keypoints)
    torch.testing.assert_close(scores, torch.tensor([[31.5, 63], [0, 0]]))
    assert codec().get_keypoint_scores(torch.ones(2, 1, 1), keypoints).tolist() == [[1, 1], [1, 1]]


def test_nothing_to_encode_and_decode():
    for keypoints, visible in (
        (np.zeros((0, K, 2), np.float32), None),
        (np.full((2, K, 2), np.nan, np.float32), None),
        (np.float32([[[40, 40], [80, 40], [60, 100]]]), np.zeros((1, K), np.float32)),
    ):
        encoded = codec().encode(keypoints, visible)
        assert encoded['heatmaps'].shape == (K + 1, 48, 64)
        assert encoded['displacements'].shape == (2 * K, 48, 64)
        assert not any(encoded[k].any() for k in ('heatmaps', 'displacements'))
        assert not encoded['displacement_weights'].any()
        np.testing.assert_array_equal(encoded['heatmap_weights'], np.float32(0.1))
        decoded, scores = codec().decode(encoded['heatmaps'], encoded['displacements'])
        assert decoded.shape == (0, K, 2)
        assert [s.shape for s in scores] == [(0,), (0, K)]


def test_roots_and_keypoints_at_the_border():
    keypoints = np.float32([[[0, 0], [-30, 0], [30, 60]]])  # root (0, 20)
    encoded = codec().encode(keypoints)
    assert encoded['displacement_weights'].any(axis=(1, 2)).tolist() == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    decoded, _ = codec().decode(encoded['heatmaps'], encoded['displacements'])
    np.testing.assert_array_equal(decoded[0, [0, 2]], keypoints[0, [0, 2]])


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(sigma=2), 'sigma is 2, but 2 are needed'),
        (dict(sigma=(4, 2, 1)), r'sigma is \(4, 2, 1\), but 2 are needed'),
        (dict(sigma=(4, 0)), r'sigma is \(4, 0\), but must be positive'),
        (dict(root_type='hip'), "root_type is 'hip', but must be one of"),
        (dict(decode_nms_kernel=2), 'decode_nms_kernel is 2, .* set 3'),
        (dict(decode_max_instances=0), 'decode_max_instances is 0, but must be positive'),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        codec(**change)


def test_bad_maps():
    with pytest.raises(ValueError, match=r'displacements \(6, 8, 9\); expected \(1, H, W\)'):
        codec().decode(np.zeros((4, 8, 8)), np.zeros((6, 8, 9)))
    with pytest.raises(ValueError, match=r'heatmaps has shape \(3, 8, 8\)'):
        codec().decode(np.zeros((3, 8, 8)), np.zeros((6, 8, 8)))
    with pytest.raises(ValueError, match=r'displacements \(5, 8, 8\)'):
        codec().decode(np.zeros((1, 8, 8)), np.zeros((5, 8, 8)))
