import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import SimCCLabel
from mmpose.registry import KEYPOINT_CODECS

INPUT_SIZE = (192, 256)
VARIANTS = dict(
    gaussian=dict(sigma=(4.9, 5.66), normalize=False),
    dark=dict(use_dark=True),
    standard=dict(smoothing_type='standard', simcc_split_ratio=3.0, label_smooth_weight=0.1),
    visibility=dict(sigma=(6.0, 6.93), normalize=False, decode_visibility=True),
)


def codec(**kwargs):
    return SimCCLabel(INPUT_SIZE, **kwargs)


def labels(encoded):
    return encoded['keypoint_x_labels'], encoded['keypoint_y_labels']


def predicted(config, num_keypoints=5, seed=0):
    """Vectors (2, 3, K, ...) as a network would predict them."""
    random = np.random.RandomState(seed)
    keypoints = random.uniform(0, 190, (6, num_keypoints, 2))
    vectors = labels(codec(**config).encode(keypoints))
    return tuple(
        (v + 0.05 * v.max() * random.rand(*v.shape)).reshape(2, 3, *v.shape[1:]).astype(np.float32)
        for v in vectors
    )


def score_arrays(scores):
    """The scores, and the visibility where it was decoded."""
    return scores if isinstance(scores, tuple) else (scores,)


def whole_axis_labels(size, sigma, ratio, normalize, keypoints, visible):
    """The published formula, one keypoint and one axis after another."""
    bins = [round(length * ratio) for length in size]
    targets = [np.zeros((*keypoints.shape[:2], b)) for b in bins]
    weights, reach = visible.copy(), 3 * np.array(sigma)
    for n, k in np.ndindex(*visible.shape):
        centre = np.around(keypoints[n, k] * ratio).astype(int)
        if visible[n, k] < 0.5:
            continue
        if ((centre - reach >= bins) | (centre + reach + 1 < 0)).any():
            weights[n, k] = 0
            continue
        for target, c, s, b in zip(targets, centre, sigma, bins, strict=True):
            target[n, k] = np.exp(-((np.arange(b) - c) ** 2) / (2 * s**2))
            target[n, k] /= s * np.sqrt(2 * np.pi) if normalize else 1
    return *targets, weights


def test_gaussian_peak_and_falloff():
    encoded = codec(sigma=(2.0, 4.0), normalize=False).encode(np.array([[[80.2, 120.3]]]))
    x, y = labels(encoded)
    assert x.shape == (1, 1, 384)
    assert y.shape == (1, 1, 512)
    assert x.dtype == y.dtype == np.float32
    assert (x.argmax(), y.argmax()) == (160, 241)  # 160.4 and 240.6
    np.testing.assert_allclose(x[0, 0, [160, 162, 158]], np.exp([0, -1 / 2, -1 / 2]), rtol=1e-6)
    np.testing.assert_allclose(y[0, 0, [241, 243, 251]], np.exp([0, -1 / 8, -100 / 32]), rtol=1e-6)
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1]])


def test_normalized_gaussian_has_area_1():
    x, y = labels(codec(sigma=6.0).encode(np.array([[[96.0, 128.0]]])))
    np.testing.assert_allclose([x.sum(), y.sum()], 1, rtol=1e-5)
    np.testing.assert_allclose([x.max(), y.max()], 1 / (6 * np.sqrt(2 * np.pi)), rtol=1e-6)


def test_standard_smoothing_shares_among_the_other_bins():
    encoded = codec(**VARIANTS['standard']).encode(np.array([[[80.2, 120.3]]]))
    x, y = labels(encoded)
    assert x.shape == (1, 1, 576)
    assert (x.argmax(), y.argmax()) == (241, 361)  # 240.6 and 360.9
    np.testing.assert_allclose(np.unique(x), [0.1 / 575, 0.9], rtol=1e-6)
    np.testing.assert_allclose(y.sum(), 1, rtol=1e-5)


def test_standard_labels_without_smoothing_are_one_hot():
    x, _ = labels(codec(smoothing_type='standard').encode(np.array([[[80.0, 120.0]]])))
    assert x[0, 0, 160] == x.sum() == 1


