"""High-resolution networks: parallel branches that exchange features at every stage."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial, reduce
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_conv_layer
from torch import Tensor, nn

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .branch_exchange import BranchExchange, check_branches, each, make_transition
from .residual_blocks import (
    BasicBlock,
    Bottleneck,
    ResidualBlock,
    ResLayer,
    get_expansion,
    start_as_identity,
)
from .utils import NumberedNorms, conv_norm, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

NUM_STAGES = 4


class HRModule(BranchExchange):
    """Parallel branches of residual blocks, then the exchange between their resolutions.

    Args:
        num_branches: Number of branches; each halves the resolution of the one before.
        blocks: Class of the blocks.
        num_blocks: Number of blocks of each branch.
        in_channels: Channels of each branch's input.
        num_channels: Inner channels of each branch's blocks.
        multiscale_output: Whether every branch is returned, not the finest alone.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        upsample_cfg: ``mode`` and ``align_corners`` of the upsampling between branches.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: A tuple does not have one entry per branch.
    """

    def __init__(
        self,
        num_branches: int,
        blocks: type[ResidualBlock],
        num_blocks: Sequence[int],
        in_channels: Sequence[int],
        num_channels: Sequence[int],
        multiscale_output: bool = False,
        with_cp: bool = False,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        upsample_cfg: dict = dict(mode='nearest', align_corners=None),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        check_branches(
            num_branches, num_blocks=num_blocks, in_channels=in_channels, num_channels=num_channels
        )
        expansion = get_expansion(blocks)
        widths = [channels * expansion for channels in num_channels]
        super().__init__(widths, multiscale_output, conv_cfg, norm_cfg, upsample_cfg, init_cfg)
        self.with_cp = with_cp
        self.branches = nn.ModuleList(
            self.make_branch(i, blocks, num_blocks[i], in_channels[i]) for i in range(num_branches)
        )
        self.fuse_layers = self.make_fuse_layers()
        self.relu = nn.ReLU(inplace=True)

    def make_branch(
        self, index: int, block: type[nn.Module], num_blocks: int, in_channels: int
    ) -> nn.Sequential:
        """The blocks of a branch.

        Args:
            index: Number of the branch, from the finest.
            block: Class of the blocks.
            num_blocks: Number of blocks.
            in_channels: Channels of the input; those of the output are
                ``self.in_channels[index]``.
        """
        cfgs = dict(with_cp=self.with_cp, conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg)
        return ResLayer(block, num_blocks, in_channels, self.in_channels[index], **cfgs)

    def forward(self, x: Sequence[Tensor]) -> list[Tensor]:
        """The branches' outputs for one input per branch, from the finest to the coarsest."""
        x = each(self.branches, x)
        if self.fuse_layers is None:
            return x
        return [self.relu(reduce(torch.add, each(layers, x))) for layers in self.fuse_layers]


