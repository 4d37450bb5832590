"""The dynamic coordinate classifier of RTMO."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from mmcv.cnn import Scale
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.functional import batch_norm
from torch.nn.utils.fusion import fuse_linear_bn_eval

from ...utils.gau import GAUEncoder
from ...utils.ops import to_float32
from ...utils.positional_encoding import SinePositionalEncoding

if TYPE_CHECKING:
    from mmpose.utils.typing import ConfigType, OptConfigType

Axes = tuple[Tensor, Tensor]
"""A tensor for x and one for y."""


class _BatchNorm(nn.BatchNorm1d):
    """A batch norm that uses its running statistics for batches too small to have any.

    In training a batch has a row for each cell that answers for a person: there may be none.
    """

    def forward(self, x: Tensor) -> Tensor:
        """The normalised rows (P, C)."""
        if len(x) > 1:
            return super().forward(x)
        statistics = (self.running_mean, self.running_var)
        return batch_norm(x, *statistics, self.weight, self.bias, eps=self.eps)


class DCC(BaseModule):
    """Keypoints from a vector per pose, by classification of bins that span the pose's box.

    Paper: `Lu et al., CVPR 2024, RTMO <https://arxiv.org/abs/2312.07526>`_. The vector becomes a
    token per keypoint. A bin is encoded by its place relative to the cell that predicts the pose;
    the product of token and encoding is the logit, and the expectation over the bins the keypoint.

    Args:
        in_channels: Channels of a pose's vector.
        num_keypoints: Number of keypoints K.
        feat_channels: Channels of a token.
        num_bins: Numbers of bins (Wx, Wy) along x and y.
        spe_channels: Channels of the encoding of a place.
        spe_temperature: As ``temperature`` of :class:`SinePositionalEncoding`.
        gau_cfg: Arguments of the :class:`GAUEncoder` between the tokens.
    """

    def __init__(
        self,
        in_channels: int,
        num_keypoints: int,
        feat_channels: int,
        num_bins: Sequence[int],
        spe_channels: int = 128,
        spe_temperature: float = 300.0,
        gau_cfg: ConfigType = dict(s=128, expansion_factor=2, act_fn='SiLU', pos_enc='none'),
    ) -> None:
        super().__init__()
        self.num_keypoints = num_keypoints
        self.pose_to_kpts: nn.Module = nn.Sequential(
            nn.Linear(in_channels, feat_channels * num_keypoints),
            _BatchNorm(feat_channels * num_keypoints),
        )
        self.gau = GAUEncoder(feat_channels, feat_channels, **gau_cfg)
        self.pos_enc = None
        if self.gau.pos_enc != 'none':
            self.pos_enc = nn.Parameter(torch.randn(num_keypoints, self.gau.s))
        self.spe = SinePositionalEncoding(spe_channels, temperature=spe_temperature)
        self.x_fc, self.y_fc = (nn.Linear(spe_channels, feat_channels) for _ in range(2))
        self.sigma_fc = nn.Sequential(
            nn.Linear(in_channels, num_keypoints), nn.Sigmoid(), Scale(0.1)
        )
        num_x, num_y = num_bins
        self.register_buffer('x_bins', torch.linspace(-0.5, 0.5, num_x))
        self.register_buffer('y_bins', torch.linspace(-0.5, 0.5, num_y))

    def forward(self, pose_vecs: Tensor, boxes_cs: Tensor, points: Tensor) -> tuple[Tensor, Axes]:
        """The keypoints (P, K, 2), and the probabilities (P, K, Wx) and (P, K, Wy) of the bins.

        Args:
            pose_vecs: (P, C) vectors of the poses.
            boxes_cs: (P, 4) centres and (w, h) of the boxes that the bins span, pixels.
            points: (P, 2) points of the cells, pixels.
        """
        pose_vecs = pose_vecs.to(self.x_fc.weight.dtype)
        tokens = self.pose_to_kpts(pose_vecs).unflatten(-1, (self.num_keypoints, -1))
        tokens = self.gau(tokens, pos_enc=self.pos_enc)
        coordinates, probabilities = [], []
        for axis, (bins, fc) in enumerate(
            zip(self._bins(boxes_cs), (self.x_fc, self.y_fc), strict=True)
        ):
            encoding = self.spe(position=bins - points[:, axis, None]).type_as(tokens)
            # tokens @ fc(encoding).mT, but there are fewer tokens than bins to multiply by weights
            logits = (tokens @ fc.weight) @ encoding.mT + (tokens @ fc.bias)[..., None]
            p = to_float32(logits).softmax(-1)
            coordinates.append((p * bins[:, None]).sum(-1))
            probabilities.append(p)
        return torch.stack(coordinates, dim=-1), tuple(probabilities)

    def targets(
        self, keypoints: Tensor, boxes_cs: Tensor, pose_vecs: Tensor, areas: Tensor
    ) -> Axes:
        """How likely true keypoints are, if the bins are: (P, K, Wx) and (P, K, Wy).

        The likelihood is a Laplace distribution's, without constant factors. Its width is
        predicted, relative to the square root of the area.

        Args:
            keypoints: (P, K, 2) true keypoints, pixels.
            boxes_cs: As for :meth:`forward`.
            pose_vecs: As for :meth:`forward`.
            areas: (P,) areas of the instances, square pixels.
        """
        sigmas = to_float32(self.sigma_fc(pose_vecs)).clamp(min=1e-3)[..., None]
        widths = 2 * sigmas * areas.sqrt().clamp(min=1)[:, None, None]
        return tuple(
            (-(keypoints[..., axis, None] - bins[:, None]).abs() / widths).exp() / sigmas
            for axis, bins in enumerate(self._bins(boxes_cs))
        )

    def _bins(self, boxes_cs: Tensor) -> Axes:
        """Places of the bins, (P, Wx) and (P, Wy), pixels."""
        x, y, w, h = boxes_cs[..., None].unbind(1)
        return x + w * self.x_bins, y + h * self.y_bins

    def switch_to_deploy(self, test_cfg: OptConfigType = None) -> None:
        """Merge the batch norm into the layer before it, for prediction; it cannot be undone.

        Args:
            test_cfg: Not used.
        """
        if isinstance(self.pose_to_kpts, nn.Sequential):
            self.pose_to_kpts = fuse_linear_bn_eval(*self.pose_to_kpts.eval())
