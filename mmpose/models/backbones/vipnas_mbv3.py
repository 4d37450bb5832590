"""Mobile networks found by an architecture search for pose estimation in video."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmpose.registry import MODELS

from .mobilenet_v3 import InvertedResidualBackbone, squeeze_excitation
from .vipnas_resnet import check_found

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


@MODELS.register_module()
class ViPNAS_MobileNetV3(InvertedResidualBackbone):  # noqa: N801
    """The last feature map of a MobileNetV3 whose every stage was searched for.

    Paper: `Xu et al., 2021, ViPNAS: Efficient Video Pose Estimation via Neural Architecture Search
    <https://arxiv.org/abs/2105.10154>`_. The lists have an entry for the stem, of which width,
    kernel size, stride and activation count, and one for each stage.

    Args:
        wid: Output channels.
        expan: Ratio of inner to output channels of a block; 1 leaves its first convolution out.
        dep: Number of blocks.
        ks: Odd kernel size of the stem, and of the blocks' middle convolution.
        group: Groups of the blocks' middle convolution.
        att: Whether blocks have channel attention.
        stride: Stride of the stem, and of a stage's first block.
        act: Activation.
        conv_cfg: Kind of convolution; ``None`` is ``nn.Conv2d``.
        norm_cfg: Kind of norm layer.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n blocks too.
        norm_eval: Whether batch norm keeps its statistics in training.
        with_cp: Whether blocks are computed again in the backward pass, to save memory.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: The lists differ in length, or there is no such block.
    """

    def __init__(
        self,
        wid: Sequence[int] = [16, 16, 24, 40, 80, 112, 160],
        expan: Sequence[int | None] = [None, 1, 5, 4, 5, 5, 6],
        dep: Sequence[int | None] = [None, 1, 4, 4, 4, 4, 4],
        ks: Sequence[int] = [3, 3, 7, 7, 5, 7, 5],
        group: Sequence[int | None] = [None, 8, 120, 20, 100, 280, 240],
        att: Sequence[bool | None] = [None, True, True, False, True, True, True],
        stride: Sequence[int] = [2, 1, 2, 2, 2, 1, 2],
        act: Sequence[str] = ['HSwish', 'ReLU', 'ReLU', 'ReLU', 'HSwish', 'HSwish', 'HSwish'],
        conv_cfg: OptConfigType = None,
        norm_cfg: dict = dict(type='BN'),
        frozen_stages: int = -1,
        norm_eval: bool = False,
        with_cp: bool = False,
        init_cfg: OptMultiConfig = [
            dict(type='Normal', std=0.001, layer=['Conv2d']),
            dict(type='Constant', val=1, layer=['_BatchNorm', 'GroupNorm']),
        ],
    ) -> None:
        found = dict(
            wid=wid, expan=expan, dep=dep, ks=ks, group=group, att=att, stride=stride, act=act
        )
        check_found(self, found)
        rows = list(zip(*found.values(), strict=True))
        super().__init__(
            stem=dict(
                out_channels=wid[0],
                kernel_size=ks[0],
                stride=stride[0],
                act_cfg=dict(type=act[0]),
            ),
            blocks=[block for row in rows[1:] for block in _stage(*row)],
            out_indices=(-1,),
            frozen_stages=frozen_stages,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            norm_eval=norm_eval,
            with_cp=with_cp,
            init_cfg=init_cfg,
        )


def _stage(
    width: int,
    expansion: int,
    num_blocks: int,
    kernel_size: int,
    groups: int,
    attention: bool,
    stride: int,
    act: str,
) -> list[dict]:
    """The arguments of each block of a stage."""
    mid_channels = width * expansion
    block = dict(
        out_channels=width,
        mid_channels=mid_channels,
        kernel_size=kernel_size,
        groups=groups,
        se_cfg=squeeze_excitation(mid_channels) if attention else None,
        with_expand_conv=expansion != 1,
        act_cfg=dict(type=act),
    )
    return [dict(block, stride=stride if i == 0 else 1) for i in range(num_blocks)]
