import pytest
import torch
from torch import nn

from mmpose.models.backbones import HRNet
from mmpose.models.backbones.hrnet import HRModule
from mmpose.models.backbones.resnet import BasicBlock


def extra(width=8, num_modules=(1, 1, 1), blocks=1, **stage4):
    rows = [('BOTTLENECK', 1, 1, 64)]
    rows += [
        ('BASIC', branches, n, width) for branches, n in zip((2, 3, 4), num_modules, strict=True)
    ]
    stages = {
        f'stage{i}': dict(
            num_modules=n,
            num_branches=branches,
            block=block,
            num_blocks=(blocks,) * branches,
            num_channels=tuple(w * 2**j for j in range(branches)),
        )
        for i, (block, branches, n, w) in enumerate(rows, start=1)
    }
    stages['stage4'].update(stage4)
    return stages


@pytest.mark.parametrize(('width', 'parameters'), [(32, 28535552), (48, 63594912)])
def test_published_parameter_counts(width, parameters):
    with torch.device('meta'):
        backbone = HRNet(extra(width, num_modules=(1, 4, 3), blocks=4))
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_returns_the_finest_branch_alone_by_default():
    backbone = HRNet(extra()).eval()
    assert (backbone.out_channels, backbone.out_strides) == ((8,), (4,))
    with torch.no_grad():
        (x,) = backbone(torch.zeros(1, 3, 64, 32))
    assert tuple(x.shape) == (1, 8, 16, 8)
    # the last module does not compute what nobody reads
    assert len(backbone.stage4[-1].fuse_layers) == 1


def test_branches_exchange_what_they_know():
    module = HRModule(2, BasicBlock, (1, 1), [4, 8], [4, 8], multiscale_output=True).eval()
    for branch in module.branches:  # branches that pass their input on
        nn.init.zeros_(branch[0].bn2.weight)
    for name, p in module.fuse_layers.named_parameters():  # exchanges that add the bias
        nn.init.constant_(p, 0.5 if name.endswith('bias') else 0.0)
    fine, coarse = module([torch.ones(1, 4, 8, 8), 2 * torch.ones(1, 8, 4, 4)])
    assert (fine == 1.5).all()
    assert (coarse == 2.5).all()
    assert (tuple(fine.shape), tuple(coarse.shape)) == ((1, 4, 8, 8), (1, 8, 4, 4))


def test_transition_widens_an_old_branch_and_halves_for_a_new_one():
    stages = extra()
    stages['stage3']['num_channels'] = (12, 16, 32)  # the finest branch changes its width
    backbone = HRNet(stages | dict(stage4=dict(stages['stage4'], num_channels=(12, 16, 32, 64))))
    kinds = [[None if t is None else len(t) for t in backbone.transition2]]
    assert kinds == [[3, None, 1]]  # convolution, norm, ReLU; as it is; one halving
    with torch.no_grad():
        assert tuple(backbone.eval()(torch.zeros(1, 3, 64, 64))[0].shape) == (1, 12, 16, 16)


def test_upsampling_follows_extra():
    backbone = HRNet(extra() | dict(upsample=dict(mode='bilinear', align_corners=False)))
    modes = {m.mode for m in backbone.modules() if isinstance(m, nn.Upsample)}
    assert modes == {'bilinear'}


@pytest.mark.parametrize(
    ('frozen', 'names'),
    [
        (-1, set()),
        (0, {'conv1', 'bn1', 'conv2', 'bn2'}),
        (2, {'conv1', 'bn1', 'conv2', 'bn2', 'layer1', 'transition1', 'stage2', 'transition2'}),
    ],
)
def test_frozen_stages(frozen, names):
    backbone = HRNet(extra(), frozen_stages=frozen).train()
    frozen_names = {n.split('.')[0] for n, p in backbone.named_parameters() if not p.requires_grad}
    assert frozen_names == names
    assert backbone.stage2.training == (frozen < 2)
    assert backbone.stage3.training


def test_checkpointing_changes_neither_outputs_nor_gradients():
    torch.manual_seed(0)
    plain, saving = HRNet(extra()), HRNet(extra(), with_cp=True)
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 3, 64, 64)
    for backbone in (plain, saving):
        backbone.train()(x)[0].square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name, rtol=1e-3, atol=1e-5)


def test_zero_init_residual():
    backbone = HRNet(extra(), zero_init_residual=True)
    backbone.init_weights()
    assert not backbone.layer1[0].bn3.weight.any()
    assert not backbone.stage2[0].branches[0][0].bn2.weight.any()
    assert backbone.bn1.weight.all()


def test_errors():
    with pytest.raises(KeyError, match='extra of HRNet lacks stage4'):
        HRNet({k: v for k, v in extra().items() if k != 'stage4'})
    wrong = extra()
    wrong['stage2']['block'] = 'BASICS'
    with pytest.raises(ValueError, match="block of HRNet is 'BASICS'; choose one of 'BASIC', 'BOT"):
        HRNet(wrong)
    with pytest.raises(ValueError, match='frozen_stages is 5; it must be -1 to 4'):
        HRNet(extra(), frozen_stages=5)
    with pytest.raises(ValueError, match=r'num_blocks is \(1,\); give an entry for each of 2 bran'):
        HRModule(2, BasicBlock, (1,), [4, 8], [4, 8])
