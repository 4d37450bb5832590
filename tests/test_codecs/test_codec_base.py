import numpy as np
import pytest

from mmpose.codecs import BaseKeypointCodec, MSRAHeatmap


class Identity(BaseKeypointCodec):
    def encode(self, keypoints, keypoints_visible=None):
        return dict(keypoint_labels=keypoints)

    def decode(self, encoded):
        return encoded, np.ones(encoded.shape[:2])


def test_batch_decoding_is_off_until_it_is_written():
    assert not Identity().support_batch_decoding
    assert MSRAHeatmap((8, 8), (4, 4), sigma=1).support_batch_decoding
    with pytest.raises(NotImplementedError, match='Identity decodes one sample at a time'):
        Identity().batch_decode(np.zeros((2, 1, 3, 2)))


def test_tensor_decoding_is_off_until_it_is_written():
    assert not Identity().support_tensor_decoding
    assert MSRAHeatmap((8, 8), (4, 4), sigma=1).support_tensor_decoding
    with pytest.raises(NotImplementedError, match='Identity decodes arrays; call `batch_decode`'):
        Identity().decode_tensors(np.zeros((2, 1, 3, 2)))


@pytest.mark.parametrize(
    ('overridden', 'supported'),
    [
        (('encode',), True),
        (('decode',), False),
        (('batch_decode',), False),
        (('batch_decode', 'decode_tensors'), True),
    ],
)
def test_inherited_tensor_decoding_does_not_outlive_another_decoding(overridden, supported):
    own = type('Own', (MSRAHeatmap,), {name: lambda self, *args: None for name in overridden})
    assert own((8, 8), (4, 4), sigma=1).support_tensor_decoding == supported


@pytest.mark.parametrize(
    ('overridden', 'supported'),
    [
        (('encode',), True),
        (('decode',), False),
        (('batch_decode',), True),
        (('decode', 'batch_decode'), True),
    ],
)
def test_inherited_batch_decoding_does_not_outlive_another_decode(overridden, supported):
    own = type('Own', (MSRAHeatmap,), {name: lambda self, *args: None for name in overridden})
    assert own((8, 8), (4, 4), sigma=1).support_batch_decoding == supported


def test_codec_without_decode_cannot_be_made():
    class Half(BaseKeypointCodec):
        def encode(self, keypoints, keypoints_visible=None):
            return {}

    with pytest.raises(TypeError, match='decode'):
        Half()
