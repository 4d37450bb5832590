import math
import sys
from itertools import product

import pytest
import torch
from torch.nn.functional import conv2d

from mmpose.models.utils.deformable import (
    DeformConv2d,
    MultiScaleDeformableAttention,
    sample_levels,
)

SHAPES = [(4, 5), (2, 3)]
CELLS = 26


def offsets_like(conv_output, groups=1, places=9, yx=(0.0, 0.0)):
    B, _, H, W = conv_output.shape
    offset = torch.tensor(yx).repeat(groups * places).view(1, -1, 1, 1)
    return offset.expand(B, -1, H, W)


class TestDeformConv2d:
    @pytest.fixture(autouse=True)
    def torchvision(self):
        # one built for another PyTorch fails in ways of its own
        try:
            import torchvision.ops  # noqa: F401
        except Exception:
            pytest.skip('torchvision cannot be imported')

    @pytest.mark.parametrize(
        'kwargs',
        [dict(), dict(stride=2, padding=1), dict(padding=3, dilation=3), dict(groups=2, padding=1)],
    )
    def test_without_offsets_it_is_a_convolution(self, kwargs):
        torch.manual_seed(0)
        conv = DeformConv2d(4, 6, 3, **kwargs)
        x = torch.randn(2, 4, 8, 7)
        wanted = conv2d(x, conv.weight, **kwargs)
        torch.testing.assert_close(conv(x, offsets_like(wanted)), wanted)

    def test_each_group_has_offsets_of_its_own(self):
        conv = DeformConv2d(2, 2, 3, padding=1, deform_groups=2)
        torch.nn.init.dirac_(conv.weight)
        x = torch.arange(24.0).view(1, 2, 3, 4)
        down = offsets_like(x, yx=(1.0, 0.0))
        half_right = offsets_like(x, yx=(0.0, 0.5))
        out = conv(x, torch.cat([down, half_right], dim=1))
        assert out[0, 0].tolist() == [[4, 5, 6, 7], [8, 9, 10, 11], [0, 0, 0, 0]]
        # between two cells; beyond the map there are zeros
        assert out[0, 1, 0].tolist() == [12.5, 13.5, 14.5, 7.5]

    def test_half_precision_goes_through_single(self):
        torch.manual_seed(0)
        conv = DeformConv2d(2, 2, 3, padding=1).bfloat16()
        x = torch.randn(1, 2, 4, 4).bfloat16()
        offset = offsets_like(x, yx=(0.25, -0.5)).bfloat16()
        out = conv(x, offset)
        assert out.dtype == torch.bfloat16
        wanted = conv.float()(x.float(), offset.float())
        torch.testing.assert_close(out.float(), wanted, rtol=1e-2, atol=1e-2)

    def test_gradients(self):
        conv = DeformConv2d(2, 2, 3, padding=1).double()
        x = torch.randn(1, 2, 3, 3, dtype=torch.float64, requires_grad=True)
        offset = torch.rand(1, 18, 3, 3, dtype=torch.float64) * 0.8 + 0.1  # off the cells
        assert torch.autograd.gradcheck(conv, (x, offset.requires_grad_()), fast_mode=True)

    def test_parameters_of_the_published_weights(self):
        conv = DeformConv2d(17, 17, 3, deform_groups=17)
        assert {n: tuple(p.shape) for n, p in conv.named_parameters()} == {'weight': (17, 17, 3, 3)}

    def test_errors(self, monkeypatch):
        with pytest.raises(
            ValueError, match='deform_groups of DeformConv2d is 3, which cannot sha'
        ):
            DeformConv2d(4, 6, 3, deform_groups=3)
        monkeypatch.setitem(sys.modules, 'torchvision.ops', None)
        with pytest.raises(ImportError, match='pip install torchvision'):
            DeformConv2d(1, 1, 1)(torch.zeros(1, 1, 2, 2), torch.zeros(1, 2, 2, 2))


def value_at(level, x, y):
    """The value of a map (h, w, C) between cells, zero beyond it, by its four neighbours."""
    h, w, C = level.shape
    total = torch.zeros(C, dtype=level.dtype)
    for row in (math.floor(y), math.floor(y) + 1):
        for column in (math.floor(x), math.floor(x) + 1):
            if 0 <= row < h and 0 <= column < w:
                total += (1 - abs(y - row)) * (1 - abs(x - column)) * level[row, column]
    return total


