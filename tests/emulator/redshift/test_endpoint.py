"""The Data API through boto3, over HTTP."""

import csv
import io
import threading
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from emulator.redshift import statements
from emulator.redshift.endpoint import RedshiftData
from tests.support import raw_http

TARGET = {'WorkgroupName': 'local', 'Database': 'dev'}
SLOW = 'SELECT count(*) FROM shop.order_lines a, shop.order_lines b, shop.order_lines c'


@contextmanager
def serving(**options: Any) -> Iterator[Any]:
    """Serve a fresh RedshiftData, and yield a boto3 client of it."""
    # What is tested is what the service says, not what boto3 checks before it asks.
    config = Config(parameter_validation=False, retries={'max_attempts': 0})
    with (
        closing(RedshiftData(**options)) as redshift_data,
        raw_http.serving(redshift_data) as url,
        closing(boto3.client('redshift-data', endpoint_url=url, config=config)) as client,
    ):
        yield client


@pytest.fixture(scope='module')
def client() -> Iterator[Any]:
    with serving() as client:
        yield client


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


def run(client: Any, sql: str, **more: Any) -> dict[str, Any]:
    """Execute a statement and describe it when it has ended."""
    statement_id = client.execute_statement(Sql=sql, **TARGET, **more)['Id']
    return dict(client.describe_statement(Id=statement_id, WaitTimeSeconds=30))


def fields(client: Any, sql: str, **more: Any) -> list[list[dict[str, Any]]]:
    records: list[list[dict[str, Any]]] = client.get_statement_result(
        Id=run(client, sql, **more)['Id']
    )['Records']
    return records


def csv_text(client: Any, statement_id: str) -> tuple[str, int]:
    """Fetch a whole result as CSV, and say in how many pages it came."""
    text, pages = '', 0
    more: dict[str, str] = {}
    while True:
        answer = client.get_statement_result_v2(Id=statement_id, **more)
        text += ''.join(record['CSVRecords'] for record in answer['Records'])
        pages += 1
        if 'NextToken' not in answer:
            return text, pages
        more = {'NextToken': answer['NextToken']}


def refused(operation: Any, **request: Any) -> tuple[str, str]:
    """Return the code and the message that a request is refused with."""
    with pytest.raises(ClientError) as error:
        operation(**request)
    found = error.value.response['Error']
    return found['Code'], found['Message']


def test_finished_statement_is_described_in_full(client: Any) -> None:
    sql = 'SELECT order_id FROM shop.orders WHERE order_id <= :last'
    parameters = [{'name': 'last', 'value': '3'}]
    described = run(client, sql, Parameters=parameters, StatementName='three')
    for changing in ('Id', 'CreatedAt', 'UpdatedAt', 'Duration', 'RedshiftPid', 'RedshiftQueryId'):
        assert described.pop(changing)
    described.pop('ResponseMetadata')
    assert described == {
        'Status': 'FINISHED',
        'Database': 'dev',
        'DbUser': 'IAM:emulator',
        'WorkgroupName': 'local',
        'QueryString': sql,
        'QueryParameters': parameters,
        'HasResultSet': True,
        'ResultFormat': 'JSON',
        'ResultRows': 3,
        'ResultSize': len(b'[{"longValue":1}],[{"longValue":2}],[{"longValue":3}]'),
    }


