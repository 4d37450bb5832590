"""The skeleton of heads in the manner of DETR: an encoder, a decoder and output layers."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from mmpose.registry import MODELS

from ..base_head import BaseHead

if TYPE_CHECKING:
    from mmpose.utils.typing import (
        ConfigType,
        Features,
        InstanceList,
        OptConfigType,
        OptMultiConfig,
        OptSampleList,
        SampleList,
    )


@MODELS.register_module()
class TransformerHead(BaseHead):
    """Keypoints of a set of queries, which attend to the cells of the feature maps.

    The manner of DETR (`Carion et al., ECCV 2020 <https://arxiv.org/abs/2005.12872>`_). A head
    builds its modules from the configs that are kept here, and writes the three steps of
    :meth:`forward`, of which each passes its results, a dict, to the next as arguments.

    Args:
        encoder: Arguments of the encoder; ``None`` where a head has none.
        decoder: Arguments of the decoder; ``None`` where a head has none.
        out_head: Arguments of the output layers; ``None`` where a head has none.
        positional_encoding: Arguments of the positions of the cells; ``None`` for the defaults.
        num_queries: Number of queries.
        loss: Config of ``loss_module``; ``None`` for none.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.

    Raises:
        ValueError: ``num_queries`` is not positive.
    """

    def __init__(
        self,
        encoder: OptConfigType = None,
        decoder: OptConfigType = None,
        out_head: OptConfigType = None,
        positional_encoding: OptConfigType = None,
        num_queries: int = 100,
        loss: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_queries < 1:
            raise ValueError(f'num_queries is {num_queries}; there must be at least one.')
        self.encoder_cfg = dict(encoder or {})
        self.decoder_cfg = dict(decoder or {})
        self.out_head_cfg = dict(out_head or {})
        self.positional_encoding_cfg = dict(positional_encoding or {})
        self.num_queries = num_queries
        self.loss_module = None if loss is None else MODELS.build(loss)

    def forward(self, feats: Features, batch_data_samples: OptSampleList = None) -> Any:
        """What the output layers return.

        Args:
            feats: Feature maps (B, C, H, W).
            batch_data_samples: The samples, whose metainfo tells the pictures from their padding;
                ``None``: there is no padding.
        """
        encoder_outputs = self.forward_encoder(feats, batch_data_samples)
        decoder_outputs = self.forward_decoder(**encoder_outputs)
        return self.forward_out_head(batch_data_samples, **decoder_outputs)

    @abstractmethod
    def forward_encoder(
        self, feat: Features, feat_mask: Any = None, feat_pos: Any = None, **kwargs: Any
    ) -> dict[str, Any]:
        """The arguments of :meth:`forward_decoder`, from feature maps and what tells of them."""

    @abstractmethod
    def forward_decoder(
        self, query: Tensor, query_pos: Tensor, memory: Tensor, **kwargs: Any
    ) -> dict[str, Any]:
        """The arguments of :meth:`forward_out_head` but the samples, from the encoder's results."""

    @abstractmethod
    def forward_out_head(
        self, query: Tensor, query_pos: Tensor, memory: Tensor, **kwargs: Any
    ) -> Any:
        """The outputs of the head, from the decoder's results."""

    @abstractmethod
    def predict(
        self, feats: Features, batch_data_samples: SampleList, test_cfg: ConfigType = {}
    ) -> InstanceList:
        """The instances of each sample, in pixels of the model's input."""

    @abstractmethod
    def loss(
        self, feats: Features, batch_data_samples: SampleList, train_cfg: ConfigType = {}
    ) -> dict[str, Tensor]:
        """The losses."""

    @staticmethod
    def get_valid_ratio(mask: Tensor) -> Tensor:
        """(w, h) of each picture as shares of its padded map, (B, 2).

        Args:
            mask: (B, H, W), true where a cell is no part of the picture, that is at the right and
                at the bottom.
        """
        inside = (~mask).float()
        return torch.stack([inside[:, 0].mean(dim=-1), inside[:, :, 0].mean(dim=-1)], dim=-1)