@MODELS.register_module()
class HRNet(NumberedNorms, BaseBackbone):
    """Feature maps that keep their resolution, at a quarter of the picture's sides.

    Paper: `Sun et al., 2019, Deep High-Resolution Representation Learning
    <https://arxiv.org/abs/1902.09212>`_. A variant adds its blocks to :attr:`blocks_dict` and
    builds its stages in :meth:`_make_stage`.

    Args:
        extra: ``stage1`` to ``stage4``, each a dict with ``num_modules``, ``num_branches``,
            ``block`` (a key of :attr:`blocks_dict`), ``num_blocks`` and ``num_channels`` (an entry
            per branch). In ``stage4`` ``multiscale_output=True`` returns every branch. ``upsample``
            holds ``mode`` and ``align_corners`` of the upsampling between branches.
        in_channels: Channels of the picture.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        zero_init_residual: Whether blocks start as the identity; pretrained weights stay.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        KeyError: ``extra`` lacks a stage.
        ValueError: A stage names an unknown block, or its tuples do not fit its branches.
    """

    blocks_dict = dict(BASIC=BasicBlock, BOTTLENECK=Bottleneck)

    def __init__(
        self,
        extra: dict,
        in_channels: int = 3,
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        norm_eval: bool = False,
        with_cp: bool = False,
        zero_init_residual: bool = False,
        frozen_stages: int = -1,
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        missing = [f'stage{n + 1}' for n in range(NUM_STAGES) if f'stage{n + 1}' not in extra]
        if missing:
            raise KeyError(f'extra of {type(self).__name__} lacks {", ".join(missing)}.')
        if not -1 <= frozen_stages <= NUM_STAGES:
            raise ValueError(f'frozen_stages is {frozen_stages}; it must be -1 to {NUM_STAGES}.')
        self.extra = extra
        self.conv_cfg = conv_cfg
        self.norm_cfg = norm_cfg
        self.norm_eval = norm_eval
        self.with_cp = with_cp
        self.zero_init_residual = zero_init_residual
        self.frozen_stages = frozen_stages
        self.upsample_cfg = extra.get('upsample', dict(mode='nearest', align_corners=None))

        all_branches = extra['stage4'].get('multiscale_output', False)
        convolve = partial(conv_norm, conv_cfg=conv_cfg, norm_cfg=norm_cfg)
        channels = self._make_stem(in_channels, extra['stage1'])
        for n in range(2, NUM_STAGES + 1):
            cfg = extra[f'stage{n}']
            expansion = get_expansion(pick_arch(self, 'block', cfg['block'], self.blocks_dict))
            widths = [width * expansion for width in cfg['num_channels']]
            transition = make_transition(channels, widths, convolve)
            stage, channels = self._make_stage(cfg, widths, n < NUM_STAGES or all_branches)
            self.add_module(f'transition{n - 1}', transition)
            self.add_module(f'stage{n}', stage)

        self.out_channels = tuple(channels if all_branches else channels[:1])
        self.out_strides = tuple(4 * 2**i for i in range(len(self.out_channels)))
        # branches are added to each other, so the coarsest must divide the picture evenly
        self.size_divisor = 2 * 2 ** extra['stage4']['num_branches']
        self.freeze_stages()

    def _make_stem(self, in_channels: int, stage1: dict) -> list[int]:
        """Build the two strided convolutions and the first stage; the channels they end with."""
        kwargs = dict(stride=2, padding=1, bias=False)
        self.conv1 = build_conv_layer(self.conv_cfg, in_channels, 64, 3, **kwargs)
        self.add_norm(1, self.norm_cfg, 64)
        self.conv2 = build_conv_layer(self.conv_cfg, 64, 64, 3, **kwargs)
        self.add_norm(2, self.norm_cfg, 64)
        self.relu = nn.ReLU(inplace=True)

        block = pick_arch(self, 'block', stage1['block'], self.blocks_dict)
        channels = stage1['num_channels'][0] * get_expansion(block)
        self.layer1 = ResLayer(
            block,
            stage1['num_blocks'][0],
            64,
            channels,
            with_cp=self.with_cp,
            conv_cfg=self.conv_cfg,
            norm_cfg=self.norm_cfg,
        )
        return [channels]

    def _make_stage(
        self, layer_config: dict, in_channels: Sequence[int], multiscale_output: bool = True
    ) -> tuple[nn.Sequential, list[int]]:
        """A stage's modules and the channels of its branches; only the last may return one."""
        modules = []
        for i in range(layer_config['num_modules']):
            last = i == layer_config['num_modules'] - 1
            module = HRModule(
                layer_config['num_branches'],
                self.blocks_dict[layer_config['block']],
                layer_config['num_blocks'],
                in_channels,
                layer_config['num_channels'],
                multiscale_output or not last,
                with_cp=self.with_cp,
                conv_cfg=self.conv_cfg,
                norm_cfg=self.norm_cfg,
                upsample_cfg=self.upsample_cfg,
            )
            in_channels = module.in_channels
            modules.append(module)
        return nn.Sequential(*modules), in_channels

    def init_own_weights(self) -> None:
        """Make the blocks start as the identity if asked to."""
        if self.zero_init_residual:
            start_as_identity(self)

    def stages_to_freeze(self) -> list[nn.Module]:
        """The stem, and the first ``frozen_stages`` stages with the transitions that follow."""
        if self.frozen_stages < 0:
            return []
        names = ['conv1', self.norm1_name, 'conv2', self.norm2_name]
        for n in range(1, self.frozen_stages + 1):
            names.append('layer1' if n == 1 else f'stage{n}')
            if n < NUM_STAGES:
                names.append(f'transition{n}')
        return [getattr(self, name) for name in names]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The branches of the last stage for pictures (B, C, H, W); the finest alone by default.

        Raises:
            ValueError: A side is no multiple of the stride of the coarsest branch.
        """
        self.check_picture_size(x)
        x = self.relu(self.norm1(self.conv1(x)))
        x = self.relu(self.norm2(self.conv2(x)))
        branches = [self.layer1(x)]
        for n in range(2, NUM_STAGES + 1):
            transition = getattr(self, f'transition{n - 1}')
            # a new branch comes from the coarsest one
            sources = [branches[min(i, len(branches) - 1)] for i in range(len(transition))]
            branches = getattr(self, f'stage{n}')(each(transition, sources))
        return tuple(branches)