def test_fields_are_typed_as_aws_types_them(client: Any) -> None:
    sql = """
        SELECT 1::SMALLINT, 2::INTEGER, 3::BIGINT, 4.50::NUMERIC(10, 2), 0.5::FLOAT8, TRUE,
            DATE '2024-02-29', TIMESTAMP '2024-02-29 12:30:00.120', NULL::INTEGER, 'é"\n',
            TIMESTAMPTZ '2024-02-29 12:30:00+02', 'NaN'::FLOAT8
    """
    answer = client.get_statement_result(Id=run(client, sql)['Id'])
    assert answer['Records'] == [
        [
            {'longValue': 1},
            {'longValue': 2},
            {'longValue': 3},
            {'stringValue': '4.50'},
            {'doubleValue': 0.5},
            {'booleanValue': True},
            {'stringValue': '2024-02-29'},
            {'stringValue': '2024-02-29 12:30:00.12'},
            {'isNull': True},
            {'stringValue': 'é"\n'},
            {'stringValue': '2024-02-29 10:30:00+00'},
            {'doubleValue': 'NaN'},
        ]
    ]
    assert ' '.join(column['typeName'] for column in answer['ColumnMetadata']) == (
        'int2 int4 int8 numeric float8 bool date timestamp int4 varchar timestamptz float8'
    )
    assert answer['ColumnMetadata'][3] == {
        'isCaseSensitive': False,
        'isCurrency': False,
        'isSigned': True,
        'label': 'numeric',
        'length': 0,
        'name': 'numeric',
        'nullable': 1,
        'precision': 10,
        'scale': 2,
        'schemaName': '',
        'tableName': '',
        'typeName': 'numeric',
    }


def test_csv_result_is_that_of_the_documentation(client: Any) -> None:
    sql = 'SELECT * FROM (VALUES (1, 2, 3), (4, 5, 6), (7, 8, 9)) AS t (col1, col2, col3)'
    answer = client.get_statement_result_v2(Id=run(client, sql, ResultFormat='CSV')['Id'])
    assert answer['Records'] == [{'CSVRecords': 'col1,col2,col3\r\n1,2,3\r\n4,5,6\r\n7,8,9\r\n'}]
    assert answer['TotalNumRows'] == 3
    assert answer['ResultFormat'] == 'CSV'
    assert 'NextToken' not in answer


def test_csv_quotes_where_needed_and_null_differs_from_empty(client: Any) -> None:
    sql = """
        SELECT NULL AS a, '' AS b, 'x,y' AS c, 'say "hi"' AS "d,e", 'two\nlines' AS f, TRUE AS g
    """
    text, _ = csv_text(client, run(client, sql, ResultFormat='CSV')['Id'])
    assert text == 'a,b,c,"d,e",f,g\r\n,"","x,y","say ""hi""","two\nlines",true\r\n'


def test_empty_results_have_their_header_and_columns(client: Any) -> None:
    sql = 'SELECT order_id, status FROM shop.orders WHERE order_id < 0'
    described = run(client, sql, ResultFormat='CSV')
    assert (described['HasResultSet'], described['ResultRows']) == (True, 0)
    assert csv_text(client, described['Id']) == ('order_id,status\r\n', 1)
    answer = client.get_statement_result(Id=run(client, sql)['Id'])
    assert answer['Records'] == []
    assert [c['name'] for c in answer['ColumnMetadata']] == ['order_id', 'status']


def test_large_csv_comes_in_pages_of_whole_rows_in_order(client: Any) -> None:
    sql = "SELECT n, repeat('é,', 50) AS t FROM generate_series(1, 30000) AS s (n) ORDER BY n DESC"
    described = run(client, sql, ResultFormat='CSV')
    text, pages = csv_text(client, described['Id'])
    assert pages > described['ResultSize'] // 1_000_000
    rows = list(csv.reader(io.StringIO(text, newline='')))
    assert rows[0] == ['n', 't']
    assert rows[1:] == [[str(n), 'é,' * 50] for n in range(30000, 0, -1)]
    first = client.get_statement_result_v2(Id=described['Id'])['Records'][0]['CSVRecords']
    assert 900_000 < len(first.encode()) <= 1_000_000
    assert first.endswith('"\r\n')


def test_large_json_result_pages_with_boto3s_paginator(client: Any) -> None:
    described = run(client, 'SELECT n FROM generate_series(1, 100000) AS s (n)')
    pages = list(client.get_paginator('get_statement_result').paginate(Id=described['Id']))
    assert len(pages) > 1
    values = [row[0]['longValue'] for page in pages for row in page['Records']]
    assert values == list(range(1, 100_001))


