from types import SimpleNamespace

import numpy as np
import pytest
import torch

from mmpose.models.heads import BaseHead, base_head
from mmpose.structures import PoseDataSample


class Identity(BaseHead):
    """A head whose outputs are its features."""

    def __init__(self, decoder=None):
        super().__init__()
        self.decoder = decoder

    def forward(self, feats):
        return feats


class Mirrored(Identity):
    def flip_back(self, outputs, metainfo, test_cfg):
        return outputs[:, metainfo['flip_indices']]


def decode_one(*outputs):
    """Keypoints (1, K, 1) that are the outputs, and scores of 1."""
    values = np.concatenate(outputs)
    return values.reshape(1, -1, 1), np.ones((1, values.size))


def decode_batch(outputs):
    return map(list, zip(*map(decode_one, outputs.numpy()), strict=True))


ONE = SimpleNamespace(support_batch_decoding=False, decode=decode_one)
BATCH = SimpleNamespace(support_batch_decoding=True, batch_decode=decode_batch)


@pytest.mark.parametrize('decoder', [ONE, BATCH], ids=['one', 'batch'])
def test_decode(decoder):
    preds = Identity(decoder).decode(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert [p.keypoints.tolist() for p in preds] == [[[[1], [2]]], [[[3], [4]]]]
    assert preds[0].keypoint_scores.tolist() == [[1, 1]]
    assert 'keypoints_visible' not in preds[0]


def test_decode_passes_tuples_on_sample_by_sample():
    x, y = torch.tensor([[1.0], [2.0]]), torch.tensor([[3.0], [4.0]])
    decoder = SimpleNamespace(
        support_batch_decoding=False,
        decode=lambda a, b: (np.stack([a[0], b[0]], axis=-1)[None], np.ones((1, 1))),
    )
    preds = Identity(decoder).decode((x, y))
    assert [p.keypoints.tolist() for p in preds] == [[[[1, 3]]], [[[2, 4]]]]


def test_decoders_may_return_visibility_beside_the_scores():
    one = SimpleNamespace(
        support_batch_decoding=False,
        decode=lambda x: (x.reshape(1, -1, 1), (np.ones((1, 1)), np.zeros((1, 1)))),
    )
    batch = SimpleNamespace(
        support_batch_decoding=True,
        batch_decode=lambda x: (np.ones((2, 1, 1, 1)), (np.ones((2, 1, 1)), np.zeros((2, 1, 1)))),
    )
    for decoder in (one, batch):
        for pred in Identity(decoder).decode(torch.ones(2, 1)):
            assert pred.keypoint_scores.tolist() == [[1]]
            assert pred.keypoints_visible.tolist() == [[0]]


def test_outputs_on_a_gpu_are_decoded_there(monkeypatch):
    monkeypatch.setattr(base_head, '_are_on_gpu', lambda outputs: len(outputs) == 2)
    decoder = SimpleNamespace(
        support_tensor_decoding=True,
        decode_tensors=lambda x, y: (x[:, None, :, None], y[:, None], y[:, None] + 1),
    )
    preds = Identity(decoder).decode((torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 4.0]])))
    assert len(preds) == 1
    assert preds[0].keypoints.tolist() == [[[1], [2]]]
    assert preds[0].keypoint_scores.tolist() == [[3, 4]]
    assert preds[0].keypoints_visible.tolist() == [[4, 5]]
    assert isinstance(preds[0].keypoints, np.ndarray)


def test_outputs_on_a_gpu_are_copied_for_decoders_of_arrays(monkeypatch):
    monkeypatch.setattr(base_head, '_are_on_gpu', lambda outputs: True)
    decoder = SimpleNamespace(support_tensor_decoding=False, **vars(ONE))
    preds = Identity(decoder).decode(torch.tensor([[1.0, 2.0]]))
    assert preds[0].keypoints.tolist() == [[[1], [2]]]


def test_flip_test_averages_plain_and_mirrored_outputs():
    samples = [PoseDataSample(metainfo=dict(flip_indices=[1, 0]))]
    feats = [torch.tensor([[1.0, 2.0]]), torch.tensor([[3.0, 5.0]])]
    (pred,) = Mirrored(ONE).predict(feats, samples, dict(flip_test=True))
    assert pred.keypoints.ravel().tolist() == [3, 2.5]  # (1 + 5) / 2, (2 + 3) / 2


def test_prediction_starts_from_the_final_outputs():
    class Last(Mirrored):
        def final_outputs(self, feats, test_cfg):
            return self(feats)[-1]

    samples = [PoseDataSample(metainfo=dict(flip_indices=[1, 0]))]
    first, last = torch.zeros(1, 2), torch.tensor([[1.0, 2.0]])
    (pred,) = Last(ONE).predict([first, last], samples)
    assert pred.keypoints.ravel().tolist() == [1, 2]
    feats = [[first, last], [first, last + 2]]
    (pred,) = Last(ONE).predict(feats, samples, dict(flip_test=True))
    assert pred.keypoints.ravel().tolist() == [2.5, 2.5]  # (1 + 4) / 2, (2 + 3) / 2


def test_further_values_of_a_decoder_are_passed_on():
    outputs = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    three = SimpleNamespace(
        support_batch_decoding=True, batch_decode=lambda x: (x[:, None], x * 2, x.sum(1))
    )
    values = list(Identity(three).decoded_values(outputs))
    assert [tuple(v.tolist() for v in sample) for sample in values] == [
        ([[1, 2]], [2, 4], 3),
        ([[3, 4]], [6, 8], 7),
    ]


def test_errors():
    samples = [PoseDataSample()]
    with pytest.raises(RuntimeError, match='Identity has no decoder to turn its outputs into keyp'):
        Identity().predict(torch.ones(1, 2), samples)
    with pytest.raises(KeyError, match='flip_test needs `flip_indices` in the samples; add it to'):
        Mirrored(ONE).predict([torch.ones(1, 2)] * 2, samples, dict(flip_test=True))
    samples[0].set_metainfo(dict(flip_indices=[0, 1]))
    others = [PoseDataSample(metainfo=dict(flip_indices=x)) for x in ([1, 0], [0, 1, 2])]
    with pytest.raises(ValueError, match='its samples have 3 different flip_indices for 2 and 3 k'):
        Mirrored(ONE).predict([torch.ones(3, 2)] * 2, samples + others, dict(flip_test=True))
    with pytest.raises(NotImplementedError, match='Identity cannot average over mirror images'):
        Identity(ONE).predict([torch.ones(1, 2)] * 2, samples, dict(flip_test=True))
    with pytest.raises(NotImplementedError, match='predicts no heatmaps; set `output_heatmaps=Fal'):
        Identity(ONE).predict(torch.ones(1, 2), samples, dict(output_heatmaps=True))
