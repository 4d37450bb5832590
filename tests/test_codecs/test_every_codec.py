import inspect

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import mmpose.codecs
from mmpose.registry import KEYPOINT_CODECS

K = 3
IMAGE = dict(input_size=(48, 64))
HEATMAP = dict(IMAGE, heatmap_size=(12, 16))
CAMERA = dict(w=48, h=64, f=np.array([50.0, 50.0]), c=np.array([24.0, 32.0]))
LIFTING = dict(num_keypoints=K, root_index=1)

CONFIGS = {
    'msra': dict(HEATMAP, type='MSRAHeatmap', sigma=1.5),
    'msra-unbiased': dict(HEATMAP, type='MSRAHeatmap', sigma=2, unbiased=True),
    'udp': dict(HEATMAP, type='UDPHeatmap'),
    'udp-combined': dict(HEATMAP, type='UDPHeatmap', heatmap_type='combined'),
    'megvii': dict(HEATMAP, type='MegviiHeatmap', kernel_size=5),
    'simcc': dict(IMAGE, type='SimCCLabel', sigma=(4.9, 5.66)),
    'simcc-standard': dict(IMAGE, type='SimCCLabel', smoothing_type='standard'),
    'regression': dict(IMAGE, type='RegressionLabel'),
    'integral': dict(HEATMAP, type='IntegralRegressionLabel', sigma=2),
    'ae': dict(HEATMAP, type='AssociativeEmbedding', sigma=1),
    'ae-udp': dict(HEATMAP, type='AssociativeEmbedding', sigma=1, use_udp=True),
    'spr': dict(HEATMAP, type='SPR', sigma=(2, 1), generate_keypoint_heatmaps=True),
    'decoupled': dict(HEATMAP, type='DecoupledHeatmap'),
    'yolox': dict(type='YOLOXPoseAnnotationProcessor', expand_bbox=True),
    'edpose': dict(type='EDPoseLabel', num_keypoints=K),
    'image-lifting': dict(LIFTING, type='ImagePoseLifting'),
    'image-lifting-plain': dict(LIFTING, type='ImagePoseLifting', reshape_keypoints=False),
    'video-lifting': dict(LIFTING, type='VideoPoseLifting', normalize_camera=True),
    'motionbert': dict(LIFTING, type='MotionBERTLabel'),
    'hand': dict(type='Hand3DHeatmap', image_size=(48, 64), heatmap_size=(12, 16, 8), sigma=1),
}


def test_each_registered_codec_is_here():
    own = {n for n, c in KEYPOINT_CODECS.module_dict.items() if c.__module__.startswith('mmpose.')}
    assert {config['type'] for config in CONFIGS.values()} >= own & set(mmpose.codecs.__all__)


def arguments(codec, keypoints, visible):
    """What ``encode`` takes, by name: the keypoints, and what else the codec asks for."""
    N = len(keypoints)
    boxes = np.float32([[5, 6, 40, 50]] * N).reshape(N, 4)
    values = dict(
        keypoints=keypoints if 'focal' in codec.auxiliary_encode_keys else keypoints[..., :2],
        keypoints_visible=visible,
        bbox=boxes,
        bboxes=boxes,
        area=np.ones(N, np.float32),
        category_id=np.ones(N, int),
        img_shape=(64, 48),
        lifting_target=keypoints + np.float32([0, 0, 500]),
        lifting_target_visible=visible,
        camera_param=dict(CAMERA),
        factor=np.full(N, 2, np.float32),
        rel_root_depth=np.ones(N, np.float32),
        rel_root_valid=np.ones(N, np.float32),
        hand_type=np.ones((N, 2), np.float32),
        hand_type_valid=np.ones(N, np.float32),
    )
    names = inspect.signature(codec.encode).parameters
    return {name: value for name, value in values.items() if name in names}


def arrays_of(values):
    nested = [v.values() if isinstance(v, dict) else [v] for v in values.values()]
    return [v for inner in nested for v in inner if isinstance(v, np.ndarray)]


@st.composite
def people(draw):
    N = draw(st.integers(0, 3))
    coordinates = st.floats(-70, 130, width=32) | st.sampled_from([0, 47, 48, 63, 64, np.nan])
    keypoints = draw(arrays(np.float32, (N, K, 3), elements=coordinates))
    visible = draw(arrays(np.float32, (N, K), elements=st.sampled_from([0, 0.4, 0.6, 1, 2])))
    return keypoints, visible


@pytest.mark.parametrize('config', CONFIGS.values(), ids=CONFIGS)
@given(sample=people())
@example(sample=(np.zeros((0, K, 3), np.float32), np.zeros((0, K), np.float32)))
@example(sample=(np.full((2, K, 3), 20, np.float32), np.zeros((2, K), np.float32)))
@example(sample=(np.full((1, K, 3), np.nan, np.float32), np.ones((1, K), np.float32)))
@settings(deadline=None, max_examples=15)
def test_targets_are_numbers_of_their_own(config, sample):
    codec = KEYPOINT_CODECS.build(dict(config))
    inputs = arguments(codec, *sample)
    before = [v.copy() for v in arrays_of(inputs)]
    encoded = codec.encode(**inputs)
    for value, original in zip(arrays_of(inputs), before, strict=True):
        np.testing.assert_array_equal(value, original)
    encoded.pop('camera_param', None)
    for name, target in encoded.items():
        assert np.isfinite(target).all(), name
        assert getattr(target, 'dtype', None) != np.float64, name
        assert not any(np.shares_memory(target, v) for v in arrays_of(inputs)), name
    for target in arrays_of(encoded):
        target += 1  # neither a cache nor the same array under two names
    again = codec.encode(**inputs)
    for name, target in encoded.items():
        if isinstance(target, np.ndarray) and config['type'] != 'DecoupledHeatmap':
            np.testing.assert_allclose(target, again[name] + 1, atol=1e-5, err_msg=name)