@pytest.mark.parametrize('result_format', ['CSV', 'JSON'])
def test_row_over_64_kb_fails(client: Any, result_format: str) -> None:
    sql = "SELECT repeat('x', {}) FROM generate_series(1, 20) AS s (n)"
    assert run(client, sql.format(65_536), ResultFormat=result_format)['ResultRows'] == 20
    described = run(client, sql.format(65_537), ResultFormat=result_format)
    assert (described['Status'], described['HasResultSet']) == ('FAILED', False)
    assert described['Error'] == 'ERROR: Packet for query is too large'


@pytest.mark.parametrize('token', ['nonsense', 'WyJvdGhlciIsMV0=', 'bnVsbA==', 'é'])
def test_pagination_tokens_that_are_not_this_results_are_refused(client: Any, token: str) -> None:
    statement_id = run(client, 'SELECT 1')['Id']
    found = refused(client.get_statement_result, Id=statement_id, NextToken=token)
    assert found == ('ValidationException', 'Invalid pagination token.')


def test_failed_statement_has_redshifts_message(client: Any) -> None:
    described = run(client, 'SELECT * FROM shop.nosuch')
    assert described['Status'] == 'FAILED'
    assert described['Error'] == 'ERROR: relation "nosuch" does not exist'
    assert (described['HasResultSet'], described['ResultRows']) == (False, -1)


@pytest.mark.parametrize(
    'sql', ['SELECT 1/0', 'CREATE TABLE public.of_no_rows (a INT)', 'SET statement_timeout TO 1000']
)
def test_statements_without_a_result_have_none_to_fetch(client: Any, sql: str) -> None:
    statement_id = run(client, sql)['Id']
    code, message = refused(client.get_statement_result, Id=statement_id)
    assert code == 'ResourceNotFoundException'
    assert message == (
        'Query does not have result. Please check query status with DescribeStatement.'
    )


@pytest.mark.parametrize(
    ('result_format', 'operation'),
    [('CSV', 'get_statement_result'), ('JSON', 'get_statement_result_v2')],
)
def test_result_is_fetched_in_its_format_only(
    client: Any, result_format: str, operation: str
) -> None:
    statement_id = run(client, 'SELECT 1', ResultFormat=result_format)['Id']
    code, _ = refused(getattr(client, operation), Id=statement_id)
    assert code == 'ValidationException'


@pytest.mark.parametrize(
    'operation',
    ['describe_statement', 'get_statement_result', 'get_statement_result_v2', 'cancel_statement'],
)
def test_unknown_statements_are_not_found(client: Any, operation: str) -> None:
    unknown = str(uuid.uuid4())
    with pytest.raises(client.exceptions.ResourceNotFoundException) as error:
        getattr(client, operation)(Id=unknown)
    assert error.value.response['Error']['Message'] == 'Query does not exist.'
    assert error.value.response['ResourceId'] == unknown


def test_changes_report_the_rows_that_they_change(client: Any) -> None:
    run(client, 'CREATE TABLE public.changed (a INT)')
    inserted = run(client, 'INSERT INTO public.changed VALUES (1), (2), (3)')
    assert (inserted['HasResultSet'], inserted['ResultRows'], inserted['ResultSize']) == (
        False,
        3,
        0,
    )
    assert run(client, 'UPDATE public.changed SET a = 9 WHERE a > 1')['ResultRows'] == 2
    assert run(client, 'DELETE FROM public.changed')['ResultRows'] == 3


