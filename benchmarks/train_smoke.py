"""Trains a small model of each family of heads in every precision of the GPU, or of the CPU.

    python benchmarks/train_smoke.py                    # all families, 50 steps
    python benchmarks/train_smoke.py --steps 10 SimCC   # those with SimCC in their name
    CUDA_VISIBLE_DEVICES= python benchmarks/train_smoke.py  # on the CPU, whatever else there is

Each model sees the same few samples in every step, so its loss has to fall. Prints a Markdown
table. Exit status 1 when a loss is not finite or did not fall.
"""

from __future__ import annotations

import argparse
import copy
import sys
import time
from typing import NamedTuple

import numpy as np
import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.device import get_device
from mmengine.logging import MMLogger
from mmengine.optim import OptimWrapper
from small_models import FAMILIES, Family
from torch import nn

from mmpose.engine import AmpOptimWrapper
from mmpose.registry import MODELS
from mmpose.utils import register_all_modules


class Result(NamedTuple):
    """How a training went.

    Attributes:
        losses: One per step.
        seconds: Of all steps.
    """

    losses: list[float]
    seconds: float

    @property
    def first(self) -> float:
        """The loss in the beginning, a mean over a tenth of the steps."""
        return float(np.mean(self.losses[: self._tenth]))

    @property
    def last(self) -> float:
        """The loss in the end, likewise."""
        return float(np.mean(self.losses[-self._tenth :]))

    @property
    def finite(self) -> bool:
        """Whether all losses are."""
        return bool(np.isfinite(self.losses).all())

    @property
    def falls(self) -> bool:
        """Whether the losses are finite and became lower."""
        return self.finite and self.last < self.first

    @property
    def verdict(self) -> str:
        """What to say of it in a table."""
        if not self.finite:
            return 'NOT FINITE'
        return 'falls' if self.falls else 'DOES NOT FALL'

    @property
    def _tenth(self) -> int:
        return max(1, len(self.losses) // 10)


def build(family: Family) -> nn.Module:
    """The family's model with seeded weights."""
    torch.manual_seed(0)
    model = MODELS.build(copy.deepcopy(family.model))
    model.init_weights()
    return model


def packed(family: Family) -> list[dict]:
    """The family's samples after its transforms."""
    np.random.seed(0)
    register_all_modules()
    transforms = Compose(copy.deepcopy(family.transforms))
    return [transforms(sample) for sample in family.samples()]


def train(family: Family, steps: int, dtype: torch.dtype = torch.float32) -> Result:
    """Train the family's model, on a GPU where there is one.

    Args:
        family: What to train.
        steps: How often to update the weights.
        dtype: What to compute in; weights are float32.
    """
    samples = packed(family)
    model = build(family).to(get_device()).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=family.lr)
    if dtype is torch.float32:
        wrapper = OptimWrapper(optimizer)
    else:
        wrapper = AmpOptimWrapper(optimizer=optimizer, dtype=dtype)
    start, losses = time.perf_counter(), []
    for _ in range(steps):
        logs = model.train_step(pseudo_collate(copy.deepcopy(samples)), wrapper)
        losses.append(logs['loss'].item())
    return Result(losses, time.perf_counter() - start)


def precisions() -> list[torch.dtype]:
    """What to train in."""
    found = [torch.float32, torch.bfloat16]
    return found if get_device() == 'cpu' else [*found, torch.float16]


def main() -> None:
    """Train what the command line asks for, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('names', nargs='*', help='parts of the names of families; all by default')
    parser.add_argument('--steps', type=int, default=50)
    args = parser.parse_args()
    MMLogger.get_current_instance().setLevel('WARNING')  # how each weight was initialised
    print('| family | precision | first loss | last loss | seconds | |')
    print('|---|---|---:|---:|---:|---|')
    wrong = False
    for name, family in FAMILIES.items():
        if args.names and not any(part in name for part in args.names):
            continue
        for dtype in precisions():
            result = train(family, args.steps, dtype)
            wrong |= not result.falls
            values = f'{result.first:.4g} | {result.last:.4g} | {result.seconds:.1f}'
            title = str(dtype).removeprefix('torch.')
            print(f'| {name} | {title} | {values} | {result.verdict} |', flush=True)
    sys.exit(wrong)


if __name__ == '__main__':
    main()
