"""The backbone of RTMDet and RTMPose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from torch import nn

from mmpose.registry import MODELS

from ..utils.csp_layer import INIT_CFG
from .csp_darknet import CSPBackbone, StageSetting

if TYPE_CHECKING:
    from mmpose.utils.typing import OptConfigType, OptMultiConfig


@MODELS.register_module()
class CSPNeXt(CSPBackbone):
    """A CSP network whose blocks have large depthwise kernels, with channel attention.

    Paper: `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_.

    The arguments that are not listed are those of :class:`~mmpose.models.CSPDarknet`.

    Args:
        expand_ratio: Ratio of the channels of each part of a CSP layer to those of the layer.
        spp_kernel_sizes: Odd sizes of the windows of the spatial pyramid pooling.
        channel_attention: Whether CSP layers weight their channels.

    Raises:
        ValueError: There is no such architecture or stage, rows of ``arch_ovewrite`` do not fit
            each other, or a window is even.
    """

    arch_settings = {
        'P5': [
            [64, 128, 3, True, False],
            [128, 256, 6, True, False],
            [256, 512, 6, True, False],
            [512, 1024, 3, False, True],
        ],
        'P6': [
            [64, 128, 3, True, False],
            [128, 256, 6, True, False],
            [256, 512, 6, True, False],
            [512, 768, 3, True, False],
            [768, 1024, 3, False, True],
        ],
    }

    def __init__(
        self,
        arch: str = 'P5',
        deepen_factor: float = 1.0,
        widen_factor: float = 1.0,
        out_indices: Sequence[int] = (2, 3, 4),
        frozen_stages: int = -1,
        use_depthwise: bool = False,
        expand_ratio: float = 0.5,
        arch_ovewrite: Sequence[StageSetting] | None = None,
        spp_kernel_sizes: Sequence[int] = (5, 9, 13),
        channel_attention: bool = True,
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='SiLU'),
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
            spp_sizes=spp_kernel_sizes,
            norm_eval=norm_eval,
            init_cfg=init_cfg,
            csp_cfg=dict(
                expand_ratio=expand_ratio,
                use_cspnext_block=True,
                channel_attention=channel_attention,
            ),
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )

    def make_stem(self, channels: int, cfgs: dict) -> nn.Sequential:
        """Three 3x3 convolutions, the first with a stride of 2."""
        half = channels // 2
        return nn.Sequential(
            ConvModule(3, half, 3, stride=2, padding=1, **cfgs),
            ConvModule(half, half, 3, padding=1, **cfgs),
            ConvModule(half, channels, 3, padding=1, **cfgs),
        )
