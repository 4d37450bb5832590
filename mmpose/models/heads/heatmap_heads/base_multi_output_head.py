"""What the heads share all of whose outputs learn from heatmaps, while the last is the result."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from mmpose.registry import KEYPOINT_CODECS, MODELS

from .base_heatmap_head import BaseHeatmapHead

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )


class BaseMultiOutputHead(BaseHeatmapHead):
    """Heatmaps at several depths of a network, for intermediate supervision.

    A head writes :meth:`output` and, unless all outputs learn from the same heatmaps,
    :meth:`targets`.

    Args:
        num_outputs: Number of outputs.
        loss: The loss of every output, or a list with one for each.
        decoder: Codec that turns the last heatmaps into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Raises:
        ValueError: There is no output, or the number of losses is another.
    """

    def __init__(
        self,
        num_outputs: int,
        loss: ConfigType | Sequence[ConfigType],
        decoder: OptConfigType,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        name = type(self).__name__
        if num_outputs < 1:
            raise ValueError(f'{name} has {num_outputs} outputs; it needs at least 1.')
        self.num_outputs = num_outputs
        if isinstance(loss, dict):
            self.loss_module = MODELS.build(loss)
        elif len(loss) == num_outputs:
            self.loss_module = nn.ModuleList(MODELS.build(cfg) for cfg in loss)
        else:
            raise ValueError(
                f'{name} has {len(loss)} losses for {num_outputs} outputs; list in `loss` one for '
                'each output, or give a single one for all.'
            )
        self.decoder = KEYPOINT_CODECS.build(decoder) if decoder is not None else None

    @abstractmethod
    def output(self, feats: Features, index: int) -> Tensor:
        """Heatmaps (B, K, H, W): one of the outputs.

        Args:
            feats: The feature maps of all outputs.
            index: Number of the output, from 0.
        """

    def forward(self, feats: Features) -> list[Tensor]:
        """All outputs, each (B, K, H, W).

        Raises:
            ValueError: The number of feature maps is another.
        """
        return [self.output(feats, i) for i in range(self.num_outputs)]

    def final_outputs(self, feats: Features, test_cfg: ConfigType) -> Tensor:
        """The last output, or with ``mix_outputs`` the mean of all.

        Without it the layers of the others do not run.
        """
        if test_cfg.get('mix_outputs', False):
            return torch.stack(self(feats)).mean(0)
        return self.output(feats, self.num_outputs - 1)

    def targets(self, batch_data_samples: SampleList) -> tuple[list[Tensor], list[Tensor]]:
        """Heatmaps (B, K, H, W) and keypoint weights (B, K) for each output."""
        heatmaps, weights = super().targets(batch_data_samples)
        return [heatmaps] * self.num_outputs, [weights] * self.num_outputs

    def criterion(
        self, outputs: list[Tensor], targets: list[Tensor], weights: list[Tensor]
    ) -> Tensor:
        """The sum of the outputs' losses, a scalar."""
        modules = self.loss_module
        if not isinstance(modules, nn.ModuleList):
            modules = [modules] * self.num_outputs
        rows = zip(modules, outputs, targets, weights, strict=True)
        return sum(module(*row) for module, *row in rows)

    def accuracy(
        self, outputs: list[Tensor], targets: list[Tensor], weights: list[Tensor]
    ) -> Tensor:
        """That of the last output; see :meth:`BaseHeatmapHead.accuracy`."""
        return super().accuracy(outputs[-1], targets[-1], weights[-1])
