"""The network that began deep learning on pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d

from mmpose.registry import MODELS

from .base_backbone import BaseBackbone

if TYPE_CHECKING:
    from mmpose.utils.typing import OptMultiConfig


@MODELS.register_module()
class AlexNet(BaseBackbone):
    """The last feature map of an AlexNet, or its class scores.

    Paper: `Krizhevsky et al., 2012, ImageNet Classification with Deep Convolutional Neural
    Networks <https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks>`_,
    in the single-column form of `Krizhevsky, 2014 <https://arxiv.org/abs/1404.5997>`_, whose
    weights have the names of torchvision's. The windows reach over the picture's border by 2
    pixels only, so that a side of 256 pixels, for example, gives 7 cells.

    Args:
        num_classes: Number of classes to score; without a positive number the feature map is
            returned, and its channels and stride are declared.
        init_cfg: Initialisation, as in :class:`mmengine.model.BaseModule`.
    """

    least_size = 63

    def __init__(self, num_classes: int = -1, init_cfg: OptMultiConfig = None) -> None:
        super().__init__(init_cfg=init_cfg)
        self.num_classes = num_classes
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(inplace=True),
            nn.MaxPool2d(3, stride=2),
        )
        if num_classes > 0:
            self.classifier = nn.Sequential(
                nn.Dropout(),
                nn.Linear(256 * 6 * 6, 4096),
                nn.ReLU(inplace=True),
                nn.Dropout(),
                nn.Linear(4096, 4096),
                nn.ReLU(inplace=True),
                nn.Linear(4096, num_classes),
            )
        else:
            self.out_channels, self.out_strides = (256,), (32,)

    def forward(self, x: Tensor) -> tuple[Tensor]:
        """The feature map of pictures (B, 3, H, W), or the scores (B, ``num_classes``).

        Raises:
            ValueError: A side is shorter than 63 pixels.
        """
        self.check_picture_size(x)
        x = self.features(x)
        if self.num_classes > 0:
            # 6x6 cells already where the sides are 224 pixels, as in the paper
            x = self.classifier(adaptive_avg_pool2d(x, 6).flatten(1))
        return (x,)
