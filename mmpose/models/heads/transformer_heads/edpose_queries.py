"""The queries of ED-Pose: humans, each with its keypoints, and noisy ones to train with.

Queries stand in a row: first the denoising ones, then group by group a human and its K keypoints.
Masks are true where a query, the row, does not see another, the column.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn.functional import pad

if TYPE_CHECKING:
    from mmengine.structures import InstanceData

    from mmpose.utils.typing import SampleList


def split_queries(x: Tensor, num_denoising: int, num_keypoints: int) -> tuple[Tensor, Tensor]:
    """The humans (B, D + G, C), with the denoising ones, and the keypoints (B, G, K, C).

    Args:
        x: (B, D + G * (1 + K), C).
        num_denoising: Number D of denoising queries.
        num_keypoints: Number K of keypoints in a group.
    """
    groups = x[:, num_denoising:].unflatten(1, (-1, 1 + num_keypoints))
    return torch.cat([x[:, :num_denoising], groups[:, :, 0]], dim=1), groups[:, :, 1:]


def join_queries(humans: Tensor, keypoints: Tensor, num_denoising: int) -> Tensor:
    """What :func:`split_queries` splits, (B, D + G * (1 + K), C)."""
    denoising, humans = humans[:, :num_denoising], humans[:, num_denoising:]
    groups = torch.cat([humans[:, :, None], keypoints], dim=2)
    return torch.cat([denoising, groups.flatten(1, 2)], dim=1)


def human_to_pose_mask(num_groups: int, num_keypoints: int, device: torch.device | str) -> Tensor:
    """The mask (N, N) by which humans see each other, and all that is in a group sees itself.

    Args:
        num_groups: Number of humans.
        num_keypoints: Number K of keypoints; N is the number of groups times 1 + K.
        device: Where the mask is wanted.
    """
    index = torch.arange(num_groups * (1 + num_keypoints), device=device)
    group, place = index // (1 + num_keypoints), index % (1 + num_keypoints)
    human = place == 0
    return (group[:, None] != group) & ~(human[:, None] & human)


def denoising_mask(counts: Sequence[int], num_denoising: int, device: torch.device | str) -> Tensor:
    """The mask (B, D, D) by which only those see each other that stand for different instances.

    Args:
        counts: Number of instances in each of the B pictures. Denoising queries repeat these, time
            after time. Where there is none, all see each other.
        num_denoising: Number D of denoising queries.
        device: Where the mask is wanted.
    """
    index = torch.arange(num_denoising, device=device)
    groups = torch.stack([index // (count or num_denoising) for count in counts])
    return groups[:, :, None] != groups[:, None]


def with_denoising(mask: Tensor, denoising: Tensor) -> Tensor:
    """The mask (B, D + N, D + N) of denoising queries and others, which do not see them.

    Args:
        mask: (N, N) of the others.
        denoising: (B, D, D) of the denoising queries, which see all others.
    """
    B, D, _ = denoising.shape
    seen = pad(denoising, (0, len(mask)))
    others = pad(mask, (D, 0), value=True).expand(B, -1, -1)
    return torch.cat([seen, others], dim=1)


class Denoising:
    """Noisy boxes of the annotated humans, to train with: the network learns to undo the noise.

    Paper: `Li et al., CVPR 2022, DN-DETR <https://arxiv.org/abs/2203.01305>`_.

    Args:
        number: Number D of denoising queries of each picture.
        num_classes: Number of classes. The last is that of humans, as in the published weights;
            one label more stands for no human at all.
        dn_box_noise_scale: As ``scale`` of :func:`noisy_boxes`.
        dn_label_noise_ratio: As ``ratio`` of :func:`noisy_labels`.
        dn_labelbook_size: As ``num_labels`` of :func:`noisy_labels`.
        dn_attn_mask_type_list: Must hold 'group2group'; see :func:`denoising_mask`.

    Raises:
        ValueError: ``dn_attn_mask_type_list`` does not hold it, or there are fewer labels than
            classes.
    """

    def __init__(
        self,
        number: int,
        num_classes: int,
        dn_box_noise_scale: float = 0.4,
        dn_label_noise_ratio: float = 0.5,
        dn_labelbook_size: int = 100,
        dn_attn_mask_type_list: Sequence[str] = ('match2dn', 'dn2dn', 'group2group'),
    ) -> None:
        if 'group2group' not in dn_attn_mask_type_list:
            raise ValueError(
                f'dn_attn_mask_type_list is {list(dn_attn_mask_type_list)}; it must hold '
                "'group2group', since different repetitions of the humans never see each other."
            )
        if dn_labelbook_size < num_classes:
            raise ValueError(
                f'dn_labelbook_size is {dn_labelbook_size}, less than num_classes={num_classes}; '
                'every class needs a label.'
            )
        self.number = number
        self.num_classes = num_classes
        self.box_noise_scale = dn_box_noise_scale
        self.label_noise_ratio = dn_label_noise_ratio
        self.num_labels = dn_labelbook_size

    def add_noise(self, known: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        """Labels (B, D) and boxes (B, D, 4) of :meth:`repeat`, with noise."""
        labels = noisy_labels(known['known_labels'], self.label_noise_ratio, self.num_labels)
        return labels, noisy_boxes(known['known_bboxs'], self.box_noise_scale)

    def repeat(self, targets: SampleList, device: torch.device | str) -> dict[str, Tensor]:
        """The instances of each picture, repeated until there are D; what is left over is drawn.

        Boxes are drawn, too, where a picture has no instance.

        Args:
            targets: The samples. ``gt_instances`` have ``bboxes`` (N, 4) and ``keypoints``
                (N, K, 2) as :class:`~mmpose.codecs.EDPoseLabel` encodes them, and perhaps
                ``labels`` (N,), the classes; else all are human.
            device: Where the values are wanted.

        Returns:
            ``known_bboxs`` (B, D, 4), ``known_labels`` (B, D) and ``known_keypoints`` (B, D, K, 2).
        """
        rows = [self._repeat_one(sample.gt_instances, device) for sample in targets]
        names = ('known_bboxs', 'known_labels', 'known_keypoints')
        return dict(zip(names, map(torch.stack, zip(*rows, strict=True)), strict=True))

    def _repeat_one(
        self, instances: InstanceData, device: torch.device | str
    ) -> tuple[Tensor, Tensor, Tensor]:
        boxes = torch.as_tensor(instances.bboxes, dtype=torch.float32, device=device)
        keypoints = torch.as_tensor(instances.keypoints, dtype=torch.float32, device=device)
        labels = instances.get('labels')
        if labels is None:
            labels = torch.full((len(boxes),), self.num_classes - 1)
        labels = torch.as_tensor(labels, dtype=torch.int64, device=device)
        if not len(boxes):
            return (
                torch.rand(self.number, 4, device=device),
                labels.new_full((self.number,), self.num_classes),
                keypoints.new_zeros(self.number, *keypoints.shape[1:]),
            )
        times, rest = divmod(self.number, len(boxes))
        whole = torch.arange(len(boxes), device=device).repeat(times)
        chosen = torch.cat([whole, torch.randint(len(boxes), (rest,), device=device)])
        return boxes[chosen], labels[chosen], keypoints[chosen]


def noisy_labels(labels: Tensor, ratio: float, num_labels: int) -> Tensor:
    """Labels of which a share is drawn anew.

    Args:
        labels: Whole numbers.
        ratio: The share.
        num_labels: Labels are drawn from 0 up to this number, exclusively.
    """
    drawn = torch.randint_like(labels, num_labels)
    return torch.where(torch.rand(labels.shape, device=labels.device) < ratio, drawn, labels)


def noisy_boxes(boxes: Tensor, scale: float) -> Tensor:
    """Boxes whose centres move by up to half a side, and whose sides change by up to a side.

    Args:
        boxes: (..., 4) (cx, cy, w, h), shares of the picture. The result stays within 0 to 1.
        scale: Factor of the changes.
    """
    sides = boxes[..., 2:]
    reach = torch.cat([sides / 2, sides], dim=-1)
    return (boxes + (2 * torch.rand_like(boxes) - 1) * reach * scale).clamp(0, 1)
