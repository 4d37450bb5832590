import re

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import AssociativeEmbedding
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (256, 192), (64, 48)
K = 3


def codec(**kwargs):
    kwargs = dict(sigma=1.5, decode_keypoint_order=range(K)) | kwargs
    return AssociativeEmbedding(INPUT_SIZE, HEATMAP_SIZE, **kwargs)


def tags_by_nearest(keypoints, num_tags=1, apart=3.0):
    """Tag maps (L * K, H, W): each cell has the tag of the instance whose keypoint is nearest."""
    W, H = HEATMAP_SIZE
    x, y = np.arange(W) * 4, np.arange(H)[:, None] * 4
    squares = (keypoints[..., 0, None, None] - x) ** 2 + (keypoints[..., 1, None, None] - y) ** 2
    return np.tile(squares.argmin(axis=0) * np.float32(apart), (num_tags, 1, 1))


def in_order(decoded, keypoints):
    """The decoded instances in the order of the nearest given ones, each of which must occur."""
    gaps = np.abs(decoded[:, None] - keypoints).max(axis=(2, 3))
    order = gaps.argmin(axis=0)
    assert sorted(order) == list(range(len(keypoints)))
    return decoded[order]


@st.composite
def people(draw):
    """(N, K, 2) pixels: each instance within 24 pixels of a place of its own."""
    places = draw(st.permutations([(x, y) for x in (36, 128, 220) for y in (36, 156)]))
    places = np.float32(places[: draw(st.integers(1, 5))])
    offsets = draw(
        st.lists(
            st.floats(-24, 24, width=32), min_size=len(places) * K * 2, max_size=len(places) * K * 2
        )
    )
    return places[:, None] + np.float32(offsets).reshape(-1, K, 2)


def test_encoded_cells_and_weights():
    keypoints = np.float32([[[41, 120], [250, 190], [-3, 20]], [[0, 0], [300, 50], [np.nan, 4]]])
    encoded = codec().encode(keypoints, np.float32([[1, 1, 1], [0, 1, 1]]))
    assert encoded['heatmaps'].shape == (K, 48, 64)
    assert encoded['heatmaps'][0, 30, 10] == 1
    indices = encoded['keypoint_indices']
    assert indices.dtype == np.int64
    # (10.25, 30) -> 30 * 64 + 10; x = 62.5 and y = 47.5 round up, to a row that does not exist;
    # x = -0.75 goes to the first column, as in the heatmaps; nothing outside has an index
    np.testing.assert_array_equal(indices[0], [[1930, 1], [0, 0], [320, 1]])
    np.testing.assert_array_equal(indices[1], [[0, 0], [0, 0], [0, 0]])
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1, 1, 1], [0, 0, 0]])


def test_default_sigma_and_scale():
    assert AssociativeEmbedding((512, 512), (128, 128)).sigma == 2
    assert AssociativeEmbedding((512, 512), (256, 64)).sigma == 2
    np.testing.assert_array_equal(codec().scale_factor, [4, 4])
    udp = codec(use_udp=True)
    np.testing.assert_allclose(udp.scale_factor, [255 / 63, 191 / 47])
    odd = AssociativeEmbedding((200, 100), (48, 32))  # sizes need not divide
    np.testing.assert_allclose(odd.scale_factor, [200 / 48, 100 / 32])


