"""Functions as Lambda runs them: their own code in a process of their own, which is kept warm."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections.abc import Mapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from emulator.lambda_.proxy import FunctionFailed, IntegrationTimedOut, to_json

_log = logging.getLogger(__name__)
# Functions run on the Python that runs this.
RUNTIME = f'python{sys.version_info.major}.{sys.version_info.minor}'
_WORKER = Path(__file__).with_name('worker.py')
# What the managed runtime has beside the standard library.
_IN_LAMBDA = ('boto3', 'botocore', 'dateutil', 'jmespath', 's3transfer', 'six', 'urllib3')
_MAX_PROCESSES = 8


@dataclass(frozen=True)
class Function:
    """A function as it is configured: another configuration is another function."""

    arn: str
    handler: str
    code: bytes
    memory_mb: int
    timeout_seconds: int
    environment: tuple[tuple[str, str], ...]

    @property
    def name(self) -> str:
        """The name."""
        return self.arn.rpartition(':')[2]


class Processes:
    """The processes of all functions; close() it when done."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix='emulator-functions-'))
        self._runtime = self._folder / 'runtime'
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(_MAX_PROCESSES)
        self._idle: dict[Function, list[_Process]] = {}
        self._all: set[_Process] = set()

    def invoke(self, function: Function, event: bytes, seconds: float) -> bytes:
        """Return a function's answer; raises FunctionFailed or IntegrationTimedOut."""
        future: Future[bytes] = Future()

        def run() -> None:
            try:
                with self._free:
                    future.set_result(self._run(function, event))
            except BaseException as error:  # the caller waits
                future.set_exception(error)

        # The function goes on after API Gateway has stopped waiting, as in Lambda.
        threading.Thread(target=run, daemon=True).start()
        try:
            return future.result(seconds)
        except NotInTime as error:
            raise IntegrationTimedOut from error

    def close(self) -> None:
        """End every process, and remove all code."""
        with self._lock:
            for process in list(self._all):
                self._end(process)
            self._idle.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, function: Function, event: bytes) -> bytes:
        process = self._take(function)
        try:
            answer = process.call(event)
        except FunctionFailed:
            with self._lock:
                self._end(process)
            raise
        with self._lock:
            self._idle.setdefault(function, []).append(process)
        return answer

    def _take(self, function: Function) -> '_Process':
        with self._lock:
            for other in [f for f in self._idle if f.arn == function.arn and f != function]:
                for outdated in self._idle.pop(other):
                    self._end(outdated)
            if idle := self._idle.get(function):
                return idle.pop()
            process = _Process(function, self._unpacked(function), self._runtime)
            self._all.add(process)
            return process

    def _end(self, process: '_Process') -> None:
        process.close()
        self._all.discard(process)

    def _unpacked(self, function: Function) -> Path:
        if not self._runtime.exists():
            self._runtime.mkdir()
            for name in _IN_LAMBDA:
                found = find_spec(name)
                if found and found.origin:
                    origin = Path(found.origin)
                    origin = origin.parent if found.submodule_search_locations else origin
                    (self._runtime / origin.name).symlink_to(origin)
        folder = self._folder / sha256(function.code).hexdigest()
        if not folder.exists():
            unfinished = folder.with_suffix('.unfinished')
            try:
                with zipfile.ZipFile(BytesIO(function.code)) as package:
                    package.extractall(unfinished)
            except (OSError, zipfile.BadZipFile) as error:
                _log.error('%s cannot be unpacked: %s', function.name, error)
                raise FunctionFailed from error
            unfinished.rename(folder)
        return folder


class _Process:
    """A process of a function."""

    def __init__(self, function: Function, task_root: Path, runtime: Path) -> None:
        self._function = function
        self._is_ended = False
        own_end, child_end = os.pipe()
        self._answers = os.fdopen(own_end, 'rb')
        described = {
            'name': function.name,
            'arn': function.arn,
            'handler': function.handler,
            'memory_mb': function.memory_mb,
            'task_root': str(task_root),
            'runtime': str(runtime),
            'answers': child_end,
        }
        self._process = subprocess.Popen(  # noqa: S603  the function that is deployed here
            # Neither the environment of this process nor its packages are the function's.
            [sys.executable, '-I', '-S', '-u', str(_WORKER), json.dumps(described)],
            cwd=task_root,
            env=_environment(function, task_root),
            stdin=subprocess.PIPE,
            pass_fds=[child_end],
            start_new_session=True,  # Ctrl-C is for the emulator, which ends its functions
        )
        os.close(child_end)

    def call(self, event: bytes) -> bytes:
        """Return the answer to an event; raises FunctionFailed."""
        deadline = time.time() + self._function.timeout_seconds
        request_id = str(uuid.uuid4())
        message = {'request_id': request_id, 'deadline': deadline, 'event': json.loads(event)}
        assert self._process.stdin  # noqa: S101
        in_time = threading.Timer(self._function.timeout_seconds, self.kill)
        in_time.start()
        try:
            with suppress(BrokenPipeError):
                self._process.stdin.write(json.dumps(message).encode() + b'\n')
                self._process.stdin.flush()
            line = self._answers.readline()
        finally:
            in_time.cancel()
        answer = json.loads(line) if line.endswith(b'\n') else None
        if not answer or 'answer' not in answer:
            _log.error('%s failed: %s', self._function.name, _why(answer, deadline))
            raise FunctionFailed
        return to_json(answer['answer'])

    def kill(self) -> None:
        """End the process at once, and whatever it has started."""
        if not self._is_ended:  # later, the number may be another's
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._is_ended = True

    def close(self) -> None:
        """End the process, and let go of what leads to it."""
        self.kill()
        self._answers.close()
        if self._process.stdin:
            with suppress(BrokenPipeError):
                self._process.stdin.close()


def _why(answer: Mapping[str, Any] | None, deadline: float) -> str:
    if answer:
        return 'it raised an exception'
    return 'it took too long' if time.time() >= deadline else 'its process ended'


def _environment(function: Function, task_root: Path) -> dict[str, str]:
    """Return the environment variables as Lambda sets them."""
    region = function.arn.split(':')[3]
    return {
        'AWS_ACCESS_KEY_ID': 'function',
        'AWS_SECRET_ACCESS_KEY': 'function',
        'AWS_REGION': region,
        'AWS_DEFAULT_REGION': region,
        'AWS_EXECUTION_ENV': f'AWS_Lambda_{RUNTIME}',
        'AWS_LAMBDA_FUNCTION_NAME': function.name,
        'AWS_LAMBDA_FUNCTION_MEMORY_SIZE': str(function.memory_mb),
        'AWS_LAMBDA_FUNCTION_VERSION': '$LATEST',
        'AWS_LAMBDA_RUNTIME_API': '127.0.0.1:9001',
        'LAMBDA_TASK_ROOT': str(task_root),
        'LANG': 'en_US.UTF-8',
        'PATH': os.defpath,
        'TZ': ':UTC',
        '_HANDLER': function.handler,
        **dict(function.environment),
    }
