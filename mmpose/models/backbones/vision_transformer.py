"""Plain vision transformers, such as ViTPose uses: one resolution, global attention."""

from __future__ import annotations

import math
import warnings
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import build_norm_layer
from mmcv.cnn.bricks import DropPath
from mmengine.model import BaseModule, ModuleList
from torch import Tensor, nn

from mmpose.models.utils.ckpt_convert import vit_convert
from mmpose.models.utils.position_embedding import (
    fit_position_embedding,
    resize_position_embedding,
)
from mmpose.models.utils.transformer import (
    FFN,
    PatchEmbed,
    SelfAttention,
    drop_path_rates,
    nlc_to_nchw,
)
from mmpose.registry import MODELS

from .base_backbone import BaseBackbone
from .utils import check_lengths, pick_arch

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig

_ARCH_KEYS = ('embed_dims', 'num_layers', 'num_heads', 'feedforward_channels')
_ARCH_ROWS = {
    ('s', 'small'): (768, 8, 8, 2304),
    ('b', 'base'): (768, 12, 12, 3072),
    ('l', 'large'): (1024, 24, 16, 4096),
    ('h', 'huge'): (1280, 32, 16, 5120),
    ('deit-t', 'deit-tiny'): (192, 12, 3, 768),
    ('deit-s', 'deit-small', 'dinov2-s', 'dinov2-small'): (384, 12, 6, 1536),
    ('deit-b', 'deit-base'): (768, 12, 12, 3072),
    ('eva-g', 'eva-giant'): (1408, 40, 16, 6144),
}
_OUT_TYPES = ('featmap', 'cls_token', 'raw', 'avg_featmap')


