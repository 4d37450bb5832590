"""The neck of YOLOX and YOLOX-Pose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmpose.registry import MODELS

from ..utils.csp_layer import INIT_CFG
from .pafpn import CSPPAFPN

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig


@MODELS.register_module()
class YOLOXPAFPN(CSPPAFPN):
    """Path aggregation by layers of Darknet's bottlenecks.

    Paper: `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_.

    The arguments that are not listed are those of :class:`~mmpose.models.necks.pafpn.CSPPAFPN`.

    Args:
        out_channels: Channels of the maps that come out, after a 1x1 convolution each.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int,
        num_csp_blocks: int = 3,
        use_depthwise: bool = False,
        upsample_cfg: ConfigType = dict(scale_factor=2, mode='nearest'),
        conv_cfg: OptConfigType = None,
        norm_cfg: OptConfigType = dict(type='BN', momentum=0.03, eps=0.001),
        act_cfg: OptConfigType = dict(type='Swish'),
        init_cfg: OptMultiConfig = INIT_CFG,
    ) -> None:
        super().__init__(
            in_channels,
            out_channels,
            out_indices=range(len(in_channels)),
            out_kernel_size=1,
            num_csp_blocks=num_csp_blocks,
            use_depthwise=use_depthwise,
            upsample_cfg=upsample_cfg,
            init_cfg=init_cfg,
            conv_cfg=conv_cfg,
            norm_cfg=norm_cfg,
            act_cfg=act_cfg,
        )
