"""From collated samples to a normalised batch on the model's device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from mmengine.model import ImgDataPreprocessor
from mmengine.structures import BaseDataElement
from torch import Tensor, nn

from mmpose.registry import MODELS


@MODELS.register_module()
class PoseDataPreprocessor(ImgDataPreprocessor):
    """A batch of float pictures on the model's device.

    Pictures travel to the device as they come (uint8), and there are put in one batch, cast,
    reordered and normalised. Pictures of different size are padded at the right and the bottom.

    Args:
        mean: Mean of each channel, in the order after the channels are swapped; ``None`` leaves
            the values.
        std: Standard deviation of each channel, given with ``mean``.
        pad_size_divisor: The batch's sides become multiples of it.
        pad_value: Value of padded pixels, after normalisation.
        bgr_to_rgb: Whether to swap the first and the last channel.
        rgb_to_bgr: The same, by its other name.
        non_blocking: Whether copies from pinned memory run beside the computation.
        batch_augments: Augmentations of whole batches, applied in training.
    """

    def __init__(
        self,
        mean: Sequence[float] | None = None,
        std: Sequence[float] | None = None,
        pad_size_divisor: int = 1,
        pad_value: float = 0,
        bgr_to_rgb: bool = False,
        rgb_to_bgr: bool = False,
        non_blocking: bool = False,
        batch_augments: Sequence[dict] | None = None,
    ) -> None:
        super().__init__(
            mean=mean,
            std=std,
            pad_size_divisor=pad_size_divisor,
            pad_value=pad_value,
            bgr_to_rgb=bgr_to_rgb,
            rgb_to_bgr=rgb_to_bgr,
            non_blocking=non_blocking,
        )
        self.batch_augments = nn.ModuleList(MODELS.build(cfg) for cfg in batch_augments or [])

    def forward(self, data: dict, training: bool = False) -> dict:
        """``inputs`` (B, C, H, W) float and ``data_samples`` that know their padded size.

        Each sample's metainfo gets ``batch_input_shape`` (h, w), that of the batch, and
        ``pad_shape`` (h, w), the sample's own after rounding up to ``pad_size_divisor``. With
        several sizes of each picture ``inputs`` is a list of such batches, the metainfo tells of
        the first, and ``aug_pad_shapes`` holds the ``pad_shape`` of the others.

        Args:
            data: ``inputs``, a list of (C, H, W) or one (B, C, H, W), or a list of such lists, one
                for each size; and ``data_samples``.
            training: Whether to apply the augmentations.

        Raises:
            TypeError: ``inputs`` is neither.
            ValueError: A picture does not have as many channels as ``mean``.
        """
        data = self.cast_data(data)
        several = _are_several_sizes(data['inputs'])
        sizes = data['inputs'] if several else [data['inputs']]
        batches, shapes = zip(*map(self._batch_and_shapes, sizes), strict=True)

        data_samples = data.get('data_samples')
        batch_shape = tuple(batches[0].shape[-2:])
        for sample, (first, *others) in zip(
            data_samples or [], zip(*shapes, strict=True), strict=False
        ):
            sample.set_metainfo(dict(batch_input_shape=batch_shape, pad_shape=first))
            if several:
                sample.set_metainfo(dict(aug_pad_shapes=others))
        if several:
            return dict(inputs=list(batches), data_samples=data_samples)
        (inputs,) = batches
        if training:
            for augment in self.batch_augments:
                inputs, data_samples = augment(inputs, data_samples)
        return dict(inputs=inputs, data_samples=data_samples)

    def cast_data(self, data: Any) -> Any:
        """``data`` with its tensors on the device; data samples are changed in place.

        Copying a sample would copy its metainfo once for every field.
        """
        if isinstance(data, BaseDataElement):
            for name, value in data.items():
                data.set_field(self.cast_data(value), name)
            return data
        return super().cast_data(data)

    def _batch_and_shapes(
        self, inputs: Tensor | Sequence[Tensor]
    ) -> tuple[Tensor, list[tuple[int, int]]]:
        """The batch, and for each picture (h, w), its own after rounding up."""
        images = _as_images(inputs)
        self._check_channels(images)
        shapes = [self._rounded_up(image.shape[-2:]) for image in images]
        return self._batch(inputs, images, shapes), shapes

    def _batch(
        self, inputs: Tensor | Sequence[Tensor], images: Sequence[Tensor], shapes: list[tuple]
    ) -> Tensor:
        """The normalised pictures, padded to the largest of ``shapes``."""
        H, W = (max(sides) for sides in zip(*shapes, strict=True))
        if all(image.shape == images[0].shape for image in images):
            batch = inputs if isinstance(inputs, Tensor) else torch.stack(inputs)
            return self._pad(self._normalise(batch), H, W)
        return torch.stack([self._pad(self._normalise(image), H, W) for image in images])

    def _normalise(self, images: Tensor) -> Tensor:
        # the swap comes before the cast, so that it moves bytes
        images = images.flip(-3) if self._channel_conversion else images
        # A processor's convolutions are faster on channels that lie together; they pass it on.
        layout = torch.channels_last if images.ndim == 4 and images.device.type == 'cpu' else None
        images = images.to(torch.float32, copy=True, memory_format=layout or torch.preserve_format)
        return images.sub_(self.mean).div_(self.std) if self._enable_normalize else images

    def _pad(self, images: Tensor, H: int, W: int) -> Tensor:
        h, w = images.shape[-2:]
        if (h, w) == (H, W):
            return images
        return nn.functional.pad(images, (0, W - w, 0, H - h), value=self.pad_value)

    def _rounded_up(self, shape_hw: tuple[int, int]) -> tuple[int, int]:
        return tuple(-(-side // self.pad_size_divisor) * self.pad_size_divisor for side in shape_hw)

    def _check_channels(self, images: Sequence[Tensor]) -> None:
        channels = 3 if self._channel_conversion else 0
        if self._enable_normalize and len(self.mean) > 1:
            channels = len(self.mean)
        wrong = [tuple(image.shape) for image in images if channels and image.shape[-3] != channels]
        if wrong:
            raise ValueError(
                f'A picture is {wrong[0]}; this data preprocessor takes ({channels}, H, W). For '
                'grey pictures give one `mean` and one `std`, and swap no channels.'
            )


def _are_several_sizes(inputs: Any) -> bool:
    """Whether there are lists of pictures in a list, as ``aug_scales`` of BottomupResize make."""
    return isinstance(inputs, (list, tuple)) and isinstance(inputs[0], (list, tuple))


def _as_images(inputs: Tensor | Sequence[Tensor]) -> Sequence[Tensor]:
    if isinstance(inputs, Tensor) and inputs.ndim == 4:
        return inputs
    if isinstance(inputs, (list, tuple)) and all(
        isinstance(image, Tensor) and image.ndim == 3 for image in inputs
    ):
        return inputs
    given = type(inputs).__name__ + (f' {tuple(inputs.shape)}' if hasattr(inputs, 'shape') else '')
    raise TypeError(
        f'inputs is {given}; give a list of tensors (C, H, W), as `pseudo_collate` makes it, or '
        'one tensor (B, C, H, W).'
    )
