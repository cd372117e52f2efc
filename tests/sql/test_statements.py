"""SQL goes in, files come out; nobody sees what another has asked, and no fault loses a result."""

import csv
import urllib.request
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, ReadTimeoutError
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from app import app
from chalicelib import errors, paging
from chalicelib.deadline import Deadline
from chalicelib.identity import Caller
from chalicelib.person import aws
from chalicelib.sql import statements, transfer
from chalicelib.sql.errors import QueryFailed, StatementNotFound, StatementRefused
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.statements import ExecuteSqlStatementRequest, GetSqlStatementRequest, Statement
from tests.sql.warehouse import BUCKET, JANE, OMAR, failing, forget_slots, running
from tests.support.people.verified_calls import call

LINES = 'SELECT order_id, line_number, unit_price, note FROM shop.order_lines ORDER BY 1, 2'
SLOW = 'SELECT pg_sleep(60)'
FAULTS = {
    'ThrottlingException': errors.ServiceBusy,
    'AccessDeniedException': errors.NotPermitted,
    'InternalServerException': errors.ServiceUnavailable,
    ReadTimeoutError(endpoint_url='http://aws'): errors.ServiceUnavailable,
    ConnectTimeoutError(endpoint_url='http://aws'): errors.ServiceUnavailable,
    EndpointConnectionError(endpoint_url='http://aws'): errors.ServiceUnavailable,
}


@pytest.fixture(scope='module')
def database() -> Iterator[Redshift]:
    """Return a warehouse with the sample shop."""
    with running() as warehouse:
        yield warehouse


@pytest.fixture(autouse=True)
def _nothing_running(database: Redshift) -> None:
    forget_slots(database)


def execute(database: Redshift, sql: str, caller: Caller = JANE, seconds: float = 14) -> Statement:
    """Execute a statement."""
    request = ExecuteSqlStatementRequest(sql_statement=sql)
    return checked(statements.execute_sql_statement(database, request, caller, Deadline(seconds)))


def get(database: Redshift, statement_id: str, caller: Caller = JANE) -> Statement:
    """Go on with a statement."""
    request = GetSqlStatementRequest(statement_id=statement_id)
    return checked(statements.get_sql_statement(database, request, caller, Deadline()))


def checked(answer: Statement) -> Statement:
    """Return an answer that fits ChatGPT."""
    assert paging.size_of(answer) < paging.MAX_ANSWER_CHARACTERS
    return answer


def download(answer: Statement) -> list[bytes]:
    """Return what the files of an answer hold."""
    files = []
    for url in answer.files:
        with urllib.request.urlopen(url) as response:
            assert response.headers['Content-Type'] == 'text/csv'
            files.append(response.read())
    return files


def as_redshift_gives(database: Redshift, sql: str) -> bytes:
    """Return the whole result of a statement as the Data API itself gives it."""
    pages = database.data_api.get_paginator('get_statement_result_v2')
    started = database.data_api.execute_statement(
        Sql=sql, ResultFormat='CSV', WaitTimeSeconds=30, **database.connection
    )
    found = pages.paginate(Id=started['Id'])
    return ''.join(r['CSVRecords'] for page in found for r in page['Records']).encode()


def test_small_question_is_answered_at_once(database: Redshift) -> None:
    sql = 'SELECT product_id, name, price, description FROM shop.products ORDER BY 1 LIMIT 3;'

    answer = execute(database, sql)

    file = as_redshift_gives(database, sql)
    rows = list(csv.reader(file.decode().splitlines()))
    assert download(answer) == [file]
    assert msgspec.to_builtins(answer) == {
        'statement_id': answer.statement_id,
        'status': 'finished',
        'message': '3 rows in 1 CSV file.',
        'row_count': 3,
        'columns': [
            {'name': 'product_id', 'type': 'int4'},
            {'name': 'name', 'type': 'varchar'},
            {'name': 'price', 'type': 'numeric'},
            {'name': 'description', 'type': 'varchar'},
        ],
        'preview': [[value or None for value in row] for row in rows[1:]],
        'truncated': False,
        'openaiFileResponse': answer.files,
    }