def test_registered_with_its_tables():
    built = KEYPOINT_CODECS.build(
        dict(type='AssociativeEmbedding', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
    )
    assert built.field_mapping_table == {'heatmaps': 'heatmaps'}
    assert set(built.label_mapping_table) == {'keypoint_indices', 'keypoint_weights'}
    assert built.support_batch_decoding


@given(keypoints=people(), num_tags=st.integers(1, 2))
@settings(deadline=None, max_examples=40)
def test_round_trip_is_true_to_half_a_cell(keypoints, num_tags):
    heatmaps = codec().encode(keypoints)['heatmaps']
    decoded, scores, instance_scores = codec().decode(
        (heatmaps, tags_by_nearest(keypoints, num_tags))
    )
    assert np.abs(in_order(decoded, keypoints) - keypoints).max() <= 2 + 1e-3
    np.testing.assert_array_equal(scores, 1)
    np.testing.assert_array_equal(instance_scores, 1)


@given(keypoints=people())
@settings(deadline=None, max_examples=40)
def test_udp_round_trip_is_true_within_the_cell(keypoints):
    udp = codec(use_udp=True)
    heatmaps = udp.encode(keypoints)['heatmaps']
    decoded, _, _ = udp.decode((heatmaps, tags_by_nearest(keypoints)))
    assert np.abs(in_order(decoded, keypoints) - keypoints).max() <= 0.1 * 4


@pytest.mark.parametrize('corner', [(0, 0), (252, 0), (0, 188), (252, 188)])
def test_border_cells_round_trip(corner):
    keypoints = np.float32([[corner, (100, 100), (120, 80)]])
    heatmaps = codec().encode(keypoints)['heatmaps']
    decoded, _, _ = codec().decode((heatmaps, np.zeros_like(heatmaps)))
    np.testing.assert_array_equal(decoded, keypoints)


def test_missing_keypoint_is_found_by_its_tag():
    keypoints = np.float32([[[40, 40], [60, 60], [40, 80]], [[160, 40], [180, 60], [160, 80]]])
    heatmaps = codec().encode(keypoints)['heatmaps']
    heatmaps[1, :, :32] = 0.04
    heatmaps[1, 15, 15] = 0.05  # below the threshold, yet the highest of the instance's cells
    decoded, scores, instance_scores = codec(decode_center_shift=0.5).decode(
        (heatmaps, tags_by_nearest(keypoints))
    )
    np.testing.assert_array_equal(
        in_order(decoded, keypoints)[0], [[42, 42], [60, 60], [42, 82]]
    )  # shifted by half a cell, but for the one that was missing
    np.testing.assert_allclose(np.sort(scores.ravel()), [0.05, 1, 1, 1, 1, 1])
    np.testing.assert_allclose(np.sort(instance_scores), [2 / 3, 1])


def test_batch_holds_what_each_sample_gives():
    rng = np.random.default_rng(0)
    heatmaps = rng.random((3, K, 48, 64), dtype=np.float32)
    heatmaps[1] = 0
    tags = rng.random((3, 2 * K, 48, 64), dtype=np.float32) * 4
    batch = codec(decode_topk=4, decode_max_instances=6)
    keypoints, scores, instance_scores = batch.batch_decode(
        torch.from_numpy(heatmaps).double(), torch.from_numpy(tags).requires_grad_()
    )
    for i in range(3):
        single = batch.decode((heatmaps[i], tags[i]))
        for ours, theirs in zip(single, (keypoints[i], scores[i], instance_scores[i]), strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert len(keypoints[0]) == 6
    assert keypoints[1].shape == (0, K, 2)
    assert scores[1].shape == (0, K)
    assert instance_scores[1].shape == (0,)


def test_only_the_highest_peaks_are_considered():
    heatmaps, tags = np.zeros((2, K, 48, 64), np.float32)
    for i, value in enumerate((0.3, 0.9, 0.05, 0.6)):
        heatmaps[0, 10, 10 + 10 * i], tags[0, 10, 10 + 10 * i] = value, 5 * i
    keypoints, scores, _ = codec(decode_topk=2).decode((heatmaps, tags))
    np.testing.assert_array_equal(keypoints[:, 0], [[80, 40], [160, 40]])
    np.testing.assert_allclose(scores[:, 0], [0.9, 0.6])
    assert len(codec().decode((heatmaps, tags))[0]) == 3  # 0.05 is below the threshold


@pytest.mark.parametrize('use_udp', [False, True])
def test_nothing_to_encode_and_decode(use_udp):
    for keypoints, visible in (
        (np.zeros((0, K, 2), np.float32), None),
        (np.full((2, K, 2), 50, np.float32), np.zeros((2, K), np.float32)),
    ):
        encoded = codec(use_udp=use_udp).encode(keypoints, visible)
        assert encoded['heatmaps'].shape == (K, 48, 64)
        assert not encoded['heatmaps'].any()
        assert encoded['keypoint_indices'].shape == (*keypoints.shape[:2], 2)
        assert not encoded['keypoint_indices'][..., 1].any()
        assert not encoded['keypoint_weights'].any()
        decoded = codec(use_udp=use_udp).decode((encoded['heatmaps'], encoded['heatmaps']))
        assert [d.shape for d in decoded] == [(0, K, 2), (0, K), (0,)]


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(sigma=0), 'sigma is 0, but must be positive'),
        (dict(decode_nms_kernel=4), 'decode_nms_kernel is 4, .* set 5'),
        (dict(decode_gaussian_kernel=2), 'decode_gaussian_kernel is 2, .* set 3'),
        (dict(decode_keypoint_thr=-0.1), 'decode_keypoint_thr is -0.1, but a peak is above 0'),
        (dict(decode_tag_thr=0), 'decode_tag_thr is 0, but must be positive'),
        (dict(decode_topk=0), 'decode_topk is 0, but must be positive'),
        (dict(decode_max_instances=0), 'decode_max_instances is 0, but must be positive'),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        codec(**change)


def test_bad_sizes():
    with pytest.raises(ValueError, match=r'input_size is \(0, 4\)'):
        AssociativeEmbedding((0, 4), (4, 4))
    with pytest.raises(ValueError, match=r'heatmap_size is \(4,\)'):
        AssociativeEmbedding((4, 4), (4,))
    with pytest.raises(ValueError, match=r'heatmap_size is \(1, 8\), but UDP needs at least 2'):
        AssociativeEmbedding((4, 32), (1, 8), use_udp=True)


@pytest.mark.parametrize(
    ('shape', 'tag_shape'),
    [
        ((1, K, 8, 8), (1, 4, 8, 8)),
        ((1, K, 8, 8), (1, 0, 8, 8)),
        ((1, K, 8, 8), (2, K, 8, 8)),
        ((1, K, 8, 8), (1, K, 8, 9)),
        ((1, K, 8, 8), (1, K, 8)),
        ((K, 8, 8), (K, 8, 8)),
        ((1, 0, 8, 8), (1, 0, 8, 8)),
    ],
)
def test_bad_maps(shape, tag_shape):
    message = re.escape(f'heatmaps have shape {shape} and the tags {tag_shape}; expected (B, K, H')
    with pytest.raises(ValueError, match=message):
        codec().batch_decode(np.zeros(shape), np.zeros(tag_shape))


@pytest.mark.parametrize('order', [[], [0, 1], [0, 1, 1], [0, 1, 2, 3]])
def test_order_must_name_each_keypoint(order):
    maps = np.zeros((K, 8, 8), np.float32)
    message = r'decode_keypoint_order is \[.*\], but must name each of the 3 keypoints once'
    with pytest.raises(ValueError, match=message):
        codec(decode_keypoint_order=order).decode((maps, maps))


def test_bad_keypoints():
    with pytest.raises(ValueError, match=r'keypoints_visible has shape \(1, 2\)'):
        codec().encode(np.zeros((1, K, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r'keypoints has shape \(1, 3, 3\)'):
        codec().encode(np.zeros((1, K, 3)))
