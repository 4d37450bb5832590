import pytest
import torch
from torch import nn

from mmpose.models import YOLOXPAFPN, CSPNeXtPAFPN
from mmpose.models.necks.pafpn import aggregate_paths

MERGED = dict(in_channels=[8, 16, 32], num_csp_blocks=1)


def pyramid(*channels, side=8):
    torch.manual_seed(0)
    return tuple(torch.randn(2, c, side >> i, side * 2 >> i) for i, c in enumerate(channels))


def test_paths_by_hand():
    class Add(nn.Module):
        def __init__(self, amount):
            super().__init__()
            self.amount = amount

        def forward(self, x):
            return x.sum(1, keepdim=True) + self.amount

    maps = [torch.full((1, 1, 4 >> i, 4 >> i), 10.0**i) for i in range(3)]
    outputs = aggregate_paths(
        maps,
        reduce=[Add(0.1), Add(0.2)],
        upsample=nn.Upsample(scale_factor=2),
        join_down=[Add(0), Add(0)],
        downsample=[nn.AvgPool2d(2)] * 2,
        join_up=[Add(0), Add(0)],
    )
    # down: 100 -> 100.1; 100.1 + 10 = 110.1 -> 110.3; 110.3 + 1 = 111.3
    # up: 111.3; 111.3 + 110.3 = 221.6; 221.6 + 100.1 = 321.7
    values = [x.unique().tolist() for x in outputs]
    assert values == [[pytest.approx(v)] for v in (111.3, 221.6, 321.7)]
    assert [x.shape[-1] for x in outputs] == [4, 2, 1]
    assert maps[2].unique() == 100  # what comes in is left as it is


def test_yolox_maps():
    neck = YOLOXPAFPN(**MERGED, out_channels=6)
    maps = pyramid(8, 16, 32)
    assert [tuple(x.shape) for x in neck(maps)] == [(2, 6, 8, 16), (2, 6, 4, 8), (2, 6, 2, 4)]
    assert (neck.in_channels, neck.out_channels) == ([8, 16, 32], (6, 6, 6))
    assert neck.out_convs[2].conv.weight.shape == (6, 32, 1, 1)
    assert neck.top_down_blocks[0].blocks[0].conv1.conv.weight.shape == (8, 8, 1, 1)


def test_cspnext_maps():
    neck = CSPNeXtPAFPN(**MERGED, out_channels=6, out_indices=(2, 0))
    maps = pyramid(8, 16, 32)
    assert [tuple(x.shape) for x in neck(maps)] == [(2, 6, 2, 4), (2, 6, 8, 16)]
    assert neck.out_convs[2].conv.weight.shape == (6, 32, 3, 3)
    assert neck.top_down_blocks[0].blocks[0].conv2.depthwise_conv.conv.weight.shape == (8, 1, 5, 5)


def test_without_out_channels_the_maps_keep_theirs():
    neck = CSPNeXtPAFPN(**MERGED, out_channels=None, out_indices=(1, 2))
    assert neck.out_channels == (16, 32)
    assert tuple(x.shape[1] for x in neck(pyramid(8, 16, 32))) == (16, 32)
    assert not any(name.startswith('out_convs') for name in neck.state_dict())


