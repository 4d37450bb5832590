"""How the commands end: one paragraph for a fault the user can mend, a traceback for a bug."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from mmpose.utils.config_reading import ConfigError

__all__ = ['ConfigError', 'run_command', 'warn']


def warn(text: str) -> None:
    """Tell, once for all processes of a run, what is probably a mistake."""
    if os.environ.get('RANK', '0') == '0':
        print(f'warning: {text}', file=sys.stderr)


def run_command(run: Callable[[argparse.Namespace], None], args: argparse.Namespace) -> int:
    """The exit status of ``run(args)``: 0, or 1 after telling what was wrong.

    With ``args.debug`` or ``MMPOSE_DEBUG=1`` every error keeps its traceback, and so does always
    an error that is not of the foreseeable kinds.
    """
    try:
        run(args)
    except Exception as error:
        if args.debug or os.environ.get('MMPOSE_DEBUG') == '1' or not _is_foreseeable(error):
            raise
        print(f'error: {_message(error)}\n(--debug shows the traceback)', file=sys.stderr)
        return 1
    return 0


def _is_foreseeable(error: Exception) -> bool:
    from mmpose.engine.hooks.invalid_loss_hook import InvalidLossError
    from mmpose.utils.checkpoint import CheckpointError

    return isinstance(
        error,
        (
            ConfigError,
            CheckpointError,
            InvalidLossError,
            ConnectionError,
            FileNotFoundError,
            PermissionError,
        ),
    )


def _message(error: Exception) -> str:
    # The text of an OSError from the system is its `strerror`; str() adds the number.
    if isinstance(error, OSError) and error.strerror:
        return f'{error.filename or ""}: {error.strerror}'.lstrip(': ')
    return str(error)
