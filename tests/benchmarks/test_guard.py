"""The benchmark of the guard: its table, and one run of it on the code as it is here."""

from pathlib import Path

import pytest

from benchmarks import guard
from tests.support.capability import needs

pytestmark = needs('sql')

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    'line',
    [
        '3 | 2 ms | 40 ms | 9',
        'median of all statements: at most 3 ms | 2 ms | yes',
    ],
)
def test_table_says_what_was_measured(line: str) -> None:
    table = guard.as_markdown({'SELECT 1': 1, 'SELECT 22': 40, 'SELECT': 2}).splitlines()
    lines = [' | '.join(cell.strip() for cell in row.split('|')).strip(' |') for row in table]

    assert line in lines


def test_median_over_the_goal_is_told() -> None:
    assert 'no' in guard.as_markdown({'SELECT 1': 3.1}).split()[-2:]


def test_every_statement_is_measured() -> None:
    times = guard.measure(ROOT, 1)

    assert len(times) >= 300
    assert all(milliseconds > 0 for milliseconds in times.values())
