"""What may be read is listed whole, in pages that fit."""

from collections.abc import Iterator

import pytest
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from chalicelib import errors, paging
from chalicelib.deadline import Deadline
from chalicelib.sql import tables
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.tables import ListTablesRequest, Tables
from tests.sql.warehouse import JANE, Clock, failing, running


@pytest.fixture(scope='module')
def database() -> Iterator[Redshift]:
    """Return a warehouse with the sample shop, and a schema of many tables with many columns."""
    with running() as warehouse:
        statements = ['CREATE SCHEMA "Überall"']
        for table in range(6):
            columns = ', '.join(f'c{number:03}_{"x" * 40} INTEGER' for number in range(400))
            statements.append(f'CREATE TABLE "Überall"."table {table}" ({columns})')
        started = warehouse.data_api.batch_execute_statement(
            Sqls=statements, WaitTimeSeconds=30, **warehouse.connection
        )
        assert started['Status'] == 'FINISHED'
        yield warehouse


def list_tables(database: Redshift, schema: str = '', cursor: str = '') -> Tables:
    """List tables; the answer fits ChatGPT."""
    request = ListTablesRequest(schema=schema, cursor=cursor)
    answer = tables.list_tables(database, request, JANE, Deadline())
    assert paging.size_of(answer) < paging.MAX_ANSWER_CHARACTERS
    return answer


def columns_of(database: Redshift, schema: str) -> Iterator[tuple[str, str, str]]:
    """Yield each column of a schema's tables, following the cursors."""
    answer = list_tables(database, schema)
    while True:
        for table in answer.tables:
            yield from ((table.schema, table.name, column.name) for column in table.columns)
        if answer.cursor is None:
            return
        answer = list_tables(database, schema, answer.cursor)


def test_tables_of_a_schema_are_listed(database: Redshift) -> None:
    answer = list_tables(database, 'shop')

    assert answer.cursor is None
    assert [table.name for table in answer.tables] == [
        *('customers', 'order_lines', 'orders', 'products')
    ]
    assert {table.schema for table in answer.tables} == {'shop'}
    assert [(column.name, column.type) for column in answer.tables[1].columns] == [
        ('order_id', 'bigint'),
        ('line_number', 'smallint'),
        ('product_id', 'integer'),
        ('quantity', 'integer'),
        ('unit_price', 'numeric'),
        ('discount_percent', 'numeric'),
        ('note', 'character varying'),
    ]


@pytest.mark.parametrize('schema', ['', 'Überall'])
def test_pages_put_together_are_everything(database: Redshift, schema: str) -> None:
    schemas = (
        f"table_schema = '{schema}'" if schema else "table_schema IN ('shop', 'staff', 'Überall')"
    )
    started = database.data_api.execute_statement(
        Sql=f'SELECT table_schema, table_name, column_name FROM svv_columns WHERE {schemas} '
        'ORDER BY table_schema, table_name, ordinal_position',
        WaitTimeSeconds=30,
        **database.connection,
    )
    pages = database.data_api.get_paginator('get_statement_result').paginate(Id=started['Id'])
    everything = [
        tuple(field['stringValue'] for field in row) for page in pages for row in page['Records']
    ]

    assert len(everything) > 2_000
    assert list(columns_of(database, schema)) == everything


@pytest.mark.parametrize('schema', ['nowhere', "x' OR '1' = '1", ':schema', '"', '%', 'SHOP'])
def test_schema_that_does_not_exist_has_no_tables(database: Redshift, schema: str) -> None:
    assert list_tables(database, schema) == Tables(tables=[], cursor=None)


def test_cursor_of_another_question_is_refused(database: Redshift) -> None:
    cursor = list_tables(database, 'Überall').cursor

    assert cursor
    for schema, wrong in (('', cursor), ('shop', cursor), ('Überall', cursor[:-1]), ('', 'x')):
        with pytest.raises(errors.InvalidCursor):
            list_tables(database, schema, wrong)


def test_list_that_takes_too_long_is_an_error(
    database: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, '_QUERY', 'SELECT {conditions} FROM (SELECT pg_sleep(600)) s')
    with pytest.raises(errors.ServiceUnavailable):
        tables.list_tables(database, ListTablesRequest(), JANE, Deadline(5, Clock()))

    for unfinished in database.data_api.list_statements(Status='STARTED')['Statements']:
        database.data_api.cancel_statement(Id=unfinished['Id'])


@pytest.mark.parametrize(
    ('fault', 'error'),
    [
        ('ThrottlingException', errors.ServiceBusy),
        ('AccessDeniedException', errors.NotPermitted),
        ('InternalServerException', errors.ServiceUnavailable),
        (ReadTimeoutError(endpoint_url='http://aws'), errors.ServiceUnavailable),
        (EndpointConnectionError(endpoint_url='http://aws'), errors.ServiceUnavailable),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    'operation', ['BatchExecuteStatement', 'DescribeStatement', 'GetStatementResultV2']
)
def test_fault_is_reported(
    database: Redshift, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    with failing(database, operation, fault), pytest.raises(error) as refusal:
        list_tables(database)

    assert 'internals' not in str(refusal.value)
