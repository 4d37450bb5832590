"""The cells that answer for the instances of a batch, and what they should predict."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

import torch
from mmengine.dist import all_reduce
from mmengine.structures import InstanceData
from torch import Tensor
from torch.nn.functional import grid_sample, one_hot

if TYPE_CHECKING:
    from mmpose.utils.typing import SampleList

    from ...task_modules import SimOTAAssigner

Places = tuple[Tensor, Tensor]
"""Cells of a batch: the numbers of their pictures (P,), and their own numbers (P,)."""

_NEEDED = ('bboxes', 'labels', 'keypoints', 'keypoints_visible', 'areas')
_SEEN = 0.3  # probability from which a keypoint counts for the middle of a pose


class Positives(NamedTuple):
    """The P cells of a batch that answer for an instance, picture by picture, and their targets.

    Attributes:
        places: The cells.
        overlaps: (P,) similarity of each cell's prediction to its instance, 0 to 1.
        labels: (P,) classes.
        bboxes: (P, 4) xyxy, pixels of the input.
        keypoints: (P, K, 2) pixels of the input.
        keypoints_visible: (P, K), 1 where a keypoint is labelled.
        keypoints_visible_weights: (P, K) weights of the visibility.
        areas: (P,) square pixels.
    """

    places: Places
    overlaps: Tensor
    labels: Tensor
    bboxes: Tensor
    keypoints: Tensor
    keypoints_visible: Tensor
    keypoints_visible_weights: Tensor
    areas: Tensor

    def mean_number(self) -> Tensor:
        """P, averaged over the processes, but at least 1."""
        number = self.areas.new_full((), len(self.areas))
        all_reduce(number, 'mean')
        return number.clamp(min=1)

    def class_overlaps(self, num_classes: int) -> Tensor:
        """The overlaps as targets of the classes, (P, C): 0 for all but the own class."""
        return one_hot(self.labels, num_classes) * self.overlaps[:, None]


def find_positives(
    assigner: SimOTAAssigner,
    predictions: dict[str, Tensor],
    priors: Tensor,
    batch_data_samples: SampleList,
) -> Positives:
    """The cells that the assigner gives to the instances of a batch.

    Args:
        assigner: What decides, picture by picture.
        predictions: ``bboxes`` (B, A, 4), ``scores`` (B, A, C), ``keypoints`` (B, A, K, 2) and
            ``keypoints_visible`` (B, A, K), as :class:`SimOTAAssigner` compares them.
        priors: (A, 4) x, y and stride in both directions.
        batch_data_samples: The samples, with the instances in ``gt_instance_labels``.

    Raises:
        KeyError: A sample lacks some of the annotations.
        ValueError: A sample has another number of keypoints.
    """
    annotations = [sample.gt_instance_labels for sample in batch_data_samples]
    K = predictions['keypoints'].shape[2]
    for instances in annotations:
        _check(instances, K)
    results = [
        assigner.assign(
            InstanceData(priors=priors, **{name: x[i].detach() for name, x in predictions.items()}),
            instances,
        )
        for i, instances in enumerate(annotations)
    ]
    numbers, overlaps = (
        torch.stack([result[name] for result in results]) for name in ('gt_inds', 'max_overlaps')
    )
    # how many cells there are only the assigner knows: here the host waits for it, once in a step
    places = numbers.nonzero(as_tuple=True)
    # instances are counted on from picture to picture
    firsts = accumulate(map(len, annotations[:-1]), initial=0)
    counted_on = [result['gt_inds'] - 1 + n for result, n in zip(results, firsts, strict=True)]
    chosen = torch.stack(counted_on)[places]
    return Positives(places, overlaps[places], **_targets(annotations, chosen, overlaps, K))


def _check(instances: InstanceData, K: int) -> None:
    if len(instances) == 0:
        return
    if missing := [name for name in _NEEDED if name not in instances]:
        raise KeyError(
            f'gt_instance_labels lacks {", ".join(missing)}; encode the targets with '
            'YOLOXPoseAnnotationProcessor (`GenerateTarget` of the data pipeline), from '
            'annotations that have areas.'
        )
    if instances.keypoints.shape[1] != K:
        raise ValueError(
            f'The head predicts {K} keypoints and the samples have {instances.keypoints.shape[1]}; '
            'set `num_keypoints` to that of the data set.'
        )


def _targets(
    annotations: Sequence[InstanceData], chosen: Tensor, like: Tensor, K: int
) -> dict[str, Tensor]:
    """The fields of :class:`Positives` for the chosen ones of all instances.

    Args:
        annotations: The instances of each sample.
        chosen: (P,) numbers of instances, counted on from sample to sample.
        like: A tensor of the type and on the device of the targets.
        K: Number of keypoints.
    """
    # a batch may have no instance, and a sample without any may lack the fields
    empty = dict(
        labels=like.new_zeros(0, dtype=torch.long),
        bboxes=like.new_zeros(0, 4),
        keypoints=like.new_zeros(0, K, 2),
        keypoints_visible=like.new_zeros(0, K),
        keypoints_visible_weights=like.new_zeros(0, K),
        areas=like.new_zeros(0),
    )
    known = [
        dict(keypoints_visible_weights=torch.ones_like(instances.keypoints_visible))
        | dict(instances.items())
        for instances in annotations
        if len(instances)
    ]
    return {
        name: torch.cat([none, *(instances[name].to(none) for instances in known)])[chosen]
        for name, none in empty.items()
    }


@torch.no_grad()
def labelled_shares(
    keypoints: Tensor, visible: Tensor, size_wh: tuple[int, int], batch_data_samples: SampleList
) -> Tensor:
    """What the cells' scores weigh in the loss, (B, A, 1): 0 where persons are not labelled.

    A cell is judged by the middle of the keypoints that it predicts, and by the ``heatmap_mask``
    of its sample, which is 1 in regions with persons that have no labels. Samples without a mask
    have labels everywhere.

    Args:
        keypoints: (B, A, K, 2) predicted keypoints, pixels of the input.
        visible: (B, A, K) their predicted visibility, 0 to 1.
        size_wh: (w, h) of the input, which the masks cover in whatever resolution.
        batch_data_samples: The samples, perhaps with ``heatmap_mask`` (1, H, W) in ``gt_fields``.
    """
    seen = (visible > _SEEN)[..., None].to(keypoints)
    middles = (keypoints * seen).sum(2) / seen.sum(2).clamp(min=1)
    # -1 and 1 are the outer borders of the mask's first and last pixels
    sides = zip(middles.unbind(-1), size_wh, strict=True)
    grid = torch.stack([(middle + 0.5) / side * 2 - 1 for middle, side in sides], dim=-1)
    shares = torch.ones_like(keypoints[:, :, :1, 0])
    for share, places, sample in zip(shares, grid, batch_data_samples, strict=True):
        mask = sample.get('gt_fields', {}).get('heatmap_mask')
        if mask is not None:
            unlabelled = grid_sample(mask[None].to(grid), places[None, None], align_corners=False)
            share -= unlabelled.reshape(share.shape)
    return shares
