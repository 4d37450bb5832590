"""Darknets with cross-stage partial layers."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import ConvModule
from torch import Tensor, nn
from torch.nn.functional import max_pool2d

from mmpose.registry import MODELS

from ..utils.csp_layer import INIT_CFG, CSPLayer, conv_class
from .base_backbone import BaseBackbone
from .utils import pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig

# in_channels, out_channels, num_blocks, add_identity, use_spp
StageSetting = Sequence[int | bool]


class Focus(nn.Module):
    """Pictures at half their size, each 2x2 pixels stacked along the channels, then convolved.

    Args:
        in_channels: Channels of the picture.
        out_channels: Channels of the output.
        kernel_size: Odd size of the convolution.
        **cfgs: ``conv_cfg``, ``norm_cfg`` and ``act_cfg`` of the convolution.
    """

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int = 3, **cfgs) -> None:
        super().__init__()
        self.conv = ConvModule(
            4 * in_channels, out_channels, kernel_size, padding=kernel_size // 2, **cfgs
        )

    def forward(self, x: Tensor) -> Tensor:
        """The output (B, ``out_channels``, H / 2, W / 2) of a picture with even sides."""
        # column by column, as the published weights have it
        pixels = [x[..., row::2, column::2] for column in (0, 1) for row in (0, 1)]
        return self.conv(torch.cat(pixels, dim=1))


class SPPBottleneck(nn.Module):
    """Feature maps pooled over windows of several sizes, between two 1x1 convolutions.

    Paper: `He et al., 2014, Spatial Pyramid Pooling <https://arxiv.org/abs/1406.4729>`_.

    Args:
        in_channels: Channels of the input; half as many are pooled.
        out_channels: Channels of the output.
        kernel_sizes: Odd sizes of the windows.
        **cfgs: ``conv_cfg``, ``norm_cfg`` and ``act_cfg`` of the convolutions.

    Raises:
        ValueError: A size is even or not positive.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_sizes: Sequence[int] = (5, 9, 13), **cfgs
    ) -> None:
        super().__init__()
        if any(size < 1 or size % 2 == 0 for size in kernel_sizes):
            raise ValueError(
                f'Spatial pyramid pooling has windows of the sizes {tuple(kernel_sizes)}; give '
                'odd sizes, so that the maps keep theirs.'
            )
        mid = in_channels // 2
        self.kernel_sizes = tuple(kernel_sizes)
        self.conv1 = ConvModule(in_channels, mid, 1, **cfgs)
        self.conv2 = ConvModule(mid * (1 + len(kernel_sizes)), out_channels, 1, **cfgs)

    def forward(self, x: Tensor) -> Tensor:
        """The output (B, ``out_channels``, H, W)."""
        # the maximum over a window is that of the maxima over smaller windows inside it
        pooled = {1: self.conv1(x)}
        for small, large in pairwise(sorted({1, *self.kernel_sizes})):
            step = large - small
            pooled[large] = max_pool2d(pooled[small], step + 1, stride=1, padding=step // 2)
        return self.conv2(torch.cat([pooled[size] for size in (1, *self.kernel_sizes)], dim=1))


class CSPBackbone(BaseBackbone):
    """A stem and stages that halve the resolution, each ended by a :class:`CSPLayer`.

    A subclass has rows of stages in :attr:`arch_settings`, and writes :meth:`make_stem`.

    Args:
        arch: Name of the rows in :attr:`arch_settings`.
        deepen_factor: What the numbers of blocks are multiplied by.
        widen_factor: What the numbers of channels are multiplied by.
        out_indices: What is returned: 0 for the stem, n for stage n.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        use_depthwise: Whether 3x3 convolutions are depthwise, with a pointwise one.
        stages: Rows that replace those of ``arch``; ``None`` keeps them.
        spp_sizes: Sizes of the windows of the spatial pyramid pooling.
        norm_eval: Whether batch norm keeps its statistics in training.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        csp_cfg: Further arguments of the :class:`CSPLayer` of each stage.
        **cfgs: ``conv_cfg``, ``norm_cfg`` and ``act_cfg`` of all convolutions.

    Raises:
        ValueError: There is no such architecture or stage, or rows do not fit each other.
    """

    arch_settings: dict[str, list[list]]

    def __init__(
        self,
        arch: str,
        deepen_factor: float,
        widen_factor: float,
        out_indices: Sequence[int],
        frozen_stages: int,
        use_depthwise: bool,
        stages: Sequence[StageSetting] | None,
        spp_sizes: Sequence[int],
        norm_eval: bool,
        init_cfg: OptMultiConfig,
        csp_cfg: dict = {},
        **cfgs,
    ) -> None:
        super().__init__(init_cfg)
        settings = stages or pick_arch(self, 'arch', arch, self.arch_settings)
        self._check_stages(settings, out_indices, frozen_stages)
        self.out_indices = tuple(sorted(out_indices))
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval

        channels = [int(row[0] * widen_factor) for row in settings]
        channels.append(int(settings[-1][1] * widen_factor))
        self.stem = self.make_stem(channels[0], cfgs)
        self.layers = ['stem']
        conv = conv_class(use_depthwise)
        for n, (_, _, num_blocks, add_identity, use_spp) in enumerate(settings, start=1):
            before, after = channels[n - 1 : n + 1]
            modules = [conv(before, after, 3, stride=2, padding=1, **cfgs)]
            if use_spp:
                modules.append(SPPBottleneck(after, after, spp_sizes, **cfgs))
            csp_layer = CSPLayer(
                after,
                after,
                num_blocks=max(round(num_blocks * deepen_factor), 1),
                add_identity=add_identity,
                use_depthwise=use_depthwise,
                **csp_cfg,
                **cfgs,
            )
            self.add_module(f'stage{n}', nn.Sequential(*modules, csp_layer))
            self.layers.append(f'stage{n}')

        self.out_channels = tuple(channels[i] for i in self.out_indices)
        self.out_strides = tuple(2 ** (i + 1) for i in self.out_indices)
        self.freeze_stages()

    def make_stem(self, channels: int, cfgs: dict) -> nn.Module:
        """What halves the picture (B, 3, H, W) and gives it its first ``channels``."""
        raise NotImplementedError

    def _check_stages(
        self, settings: Sequence[StageSetting], out_indices: Sequence[int], frozen_stages: int
    ) -> None:
        name = type(self).__name__
        if any(len(row) != 5 for row in settings) or any(
            a[1] != b[0] for a, b in pairwise(settings)
        ):
            raise ValueError(
                f'The stages of {name} are {[list(row) for row in settings]}; give rows of '
                'in_channels, out_channels, num_blocks, add_identity and use_spp, each row '
                'starting with the channels that the one before ends with.'
            )
        last = len(settings)
        if not out_indices or any(not 0 <= i <= last for i in out_indices):
            raise ValueError(
                f'out_indices of {name} is {tuple(out_indices)}; give 0 (the stem) or the numbers '
                f'of stages, 1 to {last}.'
            )
        if not -1 <= frozen_stages <= last:
            raise ValueError(
                f'frozen_stages of {name} is {frozen_stages}; it takes -1 (nothing), 0 (the stem) '
                f'or the number of stages to freeze with it, up to {last}.'
            )

    def stages_to_freeze(self) -> list[nn.Module]:
        """The stem and the first ``frozen_stages`` stages."""
        return [getattr(self, name) for name in self.layers[: self.frozen_stages + 1]]

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The chosen feature maps of pictures (B, 3, H, W), from the finest to the coarsest.

        Raises:
            ValueError: A side of the picture is no multiple of ``size_divisor``.
        """
        self.check_picture_size(x)
        outputs = []
        for i, name in enumerate(self.layers[: self.out_indices[-1] + 1]):
            x = getattr(self, name)(x)
            if i in self.out_indices:
                outputs.append(x)
        return tuple(outputs)


@MODELS.register_module()
class CSPDarknet(CSPBackbone):
    """The backbone of YOLOX: a Darknet whose stages are cross-stage partial layers.

    Paper: `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_.

    The arguments that are not listed are those of :class:`CSPBackbone`.

    Args:
        arch: ``'P5'`` for four stages, ``'P6'`` for five.
        arch_ovewrite: Stages in place of those of ``arch``, as rows of in_channels, out_channels,
            num_blocks, add_identity (whether blocks have a shortcut) and use_spp (whether the
            stage pools a spatial pyramid). ``None`` keeps those of ``arch``.
        spp_kernal_sizes: Odd sizes of the windows of the spatial pyramid pooling.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Norm layers.
        act_cfg: Activation.

    Raises:
        ValueError: There is no such architecture or stage, rows of ``arch_ovewrite`` do not fit
            each other, or a window is even.
    """

    arch_settings = {
        'P5': [
            [64, 128, 3, True, False],
            [128, 256, 9, True, False],
            [256, 512, 9, True, False],
            [512, 1024, 3, False, True],
        ],
        'P6': [
            [64, 128, 3, True, False],
            [128, 256, 9, True, False],
            [256, 512, 9, True, False],
            [512, 768, 3, True, False],
            [768, 1024, 3, False, True],
        ],
    }
    size_divisor = 2

    def __init__(
        self,
        arch: str = 'P5',
        deepen_factor: float = 1.0,
        widen_factor: float = 1.0,
        out_indices: Sequence[int] = (2, 3, 4),
        frozen_stages: int = -1,
        use_depthwise: bool = False,
        arch_ovewrite: Sequence[StageSetting] | None = None,
        spp_kernal_sizes: Sequence[int] = (5, 9, 13),
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='Swish'),
        norm_eval: bool = False,
        init_cfg: OptMultiConfig = INIT_CFG,
    ) -> None:
        super().__init__(
            arch=arch,
            deepen_factor=deepen_factor,
            widen_factor=widen_factor,
            out_indices=out_indices,
            frozen_stages=frozen_stages,
            use_depthwise=use_depthwise,
            stages=arch_ovewrite,
            spp_sizes=spp_kernal_sizes,
            norm_eval=norm_eval,
            init_cfg=init_cfg,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )

    def make_stem(self, channels: int, cfgs: dict) -> Focus:
        """The picture's 2x2 pixels, stacked and convolved."""
        return Focus(3, channels, **cfgs)
