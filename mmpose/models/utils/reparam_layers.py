"""Convolutions that are trained with several branches and run as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule, build_activation_layer, build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import pad

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig


class RepVGGBlock(BaseModule):
    """The sum of a 3x3 and a 1x1 convolution (and the input), which one 3x3 convolution can equal.

    Paper: `Ding et al., CVPR 2021, RepVGG <https://arxiv.org/abs/2101.03697>`_. Each branch ends
    with a batch norm, so with fixed statistics the sum is linear; :meth:`switch_to_deploy` merges
    it.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        stride: Stride.
        padding: Padding of the 3x3 convolution, at least ``dilation``.
        dilation: Dilation of the 3x3 convolution.
        groups: Groups of the convolutions.
        padding_mode: What the padding holds: ``'zeros'``, ``'reflect'``, ``'replicate'`` or
            ``'circular'``.
        norm_cfg: Kind of batch norm.
        act_cfg: Activation of the sum; ``None`` for none.
        without_branch_norm: Whether there is no third branch with the normalised input. It is
            only ever there where input and output have the same shape.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``padding`` is less than ``dilation``: the branches would not fit each other.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        stride: int = 1,
        padding: int = 1,
        dilation: int = 1,
        groups: int = 1,
        padding_mode: str = 'zeros',
        norm_cfg: ConfigType = dict(type='BN'),
        act_cfg: OptConfigType = dict(type='ReLU'),
        without_branch_norm: bool = True,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        if padding < dilation:
            raise ValueError(
                f'padding of RepVGGBlock is {padding} with dilation={dilation}; it must be at '
                'least the dilation, so that the branches see the same cells.'
            )
        self.deploy = False
        self.groups = groups
        self.conv_args = dict(stride=stride, groups=groups, padding_mode=padding_mode)
        self.dilation_args = dict(padding=padding, dilation=dilation)

        channels = (in_channels, out_channels)
        args = dict(self.conv_args, norm_cfg=norm_cfg, act_cfg=None)
        self.branch_3x3 = ConvModule(*channels, 3, **self.dilation_args, **args)
        self.branch_1x1 = ConvModule(*channels, 1, padding=padding - dilation, **args)
        same_shape = in_channels == out_channels and stride == 1 and padding == dilation
        self.branch_norm = None
        if same_shape and not without_branch_norm:
            self.branch_norm = build_norm_layer(norm_cfg, in_channels)[1]
        self.act = nn.Identity() if act_cfg is None else build_activation_layer(act_cfg)

    def forward(self, x: Tensor) -> Tensor:
        """The output (B, ``out_channels``, H, W), H and W over the stride."""
        if self.deploy:
            return self.act(self.branch_reparam(x))
        out = self.branch_3x3(x) + self.branch_1x1(x)
        if self.branch_norm is not None:
            out = out + self.branch_norm(x)
        return self.act(out)

    def get_equivalent_kernel_bias(self) -> tuple[Tensor, Tensor]:
        """Kernel (``out_channels``, ``in_channels / groups``, 3, 3) and bias of all branches."""
        if self.deploy:
            return self.branch_reparam.weight, self.branch_reparam.bias
        branches = [self.branch_3x3, self.branch_1x1]
        parts = [_merge_norm(branch.conv.weight, branch.norm) for branch in branches]
        if self.branch_norm is not None:
            parts.append(_merge_norm(self._identity_kernel(), self.branch_norm))
        kernels, biases = zip(*parts, strict=True)
        return sum(_as_3x3(kernel) for kernel in kernels), sum(biases)

    def _identity_kernel(self) -> Tensor:
        """The 1x1 kernel that passes each channel on."""
        weight = self.branch_1x1.conv.weight
        eye = torch.eye(weight.shape[1], dtype=weight.dtype, device=weight.device)
        return eye.repeat(self.groups, 1)[..., None, None]

    def switch_to_deploy(self, test_cfg: OptConfigType = None) -> None:
        """Replace the branches by one convolution with the same output; it cannot be undone.

        Args:
            test_cfg: Not used.
        """
        if self.deploy:
            return
        with torch.no_grad():
            kernel, bias = self.get_equivalent_kernel_bias()
        out_channels, in_channels = kernel.shape[0], kernel.shape[1] * self.groups
        self.branch_reparam = nn.Conv2d(
            in_channels, out_channels, 3, **self.dilation_args, **self.conv_args
        ).to(kernel)
        self.branch_reparam.weight.data = kernel
        self.branch_reparam.bias.data = bias
        self.deploy = True
        del self.branch_3x3, self.branch_1x1, self.branch_norm


def _merge_norm(kernel: Tensor, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """Kernel and bias of a convolution followed by a batch norm with its present statistics."""
    scale = norm.weight * (norm.running_var + norm.eps).rsqrt()
    return kernel * scale[:, None, None, None], norm.bias - norm.running_mean * scale


def _as_3x3(kernel: Tensor) -> Tensor:
    """A kernel of 1x1 or 3x3 with its middle where that of 3x3 is."""
    return pad(kernel, [(3 - kernel.shape[-1]) // 2] * 4)