def test_values_stay_as_they_are(database: Redshift) -> None:
    answer = execute(
        database,
        "SELECT NULL AS a, '' AS b, ' ' AS c, 'say \"hi\", twice' AS d, 'two\r\nlines' AS e, "
        "'ünïcødé 🚲' AS f, 12345678901234567890.123456789::numeric(38, 9) AS g, "
        '9223372036854775807 AS h, true AS i, \'2026-11-22\'::date AS "j,k"',
    )

    assert answer.preview == [
        [
            *(None, '', ' ', 'say "hi", twice', 'two\r\nlines', 'ünïcødé 🚲'),
            *('12345678901234567890.123456789', '9223372036854775807', 'true', '2026-11-22'),
        ]
    ]
    (file,) = download(answer)
    assert file.decode() == (
        'a,b,c,d,e,f,g,h,i,"j,k"\r\n'
        ',"", ,"say ""hi"", twice","two\r\nlines",ünïcødé 🚲,'
        '12345678901234567890.123456789,9223372036854775807,true,2026-11-22\r\n'
    )


@examples(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=25
)
@given(
    st.lists(
        st.none()
        | st.text(st.characters(exclude_categories=['Cc', 'Cs'], exclude_characters='\\')),
        min_size=1,
        max_size=20,
    )
)
def test_any_text_comes_back(database: Redshift, values: list[str | None]) -> None:
    literals = ('NULL' if v is None else "'{}'".format(v.replace("'", "''")) for v in values)
    query = ' UNION ALL '.join(f'SELECT {n} AS n, {v}::text AS v' for n, v in enumerate(literals))

    answer = execute(database, f'SELECT v FROM ({query}) ORDER BY n')

    assert [value for (value,) in answer.preview] == values


def test_empty_result_has_its_header(database: Redshift) -> None:
    answer = execute(database, 'SELECT order_id, status FROM shop.orders WHERE 1 = 0')

    assert (answer.status, answer.row_count, answer.preview) == ('finished', 0, [])
    assert answer.message == '0 rows in 1 CSV file.'
    assert download(answer) == [b'order_id,status\r\n']


def test_large_result_is_split_between_rows(
    database: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, 'MAX_FILE_BYTES', 20_000)

    answer = execute(database, LINES)

    header, _, body = as_redshift_gives(database, LINES).partition(b'\r\n')
    files = download(answer)
    assert [file[: len(header) + 2] for file in files] == [header + b'\r\n'] * len(files)
    assert b''.join(file[len(header) + 2 :] for file in files) == body
    assert 1 < len(files) < 10
    assert answer.message == (
        f'{answer.row_count:,} rows in {len(files)} CSV files. The preview has the first 100.'
    )
    assert not answer.truncated


def test_result_past_ten_files_is_truncated(
    database: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transfer, 'MAX_FILE_BYTES', 2_000)

    answer = execute(database, LINES)

    files = download(answer)
    rows = sum(len(list(csv.reader(file.decode().splitlines()))) - 1 for file in files)
    assert len(files) == 10
    assert answer.truncated
    assert answer.message == (
        f'Only the first {rows:,} of {answer.row_count:,} rows are in the 10 CSV files: more is '
        'not delivered. Aggregate or filter to get it all. The preview has the first 100.'
    )


def test_wide_result_fits_the_answer(database: Redshift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, 'MAX_COLUMNS_CHARACTERS', 5_000)
    columns = ', '.join(f'\'{"x" * 20}\' AS "{number:04} {"€" * 20}"' for number in range(200))

    answer = execute(database, f'SELECT {columns}')

    listed = len(answer.columns)
    assert 0 < listed < 200
    assert answer.message == (
        f'1 row in 1 CSV file. Only the first {listed} of 200 columns are listed here.'
    )
    assert download(answer)[0].count(b'\xe2\x82\xac') == 200 * 20


def test_statement_that_runs_on_is_followed_to_its_end(database: Redshift) -> None:
    started = execute(database, 'SELECT 1 AS n FROM (SELECT pg_sleep(1)) s', seconds=0)

    assert started == Statement(
        statement_id=started.statement_id, status='running', message=started.message
    )
    assert started.message.startswith('Redshift ')
    assert started.message.endswith(' Call getSqlStatement with this statement_id to go on.')
    finished = get(database, started.statement_id)
    assert (finished.statement_id, finished.status) == (started.statement_id, 'finished')
    assert download(finished) == [b'n\r\n1\r\n']


