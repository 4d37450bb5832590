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


def test_codec_without_decode_cannot_be_made():
    class Half(BaseKeypointCodec):
        def encode(self, keypoints, keypoints_visible=None):
            return {}

    with pytest.raises(TypeError, match='decode'):
        Half()
