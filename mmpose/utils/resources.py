"""Files that travel with the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def resource_path(relative: str | Path) -> Path:
    """Where a shipped file or folder is.

    Looks in the working directory, in the package (where an installation keeps it), and beside
    the package (where a source tree keeps it). So a user's own file comes first.

    Args:
        relative: Such as 'configs/_base_/datasets/coco.py'; an absolute path is only checked.

    Raises:
        FileNotFoundError: It is in none of them; the message lists them.
    """
    tried = [Path.cwd() / relative, _PACKAGE / '.mim' / relative, _PACKAGE.parent / relative]
    for path in dict.fromkeys(tried):
        if path.exists():
            return path
    looked = ', '.join(str(path) for path in dict.fromkeys(tried))
    raise FileNotFoundError(
        f'{str(relative)!r} was not found; looked for {looked}. '
        'Give an absolute path, or one relative to the working directory.'
    )
