import pytest
import torch
from torch import nn

from mmpose.models.heads.transformer_heads.transformers import (
    DeformableDetrTransformerDecoder,
    DeformableDetrTransformerDecoderLayer,
    DeformableDetrTransformerEncoder,
    DeformableDetrTransformerEncoderLayer,
)
from mmpose.models.heads.transformer_heads.transformers.deformable_detr_layers import (
    cell_centers,
    scale_references,
)

SHAPES = [(2, 4), (1, 2)]
CELLS = 10
DEFORMABLE = dict(embed_dims=8, num_heads=2, num_levels=2, num_points=2)
FFN_CFG = dict(embed_dims=8, feedforward_channels=16)


def make_encoder():
    torch.manual_seed(0)
    return DeformableDetrTransformerEncoder(
        2, dict(self_attn_cfg=DEFORMABLE, ffn_cfg=FFN_CFG)
    ).eval()


def make_decoder(**kwargs):
    torch.manual_seed(0)
    layer = dict(
        self_attn_cfg=dict(embed_dims=8, num_heads=2), cross_attn_cfg=DEFORMABLE, ffn_cfg=FFN_CFG
    )
    return DeformableDetrTransformerDecoder(2, layer, **kwargs).eval()


def test_cell_centers():
    expected = [[0.25, 0.5], [0.75, 0.5]]
    assert cell_centers((1, 2), 'cpu').tolist() == expected
    assert cell_centers((2, 1), 'cpu').tolist() == [[0.5, 0.25], [0.5, 0.75]]


def test_reference_points_of_a_padded_map():
    # the picture fills half of the width
    ratios = torch.tensor([[[0.5, 1.0], [0.5, 1.0]]])
    points = DeformableDetrTransformerEncoder.get_encoder_reference_points(SHAPES, ratios, 'cpu')
    assert tuple(points.shape) == (1, CELLS, 2, 2)
    # the first cell of the first map: 0.125 / 0.5 of the picture, and so 0.125 of the second map
    torch.testing.assert_close(points[0, 0], torch.tensor([[0.125, 0.25], [0.125, 0.25]]))
    torch.testing.assert_close(points[0, -1], torch.tensor([[0.75, 0.5], [0.75, 0.5]]))


def test_scaled_boxes():
    boxes = torch.tensor([[[0.5, 0.5, 0.2, 0.4]]])
    ratios = torch.tensor([[[1.0, 1.0], [0.5, 0.25]]])
    expected = torch.tensor([[0.5, 0.5, 0.2, 0.4], [0.25, 0.125, 0.1, 0.1]])
    torch.testing.assert_close(scale_references(boxes, ratios)[0, 0], expected)


def padded(cells):
    """Cells of the maps (B, 2, 2) and (B, 1, 1), within those of ``SHAPES``."""
    out = torch.full((len(cells), CELLS, 8), 7.0)
    out[:, [0, 1, 4, 5, 8]] = cells
    return out


MASK = torch.tensor([[False, False, True, True, False, False, True, True, False, True]])
HALF = torch.tensor([[[0.5, 1.0], [0.5, 1.0]]])


def test_encoder_does_not_read_padding():
    encoder = make_encoder()
    cells, pos = torch.randn(2, 1, 5, 8)
    with torch.no_grad():
        alone = encoder(cells, pos, None, [(2, 2), (1, 1)], [0, 4], torch.ones(1, 2, 2))
        out = encoder(padded(cells), padded(pos), MASK, SHAPES, [0, 8], HALF)
    torch.testing.assert_close(out[:, ~MASK[0]], alone)


@pytest.mark.parametrize('dims', [2, 4], ids=['points', 'boxes'])
def test_decoder_does_not_read_padding(dims):
    decoder = make_decoder()
    cells, query, pos = torch.randn(1, 5, 8), torch.randn(1, 3, 8), torch.randn(1, 3, 8)
    references = torch.rand(1, 3, dims)
    with torch.no_grad():
        alone = decoder(
            query, pos, cells, None, references, [(2, 2), (1, 1)], None, torch.ones(1, 2, 2)
        )
        out = decoder(query, pos, padded(cells), MASK, references, SHAPES, None, HALF)
    torch.testing.assert_close(out, alone)
    queries, unchanged = alone
    assert tuple(queries.shape) == (2, 1, 3, 8)
    torch.testing.assert_close(unchanged, references.expand(2, -1, -1, -1))


class Step(nn.Module):
    """The same step for all queries."""

    def __init__(self, *step):
        super().__init__()
        self.step = nn.Parameter(torch.tensor(step))

    def forward(self, query):
        return self.step.expand(*query.shape[:2], -1)


def test_references_are_refined_layer_by_layer():
    cells, query = torch.randn(1, CELLS, 8), torch.randn(1, 1, 8)
    ones = torch.ones(1, 2, 2)
    steps = [Step(1.0, 0.0), Step(1.0, -1.0)]
    args = (query, None, cells, None, torch.full((1, 1, 2), 0.5), SHAPES, None, ones)
    _, references = make_decoder()(*args, reg_branches=steps)
    # from the logit 0: x by 1 and 1 again, y by 0 and -1
    logits = torch.tensor([[1.0, 0.0], [2.0, -1.0]])
    torch.testing.assert_close(references[:, 0, 0], logits.sigmoid())
    assert not references.requires_grad

    steps = [Step(0.0, 0.0, 1.0, 0.0), Step(0.0, 0.0, 1.0, 0.0)]
    _, boxes = make_decoder(return_intermediate=False)(*args, reg_branches=steps)
    torch.testing.assert_close(boxes[0, 0], torch.tensor([0.0, 0.0, 2.0, 0.0]).sigmoid())


def test_published_names():
    deformable = ('sampling_offsets', 'attention_weights', 'value_proj', 'output_proj')
    encoder, decoder = make_encoder(), make_decoder(post_norm_cfg=None)
    linear = [f'self_attn.{n}' for n in deformable] + ['norms.0', 'norms.1']
    linear += ['ffn.layers.0.0', 'ffn.layers.1']
    names = {f'layers.{i}.{p}.{n}' for i in (0, 1) for p in linear for n in ('weight', 'bias')}
    assert set(encoder.state_dict()) == names
    assert {f'layers.1.cross_attn.{n}.weight' for n in deformable} <= set(decoder.state_dict())
    assert 'layers.1.self_attn.attn.in_proj_weight' in decoder.state_dict()
    with torch.device('meta'):
        assert DeformableDetrTransformerEncoderLayer().self_attn.num_levels == 4
        assert DeformableDetrTransformerDecoderLayer().cross_attn.batch_first
