"""The error for a file that is not there."""

from __future__ import annotations

from pathlib import Path


def require_file(path: str | Path, data_root: str | None, *settings: str) -> None:
    """Check that a file is there.

    Args:
        path: The file, already joined with ``data_root``.
        data_root: Named in the error; ``None`` or ``''``: none was set.
        settings: The arguments of the data set that may have named the file.

    Raises:
        FileNotFoundError: There is no such file.
    """
    if Path(path).is_file():
        return
    *others, last = (f'`{name}`' for name in ('data_root', *settings))
    raise FileNotFoundError(
        f'There is no file {str(path)!r} (resolved to {str(Path(path).absolute())!r}; '
        f'data_root={data_root!r}). Relative paths start from data_root if it is set, else from '
        f'the working directory; set {", ".join(others)} or {last} of the data set to where the '
        'file is.'
    )
