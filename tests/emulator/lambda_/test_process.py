"""Functions in processes of their own, by themselves."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from emulator.lambda_.process import Function, Processes
from emulator.lambda_.proxy import FunctionFailed, IntegrationTimedOut
from emulator.server import run_in_thread
from tests.support.stages.deployed_function import REGION, TELL, deploy, is_running, packed


@pytest.fixture
def processes() -> Iterator[Processes]:
    processes = Processes()
    yield processes
    processes.close()


def function(code: str) -> Function:
    """Return a function as it is configured."""
    arn = f'arn:aws:lambda:{REGION}:123456789012:function:name'
    return Function(arn, 'function.handler', packed(code), 128, 60, ())


def test_function_goes_on_when_nobody_waits_any_more(processes: Processes, tmp_path: Path) -> None:
    code = f"""
import os
from pathlib import Path

def handler(event, context):
    Path({str(tmp_path / 'there')!r}).touch()
    while not Path({str(tmp_path / 'go')!r}).exists():
        pass
    Path({str(tmp_path / 'done')!r}).write_text(str(os.getpid()))
"""
    with pytest.raises(IntegrationTimedOut):
        processes.invoke(function(code), b'{}', 0.01)
    (tmp_path / 'go').touch()
    while not (tmp_path / 'done').exists():
        pass

    assert (tmp_path / 'there').exists()


def test_nothing_is_left_when_all_is_closed(processes: Processes) -> None:
    code = 'import os\n\ndef handler(event, context):\n    return [os.getpid(), os.getcwd()]'
    pid, folder = json.loads(processes.invoke(function(code), b'{}', 60))

    assert (is_running(pid), Path(folder).exists()) == (True, True)
    processes.close()

    assert (is_running(pid), Path(folder).exists()) == (False, False)


def test_more_calls_than_processes_wait_for_their_turn(processes: Processes) -> None:
    code = 'import os\n\ndef handler(event, context):\n    return [event, os.getpid()]'

    def call(number: int) -> tuple[int, int]:
        return tuple(json.loads(processes.invoke(function(code), str(number).encode(), 60)))

    with ThreadPoolExecutor(20) as callers:
        answers = list(callers.map(call, range(20)))

    assert [number for number, _ in answers] == list(range(20))
    assert len({pid for _, pid in answers}) <= 8


def test_killed_process_is_replaced(processes: Processes) -> None:
    code = """
import os

def handler(event, context):
    if event:
        os.kill(os.getpid(), 9)
    return os.getpid()
"""
    first = int(processes.invoke(function(code), b'0', 60))
    with pytest.raises(FunctionFailed):
        processes.invoke(function(code), b'1', 60)

    assert int(processes.invoke(function(code), b'0', 60)) != first
    assert not is_running(first)


def test_invalid_package_fails(processes: Processes) -> None:
    broken = replace(function(''), code=b'no package')

    for _ in range(2):
        with pytest.raises(FunctionFailed):
            processes.invoke(broken, b'0', 60)


def test_function_that_never_listens_is_ended_with_all_that_it_started(
    processes: Processes,
) -> None:
    # What it has started holds on to the pipe that the answer is awaited on.
    code = 'import os, time\n\nos.fork()\ntime.sleep(600)'
    event = json.dumps('x' * 1_000_000).encode()
    with pytest.raises(FunctionFailed):
        processes.invoke(replace(function(code), timeout_seconds=1), event, 60)


def test_functions_end_with_the_emulator() -> None:
    with run_in_thread() as emulator:
        pid = deploy(emulator, 'teller', TELL).get().json()['pid']
        assert is_running(pid)

    assert not is_running(pid)