@pytest.mark.parametrize(
    ('config', 'point', 'weight'),
    [
        (dict(sigma=2.0), (-3.5, 9), 1),  # bin -7, whose Gaussian ends in bin -1
        (dict(sigma=2.0), (-4, 9), 0),
        (dict(sigma=2.0), (194.5, 9), 1),  # bin 389, whose Gaussian begins in bin 383, the last
        (dict(sigma=2.0), (195, 9), 0),
        (dict(sigma=2.0), (9, -4), 0),
        (dict(sigma=2.0), (9, 259), 0),
        (dict(sigma=(2.0, 8.0)), (9, 259), 1),
        (dict(smoothing_type='standard'), (191.7, 0), 1),  # rounds to bin 383, the last
        (dict(smoothing_type='standard'), (191.8, 0), 0),
        (dict(smoothing_type='standard'), (-0.2, 0), 1),
        (dict(smoothing_type='standard'), (-0.3, 0), 0),
        (dict(smoothing_type='standard'), (1e30, 0), 0),
        ({}, (np.nan, 9), 0),
        ({}, (9, -np.inf), 0),
    ],
    ids=str,
)
def test_keypoints_outside_are_not_labelled(config, point, weight):
    encoded = codec(**config).encode(np.array([[point]]))
    assert encoded['keypoint_weights'] == weight
    for label in labels(encoded):
        assert np.isfinite(label).all()
        assert label.any() == bool(weight)


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
def test_invisible_keypoints_are_not_labelled(config):
    visible = np.float32([[0, 0.4, 0.5, 1]])
    keypoints = np.full((1, 4, 2), 90.0)
    encoded = codec(**config).encode(keypoints, visible)
    for label in labels(encoded):
        np.testing.assert_array_equal(label.any(-1), [[False, False, True, True]])
    np.testing.assert_array_equal(encoded['keypoint_weights'], visible)
    encoded['keypoint_weights'][:] = -1
    labels(encoded)[0][:] = -1
    np.testing.assert_array_equal(visible, np.float32([[0, 0.4, 0.5, 1]]))
    np.testing.assert_array_equal(keypoints, np.full((1, 4, 2), 90))
    assert labels(codec(**config).encode(keypoints))[0].min() >= 0


@given(
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    sigma=st.tuples(st.floats(0.3, 9), st.floats(0.3, 9)),
    ratio=st.sampled_from([1.0, 1.3, 2.0, 3.0]),
    normalize=st.booleans(),
    seed=st.integers(0, 10**6),
)
@settings(deadline=None)
def test_labels_equal_gaussians_along_the_whole_axis(size, sigma, ratio, normalize, seed):
    random = np.random.RandomState(seed)
    keypoints = random.uniform(-40, 80, (2, 4, 2)).astype(np.float32)
    visible = random.choice(np.float32([0, 0.4, 0.5, 1]), (2, 4))
    made = SimCCLabel(size, sigma=sigma, simcc_split_ratio=ratio, normalize=normalize)
    encoded = made.encode(keypoints, visible)
    x, y, weights = whole_axis_labels(size, sigma, ratio, normalize, keypoints, visible)
    np.testing.assert_allclose(labels(encoded)[0], x, rtol=1e-6, atol=1e-30)
    np.testing.assert_allclose(labels(encoded)[1], y, rtol=1e-6, atol=1e-30)
    np.testing.assert_array_equal(encoded['keypoint_weights'], weights)


@given(
    points=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), max_size=6),
    num_instances=st.integers(0, 3),
    ratio=st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    config=st.sampled_from(
        [
            dict(sigma=1.0),
            dict(sigma=6.0, normalize=False),
            dict(smoothing_type='standard'),
            dict(smoothing_type='standard', label_smooth_weight=0.3),
        ]
    ),
)
@settings(deadline=None)
def test_round_trip_is_right_to_half_a_bin(points, num_instances, ratio, config):
    made = codec(simcc_split_ratio=ratio, **config)
    last_centre = np.array(INPUT_SIZE) - 1 / ratio
    keypoints = np.array([points] * num_instances).reshape(num_instances, len(points), 2)
    keypoints = keypoints * last_centre
    encoded = made.encode(keypoints)
    decoded, scores = made.decode(*labels(encoded))
    assert decoded.shape == keypoints.shape
    assert scores.shape == keypoints.shape[:2]
    assert (encoded['keypoint_weights'] == 1).all()
    np.testing.assert_allclose(decoded, keypoints, atol=0.5 / ratio + 1e-4)


