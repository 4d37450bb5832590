"""A heatmap head with grouped deconvolutions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmpose.registry import MODELS

from .heatmap_head import HeatmapHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig


@MODELS.register_module()
class ViPNASHead(HeatmapHead):
    """Heatmaps from the last feature map, by deconvolutions in groups.

    Paper: `Xu et al., 2021, ViPNAS: Efficient Video Pose Estimation via Neural Architecture Search
    <https://arxiv.org/abs/2105.10154>`_. Arguments that are not listed are those of
    :class:`HeatmapHead`.

    Args:
        deconv_num_groups: Groups of each deconvolution; they divide its input and output channels.

    Raises:
        ValueError: As in :class:`HeatmapHead`, or the groups do not fit the deconvolutions.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        deconv_out_channels: Sequence[int] | None = (144, 144, 144),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        deconv_num_groups: Sequence[int] | None = (16, 16, 16),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType = dict(type='KeypointMSELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        self.deconv_num_groups = deconv_num_groups
        super().__init__(
            in_channels,
            out_channels,
            deconv_out_channels,
            deconv_kernel_sizes,
            conv_out_channels,
            conv_kernel_sizes,
            final_layer,
            loss,
            decoder,
            init_cfg,
        )
