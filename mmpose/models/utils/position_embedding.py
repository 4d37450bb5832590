"""Learned position embeddings, and what fits them to pictures of another size."""

from __future__ import annotations

import math
import warnings

import torch
from mmengine.logging import print_log
from torch import Tensor, nn

from .ops import resize


def resize_position_embedding(
    embedding: Tensor,
    old_shape: tuple[int, int],
    new_shape: tuple[int, int],
    mode: str = 'bicubic',
    num_extra_tokens: int = 0,
) -> Tensor:
    """The embedding of another number of patches, resampled in single precision.

    Args:
        embedding: (1, extra + H*W, C): what belongs to no patch, then the patches row by row.
        old_shape: (H, W) of the patches.
        new_shape: (H, W) of the patches of the result.
        mode: As in :func:`torch.nn.functional.interpolate`.
        num_extra_tokens: How many of the first belong to no patch; they stay as they are.
    """
    if tuple(old_shape) == tuple(new_shape):
        return embedding
    extra, patches = embedding[:, :num_extra_tokens], embedding[:, num_extra_tokens:]
    patches = patches.transpose(1, 2).unflatten(2, tuple(old_shape)).float()
    patches = resize(patches, tuple(new_shape), mode=mode, align_corners=False)
    return torch.cat([extra, patches.flatten(2).transpose(1, 2).to(extra.dtype)], dim=1)


def fit_position_embedding(
    loaded: Tensor,
    own: Tensor,
    hw_shape: tuple[int, int],
    mode: str = 'bicubic',
    num_extra_tokens: int = 0,
) -> Tensor:
    """A position embedding from a file as a network with other pictures needs it.

    Args:
        loaded: (1, N, C), of square pictures unless there are as many patches as in ``own``. One
            token may belong to no patch.
        own: (1, extra + H*W, C), the network's.
        hw_shape: (H, W) of the network's patches.
        mode: As in :func:`torch.nn.functional.interpolate`.
        num_extra_tokens: How many of the network's tokens, 0 or 1, belong to no patch. Where the
            file has none, the network's stays.

    Returns:
        An embedding of the shape of ``own``, or ``loaded`` if it cannot be understood.
    """
    if loaded.ndim != 3 or loaded.shape[-1] != own.shape[-1] or loaded.shape == own.shape:
        return loaded
    num_tokens = loaded.shape[1]
    num_patches = own.shape[1] - num_extra_tokens
    old_shape = hw_shape
    if num_tokens - num_patches not in (0, 1):
        old_shape = (math.isqrt(num_tokens),) * 2
    num_loaded_extra = num_tokens - math.prod(old_shape)
    if num_loaded_extra > 1:
        return loaded
    extra = (loaded if num_loaded_extra else own.detach().to(loaded))[:, :num_extra_tokens]
    tokens = torch.cat([extra, loaded[:, num_loaded_extra:]], dim=1)
    if tuple(old_shape) != tuple(hw_shape):
        print_log(
            'A position embedding of {}x{} patches is resampled to {}x{} (h x w).'.format(
                *old_shape, *hw_shape
            ),
            logger='current',
        )
    return resize_position_embedding(tokens, old_shape, hw_shape, mode, num_extra_tokens)


class AbsolutePositionEmbedding(nn.Module):
    """Tokens plus a learned vector for each place.

    Args:
        pos_shape: (H, W) of the map that the vectors are learned for.
        pos_dim: Channels of the tokens.
        drop_rate: Share of the sum that training drops.
        mode: How the vectors are resampled for maps of another size.
    """

    def __init__(
        self,
        pos_shape: tuple[int, int],
        pos_dim: int,
        drop_rate: float = 0.0,
        mode: str = 'bilinear',
    ) -> None:
        super().__init__()
        self.pos_shape = tuple(pos_shape)
        self.mode = mode
        self.pos_embed = nn.Parameter(torch.empty(1, math.prod(pos_shape), pos_dim))
        nn.init.trunc_normal_(self.pos_embed, std=0.02)
        self.drop = nn.Dropout(drop_rate)

    def _load_from_state_dict(self, state_dict: dict, prefix: str, *args, **kwargs) -> None:
        name = f'{prefix}pos_embed'
        if name in state_dict:
            state_dict[name] = fit_position_embedding(
                state_dict[name], self.pos_embed, self.pos_shape, self.mode
            )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)

    def forward(self, x: Tensor, hw_shape: tuple[int, int]) -> Tensor:
        """The sum for tokens (B, H*W, C) of an (H, W) map."""
        pos_embed = resize_position_embedding(self.pos_embed, self.pos_shape, hw_shape, self.mode)
        return self.drop(x + pos_embed)


def fit_relative_positions(loaded: Tensor, own: Tensor, window_size: tuple[int, int]) -> Tensor:
    """A table of relative positions from a file as a network with other windows needs it.

    Args:
        loaded: (N, heads), a row per offset in a square window.
        own: ((2h - 1) * (2w - 1), heads), the network's.
        window_size: (h, w) of the network.

    Returns:
        A table of the shape of ``own``, or ``loaded`` if it cannot be understood.
    """
    side = math.isqrt(len(loaded))
    if loaded.shape == own.shape or loaded.shape[1:] != own.shape[1:] or side**2 != len(loaded):
        return loaded
    h, w = window_size
    old = (side + 1) // 2
    warnings.warn(
        f'Biases by position in windows of {old}x{old} are resampled for windows of {h}x{w}; a '
        'network trained as a whole wants the windows that it was trained with.',
        stacklevel=2,
    )
    table = resize_position_embedding(loaded[None], (side, side), (2 * h - 1, 2 * w - 1))
    return table[0]