def naive_sample(values, shapes, locations, weights):
    B, N, heads, L, P, _ = locations.shape
    out = torch.zeros(B, N, heads, values.shape[-1], dtype=values.dtype)
    parts = values.split([h * w for h, w in shapes], dim=1)
    levels = [part.unflatten(1, shape) for part, shape in zip(parts, shapes, strict=True)]
    for b, n, k, i, p in product(*map(range, (B, N, heads, L, P))):
        x, y = locations[b, n, k, i, p].tolist()
        h, w = shapes[i]
        value = value_at(levels[i][b, :, :, k], x * w - 0.5, y * h - 0.5)
        out[b, n, k] += weights[b, n, k, i, p] * value
    return out.flatten(2)


def places(seed=0, dtype=torch.float64, heads=2, channels=3):
    torch.manual_seed(seed)
    values = torch.randn(2, CELLS, heads, channels, dtype=dtype)
    locations = torch.rand(2, 4, heads, 2, 3, 2, dtype=dtype) * 1.4 - 0.2  # some beyond the maps
    weights = torch.rand(2, 4, heads, 2, 3, dtype=dtype)
    return values, locations, weights


class TestSampleLevels:
    def test_equals_the_sum_over_four_neighbours(self):
        values, locations, weights = places()
        torch.testing.assert_close(
            sample_levels(values, SHAPES, locations, weights),
            naive_sample(values, SHAPES, locations, weights),
        )

    def test_gradients(self):
        values, locations, weights = (x.requires_grad_() for x in places())
        assert torch.autograd.gradcheck(
            lambda *x: sample_levels(x[0], SHAPES, *x[1:]), (values, locations, weights)
        )


def attention(**kwargs):
    kwargs = dict(embed_dims=8, num_heads=2, num_levels=2, num_points=3, dropout=0.0) | kwargs
    torch.manual_seed(0)
    module = MultiScaleDeformableAttention(batch_first=True, **kwargs)
    for layer in (module.sampling_offsets, module.attention_weights):
        torch.nn.init.normal_(layer.weight)
    return module


def inputs(sides=2, dtype=torch.float32):
    torch.manual_seed(1)
    return dict(
        query=torch.randn(2, 4, 8, dtype=dtype),
        value=torch.randn(2, CELLS, 8, dtype=dtype),
        query_pos=torch.randn(2, 4, 8, dtype=dtype),
        reference_points=torch.rand(2, 4, 2, sides, dtype=dtype),
        spatial_shapes=SHAPES,
    )


