"""Learning rates that fall from the last layer of a transformer to the first."""

from __future__ import annotations

import re

from mmengine.logging import print_log
from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from mmpose.registry import OPTIM_WRAPPER_CONSTRUCTORS

_BLOCK = re.compile(r'backbone\.layers\.(\d+)\.')
_BEFORE_BLOCKS = ('backbone.cls_token', 'backbone.mask_token', 'backbone.pos_embed')


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class LayerDecayOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """Learning rates for a vision transformer that are smaller the earlier a layer is.

    The head, and what follows the last block, learns at the full rate; each block at
    ``layer_decay_rate`` times the rate of the one after it, and the embeddings at that times the
    first block's. Parameters with one dimension, biases and position embeddings have no weight
    decay. Clark et al., 2020, `ELECTRA <https://arxiv.org/abs/2003.10555>`_; Bao et al., 2021,
    `BEiT <https://arxiv.org/abs/2106.08254>`_.

    Args:
        optim_wrapper_cfg: Config of the optimizer wrapper, with the ``optimizer`` in it.
        paramwise_cfg: ``num_layers``, the number of blocks, and ``layer_decay_rate`` (0.5 if
            absent). Other rules, such as ``custom_keys``, have no effect.

    Raises:
        ValueError: ``num_layers`` is missing, or a rate is not above 0 and at most 1.
    """

    def __init__(self, optim_wrapper_cfg: dict, paramwise_cfg: dict | None = None) -> None:
        rules = paramwise_cfg or {}
        if 'num_layers' not in rules:
            raise ValueError(
                'paramwise_cfg of LayerDecayOptimWrapperConstructor has no num_layers; give the '
                'number of blocks of the backbone, such as dict(num_layers=12, '
                'layer_decay_rate=0.75).'
            )
        self.num_layers = rules['num_layers']
        self.layer_decay_rate = rules.get('layer_decay_rate', 0.5)
        if not 0 < self.layer_decay_rate <= 1:
            raise ValueError(
                f'layer_decay_rate is {self.layer_decay_rate}; expected more than 0, at most 1.'
            )
        super().__init__(optim_wrapper_cfg, paramwise_cfg)

    def add_params(
        self, params: list[dict], module: nn.Module, prefix: str = '', lr: float | None = None
    ) -> None:
        """Append a parameter group for each layer, with and without weight decay.

        Args:
            params: The groups so far, which are added to.
            module: The model.
            prefix: Not used.
            lr: The full rate; ``None``: that of the optimizer.

        Raises:
            ValueError: The backbone has more blocks than ``num_layers``.
        """
        lr = self.base_lr if lr is None else lr
        groups: dict[tuple[int, bool], dict] = {}
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad:
                continue
            depth = self.depth_of(name)
            decays = not (parameter.ndim == 1 or name.endswith('.bias') or 'pos_embed' in name)
            if (depth, decays) not in groups:
                scale = self.layer_decay_rate ** (self.num_layers + 1 - depth)
                groups[depth, decays] = dict(
                    group_name=f'layer_{depth}_{"decay" if decays else "no_decay"}',
                    lr_scale=scale,
                    lr=lr * scale,
                    params=[],
                    param_names=[],
                )
                if self.base_wd is not None:
                    groups[depth, decays]['weight_decay'] = self.base_wd if decays else 0.0
            groups[depth, decays]['params'].append(parameter)
            groups[depth, decays]['param_names'].append(name)
        for group in groups.values():
            print_log(
                f'{group["group_name"]}: {len(group["params"])} parameters, '
                f'lr {group["lr"]:.4g}, weight_decay {group.get("weight_decay")}',
                logger='current',
            )
        params.extend(groups.values())

    def depth_of(self, name: str) -> int:
        """0 for embeddings, i + 1 for block i, ``num_layers + 1`` for what follows.

        Args:
            name: Of a parameter in the model.
        """
        if name in _BEFORE_BLOCKS or name.startswith('backbone.patch_embed'):
            return 0
        block = _BLOCK.match(name)
        if block is None:
            return self.num_layers + 1
        if int(block[1]) >= self.num_layers:
            raise ValueError(
                f'paramwise_cfg has num_layers={self.num_layers}, but the backbone has {name!r}; '
                'set num_layers to its number of blocks.'
            )
        return int(block[1]) + 1
