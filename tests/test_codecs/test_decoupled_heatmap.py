import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import DecoupledHeatmap
from mmpose.codecs.decoupled_heatmap import _draw_instances, _place_instances
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (256, 192), (64, 48)
K = 3


def codec(**kwargs):
    return DecoupledHeatmap(INPUT_SIZE, HEATMAP_SIZE, **kwargs)


def triangles(*places):
    """(N, K, 2) pixels: triangles around places, with diagonals of 25 cells and less and less."""
    shapes = np.float32([[-30, -40], [30, -40], [0, 40]]) * 0.9 ** np.arange(len(places))[
        :, None, None
    ].astype(np.float32)
    return np.float32(places)[:, None] + shapes


def sigma(width, height, overlap=0.7):
    """CenterNet's released radius, written as published, over 3; in cells."""
    total, area = width + height, width * height
    radii = []
    for a, b, c in (
        (1, total, area * (1 - overlap) / (1 + overlap)),
        (4, 2 * total, (1 - overlap) * area),
        (4 * overlap, -2 * overlap * total, (overlap - 1) * area),
    ):
        radii.append((b + (b**2 - 4 * a * c) ** 0.5) / 2)
    return min(radii) / 3


def test_heatmaps_of_all_and_of_each():
    keypoints = triangles((80, 80), (180, 100))
    boxes = np.float32([[40, 40, 120, 140], [150, 60, 210, 140]])
    encoded = codec().encode(keypoints, bbox=boxes)
    heatmaps, own = encoded['heatmaps'], encoded['instance_heatmaps']
    assert heatmaps.shape == (K + 1, 48, 64)
    assert own.shape == (2 * K, 48, 64)
    assert own.dtype == heatmaps.dtype == np.float32
    np.testing.assert_array_equal(np.maximum(own[:K], own[K:]), heatmaps[:K])
    assert heatmaps[0, 10, 13] == 1  # (50, 40) / 4, rounded
    np.testing.assert_allclose(
        heatmaps[0, 10, 14], np.exp(-1 / (2 * sigma(80 / 4, 100 / 4) ** 2)), rtol=1e-5
    )
    # the smaller second one comes first
    np.testing.assert_allclose(
        own[2, 34, 46], np.exp(-1 / (2 * sigma(60 / 4, 80 / 4) ** 2)), rtol=1e-5
    )
    np.testing.assert_array_equal(encoded['keypoint_weights'], np.ones((2, K)))
    assert encoded['instance_coords'].dtype == np.int32


@given(
    width=st.floats(1, 500),
    height=st.floats(1, 500),
    overlap=st.floats(0.01, 0.99),
)
@settings(deadline=None)
def test_sigma_is_the_smallest_of_the_published_radii(width, height, overlap):
    boxes = np.array([[0, 0, 4 * width, 4 * height]])
    (ours,) = codec(heatmap_min_overlap=overlap)._sigmas(boxes, num_instances=1)
    np.testing.assert_allclose(ours, max(sigma(width, height, overlap), 0.01), rtol=1e-4)


def test_boxes_may_be_turned_corners_or_missing():
    keypoints = triangles((80, 80))
    encode = codec().encode
    heatmaps = encode(keypoints, bbox=np.float32([[50, 40, 110, 120]]))['heatmaps']
    np.testing.assert_array_equal(encode(keypoints)['heatmaps'], heatmaps)
    corners = np.float32([[50, 40], [50, 120], [110, 40], [110, 120]])
    np.testing.assert_array_equal(encode(keypoints, bbox=corners[None])['heatmaps'], heatmaps)
    turned = corners @ np.float32([[0.6, 0.8], [-0.8, 0.6]])
    np.testing.assert_allclose(encode(keypoints, bbox=turned[None])['heatmaps'], heatmaps, 1e-4)


def test_drawn_values():
    np.random.seed(0)
    jitter, ranks = _draw_instances(500)
    assert np.unique(jitter).tolist() == [-1, 0, 1]
    assert jitter.shape == (500, 2)
    np.testing.assert_array_equal(np.sort(ranks), np.arange(500))
    np.random.seed(0)
    np.testing.assert_array_equal(_draw_instances(500)[0], jitter)


def test_placed_instances():
    roots = np.float32([[5.9, 5.2], [6.1, 5.9], [0.2, 9.8], [20, 8]])
    jitter = np.array([[1, 0], [0, 0], [-1, 1], [0, -1]])
    coords, kept = _place_instances(roots, jitter, np.array([3, 0, 1, 2]), (18, 10), 9)
    assert kept.tolist() == [0, 2, 3]  # the second would share the cell of the first
    assert coords.tolist() == [[6, 5], [0, 9], [17, 7]]
    coords, kept = _place_instances(roots, jitter, np.array([3, 0, 1, 2]), (18, 10), 2)
    assert kept.tolist() == [2, 3]


