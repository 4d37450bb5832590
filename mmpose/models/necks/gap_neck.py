"""Feature maps averaged over their cells."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from mmpose.registry import MODELS


@MODELS.register_module()
class GlobalAveragePooling(nn.Module):
    """Each feature map (B, C, H, W) as its mean over the cells, (B, C)."""

    def init_weights(self) -> None:
        """Does nothing: there are no weights."""

    def forward(
        self, inputs: Tensor | tuple[Tensor, ...] | list[Tensor]
    ) -> Tensor | tuple[Tensor, ...] | list[Tensor]:
        """The means (B, C), one or as many as there are maps.

        Args:
            inputs: (B, C, H, W), or a tuple or list of such.

        Raises:
            TypeError: ``inputs`` is something else.
        """
        if isinstance(inputs, Tensor):
            return inputs.mean(dim=(-2, -1))
        if isinstance(inputs, (tuple, list)):
            return type(inputs)(x.mean(dim=(-2, -1)) for x in inputs)
        raise TypeError(
            f'inputs is a {type(inputs).__name__}; give feature maps (B, C, H, W), one or a tuple.'
        )

    def out_channels_after(self, in_channels: Sequence[int]) -> tuple[int, ...]:
        """Channels that come out: those that go in."""
        return tuple(in_channels)
