import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import UDPHeatmap
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE, HEATMAP_SIZE = (192, 256), (48, 64)
TYPES = ('gaussian', 'combined')


def codec(heatmap_type='gaussian', **kwargs):
    return UDPHeatmap(INPUT_SIZE, HEATMAP_SIZE, heatmap_type=heatmap_type, **kwargs)


def as_decoded(keypoints):
    """What a perfect decoder returns: encoding divides by input - 1, decoding takes input."""
    return keypoints * (np.array(INPUT_SIZE) / (np.array(INPUT_SIZE) - 1))


def points(low, high):
    """Strategy for (1, K, 2) keypoints, pixels, from ``low`` to ``high`` beyond the input."""
    x, y = (st.floats(low, side + high, width=32) for side in INPUT_SIZE)
    return st.lists(st.tuples(x, y), min_size=1, max_size=6).map(lambda p: np.float32([p]))


def test_first_and_last_cells_are_first_and_last_pixels():
    assert codec().scale_factor.dtype == np.float32
    np.testing.assert_allclose(codec().scale_factor, [191 / 47, 255 / 63], rtol=1e-6)
    corners = np.float32([[[0, 0], [191, 255]]])
    heatmaps = codec().encode(corners)['heatmaps']
    assert heatmaps[0, 0, 0] == 1
    np.testing.assert_allclose(heatmaps[1, 63, 47], 1, rtol=1e-6)
    decoded, scores = codec().decode(heatmaps)
    # the blur sees nothing beyond the border and takes the maximum half a cell outwards
    np.testing.assert_allclose(decoded, [[[-2, -2], [194, 258]]], atol=0.1)
    np.testing.assert_allclose(scores, 1, rtol=1e-6)


def test_registered_with_its_tables():
    config = dict(type='UDPHeatmap', input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE)
    built = KEYPOINT_CODECS.build(config)
    assert (built.heatmap_type, built.sigma, built.blur_kernel_size) == ('gaussian', 2.0, 11)
    assert built.radius_factor == 3.5 / 64
    assert built.field_mapping_table == {'heatmaps': 'heatmaps'}
    assert built.label_mapping_table == {'keypoint_weights': 'keypoint_weights'}


def test_combined_targets():
    scale = codec().scale_factor
    encoded = codec('combined', radius_factor=4 / 64).encode(
        np.float32([[(20, 30), (0, 0)]]) * scale
    )
    maps = encoded['heatmaps'].reshape(2, 3, 64, 48)
    assert encoded['heatmaps'].dtype == np.float32
    disc, right, below = maps[0]
    assert disc.sum() == 49  # whole cells within 4 cells of one
    assert (disc[30, 24], disc[30, 25], disc[33, 23]) == (1, 0, 0)
    np.testing.assert_allclose(right[[0, 30, 63], 24], -1, atol=1e-6)  # a radius to the left
    np.testing.assert_allclose(below[22, [0, 20, 47]], 2, atol=1e-6)  # two radii down
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1, 1]])


@given(keypoints=points(24, -24))
@settings(deadline=None, max_examples=40)
def test_gaussian_round_trip(keypoints):
    decoded, scores = codec().decode(codec().encode(keypoints)['heatmaps'])
    assert np.abs(decoded - as_decoded(keypoints)).max() <= 2e-3
    assert scores.min() >= np.exp(-(0.25 + 0.25) / 8) - 1e-4


@given(keypoints=points(0, -1))
@settings(deadline=None, max_examples=40)
def test_gaussian_round_trip_up_to_the_border(keypoints):
    decoded, _ = codec().decode(codec().encode(keypoints)['heatmaps'])
    assert np.abs(decoded - as_decoded(keypoints)).max() <= 4.1


@given(keypoints=points(0, -1))
@settings(deadline=None, max_examples=40)
def test_combined_round_trip_is_exact(keypoints):
    combined = codec('combined')
    decoded, scores = combined.decode(combined.encode(keypoints)['heatmaps'])
    np.testing.assert_allclose(decoded, as_decoded(keypoints), atol=1e-3)
    assert ((scores > 0) & (scores < 1)).all()


