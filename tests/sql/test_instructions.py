"""The model is told how Redshift's SQL differs from what it would write, in few words."""

from pathlib import Path

import msgspec
import pytest

from chalicelib.sql import statements

TEXT = Path(statements.__file__).with_name('instructions.md').read_text('utf-8')
RULES = TEXT[TEXT.index('Redshift is not PostgreSQL:') :].partition('\nSmall answers')[0]
(SCHEMA,) = msgspec.json.schema_components([statements.ExecuteSqlStatementRequest])[1].values()
DESCRIPTION = SCHEMA['properties']['sql_statement']['description']


def test_rules_are_short() -> None:
    assert len(RULES) + len(DESCRIPTION) < 1_500


@pytest.mark.parametrize(
    'rule',
    [
        *('FILTER', 'DISTINCT ON', 'ARRAY_AGG', 'STRING_AGG', "LISTAGG(name, ', ')", 'delimiter'),
        *('DATEADD(day, -7, d)', 'DATEDIFF(day, start, end)', "date_diff('day', …)"),
        *('ROWS UNBOUNDED PRECEDING', 'boolean', 'Reserved words', 'SUPER', 'JSONB'),
    ],
)
def test_rule_that_models_break_is_told(rule: str) -> None:
    assert rule in RULES


@pytest.mark.parametrize(
    'rule',
    ['FILTER', 'DISTINCT ON', 'ARRAY_AGG', 'LISTAGG', 'DATEADD', 'frame', 'reserved words'],
)
def test_description_of_the_operation_has_the_most_of_it(rule: str) -> None:
    assert rule in DESCRIPTION
