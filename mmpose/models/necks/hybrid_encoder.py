"""The neck of RT-DETR and RTMO."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mmcv.cnn import ConvModule
from mmengine.model import BaseModule
from torch import Tensor, nn

from mmpose.registry import MODELS

from ..utils.detr_encoder import DetrTransformerEncoder
from ..utils.positional_encoding import SinePositionalEncoding
from ..utils.reparam_layers import RepVGGBlock
from .feature_maps import check_halved_maps, check_number_of_maps
from .pafpn import aggregate_paths

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType


class CSPRepLayer(BaseModule):
    """The sum of two projections of the input, of which one passed a chain of RepVGG blocks.

    Args:
        in_channels: Channels of the input.
        out_channels: Channels of the output.
        num_blocks: Number of blocks.
        expand_ratio: Ratio of the channels of the projections to ``out_channels``.
        norm_cfg: Norm layers.
        act_cfg: Activation.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        num_blocks: int,
        expand_ratio: float,
        norm_cfg: ConfigType,
        act_cfg: ConfigType,
    ) -> None:
        super().__init__()
        cfgs = dict(norm_cfg=norm_cfg, act_cfg=act_cfg)
        mid = int(out_channels * expand_ratio)
        self.conv1 = ConvModule(in_channels, mid, 1, **cfgs)
        self.conv2 = ConvModule(in_channels, mid, 1, **cfgs)
        self.bottlenecks = nn.Sequential(
            *(RepVGGBlock(mid, mid, **cfgs) for _ in range(num_blocks))
        )
        self.conv3 = nn.Identity()
        if mid != out_channels:
            self.conv3 = ConvModule(mid, out_channels, 1, **cfgs)

    def forward(self, x: Tensor) -> Tensor:
        """The output (B, ``out_channels``, H, W)."""
        return self.conv3(self.bottlenecks(self.conv1(x)) + self.conv2(x))


