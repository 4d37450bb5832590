"""What happens to a head's predictions before they are a sample's."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from mmengine.structures import InstanceData, PixelData


def check_number(predictions: Sized, samples: Sized) -> None:
    """Check that there is a prediction for each sample.

    Raises:
        ValueError: Their numbers differ.
    """
    if len(predictions) != len(samples):
        raise ValueError(
            f'There are {len(predictions)} predictions for {len(samples)} samples; the head must '
            'return one per sample.'
        )


def input_to_image(points: np.ndarray, metainfo: dict) -> np.ndarray:
    """Points (..., 2) in pixels of the image, from those in pixels of the input.

    Args:
        points: (..., 2) (x, y).
        metainfo: Of the sample: ``input_size`` (w, h), and in pixels of the image
            ``input_center`` (2,) and ``input_scale`` (w, h).
    """
    scale = metainfo['input_scale']
    return points / metainfo['input_size'] * scale + metainfo['input_center'] - 0.5 * scale


def select_keypoints(
    instances: InstanceData, field: PixelData | None, indices: Sequence[int]
) -> None:
    """Keep the keypoints ``indices``, and their heatmaps where there is one per keypoint."""
    K = instances.keypoints.shape[1]
    for name, values in instances.all_items():
        if name.startswith('keypoint'):
            instances.set_field(values[:, indices], name)
    for name, values in field.all_items() if field is not None else ():
        if values.shape[0] == K:
            field.set_field(values[indices], name)