def test_running_statement_is_seen_cancelled_and_then_over(client: Any) -> None:
    statement_id = client.execute_statement(Sql='SELECT pg_sleep(600)', **TARGET)['Id']
    while (described := client.describe_statement(Id=statement_id))['Status'] != 'STARTED':
        assert described['Status'] in ('SUBMITTED', 'PICKED')
    assert (described['Duration'], described['ResultRows']) == (-1, -1)
    code, _ = refused(client.get_statement_result, Id=statement_id)
    assert code == 'ResourceNotFoundException'
    assert client.cancel_statement(Id=statement_id)['Status'] is True
    assert client.describe_statement(Id=statement_id)['Status'] == 'ABORTED'
    assert refused(client.cancel_statement, Id=statement_id) == (
        'ValidationException',
        f'Could not cancel a query that is already in ABORTED state with ID: {statement_id}',
    )


def test_cancel_interrupts_a_query_that_computes(client: Any) -> None:
    statement_id = client.execute_statement(Sql=SLOW, **TARGET)['Id']
    while client.describe_statement(Id=statement_id)['Status'] != 'STARTED':
        pass
    client.cancel_statement(Id=statement_id)
    assert client.describe_statement(Id=statement_id)['Status'] == 'ABORTED'


def test_statements_wait_for_a_free_slot() -> None:
    with serving(slots=1) as client:
        first = client.execute_statement(Sql='SELECT pg_sleep(600)', **TARGET)['Id']
        while client.describe_statement(Id=first)['Status'] != 'STARTED':
            pass
        second = client.execute_statement(Sql='SELECT 1', **TARGET)['Id']
        assert client.describe_statement(Id=second)['Status'] == 'SUBMITTED'
        client.cancel_statement(Id=first)
        assert client.describe_statement(Id=second, WaitTimeSeconds=30)['Status'] == 'FINISHED'


def test_waiting_submission_answers_with_the_outcome(client: Any) -> None:
    answer = client.execute_statement(Sql='SELECT 1', WaitTimeSeconds=30, **TARGET)
    assert (answer['Status'], answer['HasResultSet']) == ('FINISHED', True)


def test_batch_is_one_transaction(client: Any) -> None:
    sqls = [
        'CREATE TABLE public.batched (a INT)',
        'INSERT INTO public.batched VALUES (1), (2)',
        'SELECT a FROM public.batched ORDER BY a',
        'SELECT * FROM nosuch',
        'SELECT 1',
    ]
    batch_id = client.batch_execute_statement(Sqls=sqls, **TARGET)['Id']
    described = client.describe_statement(Id=batch_id, WaitTimeSeconds=30)
    assert described['Status'] == 'FAILED'
    assert described['Error'] == 'Query #4 failed with ERROR: relation "nosuch" does not exist'
    assert [s['Id'] for s in described['SubStatements']] == [f'{batch_id}:{n}' for n in range(1, 6)]
    assert [s['Status'] for s in described['SubStatements']] == (
        ['FINISHED'] * 3 + ['FAILED', 'ABORTED']
    )
    assert run(client, 'SELECT * FROM public.batched')['Status'] == 'FAILED'

    batch_id = client.batch_execute_statement(Sqls=sqls[:3], **TARGET)['Id']
    described = client.describe_statement(Id=batch_id, WaitTimeSeconds=30)
    assert (described['Status'], described['HasResultSet']) == ('FINISHED', True)
    assert 'QueryString' not in described
    records = client.get_statement_result(Id=f'{batch_id}:3')['Records']
    assert records == [[{'longValue': 1}], [{'longValue': 2}]]
    assert client.describe_statement(Id=f'{batch_id}:2')['ResultRows'] == 2
    code, _ = refused(client.get_statement_result, Id=batch_id)
    assert code == 'ResourceNotFoundException'


def test_batch_of_single_commits_goes_on_after_a_failure(client: Any) -> None:
    batch_id = client.batch_execute_statement(
        Sqls=['CREATE TABLE public.kept (a INT)', 'SELECT * FROM nosuch', 'SELECT 1'],
        ExecutionMode='AUTO_COMMIT',
        **TARGET,
    )['Id']
    described = client.describe_statement(Id=batch_id, WaitTimeSeconds=30)
    assert described['Status'] == 'FAILED'
    assert [s['Status'] for s in described['SubStatements']] == ['FINISHED', 'FAILED', 'FINISHED']
    assert run(client, 'SELECT * FROM public.kept')['Status'] == 'FINISHED'


