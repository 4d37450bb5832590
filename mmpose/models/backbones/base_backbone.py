"""What every backbone shares: initial weights, freezing, norm evaluation, declared outputs."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections import OrderedDict
from collections.abc import Iterable

import torch
from mmengine.logging import print_log
from mmengine.model import BaseModule
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from mmpose.utils.checkpoint import load_state_dict_checked

from .utils import is_pretrained, read_weights


class BaseBackbone(BaseModule, metaclass=ABCMeta):
    """A network from pictures (B, C, H, W) to a tuple of feature maps.

    A subclass writes ``__init__`` and ``forward``. One that can be frozen also writes
    :meth:`stages_to_freeze` and ends its constructor with :meth:`freeze_stages`.

    ``Pretrained`` in ``init_cfg`` takes a file of a backbone's weights, which may lie under
    ``'state_dict'``, ``'model'`` or at the top level, or one of a whole model, whose weights under
    ``backbone.``, or ``prefix`` if that is given, are taken.

    Attributes:
        out_channels: Channels of each feature map that ``forward`` returns, or ``None`` where
            they are not declared. A head's ``in_channels`` is checked against them.
        out_strides: Pixels of the input per cell of each feature map, or ``None``.
        norm_eval: Whether batch norm keeps its statistics in training.
        least_size: Least height and width of the pictures, pixels.
        size_divisor: Height and width of the pictures must be multiples of it. A backbone that
            needs one of these two begins ``forward`` with :meth:`check_picture_size`.
    """

    out_channels: tuple[int, ...] | None = None
    out_strides: tuple[int, ...] | None = None
    norm_eval: bool = False
    least_size: int = 1
    size_divisor: int = 1

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        """The feature maps of a batch of pictures, from the finest to the coarsest."""

    def check_picture_size(self, x: Tensor) -> None:
        """Check that pictures (B, C, H, W) have a size that the network can take.

        Raises:
            ValueError: A side is shorter than ``least_size``, or no multiple of ``size_divisor``.
        """
        H, W = x.shape[-2:]
        if min(H, W) < self.least_size or H % self.size_divisor or W % self.size_divisor:
            need = f'multiples of {self.size_divisor}' if self.size_divisor > 1 else ''
            if self.least_size > self.size_divisor:
                need += f'{", " if need else ""}at least {self.least_size}'
            raise ValueError(
                f'{type(self).__name__} gets pictures of {W}x{H} (w x h) pixels, but the sides '
                f'must be {need}; change the input size of the data pipeline, or '
                '`pad_size_divisor` of the data preprocessor.'
            )

    def init_weights(self, pretrained: str | None = None) -> None:
        """Initialise by ``init_cfg`` and :meth:`init_own_weights`; files of weights come last.

        Args:
            pretrained: A file of weights to load in place of following ``init_cfg``; a path, a
                URL, or a name such as ``torchvision://resnet50``.

        Raises:
            CheckpointError: A file has nothing that fits this backbone.
        """
        if self.is_init:
            super().init_weights()  # which says so
            return
        init_cfg = self.init_cfg
        cfgs = [init_cfg] if isinstance(init_cfg, dict) else init_cfg or []
        if pretrained is not None:
            cfgs = [dict(type='Pretrained', checkpoint=pretrained)]
        self.init_cfg = [cfg for cfg in cfgs if not is_pretrained(cfg)]
        super().init_weights()
        self.init_cfg = init_cfg
        self.init_own_weights()
        for cfg in cfgs:
            if is_pretrained(cfg):
                self._load_pretrained(**{k: v for k, v in cfg.items() if k != 'type'})

    def init_own_weights(self) -> None:
        """Initialise what no ``init_cfg`` can say."""

    def convert_pretrained(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """Weights from a file, which may have their authors' names, as this backbone has them."""
        return weights

    def _load_pretrained(
        self,
        checkpoint: str,
        prefix: str | None = None,
        map_location: str | torch.device | None = 'cpu',
    ) -> None:
        print_log(f'load {prefix or "model"} from: {checkpoint}', logger='current')
        weights = self.convert_pretrained(read_weights(checkpoint, prefix, map_location))
        load_state_dict_checked(self, weights, checkpoint, logger='current', partial=True)

    def stages_to_freeze(self) -> Iterable[nn.Module]:
        """The modules whose parameters and statistics training leaves as they are."""
        return ()

    def freeze_stages(self) -> None:
        """Put :meth:`stages_to_freeze` in evaluation mode, without gradients."""
        for module in self.stages_to_freeze():
            module.eval().requires_grad_(False)

    def train(self, mode: bool = True) -> BaseBackbone:
        """Switch to training (or evaluation) mode; what is frozen stays in evaluation mode."""
        super().train(mode)
        self.freeze_stages()
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, _BatchNorm):
                    module.eval()
        return self
