import pytest
import torch
from torch import nn

from mmpose.models.utils import RepVGGBlock


def trained(block):
    """The block in evaluation mode, with statistics and scales that are not trivial."""
    torch.manual_seed(0)
    for norm in (m for m in block.modules() if isinstance(m, nn.BatchNorm2d)):
        nn.init.normal_(norm.weight, 1, 0.3)
        nn.init.normal_(norm.bias)
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return block.eval()


@pytest.mark.parametrize(
    'kwargs',
    [
        dict(in_channels=4, out_channels=6),
        dict(in_channels=4, out_channels=6, stride=2),
        dict(in_channels=4, out_channels=4, without_branch_norm=False),
        dict(in_channels=4, out_channels=4, groups=2, without_branch_norm=False),
        dict(in_channels=4, out_channels=4, padding=2, dilation=2, without_branch_norm=False),
        dict(in_channels=4, out_channels=6, padding=2),
        dict(in_channels=4, out_channels=6, padding_mode='reflect', padding=2),
        dict(in_channels=4, out_channels=6, act_cfg=dict(type='SiLU')),
    ],
    ids=str,
)
def test_one_convolution_equals_the_branches(kwargs):
    block = trained(RepVGGBlock(**kwargs))
    x = torch.randn(2, 4, 7, 8)
    with torch.no_grad():
        expected = block(x)
        block.switch_to_deploy()
        torch.testing.assert_close(block(x), expected, atol=1e-5, rtol=1e-5)
    assert sorted(block.state_dict()) == ['branch_reparam.bias', 'branch_reparam.weight']
    kernel, bias = block.get_equivalent_kernel_bias()
    assert kernel is block.branch_reparam.weight
    block.switch_to_deploy()  # the second time nothing happens
    assert bias is block.branch_reparam.bias


def test_equivalent_kernel_by_hand():
    block = RepVGGBlock(1, 1, norm_cfg=dict(type='BN', eps=0), without_branch_norm=False).eval()
    with torch.no_grad():
        block.branch_3x3.conv.weight.fill_(2)
        block.branch_1x1.conv.weight.fill_(3)
        block.branch_3x3.bn.running_var.fill_(4)  # the scale is 1 / 2
        block.branch_norm.running_mean.fill_(5)
        kernel, bias = block.get_equivalent_kernel_bias()
    assert kernel.flatten().tolist() == [1, 1, 1, 1, 1 + 3 + 1, 1, 1, 1, 1]
    assert bias.tolist() == [-5]


def test_third_branch_only_where_shapes_agree():
    args = dict(without_branch_norm=False)
    assert RepVGGBlock(4, 4, **args).branch_norm is not None
    assert RepVGGBlock(4, 6, **args).branch_norm is None
    assert RepVGGBlock(4, 4, stride=2, **args).branch_norm is None
    assert RepVGGBlock(4, 4).branch_norm is None


def test_activation_of_the_sum():
    block = RepVGGBlock(2, 2)
    assert block(torch.randn(1, 2, 5, 5)).min() == 0
    assert RepVGGBlock(2, 2, act_cfg=None)(torch.randn(1, 2, 5, 5)).min() < 0


def test_padding_that_is_too_small():
    with pytest.raises(ValueError, match='padding of RepVGGBlock is 0 with dilation=1; it must'):
        RepVGGBlock(2, 2, padding=0)