def test_transfer_that_runs_out_of_time_goes_on(database: Redshift) -> None:
    class Impatient:
        """A deadline that comes after the first page."""

        looks = 0

        @property
        def is_over(self) -> bool:
            self.looks += 1
            return self.looks > 1

        def pause(self, seconds: float) -> None:
            Deadline().pause(seconds)
            self.looks = 0

    sql = 'SELECT a.*, b.order_id AS other FROM shop.orders a, shop.orders b WHERE b.order_id < 60'
    sql += ' ORDER BY a.order_id, b.order_id'
    started = execute(database, sql, seconds=0)
    messages = []
    while started.status == 'running':
        request = GetSqlStatementRequest(statement_id=started.statement_id)
        deadline: Any = Impatient()
        started = checked(statements.get_sql_statement(database, request, JANE, deadline))
        messages.append(started.message)

    assert len(messages) > 3
    assert ' rows (' in messages[0]
    assert messages[0].endswith(
        '%) are in files. Call getSqlStatement with this statement_id to go on.'
    )
    assert b''.join(download(started)) == as_redshift_gives(database, sql)


def test_finished_statement_is_answered_again(database: Redshift) -> None:
    first = execute(database, 'SELECT 1')
    again = get(database, first.statement_id)

    first.files, again.files = [], []
    assert again == first


def test_statement_of_another_is_not_found(database: Redshift) -> None:
    of_omar = execute(database, 'SELECT 1', OMAR).statement_id
    running_of_omar = execute(database, SLOW, OMAR, seconds=0).statement_id
    unknown = (
        '3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c11',
        f'../{OMAR.sub}',
        '',
        'ü' * 2_000,
        f'{of_omar}:1',
    )

    answers = set()
    for statement_id in (of_omar, running_of_omar, *unknown):
        with pytest.raises(StatementNotFound) as refusal:
            get(database, statement_id, JANE)
        answers.add(str(refusal.value))

    database.data_api.cancel_statement(Id=running_of_omar)
    assert len(answers) == 1


def test_statement_is_forgotten_after_a_day() -> None:
    now = [1_000_000.0]
    with running(clock=lambda: now[0]) as database:
        statement_id = execute(database, 'SELECT pg_sleep(0.1)', seconds=0).statement_id
        database.data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)
        now[0] += 25 * 3600

        with pytest.raises(StatementNotFound):
            get(database, statement_id)


@pytest.mark.parametrize(
    ('sql', 'message'),
    [
        ('SELECT * FROM nowhere', 'Redshift says: relation "nowhere" does not exist. '),
        ('SELECT nothing FROM shop.orders', 'Redshift says: column "nothing" does not exist in '),
        ('SELECT 1 / 0', 'Redshift says: Divide by zero. '),
    ],
)
def test_failure_is_reported_in_redshifts_words(database: Redshift, sql: str, message: str) -> None:
    with pytest.raises(QueryFailed) as failure:
        execute(database, sql)

    assert str(failure.value).startswith(message)
    assert str(failure.value).endswith('listTables tells which tables and columns there are.')


def test_cancelled_statement_is_reported(database: Redshift) -> None:
    statement_id = execute(database, SLOW, seconds=0).statement_id
    database.data_api.cancel_statement(Id=statement_id)

    with pytest.raises(QueryFailed, match='The statement was stopped'):
        get(database, statement_id)


def test_statement_that_does_not_only_read_never_reaches_redshift(database: Redshift) -> None:
    never = failing(database, 'BatchExecuteStatement', AssertionError('it was sent'))
    with never, pytest.raises(StatementRefused):
        execute(database, 'DROP TABLE shop.orders')


