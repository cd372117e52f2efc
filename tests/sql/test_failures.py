"""What Redshift says decides what the person is told; what data says does not."""

import pytest

from chalicelib.errors import NotSetUp
from chalicelib.sql.errors import DataNotPermitted, QueryFailed
from chalicelib.sql.failures import MAX_ERROR_CHARACTERS, failure

INTERNAL_ERROR = """ERROR:
  -----------------------------------------------
  error:  Spectrum Scan Error
  code:      15007
  context:   Forbidden: HTTP error code: 403
  query:     104857
  location:  dory_util.cpp:1119
  process:   worker_thread [pid=22222]
  ----------------------------------------------- [ErrorId: 1-6543b1f4-aaaa]"""
BEFORE = ['', 'Query #2 failed with ']


@pytest.mark.parametrize('before', BEFORE)
@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            'ERROR: relation "nowhere" does not exist [ErrorId: 1-6543b1f4-0a1b2c]',
            'relation "nowhere" does not exist',
        ),
        (
            'ERROR: column "a" does not exist in orders\n  Hint: try b.',
            'column "a" does not exist in orders Hint: try b',
        ),
        (
            INTERNAL_ERROR,
            'error: Spectrum Scan Error context: Forbidden: HTTP error code: 403',
        ),
        ('ERROR:', 'it failed'),
        ('ERROR: ' + 'x' * 5_000, 'x' * MAX_ERROR_CHARACTERS),
    ],
)
def test_failure_has_redshifts_words_without_internals(
    before: str, error: str, message: str
) -> None:
    told = failure(before + error)

    assert isinstance(told, QueryFailed)
    assert str(told) == (
        f'Redshift says: {message}. Correct the statement and execute it again; '
        'listTables tells which tables and columns there are.'
    )


@pytest.mark.parametrize('before', BEFORE)
@pytest.mark.parametrize(
    'data',
    [
        'FATAL: x',
        'Query #1 failed with FATAL: x',
        'permission denied for relation orders',
        "ERROR: Query cancelled on user's request",
        'canceling statement due to statement timeout',
        'syntax error at or near "on"',
    ],
)
def test_text_of_the_data_decides_nothing(before: str, data: str) -> None:
    told = failure(f'{before}ERROR: invalid input syntax for integer: "{data}"')

    assert isinstance(told, QueryFailed)
    assert str(told) == (
        f'Redshift says: invalid input syntax for integer: "{data}". Correct the statement and '
        'execute it again; listTables tells which tables and columns there are.'
    )


@pytest.mark.parametrize('before', [*BEFORE, 'Query #1 failed with ', ' '])
@pytest.mark.parametrize(
    'error',
    [
        'FATAL: password authentication failed for user "reader"',
        'FATAL:  database "nowhere" does not exist',
    ],
)
def test_database_that_is_not_reached_is_for_the_operator(before: str, error: str) -> None:
    told = failure(before + error)

    assert isinstance(told, NotSetUp)
    assert 'The REDSHIFT_ settings do not lead to a database' in str(told)
    assert 'reader' not in str(told)


def test_context_that_is_not_taken_is_for_the_operator() -> None:
    told = failure('Query #1 failed with ERROR: permission denied for function set_config')

    assert isinstance(told, NotSetUp)


@pytest.mark.parametrize('before', BEFORE)
@pytest.mark.parametrize(
    'error',
    [
        'permission denied for relation salaries',
        'permission denied for schema staff',
        'permission denied for table salaries',
    ],
)
def test_what_the_person_may_not_read_is_told_so(before: str, error: str) -> None:
    told = failure(f'{before}ERROR: {error}')

    assert isinstance(told, DataNotPermitted)
    assert told.STATUS_CODE == 403
    assert str(told) == (
        f'Redshift says: {error}. This person may not read that, whatever the statement: do not '
        'try another way, and tell the person to ask whoever runs the database.'
    )


@pytest.mark.parametrize(
    'error',
    [
        "Query cancelled on user's request",
        "Query (4711) cancelled on user's request",
        'canceling statement due to statement timeout',
    ],
)
def test_statement_that_was_stopped_is_told(error: str) -> None:
    told = failure(f'Query #2 failed with ERROR: {error}')

    assert str(told).startswith('The statement was stopped')


@pytest.mark.parametrize(
    ('error', 'rule'),
    [
        ('function array_agg(integer) does not exist', 'LISTAGG('),
        ('function string_agg(character varying, "unknown") does not exist', 'LISTAGG('),
        ('function date_diff("unknown", date, date) does not exist', 'DATEDIFF(day, start, end)'),
        ('function ifnull(integer, integer) does not exist', 'NVL(a, b)'),
        ('type "jsonb" does not exist', 'SUPER'),
        (
            'Aggregate window functions with an ORDER BY clause require a frame clause',
            'ROWS UNBOUNDED PRECEDING',
        ),
        ('cannot cast type boolean to character varying', "CASE WHEN b THEN 'true'"),
        ('syntax error at or near "ON"', 'QUALIFY ROW_NUMBER()'),
        ('syntax error at or near "("', 'SUM(CASE WHEN'),
        ('syntax error at or near "user"', 'reserved word needs quotes'),
        ('Specified types or functions (one per INFO message) not supported', 'WITH RECURSIVE'),
        ('This type of correlated subquery pattern is not supported yet', 'as a JOIN'),
    ],
)
def test_rule_that_a_statement_broke_is_told(error: str, rule: str) -> None:
    told = str(failure(f'Query #2 failed with ERROR: {error}'))

    assert told.startswith(f'Redshift says: {error}. ')
    assert rule in told


def test_no_rule_is_made_up() -> None:
    told = str(failure('ERROR: division by zero'))

    assert told.startswith('Redshift says: division by zero. Correct the statement')
