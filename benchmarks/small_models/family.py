"""What a row of the tables is, and the parts that many rows have."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

PREPROCESSOR = dict(
    type='PoseDataPreprocessor',
    mean=[123.675, 116.28, 103.53],
    std=[58.395, 57.12, 57.375],
    bgr_to_rgb=True,
)
RESNET = dict(type='ResNet', depth=18, stem_channels=8, base_channels=8)  # ends with 64 channels
DECONV = dict(deconv_out_channels=(16, 16, 16), deconv_kernel_sizes=(4, 4, 4))
WEIGHTED_MSE = dict(type='KeypointMSELoss', use_target_weight=True)


class Family(NamedTuple):
    """What it takes to train a model.

    Attributes:
        model: Its config.
        transforms: From a sample to what a model is given.
        samples: Makes the samples.
        lr: Learning rate of AdamW.
    """

    model: dict
    transforms: list[dict]
    samples: Callable[[], list[dict]]
    lr: float = 2e-3
