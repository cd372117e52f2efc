"""The statements that the guard must let pass are read by the emulator's grammar too."""

from pathlib import Path

import pytest

from emulator.redshift.functions.refused import SqlError
from emulator.redshift.translation import translate

LINES = (
    (Path(__file__).parents[3] / 'sql' / 'guard' / 'valid_statements.sql').read_text().splitlines()
)
STATEMENTS = [line for line in LINES if line.strip() and not line.startswith('--')]
# What the page names as missing, and what only a table's columns could tell.
_MISSING = ('not available in the emulator', 'pg_get_', 'pg_timezone_names')


def test_there_are_as_many_as_promised() -> None:
    assert len(STATEMENTS) >= 300


def outcome(sql: str) -> str:
    """Return of what kind a statement is, or why it is refused."""
    try:
        return translate(sql, {}, 'dev').kind
    except SqlError as error:
        return str(error)


@pytest.mark.parametrize('sql', STATEMENTS)
def test_valid_statement_is_translated(sql: str) -> None:
    found = outcome(sql)
    assert found in ('query', 'explain') or any(reason in found for reason in _MISSING)
