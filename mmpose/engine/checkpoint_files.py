"""Checkpoint files: written whole, and the newest that can be resumed from."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from pickle import UnpicklingError
from zipfile import BadZipFile, ZipFile, is_zipfile

from mmengine.runner import CheckpointLoader

from mmpose.utils.checkpoint import CheckpointError

PARTIAL = '.part'
"""What the name of a file ends in while it is written."""

_POINTER = 'last_checkpoint'
# what torch.load runs into in a damaged file
_UNREADABLE = (
    BadZipFile,
    EOFError,
    LookupError,
    OSError,
    RuntimeError,
    UnpicklingError,
    ValueError,
)


def finish_file(path: str | os.PathLike) -> None:
    """Give a file its name, once it and the name can survive a power cut.

    Args:
        path: The name; what was written so far lies there with :data:`PARTIAL` appended.
    """
    partial = f'{os.fspath(path)}{PARTIAL}'
    with open(partial, 'rb+') as file:
        os.fsync(file.fileno())
    os.replace(partial, path)
    if hasattr(os, 'O_DIRECTORY'):  # elsewhere folders cannot be opened
        folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def point_to(checkpoint: str, work_dir: str | os.PathLike) -> None:
    """Note in the work directory which checkpoint is the last.

    Args:
        checkpoint: A complete one.
        work_dir: Of the training.
    """
    pointer = Path(work_dir, _POINTER)
    Path(f'{pointer}{PARTIAL}').write_text(checkpoint)
    finish_file(pointer)


def remove_partial_files(folder: str | os.PathLike) -> None:
    """Remove what is left of checkpoints that were not written to the end.

    Args:
        folder: Where checkpoints are saved; it need not exist.
    """
    for pattern in (f'*.pth{PARTIAL}', f'{_POINTER}{PARTIAL}'):
        for path in Path(folder).glob(pattern):
            path.unlink(missing_ok=True)


def candidates(work_dir: str | os.PathLike, templates: Iterable[str]) -> list[str]:
    """The checkpoints of a work directory to try to resume from, the best first.

    That is one saved after the ``last_checkpoint`` file was written, then the one that it names,
    then those before. Files of an earlier training in the same folder with higher numbers are left
    out, for they are older than that file.

    Args:
        work_dir: Of the training.
        templates: File names with ``{}`` for the number, for when nothing names a checkpoint.
    """
    work_dir, pointer = Path(work_dir), Path(work_dir, _POINTER)
    name = pointer.read_text(errors='replace').strip() if pointer.is_file() else ''
    if '://' in name:
        return [name]
    series = re.fullmatch(r'(.*?)(\d+)(\D*)', os.path.basename(name))
    if series is None:
        found = (item for template in templates for item in _numbered(work_dir, template))
        newest_first = sorted(found, key=lambda item: (_modified(item[1]), item[0]), reverse=True)
        return [os.fspath(path) for _, path in newest_first]
    folder = Path(name).parent if Path(name).parent.is_dir() else work_dir
    named, last = folder / Path(name).name, int(series[2])
    by_number = sorted(_numbered(folder, f'{series[1]}{{}}{series[3]}'), reverse=True)
    later = [p for n, p in by_number if n > last and _modified(p) >= _modified(pointer)]
    return [os.fspath(p) for p in (*later, named, *(p for n, p in by_number if n < last))]


def fault_of(path: str | os.PathLike) -> str | None:
    """What keeps a training from being resumed from a checkpoint; ``None`` if nothing does.

    Args:
        path: A file; all of it is read.
    """
    if not os.path.isfile(path):
        return f'{path} does not exist.'
    try:
        if is_zipfile(path):
            with ZipFile(path) as archive:  # torch.load does not look at the check sums
                bad = archive.testzip()
            if bad is not None:
                return f'{path} is damaged: the check sum of {bad} in it is wrong.'
        require_resumable(CheckpointLoader.load_checkpoint(os.fspath(path), 'cpu'), path)
    except CheckpointError as error:
        return str(error)
    except _UNREADABLE as error:
        return f'{path} is damaged or cut short ({type(error).__name__}: {error}).'
    return None


def require_resumable(checkpoint: dict, path: str | os.PathLike) -> None:
    """Return if a checkpoint has what resuming takes.

    Args:
        checkpoint: Its content.
        path: Where it is from, for the message.

    Raises:
        CheckpointError: Something is missing.
    """
    missing = [key for key in ('meta', 'message_hub') if key not in checkpoint]
    if missing:
        raise CheckpointError(
            f'{path} has weights but no {" or ".join(missing)}, so there is no training to '
            'resume; to start from its weights, set `load_from` and leave --resume out.'
        )
    meta = checkpoint['meta']
    missing = [f'meta.{key}' for key in ('epoch', 'iter') if key not in meta]
    missing += ['state_dict'] * ('state_dict' not in checkpoint)
    if missing:
        raise CheckpointError(f'{path} has no {" or ".join(missing)}, so nothing can be resumed.')


def _numbered(folder: Path, template: str) -> Iterator[tuple[int, Path]]:
    pattern = re.compile(re.escape(template).replace(r'\{\}', r'(\d+)'))
    for path in folder.iterdir() if folder.is_dir() else ():
        if match := pattern.fullmatch(path.name):
            yield int(match[1]), path


def _modified(path: Path) -> int:
    return path.stat().st_mtime_ns
