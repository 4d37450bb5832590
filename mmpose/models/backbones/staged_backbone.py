"""What backbones share that are one stage after another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

from .base_backbone import BaseBackbone
from .utils import check_stages

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


class StagedBackbone(BaseBackbone):
    """A stem, then stages of which some are returned.

    A subclass builds ``conv1`` and its stages, whose names it lists in ``layers``, and ends its
    constructor with :meth:`declare_stages`.

    Args:
        num_stages: Number of stages.
        out_indices: Stages, from 0, whose feature maps are returned; -1 is the last.
        frozen_stages: -1 for nothing, 0 for the stem, n for the first n stages too.
        norm_eval: Whether batch norm keeps its statistics in training.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Attributes:
        layers: Names of the stages.

    Raises:
        ValueError: There is no such stage.
    """

    layers: Sequence[str]

    def __init__(
        self,
        num_stages: int,
        out_indices: Sequence[int],
        frozen_stages: int,
        norm_eval: bool,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=init_cfg)
        from_start = [i + num_stages if -num_stages <= i < 0 else i for i in out_indices]
        check_stages(self, num_stages, from_start, frozen_stages)
        self.out_indices = tuple(sorted(set(from_start)))
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval

    def declare_stages(self, channels: Sequence[int], strides: Sequence[int]) -> None:
        """Declare the outputs, and freeze the stages.

        Args:
            channels: Channels of each stage's output.
            strides: Pixels of the picture per cell of it.
        """
        self.out_channels = tuple(channels[i] for i in self.out_indices)
        self.out_strides = tuple(strides[i] for i in self.out_indices)
        self.freeze_stages()

    def stages(self) -> list[nn.Module]:
        """The stages in order."""
        return [getattr(self, name) for name in self.layers]

    def stages_to_freeze(self) -> list[nn.Module]:
        """The stem and the first ``frozen_stages`` stages."""
        if self.frozen_stages < 0:
            return []
        return [self.conv1, *self.stages()[: self.frozen_stages]]

    def stem(self, x: Tensor) -> Tensor:
        """What the first stage gets for pictures (B, 3, H, W)."""
        return self.conv1(x)

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of ``out_indices`` for pictures (B, 3, H, W)."""
        x = self.stem(x)
        outputs = []
        for i, stage in enumerate(self.stages()[: self.out_indices[-1] + 1]):
            x = stage(x)
            if i in self.out_indices:
                outputs.append(x)
        return tuple(outputs)
