"""The targets of a batch, gathered from its samples."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from mmpose.utils.typing import SampleList


def labels_of(batch_data_samples: SampleList, *names: str) -> tuple[Tensor, ...]:
    """The targets of all instances of a batch by their names, one tensor for each name.

    Raises:
        KeyError: A sample lacks one.
        ValueError: The samples are of different data sets or codecs.
    """
    return tuple(
        joined(torch.cat, _values(batch_data_samples, 'gt_instance_labels', name), name)
        for name in names
    )


def fields_of(batch_data_samples: SampleList, name: str) -> Tensor:
    """The maps of a batch with a name, (B, C, H, W).

    Raises:
        KeyError: A sample lacks them.
        ValueError: The samples are of different data sets or codecs.
    """
    return joined(torch.stack, _values(batch_data_samples, 'gt_fields', name), name)


def joined(
    join: Callable[[Sequence[Tensor]], Tensor], values: Sequence[Tensor], name: str
) -> Tensor:
    """The samples' values of a target as one tensor.

    Args:
        join: ``torch.stack`` or ``torch.cat``.
        values: Of each sample.
        name: What the message calls them.

    Raises:
        ValueError: Their shapes do not go together.
    """
    try:
        return join(values)
    except RuntimeError as error:
        shapes = ' and '.join(map(str, dict.fromkeys(tuple(value.shape) for value in values)))
        raise ValueError(
            f'The samples of a batch have `{name}` of the shapes {shapes}: they are of data sets '
            'with different keypoints, or encoded by different codecs. Bring the data sets of a '
            'CombinedDataset to the same keypoints by KeypointConverter, and encode them alike.'
        ) from error


def _values(batch_data_samples: SampleList, place: str, name: str) -> list[Tensor]:
    values = [sample.get(place, {}).get(name) for sample in batch_data_samples]
    if any(value is None for value in values):
        raise KeyError(
            f'A sample has no `{name}` in its {place}; encode the targets with the codec of the '
            'head (`GenerateTarget` of the data pipeline).'
        )
    return values
