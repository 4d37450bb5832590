"""Why a config file could not be read: the file, the line, and what to change."""

from __future__ import annotations

import ast
import os
import re
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from mmengine.fileio import load
from mmengine.utils import get_installed_path

from mmpose.signatures import near_names

from .resources import resource_path

_SUFFIXES = ('.py', '.json', '.yaml', '.yml')
# Where MMEngine reads a file and merges it with its bases.
_READERS = ('_file2dict', '_parse_lazy_import')


@dataclass
class _Base:
    """An entry of ``_base_``: the text, the line that has it, and the file that it means."""

    text: str
    line: int
    path: Path


def described_failure(path: str, error: Exception) -> str:
    """What went wrong when a config was read.

    Args:
        path: Of the config.
        error: What reading it raised.
    """
    files = []
    for file in _with_bases(Path(path)):
        files.append(str(file))
        fault = _syntax_fault(file) or _missing_base(file)
        if fault:
            return fault
    return _where_it_failed(files, error) or f'{path} could not be read: {_told(error)}'


def _with_bases(path: Path, seen: tuple[Path, ...] = ()) -> Iterator[Path]:
    """A config and the files that it inherits from, as far as they exist."""
    if not path.is_file() or path in seen:
        return
    yield path
    for base in _bases(path):
        yield from _with_bases(base.path, (*seen, path))


def _bases(path: Path) -> list[_Base]:
    """What a config inherits from; [] if that is not plain to see."""
    if path.suffix != '.py':
        return _bases_of_data(path)
    try:
        tree = ast.parse(path.read_text(encoding='utf-8'))
    except (SyntaxError, UnicodeDecodeError):
        return []
    found = []
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], 'id', '') == '_base_':
            found += [
                _Base(text.value, text.lineno, _meant(text.value, path))
                for text in ast.walk(node.value)
                if isinstance(text, ast.Constant) and isinstance(text.value, str)
            ]
        elif isinstance(node, ast.With):
            found += [
                _Base(
                    '.' * inner.level + (inner.module or ''), inner.lineno, _imported(inner, path)
                )
                for inner in node.body
                if isinstance(inner, ast.ImportFrom)
            ]
    return found


def _bases_of_data(path: Path) -> list[_Base]:
    """What a JSON or YAML config inherits from."""
    try:
        texts = load(path).get('_base_', [])
    except Exception:  # the readers of either format have errors of their own
        return []
    lines = path.read_text(encoding='utf-8').splitlines()
    return [
        _Base(text, 1 + next(i for i, line in enumerate(lines) if text in line), _meant(text, path))
        for text in ([texts] if isinstance(texts, str) else texts)
    ]


def _meant(text: str, user: Path) -> Path:
    package, separator, relative = text.partition('::')
    if not separator:
        return Path(os.path.normpath(user.absolute().parent / text))
    return _package_path(package) / '.mim' / 'configs' / relative


def _imported(node: ast.ImportFrom, user: Path) -> Path:
    """The file of a module that is imported under ``read_base``."""
    parts = (node.module or '').split('.')
    above = user.absolute().parents
    folder = above[node.level - 1] if node.level else _package_path(parts.pop(0))
    return folder.joinpath(*parts).with_suffix('.py')


def _package_path(package: str) -> Path:
    try:
        return Path(get_installed_path(package))
    except Exception:
        return Path(package)  # shown as it is


def _syntax_fault(path: Path) -> str | None:
    try:
        text = path.read_text(encoding='utf-8')
    except UnicodeDecodeError as error:
        return f'{path} is not UTF-8 text: {error}. Save it as UTF-8.'
    try:
        if path.suffix == '.py':
            compile(text, str(path), 'exec', flags=ast.PyCF_ONLY_AST)
    except SyntaxError as error:
        shown = ''.join(traceback.format_exception_only(error)).split('\n', 1)[1].rstrip()
        return f'{path}, line {error.lineno}, is not Python:\n{shown}'
    return None


def _missing_base(path: Path) -> str | None:
    for base in _bases(path):
        if base.path.is_file():
            continue
        near = _near_bases(base, path)
        hint = f' Did you mean {" or ".join(map(repr, near))}?' if near else ''
        return (
            f'{path}, line {base.line}: the base {base.text!r} does not exist; it was looked for '
            f'at {base.path}.{hint}'
        )
    return None


def _near_bases(base: _Base, user: Path) -> list[str]:
    """How the base may have been meant: the same path in the package, or a file of like name."""
    if base.path.suffix not in _SUFFIXES:
        return []
    try:
        shipped = resource_path('configs')
    except FileNotFoundError:
        return []
    relative = re.sub(r'^(\.{0,2}/)*(configs/)?', '', base.text.partition('::')[2] or base.text)
    if '::' not in base.text and (shipped / relative).is_file():
        return [f'mmpose::{relative}']
    beside = {p.stem: p for p in base.path.parent.glob('*.*') if p.suffix in _SUFFIXES}
    if near := near_names(base.path.stem, beside, 3):
        stem = base.path.stem
        return [
            base.text[: base.text.rindex(stem)] + name + base.text.partition(stem)[2]
            for name in near
        ]
    same = sorted(shipped.rglob(base.path.name))
    return [f'mmpose::{path.relative_to(shipped).as_posix()}' for path in same[:3]]


def _where_it_failed(files: list[str], error: Exception) -> str | None:
    """The line of a config that raised the error, or the config whose merging did."""
    known = {os.path.realpath(file) for file in files}
    line = file = frame = None
    for frame, line_number in traceback.walk_tb(error.__traceback__):
        name = frame.f_code.co_filename
        if os.path.realpath(name) in known:
            line, file, config_frame = line_number, name, frame
        elif line is None and frame.f_code.co_name in _READERS:
            file = frame.f_locals['filename']
    if file is None:
        return None
    if line is None:
        return f'{file}: {_told(error)}{_duplicates(error, Path(file))}'
    text = Path(file).read_text(encoding='utf-8').splitlines()[line - 1].strip()
    return f'{file}, line {line}: {_told(error)}{_hint(error, config_frame)}\n    {text}'


def _told(error: Exception) -> str:
    """The error in one line."""
    text = error.args[0] if isinstance(error, KeyError) and error.args else error
    return f'{type(error).__name__}: {" ".join(str(text).split())}'


def _hint(error: Exception, frame: FrameType) -> str:
    """Near names for a variable that the config does not have, or a key that its bases lack."""
    if isinstance(error, NameError) and error.name:
        near = near_names(error.name, [name for name in frame.f_globals if name[:2] != '__'])
        return f'. Did you mean {near[0]!r}?' if near else ''
    key = re.search(r"has no attribute '(\w+)'|^'(\w+)'$", str(error))
    if key is None:
        return ''
    near = near_names(key[1] or key[2], sorted(set(_keys(frame.f_globals.get('_base_')))), 3)
    return f'. The bases have {", ".join(near)}.' if near else ''


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)


def _duplicates(error: Exception, path: Path) -> str:
    """Which bases set a key twice, which MMEngine does not tell."""
    if 'Duplicate key' not in str(error):
        return ''
    names = ' and '.join(repr(base.text) for base in _bases(path))
    return f'. Its bases are {names}; let one of them inherit from the other, or take one.'
