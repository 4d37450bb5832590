"""The interface between keypoints and what a network predicts for them."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from mmengine.utils import is_method_overridden
from torch import Tensor


class BaseKeypointCodec(metaclass=ABCMeta):
    """Turns keypoints into training targets and network outputs back into keypoints.

    A codec works in the pixels of the network's input. ``decode`` inverts ``encode`` up to the
    precision that the codec states. The class attributes say how the targets travel: each table
    maps a key of the dict that ``encode`` returns to the name under which
    :class:`~mmpose.datasets.transforms.PackPoseInputs` puts it into the data sample.

    To add a codec, implement ``encode`` and ``decode``, declare the tables, and register the class
    in ``KEYPOINT_CODECS``. Implement ``batch_decode`` as well where a whole batch can be decoded
    at once, and ``decode_tensors`` where that can happen on the device of the model;
    ``support_batch_decoding`` and ``support_tensor_decoding`` then turn true. Heads choose: tensors
    on a GPU, else batches, else samples.
    """

    auxiliary_encode_keys: ClassVar[set[str]] = set()
    """Keys of the pipeline's sample that ``encode`` takes as further keyword arguments."""

    field_mapping_table: ClassVar[dict[str, str]] = {}
    """Targets with the layout of an image, packed into ``gt_fields``."""

    instance_mapping_table: ClassVar[dict[str, str]] = {}
    """Annotations of each instance, packed into ``gt_instances``."""

    label_mapping_table: ClassVar[dict[str, str]] = {}
    """Targets of each instance, packed into ``gt_instance_labels``."""

    @abstractmethod
    def encode(self, keypoints: np.ndarray, keypoints_visible: np.ndarray | None = None) -> dict:
        """Targets for the keypoints of one sample, by the names in the mapping tables.

        Args:
            keypoints: (N, K, D) pixels of the input, (x, y) first. NaN means not labelled.
            keypoints_visible: (N, K), above 0 where a keypoint is labelled; ``None``: all are.
        """

    @abstractmethod
    def decode(self, encoded: Any) -> tuple[np.ndarray, np.ndarray]:
        """Keypoints of one sample, (N, K, D) in pixels of the input, and scores, (N, K).

        Args:
            encoded: What the network predicts for one sample, laid out like the target.
        """

    def batch_decode(self, batch_encoded: Any) -> tuple[Any, Any]:
        """Keypoints and scores of each sample of a batch.

        Args:
            batch_encoded: What ``decode`` accepts, with a leading batch axis.

        Returns:
            keypoints: B arrays of shape (N, K, D), as a list or as one array.
            scores: B arrays of shape (N, K), as a list or as one array.
        """
        raise NotImplementedError(
            f'{type(self).__name__} decodes one sample at a time; call `decode`, or check '
            '`support_batch_decoding` first.'
        )

    def decode_tensors(self, *batch_encoded: Tensor) -> tuple[Tensor, ...]:
        """Keypoints and scores of a batch, computed where the network's outputs are.

        Equal to ``batch_decode`` within a thousandth of a pixel.

        Args:
            batch_encoded: Tensors, what ``batch_decode`` accepts as arrays.

        Returns:
            Keypoints (B, N, K, D) and scores (B, N, K), on the device of the input; then
            whatever else ``batch_decode`` returns.
        """
        raise NotImplementedError(
            f'{type(self).__name__} decodes arrays; call `batch_decode` or `decode`, or check '
            '`support_tensor_decoding` first.'
        )

    @property
    def support_tensor_decoding(self) -> bool:
        """Whether ``decode_tensors`` is implemented, and knows how this class decodes.

        A class that overrides ``decode`` or ``batch_decode`` of a codec decodes otherwise than the
        ``decode_tensors`` that it inherits, which is then left alone.
        """
        return self._is_current('decode_tensors', than=('decode', 'batch_decode'))

    @property
    def support_batch_decoding(self) -> bool:
        """Whether ``batch_decode`` is implemented, and knows how this class decodes.

        As for ``decode_tensors``, a class that overrides ``decode`` alone is decoded by it.
        """
        return self._is_current('batch_decode', than=('decode',))

    def _is_current(self, name: str, than: Sequence[str]) -> bool:
        """Whether a method is implemented, and no later class overrides the other ones alone."""
        own, *others = (
            next(place for place, cls in enumerate(type(self).__mro__) if method in vars(cls))
            for method in (name, *than)
        )
        return is_method_overridden(name, BaseKeypointCodec, type(self)) and own <= min(others)
