"""What the heads of RTMPose and RTMW share."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING

from torch import Tensor, nn

from ...utils.gau import ScaleNorm
from ...utils.rtmcc_block import RTMCCBlock
from .base_simcc_head import BaseSimCCHead

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig

GAU_CFG = dict(
    hidden_dims=256,
    s=128,
    expansion_factor=2,
    dropout_rate=0.0,
    drop_path=0.0,
    act_fn='ReLU',
    use_rel_bias=False,
    pos_enc=False,
)


class BaseGatedHead(BaseSimCCHead):
    """A token per keypoint, a gated attention unit between them, and a classifier per axis.

    Paper: `Jiang et al., 2023, RTMPose <https://arxiv.org/abs/2303.07399>`_. A head writes
    :meth:`make_embeddings` and ``forward``.

    The arguments that are not listed are those of :class:`BaseSimCCHead`.

    Args:
        final_layer_kernel_size: Size of the convolution to K channels, odd.
        gau_cfg: ``hidden_dims``, the channels of a token, and arguments of :class:`RTMCCBlock`,
            the missing ones as in :data:`GAU_CFG`.

    Raises:
        ValueError: ``final_layer_kernel_size`` is even, or see :class:`BaseSimCCHead`.
    """

    def __init__(
        self,
        in_channels: int | Sequence[int],
        out_channels: int,
        input_size: tuple[int, int],
        in_featuremap_size: tuple[int, int],
        simcc_split_ratio: float = 2.0,
        final_layer_kernel_size: int = 1,
        gau_cfg: ConfigType = GAU_CFG,
        loss: ConfigType = dict(type='KLDiscretLoss', use_target_weight=True),
        decoder: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        if final_layer_kernel_size % 2 == 0:
            raise ValueError(
                f'final_layer_kernel_size is {final_layer_kernel_size}; choose an odd one, which '
                'keeps the size of the map.'
            )
        super().__init__(
            in_channels, out_channels, input_size, in_featuremap_size, simcc_split_ratio, loss,
            decoder, init_cfg,
        )  # fmt: skip
        gau_cfg = {**GAU_CFG, **gau_cfg}
        self.hidden_dims = dims = gau_cfg.pop('hidden_dims')
        self.make_embeddings(final_layer_kernel_size)
        self.gau = RTMCCBlock(out_channels, dims, dims, **gau_cfg)
        self.cls_x, self.cls_y = (nn.Linear(dims, bins, bias=False) for bins in self.num_bins)

    @abstractmethod
    def make_embeddings(self, kernel_size: int) -> None:
        """Set the layers from feature maps to tokens.

        Args:
            kernel_size: Of the convolution to K channels.
        """

    def classify(self, tokens: Tensor) -> tuple[Tensor, Tensor]:
        """Logits (B, K, Wx) and (B, K, Wy) from tokens (B, K, ``hidden_dims``)."""
        tokens = self.gau(tokens)
        return self.cls_x(tokens), self.cls_y(tokens)


def embedding(cells: int, dims: int) -> nn.Sequential:
    """Layers from maps of ``cells`` flattened cells (B, K, cells) to tokens (B, K, ``dims``)."""
    return nn.Sequential(ScaleNorm(cells), nn.Linear(cells, dims, bias=False))
