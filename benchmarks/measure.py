"""The measurements: a round takes each contender in turn, so that all meet the same noise."""

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple, TypeVar

from ops.packaging.lambda_runtime import EVENT_FILE, PYTHON, Function, clean_environment, serve

T = TypeVar('T')

WARM_CALLS = 100
CALLS_IN_PROCESS = 1000
POOL = 'arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Example01'
AS_DEPLOYED = {'COGNITO_USER_POOL_ARN': POOL}


class WrongAnswer(RuntimeError):
    """A contender did not answer as all of them must; its answer is the message."""


class Times(NamedTuple):
    """How long one contender took in one round, in milliseconds.

    ``cold`` is the first invocation as deployed: a process starts, imports the app and answers.
    ``compiled`` is a first invocation too, with bytecode of everything at hand. ``warm`` is a later
    invocation, and ``in_process`` a call of the handler with nothing of Lambda around it.
    """

    cold: float
    compiled: float
    warm: float
    in_process: float


def measure(
    zips: Mapping[str, Path], rounds: Iterable[int], bytecode: Path
) -> dict[str, list[Times]]:
    """Measure every contender once a round; ``bytecode`` is an empty folder."""
    compiled = {
        **AS_DEPLOYED,
        'PYTHONDONTWRITEBYTECODE': '',
        'PYTHONPYCACHEPREFIX': str(bytecode),
    }
    for task_root in zips.values():
        _first_ms(task_root, compiled)
    times: dict[str, list[Times]] = {name: [] for name in zips}
    for _ in rounds:
        for name, task_root in zips.items():
            cold, warm = _first_and_later_ms(task_root)
            in_process = _in_process_ms(task_root, compiled)
            times[name].append(Times(cold, _first_ms(task_root, compiled), warm, in_process))
    return times


def _first_and_later_ms(task_root: Path) -> tuple[float, float]:
    with serve(task_root, AS_DEPLOYED) as function:
        return _invoke_ms(function), statistics.median(
            _invoke_ms(function) for _ in range(WARM_CALLS)
        )


def _first_ms(task_root: Path, environment: Mapping[str, str]) -> float:
    with serve(task_root, environment) as function:
        return _invoke_ms(function)


def elapsed_ms(call: Callable[[], T]) -> tuple[T, float]:
    """Return what a call returns, and how long it took in milliseconds."""
    started = time.perf_counter()
    answer = call()
    return answer, (time.perf_counter() - started) * 1000


def _invoke_ms(function: Function) -> float:
    answer, elapsed = elapsed_ms(function.invoke)
    if answer.get('statusCode') != 200 or json.loads(answer['body']) != {'success': True}:
        raise WrongAnswer(str(answer))
    return elapsed


def _in_process_ms(task_root: Path, environment: Mapping[str, str]) -> float:
    program = Path(__file__).with_name('in_process.py')
    run = subprocess.run(
        [*PYTHON, program, EVENT_FILE, str(CALLS_IN_PROCESS)],
        cwd=task_root,
        env={**clean_environment(), **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=True,
    )
    return float(run.stderr) / 1000
