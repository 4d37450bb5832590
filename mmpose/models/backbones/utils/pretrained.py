"""Pretrained weights that come under other names than ours."""

from __future__ import annotations

import re
from collections import OrderedDict

import torch
from mmengine.logging import print_log
from torch import Tensor

from mmpose.utils.checkpoint import CheckpointError, load_checkpoint_file, load_state_dict_checked

from .checks import is_pretrained


class ConvertedWeights:
    """Mixin for backbones whose authors publish weights under names of their own.

    It goes before :class:`BaseBackbone` among the bases, and replaces how ``Pretrained`` in
    ``init_cfg`` loads: weights may lie under ``'state_dict'``, ``'model'`` or at the top level;
    those of a whole model, under ``backbone.``, are told apart from its head's.
    """

    def convert(self, weights: OrderedDict[str, Tensor]) -> OrderedDict[str, Tensor]:
        """The weights by the names that they have in this backbone."""
        raise NotImplementedError

    def init_weights(self, pretrained: str | None = None) -> None:
        """Initialise by ``init_cfg``; its ``Pretrained`` entry comes last.

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
        for cfg in cfgs:
            if is_pretrained(cfg):
                self._load_pretrained(**{k: v for k, v in cfg.items() if k != 'type'})

    def _load_pretrained(
        self,
        checkpoint: str,
        prefix: str | None = None,
        map_location: str | torch.device | None = 'cpu',
    ) -> None:
        print_log(f'load {prefix or "model"} from: {checkpoint}', logger='current')
        weights = self.convert(read_weights(checkpoint, prefix, map_location))
        load_state_dict_checked(self, weights, checkpoint, logger='current', partial=True)


def read_weights(
    filename: str,
    prefix: str | None = None,
    map_location: str | torch.device | None = 'cpu',
) -> OrderedDict[str, Tensor]:
    """The weights of one part of what a file holds, by their names in that part.

    Args:
        filename: A path, a URL, or a name such as ``torchvision://resnet50``.
        prefix: The part's name in the whole; ``None`` for ``backbone`` where the file has one, and
            for everything where not.
        map_location: The device to put the weights on.

    Raises:
        CheckpointError: Nothing bears the prefix.
    """
    checkpoint = load_checkpoint_file(filename, map_location)
    for key in ('state_dict', 'model'):
        if isinstance(checkpoint.get(key), dict):
            checkpoint = checkpoint[key]
    weights = OrderedDict((name.removeprefix('module.'), v) for name, v in checkpoint.items())
    part = f'{prefix or "backbone"}'.rstrip('.') + '.'
    own = OrderedDict((n.removeprefix(part), v) for n, v in weights.items() if n.startswith(part))
    if prefix and not own:
        parts = ', '.join(sorted({re.split(r'\.', name)[0] for name in weights}))
        raise CheckpointError(f'{filename} has nothing under {prefix!r}; it has {parts}.')
    return own or weights
