import pytest
import torch
from torch import nn

from mmpose.models.backbones import LiteHRNet
from mmpose.models.backbones.litehrnet import (
    ConditionalChannelWeighting,
    CrossResolutionWeighting,
    IterativeHead,
    LiteHRModule,
    Stem,
)
from mmpose.models.backbones.shufflenet_v2 import InvertedResidual


def extra(num_modules=(1, 1, 1), blocks=1, width=8, stem=16, with_head=True, **spec):
    channels = [width * 2**i for i in range(4)]
    return dict(
        stem=dict(stem_channels=stem, out_channels=stem, expand_ratio=1),
        num_stages=3,
        stages_spec=dict(
            num_modules=num_modules,
            num_branches=(2, 3, 4),
            num_blocks=(blocks,) * 3,
            module_type=('LITE',) * 3,
            with_fuse=(True,) * 3,
            reduce_ratios=(8,) * 3,
            num_channels=[channels[:n] for n in (2, 3, 4)],
        )
        | spec,
        with_head=with_head,
    )


@pytest.mark.parametrize(
    ('num_modules', 'parameters'), [((2, 4, 2), 1130072), ((3, 8, 3), 1763020)], ids=['18', '30']
)
def test_published_parameter_counts(num_modules, parameters):
    with torch.device('meta'):
        backbone = LiteHRNet(extra(num_modules, blocks=2, width=40, stem=32))
    assert sum(p.numel() for p in backbone.parameters()) == parameters


@pytest.mark.parametrize('with_head', [True, False])
def test_returns_the_finest_branch(with_head):
    backbone = LiteHRNet(extra(with_head=with_head)).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((8,), (4,))
    with torch.no_grad():
        (x,) = backbone(torch.zeros(1, 3, 96, 64))
    assert tuple(x.shape) == (1, 8, 24, 16)
    # without a head the last module does not compute what nobody reads
    assert len(backbone.stage2[-1].fuse_layers) == (4 if with_head else 1)


def test_weighting_is_shared_by_the_resolutions():
    weighting = CrossResolutionWeighting([2, 4], ratio=2)
    nn.init.zeros_(weighting.conv2.conv.weight)
    weighting.conv2.conv.bias.data = torch.tensor([0.0, 100, -100, 0, 0, 100])
    fine, coarse = weighting([torch.ones(1, 2, 4, 4), torch.ones(1, 4, 2, 2)])
    assert fine[0, :, 3, 3].tolist() == [0.5, 1]
    assert coarse[0, :, 0, 1].tolist() == [0, 0.5, 0.5, 1]

    maps = [torch.rand(1, 2, 4, 4), torch.rand(1, 4, 2, 2, requires_grad=True)]
    for p in weighting.parameters():
        nn.init.constant_(p, 0.1)
    weighting(maps)[0][0, 0, 0, 0].backward()  # a fine cell looks at the coarse cell below it
    assert maps[1].grad[0].abs().sum(0).nonzero().tolist() == [[0, 0]]


def test_half_the_channels_pass():
    block = ConditionalChannelWeighting([8, 16], 8).eval()
    maps = [torch.randn(2, 8, 8, 8), torch.randn(2, 16, 4, 4)]
    with torch.no_grad():
        outputs = block(maps)
    for x, out in zip(maps, outputs, strict=True):
        half = x.shape[1] // 2
        assert torch.equal(out[:, ::2], x[:, :half])
        assert not torch.isclose(out[:, 1::2], x[:, half:]).all()


@pytest.mark.parametrize('out_channels', [16, 24])
def test_stem(out_channels):
    stem = Stem(3, 16, out_channels, expand_ratio=2)
    assert stem.expand_conv.out_channels == 32
    assert tuple(stem(torch.zeros(2, 3, 16, 24)).shape) == (2, out_channels, 4, 6)


def test_head_joins_from_the_coarsest_branch():
    head = IterativeHead([2, 4, 8]).eval()
    channels = [(p.in_channels, p.out_channels) for p in (m.pointwise_conv for m in head.projects)]
    assert channels == [(8, 4), (4, 2), (2, 2)]
    for name, p in head.named_parameters():  # each step turns what it gets into 0.5
        nn.init.constant_(p, 0.5 if 'pointwise_conv.bn.bias' in name else 0.0)
    head.projects[2] = nn.Identity()
    maps = [torch.full((1, c, s, s), float(c)) for c, s in ((2, 8), (4, 4), (8, 2))]
    out = head(maps)
    assert tuple(out.shape) == (1, 2, 8, 8)
    assert torch.allclose(out, torch.tensor(2.5))


def exchange(with_fuse=True, multiscale_output=True):
    """Two branches without blocks, whose exchange averages the channels of the other."""
    module = LiteHRModule(2, 0, [4, 8], 8, 'LITE', multiscale_output, with_fuse).eval()
    for conv in module.modules():
        if isinstance(conv, nn.Conv2d) and conv.groups > 1:
            nn.init.dirac_(conv.weight, conv.groups)
        elif isinstance(conv, nn.Conv2d):
            nn.init.constant_(conv.weight, 1 / conv.in_channels)
    return module([torch.ones(1, 4, 4, 4), torch.full((1, 8, 2, 2), 3.0)])


def test_exchange_counts_the_finest_branch_twice():
    fine, coarse = exchange()
    assert fine.mean().item() == pytest.approx(2 * 1 + 3, rel=1e-4)
    assert coarse.mean().item() == pytest.approx(2 * 5 + 3, rel=1e-4)  # of the sum, not of 1


def test_without_exchange():
    assert [x.mean().item() for x in exchange(with_fuse=False)] == [1, 3]
    assert [x.mean().item() for x in exchange(with_fuse=False, multiscale_output=False)] == [1]


def test_naive_modules_are_of_shuffle_units():
    backbone = LiteHRNet(extra(module_type=('NAIVE',) * 3))
    assert isinstance(backbone.stage0[0].layers[1][0], InvertedResidual)
    names = backbone.state_dict()
    assert names['stage0.0.layers.1.0.branch2.2.conv.weight'].shape == (8, 8, 1, 1)


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    spec = extra(module_type=('LITE', 'NAIVE', 'LITE'))
    plain, saving = (LiteHRNet(spec, with_cp=with_cp) for with_cp in (False, True))
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64)
    for backbone in (plain, saving):
        backbone.train()(x)[0].square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name, rtol=1e-3, atol=1e-5)


def test_errors():
    with pytest.raises(ValueError, match=r'num_blocks of LiteHRNet is \(1,\); give one entry for'):
        LiteHRNet(extra(num_blocks=(1,)))
    with pytest.raises(ValueError, match=r'in_channels is \(8,\); give an entry for each of 2 br'):
        LiteHRNet(extra(num_channels=[[8], [8, 16, 32], [8, 16, 32, 64]]))
    with pytest.raises(ValueError, match="module_type of LiteHRModule is 'Lite'; choose one of 'L"):
        LiteHRNet(extra(module_type=('Lite',) * 3))
    with pytest.raises(ValueError, match=r'stem has 8 output channels, but needs .* 16'):
        Stem(3, 16, 8, expand_ratio=1)
    with pytest.raises(ValueError, match='must be multiples of 32'):
        LiteHRNet(extra())(torch.zeros(1, 3, 64, 48))
