"""Detectors that look at a picture once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from mmengine.model import BaseModel
from torch import Tensor

from mmpose.registry import MODELS

from .dense_box_head import Boxes

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType, OptMultiConfig

# what the heads of MMDetection have for training, besides their losses
_FOR_TRAINING = ('assigner', 'bbox_coder', 'sampler', 'train_cfg', 'use_l1')
_PREPROCESSING = ('mean', 'std', 'bgr_to_rgb', 'rgb_to_bgr')


class SingleStageDetector(BaseModel):
    """A backbone, a neck and a head, which find boxes in pictures.

    The arguments are those of MMDetection's models, so that its configs and weights fit. What they
    say of the training is passed over: these models predict only.

    Args:
        backbone: From pictures to feature maps.
        neck: From feature maps to feature maps; ``None`` for none.
        bbox_head: From feature maps to boxes.
        train_cfg: Not used.
        test_cfg: Settings of the head's choice of boxes.
        data_preprocessor: ``mean`` and ``std`` of the channels, and whether to swap them
            (``bgr_to_rgb``).
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
        use_syncbn: Not used.
    """

    def __init__(
        self,
        backbone: ConfigType,
        neck: OptConfigType = None,
        bbox_head: OptConfigType = None,
        train_cfg: OptConfigType = None,
        test_cfg: OptConfigType = None,
        data_preprocessor: OptConfigType = None,
        init_cfg: OptMultiConfig = None,
        use_syncbn: bool = True,
    ) -> None:
        given = data_preprocessor or {}
        preprocessing = {key: given[key] for key in _PREPROCESSING if key in given}
        # it follows the model to its device
        super().__init__(MODELS.build(dict(type='PoseDataPreprocessor', **preprocessing)), init_cfg)
        self.backbone = MODELS.build(backbone)
        self.neck = None if neck is None else MODELS.build(neck)
        self.bbox_head = MODELS.build(
            {
                **{key: value for key, value in bbox_head.items() if not _is_for_training(key)},
                'test_cfg': test_cfg,
            }
        )

    def forward(self, inputs: Tensor) -> tuple[list[Tensor], ...]:
        """The head's maps for normalised pictures (B, 3, H, W)."""
        return self.bbox_head(self.extract_feat(inputs))

    def extract_feat(self, inputs: Tensor) -> tuple[Tensor, ...]:
        """The feature maps that the head gets for normalised pictures (B, 3, H, W)."""
        feats = self.backbone(inputs)
        return feats if self.neck is None else self.neck(feats)

    @torch.no_grad()
    def predict(self, inputs: Tensor, scale_factors: Tensor | None = None) -> list[Boxes]:
        """The boxes in each picture, in its pixels.

        Args:
            inputs: (B, 3, H, W) uint8, BGR.
            scale_factors: (B, 2) pixels of the input per pixel of the picture, (x, y); ``None``
                for 1.
        """
        data = self.data_preprocessor(dict(inputs=inputs, data_samples=None))
        feats = self.extract_feat(data['inputs'])
        if scale_factors is None:
            scale_factors = torch.ones(len(inputs), 2)
        size_wh = tuple(inputs.shape[:-3:-1])
        return self.bbox_head.predict(feats, size_wh, scale_factors.to(feats[0].device))


@MODELS.register_module()
class RTMDet(SingleStageDetector):
    """RTMDet, which finds boxes by a CSP network of large kernels.

    Paper: `Lyu et al., 2022, RTMDet <https://arxiv.org/abs/2212.07784>`_.

    The arguments are those of :class:`SingleStageDetector`.
    """


@MODELS.register_module()
class YOLOX(SingleStageDetector):
    """YOLOX, which finds boxes without anchors.

    Paper: `Ge et al., 2021, YOLOX <https://arxiv.org/abs/2107.08430>`_.

    The arguments are those of :class:`SingleStageDetector`.
    """


def _is_for_training(key: str) -> bool:
    return key.startswith('loss_') or key in _FOR_TRAINING