def test_parameters_are_values_and_never_sql(client: Any) -> None:
    hostile = "x' OR '1'='1"
    parameters = [{'name': 'a', 'value': hostile}, {'name': 'n', 'value': '2'}]
    sql = "SELECT :a AS a, count(*) FROM shop.orders WHERE order_id <= :n AND ':n' = ':' || 'n'"
    assert fields(client, sql, Parameters=parameters) == [
        [{'stringValue': hostile}, {'longValue': 2}]
    ]


def test_unused_parameters_are_refused(client: Any) -> None:
    found = refused(
        client.execute_statement,
        Sql="SELECT ':id'",
        Parameters=[{'name': 'id', 'value': '1'}],
        **TARGET,
    )
    assert found == (
        'ValidationException',
        'Parameters list contains unused parameters. Unused parameters: [id]',
    )


CLUSTER = {'ClusterIdentifier': 'cluster', 'Database': 'dev'}


@pytest.mark.parametrize(
    ('request_', 'says'),
    [
        ({'Database': 'dev'}, 'Either ClusterIdentifier, WorkgroupName or SessionId'),
        ({'WorkgroupName': 'local'}, 'Database must be provided'),
        (TARGET | CLUSTER, 'Only one of ClusterIdentifier and WorkgroupName'),
        (TARGET | {'DbUser': 'jane'}, 'DbUser can not be provided with WorkgroupName'),
        (CLUSTER | {'DbUser': 'jane', 'SecretArn': 'arn'}, 'Only one of SecretArn and DbUser'),
        (TARGET | {'WorkgroupName': 'Not Valid'}, 'workgroupName must satisfy regex pattern'),
        (TARGET | {'ResultFormat': 'XML'}, 'resultFormat must be one of: JSON, CSV'),
        (TARGET | {'WaitTimeSeconds': 31}, 'waitTimeSeconds must be at most 30'),
        (TARGET | {'SessionKeepAliveSeconds': -1}, 'sessionKeepAliveSeconds must be at least 0'),
        (TARGET | {'ClientToken': 'x' * 65}, 'clientToken length must be at most 64'),
        (TARGET | {'StatementName': 'x' * 2049}, 'statementName length must be at most 2048'),
        (TARGET | {'Parameters': []}, 'parameters size must be at least 1'),
        (TARGET | {'Parameters': [{'name': 'a'}]}, 'parameters.value must not be null'),
        (TARGET | {'Parameters': [{'name': '@a', 'value': '1'}]}, 'parameters.name must satisfy'),
        (TARGET | {'WithEvent': 'yes'}, 'withEvent must be a boolean'),
        (TARGET | {'Sql': None}, 'sql must not be null'),
        (TARGET | {'Sql': '  '}, 'Sql must not be empty'),
        (TARGET | {'Sql': 'SELECT ' + '1' * 100_000}, 'Sql must be at most 100000 bytes'),
    ],
)
def test_invalid_requests_are_refused(client: Any, request_: dict[str, Any], says: str) -> None:
    code, message = refused(client.execute_statement, **{'Sql': 'SELECT 1'} | request_)
    assert code == 'ValidationException'
    assert says in message


@pytest.mark.parametrize(
    'target',
    [CLUSTER, CLUSTER | {'DbUser': 'jane'}, CLUSTER | {'SecretArn': 'arn:s'}, TARGET],
)
def test_every_way_to_connect_is_accepted_and_repeated(client: Any, target: dict[str, str]) -> None:
    answer = client.execute_statement(Sql='SELECT 1', **target)
    assert {name: answer[name] for name in target} == target


