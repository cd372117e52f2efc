"""SQL measured: first calls, memory and throughput, and where the cookbook's way ends."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import AS_DEPLOYED
from benchmarks.services import Services
from benchmarks.sql_calls import (
    Answer,
    ByteCopy,
    Contender,
    Cookbook,
    Moved,
    Statement,
    ThisApp,
)
from benchmarks.zips import BYTE_COPY, COOKBOOK, THIS_APP
from ops.packaging.lambda_runtime import Function, serve

FEW_ROWS = 1_000
# The cookbook's way has long failed by then.
MOST_ROWS_OF_COOKBOOK = 1_000_000
CHATGPT, LAMBDA = 'ChatGPT: 100,000 characters', 'Lambda: 6 MB'

_CONTENDERS: dict[str, Contender] = {
    THIS_APP: ThisApp(),
    COOKBOOK: Cookbook(),
    BYTE_COPY: ByteCopy(),
}
_FITS: dict[str, Callable[[Answer], bool]] = {
    CHATGPT: lambda answer: len(answer['body']) < 100_000,
    LAMBDA: lambda answer: 'statusCode' in answer,
}
_ACCURACY = 1.01


class Costs(NamedTuple):
    """What one contender took in one round.

    ``cold`` and ``compiled`` are the first call of a process, for a few rows, in milliseconds, as
    measure.py has them, and ``peak_mb`` the peak of memory by then. ``moved`` is what another
    process moved one after the other, by the number of rows; the first of them are few.
    """

    cold: float
    compiled: float
    peak_mb: float
    moved: dict[int, Moved]


class Limit(NamedTuple):
    """The largest result that an answer of the cookbook's way holds, to about a hundredth."""

    rows: int
    size_bytes: int


def query(rows: int) -> str:
    """Return the SQL for so many rows of about 24 bytes."""
    return (
        'SELECT order_id, line_number, product_id, quantity, unit_price '
        f'FROM shop.order_lines ORDER BY order_id, line_number LIMIT {rows}'
    )


def measure(
    zips: Mapping[str, Path],
    services: Services,
    row_counts: Sequence[int],
    rounds: Iterable[int],
    bytecode: Path,
) -> dict[str, list[Costs]]:
    """Measure every contender once a round; ``bytecode`` is an empty folder."""
    deployed = {**AS_DEPLOYED, **services.environment}
    compiled = {**deployed, 'PYTHONDONTWRITEBYTECODE': '', 'PYTHONPYCACHEPREFIX': str(bytecode)}
    statements = [_finished(services, rows) for rows in (FEW_ROWS, *row_counts)]
    for name, task_root in zips.items():
        _first(name, task_root, compiled, statements[0])
    costs: dict[str, list[Costs]] = {name: [] for name in zips}
    for _ in rounds:
        for name, task_root in zips.items():
            cold = _first(name, task_root, deployed, statements[0])
            later = _first(name, task_root, compiled, statements[0])
            moved = _moved(name, task_root, deployed, statements)
            costs[name].append(
                Costs(cold.seconds * 1000, later.seconds * 1000, cold.peak_mb, moved)
            )
    return costs


def limits_of_cookbook(task_root: Path, services: Services) -> dict[str, Limit]:
    """Find where an answer of the cookbook's way gets too large for ChatGPT, and for Lambda."""
    with serve(task_root, services.environment) as function:
        return {title: limit_of_cookbook(function, fits) for title, fits in _FITS.items()}


def _finished(services: Services, rows: int) -> Statement:
    return Statement(services, query(rows), rows, services.finished_statement(query(rows)))


def _first(
    name: str, task_root: Path, environment: Mapping[str, str], statement: Statement
) -> Moved:
    with serve(task_root, environment) as function:
        return _CONTENDERS[name].first_call(function, statement)


def _moved(
    name: str, task_root: Path, environment: Mapping[str, str], statements: Sequence[Statement]
) -> dict[int, Moved]:
    most = MOST_ROWS_OF_COOKBOOK if name == COOKBOOK else statements[-1].rows
    with serve(task_root, environment) as function:
        return {
            statement.rows: _CONTENDERS[name].move(function, statement)
            for statement in statements
            if statement.rows <= most
        }


def limit_of_cookbook(function: Function, fits: Callable[[Answer], bool]) -> Limit:
    """Return the largest result whose answer fits: found by doubling, then by halving."""

    def answer(rows: int) -> Answer | None:
        answered = Cookbook().answer(function, query(rows))
        return answered if fits(answered) else None

    low = FEW_ROWS
    while answer(2 * low):
        low *= 2
    high, largest = 2 * low, answer(low)
    while high > low * _ACCURACY:
        middle = (low + high) // 2
        if answered := answer(middle):
            low, largest = middle, answered
        else:
            high = middle
    return Limit(low, _size_of_file(largest))


def _size_of_file(answer: Answer | None) -> int:
    files = json.loads(answer['body'])['openaiFileResponse'] if answer else []
    return sum(len(file['content']) * 3 // 4 for file in files)
