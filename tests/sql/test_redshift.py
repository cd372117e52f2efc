"""Statements are started as the settings say, waited for with patience, and fail in clear words."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from chalicelib.deadline import Deadline
from chalicelib.settings import MissingSetting
from chalicelib.sql import redshift, session_context, settings
from chalicelib.sql.errors import QueryFailed
from chalicelib.sql.redshift import Redshift
from tests.sql.warehouse import CONNECTION, JANE, Clock, running

SETTINGS = (
    'REDSHIFT_WORKGROUP_NAME',
    'REDSHIFT_CLUSTER_IDENTIFIER',
    'REDSHIFT_DATABASE',
    'REDSHIFT_SECRET_ARN',
    'REDSHIFT_DB_USER',
)


@pytest.fixture(scope='module')
def database() -> Iterator[Redshift]:
    """Return a warehouse with the sample shop."""
    with running() as warehouse:
        yield warehouse


@pytest.mark.parametrize(
    ('values', 'connection'),
    [
        (('shop', '', 'dev', '', ''), {'WorkgroupName': 'shop', 'Database': 'dev'}),
        (
            ('shop', '', ' dev ', 'arn:secret', ''),
            {'WorkgroupName': 'shop', 'Database': 'dev', 'SecretArn': 'arn:secret'},
        ),
        (
            ('', 'shop-1', 'dev', '', 'reader'),
            {'ClusterIdentifier': 'shop-1', 'Database': 'dev', 'DbUser': 'reader'},
        ),
        (('shop', 'shop-1', 'dev', '', ''), {'ClusterIdentifier': 'shop-1', 'Database': 'dev'}),
    ],
)
def test_statement_is_started_where_the_settings_say(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...], connection: dict[str, str]
) -> None:
    for name, value in zip(SETTINGS, values, strict=True):
        monkeypatch.setenv(name, value)
    data_api = boto3.client('redshift-data')
    expected = {
        'Sqls': [session_context.first_statement(JANE), 'SELECT 1'],
        'StatementName': f'{JANE.sub}/no-call',
        'ResultFormat': 'CSV',
        **connection,
    }

    with Stubber(data_api) as stub:
        stub.add_response('batch_execute_statement', {'Id': 'the-id'}, expected)
        database = Redshift(data_api, settings.redshift_connection(), None, '')
        assert redshift.start(database, JANE, 'SELECT 1') == 'the-id'


@pytest.mark.parametrize(
    ('values', 'missing'),
    [
        (('', '', 'dev', '', ''), 'REDSHIFT_WORKGROUP_NAME'),
        (('shop', '', ' ', '', ''), 'REDSHIFT_DATABASE'),
    ],
)
def test_missing_setting_is_named(
    monkeypatch: pytest.MonkeyPatch, values: tuple[str, ...], missing: str
) -> None:
    for name, value in zip(SETTINGS, values, strict=True):
        monkeypatch.setenv(name, value)

    with pytest.raises(MissingSetting, match=f'^{missing} is not set'):
        settings.redshift_connection()


def test_missing_bucket_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('RESULTS_BUCKET_NAME', raising=False)

    with pytest.raises(MissingSetting, match=r'^RESULTS_BUCKET_NAME is not set'):
        settings.results_bucket_name()


def test_start_that_gets_no_answer_is_repeated_and_is_one_statement(database: Redshift) -> None:
    lost = iter([True])
    retrying = boto3.client(
        'redshift-data',
        endpoint_url=database.data_api.meta.endpoint_url,
        config=Config(retries={'mode': 'standard', 'total_max_attempts': 2}),
    )

    def lose_the_answer(request: Any, **_: object) -> None:
        if next(lost, False):
            URLLib3Session().send(request)
            raise ReadTimeoutError(endpoint_url=request.url)

    retrying.meta.events.register('before-send', lose_the_answer)
    statement_id = redshift.start(database._replace(data_api=retrying), JANE, 'SELECT 20261122')

    started = database.data_api.list_statements(Status='ALL')['Statements']
    assert [s['Id'] for s in started if 'SELECT 20261122' in s['QueryStrings']] == [statement_id]


def test_pauses_grow_and_end_with_the_deadline(database: Redshift) -> None:
    clock = Clock()
    statement_id = redshift.start(database, JANE, 'SELECT pg_sleep(600)')

    described = redshift.wait(database, statement_id, Deadline(5, clock))

    database.data_api.cancel_statement(Id=statement_id)
    assert described['Status'] in {'SUBMITTED', 'PICKED', 'STARTED'}
    assert clock.seconds == pytest.approx(5)
    assert [round(pause, 3) for pause in clock.pauses] == [
        *(0.1, 0.15, 0.225, 0.338, 0.506, 0.759, 1, 1, 0.922)
    ]


def test_finished_statement_is_not_waited_for(database: Redshift) -> None:
    clock = Clock()
    statement_id = redshift.start(database, JANE, 'SELECT 1')
    database.data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)

    assert redshift.wait(database, statement_id, Deadline(5, clock))['Status'] == 'FINISHED'
    assert clock.pauses == []


def test_parameters_are_values_and_never_sql(database: Redshift) -> None:
    hostile = "x'; DROP TABLE shop.orders; --"
    statement_id = redshift.start(database, JANE, 'SELECT :value AS v', value=hostile)
    redshift.wait(database, statement_id, Deadline())

    page = redshift.page(database.data_api, redshift.query_of(statement_id))

    assert page['Records'] == [{'CSVRecords': f'v\r\n{hostile}\r\n'}]


def test_failed_statement_is_told_in_redshifts_words() -> None:
    with pytest.raises(QueryFailed, match=r'^Redshift says: division by zero'):
        _wait_for(Status='FAILED', Error='Query #2 failed with ERROR: division by zero')


def test_failed_statement_that_says_nothing_is_told() -> None:
    with pytest.raises(QueryFailed, match=r'^Redshift says: it failed'):
        _wait_for(Status='FAILED')


def test_aborted_statement_is_reported() -> None:
    with pytest.raises(QueryFailed, match='The statement was stopped'):
        _wait_for(Status='ABORTED')


def _wait_for(**described: str) -> None:
    """Wait for a statement that the Data API describes so."""
    data_api = boto3.client('redshift-data')
    with Stubber(data_api) as stub:
        statement_id = '00000000-0000-0000-0000-000000000000'
        stub.add_response('describe_statement', {'Id': statement_id, **described})
        redshift.wait(Redshift(data_api, CONNECTION, None, ''), statement_id, Deadline())
