import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mmpose.codecs import IntegralRegressionLabel, MSRAHeatmap, RegressionLabel
from mmpose.registry import KEYPOINT_CODECS

CONFIG = dict(input_size=(192, 256), heatmap_size=(48, 64), sigma=2.0)
KEYPOINTS = np.array([[[80.0, 120.0], [13.0, 250.0], [500.0, 40.0], [np.nan, 3.0], [9.0, 9.0]]])
VISIBLE = np.float32([[1, 1, 1, 1, 0]])


@pytest.mark.parametrize('unbiased', [False, True])
def test_targets_are_those_of_both_codecs(unbiased):
    codec = IntegralRegressionLabel(**CONFIG, unbiased=unbiased, normalize=False)
    encoded = codec.encode(KEYPOINTS, VISIBLE)
    heatmaps = MSRAHeatmap(**CONFIG, unbiased=unbiased).encode(KEYPOINTS, VISIBLE)['heatmaps']
    labels = RegressionLabel((192, 256)).encode(KEYPOINTS, VISIBLE)
    assert set(encoded) == {'heatmaps', *labels}
    np.testing.assert_array_equal(encoded['heatmaps'], heatmaps)
    for key, value in labels.items():
        np.testing.assert_array_equal(encoded[key], value)
    np.testing.assert_array_equal(encoded['keypoint_weights'], [[1, 1, 0, 0, 0]])


def test_normalized_heatmaps_have_the_keypoint_as_their_mean():
    encoded = IntegralRegressionLabel(**CONFIG).encode(KEYPOINTS, VISIBLE)
    heatmaps = encoded['heatmaps']
    np.testing.assert_allclose(heatmaps.sum((1, 2)), [1, 1, 0, 0, 0], rtol=1e-5)
    mean = (heatmaps[0].sum(0) @ np.arange(48), heatmaps[0].sum(1) @ np.arange(64))
    np.testing.assert_allclose(mean, (20, 30), rtol=1e-5)  # (80, 120) / stride 4
    np.testing.assert_allclose(mean / np.array([48, 64]), encoded['keypoint_labels'][0, 0])


@given(
    keypoints=arrays(np.float32, (2, 3, 2), elements=st.floats(-100, 300, width=32)),
    visible=arrays(np.float32, (2, 3), elements=st.sampled_from([0, 0.5, 1, 2])),
)
@settings(deadline=None)
def test_round_trip(keypoints, visible):
    codec = IntegralRegressionLabel((192, 256), (48, 64), sigma=2)
    encoded = codec.encode(keypoints, visible)
    np.testing.assert_allclose(codec.decode(encoded['keypoint_labels'])[0], keypoints, atol=1e-4)
    sums = encoded['heatmaps'].sum(axis=(1, 2))
    np.testing.assert_allclose(sums, sums > 0, atol=1e-5)
    assert (sums[(encoded['keypoint_weights'] > 0).any(axis=0)] > 0).all()


def test_no_instance_gives_empty_heatmaps():
    encoded = IntegralRegressionLabel(**CONFIG).encode(np.zeros((0, 17, 2)))
    np.testing.assert_array_equal(encoded['heatmaps'], np.zeros((17, 64, 48)))
    assert encoded['keypoint_labels'].shape == (0, 17, 2)


def test_coordinates_are_decoded():
    codec = IntegralRegressionLabel(**CONFIG)
    batch = np.random.RandomState(0).rand(3, 5, 2).astype(np.float32)
    expected = RegressionLabel((192, 256)).batch_decode(batch)
    for decoded in (codec.batch_decode(batch), codec.decode_tensors(torch.from_numpy(batch))):
        np.testing.assert_allclose(decoded[0], expected[0], rtol=1e-6)
        np.testing.assert_array_equal(decoded[1], np.ones((3, 1, 5)))
    np.testing.assert_array_equal(codec.decode(batch)[0], expected[0][:, 0])


def test_bad_parameters_are_refused():
    with pytest.raises(ValueError, match='sigma is 0'):
        IntegralRegressionLabel(**{**CONFIG, 'sigma': 0})
    with pytest.raises(ValueError, match='input_size is'):
        IntegralRegressionLabel(**{**CONFIG, 'input_size': (0, 256)})


def test_codec_is_registered():
    codec = KEYPOINT_CODECS.build(dict(type='IntegralRegressionLabel', **CONFIG))
    assert codec.field_mapping_table == dict(heatmaps='heatmaps')
    assert codec.label_mapping_table == RegressionLabel.label_mapping_table