class TransformerEncoderLayer(BaseModule):
    """Attention of all tokens to each other and a feed-forward network, each with a shortcut.

    Args:
        embed_dims: Channels of the tokens.
        num_heads: Number of heads.
        feedforward_channels: Channels inside the feed-forward network.
        layer_scale_init_value: Start of a learned scale of both outputs; 0 for none.
        drop_rate: Share of the features that training drops.
        attn_drop_rate: Share of the attention weights that training drops.
        drop_path_rate: How often training skips each of the two parts.
        num_fcs: Linear layers of the feed-forward network.
        qkv_bias: Whether queries, keys and values have a bias.
        act_cfg: Kind of activation.
        norm_cfg: Kind of norm layer.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    def __init__(
        self,
        embed_dims: int,
        num_heads: int,
        feedforward_channels: int,
        layer_scale_init_value: float = 0.0,
        drop_rate: float = 0.0,
        attn_drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        num_fcs: int = 2,
        qkv_bias: bool = True,
        act_cfg: dict = dict(type='GELU'),
        norm_cfg: dict = dict(type='LN'),
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        self.ln1 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.attn = SelfAttention(
            embed_dims,
            num_heads,
            qkv_bias=qkv_bias,
            attn_drop_rate=attn_drop_rate,
            proj_drop_rate=drop_rate,
            layer_scale_init_value=layer_scale_init_value,
        )
        self.drop_path = DropPath(drop_path_rate)
        self.ln2 = build_norm_layer(norm_cfg, embed_dims)[1]
        self.ffn = FFN(
            embed_dims,
            feedforward_channels,
            num_fcs=num_fcs,
            act_cfg=act_cfg,
            ffn_drop=drop_rate,
            drop_path_rate=drop_path_rate,
            layer_scale_init_value=layer_scale_init_value,
        )

    def init_weights(self) -> None:
        """Initialise by ``init_cfg``, then the feed-forward network evenly in both directions."""
        super().init_weights()
        for module in self.ffn.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.normal_(module.bias, std=1e-6)

    def forward(self, x: Tensor) -> Tensor:
        """The tokens (B, N, C) after both parts."""
        x = x + self.drop_path(self.attn(self.ln1(x)))
        return self.ffn(self.ln2(x), identity=x)


@MODELS.register_module()
class VisionTransformer(BaseBackbone):
    """Feature maps, or tokens, of a plain vision transformer.

    Papers: `Dosovitskiy et al., 2021, ViT <https://arxiv.org/abs/2010.11929>`_; as a backbone for
    pose estimation `Xu et al., 2022, ViTPose <https://arxiv.org/abs/2204.12484>`_. Its interface
    and the names of its weights are those of MMPretrain, in whose scope configs name it. Position
    embeddings are resampled for pictures of another size, as are those of a file.

    Args:
        arch: A key of :attr:`arch_settings`, or a dict with ``embed_dims``, ``num_layers``,
            ``num_heads`` and ``feedforward_channels``.
        img_size: Side, or (height, width), of the pictures that position embeddings are learned
            for.
        patch_size: Side of the patches.
        in_channels: Channels of the picture.
        out_indices: Layer or layers whose output is returned; from 0, or back from -1, the last.
        drop_rate: Share of the features that training drops.
        drop_path_rate: How often training skips the last layer; less often the earlier ones.
        qkv_bias: Whether queries, keys and values have a bias.
        norm_cfg: Kind of norm layer.
        final_norm: Whether a norm layer follows the last layer.
        out_type: What is returned of each output: ``'featmap'`` (B, C, H, W), ``'cls_token'``
            (B, C), ``'avg_featmap'`` (B, C), the normalised mean of the patches, or ``'raw'``
            (B, N, C), all tokens.
        with_cls_token: Whether a class token comes before those of the patches.
        frozen_stages: -1 or 0 for nothing, n for the embeddings and the first n layers.
        interpolate_mode: How position embeddings are resampled.
        layer_scale_init_value: Start of a learned scale in each layer; 0 for none.
        patch_cfg: More arguments of :class:`PatchEmbed`.
        layer_cfgs: More arguments of :class:`TransformerEncoderLayer`, for all or one for each.
        pre_norm: Whether a norm layer comes before the first layer; patches then have no bias.
        output_cls_token: Old way to ask for ``out_type`` ``'cls_token'`` or ``'featmap'``.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        arch_settings: The settings by name.

    Raises:
        KeyError: A dict for ``arch`` lacks a key.
        ValueError: There is no such architecture, layer or output, or no class token to return.

    Example:
        >>> import torch
        >>> backbone = VisionTransformer(
        ...     'deit-tiny', img_size=(256, 192), patch_cfg=dict(padding=2), with_cls_token=False,
        ...     out_type='featmap')
        >>> backbone(torch.zeros(1, 3, 256, 192))[0].shape
        torch.Size([1, 192, 16, 12])
    """

    arch_settings = {
        name: dict(zip(_ARCH_KEYS, row, strict=True))
        for names, row in _ARCH_ROWS.items()
        for name in names
    }

    def __init__(
        self,
        arch: str | dict = 'base',
        img_size: int | tuple[int, int] = 224,
        patch_size: int = 16,
        in_channels: int = 3,
        out_indices: int | Sequence[int] = -1,
        drop_rate: float = 0.0,
        drop_path_rate: float = 0.0,
        qkv_bias: bool = True,
        norm_cfg: dict = dict(type='LN', eps=1e-6),
        final_norm: bool = True,
        out_type: str = 'cls_token',
        with_cls_token: bool = True,
        frozen_stages: int = -1,
        interpolate_mode: str = 'bicubic',
        layer_scale_init_value: float = 0.0,
        patch_cfg: dict = dict(),
        layer_cfgs: dict | Sequence[dict] = dict(),
        pre_norm: bool = False,
        output_cls_token: bool | None = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        settings = self._settings(arch)
        self.embed_dims = settings['embed_dims']
        self.num_layers = settings['num_layers']
        self.num_extra_tokens = int(with_cls_token)
        self.out_indices = self._layer_numbers(out_indices)
        self.out_type = self._output(out_type, output_cls_token)
        self.frozen_stages = frozen_stages
        self.interpolate_mode = interpolate_mode
        if not -1 <= frozen_stages <= self.num_layers:
            raise ValueError(
                f'frozen_stages of VisionTransformer is {frozen_stages}; it takes -1 (nothing) or '
                f'the number of layers to freeze, up to {self.num_layers}.'
            )

        patches = dict(
            kernel_size=patch_size, stride=patch_size, input_size=img_size, bias=not pre_norm
        )
        self.patch_embed = PatchEmbed(in_channels, self.embed_dims, **(patches | patch_cfg))
        self._make_places(with_cls_token)
        self.drop_after_pos = nn.Dropout(drop_rate)
        self.pre_norm = self._make_norm(norm_cfg, pre_norm)
        self.layers = self._make_layers(
            dict(
                embed_dims=self.embed_dims,
                num_heads=settings['num_heads'],
                feedforward_channels=settings['feedforward_channels'],
                layer_scale_init_value=layer_scale_init_value,
                drop_rate=drop_rate,
                qkv_bias=qkv_bias,
                norm_cfg=norm_cfg,
            ),
            drop_path_rate,
            layer_cfgs,
        )
        self.ln1 = self._make_norm(norm_cfg, final_norm)
        self.ln2 = self._make_norm(norm_cfg, self.out_type == 'avg_featmap')

        self.least_size = self.patch_embed.least_size
        if self.out_type != 'raw':
            self.out_channels = (self.embed_dims,) * len(self.out_indices)
        if self.out_type == 'featmap':
            self.out_strides = self.patch_embed.projection.stride[:1] * len(self.out_indices)
        self.freeze_stages()

    def _settings(self, arch: str | dict) -> dict[str, int]:
        if not isinstance(arch, dict):
            return pick_arch(self, 'arch', arch, self.arch_settings)
        missing = [key for key in _ARCH_KEYS if key not in arch]
        if missing:
            raise KeyError(f'arch of VisionTransformer lacks {", ".join(missing)}.')
        return arch

    def _layer_numbers(self, out_indices: int | Sequence[int]) -> tuple[int, ...]:
        given = (out_indices,) if isinstance(out_indices, int) else tuple(out_indices)
        numbers = {i + self.num_layers if i < 0 else i for i in given}
        if not numbers or not numbers <= set(range(self.num_layers)):
            raise ValueError(
                f'out_indices of VisionTransformer is {out_indices}; with {self.num_layers} layers '
                f'give one or more of 0 to {self.num_layers - 1}, or -1 for the last.'
            )
        return tuple(sorted(numbers))

    def _output(self, out_type: str, output_cls_token: bool | None) -> str:
        if output_cls_token is not None:
            out_type = 'cls_token' if output_cls_token else 'featmap'
            warnings.warn(
                f'output_cls_token={output_cls_token} is deprecated; write out_type={out_type!r}.',
                DeprecationWarning,
                stacklevel=3,
            )
        if out_type not in _OUT_TYPES:
            options = ', '.join(map(repr, _OUT_TYPES))
            raise ValueError(f'out_type is {out_type!r}; choose one of {options}.')
        if out_type == 'cls_token' and not self.num_extra_tokens:
            raise ValueError(
                "out_type is 'cls_token', but with_cls_token is False; set it, or take 'featmap'."
            )
        return out_type

    def _make_norm(self, norm_cfg: dict, wanted: bool) -> nn.Module:
        return build_norm_layer(norm_cfg, self.embed_dims)[1] if wanted else nn.Identity()

    def _make_places(self, with_cls_token: bool) -> None:
        """Make the class token and the position embedding."""
        self.cls_token = None
        if with_cls_token:
            self.cls_token = nn.Parameter(torch.zeros(1, 1, self.embed_dims))
        num_tokens = math.prod(self.patch_embed.init_out_size) + self.num_extra_tokens
        self.pos_embed = nn.Parameter(torch.empty(1, num_tokens, self.embed_dims))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)

    def _make_layers(
        self, common: dict, drop_path_rate: float, layer_cfgs: dict | Sequence[dict]
    ) -> ModuleList:
        """Make the layers from what they share and what each has of its own."""
        cfgs = [layer_cfgs] * self.num_layers if isinstance(layer_cfgs, dict) else layer_cfgs
        check_lengths(self, self.num_layers, layer_cfgs=cfgs)
        rates = drop_path_rates(drop_path_rate, self.num_layers)
        return ModuleList(
            TransformerEncoderLayer(**(common | dict(drop_path_rate=rate) | cfg))
            for rate, cfg in zip(rates, cfgs, strict=True)
        )

    def convert_pretrained(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """The weights by our names, perhaps from timm's."""
        return vit_convert(weights)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        name = f'{prefix}pos_embed'
        if name in state_dict:
            state_dict[name] = fit_position_embedding(
                state_dict[name],
                self.pos_embed,
                self.patch_embed.init_out_size,
                self.interpolate_mode,
                self.num_extra_tokens,
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def stages_to_freeze(self) -> list[nn.Module]:
        """The embeddings and the first ``frozen_stages`` layers; after all of them the norms."""
        if self.frozen_stages < 1:
            return []
        frozen = [self.patch_embed, self.drop_after_pos, self.pre_norm]
        frozen += self.layers[: self.frozen_stages]
        return frozen + ([self.ln1, self.ln2] if self.frozen_stages == self.num_layers else [])

    def freeze_stages(self) -> None:
        """Freeze :meth:`stages_to_freeze`, with them the position embedding and the class token."""
        super().freeze_stages()
        if self.frozen_stages > 0:
            self.pos_embed.requires_grad_(False)
            if self.cls_token is not None:
                self.cls_token.requires_grad_(False)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The outputs of ``out_indices``, in the form of ``out_type``, for pictures (B, C, H, W).

        Raises:
            ValueError: The pictures are smaller than a patch.
        """
        self.check_picture_size(x)
        x, hw_shape = self.patch_embed(x)
        if self.cls_token is not None:
            x = torch.cat([self.cls_token.expand(x.shape[0], -1, -1), x], dim=1)
        x = x + resize_position_embedding(
            self.pos_embed,
            self.patch_embed.init_out_size,
            hw_shape,
            self.interpolate_mode,
            self.num_extra_tokens,
        )
        x = self.pre_norm(self.drop_after_pos(x))
        outs = []
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i == self.num_layers - 1:
                x = self.ln1(x)
            if i in self.out_indices:
                outs.append(self._format(x, hw_shape))
        return tuple(outs)

    def _format(self, tokens: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        if self.out_type == 'raw':
            return tokens
        if self.out_type == 'cls_token':
            return tokens[:, 0]
        patches = tokens[:, self.num_extra_tokens :]
        if self.out_type == 'featmap':
            return nlc_to_nchw(patches, hw_shape)
        return self.ln2(patches.mean(dim=1))
