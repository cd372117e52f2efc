"""A Lambda function on this machine, run by the two programs that AWS runs it with.

The runtime interface emulator stands for the Lambda service and speaks HTTP. At the first
invocation it starts a Python process, in which the runtime interface client (awslambdaric) imports
the handler and serves it: a cold start.
"""

import http.client
import json
import os
import platform
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

CACHE = Path(__file__).parents[2] / '.cache'
EMULATOR = CACHE / 'lambda' / 'aws-lambda-rie'
# What Lambda has for every function: the runtime interface client and boto3, made for this Python.
RUNTIME_PACKAGES = CACHE / 'lambda' / str(sys.implementation.cache_tag)
EVENT_FILE = Path(__file__).with_name('lambda_event.json')
EVENT: dict[str, Any] = json.loads(EVENT_FILE.read_text())
# Without site-packages, so that PYTHONPATH is all there is beside the standard library.
PYTHON = [sys.executable, '-S', '-s']

_ARCHITECTURES = {'x86_64': 'x86_64', 'aarch64': 'arm64'}
_STARTUP_SECONDS = 10


class RuntimeNotUsable(RuntimeError):
    """The emulator can't run functions here; the message says why."""


class Function:
    """A function that can be invoked; nothing of it runs before the first invocation.

    ``emulator_pid`` is the parent of the process that it runs in.
    """

    def __init__(self, emulator: http.client.HTTPConnection, emulator_pid: int) -> None:
        self._emulator = emulator
        self.emulator_pid = emulator_pid

    def invoke(self, event: Mapping[str, Any] = EVENT) -> dict[str, Any]:
        """Invoke the function; return its answer, or Lambda's report of why it has none."""
        path = '/2015-03-31/functions/function/invocations'
        self._emulator.request('POST', path, json.dumps(event))
        answer: dict[str, Any] = json.loads(self._emulator.getresponse().read())
        return answer


@contextmanager
def serve(
    task_root: Path, environment: Mapping[str, str], log: Path | None = None
) -> Iterator[Function]:
    """Serve ``app.app`` of an unpacked zip until the context ends.

    ``log`` is a file for what the function and the emulator write.
    """
    _check_that_it_is_there()
    port, runtime_port = _free_ports()
    with ExitStack() as stack:
        output = stack.enter_context(log.open('wb')) if log else subprocess.DEVNULL
        addresses = [
            f'--runtime-interface-emulator-address=127.0.0.1:{port}',
            f'--runtime-api-address=127.0.0.1:{runtime_port}',
        ]
        emulator = subprocess.Popen(  # noqa: S603
            [EMULATOR, *addresses, *PYTHON, '-m', 'awslambdaric', 'app.app'],
            cwd=task_root,
            env={**clean_environment(), **environment},
            stdout=output,
            stderr=output,
        )
        stack.enter_context(emulator)
        stack.callback(emulator.terminate)
        _wait_until_it_listens(emulator, port)
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=60)
        yield Function(stack.enter_context(closing(connection)), emulator.pid)


def gateway_event(method: str, path: str, **fields: object) -> dict[str, Any]:
    """Return the event of another request by the same person; ``fields`` replace others of it."""
    context = {**EVENT['requestContext'], 'resourcePath': path, 'httpMethod': method}
    asked = {'resource': path, 'path': path, 'httpMethod': method, 'requestContext': context}
    return {**EVENT, **asked, **fields}


def clean_environment() -> dict[str, str]:
    """Return an environment in which Python finds a zip and Lambda's packages, and nothing else.

    Lambda's file system is read-only: Python can keep no bytecode of what comes without it.
    """
    return {
        'PATH': os.defpath,
        'PYTHONPATH': str(RUNTIME_PACKAGES),
        'PYTHONDONTWRITEBYTECODE': '1',
    }


def architecture() -> str:
    """Return this machine's architecture as Lambda calls it; raises RuntimeNotUsable."""
    if sys.platform == 'linux' and platform.machine() in _ARCHITECTURES:
        return _ARCHITECTURES[platform.machine()]
    raise RuntimeNotUsable(
        "AWS's runtime interface emulator runs on Linux, on x86_64 and arm64 only: "
        f'this is {platform.system()} on {platform.machine()}.'
    )


def _check_that_it_is_there() -> None:
    """Raise RuntimeNotUsable unless there is an emulator, and a client that this Python can run."""
    clients = RUNTIME_PACKAGES.glob(f'runtime_client.{sys.implementation.cache_tag}-*')
    if not EMULATOR.exists() or not any(clients):
        raise RuntimeNotUsable(
            f'{EMULATOR} is not there, or was installed with another Python than this. '
            'Run: python -m benchmarks.install'
        )


def _free_ports() -> tuple[int, int]:
    with socket.create_server(('127.0.0.1', 0)) as a, socket.create_server(('127.0.0.1', 0)) as b:
        return a.getsockname()[1], b.getsockname()[1]


def _wait_until_it_listens(emulator: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _STARTUP_SECONDS
    while emulator.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(('127.0.0.1', port)).close()
        except ConnectionRefusedError:
            time.sleep(0.002)
        else:
            return
    raise RuntimeNotUsable(f'{EMULATOR} does not answer on port {port}.')
