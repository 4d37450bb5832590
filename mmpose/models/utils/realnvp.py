"""A density that a network shapes out of the normal distribution."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


class RealNVP(nn.Module):
    r"""A learned density of points in the plane.

    From `Dinh et al., 2017, Real NVP <https://arxiv.org/abs/1605.08803>`_. Six coupling layers map
    a point to one of the standard normal distribution. Each keeps one coordinate and moves the
    other: :math:`z' = (z - t) e^{-s}`, with s and t computed from the kept one, so the Jacobian's
    determinant is :math:`e^{-s}`. Parameters and buffers have the names of published checkpoints.
    """

    def __init__(self) -> None:
        super().__init__()
        # mean and covariance of the normal distribution, which checkpoints list
        self.register_buffer('loc', torch.zeros(2))
        self.register_buffer('cov', torch.eye(2))
        self.register_buffer('mask', torch.tensor([[0, 1], [1, 0]] * 3, dtype=torch.float32))
        self.s = nn.ModuleList([_coupling_net(nn.Tanh()) for _ in self.mask])
        self.t = nn.ModuleList([_coupling_net() for _ in self.mask])

    def backward_p(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """The latent points z (N, 2) of points, and the log determinants (N,) of dz / dx.

        Args:
            x: (N, 2).
        """
        z, log_det = x, x.new_zeros(len(x))
        steps = zip(self.mask, self.s, self.t, strict=True)
        for keep, scale, shift in reversed(list(steps)):
            kept, move = z * keep, 1 - keep
            s = scale(kept) * move
            z = kept + (z - shift(kept)) * move * (-s).exp()
            log_det = log_det - s.sum(1)
        return z, log_det

    def log_prob(self, x: Tensor) -> Tensor:
        """The log density (N,) at points.

        Args:
            x: (N, 2).
        """
        z, log_det = self.backward_p(x)
        return log_det - z.square().sum(1) / 2 - math.log(2 * math.pi)


def _coupling_net(*end: nn.Module) -> nn.Sequential:
    linears = [nn.Linear(2, 64), nn.Linear(64, 64), nn.Linear(64, 2)]
    for linear in linears:
        # small, so that training begins with a normal distribution, only moved and stretched
        nn.init.xavier_uniform_(linear.weight, gain=0.01)
    first, second, last = linears
    return nn.Sequential(first, nn.LeakyReLU(), second, nn.LeakyReLU(), last, *end)