@given(point=st.tuples(st.floats(20, 170), st.floats(20, 230)), normalize=st.booleans())
@settings(deadline=None)
def test_dark_decodes_between_bins(point, normalize):
    peak = 1 / (6 * np.sqrt(2 * np.pi)) if normalize else 1
    x, y = (
        peak * np.exp(-((np.arange(bins) - 2 * p) ** 2) / (2 * 6**2))[None, None]
        for p, bins in zip(point, (384, 512), strict=True)
    )
    decoded, scores = codec(use_dark=True).decode(x.astype(np.float32), y.astype(np.float32))
    np.testing.assert_allclose(decoded, [[point]], atol=1e-3)
    np.testing.assert_allclose(scores, peak, rtol=0.01)


def test_dark_keeps_keypoints_near_the_border_there():
    x = np.concatenate([np.arange(0, 12, 0.5), np.arange(180, 192, 0.5)])
    keypoints = np.stack([x, x + 32], axis=-1)[None]
    made = codec(use_dark=True)
    decoded, _ = made.decode(*labels(made.encode(keypoints)))
    # The blur counts what is outside as 0, which moves the peak inwards. It does not leave.
    np.testing.assert_allclose(decoded[..., 0], keypoints[..., 0], atol=1.5)
    np.testing.assert_allclose(decoded[..., 1], keypoints[..., 1], atol=0.01)


def test_dark_blurs_as_far_as_sigma_says():
    kernels = {s: codec(sigma=s)._blur_kernels[0] for s in (6.0, 4.9, 0.35)}
    assert kernels == {6.0: 37, 4.9: 29, 0.35: 1}  # (20 * sigma - 7) // 3, made odd


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
def test_nothing_predicted_lies_outside(config):
    made = codec(**config)
    keypoints, scores = made.decode(*labels(made.encode(np.full((1, 3, 2), 1000.0))))
    if made.decode_visibility:
        scores, visibility = scores
        # all classes are alike; y has more
        np.testing.assert_allclose(visibility, np.full((1, 3), 1 / 512), rtol=1e-5)
    np.testing.assert_allclose(keypoints, np.full((1, 3, 2), -1 / made.simcc_split_ratio))
    np.testing.assert_array_equal(scores, np.zeros((1, 3)))


def test_visibility_is_the_lower_probability_of_the_likeliest_class():
    made = codec(sigma=(2.0, 4.0), decode_visibility=True, decode_beta=0.5)
    x, y = np.zeros((1, 2, 384), np.float32), np.zeros((1, 2, 512), np.float32)
    x[0, :, 7], y[0, :, 5] = (9, 8), (3, 8)
    _, (scores, visibility) = made.decode(x, y)
    np.testing.assert_array_equal(scores, [[3, 8]])
    along_x = np.exp(np.array([9, 8])) / (np.exp(np.array([9, 8])) + 383)  # beta * sigma is 1
    along_y = np.exp(np.array([6, 16])) / (np.exp(np.array([6, 16])) + 511)  # and 2
    np.testing.assert_allclose(visibility, [np.minimum(along_x, along_y)], rtol=1e-5)


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
def test_batch_is_decoded_like_its_samples(config):
    x, y = predicted(config)
    made = codec(**config)
    keypoints, scores = made.batch_decode(torch.from_numpy(x), torch.from_numpy(y))
    assert keypoints.shape == (2, 3, 5, 2)
    for b in range(2):
        alone = made.decode(x[b], y[b])
        np.testing.assert_array_equal(keypoints[b], alone[0])
        for batched, single in zip(score_arrays(scores), score_arrays(alone[1]), strict=True):
            np.testing.assert_array_equal(batched[b], single)
    single = made.batch_decode(x[:, 0], y[:, 0])
    np.testing.assert_array_equal(single[0], keypoints[:, :1])
    np.testing.assert_array_equal(made.decode(x[0, 0], y[0, 0])[0], keypoints[0, :1])


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize('dtype', [torch.float32, torch.float16, torch.bfloat16])
def test_tensors_are_decoded_like_arrays(config, dtype):
    made = codec(**config)
    vectors = [torch.from_numpy(v).to(dtype) for v in predicted(config)]
    keypoints, scores = made.batch_decode(*vectors)
    decoded = made.decode_tensors(*vectors)
    assert all(t.dtype is torch.float32 for t in decoded)
    np.testing.assert_allclose(decoded[0], keypoints, atol=1e-3)
    for tensor, array in zip(decoded[1:], score_arrays(scores), strict=True):
        np.testing.assert_allclose(tensor, array, rtol=1e-4, atol=1e-6)
    single = made.decode_tensors(*(v[:, 0] for v in vectors))
    np.testing.assert_allclose(single[0], keypoints[:, :1], atol=1e-3)


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
def test_tensors_are_decoded_without_reading_them(config):
    # a meta tensor has no values: whatever waits for the device fails on it
    made = codec(**config)
    shapes = ((4, 17, bins) for bins in (384, 512))
    keypoints, *rest = made.decode_tensors(*(torch.empty(s, device='meta') for s in shapes))
    assert keypoints.shape == (4, 1, 17, 2)
    assert all(t.shape == (4, 1, 17) and t.is_meta for t in rest)