@pytest.mark.parametrize('heatmap_type', TYPES)
@given(keypoints=points(-2000, 2000))
@settings(deadline=None, max_examples=40)
def test_any_position_gives_valid_targets(heatmap_type, keypoints):
    encoded = codec(heatmap_type).encode(keypoints)
    heatmaps, weights = encoded['heatmaps'], encoded['keypoint_weights']
    assert np.isfinite(heatmaps).all()
    inside = ((keypoints >= 0) & (keypoints < INPUT_SIZE)).all(axis=-1)
    assert (weights[inside] == 1).all()
    decoded, _ = codec(heatmap_type).decode(heatmaps)
    assert np.isfinite(decoded).all()
    if heatmap_type == 'gaussian':  # a map without a maximum is moved by what other maps have
        decoded, scores = codec().decode(codec().encode(keypoints[:, :1])['heatmaps'])
        nothing = np.broadcast_to(-codec().decode_scale, decoded.shape)
        np.testing.assert_allclose(decoded[scores <= 0], nothing[scores <= 0], rtol=1e-6)


@pytest.mark.parametrize('heatmap_type', TYPES)
def test_unlabelled_keypoints_and_no_instance(heatmap_type):
    keypoints = np.full((1, 3, 2), 90.0)
    keypoints[0, 1, 0] = np.nan
    encoded = codec(heatmap_type).encode(keypoints, np.array([[0.0, 1, 1]]))
    shown = encoded['heatmaps'].reshape(3, -1).any(axis=1)
    np.testing.assert_array_equal(shown, [False, False, True])
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[0, 0, 1]])
    nobody = codec(heatmap_type).encode(np.zeros((0, 3, 2)))
    assert nobody['heatmaps'].shape == encoded['heatmaps'].shape
    assert not nobody['heatmaps'].any()
    assert nobody['keypoint_weights'].shape == (0, 3)


@pytest.mark.parametrize('heatmap_type', TYPES)
def test_batch_is_decoded_like_its_samples(heatmap_type):
    random = np.random.RandomState(0)
    keypoints = random.uniform(0, 180, (3, 1, 5, 2))
    batch = np.stack([codec(heatmap_type).encode(k)['heatmaps'] for k in keypoints])
    batch += 0.02 * random.rand(*batch.shape).astype(np.float32)
    before = batch.copy()
    decoded, scores = codec(heatmap_type).batch_decode(batch)
    assert decoded.shape == (3, 1, 5, 2)
    assert scores.shape == (3, 1, 5)
    for i, heatmaps in enumerate(batch):
        alone = codec(heatmap_type).decode(heatmaps)
        np.testing.assert_allclose(decoded[i], alone[0], rtol=1e-4)
        np.testing.assert_allclose(scores[i], alone[1], rtol=1e-5)
    np.testing.assert_array_equal(batch, before)


@pytest.mark.parametrize(
    ('kwargs', 'message'),
    [
        (dict(heatmap_type='offset'), "is 'offset', but must be one of 'gaussian', 'combined'"),
        (dict(blur_kernel_size=4), 'blur_kernel_size is 4, but .* set 5'),
        (dict(sigma=0), 'sigma is 0, but must be positive'),
        (dict(radius_factor=-1), 'radius_factor is -1, but must be positive'),
        (dict(heatmap_size=(1, 64)), r'heatmap_size is \(1, 64\), but needs at least 2 cells'),
        (dict(input_size=192), r'input_size is 192, but must be 2 positive numbers; give .*\(w, h'),
    ],
)
def test_settings_are_checked(kwargs, message):
    with pytest.raises(ValueError, match=message):
        UDPHeatmap(**{**dict(input_size=INPUT_SIZE, heatmap_size=HEATMAP_SIZE), **kwargs})


def test_layouts_are_checked():
    with pytest.raises(ValueError, match=r'encoded has shape \(64, 48\); expected \(K, H, W\)'):
        codec().decode(np.zeros((64, 48)))
    with pytest.raises(
        ValueError, match='encoded has 17 maps per sample; expected a multiple of 3'
    ):
        codec('combined').decode(np.zeros((17, 64, 48)))
    with pytest.raises(ValueError, match=r'keypoints has shape \(17, 2\); expected \(N, K, 2\)'):
        codec().encode(np.zeros((17, 2)))
    with pytest.raises(
        ValueError, match=r'visible has shape \(1, 16\) for keypoints .* \(1, 17\),'
    ):
        codec().encode(np.zeros((1, 17, 2)), np.ones((1, 16)))
