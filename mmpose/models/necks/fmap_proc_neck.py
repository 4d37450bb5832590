"""Feature maps chosen, joined or resized."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.functional import relu

from mmpose.models.utils.ops import resize
from mmpose.registry import MODELS


@MODELS.register_module()
class FeatureMapProcessor(nn.Module):
    """The feature maps after these steps, in this order, each of them optional.

    1. Choose maps by ``select_index``.
    2. Resize all maps to the size of the first and join their channels (``concat``).
    3. Set negative values to 0 (``apply_relu``).
    4. Resize by ``scale_factor``.

    Args:
        select_index: The maps to keep, one or several, in this order; ``None`` keeps all.
        concat: Whether to join the maps.
        scale_factor: Factor on the height and the width.
        apply_relu: Whether to set negative values to 0, before they are resized.
        align_corners: Whether resizing matches the centres of the corner cells, as
            :func:`torch.nn.functional.interpolate` does.

    Raises:
        ValueError: ``scale_factor`` is not positive.
    """

    def __init__(
        self,
        select_index: int | Sequence[int] | None = None,
        concat: bool = False,
        scale_factor: float = 1.0,
        apply_relu: bool = False,
        align_corners: bool = False,
    ) -> None:
        super().__init__()
        if scale_factor <= 0:
            raise ValueError(f'scale_factor is {scale_factor}; it must be positive.')
        self.select_index = [select_index] if isinstance(select_index, int) else select_index
        self.concat = concat
        self.scale_factor = scale_factor
        self.apply_relu = apply_relu
        self.align_corners = align_corners

    def forward(self, inputs: Tensor | Sequence[Tensor]) -> Tensor | tuple[Tensor, ...]:
        """The maps after the steps; a tuple unless ``inputs`` is a single map.

        Args:
            inputs: (B, C, H, W), or a sequence of such.

        Raises:
            IndexError: ``select_index`` names a map that is not there.
        """
        maps = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
        if self.select_index is not None:
            maps = self._select(maps)
        if self.concat:
            size = maps[0].shape[-2:]
            maps = (torch.cat([self._resize(x, size=size) for x in maps], dim=1),)
        if self.apply_relu:
            maps = tuple(relu(x) for x in maps)
        if self.scale_factor != 1:
            maps = tuple(self._resize(x, scale_factor=self.scale_factor) for x in maps)
        return maps[0] if isinstance(inputs, Tensor) else maps

    def out_channels_after(self, in_channels: Sequence[int]) -> tuple[int, ...]:
        """Channels of the maps that come out.

        Args:
            in_channels: Channels of the maps that go in.
        """
        if self.select_index is not None:
            in_channels = self._select(in_channels)
        return (sum(in_channels),) if self.concat else tuple(in_channels)

    def _select(self, items: Sequence) -> tuple:
        try:
            return tuple(items[i] for i in self.select_index)
        except IndexError:
            raise IndexError(
                f'select_index of FeatureMapProcessor is {self.select_index}, but there are '
                f'{len(items)} feature maps; see `out_indices` of the backbone.'
            ) from None

    def _resize(self, x: Tensor, **size: float | torch.Size) -> Tensor:
        return resize(x, mode='bilinear', align_corners=self.align_corners, **size)