@MODELS.register_module()
class HybridEncoder(BaseModule):
    """Feature maps after attention within the coarse ones and path aggregation between all.

    Paper: `Lv et al., 2023, DETRs Beat YOLOs on Real-time Object Detection
    <https://arxiv.org/abs/2304.08069>`_.

    Args:
        encoder_cfg: Arguments of the layers of :class:`DetrTransformerEncoder`; their
            ``embed_dims`` are ``hidden_dim``.
        projector: Config of a neck that the maps pass at the end; ``None`` for none.
        num_encoder_layers: Number of layers of each encoder; 0 for no attention.
        in_channels: Channels of each feature map, from the finest to the coarsest.
        feat_strides: Pixels of the input per cell of each feature map.
        hidden_dim: Channels of the maps inside, a multiple of 4.
        use_encoder_idx: The maps with an encoder.
        pe_temperature: As ``temperature`` of :class:`SinePositionalEncoding`.
        widen_factor: Ratio of the channels of a joining layer's parts to ``hidden_dim``.
        deepen_factor: What the 3 blocks of each joining layer are multiplied by.
        spe_learnable: Whether the wavelengths of the positional encoding are learned.
        output_indices: The maps that come out; ``None`` for all.
        norm_cfg: Norm layers of the convolutions.
        act_cfg: Activation of the convolutions.

    Raises:
        ValueError: An index has no map, there are not as many strides as maps, or the encoders
            have other channels than ``hidden_dim``.
    """

    def __init__(
        self,
        encoder_cfg: ConfigType = {},
        projector: OptConfigType = None,
        num_encoder_layers: int = 1,
        in_channels: Sequence[int] = [512, 1024, 2048],
        feat_strides: Sequence[int] = [8, 16, 32],
        hidden_dim: int = 256,
        use_encoder_idx: Sequence[int] = [2],
        pe_temperature: float = 10000,
        widen_factor: float = 1.0,
        deepen_factor: float = 1.0,
        spe_learnable: bool = False,
        output_indices: Sequence[int] | None = None,
        norm_cfg: OptConfigType = dict(type='BN', requires_grad=True),
        act_cfg: OptConfigType = dict(type='SiLU', inplace=True),
    ) -> None:
        super().__init__()
        levels = range(len(in_channels))
        if output_indices is None:
            output_indices = levels
        _check_levels(in_channels, feat_strides, use_encoder_idx, output_indices)
        self.in_channels = list(in_channels)
        self.feat_strides = tuple(feat_strides)
        self.hidden_dim = hidden_dim
        self.output_indices = tuple(output_indices)
        self.use_encoder_idx = tuple(use_encoder_idx) if num_encoder_layers else ()

        self.input_proj = nn.ModuleList(
            ConvModule(channels, hidden_dim, 1, norm_cfg=norm_cfg, act_cfg=None)
            for channels in in_channels
        )
        self.encoder = nn.ModuleList(
            DetrTransformerEncoder(num_encoder_layers, encoder_cfg) for _ in self.use_encoder_idx
        )
        self._check_encoders()
        # half of the channels for each coordinate
        self.sincos_pos_enc = SinePositionalEncoding(
            hidden_dim // 2, spatial_dim=2, temperature=pe_temperature, learnable=spe_learnable
        )

        cfgs = dict(norm_cfg=norm_cfg, act_cfg=act_cfg)
        num_joins = len(in_channels) - 1
        self.upsample = nn.Upsample(scale_factor=2, mode='nearest')
        self.lateral_convs = nn.ModuleList(
            ConvModule(hidden_dim, hidden_dim, 1, **cfgs) for _ in range(num_joins)
        )
        self.downsample_convs = nn.ModuleList(
            ConvModule(hidden_dim, hidden_dim, 3, stride=2, padding=1, **cfgs)
            for _ in range(num_joins)
        )
        num_blocks = round(3 * deepen_factor)
        self.fpn_blocks, self.pan_blocks = (
            nn.ModuleList(
                CSPRepLayer(2 * hidden_dim, hidden_dim, num_blocks, widen_factor, **cfgs)
                for _ in range(num_joins)
            )
            for _ in range(2)
        )
        self.projector = None if projector is None else MODELS.build(projector)
        self.out_channels = (hidden_dim,) * len(self.output_indices)
        if self.projector is not None:
            self.out_channels = getattr(self.projector, 'out_channels', None)

    def _check_encoders(self) -> None:
        for encoder in self.encoder:
            if encoder.embed_dims != self.hidden_dim:
                raise ValueError(
                    f'hidden_dim of HybridEncoder is {self.hidden_dim}, but encoder_cfg gives '
                    f'{encoder.embed_dims} channels; set `embed_dims` in its `self_attn_cfg` and '
                    f'`ffn_cfg` to {self.hidden_dim}.'
                )

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The chosen maps, from the finest to the coarsest, in the sizes that they come in.

        Args:
            inputs: Maps (B, C, H, W), as many as ``in_channels``, each half as large as the one
                before.

        Raises:
            ValueError: There is another number of maps, or a map is not half as large.
        """
        check_number_of_maps(self, inputs)
        check_halved_maps(self, inputs)
        maps = [proj(x) for proj, x in zip(self.input_proj, inputs, strict=True)]
        for i, encoder in zip(self.use_encoder_idx, self.encoder, strict=True):
            H, W = maps[i].shape[-2:]
            tokens = maps[i].flatten(2).transpose(1, 2)
            position = self._position((H, W)).to(tokens.dtype)
            tokens = encoder(tokens, query_pos=position, key_padding_mask=None)
            maps[i] = tokens.transpose(1, 2).unflatten(2, (H, W))
        maps = aggregate_paths(
            maps,
            self.lateral_convs,
            self.upsample,
            self.fpn_blocks,
            self.downsample_convs,
            self.pan_blocks,
        )
        maps = tuple(maps[i] for i in self.output_indices)
        return maps if self.projector is None else self.projector(maps)

    def _position(self, size: tuple[int, int]) -> Tensor:
        """Positional encoding (1, H * W, ``hidden_dim``) of an (H, W) map: of rows, of columns."""
        return self.sincos_pos_enc(size=size).mT.flatten(1)[None]

    def switch_to_deploy(self, test_cfg: OptConfigType) -> None:
        """Merge the branches of convolutions, and compute positional encodings once.

        Args:
            test_cfg: ``input_size`` (w, h) of the pictures, whose encodings are kept ready; other
                sizes still work. Without it none is kept.
        """
        for module in self.modules():
            if isinstance(module, RepVGGBlock):
                module.switch_to_deploy(test_cfg)
        if test_cfg and 'input_size' in test_cfg:
            w, h = test_cfg['input_size']
            for stride in (self.feat_strides[i] for i in self.use_encoder_idx):
                self.sincos_pos_enc.keep((math.ceil(h / stride), math.ceil(w / stride)))


def _check_levels(
    in_channels: Sequence[int],
    feat_strides: Sequence[int],
    use_encoder_idx: Sequence[int],
    output_indices: Sequence[int],
) -> None:
    levels = tuple(range(len(in_channels)))
    for name, indices in dict(
        use_encoder_idx=use_encoder_idx, output_indices=output_indices
    ).items():
        if any(i not in levels for i in indices):
            raise ValueError(
                f'{name} of HybridEncoder is {tuple(indices)}; with in_channels='
                f'{list(in_channels)} choose among {levels}.'
            )
    if len(feat_strides) != len(in_channels):
        raise ValueError(
            f'feat_strides of HybridEncoder is {list(feat_strides)}; give a stride for each of '
            f'in_channels={list(in_channels)}.'
        )
