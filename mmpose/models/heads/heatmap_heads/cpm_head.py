"""The head of networks whose stages each refine the heatmaps of the one before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer
from torch import Tensor, nn

from mmpose.registry import MODELS

from ..layers import make_deconv_layers
from .base_multi_output_head import BaseMultiOutputHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig


@MODELS.register_module()
class CPMHead(BaseMultiOutputHead):
    """Heatmaps from the feature map of each stage, which all learn from the same targets.

    Paper: `Wei et al., 2016, Convolutional Pose Machines <https://arxiv.org/abs/1602.00134>`_. It
    serves `stacked hourglasses <https://arxiv.org/abs/1603.06937>`_ as well.

    Args:
        in_channels: Channels of each stage's feature map, or a list with those of every stage.
        out_channels: Channels of the heatmaps: K, or what the codec has per keypoint times K.
        num_stages: Number of stages.
        deconv_out_channels: Channels of each of a stage's deconvolutions, which double the size;
            ``None`` for none.
        deconv_kernel_sizes: Kernel size of each deconvolution: 2, 3 or 4.
        final_layer: Arguments of a stage's last convolution; ``None`` for none.
        loss: The loss of every stage, or a list with one for each.
        decoder: Codec that turns the last stage's heatmaps into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: The numbers of stages, channels, kernel sizes or losses differ, or a kernel
            size is not supported.

    Example:
        >>> import torch
        >>> head = CPMHead(in_channels=8, out_channels=17, num_stages=2)
        >>> [tuple(x.shape) for x in head([torch.zeros(1, 8, 8, 6)] * 2)]
        [(1, 17, 8, 6), (1, 17, 8, 6)]
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        num_stages: int,
        deconv_out_channels: Sequence[int] | None = None,
        deconv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType | Sequence[ConfigType] = dict(
            type='KeypointMSELoss', use_target_weight=True
        ),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(num_stages, loss, decoder, init_cfg)
        self.num_stages = num_stages
        self.in_channels = in_channels
        self.out_channels = out_channels

        channels = [in_channels] * num_stages if isinstance(in_channels, int) else [*in_channels]
        if len(channels) != num_stages:
            raise ValueError(
                f'in_channels is {channels} for {num_stages} stages; give one entry for each '
                'stage, or a single number for all.'
            )
        self.multi_deconv_layers = nn.ModuleList(nn.Identity() for _ in channels)
        if deconv_out_channels:
            self.multi_deconv_layers = nn.ModuleList(
                make_deconv_layers(c, deconv_out_channels, deconv_kernel_sizes) for c in channels
            )
            channels = [deconv_out_channels[-1]] * num_stages
        self.multi_final_layers = nn.ModuleList(nn.Identity() for _ in channels)
        if final_layer is not None:
            kwargs = dict(dict(type='Conv2d', kernel_size=1), **final_layer)
            self.multi_final_layers = nn.ModuleList(
                build_conv_layer(kwargs, c, out_channels) for c in channels
            )

    def output(self, feats: Features, index: int) -> Tensor:
        """The heatmaps of a stage; see :meth:`BaseMultiOutputHead.output`."""
        if len(feats) != self.num_stages:
            raise ValueError(
                f'CPMHead has {self.num_stages} stages but gets {len(feats)} feature maps; set '
                '`num_stages` of the head to the number of stages of the backbone.'
            )
        return self.multi_final_layers[index](self.multi_deconv_layers[index](feats[index]))
