"""The loss of tags that group keypoints into instances."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from mmpose.registry import MODELS

from .reduction import full_precision


@MODELS.register_module()
class AssociativeEmbeddingLoss(nn.Module):
    """How far tags vary within an instance (pull), and how alike instances are (push).

    From `Newell et al., 2017, Associative Embedding <https://arxiv.org/abs/1611.05424>`_. Pull is
    the mean over the instances of the variance of their tags; push the sum of exp(-d^2) over
    ordered pairs of instances, with the difference d of their mean tags, divided by their number
    N (N - 1). As in every release the N pairs of an instance with itself are in the sum, a
    constant without gradient, and both losses are summed over the batch.

    Args:
        loss_weight: Factor of both losses.
        push_loss_factor: Further factor of the push loss.
    """

    def __init__(self, loss_weight: float = 1.0, push_loss_factor: float = 0.5) -> None:
        super().__init__()
        self.loss_weight = loss_weight
        self.push_loss_factor = push_loss_factor

    @full_precision
    def forward(self, tags: Tensor, keypoint_indices: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
        """The pull and the push loss, scalars.

        Args:
            tags: (B, L * K, H, W) maps of tags with L numbers each; channel l * K + k belongs to
                keypoint k.
            keypoint_indices: For each sample (N, K, 2): the index of the keypoint's cell in the
                flattened map, and whether it is labelled.

        Raises:
            ValueError: The shapes do not fit.
        """
        if len(tags) != len(keypoint_indices):
            raise ValueError(
                f'The tags are of {len(tags)} samples and the keypoint_indices of '
                f'{len(keypoint_indices)}; give one tensor of indices for each sample.'
            )
        losses = [_image_losses(*pair) for pair in zip(tags, keypoint_indices, strict=True)]
        pull, push = torch.stack(losses).sum(0).unbind()
        return pull * self.loss_weight, push * self.loss_weight * self.push_loss_factor


def _image_losses(tags: Tensor, keypoint_indices: Tensor) -> Tensor:
    """The pull and the push loss (2,) of one sample: masks stand for what is not labelled."""
    K = keypoint_indices.shape[1]
    if keypoint_indices.shape[2:] != (2,) or len(tags) % K:
        raise ValueError(
            f'The keypoint_indices are {tuple(keypoint_indices.shape)} and the tags '
            f'{tuple(tags.shape)}; give (N, K, 2) for tags with a multiple of K channels.'
        )
    labelled = keypoint_indices[..., 1] > 0
    cells = keypoint_indices[..., 0].where(labelled, 0)
    tags = tags.reshape(-1, K, tags[0].numel())
    tags = tags.gather(2, cells.T.expand(len(tags), -1, -1)).permute(2, 1, 0)  # (N, K, L)

    weights = labelled[..., None].to(tags)
    counts = weights.sum(1)
    means = (tags * weights).sum(1) / counts.clamp(min=1)
    present = (counts > 0).to(tags)
    N = present.sum()

    spread = ((tags - means[:, None]) ** 2 * weights).sum(1) / counts.clamp(min=1)
    pull = spread.mean(1).sum() / N.clamp(min=1)
    alike = (-((means[:, None] - means) ** 2)).exp().sum(-1) * present * present.T
    push = alike.sum() / (N * (N - 1)).clamp(min=1) * (N > 1)
    return torch.stack([pull, push])