@pytest.mark.parametrize(('fault', 'error'), FAULTS.items(), ids=str)
@pytest.mark.parametrize('operation', ['BatchExecuteStatement', 'PutObject'])
def test_statement_that_cannot_begin_is_an_error(
    database: Redshift, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    with failing(database, operation, fault), pytest.raises(error) as refusal:
        execute(database, 'SELECT 1')

    assert 'internals' not in str(refusal.value)


@pytest.mark.parametrize(
    ('fault', 'error'),
    [(fault, error) for fault, error in FAULTS.items() if error is not errors.NotPermitted],
    ids=str,
)
@pytest.mark.parametrize('operation', ['DescribeStatement', 'GetStatementResultV2', 'PutObject'])
def test_statement_that_has_begun_is_not_lost(
    database: Redshift, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    first_ones_succeed = 2 if operation == 'PutObject' else 0
    with failing(database, operation, fault, after=first_ones_succeed):
        answer = execute(database, 'SELECT 1 AS n')

    assert answer.status == 'running'
    assert answer.message == f'{error()} Call getSqlStatement with this statement_id to go on.'
    assert download(get(database, answer.statement_id)) == [b'n\r\n1\r\n']


@pytest.mark.parametrize(('fault', 'error'), FAULTS.items(), ids=str)
@pytest.mark.parametrize(
    'operation', ['GetObject', 'DescribeStatement', 'GetStatementResultV2', 'PutObject']
)
def test_fault_while_going_on_is_an_error_and_loses_nothing(
    database: Redshift, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    with failing(database, 'DescribeStatement', 'ThrottlingException'):
        statement_id = execute(database, 'SELECT 1 AS n').statement_id

    with failing(database, operation, fault), pytest.raises(error) as refusal:
        get(database, statement_id)

    assert 'internals' not in str(refusal.value)
    assert download(get(database, statement_id)) == [b'n\r\n1\r\n']


@pytest.mark.parametrize(
    ('operation', 'code', 'error'),
    [
        ('BatchExecuteStatement', 'ActiveStatementsExceededException', errors.ServiceBusy),
        ('BatchExecuteStatement', 'ActiveSessionsExceededException', errors.ServiceBusy),
        ('BatchExecuteStatement', 'BatchExecuteStatementException', errors.ServiceUnavailable),
        ('BatchExecuteStatement', 'ValidationException', errors.NotSetUp),
        ('BatchExecuteStatement', 'ResourceNotFoundException', errors.NotSetUp),
        ('DescribeStatement', 'ResourceNotFoundException', StatementNotFound),
        ('GetStatementResultV2', 'ResourceNotFoundException', StatementNotFound),
        ('PutObject', 'NoSuchBucket', errors.NotSetUp),
    ],
)
def test_refusal_by_aws_is_reported(
    database: Redshift, operation: str, code: str, error: type[Exception]
) -> None:
    with failing(database, operation, code), pytest.raises(error) as refusal:
        execute(database, 'SELECT 1')

    assert 'internals' not in str(refusal.value)


def test_operations_are_served(database: Redshift, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL_REDSHIFT_DATA', database.data_api.meta.endpoint_url)
    monkeypatch.setenv('AWS_ENDPOINT_URL_S3', database.s3.meta.endpoint_url)
    monkeypatch.setenv('REDSHIFT_WORKGROUP_NAME', 'shop')
    monkeypatch.setenv('REDSHIFT_DATABASE', 'dev')
    monkeypatch.setenv('RESULTS_BUCKET_NAME', BUCKET)
    aws.forget_clients()

    sql = b'{"sql_statement": "SELECT 7 AS n"}'
    executed = call(app, 'POST', '/sql_statement', body=sql)
    statement_id = executed.json_body['statement_id']
    got = call(app, 'GET', f'/sql_statement/{statement_id}')
    of_another = call(app, 'GET', f'/sql_statement/{statement_id}', claims={'sub': 'somebody-else'})
    refused = call(app, 'POST', '/sql_statement', body=b'{"sql_statement": "DROP TABLE t"}')
    listed = call(app, 'GET', '/tables?schema=shop')

    assert (executed.status_code, executed.json_body['preview']) == (200, [['7']])
    assert (got.status_code, got.json_body['preview']) == (200, [['7']])
    assert (of_another.status_code, of_another.json_body['Code']) == (404, 'StatementNotFound')
    assert (refused.status_code, refused.json_body['Code']) == (400, 'StatementRefused')
    assert [table['name'] for table in listed.json_body['tables']] == [
        *('customers', 'order_lines', 'orders', 'products')
    ]
