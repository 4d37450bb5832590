"""Checks of the arguments that many backbones share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def pick_arch(backbone: object, name: str, value: Any, settings: Mapping) -> Any:
    """The row of ``settings`` that ``value`` names.

    Args:
        backbone: Whose argument it is.
        name: The argument, such as ``'depth'``.
        value: What the caller gave.
        settings: The rows by value.

    Raises:
        ValueError: There is no such row; the message lists the rows.
    """
    if value not in settings:
        rows = ', '.join(map(repr, settings))
        raise ValueError(f'{name} of {type(backbone).__name__} is {value!r}; choose one of {rows}.')
    return settings[value]


def check_stages(
    backbone: object, num_stages: int, out_indices: Sequence[int], frozen_stages: int
) -> None:
    """Check which stages are returned and frozen.

    Args:
        backbone: Whose arguments they are.
        num_stages: Number of stages.
        out_indices: Stages, from 0, whose feature maps are returned.
        frozen_stages: -1 for none, 0 for the stem, n for the first n stages too.

    Raises:
        ValueError: A stage does not exist.
    """
    name = type(backbone).__name__
    wrong = [i for i in out_indices if not 0 <= i < num_stages]
    if wrong or not out_indices:
        raise ValueError(
            f'out_indices of {name} is {tuple(out_indices)}; with {num_stages} stages give '
            f'one or more of {tuple(range(num_stages))}.'
        )
    if not -1 <= frozen_stages <= num_stages:
        raise ValueError(
            f'frozen_stages of {name} is {frozen_stages}; it takes -1 (nothing), 0 (the stem) or '
            f'the number of stages to freeze with it, up to {num_stages}.'
        )


def check_lengths(backbone: object, num_stages: int, **per_stage: Sequence) -> None:
    """Check that the arguments given per stage have ``num_stages`` entries.

    Raises:
        ValueError: One has another length.
    """
    for name, values in per_stage.items():
        if len(values) != num_stages:
            raise ValueError(
                f'{name} of {type(backbone).__name__} is {tuple(values)}; give one entry for each '
                f'of the {num_stages} stages.'
            )


def is_pretrained(init_cfg: Mapping) -> bool:
    """Whether an entry of an ``init_cfg`` loads weights from a file."""
    kind = getattr(init_cfg['type'], '__name__', init_cfg['type'])
    # a config written in Python and saved again names the class with its module
    return kind.rpartition('.')[2] in ('Pretrained', 'PretrainedInit')
