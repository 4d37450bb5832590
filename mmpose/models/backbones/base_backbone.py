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
    """

    out_channels: tuple[int, ...] | None = None
    out_strides: tuple[int, ...] | None = None
    norm_eval: bool = False

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of a batch of pictures, from the finest to the coarsest."""

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