@pytest.mark.parametrize('config', VARIANTS.values(), ids=VARIANTS)
@pytest.mark.parametrize('shape', [(0, 17), (2, 0), (0, 0)], ids=str)
def test_no_instance_or_keypoint(config, shape):
    made = codec(**config)
    encoded = made.encode(np.zeros((*shape, 2)), np.zeros(shape))
    keypoints, _ = made.decode(*labels(encoded))
    assert keypoints.shape == (*shape, 2)
    tensors = made.decode_tensors(*(torch.from_numpy(v)[None] for v in labels(encoded)))
    assert tensors[0].shape == (1, *shape, 2)


def test_decode_leaves_its_arguments():
    for config in VARIANTS.values():
        vectors = predicted(config)
        before = copy.deepcopy(vectors)
        codec(**config).batch_decode(*vectors)
        codec(**config).decode_tensors(*map(torch.from_numpy, vectors))
        for now, then in zip(vectors, before, strict=True):
            np.testing.assert_array_equal(now, then)


@pytest.mark.parametrize(
    ('config', 'message'),
    [
        (dict(smoothing_type='cubic'), "smoothing_type is 'cubic', but must be one of 'gaussian'"),
        (dict(label_smooth_weight=0.1), "is 0.1, but Gaussian smoothing .* smoothing_type='stand"),
        (
            dict(smoothing_type='standard', label_smooth_weight=1.5),
            'label_smooth_weight is 1.5; expected 0 to 1',
        ),
        (dict(smoothing_type='standard', label_smooth_weight=-0.1), 'is -0.1; expected 0 to 1'),
        (dict(sigma=0), 'sigma is 0, but must be positive'),
        (dict(sigma=(6, -1)), r'sigma is \(6, -1\), but must be positive'),
        (dict(sigma=(6, 6, 6)), r'sigma is \(6, 6, 6\); expected one number .* or \(x, y\)'),
        (dict(simcc_split_ratio=0), 'simcc_split_ratio is 0, but must be positive'),
        (dict(decode_beta=float('nan')), 'decode_beta is nan, but must be positive'),
        (dict(input_size=(192,)), 'input_size is .* give it as'),
    ],
    ids=str,
)
def test_bad_parameters_are_refused(config, message):
    with pytest.raises(ValueError, match=message):
        SimCCLabel(**{'input_size': INPUT_SIZE, **config})


def test_shapes_that_disagree_are_refused():
    with pytest.raises(ValueError, match=r'keypoints_visible has shape \(1, 2\)'):
        codec().encode(np.zeros((1, 3, 2)), np.ones((1, 2)))
    with pytest.raises(ValueError, match=r'shape \(3, 2\); expected \(N, K, 2\)'):
        codec().encode(np.zeros((3, 2)))
    vectors = np.zeros((1, 3, 384)), np.zeros((1, 4, 512))
    for decode in (codec().decode, lambda x, y: codec().decode_tensors(*map(torch.tensor, (x, y)))):
        with pytest.raises(ValueError, match='simcc_x and simcc_y have the shapes'):
            decode(*vectors)
    with pytest.raises(ValueError, match=r'shape \(1, 1, 3, 384, 1\); expected \(B, N, K, D\)'):
        codec().decode(np.zeros((1, 3, 384, 1)), np.zeros((1, 3, 512, 1)))


def test_codec_is_registered_and_travels_to_workers():
    config = dict(type='SimCCLabel', input_size=INPUT_SIZE, sigma=[4.9, 5.66])
    made = KEYPOINT_CODECS.build(config)
    assert list(made.label_mapping_table) == [
        'keypoint_x_labels',
        'keypoint_y_labels',
        'keypoint_weights',
    ]
    assert made.support_batch_decoding
    assert made.support_tensor_decoding
    np.testing.assert_array_equal(made.sigma, [4.9, 5.66])
    made.encode(np.zeros((1, 17, 2)))
    assert len(pickle.dumps(made)) < 10_000  # without the tables of labels
