"""The head of SimCC: each keypoint's feature map classified along x and y."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import build_conv_layer
from torch import Tensor, nn

from mmpose.registry import MODELS
from mmpose.utils.checks import check_choice

from .base_simcc_head import BaseSimCCHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, Features, OptConfigType, OptMultiConfig

_DECONV_HEADS = dict(heatmap='HeatmapHead', vipnas='ViPNASHead')


@MODELS.register_module()
class SimCCHead(BaseSimCCHead):
    """Logits of x and y by a linear layer each, from a feature map per keypoint.

    Paper: `Li et al., ECCV 2022, SimCC <https://arxiv.org/abs/2107.03332>`_.

    The arguments that are not listed are those of :class:`BaseSimCCHead`.

    Args:
        deconv_type: Kind of the head whose deconvolutions enlarge the map: ``'heatmap'``
            (:class:`HeatmapHead`) or ``'vipnas'`` (:class:`ViPNASHead`).
        deconv_out_channels: Channels of each deconvolution, which doubles the size; ``None`` for
            none.
        deconv_kernel_sizes: Kernel size of each deconvolution: 2, 3 or 4.
        deconv_num_groups: Groups of each deconvolution, for ``'vipnas'``.
        conv_out_channels: Channels of each convolution after them; ``None`` for none.
        conv_kernel_sizes: Kernel size of each convolution.
        final_layer: Arguments of the convolution to K channels; ``None`` for none.

    Raises:
        ValueError: ``deconv_type`` is unknown, channels and kernel sizes differ in number, there
            are convolutions without deconvolutions, or the last map has not K channels.

    Example:
        >>> import torch
        >>> head = SimCCHead(8, 17, input_size=(192, 256), in_featuremap_size=(6, 8),
        ...                  deconv_out_channels=None)
        >>> [tuple(logits.shape) for logits in head((torch.zeros(2, 8, 8, 6),))]
        [(2, 17, 384), (2, 17, 512)]
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        input_size: tuple[int, int],
        in_featuremap_size: tuple[int, int],
        simcc_split_ratio: float = 2.0,
        deconv_type: str = 'heatmap',
        deconv_out_channels: Sequence[int] | None = (256, 256, 256),
        deconv_kernel_sizes: Sequence[int] | None = (4, 4, 4),
        deconv_num_groups: Sequence[int] | None = (16, 16, 16),
        conv_out_channels: Sequence[int] | None = None,
        conv_kernel_sizes: Sequence[int] | None = None,
        final_layer: OptConfigType = dict(kernel_size=1),
        loss: ConfigType = dict(type='KLDiscretLoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        check_choice('deconv_type', deconv_type, tuple(_DECONV_HEADS))
        if conv_out_channels and not deconv_out_channels:
            raise ValueError(
                f'conv_out_channels is {tuple(conv_out_channels)}, but convolutions follow '
                'deconvolutions and deconv_out_channels gives none; set both or neither.'
            )
        super().__init__(
            in_channels, out_channels, input_size, in_featuremap_size, simcc_split_ratio, loss,
            decoder, init_cfg,
        )  # fmt: skip
        self.deconv_head = None
        self.final_layer = nn.Identity()
        channels = self.last_channels
        if deconv_out_channels:
            groups = {} if deconv_type == 'heatmap' else dict(deconv_num_groups=deconv_num_groups)
            self.deconv_head = MODELS.build(
                dict(
                    type=_DECONV_HEADS[deconv_type],
                    in_channels=in_channels,
                    out_channels=out_channels,
                    deconv_out_channels=deconv_out_channels,
                    deconv_kernel_sizes=deconv_kernel_sizes,
                    conv_out_channels=conv_out_channels,
                    conv_kernel_sizes=conv_kernel_sizes,
                    final_layer=final_layer,
                    **groups,
                )
            )
            channels = (conv_out_channels or deconv_out_channels)[-1]
        elif final_layer is not None:
            kwargs = dict(dict(type='Conv2d', kernel_size=1), **final_layer)
            self.final_layer = build_conv_layer(kwargs, channels, out_channels)
        if final_layer is None and channels != out_channels:
            raise ValueError(
                f'final_layer is None and the last map has {channels} channels for out_channels='
                f'{out_channels}; set `final_layer`, or the channels of the layer before it.'
            )
        cells = self.cells * 4 ** len(deconv_out_channels or ())
        self.mlp_head_x, self.mlp_head_y = (nn.Linear(cells, bins) for bins in self.num_bins)

    def forward(self, feats: Features) -> tuple[Tensor, Tensor]:
        """Logits (B, K, Wx) and (B, K, Wy) from feature maps, of which only the last is read."""
        self.check_last_map(feats[-1])
        maps = feats[-1] if self.deconv_head is None else self.deconv_head(feats)
        tokens = self.final_layer(maps).flatten(2)
        return self.mlp_head_x(tokens), self.mlp_head_y(tokens)
