"""A person ends statements of their own, and is told when there is nothing to end."""

from collections.abc import Iterator

import pytest
from botocore.stub import Stubber

from chalicelib import errors
from chalicelib.deadline import Deadline
from chalicelib.identity import Caller
from chalicelib.sql import redshift, statements
from chalicelib.sql.errors import (
    QueryFailed,
    StatementEnded,
    StatementNotFound,
    StatementNotStarted,
)
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.statements import (
    CancelSqlStatementRequest,
    ExecuteSqlStatementRequest,
    GetSqlStatementRequest,
    Statement,
)
from tests.sql.warehouse import JANE, OMAR, failing, forget_slots, running


@pytest.fixture(scope='module')
def database() -> Iterator[Redshift]:
    with running() as warehouse:
        yield warehouse


@pytest.fixture(autouse=True)
def _nothing_running(database: Redshift) -> None:
    forget_slots(database)


def start(database: Redshift, sql: str, caller: Caller = JANE, seconds: float = 0) -> str:
    """Start a statement; return its id."""
    request = ExecuteSqlStatementRequest(sql_statement=sql)
    started = statements.execute_sql_statement(database, request, caller, Deadline(seconds))
    return started.statement_id


def cancel(database: Redshift, statement_id: str, caller: Caller = JANE) -> Statement:
    """Cancel a statement."""
    request = CancelSqlStatementRequest(statement_id=statement_id)
    return statements.cancel_sql_statement(database, request, caller)


def test_running_statement_is_stopped(database: Redshift) -> None:
    statement_id = start(database, 'SELECT pg_sleep(600)')

    assert cancel(database, statement_id) == Statement(
        statement_id=statement_id,
        status='cancelled',
        message='Redshift has stopped the statement. It has no result.',
    )
    assert redshift.describe(database, statement_id)['Status'] == 'ABORTED'
    request = GetSqlStatementRequest(statement_id=statement_id)
    with pytest.raises(QueryFailed, match='The statement was stopped: somebody cancelled it'):
        statements.get_sql_statement(database, request, JANE, Deadline())


def test_statement_of_another_is_not_found_and_runs_on(database: Redshift) -> None:
    statement_id = start(database, 'SELECT pg_sleep(600)', OMAR)

    for unknown in (statement_id, '3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c11', f'{statement_id}:2', ''):
        with pytest.raises(StatementNotFound):
            cancel(database, unknown)
    assert redshift.describe(database, statement_id)['Status'] not in ('ABORTED', 'FINISHED')
    cancel(database, statement_id, OMAR)


def test_statement_with_its_result_has_ended(database: Redshift) -> None:
    statement_id = start(database, 'SELECT 1', seconds=14)

    with pytest.raises(StatementEnded, match='Get its result with getSqlStatement'):
        cancel(database, statement_id)


@pytest.mark.parametrize(
    ('sql', 'remedy'),
    [
        ('SELECT 1', 'Get its result with getSqlStatement.'),
        ('SELECT 1 / 0', 'It has no result: there is nothing left to do.'),
    ],
)
def test_statement_that_ended_meanwhile_is_told(database: Redshift, sql: str, remedy: str) -> None:
    with failing(database, 'DescribeStatement', 'ThrottlingException'):
        statement_id = start(database, sql)
    database.data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)

    with pytest.raises(StatementEnded) as told:
        cancel(database, statement_id)
    assert str(told.value) == (
        f'The statement has ended already, so it was not cancelled. {remedy}'
    )


@pytest.mark.parametrize(
    ('status', 'error'),
    [
        ('SUBMITTED', StatementNotStarted),
        ('PICKED', StatementNotStarted),
        ('STARTED', errors.ServiceBusy),
        ('ABORTED', StatementEnded),
    ],
)
@pytest.mark.parametrize('refused', [True, False])
def test_what_is_not_cancelled_is_told_by_its_state(
    database: Redshift, status: str, error: type[Exception], *, refused: bool
) -> None:
    with Stubber(database.data_api) as stub:
        if refused:
            stub.add_client_error('cancel_statement', 'ValidationException')
        else:
            stub.add_response('cancel_statement', {'Status': False})
        stub.add_response('describe_statement', {'Id': 'the-id', 'Status': status})
        with pytest.raises(error):
            redshift.cancel(database, 'the-id')