@pytest.mark.parametrize('statement_id', ['nonsense', 'B2EEDAD5-4C14-41F7-8871-A1E51FD1C61E'])
def test_malformed_ids_are_refused(client: Any, statement_id: str) -> None:
    code, message = refused(client.describe_statement, Id=statement_id)
    assert code == 'ValidationException'
    assert message.startswith('id must satisfy regex pattern:')


def test_batches_have_at_most_40_statements(client: Any) -> None:
    code, message = refused(client.batch_execute_statement, Sqls=['SELECT 1'] * 41, **TARGET)
    assert (code, message) == ('ValidationException', 'sqls size must be at most 40.')


def test_operations_that_are_not_served_are_unknown(client: Any) -> None:
    code, _ = refused(client.list_sessions)
    assert code == 'UnknownOperationException'


def test_client_token_makes_one_statement_of_two_requests() -> None:
    clock = Clock()
    with serving(clock=clock) as client:
        request = {'Sql': 'SELECT 1', 'ClientToken': 'once', **TARGET}
        first = client.execute_statement(**request)['Id']
        assert client.execute_statement(**request)['Id'] == first
        code, _ = refused(client.execute_statement, **request | {'Sql': 'SELECT 2'})
        assert code == 'ValidationException'
        clock.now += 8 * 3600
        assert client.execute_statement(**request)['Id'] != first


def test_results_are_kept_for_a_day() -> None:
    clock = Clock()
    with serving(clock=clock) as client:
        statement_id = run(client, 'SELECT 1')['Id']
        clock.now += 24 * 3600 - 1
        assert client.get_statement_result(Id=statement_id)['TotalNumRows'] == 1
        clock.now += 1
        for operation in (client.describe_statement, client.get_statement_result):
            assert refused(operation, Id=statement_id)[0] == 'ResourceNotFoundException'


def test_session_keeps_temporary_tables_and_expires() -> None:
    clock = Clock()
    with serving(clock=clock) as client:
        opened = client.execute_statement(
            Sql='CREATE TEMP TABLE t AS SELECT 7 AS a',
            SessionKeepAliveSeconds=60,
            WaitTimeSeconds=30,
            **TARGET,
        )
        session = {'SessionId': opened['SessionId']}
        found = client.execute_statement(Sql='SELECT a FROM t', WaitTimeSeconds=30, **session)
        assert (found['Database'], found['SessionId']) == ('dev', opened['SessionId'])
        assert client.get_statement_result(Id=found['Id'])['Records'] == [[{'longValue': 7}]]
        assert run(client, 'SELECT a FROM t')['Status'] == 'FAILED'

        slow = client.execute_statement(Sql='SELECT pg_sleep(600)', **session)['Id']
        code, message = refused(client.execute_statement, Sql='SELECT 1', **session)
        assert (code, 'busy' in message) == ('ValidationException', True)
        client.cancel_statement(Id=slow)

        clock.now += 61
        code, _ = refused(client.execute_statement, Sql='SELECT 1', **session)
        assert code == 'ResourceNotFoundException'


def test_more_active_statements_than_allowed_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statements, 'MAX_ACTIVE_STATEMENTS', 2)
    with serving() as client:
        for _ in range(2):
            client.execute_statement(Sql='SELECT pg_sleep(600)', **TARGET)
        code, _ = refused(client.execute_statement, Sql='SELECT 1', **TARGET)
        assert code == 'ActiveStatementsExceededException'


def test_statement_ids_are_listed_latest_first() -> None:
    with serving() as client:
        ids = [run(client, 'SELECT 1', StatementName=name)['Id'] for name in ('a1', 'a2', 'b')]
        failed = run(client, 'SELECT * FROM nosuch')['Id']

        def listed(**request: Any) -> list[str]:
            return [item['Id'] for item in client.list_statements(**request)['Statements']]

        assert listed() == ids[::-1]
        assert listed(Status='ALL') == [failed, *ids[::-1]]
        assert listed(StatementName='a') == [ids[1], ids[0]]
        assert listed(Status='FAILED', Database='dev', WorkgroupName='local') == [failed]
        assert listed(Database='other') == []
        page = client.list_statements(MaxResults=2)
        assert [item['StatementName'] for item in page['Statements']] == ['b', 'a2']
        assert listed(MaxResults=2, NextToken=page['NextToken']) == [ids[0]]


