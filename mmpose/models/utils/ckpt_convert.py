"""Weights under the names that transformers' authors gave them, renamed to ours.

What bears our names already stays as it is, so converting twice does no harm.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

Rules = Sequence[tuple[str, 'str | Callable[[re.Match], str] | None']]
"""Regular expressions, each with its replacement, or ``None`` for weights that have no use here."""


def _rename(weights: Mapping[str, Tensor], rules: Rules) -> OrderedDict[str, Tensor]:
    renamed = OrderedDict()
    for name, value in weights.items():
        for pattern, replacement in rules:
            if replacement is not None:
                name = re.sub(pattern, replacement, name)
            elif re.search(pattern, name):
                break
        else:
            renamed[name] = value
    return renamed


def swin_convert(ckpt: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Weights of Swin Transformers from their authors.

    Their merging layers read a window of 2x2 tokens column by column and token by token; ours row
    by row within each channel.

    Args:
        ckpt: Weights by name.
    """
    block = r'^layers\.(\d+)\.blocks\.(\d+)\.'
    weights = _rename(
        ckpt,
        [
            (r'^(head|norm)\.|\.attn_mask$', None),
            (r'^patch_embed\.proj\.', 'patch_embed.projection.'),
            (rf'{block}attn\.', r'layers.\1.blocks.\2.attn.w_msa.'),
            (rf'{block}mlp\.fc1\.', r'layers.\1.blocks.\2.ffn.layers.0.0.'),
            (rf'{block}mlp\.fc2\.', r'layers.\1.blocks.\2.ffn.layers.1.'),
        ],
    )
    converted = OrderedDict()
    for name, value in weights.items():
        if re.match(r'layers\.\d+\.downsample\.(reduction\.weight|norm\.)', name):
            windows = value.unflatten(-1, (2, 2, -1))  # column, row, channel
            value = windows.movedim(-1, -3).transpose(-1, -2).flatten(-3).contiguous()
        converted[re.sub(r'^layers\.', 'stages.', name)] = value
    return converted


def pvt_convert(ckpt: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Weights of Pyramid Vision Transformers, version 1 or 2, from their authors.

    Args:
        ckpt: Weights by name.
    """
    first_block = int(any(name.startswith('pos_embed') for name in ckpt))
    second_fc = 4 if any('.dwconv.' in name for name in ckpt) else 3

    def stage(rest: str) -> Callable[[re.Match], str]:
        return lambda match: f'layers.{int(match[1]) - 1}.{rest}'

    def block(match: re.Match) -> str:
        return f'layers.{int(match[1]) - 1}.1.{int(match[2]) + first_block}.'

    own_block = r'^(layers\.\d\.1\.\d+)\.'
    weights = _rename(
        ckpt,
        [
            (r'^(head\d*|norm|cls_token)(\.|$)', None),
            (r'^patch_embed(\d)\.proj\.', stage('0.projection.')),
            (r'^patch_embed(\d)\.', stage('0.')),
            (r'^pos_embed(\d)$', stage('1.0.pos_embed')),
            (r'^norm(\d)\.', stage('2.')),
            (r'^block(\d)\.(\d+)\.', block),
            (rf'{own_block}attn\.(q|kv)\.(weight|bias)$', r'\1.attn.attn.in_proj_\3.\2'),
            (rf'{own_block}attn\.proj\.', r'\1.attn.attn.out_proj.'),
            (rf'{own_block}mlp\.fc1\.', r'\1.ffn.layers.0.'),
            (rf'{own_block}mlp\.dwconv\.dwconv\.', r'\1.ffn.layers.1.'),
            (rf'{own_block}mlp\.fc2\.', rf'\1.ffn.layers.{second_fc}.'),
        ],
    )
    converted = OrderedDict()
    for name, value in weights.items():
        if name.endswith('.q'):
            name = name.removesuffix('.q')
            value = torch.cat([value, weights[f'{name}.kv']])
        elif name.endswith('.kv'):
            continue
        elif re.search(r'ffn\.layers\.[034]\.weight$', name) and value.ndim == 2:
            value = value[:, :, None, None]  # a linear layer as a 1x1 convolution
        elif name.endswith('.pos_embed') and value.shape[1] == 50:
            value = value[:, 1:]  # the class token's; 7x7 patches are left
        converted[name] = value
    return converted


def vit_convert(ckpt: Mapping[str, Tensor]) -> OrderedDict[str, Tensor]:
    """Weights of plain vision transformers under the names of timm, DeiT, MAE and DINO.

    Args:
        ckpt: Weights by name.
    """
    block = r'^blocks\.(\d+)\.'
    return _rename(
        ckpt,
        [
            (r'^(head\w*|pre_logits|mask_token|decoder\w*)(\.|$)', None),
            (r'^patch_embed\.proj\.', 'patch_embed.projection.'),
            (r'^norm_pre\.', 'pre_norm.'),
            (r'^fc_norm\.', 'ln2.'),
            (r'^norm\.', 'ln1.'),
            (rf'{block}norm([12])\.', r'blocks.\1.ln\2.'),
            (rf'{block}ls1\.gamma$', r'blocks.\1.attn.gamma1.weight'),
            (rf'{block}ls2\.gamma$', r'blocks.\1.ffn.gamma2.weight'),
            (rf'{block}mlp\.fc1\.', r'blocks.\1.ffn.layers.0.0.'),
            (rf'{block}mlp\.fc2\.', r'blocks.\1.ffn.layers.1.'),
            (r'^blocks\.', 'layers.'),
        ],
    )
