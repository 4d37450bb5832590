"""Norm layers that bear their kind and number, as the published weights name them."""

from __future__ import annotations

from mmcv.cnn import build_norm_layer
from torch import nn


class NumberedNorms:
    """Mixin for modules whose norm layers are named ``bn1``, ``gn2`` and so on.

    The name follows the kind of layer, and ``norm1`` to ``norm3`` find it whatever its kind.
    """

    def add_norm(self, number: int, norm_cfg: dict, channels: int) -> None:
        """Register a norm layer of ``channels`` under its kind and ``number``."""
        name, layer = build_norm_layer(norm_cfg, channels, postfix=number)
        self.add_module(name, layer)
        setattr(self, f'norm{number}_name', name)

    @property
    def norm1(self) -> nn.Module:
        """The first norm layer."""
        return getattr(self, self.norm1_name)

    @property
    def norm2(self) -> nn.Module:
        """The second norm layer."""
        return getattr(self, self.norm2_name)

    @property
    def norm3(self) -> nn.Module:
        """The third norm layer."""
        return getattr(self, self.norm3_name)
