"""Augmentations of whole batches, applied on the model's device."""

from __future__ import annotations

import random

import torch
from mmengine.dist import broadcast, get_rank
from mmengine.logging import MessageHub
from torch import Tensor, nn
from torch.nn.functional import interpolate

from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from mmpose.utils.typing import SampleList

# where the size is kept, so that a resumed training goes on with it
_SIZE = 'batch_sync_random_resize_hw'


@MODELS.register_module()
class BatchSyncRandomResize(nn.Module):
    """The batch at a size that changes every few iterations, the same on all devices.

    Multi-scale training as in YOLOX (`Ge et al., 2021 <https://arxiv.org/abs/2107.08430>`_). Until
    the first change the batch keeps the size at which it came. Checkpoints carry the size.

    Args:
        random_size_range: Least and greatest height, pixels; the width follows from the aspect
            ratio of the batch.
        interval: Iterations between two changes.
        size_divisor: Sides are multiples of it.

    Raises:
        ValueError: The range holds no multiple of ``size_divisor``, or a number is not positive.
    """

    def __init__(
        self, random_size_range: tuple[int, int], interval: int = 10, size_divisor: int = 32
    ) -> None:
        super().__init__()
        if interval < 1 or size_divisor < 1:
            raise ValueError(
                f'interval is {interval} and size_divisor {size_divisor}; both start at 1.'
            )
        smallest, largest = (round(side / size_divisor) for side in random_size_range)
        if not 1 <= smallest <= largest:
            raise ValueError(
                f'random_size_range is {tuple(random_size_range)}; give the least and the greatest '
                f'height in this order, of at least {size_divisor} pixels (`size_divisor`).'
            )
        self.multiples = (smallest, largest)
        self.interval = interval
        self.size_divisor = size_divisor
        self._size_hw: tuple[int, int] | None = None

    def forward(self, inputs: Tensor, data_samples: SampleList) -> tuple[Tensor, SampleList]:
        """The batch at the current size, and samples whose labels follow it.

        Changed in place: ``img_shape``, ``pad_shape`` and ``batch_input_shape`` of each sample,
        and ``bboxes``, ``keypoints`` and ``areas`` of its ``gt_instance_labels``.

        Args:
            inputs: (B, C, H, W).
            data_samples: The samples of the batch.
        """
        H, W = inputs.shape[-2:]
        hub = MessageHub.get_current_instance()
        iteration = hub.get_info('iter', 0)
        if self._size_hw is None and iteration and (saved := hub.get_info(_SIZE)):
            self._size_hw = tuple(saved)
        size = self._size_hw or (H, W)
        if size != (H, W):
            inputs = interpolate(inputs.float(), size, mode='bilinear', align_corners=False)
            for sample in data_samples:
                _resize_sample(sample, size, scale_x=size[1] / W, scale_y=size[0] / H)
        if (iteration + 1) % self.interval == 0:
            self._size_hw = self._choose_size(W / H, inputs.device)
            hub.update_info(_SIZE, list(self._size_hw))
        return inputs, data_samples

    def _choose_size(self, aspect_ratio: float, device: torch.device) -> tuple[int, int]:
        """(h, w), as the first process draws it."""
        multiple = torch.zeros(1, dtype=torch.int64, device=device)
        if get_rank() == 0:
            multiple.fill_(random.randint(*self.multiples))
        broadcast(multiple, 0)
        rows = multiple.item()
        return rows * self.size_divisor, max(int(rows * aspect_ratio), 1) * self.size_divisor


def _resize_sample(
    sample: PoseDataSample, size_hw: tuple[int, int], scale_x: float, scale_y: float
) -> None:
    for key in ('img_shape', 'pad_shape'):
        if key in sample:
            h, w = sample.metainfo[key]
            sample.set_metainfo({key: (int(h * scale_y), int(w * scale_x))})
    sample.set_metainfo(dict(batch_input_shape=size_hw))
    labels = sample.get('gt_instance_labels', {})
    for key in ('bboxes', 'keypoints'):
        if key in labels:
            labels[key][..., 0::2] *= scale_x
            labels[key][..., 1::2] *= scale_y
    if 'areas' in labels:
        labels['areas'] *= scale_x * scale_y
