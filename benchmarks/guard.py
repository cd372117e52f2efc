"""The guard measured: how long it takes to judge a statement, in the zip as it is deployed."""

import json
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.report import table

STATEMENTS = Path(__file__).parent.parent / 'tests' / 'sql' / 'guard' / 'valid_statements.sql'
MAX_MEDIAN_MS = 3

# Times each statement so often, after one that loads the parser; prints the medians.
_PROGRAM = """
import json, statistics, sys, time
sys.path.insert(0, sys.argv[1])
from chalicelib.sql import guard
guard.check('SELECT 1')
def milliseconds(sql):
    started = time.perf_counter()
    guard.check(sql)
    return (time.perf_counter() - started) * 1000
runs, statements = int(sys.argv[2]), json.load(sys.stdin)
times = {sql: statistics.median(milliseconds(sql) for _ in range(runs)) for sql in statements}
print(json.dumps(times))
"""


def measure(this_app: Path, runs: int) -> dict[str, float]:
    """Return how many milliseconds each statement takes, the median of so many runs."""
    lines = STATEMENTS.read_text('utf-8').splitlines()
    statements = [line for line in lines if line and not line.startswith('-- ')]
    done = subprocess.run(
        [sys.executable, '-c', _PROGRAM, str(this_app), str(runs)],
        input=json.dumps(statements),
        capture_output=True,
        text=True,
        check=True,
    )
    times: dict[str, float] = json.loads(done.stdout)
    return times


def as_markdown(times: Mapping[str, float]) -> str:
    """Return the tables of what was measured and of the goal."""
    median = statistics.median(times.values())
    worst = max(times, key=lambda sql: times[sql])
    tables = [
        [
            ['statements', 'median', 'worst', 'characters of the worst'],
            [f'{len(times):,}', f'{median:.3g} ms', f'{times[worst]:.3g} ms', f'{len(worst):,}'],
        ],
        [
            ['goal', 'measured', 'met'],
            [
                f'median of all statements: at most {MAX_MEDIAN_MS} ms',
                f'{median:.3g} ms',
                'yes' if median <= MAX_MEDIAN_MS else 'no',
            ],
        ],
    ]
    return '\n\n'.join(map(table, tables)) + '\n'
