"""What high-resolution networks share: parallel branches, and how features pass between them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer, build_norm_layer
from mmengine.model import BaseModule
from torch import Tensor, nn

from .utils import conv_norm

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


def check_branches(num_branches: int, **per_branch: Sequence) -> None:
    """Check that the arguments given per branch have ``num_branches`` entries.

    Raises:
        ValueError: One has another length.
    """
    for name, values in per_branch.items():
        if len(values) != num_branches:
            raise ValueError(
                f'{name} is {tuple(values)}; give an entry for each of {num_branches} branches.'
            )


def separable_conv_norm(
    in_channels: int,
    out_channels: int,
    conv_cfg: OptConfigType,
    norm_cfg: dict,
    stride: int = 1,
    relu: bool = True,
) -> nn.Sequential:
    """As :func:`conv_norm`: a 3x3 convolution of each channel and a 1x1 of all, both normalised."""
    depthwise = dict(stride=stride, padding=1, groups=in_channels, bias=False)
    return nn.Sequential(
        build_conv_layer(conv_cfg, in_channels, in_channels, 3, **depthwise),
        build_norm_layer(norm_cfg, in_channels)[1],
        build_conv_layer(conv_cfg, in_channels, out_channels, 1, bias=False),
        build_norm_layer(norm_cfg, out_channels)[1],
        *([nn.ReLU()] if relu else []),
    )


def each(layers: Iterable[nn.Module | None], maps: Sequence[Tensor]) -> list[Tensor]:
    """Each layer's output for its map; ``None`` passes the map on."""
    return [x if layer is None else layer(x) for layer, x in zip(layers, maps, strict=True)]


def make_transition(
    before: Sequence[int], after: Sequence[int], convolve: Callable[..., nn.Sequential]
) -> nn.ModuleList:
    """Per branch of the next stage what prepares its input; ``None`` where it already fits.

    A branch that does not exist before comes from the coarsest one, by halving it.

    Args:
        before: Channels of the branches there are.
        after: Channels of the next stage's branches.
        convolve: Makes a convolution from its input and output channels and ``stride``.
    """
    layers = nn.ModuleList(
        None if old == new else convolve(old, new) for old, new in zip(before, after, strict=False)
    )
    for i in range(len(before), len(after)):
        widths = [before[-1]] * (i - len(before) + 1) + [after[i]]
        layers.append(nn.Sequential(*(convolve(a, b, stride=2) for a, b in pairwise(widths))))
    return layers


class BranchExchange(BaseModule):
    """Parallel branches that exchange their features; a subclass makes the branches.

    Its constructor ends with ``self.fuse_layers = self.make_fuse_layers()``.

    Args:
        in_channels: Channels of each branch, where they are exchanged.
        multiscale_output: Whether every branch is returned, not the finest alone.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        upsample_cfg: ``mode`` and ``align_corners`` of the upsampling between branches.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        conv_norm: Makes the convolutions that halve a branch.
    """

    conv_norm = staticmethod(conv_norm)

    def __init__(
        self,
        in_channels: Sequence[int],
        multiscale_output: bool,
        conv_cfg: OptConfigType,
        norm_cfg: dict,
        upsample_cfg: dict,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.num_branches = len(in_channels)
        self.in_channels = list(in_channels)
        self.multiscale_output = multiscale_output
        self.conv_cfg = conv_cfg
        self.norm_cfg = norm_cfg
        self.upsample_cfg = upsample_cfg

    def make_fuse_layers(self) -> nn.ModuleList | None:
        """Per returned branch what brings each branch to its shape; ``None`` for a lone branch."""
        if self.num_branches == 1:
            return None
        targets = range(self.num_branches if self.multiscale_output else 1)
        return nn.ModuleList(
            nn.ModuleList(self._make_exchange(j, i) for j in range(self.num_branches))
            for i in targets
        )

    def _make_exchange(self, source: int, target: int) -> nn.Sequential | None:
        """What brings branch ``source`` to the shape of branch ``target``."""
        if source == target:
            return None
        before, after = self.in_channels[source], self.in_channels[target]
        cfgs = dict(conv_cfg=self.conv_cfg, norm_cfg=self.norm_cfg)
        if source > target:
            project = conv_norm(before, after, **cfgs, relu=False, kernel_size=1)
            upsample = nn.Upsample(scale_factor=2 ** (source - target), **self.upsample_cfg)
            return nn.Sequential(*project, upsample)
        halve = partial(self.conv_norm, **cfgs, stride=2)
        halvings = [halve(before, before) for _ in range(target - source - 1)]
        return nn.Sequential(*halvings, halve(before, after, relu=False))
