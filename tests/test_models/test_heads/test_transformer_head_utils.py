import math

import pytest
import torch
from torch import nn
from torch.nn.functional import relu

from mmpose.models.heads import BaseHead, TransformerHead
from mmpose.models.heads.transformer_heads.transformers import FFN, PositionEmbeddingSineHW
from mmpose.models.heads.transformer_heads.transformers.utils import refine, sine_embedding


def test_ffn():
    torch.manual_seed(0)
    ffn = FFN(3, 5, 2, num_layers=3)
    x = torch.randn(4, 3)
    first, second, last = ffn.layers
    torch.testing.assert_close(ffn(x), last(relu(second(relu(first(x))))))
    shapes = [tuple(layer.weight.shape) for layer in ffn.layers]
    assert shapes == [(5, 3), (5, 5), (2, 5)]
    assert set(FFN(3, 5, 2, 1).state_dict()) == {'layers.0.weight', 'layers.0.bias'}


def test_sine_embedding():
    out = sine_embedding(torch.tensor([0.3]), num_feats=4, temperature=100)
    # frequencies 1 and 100 ** -0.5
    expected = [math.sin(0.3), math.cos(0.3), math.sin(0.03), math.cos(0.03)]
    torch.testing.assert_close(out, torch.tensor([expected]))


class TestPositionEmbedding:
    def test_cells_are_counted_from_one(self):
        mask = torch.zeros(1, 2, 3, dtype=torch.bool)
        out = PositionEmbeddingSineHW(2, temperatureH=10, temperatureW=20)(mask)
        assert tuple(out.shape) == (1, 4, 2, 3)
        y, x = 2.0, 3.0
        expected = [math.sin(y), math.cos(y), math.sin(x), math.cos(x)]
        torch.testing.assert_close(out[0, :, 1, 2], torch.tensor(expected))

    def test_temperatures_are_those_of_the_sides(self):
        mask = torch.zeros(1, 1, 1, dtype=torch.bool)
        out = PositionEmbeddingSineHW(4, temperatureH=100, temperatureW=10000)(mask)[0, :, 0, 0]
        torch.testing.assert_close(out[2], torch.tensor(math.sin(0.1)))
        torch.testing.assert_close(out[6], torch.tensor(math.sin(0.01)))

    def test_normalised_positions_do_not_depend_on_padding(self):
        embed = PositionEmbeddingSineHW(2, normalize=True)
        mask = torch.ones(1, 4, 5, dtype=torch.bool)
        mask[:, :2, :3] = False
        out = embed(mask)
        assert out.isfinite().all()
        alone = embed(torch.zeros(1, 2, 3, dtype=torch.bool))
        torch.testing.assert_close(out[..., :2, :3], alone)
        # half the way down the picture
        angle = torch.tensor(2 * math.pi / 2)
        torch.testing.assert_close(alone[0, 1, 0, 0], angle.cos())
        quarter = PositionEmbeddingSineHW(2, normalize=True, scale=math.pi / 2)
        torch.testing.assert_close(quarter(mask)[0, 0, 0, 0], torch.tensor(math.sin(math.pi / 4)))

    def test_errors(self):
        with pytest.raises(ValueError, match='scale is 2, which only works with `normalize=True`'):
            PositionEmbeddingSineHW(scale=2)
        with pytest.raises(ValueError, match='num_pos_feats is 3; it must be even'):
            PositionEmbeddingSineHW(3)


def test_refine():
    # from 0.8 (odds 4) by log 2 to odds 8; to the right by a half to odds 1
    steps = torch.tensor([2.0, 0.25]).log()
    out = refine(torch.tensor([0.8, 0.8]), steps)
    torch.testing.assert_close(out, torch.tensor([8 / 9, 1 / 2]))
    # the ends are kept 0.001 away, so that a step back is possible
    ends = refine(torch.tensor([0.0, 1.0]), torch.zeros(2))
    torch.testing.assert_close(ends, torch.tensor([1 / 1001, 1000 / 1001]))


def test_refine_computes_in_single_precision():
    out = refine(torch.tensor([0.7]), torch.tensor([0.0], dtype=torch.bfloat16))
    assert out.dtype == torch.float32
    torch.testing.assert_close(out, torch.tensor([0.7]))


class Head(TransformerHead):
    def forward_encoder(self, feats, samples):
        return dict(memory=feats[0] + 1, samples_seen=samples)

    def forward_decoder(self, memory, samples_seen):
        return dict(query=memory * 2, seen=samples_seen)

    def forward_out_head(self, samples, query, seen):
        return query, samples, seen

    def predict(self, feats, batch_data_samples, test_cfg={}):
        return []

    def loss(self, feats, batch_data_samples, train_cfg={}):
        return {}


class TestTransformerHead:
    def test_each_step_passes_its_results_on(self):
        out = Head()((torch.tensor(3.0),), 'samples')
        assert out == (torch.tensor(8.0), 'samples', 'samples')
        assert Head()((torch.tensor(3.0),))[1] is None

    def test_it_keeps_the_configs(self):
        cfg = dict(num_layers=2)
        head = Head(encoder=cfg, num_queries=7, loss=dict(type='L1Loss'))
        head.encoder_cfg['num_layers'] = 3
        assert cfg == dict(num_layers=2)
        assert (head.num_queries, head.decoder_cfg) == (7, {})
        assert isinstance(head.loss_module, nn.Module)
        with pytest.raises(ValueError, match='num_queries is 0; there must be at least one'):
            Head(num_queries=0)

    def test_it_is_a_base(self):
        assert issubclass(TransformerHead, BaseHead)
        with pytest.raises(TypeError, match='abstract'):
            TransformerHead()

    def test_valid_ratio(self):
        mask = torch.ones(2, 4, 5, dtype=torch.bool)
        mask[0, :3, :1] = mask[1] = False
        expected = torch.tensor([[0.2, 0.75], [1.0, 1.0]])
        torch.testing.assert_close(TransformerHead.get_valid_ratio(mask), expected)
