"""What every backbone shares: freezing, norm layers in evaluation mode, declared outputs."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Iterable

from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


class BaseBackbone(BaseModule, metaclass=ABCMeta):
    """A network from pictures (B, C, H, W) to a tuple of feature maps.

    A subclass writes ``__init__`` and ``forward``. One that can be frozen also writes
    :meth:`stages_to_freeze` and ends its constructor with :meth:`freeze_stages`.

    Attributes:
        out_channels: Channels of each feature map that ``forward`` returns, or ``None`` where
            they are not declared. A head's ``in_channels`` is checked against them.
        out_strides: Pixels of the input per cell of each feature map, or ``None``.
        norm_eval: Whether batch norm keeps its statistics in training.
        least_size: Least height and width of the pictures, pixels.
        size_divisor: Height and width of the pictures must be multiples of it. A backbone that
            needs one of these two begins ``forward`` with :meth:`check_picture_size`.
    """

    out_channels: tuple[int, ...] | None = None
    out_strides: tuple[int, ...] | None = None
    norm_eval: bool = False
    least_size: int = 1
    size_divisor: int = 1

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of a batch of pictures, from the finest to the coarsest."""

    def check_picture_size(self, x: Tensor) -> None:
        """Check that pictures (B, C, H, W) have a size that the network can take.

        Raises:
            ValueError: A side is shorter than ``least_size``, or no multiple of ``size_divisor``.
        """
        H, W = x.shape[-2:]
        if min(H, W) < self.least_size or H % self.size_divisor or W % self.size_divisor:
            need = f'multiples of {self.size_divisor}' if self.size_divisor > 1 else ''
            if self.least_size > self.size_divisor:
                need += f'{", " if need else ""}at least {self.least_size}'
            raise ValueError(
                f'{type(self).__name__} gets pictures of {W}x{H} (w x h) pixels, but the sides '
                f'must be {need}; change the input size of the data pipeline, or '
                '`pad_size_divisor` of the data preprocessor.'
            )

    def stages_to_freeze(self) -> Iterable[nn.Module]:
        """The modules whose parameters and statistics training leaves as they are."""
        return ()

    def freeze_stages(self) -> None:
        """Put :meth:`stages_to_freeze` in evaluation mode, without gradients."""
        for module in self.stages_to_freeze():
            module.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> BaseBackbone:
        """Switch to training (or evaluation) mode; what is frozen stays in evaluation mode."""
        super().train(mode)
        self.freeze_stages()
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self
