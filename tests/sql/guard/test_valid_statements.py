"""Statements that Redshift takes and that only read pass, 300 of them and more.

They are of the project's own making, for each chapter of Redshift's documentation.
"""

from pathlib import Path

import pytest

from chalicelib.sql.guard import check

STATEMENTS = [
    line
    for line in Path(__file__).with_name('valid_statements.sql').read_text('utf-8').splitlines()
    if line and not line.startswith('-- ')
]


def test_statements_are_many() -> None:
    assert len(STATEMENTS) >= 300
    assert len(set(STATEMENTS)) == len(STATEMENTS)


@pytest.mark.parametrize('sql', STATEMENTS, ids=lambda sql: sql[:60])
def test_valid_statement_passes_as_it_is(sql: str) -> None:
    assert check(sql) == sql.removesuffix(';')


@pytest.mark.parametrize('sql', STATEMENTS, ids=lambda sql: sql[:60])
def test_valid_statement_passes_in_other_capitals_and_lines(sql: str) -> None:
    words = sql.split("'")
    words[::2] = [word.lower() if '"' not in word else word for word in words[::2]]
    spread = "'".join(words) if '--' in sql or '/*' in sql else "'".join(words).replace(' ', '\n ')

    assert check(spread) == spread.removesuffix(';')
