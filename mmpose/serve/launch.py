"""Starts the server."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Collection
from importlib import import_module
from typing import TYPE_CHECKING

from mmpose.results import MissingPackageError

from .limits import Limits
from .security import LOOPBACK_NAMES, is_loopback

if TYPE_CHECKING:
    from fastapi import FastAPI

    from .worker import Predictor

_PACKAGES = ('fastapi', 'uvicorn', 'python_multipart')
# connections beyond those that work; others are refused by the server itself
_CONNECTIONS = 64


def require_packages() -> None:
    """Import what the server is made of.

    Raises:
        MissingPackageError: Something is not installed.
    """
    for package in _PACKAGES:
        try:
            import_module(package)
        except ImportError as error:
            raise MissingPackageError(
                f'The server needs {package.replace("_", "-")}, which cannot be imported '
                f"({error}); install it with `pip install 'mmpose[serve]'`."
            ) from error


def create_app(
    predictor: Predictor,
    name: str = 'pose model',
    limits: Limits | None = None,
    hosts: Collection[str] | None = LOOPBACK_NAMES,
) -> FastAPI:
    """The page and the interface as an ASGI application, for any server of these.

    Args:
        predictor: The model, such as :class:`mmpose.apis.MMPoseInferencer`; it is called from one
            thread, for one picture at a time, the first time at once.
        name: What the page calls it.
        limits: What a request may ask for; ``None`` for the defaults.
        hosts: The names under which the server is reached; requests for others are refused.
            ``None`` hears all.

    Raises:
        MissingPackageError: FastAPI is not installed.
    """
    require_packages()
    from .app import build_app

    return build_app(predictor, name, limits or Limits(), hosts)


def listen(host: str = '127.0.0.1', port: int = 8000) -> socket.socket:
    """A socket that waits for connections.

    Args:
        host: An address of this machine.
        port: 0 takes one that is free.

    Raises:
        ConnectionError: The port is taken, or this machine has no such address.
    """
    try:
        kind = dict(type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        family, _, _, _, address = socket.getaddrinfo(host, port, **kind)[0]
    except (OSError, UnicodeError) as error:
        raise ConnectionError(
            f'The address {host!r} is unknown ({error}); give one of this machine, such as '
            '127.0.0.1, or 0.0.0.0 for all.'
        ) from error
    # where the protocol is not named, asyncio leaves Nagle's algorithm on: 40 ms for each answer
    listener = socket.socket(family, **kind)
    try:
        if os.name == 'posix':  # elsewhere it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_CONNECTIONS)
    except OSError as error:
        listener.close()
        raise ConnectionError(_why_not(host, port, error)) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    host = {'0.0.0.0': '127.0.0.1', '::': '::1'}.get(host, host)
    return f'http://[{host}]:{port}' if ':' in host else f'http://{host}:{port}'


def serve(
    predictor: Predictor,
    name: str = 'pose model',
    host: str = '127.0.0.1',
    port: int = 8000,
    limits: Limits | None = None,
    allow_hosts: Collection[str] = (),
    listener: socket.socket | None = None,
) -> None:
    """Serve a model until Ctrl-C.

    Args:
        predictor: As for :func:`create_app`.
        name: What the page calls it.
        host: The address to listen at.
        port: The port; 0 takes one that is free.
        limits: What a request may ask for; ``None`` for the defaults.
        allow_hosts: Further names under which the server is reached, as behind a proxy. A server
            that others reach hears every name if none is given.
        listener: From :func:`listen`, in place of ``host`` and ``port``.

    Raises:
        ConnectionError: The port is taken, or this machine has no such address.
        MissingPackageError: FastAPI or uvicorn is not installed.
    """
    require_packages()
    import uvicorn

    with listener or listen(host, port) as sock:
        names = {*allow_hosts}
        if is_loopback(sock.getsockname()[0]):
            names |= LOOPBACK_NAMES
        app = create_app(predictor, name, limits, names or None)
        config = uvicorn.Config(
            app,
            log_level='warning',
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        print(f'Serving {name} at {url_of(sock)} (Ctrl-C ends it)', flush=True)  # noqa: T201
        try:
            uvicorn.Server(config).run(sockets=[sock])
        except KeyboardInterrupt:
            print('Stopped.')  # noqa: T201


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f'Port {port} of {host} is in use by another program; give another one, such as '
            f'--port {port + 1 if port < 65535 else 8000}, or --port 0 for any that is free.'
        )
    if error.errno == errno.EACCES:
        return f'Port {port} is for programs of the system; give one above 1023: --port 8000.'
    return f'This machine cannot listen at {host}, port {port}: {error.strerror or error}.'
