"""Times backbones against torchvision's and timm's of the same layers (``pip install timm``).

Both get the same pictures on the same threads and are timed in turn; a row gives the ratio of the
medians. Training counts the forward and the backward pass.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

import timm
import torch
import torchvision
from torch import Tensor, nn

from mmpose.registry import MODELS


class Case(NamedTuple):
    """A backbone and its counterpart."""

    name: str
    ours: dict
    theirs: Callable[[], nn.Module]
    target: float
    """What is allowed for ours divided by theirs."""
    size: tuple[int, int] = (256, 192)
    """(height, width) of the pictures."""


class Features(nn.Module):
    """A classifier of timm without its head."""

    def __init__(self, name: str, **kwargs) -> None:
        super().__init__()
        self.model = timm.create_model(name, num_classes=0, **kwargs)

    def forward(self, x: Tensor) -> Tensor:
        """The last features."""
        return self.model.forward_features(x)


def _hrnet_extra(width: int) -> dict:
    rows = [(1, 'BOTTLENECK', 64), (1, 'BASIC', width), (4, 'BASIC', width), (3, 'BASIC', width)]
    return {
        f'stage{branches}': dict(
            num_modules=modules,
            num_branches=branches,
            block=block,
            num_blocks=(4,) * branches,
            num_channels=tuple(channels * 2**i for i in range(branches)),
            multiscale_output=True,
        )
        for branches, (modules, block, channels) in enumerate(rows, start=1)
    }


CASES = [
    Case(
        'ResNet-50 / torchvision',
        dict(type='ResNet', depth=50),
        lambda: nn.Sequential(*list(torchvision.models.resnet50().children())[:-2]),
        target=1.0,
    ),
    Case(
        'HRNet-W32 / timm',
        dict(type='HRNet', extra=_hrnet_extra(32)),
        lambda: timm.create_model('hrnet_w32', features_only=True, feature_location=''),
        target=1.05,
    ),
    Case(
        'ViT-B / timm',
        dict(type='VisionTransformer', arch='base', img_size=(256, 192), out_type='raw'),
        lambda: Features('vit_base_patch16_224', img_size=(256, 192)),
        target=1.05,
    ),
    # a size that both cut into the same windows, without padding
    Case(
        'Swin-T / timm',
        dict(type='SwinTransformer', drop_path_rate=0.0, out_indices=(3,)),
        lambda: Features('swin_tiny_patch4_window7_224', drop_path_rate=0.0),
        target=1.05,
        size=(224, 224),
    ),
]


def infer(model: nn.Module, pictures: Tensor) -> None:
    """One forward pass in evaluation mode."""
    with torch.inference_mode():
        model.eval()(pictures)


def train(model: nn.Module, pictures: Tensor) -> None:
    """One forward and backward pass in training mode."""
    outputs = model.train()(pictures)
    outputs = [outputs] if isinstance(outputs, Tensor) else outputs
    sum(x.float().mean() for x in outputs).backward()
    model.zero_grad()


def ratio(
    step: Callable[[nn.Module, Tensor], None],
    ours: nn.Module,
    theirs: nn.Module,
    pictures: Tensor,
    rounds: int,
) -> float:
    """Median time of ``step`` with our model, divided by that with theirs.

    Args:
        step: What to time.
        ours: Our model.
        theirs: Their model.
        pictures: Passed to both.
        rounds: How often to time each.
    """
    # on a CPU what else the machine does should not count
    clock = time.perf_counter if pictures.is_cuda else time.process_time

    def seconds(model: nn.Module) -> float:
        start = clock()
        step(model, pictures)
        if pictures.is_cuda:
            torch.cuda.synchronize()
        return clock() - start

    seconds(ours), seconds(theirs)  # not counted: memory is set up and kernels are chosen
    pairs = []
    for i in range(rounds):  # whoever comes second finds the caches of the first
        pair = [seconds(model) for model in ((ours, theirs) if i % 2 else (theirs, ours))]
        pairs.append(pair if i % 2 else pair[::-1])
    return median(mine for mine, _ in pairs) / median(other for _, other in pairs)


def main() -> None:
    """Measure what the command line asks for, and print a Markdown table."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument('names', nargs='*', help='parts of the names of the rows; all by default')
    parser.add_argument('--batch-size', type=int, default=2)
    parser.add_argument('--builds', type=int, default=3, help='how often to build the models anew')
    parser.add_argument('--rounds', type=int, default=9, help='how often to time each of them')
    parser.add_argument('--threads', type=int, default=1)
    parser.add_argument('--device', default='cpu')
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    print('| measured | ratio | target |')
    print('|---|---:|---:|')
    for case in CASES:
        if args.names and not any(name in case.name for name in args.names):
            continue
        torch.manual_seed(0)
        pictures = torch.randn(args.batch_size, 3, *case.size, device=args.device)
        ratios = defaultdict(list)
        # where a model happens to lie in memory makes a difference of some percent
        for _ in range(args.builds):
            models = [m.to(args.device) for m in (MODELS.build(case.ours), case.theirs())]
            for label, step in (('forward', infer), ('forward and backward', train)):
                ratios[label].append(ratio(step, *models, pictures, args.rounds))
        for label, values in ratios.items():
            print(f'| {case.name}, {label} | {median(values):.3f} | {case.target:g} |', flush=True)


if __name__ == '__main__':
    main()
