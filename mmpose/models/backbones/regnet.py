"""Residual networks whose widths and depths follow a quantised line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby

import numpy as np

from mmpose.registry import MODELS

from .residual_blocks import Bottleneck
from .resnet import ResNet
from .utils import pick_arch

ARCH_KEYS = ('w0', 'wa', 'wm', 'group_w', 'depth', 'bot_mul')


def _arch(*values: float) -> dict[str, float]:
    return dict(zip(ARCH_KEYS, values, strict=True))


@MODELS.register_module()
class RegNet(ResNet):
    """Feature maps of a network of the RegNetX design space.

    Paper: `Radosavovic et al., 2020, Designing Network Design Spaces
    <https://arxiv.org/abs/2003.13678>`_. The stem has no pooling, so that the first stage, too,
    halves the resolution.

    Args:
        arch: A key of :attr:`arch_settings`, or such a row: ``w0`` (width of the first block),
            ``wa`` (slope of the widths), ``wm`` (ratio of the widths of successive stages),
            ``group_w`` (channels per group), ``depth`` (number of blocks) and ``bot_mul`` (ratio
            of a block's inner channels to its width).
        in_channels: Channels of the picture.
        stem_channels: Channels of the stem.
        base_channels: Without effect: the widths follow from ``arch``.
        strides: Stride of each stage.
        **kwargs: Those of :class:`ResNet`, less ``depth``, ``expansion`` and ``num_stages``.

    Raises:
        ValueError: There is no such arch.
        KeyError: The arch lacks a number.

    Example:
        >>> RegNet('regnetx_400mf', out_indices=(0, 1, 2, 3)).out_channels
        (32, 64, 160, 384)
    """

    arch_settings = {
        'regnetx_400mf': _arch(24, 24.48, 2.54, 16, 22, 1.0),
        'regnetx_800mf': _arch(56, 35.73, 2.28, 16, 16, 1.0),
        'regnetx_1.6gf': _arch(80, 34.01, 2.25, 24, 18, 1.0),
        'regnetx_3.2gf': _arch(88, 26.31, 2.25, 48, 25, 1.0),
        'regnetx_4.0gf': _arch(96, 38.65, 2.43, 40, 23, 1.0),
        'regnetx_6.4gf': _arch(184, 60.83, 2.07, 56, 17, 1.0),
        'regnetx_8.0gf': _arch(80, 49.56, 2.88, 120, 23, 1.0),
        'regnetx_12gf': _arch(168, 73.36, 2.37, 112, 19, 1.0),
    }
    stem_kernel_size = 3
    stem_pool = False

    def __init__(
        self,
        arch: str | Mapping[str, float],
        in_channels: int = 3,
        stem_channels: int = 32,
        base_channels: int = 32,
        strides: Sequence[int] = (2, 2, 2, 2),
        **kwargs,
    ) -> None:
        if not isinstance(arch, Mapping):
            arch = pick_arch(self, 'arch', arch, self.arch_settings)
        missing = [key for key in ARCH_KEYS if key not in arch]
        if missing:
            raise KeyError(f'arch of {type(self).__name__} lacks {", ".join(missing)}.')
        self.arch = arch
        super().__init__(
            depth=arch['depth'],
            in_channels=in_channels,
            stem_channels=stem_channels,
            base_channels=base_channels,
            num_stages=len(strides),
            strides=strides,
            **kwargs,
        )

    def plan_stages(self) -> list[dict]:
        """The arguments of each stage, by the rules of the design space."""
        arch = self.arch
        widths, _ = self.generate_regnet(arch['w0'], arch['wa'], arch['wm'], arch['depth'])
        widths, numbers = self.get_stages_from_blocks(widths)
        widths, group_widths = self.adjust_width_group(
            widths, [arch['bot_mul']] * len(widths), [arch['group_w']] * len(widths)
        )
        inner = [
            self.quantize_float(width * arch['bot_mul'], group)
            for width, group in zip(widths, group_widths, strict=True)
        ]
        return [
            dict(
                block=Bottleneck,
                num_blocks=number,
                out_channels=width,
                expansion=1,
                mid_channels=mid,
                groups=mid // group_width,
            )
            for number, width, mid, group_width in zip(
                numbers, widths, inner, group_widths, strict=True
            )
        ]

    @staticmethod
    def generate_regnet(
        initial_width: float,
        width_slope: float,
        width_parameter: float,
        depth: int,
        divisor: int = 8,
    ) -> tuple[list[int], int]:
        """The width of each block, and the number of different widths.

        Block j would be ``initial_width + width_slope * j`` wide; its width is the nearest power
        of ``width_parameter`` (on a logarithmic scale) times ``initial_width``, rounded to a
        multiple of ``divisor``.

        Args:
            initial_width: Width of the first block.
            width_slope: Growth from block to block.
            width_parameter: Ratio of the widths of successive stages.
            depth: Number of blocks.
            divisor: What the widths are multiples of.

        Raises:
            ValueError: The first width is no positive multiple of ``divisor``, or widths shrink.
        """
        if initial_width <= 0 or initial_width % divisor or width_slope < 0 or width_parameter <= 1:
            raise ValueError(
                f'The widths start at {initial_width}, grow by {width_slope} and have the ratio '
                f'{width_parameter}; start at a positive multiple of {divisor}, grow by 0 or more '
                'and have a ratio above 1.'
            )
        line = initial_width + width_slope * np.arange(depth)
        stages = np.round(np.log(line / initial_width) / np.log(width_parameter))
        widths = np.round(initial_width * width_parameter**stages / divisor) * divisor
        return widths.astype(int).tolist(), len(np.unique(widths))

    @staticmethod
    def get_stages_from_blocks(widths: Sequence[int]) -> tuple[list[int], list[int]]:
        """The width and the number of blocks of each stage: of each run of equal widths."""
        runs = [(width, len(list(run))) for width, run in groupby(widths)]
        return [width for width, _ in runs], [number for _, number in runs]

    @staticmethod
    def quantize_float(number: float, divisor: int) -> int:
        """The multiple of ``divisor`` nearest to ``number``; halfway, the even multiple."""
        return round(number / divisor) * divisor

    @staticmethod
    def adjust_width_group(
        widths: Sequence[int], bottleneck_ratio: Sequence[float], groups: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Widths and channels per group that fit each other.

        Args:
            widths: Width of each stage.
            bottleneck_ratio: Ratio of inner channels to width, for each stage.
            groups: Wanted channels per group of each stage; no more than the inner channels
                are taken.
        """
        inner = [int(width * ratio) for width, ratio in zip(widths, bottleneck_ratio, strict=True)]
        groups = [min(group, mid) for group, mid in zip(groups, inner, strict=True)]
        inner = [
            RegNet.quantize_float(mid, group) for mid, group in zip(inner, groups, strict=True)
        ]
        widths = [int(mid / ratio) for mid, ratio in zip(inner, bottleneck_ratio, strict=True)]
        return widths, groups
