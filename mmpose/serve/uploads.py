"""The bodies of requests, read no further than their limit."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Collection
from typing import BinaryIO

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from .errors import RequestError

# Beyond the limit that much is read and thrown away, for programs that listen for the answer only
# when they have sent everything.
_DISCARDED = 64_000_000
_DISCARD_SECONDS = 10
_FORM_OVERHEAD = 64_000
_FORM = 'multipart/form-data'


class Upload:
    """The file in the body of a request: the body itself, or the first file of a form.

    Args:
        request: The request.
        max_bytes: Size of the file.
        types: The content types that a body may have beside that of a form.
        what: The word for it.
    """

    def __init__(self, request: Request, max_bytes: int, types: Collection[str], what: str) -> None:
        self._request, self._types, self._what = request, types, what
        self._max_bytes = max_bytes
        self._type = request.headers.get('content-type', '').partition(';')[0].strip().lower()
        self._done = False

    async def read(self) -> bytes:
        """The bytes of the file.

        Raises:
            RequestError: It is too large, or not what is expected.
        """
        if self._is_form():
            return await (await self._form_file()).read()
        return b''.join([chunk async for chunk in self._chunks(self._max_bytes)])

    async def save(self, file: BinaryIO) -> None:
        """Copy the file, whose size may be beyond the memory.

        Raises:
            RequestError: It is too large, or not what is expected.
        """
        if self._is_form():
            upload = await self._form_file()
            await asyncio.to_thread(shutil.copyfileobj, upload.file, file)
        else:
            async for chunk in self._chunks(self._max_bytes):
                await asyncio.to_thread(file.write, chunk)
        await asyncio.to_thread(file.flush)

    async def discard(self) -> None:
        """Read what is left, so that the answer is heard."""
        if self._done or 'expect' in self._request.headers:
            return
        # whatever ends it, a client that went away or a slow one: the answer is all there is to do
        try:
            await asyncio.wait_for(self._read_on(), _DISCARD_SECONDS)
        except Exception:
            return

    async def _read_on(self) -> None:
        size = 0
        async for chunk in self._request.stream():
            size += len(chunk)
            if size > _DISCARDED:
                return

    def _is_form(self) -> bool:
        if self._type != _FORM and self._type not in self._types:
            raise RequestError(
                415,
                'unknown_type',
                f'The content type is {self._type[:80]!r}; send a {self._what} as {_FORM}, or as '
                f'the body with one of {", ".join(self._types)} (curl: -H "Content-Type: '
                f'{next(iter(self._types))}" --data-binary @FILE, or -F file=@FILE).',
            )
        return self._type == _FORM

    async def _chunks(self, limit: int) -> AsyncIterator[bytes]:
        length = self._request.headers.get('content-length', '')
        if length.isdecimal() and int(length) > limit:
            raise self._too_large()
        size = 0
        async for chunk in self._request.stream():
            size += len(chunk)
            if size > limit:
                raise self._too_large()
            yield chunk
        self._done = True

    async def _form_file(self) -> UploadFile:
        chunks = self._chunks(self._max_bytes + _FORM_OVERHEAD)
        parser = MultiPartParser(self._request.headers, chunks, max_files=1, max_fields=8)
        try:
            form = await parser.parse()
        except (MultiPartException, KeyError) as error:
            detail = getattr(error, 'message', 'its boundary is missing')
            raise RequestError(400, 'bad_form', f'The form cannot be read: {detail}') from error
        files = [value for value in form.values() if isinstance(value, UploadFile)]
        if not files:
            raise RequestError(
                400, 'no_file', f'The form has no file; send the {self._what} as `file`.'
            )
        if files[0].size > self._max_bytes:
            raise self._too_large()
        return files[0]

    def _too_large(self) -> RequestError:
        return RequestError(
            413,
            'too_large',
            f'The {self._what} is larger than {self._max_bytes / 1e6:g} MB; send a smaller one, '
            'or start the server with a higher --max-mb.',
        )