@pytest.mark.parametrize('cls', [CSPNeXtPAFPN, YOLOXPAFPN])
def test_published_names(cls):
    with torch.device('meta'):
        neck = cls(**MERGED, out_channels=6)
    shapes = {
        name.removesuffix('.conv.weight'): tuple(value.shape)
        for name, value in neck.state_dict().items()
        if name.endswith('.conv.weight') and 'blocks' not in name.split('.')[2:]
    }
    size = 3 if cls is CSPNeXtPAFPN else 1
    # the blocks that end with 16 and with 8 channels, and those that end with 16 and with 32
    joins = {
        'top_down_blocks.0': (32, 16),
        'top_down_blocks.1': (16, 8),
        'bottom_up_blocks.0': (16, 16),
        'bottom_up_blocks.1': (32, 32),
    }
    expected = {
        'reduce_layers.0': (16, 32, 1, 1),
        'reduce_layers.1': (8, 16, 1, 1),
        'downsamples.0': (8, 8, 3, 3),
        'downsamples.1': (16, 16, 3, 3),
    }
    expected |= {f'out_convs.{i}': (6, c, size, size) for i, c in enumerate((8, 16, 32))}
    for name, (before, after) in joins.items():
        expected[f'{name}.main_conv'] = (after // 2, before, 1, 1)
        expected[f'{name}.short_conv'] = (after // 2, before, 1, 1)
        expected[f'{name}.final_conv'] = (after, after, 1, 1)
    assert shapes == expected


@pytest.mark.parametrize(
    ('cls', 'widen', 'blocks', 'out_channels', 'parameters'),
    [
        (YOLOXPAFPN, 0.375, 1, 96, 1661184),
        (YOLOXPAFPN, 0.5, 1, 128, 2950144),
        (YOLOXPAFPN, 0.75, 2, 192, 8938368),
        (YOLOXPAFPN, 1, 3, 256, 19983360),
        (CSPNeXtPAFPN, 0.75, 2, None, 8725824),
        (CSPNeXtPAFPN, 1, 2, None, 15484672),
        (CSPNeXtPAFPN, 1.25, 2, None, 24168640),
    ],
)
def test_published_sizes(cls, widen, blocks, out_channels, parameters):
    with torch.device('meta'):
        neck = cls([int(widen * c) for c in (256, 512, 1024)], out_channels, num_csp_blocks=blocks)
    assert sum(p.numel() for p in neck.parameters()) == parameters


@pytest.mark.parametrize('cls', [CSPNeXtPAFPN, YOLOXPAFPN])
@pytest.mark.parametrize('depthwise', [False, True])
def test_gradients_reach_every_parameter(cls, depthwise):
    neck = cls(**MERGED, out_channels=6, use_depthwise=depthwise)
    sum(x.square().sum() for x in neck(pyramid(8, 16, 32))).backward()
    assert [n for n, p in neck.named_parameters() if p.grad is None] == []
    assert any('downsamples.0.depthwise_conv' in n for n in neck.state_dict()) == depthwise


@pytest.mark.parametrize('cls', [CSPNeXtPAFPN, YOLOXPAFPN])
def test_state_dict_round_trip(cls):
    maps = pyramid(8, 16, 32)
    first, second = (cls(**MERGED, out_channels=6).eval() for _ in range(2))
    second.load_state_dict(first.state_dict())
    with torch.no_grad():
        for a, b in zip(first(maps), second(maps), strict=True):
            assert torch.equal(a, b)


@pytest.mark.slow
@pytest.mark.parametrize('cls', [CSPNeXtPAFPN, YOLOXPAFPN])
def test_exports_and_compiles(cls):
    neck, maps = cls(**MERGED, out_channels=6).eval(), pyramid(8, 16, 32)
    torch.compiler.reset()
    compiled = torch.compile(neck, backend='eager', fullgraph=True)
    exported = torch.export.export(neck, (maps,)).module()
    with torch.no_grad():
        for a, b, c in zip(neck(maps), compiled(maps), exported(maps), strict=True):
            assert torch.equal(a, b)
            assert torch.equal(a, c)


def test_errors():
    with pytest.raises(ValueError, match=r'out_indices of CSPNeXtPAFPN is \(3,\); .* \(0, 1, 2\)'):
        CSPNeXtPAFPN(**MERGED, out_channels=None, out_indices=(3,))
    neck = YOLOXPAFPN(**MERGED, out_channels=6)
    with pytest.raises(ValueError, match='YOLOXPAFPN gets 2 feature maps'):
        neck(pyramid(8, 16))
    fine, middle, coarse = pyramid(8, 16, 32)
    with pytest.raises(
        ValueError,
        match=r'YOLOXPAFPN gets a feature map of 8x4 \(w x h\) cells followed by one of 3x2, but',
    ):
        neck([fine, middle, coarse[..., :3]])
