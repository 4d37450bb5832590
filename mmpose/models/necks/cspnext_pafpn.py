"""The neck of RTMDet and RTMW."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmpose.registry import MODELS

from ..utils.csp_layer import INIT_CFG
from .pafpn import CSPPAFPN

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig


@MODELS.register_module()
class CSPNeXtPAFPN(CSPPAFPN):
    """Path aggregation by layers of CSPNeXt's blocks.

    Paper: `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_.

    The arguments that are not listed are those of :class:`~mmpose.models.necks.pafpn.CSPPAFPN`.

    Args:
        out_channels: Channels of the maps that come out, after a 3x3 convolution each; ``None``
            leaves it out.
        expand_ratio: Ratio of the channels of each part of a CSP layer to those of the layer.

    Raises:
        ValueError: ``out_indices`` has maps that do not exist.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int | None,
        out_indices: Sequence[int] = (0, 1, 2),
        num_csp_blocks: int = 3,
        use_depthwise: bool = False,
        expand_ratio: float = 0.5,
        upsample_cfg: ConfigType = dict(scale_factor=2, mode='nearest'),
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='Swish'),
        init_cfg: OptMultiConfig = INIT_CFG,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            out_indices=out_indices,
            out_kernel_size=3,
            num_csp_blocks=num_csp_blocks,
            use_depthwise=use_depthwise,
            upsample_cfg=upsample_cfg,
            init_cfg=init_cfg,
            csp_cfg=dict(use_cspnext_block=True, expand_ratio=expand_ratio),
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )
