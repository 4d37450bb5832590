"""Which requests are heard, and the headers of every answer."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Any
from urllib.parse import urlsplit

from .errors import RequestError

LOOPBACK_NAMES = frozenset({'localhost', '127.0.0.1', '::1'})
_HEADERS = {
    'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
    'Referrer-Policy': 'no-referrer',
    'Permissions-Policy': 'camera=(self), microphone=(), geolocation=()',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': 'no-store',
}


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine reach a server that is bound to this address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == 'localhost'


class Guard:
    """An ASGI layer that hears requests for its own names and pages alone.

    A page of another site may send requests to this machine, but its origin is in them; one that
    lets its own name lead here (DNS rebinding) is known by that name.

    Args:
        app: What answers the others.
        hosts: The names that the server has; ``None`` hears all.
    """

    def __init__(self, app: Any, hosts: Collection[str] | None) -> None:
        self._app = app
        self._hosts = None if hosts is None else {host.lower() for host in hosts}

    async def __call__(self, scope: dict, receive: Any, send: Any) -> None:
        """Answer a request."""
        if scope['type'] != 'http':
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: dict) -> None:
            if message['type'] == 'http.response.start':
                headers = [(k.lower().encode(), v.encode()) for k, v in _HEADERS.items()]
                message = {**message, 'headers': [*message.get('headers', ()), *headers]}
            await send(message)

        error = self._fault(scope)
        if error is None:
            await self._app(scope, receive, send_with_headers)
            return
        body = error.to_json().encode()
        headers = [
            (b'content-type', b'application/json'),
            (b'content-length', str(len(body)).encode()),
        ]
        await send_with_headers(
            dict(type='http.response.start', status=error.status, headers=headers)
        )
        await send(dict(type='http.response.body', body=body))

    def _fault(self, scope: dict) -> RequestError | None:
        headers = {k: v.decode('latin-1') for k, v in scope['headers']}
        host = headers.get(b'host', '')
        if self._hosts is not None and _name(f'//{host}') not in self._hosts:
            return RequestError(
                403,
                'unknown_host',
                f'The request is for {host[:80]!r}, which is not a name of this server. Open it '
                f'by one of {", ".join(sorted(self._hosts))}, or start it with --allow-host.',
            )
        origin = headers.get(b'origin')
        if origin is not None and _netloc(origin) != host.lower():
            return RequestError(
                403,
                'foreign_origin',
                f'The request comes from a page of {origin[:80]!r}; only the pages of this server '
                'may send requests from a browser.',
            )
        return None


def _netloc(url: str) -> str | None:
    """Host and port of a URL in small letters; ``None`` if it has none."""
    try:
        return urlsplit(url).netloc.lower() or None
    except ValueError:
        return None


def _name(url: str) -> str | None:
    """The host of a URL, without its port."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
