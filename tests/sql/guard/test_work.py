"""A statement is judged with work that its length explains, whatever it is made of.

Work is counted in calls of Python functions, which are the same on every machine.
"""

import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.sql.errors import StatementRefused
from chalicelib.sql.guard import check

# The most that was counted: 52 for each character, in a list of brackets; and 170,000 until the
# parser gives up.
CALLS_A_CHARACTER = 65
CALLS_TO_GIVE_UP = 250_000

FLAT = {
    'conditions': ('SELECT 1 WHERE a = 1', ' AND a = 1', ''),
    'columns': ('SELECT a', ', a', ''),
    'calls': ('SELECT 1', ', ABS(a)', ''),
    'dates': ('SELECT 1', ', DATE(a)', ''),
    'casts': ('SELECT 1', '::int', ''),
    'sums': ('SELECT 1', '+1', ''),
    'cases': ('SELECT CASE', ' WHEN a THEN 1', ' END'),
    'joins': ('SELECT 1 FROM t', ' JOIN t ON a = b', ''),
    'tables': ('SELECT 1 FROM t', ',t', ''),
    'queries': ('SELECT 1', ' UNION ALL SELECT 1', ''),
    'common tables': ('WITH a AS (SELECT 1)', ', a AS (SELECT 1)', ' SELECT 1'),
    'dots': ('SELECT a', '.a', ''),
    'texts': ("SELECT 'a'", "||'a'", ''),
    'brackets': ('SELECT 1', ',(1)', ''),
    'subqueries': ('SELECT 1', ',(SELECT 1)', ''),
    'intervals': ('SELECT 1', ", INTERVAL '1' DAY TO SECOND (3)", ''),
    'windows': ('SELECT 1', ', SUM(a) OVER (PARTITION BY b ORDER BY c)', ''),
    'quotes': ("SELECT '", "''", "'"),
    'open quotes': ("SELECT '", "''", ''),
    'open names': ('SELECT "', '""', ''),
    'open comments': ('SELECT 1 /*', ' *', ''),
    'slashes': ('SELECT 1', '/', ''),
    'minuses': ('SELECT ', '- ', '1'),
    'negations': ('SELECT ', 'NOT ', '1'),
    'nested cases': ('SELECT ', 'CASE WHEN ', ''),
    'open brackets': ('SELECT ', '(', ''),
    'subscripts': ('SELECT a', '[1]', ''),
    'time zones': ('SELECT a', " AT TIME ZONE 'UTC'", ''),
    'semicolons': ('SELECT 1', ';', ''),
}
OPENING = [
    *('(', 'DATE(', 'TIME(', 'TIMESTAMP(', 'INT(', 'DECIMAL(', 'VARCHAR(', 'ARRAY[', 'ARRAY('),
    *('ABS(', 'CAST(', 'TRIM(', 'EXTRACT(', 'SUBSTRING(', 'POSITION(', 'CONVERT(', 'TRY_CAST('),
    *('STRUCT(', 'MAP(', 'ROW(', 'OBJECT(', 'INTERVAL(', 'a[', 'a.b(', '"a"(', 'a, (', 'x IN ('),
    *('(SELECT ', 'EXISTS(SELECT ', '(SELECT 1 FROM ', '(WITH x AS (', 'COUNT(DISTINCT '),
    *('1::DECIMAL(', 'DATE(DATE ', 'CASE WHEN (', 'UNPIVOT (', 'VALUES (', 'LISTAGG(', 'OVER('),
    *('NOT (', '-(', 'COALESCE(1, ', 'INTERVAL ', 'a BETWEEN (', "a LIKE ('', ", 'NULLS ('),
]
CLOSING = {'(': ')', '[': ']'}


@pytest.mark.parametrize(('start', 'repeated', 'end'), FLAT.values(), ids=FLAT)
def test_work_on_a_flat_statement_grows_with_its_length(
    start: str, repeated: str, end: str
) -> None:
    sql = start + repeated * (6_000 // len(repeated)) + end

    assert calls(sql) < CALLS_A_CHARACTER * len(sql) + 10_000


@pytest.mark.parametrize('place', ['SELECT ', 'SELECT 1 FROM '])
@pytest.mark.parametrize('opening', OPENING)
def test_work_on_a_nested_statement_has_an_end(opening: str, place: str) -> None:
    assert calls(nested(place, [opening] * 24)) < CALLS_TO_GIVE_UP


@settings(derandomize=True, max_examples=200)
@given(
    st.sampled_from(['SELECT ', 'SELECT 1 FROM ', 'SELECT 1 WHERE ']),
    st.lists(st.sampled_from(OPENING), min_size=5, max_size=60),
)
def test_work_on_any_nested_statement_has_an_end(place: str, openings: list[str]) -> None:
    assert calls(nested(place, openings)) < CALLS_TO_GIVE_UP


@pytest.mark.parametrize(
    'sql',
    [
        'SELECT 1 WHERE ' + ' AND '.join(['a = 1'] * 9_000),
        'SELECT a FROM t WHERE a IN (' + ', '.join(map(str, range(14_000))) + ')',
        ' UNION ALL '.join(['SELECT 1'] * 5_000),
        "SELECT '" + 'x' * 90_000 + "'",
        'SELECT ' + '(' * 25 + '1' + ')' * 25,
        'SELECT ' + 'ABS(' * 25 + '1' + ')' * 25,
        'SELECT * FROM ' + '(SELECT * FROM ' * 25 + 't' + ')' * 25,
        'SELECT ' + 'DATE(' * 8 + 'a' + ')' * 8,
    ],
    ids=lambda sql: sql[:24],
)
def test_long_or_nested_query_passes(sql: str) -> None:
    assert check(sql) == sql


@pytest.mark.parametrize(
    'sql',
    [
        'SELECT ' + '(' * 40_000 + '1' + ')' * 40_000,
        'SELECT ' + '(' * 51 + '1' + ')' * 51,
        'SELECT ' + 'DATE(' * 18 + 'a' + ')' * 18,
        'SELECT ' + 'ARRAY[' * 18 + 'a' + ']' * 18,
        'SELECT ' + 'DECIMAL(' * 18 + 'a' + ')' * 18,
        'SELECT ' + '- ' * 40_000 + '1',
        'SELECT ' + 'NOT ' * 20_000 + 'true',
        'SELECT ' + 'CASE WHEN ' * 4_000 + 'a' + ' THEN 1 END' * 4_000,
    ],
    ids=lambda sql: sql[:24],
)
def test_too_deeply_nested_statement_is_told(sql: str) -> None:
    with pytest.raises(StatementRefused, match='nested so deeply'):
        check(sql)


def nested(place: str, openings: list[str]) -> str:
    closing = [CLOSING[sign] for opening in openings for sign in opening if sign in CLOSING]
    return place + ''.join(openings) + 'a' + ''.join(reversed(closing))


def calls(sql: str) -> int:
    """Return how many functions are called to judge a statement."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        nonlocal counted
        counted += event == 'call'

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        check(sql)
    except StatementRefused:
        pass
    finally:
        sys.setprofile(before)
    return counted
