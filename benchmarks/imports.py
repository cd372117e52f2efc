"""Where a cold start goes: what each library's import takes, as Python's -X importtime tells.

A module counts for the library that first imports it: the standard library's are nobody's own.
"""

import re
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from benchmarks.measure import AS_DEPLOYED
from benchmarks.report import table
from ops.packaging.lambda_runtime import PYTHON, clean_environment

RUNTIME, CHALICE, MSGSPEC, THIS_APP = "Lambda's runtime", 'Chalice', 'msgspec', 'this app'
_OWNERS = {
    'awslambdaric': RUNTIME,
    'chalice': CHALICE,
    'msgspec': MSGSPEC,
    'app': THIS_APP,
    'chalicelib': THIS_APP,
}
# What awslambdaric imports before it imports the app, and the app.
_PROGRAM = 'import awslambdaric.bootstrap, app'
_LINE = re.compile(r'import time: +(\d+) \| +\d+ \| ( *)(\S+)')
_MOST_SHOWN = 5


class Import(NamedTuple):
    """A module that was imported: by whom at last, and how long it took itself."""

    owner: str
    module: str
    milliseconds: float


def measure(task_root: Path, rounds: Iterable[int]) -> list[Import]:
    """Return what a cold start imports, each with the least of its times: all else only adds."""
    times: dict[tuple[str, str], list[float]] = {}
    for _ in rounds:
        run = subprocess.run(
            [*PYTHON, '-X', 'importtime', '-c', _PROGRAM],
            cwd=task_root,
            # Lambda sets it for every function.
            env={**clean_environment(), **AS_DEPLOYED, 'AWS_LAMBDA_RUNTIME_API': 'localhost:1'},
            capture_output=True,
            text=True,
            check=True,
        )
        took: dict[tuple[str, str], float] = {}
        for owner, module, milliseconds in imports_of(run.stderr):
            # It tells of `chalice.app` twice, which its package imports before it is its turn.
            took[owner, module] = took.get((owner, module), 0) + milliseconds
        for key, milliseconds in took.items():
            times.setdefault(key, []).append(milliseconds)
    return [Import(*key, min(found)) for key, found in times.items()]


def imports_of(output: str) -> Iterator[Import]:
    """Yield the imports that Python tells of; it tells of a module after those that it imports."""
    owners: list[str | None] = []
    for line in reversed(output.splitlines()):
        if not (match := _LINE.match(line)):
            continue
        microseconds, indent, module = match.groups()
        depth = len(indent) // 2
        del owners[depth:]
        above = owners[-1] if owners else None
        owner = _OWNERS.get(module.partition('.')[0], above)
        owners.append(owner)
        if owner:
            yield Import(owner, module, int(microseconds) / 1000)


def as_markdown(imports: Iterable[Import]) -> str:
    """Return a table of what each library takes, and of it what takes the most."""
    rows = [['imported by', 'modules', 'takes', 'of it']]
    for owner in dict.fromkeys(_OWNERS.values()):
        own = [each for each in imports if each.owner == owner]
        most = sorted(own, key=lambda each: -each.milliseconds)[:_MOST_SHOWN]
        shown = [f'`{each.module}` {each.milliseconds:.1f}' for each in most]
        total = sum(each.milliseconds for each in own)
        rows.append([owner, str(len(own)), f'{total:.1f} ms', ', '.join(shown)])
    return table(rows) + '\n'


def as_json(imports: Iterable[Import]) -> dict[str, object]:
    """Return every module's time."""
    found: dict[str, Mapping[str, float]] = {}
    for owner, module, milliseconds in imports:
        found[owner] = {**found.get(owner, {}), module: milliseconds}
    return dict(found)
