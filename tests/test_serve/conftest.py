"""Servers for tests."""

import threading
import time
from types import SimpleNamespace

import pytest


@pytest.fixture
def web():
    """FastAPI's client, on `web.client(model, **limits)`; needs the packages of the server."""
    for package in ('fastapi', 'uvicorn', 'python_multipart', 'httpx'):
        pytest.importorskip(package, reason=f'{package} is not installed')
    from fastapi.testclient import TestClient

    from mmpose.serve import Limits, create_app

    def client(model, hosts=('localhost',), **limits):
        app = create_app(model, 'known', Limits(**limits), hosts)
        return TestClient(app, base_url='http://localhost', raise_server_exceptions=False)

    return SimpleNamespace(client=client)


@pytest.fixture
def running():
    """`running(model, **limits)` starts a server and returns its address."""
    uvicorn = pytest.importorskip('uvicorn', reason='uvicorn is not installed')
    pytest.importorskip('fastapi', reason='FastAPI is not installed')
    pytest.importorskip('python_multipart', reason='python-multipart is not installed')
    from mmpose.serve import Limits, create_app
    from mmpose.serve.launch import listen, url_of

    started = []

    def start(model, **limits):
        listener = listen(port=0)
        app = create_app(model, 'Known poses', Limits(**limits))
        server = uvicorn.Server(uvicorn.Config(app, log_level='warning'))
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        started.append((server, thread, listener))
        while not server.started:
            time.sleep(0.01)
        return url_of(listener)

    yield start
    for server, thread, listener in started:
        server.should_exit = True
        thread.join(10)
        listener.close()