def test_too_large_results_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('emulator.redshift.warehouse.RESULT_LIMIT_BYTES', 1000)
    with serving() as client:
        described = run(client, 'SELECT * FROM shop.orders')
        assert described['Error'] == 'Database response exceeded size limit'


def test_schemas_are_listed_by_pattern(client: Any) -> None:
    assert client.list_schemas(**TARGET, SchemaPattern='sh%')['Schemas'] == ['shop']
    assert client.list_schemas(**TARGET)['Schemas'] == [
        'information_schema',
        'pg_catalog',
        'public',
        'shop',
        'staff',
    ]
    assert client.list_databases(**TARGET)['Databases'] == ['dev']


def test_tables_are_listed_in_pages(client: Any) -> None:
    pages = list(
        client.get_paginator('list_tables').paginate(
            **TARGET, SchemaPattern='shop', PaginationConfig={'PageSize': 3}
        )
    )
    assert [len(page['Tables']) for page in pages] == [3, 1]
    tables = [table for page in pages for table in page['Tables']]
    assert tables[0] == {'schema': 'shop', 'name': 'customers', 'type': 'TABLE'}
    assert [table['name'] for table in tables[1:]] == ['order_lines', 'orders', 'products']


def test_system_tables_are_listed_as_such(client: Any) -> None:
    tables = client.list_tables(**TARGET, TablePattern='svv_tables')['Tables']
    assert tables == [{'schema': 'pg_catalog', 'name': 'svv_tables', 'type': 'SYSTEM VIEW'}]


def test_table_is_described_with_what_was_declared(client: Any) -> None:
    answer = client.describe_table(**TARGET, Schema='shop', Table='customers')
    assert answer['TableName'] == 'customers'
    columns = {
        c['name']: (c['typeName'], c['precision'], c['scale'], c['nullable'])
        for c in answer['ColumnList']
    }
    assert columns == {
        'customer_id': ('int4', 10, 0, 0),
        'name': ('varchar', 100, 0, 0),
        'email': ('varchar', 256, 0, 0),
        'phone': ('varchar', 30, 0, 1),
        'city': ('varchar', 60, 0, 1),
        'country': ('bpchar', 2, 0, 0),
        'newsletter': ('bool', 1, 0, 1),
        'credit_limit': ('numeric', 10, 2, 1),
        'birth_date': ('date', 13, 0, 1),
        'note': ('varchar', 500, 0, 1),
        'created_at': ('timestamp', 29, 6, 0),
    }
    assert client.describe_table(**TARGET, Table='nosuch')['ColumnList'] == []


def test_other_databases_are_not_there(client: Any) -> None:
    code, message = refused(client.list_tables, **TARGET | {'Database': 'other'})
    assert (code, message) == ('ValidationException', 'FATAL: database "other" does not exist')


def test_what_is_not_json_is_refused(client: Any) -> None:
    def garble(request: Any, **_: Any) -> None:
        request.data = b'{'

    client.meta.events.register('before-sign.redshift-data.ListStatements', garble)
    try:
        assert refused(client.list_statements)[0] == 'SerializationException'
    finally:
        client.meta.events.unregister('before-sign.redshift-data.ListStatements', garble)


def test_close_stops_what_runs() -> None:
    with serving() as client:
        client.execute_statement(Sql='SELECT pg_sleep(600)', **TARGET)
        client.execute_statement(Sql=SLOW, **TARGET)
    before = {thread.name for thread in threading.enumerate()}
    assert not [name for name in before if '_run' in name]
