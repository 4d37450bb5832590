import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from mmpose.codecs import MegviiHeatmap, MSRAHeatmap, UDPHeatmap
from mmpose.codecs.utils import gaussian_blur, tensor_decoding

SIZES = dict(input_size=(64, 96), heatmap_size=(16, 24))
CODECS = dict(
    plain=MSRAHeatmap(**SIZES, sigma=2),
    unbiased=MSRAHeatmap(**SIZES, sigma=2, unbiased=True),
    udp=UDPHeatmap(**SIZES),
    combined=UDPHeatmap(**SIZES, heatmap_type='combined', radius_factor=0.1, blur_kernel_size=5),
    megvii=MegviiHeatmap(**SIZES, kernel_size=5),
)


def outputs(codec, seed, noise=0.02, lowest=0.0, scale=1.0):
    """What a network might predict for three samples with five keypoints, one of them absent."""
    random = np.random.RandomState(seed)
    keypoints = random.uniform(-8, (72, 104), (3, 5, 2))
    visible = np.ones((1, 5))
    visible[0, 4] = 0
    maps = np.stack([codec.encode(k[None], visible)['heatmaps'] for k in keypoints])
    noise = maps.max() * noise * random.uniform(lowest, 1, maps.shape)
    return torch.from_numpy((scale * (maps + noise)).astype(np.float32))


def assert_alike(codec, heatmaps):
    """Equal to a thousandth of a pixel; relatively where noise sends a keypoint far away."""
    keypoints, scores = codec.decode_tensors(heatmaps)
    expected, expected_scores = codec.batch_decode(heatmaps.float())
    assert keypoints.shape == expected.shape == (3, 1, 5, 2)
    assert keypoints.dtype == scores.dtype == torch.float32
    outside = np.abs(expected - np.clip(expected, 0, SIZES['input_size']))
    assert (np.abs(keypoints.numpy() - expected) <= 1e-3 + 1e-4 * outside).all()
    largest = float(heatmaps.abs().max())
    np.testing.assert_allclose(scores.numpy(), expected_scores, rtol=1e-5, atol=1e-6 * largest)


@pytest.mark.parametrize('name', CODECS)
@given(
    seed=st.integers(0, 2**31 - 1),
    lowest=st.sampled_from([0.0, -1.0, -5.0]),
    scale=st.sampled_from([1.0, 1e-3, 1e-9, 100.0]),
)
@settings(deadline=None, max_examples=60)
def test_tensors_are_decoded_like_arrays(name, seed, lowest, scale):
    assert_alike(CODECS[name], outputs(CODECS[name], seed, lowest=lowest, scale=scale))


@pytest.mark.parametrize('name', CODECS)
def test_maps_without_a_positive_value(name):
    shape = (3, 5 * CODECS[name].maps_per_keypoint, 24, 16)
    for heatmaps in (torch.zeros(shape), torch.full(shape, -2.0)):
        assert_alike(CODECS[name], heatmaps)
        cells = CODECS[name].decode_tensors(heatmaps)[0] / torch.from_numpy(
            CODECS[name].decode_scale
        )
        # discs are moved by the offset read there
        moved = CODECS[name].radius_factor * 24 * heatmaps[0, 0, 0, 0] if name == 'combined' else 0
        torch.testing.assert_close(cells, torch.full((3, 1, 5, 2), -1.0) + moved)


@pytest.mark.parametrize('name', CODECS)
@pytest.mark.parametrize('dtype', [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_are_decoded_in_single_precision(name, dtype):
    assert_alike(CODECS[name], outputs(CODECS[name], seed=0).to(dtype))


@pytest.mark.parametrize('name', CODECS)
def test_gradients_and_autocast_do_not_touch_the_positions(name):
    heatmaps = outputs(CODECS[name], seed=1).requires_grad_()
    with torch.autocast('cpu', torch.bfloat16):
        keypoints, _ = CODECS[name].decode_tensors(heatmaps)
    assert not keypoints.requires_grad
    np.testing.assert_allclose(keypoints, CODECS[name].batch_decode(heatmaps)[0], atol=1e-3)


@pytest.mark.parametrize('name', CODECS)
@pytest.mark.parametrize(('B', 'K'), [(0, 5), (2, 0), (0, 0)])
def test_no_sample_or_keypoint(name, B, K):
    codec = CODECS[name]
    heatmaps = torch.zeros(B, K * codec.maps_per_keypoint, 24, 16)
    for keypoints, scores in (codec.decode_tensors(heatmaps), codec.batch_decode(heatmaps)):
        assert keypoints.shape == (B, 1, K, 2)
        assert scores.shape == (B, 1, K)
    encoded = codec.encode(np.zeros((2, K, 2)), np.zeros((2, K)))
    assert encoded['heatmaps'].shape == heatmaps.shape[1:]
    assert encoded['keypoint_weights'].shape == (2, K)


@pytest.mark.parametrize('name', CODECS)
def test_tensors_are_decoded_without_reading_them(name):
    # a meta tensor has no values: whatever waits for the device fails on it
    heatmaps = torch.empty(3, 5 * CODECS[name].maps_per_keypoint, 24, 16, device='meta')
    keypoints, scores = CODECS[name].decode_tensors(heatmaps)
    assert (keypoints.shape, scores.shape) == ((3, 1, 5, 2), (3, 1, 5))
    assert keypoints.is_meta


@pytest.mark.parametrize('name', ['unbiased', 'udp'])
def test_scales_of_all_maps_give_what_those_needed_give(name, monkeypatch):
    """As on a GPU, where no map is left out."""
    heatmaps = outputs(CODECS[name], seed=2, lowest=-1.0)
    expected = CODECS[name].decode_tensors(heatmaps)
    monkeypatch.setattr(tensor_decoding, '_where_unsure', lambda unsure: slice(None))
    monkeypatch.setattr(tensor_decoding, '_MAPS_AT_ONCE', 4)
    torch.testing.assert_close(CODECS[name].decode_tensors(heatmaps), expected, atol=1e-4, rtol=0)


def test_blur():
    heatmaps = torch.rand(2, 3, 12, 9, generator=torch.Generator().manual_seed(0)) - 0.2
    expected = gaussian_blur(heatmaps.numpy(), 5)
    np.testing.assert_allclose(tensor_decoding.gaussian_blur(heatmaps, 5), expected, atol=1e-6)


def test_wrong_layouts_are_refused():
    with pytest.raises(ValueError, match=r'batch_encoded has shape \(5, 24, 16\); expected \(B, K'):
        CODECS['plain'].decode_tensors(torch.zeros(5, 24, 16))
    with pytest.raises(ValueError, match='has 5 maps per sample; expected a multiple of 3'):
        CODECS['combined'].decode_tensors(torch.zeros(1, 5, 24, 16))
