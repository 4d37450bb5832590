"""JSON files read part by part, so that a large list is never in memory as a whole."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

_SPACE = re.compile(r'[ \t\n\r]*')
# an object with nothing nested in it and the comma that follows; finding them takes a fraction of
# the time of decoding
_FLAT_OBJECT = re.compile(r'[ \t\n\r]*(\{[^{}"]*(?:"[^"\\{}]*"[^{}"]*)*\})[ \t\n\r]*,')


class JsonStream:
    """What a JSON file holds, from front to back.

    A file that is no JSON raises :class:`json.JSONDecodeError` or another ValueError, whose
    message does not tell the place in the file.

    Args:
        file: Open for reading bytes, at its start.
        chunk: How many bytes to read at once.
    """

    def __init__(self, file: BinaryIO, chunk: int = 1 << 20) -> None:
        self._file = file
        self._chunk = chunk
        self._to_text = codecs.getincrementaldecoder('utf-8')()
        self._decode = json.JSONDecoder().raw_decode
        self._text = ''
        self._pos = 0  # in the text
        self._known = (0, 0)  # a position in the text, and its place in the file in bytes

    def peek(self) -> str:
        """The next character that is no white space; ``''`` at the end of the file."""
        while True:
            self._pos = _SPACE.match(self._text, self._pos).end()
            if self._pos < len(self._text):
                return self._text[self._pos]
            if not self._read():
                return ''

    def value(self) -> Any:
        """The value that comes next."""
        return self._value_and_start()[0]

    def names(self) -> Iterator[str]:
        """The names in the object that comes next; the caller reads the value after each."""
        for _ in self._between('{', '}'):
            name = self.value()
            if not isinstance(name, str):
                raise self._error('a name in quotes')
            self._step_over(':')
            yield name

    def elements(self) -> Iterator[Any]:
        """The values in the list that comes next."""
        for _ in self._between('[', ']'):
            yield self.value()

    def spans(self) -> Iterator[tuple[int, str]]:
        """The values in the list that comes next: the place of each in bytes, and its text.

        The text of an object may turn out to be no JSON when it is decoded.
        """
        for _ in self._between('[', ']'):
            while flat := _FLAT_OBJECT.match(self._text, self._pos):
                self._pos = flat.end()
                yield self._place(flat.start(1)), flat[1]
            _, start = self._value_and_start()
            yield self._place(start), self._text[start : self._pos]

    def end(self) -> None:
        """Checks that nothing comes next."""
        if self.peek():
            raise self._error('the end')

    def _value_and_start(self) -> tuple[Any, int]:
        """The value that comes next, and where its text begins."""
        self.peek()
        while True:
            try:
                value, end = self._decode(self._text, self._pos)
            except json.JSONDecodeError:
                if not self._read():
                    raise
                continue
            may_go_on = self._text[end : end + 1] in ('', *'.eE')  # if it is a number
            if not (may_go_on and self._read()):
                start, self._pos = self._pos, end
                return value, start

    def _between(self, opening: str, closing: str) -> Iterator[None]:
        """A step for each entry of the object or list that comes next."""
        self._step_over(opening)
        if self.peek() == closing:
            self._pos += 1
            return
        separator = ','
        while separator == ',':
            yield
            separator = self._step_over(',' + closing)

    def _step_over(self, options: str) -> str:
        """The next character, which must be one of ``options``."""
        char = self.peek()
        if not char or char not in options:
            raise self._error(f'one of {options}')
        self._pos += 1
        return char

    def _error(self, expected: str) -> json.JSONDecodeError:
        return json.JSONDecodeError(f'Expecting {expected}', self._text, self._pos)

    def _place(self, pos: int) -> int:
        """Where a position in the text, not before the last one asked for, is in the file."""
        known, place = self._known
        place += len(self._text[known:pos].encode())
        self._known = (pos, place)
        return place

    def _read(self) -> bool:
        """Go on with more of the file; the text before the position is given up."""
        rest = self._text[self._pos :]
        content = self._file.read(max(self._chunk, len(rest)))
        # a chunk may end within a character, but an empty one may not
        more = self._to_text.decode(content, final=not content)
        self._known = (0, self._place(self._pos))
        self._text, self._pos = rest + more, 0
        return bool(content)
