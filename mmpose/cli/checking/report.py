"""What a check collects: faults, remarks and facts."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mmpose

_PACKAGE = str(Path(mmpose.__file__).parent)


@dataclass
class Report:
    """What was found.

    Attributes:
        debug: Whether to print the traceback of parts that fail.
        faults: What has to be mended, a sentence each that begins with its place.
        remarks: What may be meant as it is; likewise.
    """

    debug: bool = False
    faults: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def fault(self, place: str, text: str) -> None:
        """Add a fault, unless it is known."""
        line = f'{place}: {text}'
        if line not in self.faults:
            self.faults.append(line)

    def remark(self, place: str, text: str) -> None:
        """Add a remark, unless it is known of whatever place: loaders share definitions."""
        if not any(remark.endswith(f': {text}') for remark in self.remarks):
            self.remarks.append(f'{place}: {text}')

    def has_fault(self, place: str) -> bool:
        """Whether a fault at this place, or below it, is known."""
        return any(fault.startswith(place) for fault in self.faults)

    @contextmanager
    def part(self, place: str) -> Iterator[None]:
        """A part of the check: if it fails, that is a fault, and the check goes on after it.

        Files and types that are not there are passed over where a fault is known at the same
        place, for they are its consequence. Our own warnings become remarks.
        """
        with self.warnings_as_remarks(place):
            try:
                yield
            except Exception as error:
                if self.debug:
                    traceback.print_exc()
                is_missing = isinstance(error, (FileNotFoundError, KeyError))
                if not (is_missing and self.has_fault(place)):
                    self.fault(place, described(error))

    @contextmanager
    def warnings_as_remarks(self, place: str) -> Iterator[None]:
        """A part whose warnings become remarks, those from this package; others are dropped."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter('always')
            yield
        for warning in caught:
            if warning.filename.startswith(_PACKAGE) and issubclass(warning.category, UserWarning):
                self.remark(place, str(warning.message))


def described(error: Exception) -> str:
    """The error's text, with its type where that tells what kind of fault it is."""
    text = str(error.args[0] if isinstance(error, KeyError) and error.args else error)
    if not text:
        *_, frame = traceback.extract_tb(error.__traceback__)
        text = f'without a message, in `{frame.line}` of {frame.filename}'
    if isinstance(error, (ValueError, FileNotFoundError)):
        return text
    return f'{type(error).__name__}: {text}'


def examples(values: Collection[Any], limit: int = 5) -> str:
    """The first values in words, and how many more there are."""
    shown = ', '.join(str(value) for value, _ in zip(values, range(limit), strict=False))
    return shown if len(values) <= limit else f'{shown} and {len(values) - limit} more'


def counted(count: int, what: str) -> str:
    """A number with its noun, '1 picture' or '2 pictures'."""
    return f'{count} {what}' if count == 1 else f'{count} {what}s'
