"""The common heatmap head: deconvolutions, convolutions and a last layer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mmcv.cnn import build_conv_layer
from torch import Tensor, nn

from mmpose.registry import KEYPOINT_CODECS, MODELS

from ..layers import make_conv_layers, make_deconv_layers
from .base_heatmap_head import BaseHeatmapHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class HeatmapHead(BaseHeatmapHead):
    """Heatmaps from the last feature map.

    Paper: `Xiao et al., 2018, Simple Baselines for Human Pose Estimation
    <https://arxiv.org/abs/1804.06208>`_.

    Args:
        in_channels: Channels of the last feature map, or of all.
        out_channels: Channels of the heatmaps: K, or what the codec has per keypoint times K.
        deconv_out_channels: Channels of each deconvolution, which doubles the size; ``None`` for
            none.
        deconv_kernel_sizes: Kernel size of each deconvolution: 2, 3 or 4.
        conv_out_channels: Channels of each convolution after them; ``None`` for none.
        conv_kernel_sizes: Kernel size of each convolution.
        final_layer: Arguments of the last convolution; ``None`` for none.
        loss: The loss.
        decoder: Codec that turns the heatmaps into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: Channels and kernel sizes differ in number, or a kernel size is not supported.

    Example:
        >>> import torch
        >>> head = HeatmapHead(in_channels=8, out_channels=17, deconv_out_channels=(4,),
        ...                    deconv_kernel_sizes=(4,))
        >>> tuple(head((torch.zeros(2, 8, 8, 6),)).shape)
        (2, 17, 16, 12)
    """

    _version = 2

    deconv_num_groups: Sequence[int] | None = None
    """Groups of each deconvolution; ``None`` is 1."""

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType = dict(type='KeypointMSELoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.loss_module = MODELS.build(loss)
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None

        channels = in_channels if isinstance(in_channels, int) else in_channels[-1]
        self.deconv_layers = nn.Identity()
        self.conv_layers = nn.Identity()
        self.final_layer = nn.Identity()
        if deconv_out_channels:
            self.deconv_layers = make_deconv_layers(
                channels, deconv_out_channels, deconv_kernel_sizes, self.deconv_num_groups
            )
            channels = deconv_out_channels[-1]
        if conv_out_channels:
            self.conv_layers = make_conv_layers(channels, conv_out_channels, conv_kernel_sizes)
            channels = conv_out_channels[-1]
        if final_layer is not None:
            kwargs = dict(dict(type='Conv2d', kernel_size=1), **final_layer)
            self.final_layer = build_conv_layer(kwargs, channels, out_channels)

    def forward(self, feats: Features) -> Tensor:
        """Heatmaps (B, C, H, W) from feature maps, of which only the last is read."""
        return self.final_layer(self.conv_layers(self.deconv_layers(feats[-1])))

    def _load_from_state_dict(
        self, state_dict: dict, prefix: str, local_metadata: dict, *args: Any
    ) -> None:
        if (local_metadata.get('version') or 1) < 2:
            self._rename_final_layers(state_dict, prefix)
        super()._load_from_state_dict(state_dict, prefix, local_metadata, *args)

    def _rename_final_layers(self, state_dict: dict, prefix: str) -> None:
        """Rename the weights of releases 0.x, which had all convolutions in ``final_layer``."""
        depth = len(self.conv_layers) if isinstance(self.conv_layers, nn.Sequential) else 0
        for key in list(state_dict):
            match = re.fullmatch(rf'{re.escape(prefix)}final_layer\.(\d+)\.(\w+)', key)
            if match:
                index, leaf = match.groups()
                new = f'conv_layers.{index}' if int(index) < depth else 'final_layer'
                state_dict[f'{prefix}{new}.{leaf}'] = state_dict.pop(key)
