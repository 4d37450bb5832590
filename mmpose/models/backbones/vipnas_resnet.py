"""Residual networks found by an architecture search for pose estimation in video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ContextBlock
from torch import Tensor

from mmpose.registry import MODELS

from .residual_blocks import Bottleneck, ResLayer, get_expansion
from .resnet import ResNet
from .utils import pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig

__all__ = ['ViPNAS_Bottleneck', 'ViPNAS_ResLayer', 'ViPNAS_ResNet', 'get_expansion']

# a stage hands what it does not know, such as `attention`, to its blocks
ViPNAS_ResLayer = ResLayer


def check_found(backbone: object, found: Mapping[str, Sequence]) -> None:
    """Check that what the search found of each stage is as long as the rest.

    Args:
        backbone: Whose arguments they are.
        found: The lists by their names.

    Raises:
        ValueError: The lists have different lengths.
    """
    if len({len(values) for values in found.values()}) > 1:
        lengths = ', '.join(f'{name} {len(values)}' for name, values in found.items())
        raise ValueError(
            f'The lists of {type(backbone).__name__} have different lengths ({lengths}); give each '
            'an entry for the stem and one for every stage.'
        )


class ViPNAS_Bottleneck(Bottleneck):  # noqa: N801
    """A bottleneck that may attend to the whole map.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        attention: Whether the residual branch ends with global context attention.
        **kwargs: Those of :class:`mmpose.models.backbones.resnet.Bottleneck`, ``kernel_size`` and
            ``groups`` among them.
    """

    expansion = 1

    def __init__(
        self, in_channels: int, out_channels: int, *, attention: bool = False, **kwargs
    ) -> None:
        super().__init__(in_channels, out_channels, **kwargs)
        self.attention = None
        if attention:
            # a sixteenth of the channels inside, but at least 16
            self.attention = ContextBlock(out_channels, max(1 / 16, 16 / out_channels))

    def residual(self, x: Tensor) -> Tensor:
        """The three convolutions, and the attention where there is one."""
        out = super().residual(x)
        return out if self.attention is None else self.attention(out)


@MODELS.register_module()
class ViPNAS_ResNet(ResNet):  # noqa: N801
    """Feature maps of a residual network whose every stage was searched for.

    Paper: `Xu et al., 2021, ViPNAS: Efficient Video Pose Estimation via Neural Architecture Search
    <https://arxiv.org/abs/2105.10154>`_. ``wid`` to ``att`` have an entry for the stem, of
    which only width and kernel size count, and one for each stage.

    Args:
        depth: 50.
        zero_init_residual: Without effect: the published networks start from ``init_cfg`` alone.
        wid: Output channels.
        expan: Ratio of output to inner channels of a block; ``None`` for 1.
        dep: Number of blocks.
        ks: Kernel size of the stem, and of the blocks' middle convolution.
        group: Groups of the blocks' middle convolution.
        att: Whether blocks end with global context attention.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        **kwargs: Those of :class:`ResNet`, less ``stem_channels``, ``base_channels`` and
            ``expansion``.

    Raises:
        ValueError: There is no such depth, or the lists differ in length.
    """

    arch_settings = {50: ViPNAS_Bottleneck}

    def __init__(
        self,
        depth: int,
        *,
        zero_init_residual: bool = True,
        wid: Sequence[int] = [48, 80, 160, 304, 608],
        expan: Sequence[int | None] = [None, 1, 1, 1, 1],
        dep: Sequence[int | None] = [None, 4, 6, 7, 3],
        ks: Sequence[int] = [7, 3, 5, 5, 5],
        group: Sequence[int | None] = [None, 16, 16, 16, 16],
        att: Sequence[bool | None] = [None, True, False, True, True],
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
        **kwargs,
    ) -> None:
        found = dict(wid=wid, expan=expan, dep=dep, ks=ks, group=group, att=att)
        check_found(self, found)
        self.found = found
        self.stem_kernel_size = ks[0]
        super().__init__(
            depth=depth,
            stem_channels=wid[0],
            zero_init_residual=False,
            init_cfg=init_cfg,
            **kwargs,
        )

    def plan_stages(self) -> list[dict]:
        """The arguments of each stage, as they were found."""
        block = pick_arch(self, 'depth', self.depth, self.arch_settings)
        rows = [values[1:] for values in self.found.values()]
        return [
            dict(
                block=block,
                num_blocks=number,
                out_channels=width,
                expansion=get_expansion(block, expansion),
                kernel_size=kernel_size,
                groups=groups,
                attention=attention,
            )
            for width, expansion, number, kernel_size, groups, attention in zip(*rows, strict=True)
        ]
