"""A person has so many statements running at once and no more, whoever starts them together."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import msgspec
import pytest
from botocore.exceptions import ClientError

from chalicelib.deadline import Deadline
from chalicelib.errors import ServiceBusy
from chalicelib.identity import Caller
from chalicelib.sql import slots, statements
from chalicelib.sql.errors import QueryFailed, StatementRefused, TooManyStatements
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.slots import Occupant, Slot
from chalicelib.sql.statements import (
    CancelSqlStatementRequest,
    ExecuteSqlStatementRequest,
    Statement,
)
from tests.sql.warehouse import BUCKET, JANE, OMAR, failing, forget_slots, running

SLOW = 'SELECT pg_sleep(600)'


@pytest.fixture(scope='module')
def database() -> Iterator[Redshift]:
    with running() as warehouse:
        yield warehouse


@pytest.fixture(autouse=True)
def _cancelled(database: Redshift) -> Iterator[None]:
    """Leave nothing running, and no slot."""
    yield
    for each in database.data_api.list_statements(Status='ALL')['Statements']:
        # It may have ended meanwhile.
        with suppress(ClientError):
            database.data_api.cancel_statement(Id=each['Id'])
    forget_slots(database)


def start(database: Redshift, sql: str = SLOW, caller: Caller = JANE) -> Statement:
    """Start a statement, and don't wait for it."""
    request = ExecuteSqlStatementRequest(sql_statement=sql)
    return statements.execute_sql_statement(database, request, caller, Deadline(0))


def refusal(database: Redshift) -> str:
    """Return why no more is started."""
    with pytest.raises(TooManyStatements) as refused:
        start(database)
    return str(refused.value)


def test_one_more_than_allowed_is_refused_with_what_is_running(database: Redshift) -> None:
    ids = [start(database).statement_id for _ in range(3)]

    assert refusal(database) == (
        'The person has 3 statements running already, and no more may run at once: '
        f'{", ".join(ids)}. Wait for one with getSqlStatement or end one with '
        'cancelSqlStatement, then try again.'
    )
    assert start(database, caller=OMAR).status == 'running'


def test_as_many_run_as_the_setting_says(
    database: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('SQL_STATEMENTS_PER_PERSON', '1')
    only = start(database).statement_id

    assert f'1 statement running already, and no more may run at once: {only}.' in refusal(database)


def test_statement_that_has_ended_makes_room(database: Redshift) -> None:
    first = start(database).statement_id
    for _ in range(2):
        start(database)
    statements.cancel_sql_statement(database, CancelSqlStatementRequest(statement_id=first), JANE)

    assert start(database).status == 'running'
    assert first not in refusal(database)


@pytest.mark.parametrize('sql', ['SELECT 1', 'SELECT 1 / 0'])
def test_short_statements_are_never_too_many(database: Redshift, sql: str) -> None:
    for _ in range(5):
        with suppress(QueryFailed):
            start(database, sql)
        for each in database.data_api.list_statements(Status='ALL')['Statements']:
            database.data_api.describe_statement(Id=each['Id'], WaitTimeSeconds=30)


def test_forgotten_statement_makes_room(database: Redshift) -> None:
    for number in (1, 2, 3):
        slot = Slot(database, JANE, number)
        assert slot.write(Occupant('', 0.0, f'3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c1{number}'))

    assert start(database).status == 'running'


def test_call_that_died_before_its_statement_is_forgotten_in_time(
    database: Redshift, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        slots.take(database, JANE, 3)
    assert 'at once: 3 that only just started. Wait' in refusal(database)

    now = time.time()
    monkeypatch.setattr(time, 'time', lambda: now + 31)
    assert start(database).status == 'running'


@pytest.mark.parametrize('limit', [1, 3])
@pytest.mark.parametrize('before', ['nothing', 'ended'])
def test_calls_at_the_same_moment_get_as_many_slots_as_there_are(
    database: Redshift, limit: int, before: str
) -> None:
    for number in range(1, limit + 1):
        if before == 'ended':
            assert Slot(database, JANE, number).write(Occupant('', 0.0))
    together = Barrier(8)

    def take(_: int) -> bool:
        together.wait()
        try:
            slots.take(database, JANE, limit)
        except TooManyStatements:
            return False
        return True

    with ThreadPoolExecutor(8) as calls:
        assert sum(calls.map(take, range(8))) == limit


def test_write_whose_answer_got_lost_takes_one_slot(database: Redshift) -> None:
    def lose_the_answer(**_: Any) -> None:
        events.unregister('after-call.s3.PutObject', lose_the_answer)
        raise ConnectionError

    events = database.s3.meta.events
    events.register('after-call.s3.PutObject', lose_the_answer)
    original = Slot.write

    def written_again(slot: Slot, occupant: Occupant) -> bool:
        try:
            return original(slot, occupant)
        except ConnectionError:
            return original(slot, occupant)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Slot, 'write', written_again)
        slots.take(database, JANE, 3)

    kept = database.s3.list_objects_v2(Bucket=BUCKET, Prefix=f'sql/{JANE.sub}/slot-')
    assert kept['KeyCount'] == 1


def test_statement_that_does_not_start_leaves_its_slot_free(database: Redshift) -> None:
    for _ in range(4):
        throttled = failing(database, 'BatchExecuteStatement', 'ThrottlingException')
        with throttled, pytest.raises(ServiceBusy):
            start(database)

    assert start(database).status == 'running'


def test_statement_that_is_refused_takes_no_slot(database: Redshift) -> None:
    for _ in range(4):
        with pytest.raises(StatementRefused):
            start(database, 'DROP TABLE shop.orders')

    kept = database.s3.list_objects_v2(Bucket=BUCKET, Prefix=f'sql/{JANE.sub}/slot-')
    assert kept['KeyCount'] == 0


def test_slot_holds_no_sql(database: Redshift) -> None:
    started = start(database, "SELECT pg_sleep(600), 'a secret'")

    body = database.s3.get_object(Bucket=BUCKET, Key=f'sql/{JANE.sub}/slot-1')['Body'].read()
    assert msgspec.json.decode(body).keys() == {'by', 'since', 'statement_id'}
    assert started.statement_id in body.decode()
