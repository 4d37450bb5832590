"""``mmpose pth_transfer``: take the student out of the checkpoint of a distillation."""

from __future__ import annotations

import argparse
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of this command, in the spelling of MMPose 1.x."""
    parser.add_argument('dis_path', help='the checkpoint of a distillation')
    parser.add_argument('output_path', help="where to write the student's checkpoint")
    parser.add_argument(
        '--two_dis',
        action='store_true',
        help="it comes from the second stage, in which a new head on the teacher's backbone learns",
    )


def student_weights(
    state_dict: Mapping[str, Tensor], two_dis: bool = False
) -> OrderedDict[str, Tensor]:
    """The weights of the student by their names in a pose estimator.

    Args:
        state_dict: The weights of a :class:`mmpose.models.DWPoseDistiller`.
        two_dis: Whether they come from the second stage.

    Raises:
        CheckpointError: There are none.
    """
    from mmpose.utils.checkpoint import CheckpointError

    parts = ('teacher.backbone.', 'teacher.neck.', 'student.head.') if two_dis else ('student.',)
    weights = OrderedDict(
        (name.partition('.')[2], value)
        for name, value in state_dict.items()
        if name.startswith(parts)
    )
    if not weights:
        found = ', '.join(dict.fromkeys(name.partition('.')[0] for name in state_dict))
        raise CheckpointError(
            f'The checkpoint has no student; its parts are {found or "none"}. Give one that a '
            'DWPoseDistiller was saved to.'
        )
    return weights


def run(args: argparse.Namespace) -> None:
    """Write the student's checkpoint, and say where it is."""
    import torch

    from mmpose.utils.checkpoint import load_checkpoint_file

    checkpoint = load_checkpoint_file(args.dis_path)
    weights = student_weights(checkpoint.get('state_dict', checkpoint), args.two_dis)
    Path(args.output_path).parent.mkdir(parents=True, exist_ok=True)
    torch.save(dict(meta=checkpoint.get('meta', {}), state_dict=weights), args.output_path)
    print(f'The student is in {args.output_path}.')


def main(argv: Sequence[str] | None = None) -> int:
    """Run this command as a program of its own; returns the exit status."""
    from .main import main_of

    return main_of('pth_transfer', argv)
