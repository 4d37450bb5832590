"""Training with a compiled network."""

from __future__ import annotations

from typing import Any

import torch
from mmengine.logging import MMLogger
from torch import nn

from .model_wrappers import unwrapped


def compile_losses(model: nn.Module, settings: bool | dict | None, logger: MMLogger) -> None:
    """Compile how a model computes its losses, forward and backward.

    Predictions and the optimizer's step stay as they are, and so do the names of the weights. The
    network is compiled in its first iteration, and again for a batch of another size. Where that
    fails, such as without a C++ compiler, a warning says so and training goes on uncompiled.

    Args:
        model: A model, perhaps wrapped for a distributed run. Its ``forward`` is replaced, so a
            copy made later would compute with this model's weights.
        settings: The ``compile`` of a config: arguments of :func:`torch.compile`; ``True`` for
            none, ``False`` or ``None`` to leave the model as it is.
        logger: Told what happens.

    Raises:
        TypeError: ``settings`` is something else.
    """
    if settings is None or settings is False:
        return
    if settings is not True and not isinstance(settings, dict):
        raise TypeError(
            f'compile is {settings!r}; expected True, False, or a dict of arguments of '
            "torch.compile, such as dict(mode='max-autotune')."
        )
    from torch._dynamo.exc import TorchDynamoException  # a second to import

    network = unwrapped(model)
    plain = network.forward
    compiled = torch.compile(plain, **({} if settings is True else settings))

    def forward(*args: Any, mode: str = 'tensor', **kwargs: Any) -> Any:
        if mode != 'loss':
            return plain(*args, mode=mode, **kwargs)
        try:
            return compiled(*args, mode=mode, **kwargs)
        except TorchDynamoException as error:
            network.forward = plain
            reason = ' '.join(str(error).strip().partition('\n\n')[0].split())
            logger.warning(
                f'compile: the network could not be compiled, so it trains uncompiled: {reason} '
                '(on a CPU, torch.compile needs a C++ compiler such as g++; leave `compile` out '
                'of the config to be rid of this warning)'
            )
            return plain(*args, mode=mode, **kwargs)

    network.forward = forward
    logger.info('The network is compiled in its first iteration, which takes a while.')