class TestMultiScaleDeformableAttention:
    def test_parameters_of_the_published_weights(self):
        shapes = {n: list(p.shape) for n, p in MultiScaleDeformableAttention().named_parameters()}
        assert shapes == {
            'sampling_offsets.weight': [256, 256],  # 8 heads, 4 levels, 4 points, 2
            'sampling_offsets.bias': [256],
            'attention_weights.weight': [128, 256],
            'attention_weights.bias': [128],
            'value_proj.weight': [256, 256],
            'value_proj.bias': [256],
            'output_proj.weight': [256, 256],
            'output_proj.bias': [256],
        }

    @pytest.mark.parametrize('sides', [2, 4], ids=['points', 'boxes'])
    def test_equals_its_definition(self, sides):
        module = attention().double()
        x = inputs(sides, torch.float64)
        query = x['query'] + x['query_pos']
        offsets = module.sampling_offsets(query).view(2, 4, 2, 2, 3, 2)
        weights = module.attention_weights(query).view(2, 4, 2, 6).softmax(-1).view(2, 4, 2, 2, 3)
        references = x['reference_points'].view(2, 4, 1, 2, 1, sides)
        if sides == 2:
            cells = torch.tensor([[5.0, 4.0], [3.0, 2.0]]).view(2, 1, 2)  # (w, h) of each map
            locations = references + offsets / cells
        else:
            locations = references[..., :2] + offsets / 3 * references[..., 2:] / 2
        values = module.value_proj(x['value']).view(2, CELLS, 2, 4)
        sampled = naive_sample(values, SHAPES, locations, weights)
        torch.testing.assert_close(module(**x), module.output_proj(sampled) + x['query'])

    def test_gradients(self):
        module = attention().double()
        x = inputs(dtype=torch.float64)
        names = ('query', 'value', 'reference_points')

        def run(*tensors):
            return module(**dict(x, **dict(zip(names, tensors, strict=True))))

        assert torch.autograd.gradcheck(
            run, tuple(x[n].requires_grad_() for n in names), fast_mode=True
        )
        run(*(x[n] for n in names)).sum().backward()
        assert [n for n, p in module.named_parameters() if p.grad is None] == []

    def test_heads_start_in_directions_of_their_own(self):
        module = MultiScaleDeformableAttention(64, num_heads=8, num_levels=1, num_points=2)
        steps = module.sampling_offsets.bias.view(8, 2, 2)
        right, right_down = [[1, 0], [2, 0]], [[1, 1], [2, 2]]
        torch.testing.assert_close(steps[:2], torch.tensor([right, right_down], dtype=torch.float))
        torch.testing.assert_close(steps[4:], -steps[:4])
        assert not module.sampling_offsets.weight.any()
        assert not module.attention_weights.weight.any()

    def test_values_default_to_queries_and_identity_is_added(self):
        module = attention(num_levels=1)
        x = torch.randn(1, 6, 8)
        where = dict(reference_points=torch.rand(1, 6, 1, 2), spatial_shapes=[(2, 3)])
        plain = module(x, **where)
        torch.testing.assert_close(module(x, value=x, identity=x, **where), plain)
        torch.testing.assert_close(module(x, identity=torch.zeros(()), **where), plain - x)

    def test_cells_beyond_the_picture_do_not_count(self):
        module, x = attention(), inputs()
        mask = torch.zeros(2, CELLS, dtype=torch.bool)
        mask[1, 3:9] = True
        other = x['value'].clone()
        other[mask] = 1e6
        masked = module(**x, key_padding_mask=mask)
        torch.testing.assert_close(module(**dict(x, value=other), key_padding_mask=mask), masked)
        assert not torch.allclose(module(**x), masked)

    def test_sequence_first(self):
        module, x = attention(), inputs()
        wanted = module(**x)
        module.batch_first = False
        turned = {n: x[n].transpose(0, 1) for n in ('query', 'value', 'query_pos')}
        torch.testing.assert_close(module(**dict(x, **turned)), wanted.transpose(0, 1))

    def test_shapes_may_be_a_tensor(self):
        module, x = attention(), inputs()
        shapes, starts = torch.tensor(SHAPES), torch.tensor([0, 20])
        out = module(**dict(x, spatial_shapes=shapes), level_start_index=starts)
        assert torch.equal(out, module(**x))

    def test_half_precision(self):
        module, x = attention(), inputs()
        wanted = module(**x)
        with torch.autocast('cpu', torch.bfloat16):
            out = module(**x)
        torch.testing.assert_close(out, wanted, rtol=0.1, atol=0.1)
        halves = {n: v.bfloat16() if isinstance(v, torch.Tensor) else v for n, v in x.items()}
        out = module.bfloat16()(**halves)
        assert out.dtype == torch.bfloat16
        torch.testing.assert_close(out.float(), wanted, rtol=0.1, atol=0.1)

    def test_exports_without_reading_values(self):
        module, x = attention().eval(), inputs()
        exported = torch.export.export(module, (), x).module()
        torch.testing.assert_close(exported(**x), module(**x))

    def test_errors(self):
        module, x = attention(), inputs()
        with pytest.raises(ValueError, match=r'is \[\(4, 5\), \(2, 2\)\], 24 cells; it must descr'):
            module(**dict(x, spatial_shapes=[(4, 5), (2, 2)]))
        with pytest.raises(ValueError, match=r'must describe 2 maps with the 26 cells'):
            module(**dict(x, spatial_shapes=[(2, 13)]))
        with pytest.raises(ValueError, match=r'shape \(2, 4, 2, 3\); give points \(B, N, 2, 2\)'):
            module(**dict(x, reference_points=torch.rand(2, 4, 2, 3)))
        with pytest.raises(ValueError, match='4 heads cannot share'):
            MultiScaleDeformableAttention(10, 4)
