"""What a bug report needs to know about the machine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mmengine.utils.dl_utils import collect_env as collect_base_env

from mmpose.version import __version__


def collect_env() -> dict[str, str]:
    """Versions of Python, compilers, libraries and this package, and the names of the GPUs."""
    with _unusable_torchvision_hidden():
        env = dict(collect_base_env())
    env['MMPose'] = _version()
    return env


def _version() -> str:
    """The version, with the commit if the package lies in a source tree."""
    root = Path(__file__).resolve().parents[2]
    if not (root / '.git').exists():
        return __version__
    command = ['git', '-C', str(root), 'rev-parse', '--short', 'HEAD']
    try:
        commit = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return __version__
    return f'{__version__}+{commit.strip()}'


@contextmanager
def _unusable_torchvision_hidden() -> Iterator[None]:
    """Lets a torchvision that fails to import pass for a missing one.

    A build for another torch raises ``RuntimeError`` on import; MMEngine expects it to import or
    to be absent.
    """
    try:
        import torchvision  # noqa: F401
    except Exception:
        sys.modules['torchvision'] = None
        try:
            yield
        finally:
            del sys.modules['torchvision']
    else:
        yield
