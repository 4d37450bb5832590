"""Detectors whose network is one of ours, as a function of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch

from mmpose.registry import MODELS
from mmpose.utils.checkpoint import load_checkpoint_file, load_state_dict_checked

from .configs import letterbox_of
from .letterbox import Letterbox
from .protocol import Detections

if TYPE_CHECKING:
    from mmengine.config import Config

    from mmpose.models.detectors.single_stage import SingleStageDetector

    from .published import Published


class NetworkDetector:
    """Finds boxes by an RTMDet or a YOLOX in PyTorch.

    Args:
        network: The network, in evaluation mode.
        letterbox: How pictures become its input.
        device: Where the network runs.
        batch_size: The most pictures in a forward pass.

    Raises:
        ValueError: The sides of the input are no multiples of the largest stride.
    """

    def __init__(
        self,
        network: SingleStageDetector,
        letterbox: Letterbox,
        device: str | torch.device = 'cpu',
        batch_size: int = 16,
    ) -> None:
        stride = max(network.bbox_head.strides)
        if any(side % stride for side in letterbox.size_wh):
            raise ValueError(
                f'The input of the detector is {letterbox.size_wh} (w, h); give multiples of its '
                f'largest stride {stride} in Resize and Pad of the test pipeline.'
            )
        self.network = network.to(device).eval()
        self.letterbox = letterbox
        self.device = torch.device(device)
        self.batch_size = batch_size

    @property
    def num_classes(self) -> int:
        """Number of classes that the detector tells apart."""
        return self.network.bbox_head.num_classes

    def __call__(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """The boxes in each picture, from the highest score down.

        Args:
            images: (H, W, 3) uint8 BGR each.
        """
        found: list[Detections] = []
        for start in range(0, len(images), self.batch_size):
            batch, scales = self.letterbox(images[start : start + self.batch_size])
            inputs = torch.from_numpy(batch).to(self.device).permute(0, 3, 1, 2)
            found += _to_arrays(self.network.predict(inputs, torch.from_numpy(scales)))
        return found


def build_published(
    published: Published, weights: str | None, device: str | torch.device
) -> NetworkDetector:
    """A detector that goes by a name.

    Args:
        published: The detector.
        weights: Its weights, a path or URL, perhaps of another number of classes; ``None`` for the
            published ones.
        device: Where the network runs.

    Raises:
        CheckpointError: The weights do not fit.
        ValueError: No weights are given, nor published.
    """
    weights = weights or published.url
    if weights is None:
        raise ValueError(
            f'No weights of {published.family}-{published.size} are published; give yours as '
            '`det_weights`, a path or a URL.'
        )
    checkpoint = load_checkpoint_file(weights)
    by_class = checkpoint.get('state_dict', checkpoint).get(published.state_key)
    num_classes = published.num_classes if by_class is None else len(by_class)
    return _build(published.config(num_classes), checkpoint, str(weights), device)


def build_from_config(config: Config, weights: str, device: str | torch.device) -> NetworkDetector:
    """A detector of a config of MMDetection.

    Args:
        config: With ``model``, and the test pipeline.
        weights: A path or URL.
        device: Where the network runs.

    Raises:
        CheckpointError: The weights do not fit.
    """
    return _build(config, load_checkpoint_file(weights), str(weights), device)


def _build(
    config: Config | dict, checkpoint: dict, source: str, device: str | torch.device
) -> NetworkDetector:
    network = MODELS.build(config['model'])
    load_state_dict_checked(network, checkpoint, source)
    return NetworkDetector(network, letterbox_of(config), device)


def _to_arrays(found: Sequence) -> list[Detections]:
    """The boxes of a batch, copied from the device at once."""
    ends = np.cumsum([len(of_one.scores) for of_one in found])[:-1]
    columns = (torch.cat(values).cpu().numpy() for values in zip(*found, strict=True))
    return [
        Detections(*of_one)
        for of_one in zip(*(np.split(values, ends) for values in columns), strict=True)
    ]
