"""MMDetection's detectors, where it is installed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager

import numpy as np
import torch
from mmengine.config import Config
from mmengine.registry import DefaultScope


class MMDetDetector:
    """Finds boxes by any detector of MMDetection.

    Args:
        model: The name of a model in its index, or a config.
        weights: A path or URL; ``None`` takes those in the index.
        device: Where the detector runs.
    """

    def __init__(
        self, model: str | Config, weights: str | None = None, device: str | torch.device = 'cpu'
    ) -> None:
        from mmdet.apis import DetInferencer, inference_detector, init_detector

        device = str(device)
        self._infer = inference_detector
        with _its_scope():
            if isinstance(model, str):
                inferencer = DetInferencer(model, weights, device=device, show_progress=False)
                self.network = inferencer.model
            else:
                self.network = init_detector(model, weights, device=device)

    def __call__(self, images: Sequence[np.ndarray]) -> list:
        """The boxes in each picture, a DetDataSample each.

        Args:
            images: (H, W, 3) uint8 BGR each.
        """
        with _its_scope():
            return self._infer(self.network, list(images))


def _its_scope() -> AbstractContextManager[None]:
    """Where names of transforms and parts mean those of MMDetection, not ours."""
    return DefaultScope.overwrite_default_scope('mmdet')
