"""Residual steps networks: multi-stage networks with densely joined steps within a block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from .multi_stage import MultiStageNetwork
from .residual_blocks import ResidualBlock

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class RSB(ResidualBlock):
    """A residual block whose branches have one convolution more from each to the next.

    Each convolution but a branch's first sees the one before it, and all but its last also the
    convolution of that number in the branch before.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        num_steps: Number of branches.
        stride: Stride of the block, taken by its first convolution.
        downsample: What brings the input to the output's shape; ``None`` where it has it.
        expand_times: A branch's share of the input's channels, in parts of ``res_top_channels``.
        res_top_channels: Channels of the input of a stage.
        with_cp: Whether to compute the block again in the backward pass, to save memory.
        norm_cfg: Kind of norm layer.
    """

    expansion = 1

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_steps: int = 4,
        stride: int = 1,
        downsample: nn.Module | None = None,
        expand_times: int = 26,
        res_top_channels: int = 64,
        with_cp: bool = False,
        norm_cfg: dict = dict(type='BN'),
    ) -> None:
        super().__init__()
        self.num_steps = num_steps
        self.with_cp = with_cp
        branch = in_channels * expand_times // res_top_channels
        inner = num_steps * branch
        self.conv_bn_relu1 = ConvModule(in_channels, inner, 1, stride=stride, norm_cfg=norm_cfg)
        for i in range(num_steps):
            for j in range(i + 1):
                conv = ConvModule(branch, branch, 3, padding=1, norm_cfg=norm_cfg)
                self.add_module(f'conv_bn_relu2_{i + 1}_{j + 1}', conv)
        self.conv_bn3 = ConvModule(inner, out_channels, 1, norm_cfg=norm_cfg, act_cfg=None)
        self.relu = nn.ReLU(inplace=True)
        self.downsample = downsample

    def residual(self, x: Tensor) -> Tensor:
        """The branches' ends, joined."""
        before, ends = [], []
        for i, y in enumerate(self.conv_bn_relu1(x).chunk(self.num_steps, dim=1)):
            branch = []
            for j in range(i + 1):
                y = y + before[j] if j < i else y
                y = getattr(self, f'conv_bn_relu2_{i + 1}_{j + 1}')(y)
                branch.append(y)
            before = branch
            ends.append(y)
        return self.conv_bn3(torch.cat(ends, dim=1))


@MODELS.register_module()
class RSN(MultiStageNetwork):
    """The maps of each unit of each stage of a residual steps network.

    Paper: `Cai et al., 2020, Learning Delicate Local Representations for Multi-Person Pose
    Estimation <https://arxiv.org/abs/2003.04030>`_. Arguments that are not listed are those of
    :class:`MultiStageNetwork`.

    Args:
        num_steps: Number of branches of a block.
        expand_times: Channels of each branch of the first block.

    Raises:
        ValueError: There is no step, or as in :class:`MultiStageNetwork`.

    Example:
        >>> import torch
        >>> backbone = RSN(unit_channels=16, num_stages=1, num_units=2, num_blocks=[1, 1])
        >>> [[tuple(x.shape) for x in stage] for stage in backbone(torch.zeros(1, 3, 64, 32))]
        [[(1, 16, 8, 4), (1, 16, 16, 8)]]
    """

    block = RSB
    stages_name = 'multi_stage_rsn'

    def __init__(
        self,
        unit_channels: int = 256,
        num_stages: int = 4,
        num_units: int = 4,
        num_blocks: Sequence[int] = [2, 2, 2, 2],
        num_steps: int = 4,
        norm_cfg: dict = dict(type='BN'),
        res_top_channels: int = 64,
        expand_times: int = 26,
        init_cfg: OptMultiConfig = [
            dict(type='Kaiming', layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
            dict(type='Normal', std=0.01, layer=['Linear']),
        ],
    ) -> None:
        if num_steps < 1:
            raise ValueError(f'num_steps of RSN is {num_steps}; it must be at least 1.')
        self.block_cfg = dict(
            num_steps=num_steps, expand_times=expand_times, res_top_channels=res_top_channels
        )
        super().__init__(
            unit_channels, num_stages, num_units, num_blocks, norm_cfg, res_top_channels, init_cfg
        )
