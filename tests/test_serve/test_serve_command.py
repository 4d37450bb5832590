import argparse
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from mmpose.cli import serve
from mmpose.cli.errors import ConfigError
from mmpose.serve.launch import listen, url_of
from mmpose.serve.security import is_loopback


def arguments(*words):
    parser = argparse.ArgumentParser()
    serve.add_arguments(parser)
    return parser.parse_args(['--model', 'human', *words])


def test_defaults():
    args = arguments()
    assert (args.host, args.port, args.max_mb, args.max_seconds) == ('127.0.0.1', 8000, 20, 30)
    assert isinstance(arguments('--max-frames', '5').max_frames, int)


def test_a_limit_of_none_is_refused():
    with pytest.raises(ConfigError, match=r'--max-mb is -1.0; give a number above 0'):
        serve.run(arguments('--max-mb', '-1'))


def test_a_port_beyond_all_is_refused():
    with pytest.raises(ConfigError, match='--port is 70000; give 0 to 65535'):
        serve.run(arguments('--port', '70000'))


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setitem(sys.modules, 'fastapi', None)
    with pytest.raises(ConfigError, match=r"needs fastapi.*pip install 'mmpose\[serve\]'"):
        serve.run(arguments())


def test_a_port_in_use_tells_another():
    with listen(port=0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConnectionError, match=rf'{port} .* in use .* --port {port + 1}'):
            listen(port=port)


def test_answers_are_sent_at_once():
    # without it, asyncio does not switch Nagle's algorithm off
    with listen(port=0) as listener:
        assert listener.proto == socket.IPPROTO_TCP


def test_unknown_addresses():
    with pytest.raises(ConnectionError, match=r'192\.0\.2\.1, port 0'):
        listen('192.0.2.1', 0)
    with pytest.raises(ConnectionError, match=r'is unknown .* such as 127.0.0.1'):
        listen('no such host', 0)


@pytest.mark.parametrize(('host', 'shown'), [('127.0.0.1', '127.0.0.1'), ('0.0.0.0', '127.0.0.1')])
def test_url(host, shown):
    with listen(host, 0) as listener:
        assert url_of(listener) == f'http://{shown}:{listener.getsockname()[1]}'


def test_url_of_version_6():
    if not socket.has_ipv6:
        pytest.skip('no IPv6')
    try:
        listener = listen('::1', 0)
    except ConnectionError:
        pytest.skip('no IPv6 address')
    with listener:
        assert url_of(listener).startswith('http://[::1]:')


@pytest.mark.parametrize(
    ('host', 'loopback'),
    [('127.0.0.1', True), ('127.9.9.9', True), ('::1', True), ('localhost', True),
     ('0.0.0.0', False), ('192.168.0.3', False), ('::', False), ('example.org', False)],
)  # fmt: skip
def test_loopback(host, loopback):
    assert is_loopback(host) == loopback


def hears_interrupts():
    """Undo what a shell does to programs in its background, which do not hear Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def run_command(*words):
    """The process of the command, with a stand-in for the model, and its first line."""
    for package in ('fastapi', 'uvicorn', 'python_multipart'):
        pytest.importorskip(package, reason=f'{package} is not installed')
    code = (
        'import argparse, sys\n'
        'from serve_models import known_poses\n'
        'from mmpose.cli import serve\n'
        'serve.load_model = lambda args: known_poses()[1]\n'
        'parser = argparse.ArgumentParser()\n'
        'serve.add_arguments(parser)\n'
        'serve.run(parser.parse_args(sys.argv[1:]))\n'
    )
    process = subprocess.Popen(
        [sys.executable, '-c', code, '--model', 'human', '--port', '0', *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=hears_interrupts,
        env={**os.environ, 'PYTHONPATH': str(Path(__file__).parent)},
    )
    return process, process.stdout.readline()


@pytest.mark.skipif(sys.platform == 'win32', reason='signals of POSIX')
def test_serves_until_ctrl_c():
    process, line = run_command()
    url = re.fullmatch(r'Serving human at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends it\)\n', line)[1]
    with urllib.request.urlopen(f'{url}/api/health', timeout=10) as answer:
        assert answer.read() == b'{"status": "ok", "requests": 0}'
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, 'Stopped.\n', '')


@pytest.mark.skipif(sys.platform == 'win32', reason='signals of POSIX')
def test_warns_of_an_open_address():
    process, line = run_command('--host', '0.0.0.0', '--allow-host', 'pose.example')
    port = re.search(r':(\d+)', line)[1]
    request = urllib.request.Request(
        f'http://127.0.0.1:{port}/api/health', headers={'Host': 'pose.example'}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert 'warning: --host 0.0.0.0: everyone who reaches this machine' in err
