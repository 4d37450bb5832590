import pytest
import torch
from torch import nn

from mmpose.models.backbones import RSN
from mmpose.models.backbones.rsn import RSB


@pytest.mark.parametrize(
    ('stages', 'blocks', 'parameters'),
    [
        (1, [2, 2, 2, 2], 8723936),
        (1, [3, 4, 6, 3], 18907584),
        (2, [3, 4, 6, 3], 38419904),
    ],
)
def test_published_parameter_counts(stages, blocks, parameters):
    with torch.device('meta'):
        backbone = RSN(num_stages=stages, num_blocks=blocks)
    assert sum(p.numel() for p in backbone.parameters()) == parameters


def test_steps_of_a_block():
    block = RSB(1, 1, num_steps=3, expand_times=1, res_top_channels=1, norm_cfg=None)
    for name, p in block.named_parameters():
        if name.endswith('bias'):
            nn.init.zeros_(p)
        elif 'relu2' in name:
            nn.init.dirac_(p)  # steps that pass on what they see
    with torch.no_grad():
        block.conv_bn_relu1.conv.weight.copy_(torch.tensor([1.0, 2.0, 4.0]).view(3, 1, 1, 1))
        block.conv_bn3.conv.weight.copy_(torch.tensor([1.0, 10.0, 100.0]).view(1, 3, 1, 1))
        out = block(torch.ones(1, 1, 2, 2))
    # branches: 1; 2 + 1 = 3, 3; 4 + 3 = 7, 7 + 3 = 10, 10. Their ends are 1, 3 and 10.
    assert (out == 1 + 1 * 1 + 3 * 10 + 10 * 100).all()


def test_checkpointing_changes_neither_output_nor_gradients():
    torch.manual_seed(0)
    plain, saving = (RSB(8, 8, expand_times=4, res_top_channels=8, with_cp=cp) for cp in (0, 1))
    saving.load_state_dict(plain.state_dict())
    x = torch.randn(2, 8, 6, 6)
    for block in (plain, saving):
        block(x).square().mean().backward()
    for (name, a), b in zip(plain.named_parameters(), saving.parameters(), strict=True):
        torch.testing.assert_close(a.grad, b.grad, msg=name)


def test_maps_of_each_stage_from_the_coarsest():
    backbone = RSN(
        unit_channels=8, num_stages=2, num_blocks=[1] * 4, res_top_channels=8, expand_times=4
    ).eval()
    assert backbone.out_strides == (32, 16, 8, 4) * 2
    # branches widen with the input of a block: 4 channels of 8, 8 of 16, ...
    layers = backbone.multi_stage_rsn[0].downsample
    widths = [layers[f'layer{i}'][0].conv_bn_relu2_1_1.conv.in_channels for i in range(1, 5)]
    assert widths == [4, 4, 8, 16]
    with torch.no_grad():
        stages = backbone(torch.zeros(1, 3, 64, 32))
    cells = [(2, 1), (4, 2), (8, 4), (16, 8)]
    assert [[tuple(x.shape) for x in maps] for maps in stages] == [[(1, 8, *c) for c in cells]] * 2


def test_errors():
    with pytest.raises(ValueError, match='num_steps of RSN is 0; it must be at least 1'):
        RSN(num_steps=0)
    with pytest.raises(
        ValueError, match=r'num_blocks of RSN is \(2, 2, 2, 2\); give one entry for ea'
    ):
        RSN(num_units=3)