def test_too_many_instances_are_drawn_by_chance():
    keypoints = triangles(*[(x, y) for y in (60, 130) for x in (60, 100, 140, 180)])
    encoded = codec(encode_max_instances=3).encode(keypoints)
    assert encoded['instance_heatmaps'].shape == (3 * K, 48, 64)
    assert encoded['keypoint_weights'].shape == (3, K)
    roots = keypoints.mean(axis=1) / 4
    gaps = np.abs(encoded['instance_coords'][:, None] - roots).max(axis=2)
    assert (gaps.min(axis=1) <= 2).all()
    chosen = gaps.argmin(axis=1)
    assert (np.diff(chosen) < 0).all()  # the smallest, which is the last, first


@given(x=st.floats(40, 210), y=st.floats(40, 150))
@settings(deadline=None, max_examples=40)
def test_round_trip_is_true_to_half_a_cell(x, y):
    keypoints = triangles((x, y), (250 - x, 190 - y))
    encoded = codec().encode(keypoints)
    own = encoded['instance_heatmaps'].reshape(-1, K, 48, 64)
    decoded, scores = codec().decode(own, np.full((len(own), 1), 0.5))
    inside = ((keypoints >= 0) & (keypoints <= (252, 188))).all(axis=(1, 2))
    for instance in keypoints[inside] if len(own) == 2 else ():
        assert np.abs(decoded - instance).max(axis=(1, 2)).min() <= 2 + 1e-3
    np.testing.assert_array_equal(scores[(own.max(axis=(2, 3)) == 1)], 0.5)


@pytest.mark.parametrize('shape', [(2,), (2, 1)])
def test_decoded_score_is_weighted_by_the_instance(shape):
    heatmaps = torch.zeros(2, 1, 8, 8)
    heatmaps[0, 0, 3, 2], heatmaps[0, 0, 3, 3], heatmaps[1, 0, 5, 6] = 0.8, 0.4, 0.5
    keypoints, scores = codec().decode(heatmaps, torch.tensor([0.5, 1.0]).reshape(shape))
    np.testing.assert_allclose(keypoints, [[[9, 12]], [[24, 20]]])
    np.testing.assert_allclose(scores, [[0.4], [0.5]])


def test_invisible_and_distant_instances_have_no_heatmaps():
    keypoints = triangles((80, 80), (180, 100), (900, 100))
    visible = np.ones((3, K), np.float32)
    visible[0] = 0
    encoded = codec().encode(keypoints, visible)
    assert encoded['instance_heatmaps'].shape == (K, 48, 64)
    np.testing.assert_array_equal(encoded['keypoint_weights'], np.ones((1, K)))
    assert np.isfinite(encoded['heatmaps']).all()


def test_instance_of_one_keypoint_gets_single_cells():
    visible = np.float32([[1, 0, 0]])
    encoded = codec().encode(triangles((80, 80)), visible)
    assert np.count_nonzero(encoded['heatmaps'][0] > 1e-6) == 1
    np.testing.assert_array_equal(encoded['keypoint_weights'], visible)


@pytest.mark.parametrize('num_instances', [0, 2])
def test_nothing_to_encode_and_decode(num_instances):
    keypoints = np.full((num_instances, K, 2), np.nan, np.float32)
    encoded = codec().encode(keypoints)
    assert encoded['heatmaps'].shape == (K + 1, 48, 64)
    assert not encoded['heatmaps'].any()
    assert encoded['instance_heatmaps'].shape == (0, 48, 64)
    assert encoded['keypoint_weights'].shape == (0, K)
    assert encoded['instance_coords'].shape == (0, 2)
    decoded, scores = codec().decode(np.zeros((0, K, 48, 64), np.float32), np.zeros((0, 1)))
    assert decoded.shape == (0, K, 2)
    assert scores.shape == (0, K)


def test_registered_with_its_tables():
    built = KEYPOINT_CODECS.build(
        dict(type='DecoupledHeatmap', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
    )
    assert built.auxiliary_encode_keys == {'bbox'}
    assert set(built.field_mapping_table) == {'heatmaps', 'instance_heatmaps'}
    assert set(built.label_mapping_table) == {'keypoint_weights', 'instance_coords'}
    assert not built.support_batch_decoding


@pytest.mark.parametrize(
    ('change', 'message'),
    [
        (dict(root_type='hip'), "root_type is 'hip', but must be one of"),
        (dict(heatmap_min_overlap=1), 'heatmap_min_overlap is 1, .* the original takes 0.7'),
        (dict(heatmap_min_overlap=0), 'heatmap_min_overlap is 0, but'),
        (dict(encode_max_instances=0), 'encode_max_instances is 0, but must be positive'),
    ],
)
def test_bad_arguments(change, message):
    with pytest.raises(ValueError, match=message):
        codec(**change)


def test_bad_shapes():
    keypoints = triangles((80, 80))
    with pytest.raises(ValueError, match=r'bbox has shape \(2, 4\) for 1 instances'):
        codec().encode(keypoints, bbox=np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r'instance_scores \(3,\); expected \(M, K, H, W\)'):
        codec().decode(np.zeros((2, K, 8, 8)), np.zeros(3))
