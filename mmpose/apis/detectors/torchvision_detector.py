"""Torchvision's detectors, by name."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType

import numpy as np
import torch

from mmpose.signatures import near_names
from mmpose.utils.checkpoint import load_checkpoint_file, load_state_dict_checked

from .protocol import Detections

# The 80 classes of COCO are numbered with gaps from 1 to 90 in its files, and in torchvision.
_GAPS = (0, 12, 26, 29, 30, 45, 66, 68, 69, 71, 83)
_NUM_COCO_IDS = 91
COCO_IDS = tuple(number for number in range(_NUM_COCO_IDS) if number not in _GAPS)


class TorchvisionDetector:
    """Finds boxes by one of torchvision's detectors; person is class 0, as everywhere.

    Args:
        name: Such as ``'fasterrcnn_resnet50_fpn'``.
        weights: ``'DEFAULT'``, or the name of other weights that torchvision publishes, such as
            ``'COCO_V1'``; or the path or URL of a file. ``None`` is ``'DEFAULT'``.
        device: Where the detector runs.
        batch_size: The most pictures in a forward pass.

    Raises:
        ImportError: torchvision is not installed, or does not work.
        ValueError: There is no such detector, or no such weights.
    """

    def __init__(
        self,
        name: str,
        weights: str | None = None,
        device: str | torch.device = 'cpu',
        batch_size: int = 4,
    ) -> None:
        models = _torchvision_models()
        known = models.list_models(module=models.detection)
        if name not in known:
            near = near_names(name, known, 3)
            raise ValueError(
                f'torchvision has no detector {name!r}. '
                + (f'Did you mean {" or ".join(map(repr, near))}?' if near else f'It has {known}.')
            )
        weights = 'DEFAULT' if weights is None else str(weights)
        published = [entry.name for entry in models.get_model_weights(name)]
        if weights in ('DEFAULT', *published):
            network = models.get_model(name, weights=weights)
            self.num_classes = len(models.get_model_weights(name)[weights].meta['categories'])
        elif '/' in weights or '.' in weights:
            checkpoint = load_checkpoint_file(weights)
            state = checkpoint.get('state_dict', checkpoint)
            self.num_classes = _num_classes(state)
            network = models.get_model(
                name, weights=None, weights_backbone=None, num_classes=self.num_classes
            )
            load_state_dict_checked(network, state, weights)
        else:
            raise ValueError(
                f"{name} has no weights {weights!r}; give 'DEFAULT', {', '.join(published)}, or "
                'the path of a file.'
            )
        self._class_numbers = _class_numbers(self.num_classes)
        self.num_classes = int(self._class_numbers.max()) + 1
        self.network = network.to(device).eval()
        self.device = torch.device(device)
        self.batch_size = batch_size

    @torch.no_grad()
    def __call__(self, images: Sequence[np.ndarray]) -> list[Detections]:
        """The boxes in each picture, from the highest score down.

        Args:
            images: (H, W, 3) uint8 BGR each.
        """
        found: list[Detections] = []
        for start in range(0, len(images), self.batch_size):
            inputs = [
                # bytes travel to the device, where they become RGB
                torch.from_numpy(np.ascontiguousarray(image))
                .to(self.device)
                .permute(2, 0, 1)
                .flip(0)
                .float()
                .div_(255)
                for image in images[start : start + self.batch_size]
            ]
            found += [self._in_our_classes(of_one) for of_one in self.network(inputs)]
        return found

    def _in_our_classes(self, result: dict[str, torch.Tensor]) -> Detections:
        boxes, scores, labels = (result[k].cpu().numpy() for k in ('boxes', 'scores', 'labels'))
        found = Detections(boxes, scores, self._class_numbers[labels])
        keep = found.labels >= 0
        return Detections(*(values[keep] for values in found))


def _torchvision_models() -> ModuleType:
    try:
        from torchvision import models
        from torchvision.models import detection  # noqa: F401
    except Exception as error:  # such as a build for another PyTorch
        raise ImportError(
            f'The detector needs torchvision, which cannot be imported ({error}); '
            '`pip install torchvision` installs one that fits PyTorch.'
        ) from error
    return models


def _num_classes(state: dict[str, torch.Tensor]) -> int:
    """How many classes weights are for, with the background; COCO's where they do not tell."""
    by_class = state.get('roi_heads.box_predictor.cls_score.bias')
    return _NUM_COCO_IDS if by_class is None else len(by_class)


def _class_numbers(num_classes: int) -> np.ndarray:
    """Our number of each of torchvision's classes; -1 for the background and gaps."""
    ids = COCO_IDS if num_classes == _NUM_COCO_IDS else range(1, num_classes)
    numbers = np.full(num_classes, -1, np.int64)
    numbers[list(ids)] = np.arange(len(ids))
    return numbers
