"""`make dev` as a process of its own: the emulator and, with --api, the API that uses it."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def free_ports() -> dict[str, str]:
    """Return two ports that nothing listens on, as the settings that name them."""
    with (
        socket.create_server(('127.0.0.1', 0)) as one,
        socket.create_server(('127.0.0.1', 0)) as two,
    ):
        found = [str(listener.getsockname()[1]) for listener in (one, two)]
    return dict(zip(('EMULATOR_PORT', 'API_PORT'), found, strict=True))


@contextmanager
def emulator(
    *options: str, ports: dict[str, str], project: Path = ROOT
) -> Iterator[subprocess.Popen[str]]:
    """Run the command in a session of its own, as a terminal does."""
    with subprocess.Popen(
        [sys.executable, '-m', 'emulator', *options],
        cwd=project,
        env=os.environ | ports,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def banner(process: subprocess.Popen[str]) -> str:
    """Return what is printed until everything is ready."""
    assert process.stdout
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line == 'Stop with Ctrl-C.\n':
            return ''.join(lines)
    assert process.stderr
    raise AssertionError(''.join(lines) + process.stderr.read())
