"""What the heads that classify coordinates share."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, Any

from mmengine.structures import PixelData
from torch import Tensor

from mmpose.codecs.utils import get_simcc_normalized
from mmpose.registry import KEYPOINT_CODECS, MODELS
from mmpose.utils.tensor_utils import to_numpy

from ...utils.accuracy import simcc_pck
from ...utils.ops import to_float32
from ...utils.tta import flip_vectors
from ..base_head import BaseHead
from ..layers import conv_init_cfg
from ..targets import labels_of

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        SampleList,
    )

_LABELS = ('keypoint_x_labels', 'keypoint_y_labels', 'keypoint_weights')


class BaseSimCCHead(BaseHead):
    """The hooks of :class:`BaseHead` for logits (B, K, Wx) of x and (B, K, Wy) of y.

    Args:
        in_channels: Channels of the last feature map, or of all.
        out_channels: Number of keypoints K.
        input_size: (w, h) of the model's input.
        in_featuremap_size: (w, h) of the last feature map.
        simcc_split_ratio: Bins per pixel of the input.
        loss: The loss.
        decoder: Codec that turns the logits into keypoints; ``None`` to train only.
        init_cfg: Initialisation; ``None`` for :attr:`default_init_cfg`.

    Attributes:
        num_bins: (Wx, Wy).

    Raises:
        ValueError: The decoder has another ``input_size`` or ``simcc_split_ratio``.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        input_size: tuple[int, int],
        in_featuremap_size: tuple[int, int],
        simcc_split_ratio: float,
        loss: ConfigType,
        decoder: OptConfigType,
        init_cfg: OptMultiConfig,
    ) -> None:
        super().__init__(init_cfg=self.default_init_cfg if init_cfg is None else init_cfg)
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.input_size = input_size
        self.in_featuremap_size = in_featuremap_size
        self.simcc_split_ratio = simcc_split_ratio
        self.num_bins = tuple(round(side * simcc_split_ratio) for side in input_size)
        self.loss_module = MODELS.build(loss)
        if decoder is not None:
            self.decoder = KEYPOINT_CODECS.build(decoder)
            self._check_decoder('input_size', tuple(input_size))
            self._check_decoder('simcc_split_ratio', simcc_split_ratio)

    def _check_decoder(self, name: str, value: Any) -> None:
        other = getattr(self.decoder, name, value)
        if (tuple(other) if isinstance(other, Sequence) else other) != value:
            raise ValueError(
                f'{type(self).__name__} has {name}={value} and its decoder {name}={other}; give '
                'both the same.'
            )

    @property
    def default_init_cfg(self) -> list[dict]:
        """The initialisation of heads whose config gives none."""
        return [*conv_init_cfg(), dict(type='Normal', layer=['Linear'], std=0.01, bias=0)]

    @property
    def last_channels(self) -> int:
        """Channels of the last feature map."""
        channels = self.in_channels
        return channels if isinstance(channels, int) else channels[-1]

    @property
    def cells(self) -> int:
        """Number of cells of the last feature map."""
        return prod(self.in_featuremap_size)

    def check_last_map(self, feature_map: Tensor) -> None:
        """Check that the last feature map has as many cells as the linear layers were made for.

        Raises:
            ValueError: It has more or fewer.
        """
        H, W = feature_map.shape[-2:]
        if self.cells != H * W:
            raise ValueError(
                f'{type(self).__name__} gets a feature map of {W}x{H} (w x h) cells for '
                f'in_featuremap_size={tuple(self.in_featuremap_size)}; give pictures of '
                f'input_size={tuple(self.input_size)}, or set `input_size` and '
                '`in_featuremap_size` to those of the pictures and of the last feature map.'
            )

    def flip_back(
        self, outputs: tuple[Tensor, Tensor], metainfo: dict, test_cfg: ConfigType
    ) -> tuple[Tensor, Tensor]:
        """See :meth:`BaseHead.flip_back`; there is no setting."""
        return flip_vectors(*outputs, flip_indices=metainfo['flip_indices'])

    def decoder_input(self, outputs: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
        """The logits, in single precision."""
        x, y = outputs
        return to_float32(x), to_float32(y)

    def heatmap_fields(
        self, outputs: tuple[Tensor, Tensor], preds: InstanceList
    ) -> list[PixelData]:
        """A ``PixelData`` per sample with ``heatmaps`` (K, Wy, Wx): products of x and y.

        The instances get ``keypoint_x_labels`` (1, K, Wx) and ``keypoint_y_labels`` (1, K, Wy),
        the factors, which are 0 to 1.
        """
        vectors = zip(self.decoder_input(outputs), self.decoder.sigma, strict=True)
        x, y = (get_simcc_normalized(v.detach(), float(sigma)) for v, sigma in vectors)
        for pred, *labels in zip(preds, to_numpy(x), to_numpy(y), strict=True):
            pred.keypoint_x_labels, pred.keypoint_y_labels = (v[None] for v in labels)
        return [PixelData(heatmaps=heatmaps) for heatmaps in y[..., None] * x[..., None, :]]

    def targets(self, batch_data_samples: SampleList) -> tuple[tuple[Tensor, Tensor], Tensor]:
        """Distributions (B, K, Wx) of x and (B, K, Wy) of y, and keypoint weights (B, K)."""
        x, y, weights = labels_of(batch_data_samples, *_LABELS)
        return (x, y), weights

    def accuracy(
        self, outputs: tuple[Tensor, Tensor], targets: tuple[Tensor, Tensor], weights: Tensor
    ) -> Tensor:
        """The share of maxima within 5 % of the input's sides, as :func:`simcc_pck` counts it."""
        return simcc_pck(outputs, targets, self.simcc_split_ratio, weights > 0)
