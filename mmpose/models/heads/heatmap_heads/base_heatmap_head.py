"""What the heads that predict heatmaps share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmengine.structures import PixelData
from torch import Tensor

from ...utils.accuracy import heatmap_pck
from ...utils.ops import to_float32
from ...utils.tta import flip_heatmaps
from ..base_head import BaseHead
from ..layers import conv_init_cfg
from ..targets import fields_of, labels_of

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, InstanceList, SampleList


class BaseHeatmapHead(BaseHead):
    """The hooks of :class:`BaseHead` for outputs (B, K, H, W)."""

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return conv_init_cfg()

    def flip_back(self, outputs: Tensor, metainfo: dict, test_cfg: ConfigType) -> Tensor:
        """See :meth:`BaseHead.flip_back`; reads ``flip_mode`` and ``shift_heatmap``."""
        return flip_heatmaps(
            outputs,
            flip_indices=metainfo['flip_indices'],
            flip_mode=test_cfg.get('flip_mode', 'heatmap'),
            shift_heatmap=test_cfg.get('shift_heatmap', False),
        )

    def decoder_input(self, outputs: Tensor) -> Tensor:
        """The heatmaps, in single precision."""
        return to_float32(outputs)

    def heatmap_fields(self, outputs: Tensor, preds: InstanceList) -> list[PixelData]:
        """A ``PixelData`` per sample with ``heatmaps`` (K, H, W)."""
        return [PixelData(heatmaps=heatmaps) for heatmaps in outputs.detach()]

    def targets(self, batch_data_samples: SampleList) -> tuple[Tensor, Tensor]:
        """Heatmaps (B, K, H, W) and keypoint weights (B, K)."""
        (weights,) = labels_of(batch_data_samples, 'keypoint_weights')
        return fields_of(batch_data_samples, 'heatmaps'), weights

    def accuracy(self, outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
        """The share of peaks within 5 % of the map's sides, as :func:`heatmap_pck` counts it."""
        return heatmap_pck(outputs.detach(), targets, weights > 0)
