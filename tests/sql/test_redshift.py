"""Statements are started as the settings say, waited for with patience, and fail in clear words."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.httpsession import URLLib3Session
from botocore.stub import Stubber

from chalicelib import errors
from chalicelib.deadline import Deadline
from chalicelib.settings import MissingSetting
from chalicelib.sql import redshift, settings
from chalicelib.sql.errors import QueryFailed
from chalicelib.sql.redshift import Redshift
from tests.sql.warehouse import CONNECTION, Clock, running

SETTINGS = (
    'REDSHIFT_WORKGROUP_NAME',
    'REDSHIFT_CLUSTER_IDENTIFIER',
    'REDSHIFT_DATABASE',
    'REDSHIFT_SECRET_ARN',
    'REDSHIFT_DB_USER',
)
INTERNAL_ERROR = """ERROR:
  -----------------------------------------------
  error:  Spectrum Scan Error
  code:      15007
  context:   Forbidden: HTTP error code: 403
  query:     104857
  location:  dory_util.cpp:1119
  process:   worker_thread [pid=22222]
  ----------------------------------------------- [ErrorId: 1-6543b1f4-aaaa]"""


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
    expected = {'Sql': 'SELECT 1', 'ResultFormat': 'CSV', **connection}

    with Stubber(data_api) as stub:
        stub.add_response('execute_statement', {'Id': 'the-id'}, expected)
        database = Redshift(data_api, settings.redshift_connection(), None, '')
        assert redshift.start(database, 'SELECT 1') == 'the-id'


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
    statement_id = redshift.start(database._replace(data_api=retrying), 'SELECT 20261122')

    started = database.data_api.list_statements(Status='ALL')['Statements']
    assert [s['Id'] for s in started if '20261122' in s['QueryString']] == [statement_id]


def test_pauses_grow_and_end_with_the_deadline(database: Redshift) -> None:
    clock = Clock()
    statement_id = redshift.start(database, 'SELECT pg_sleep(600)')

    described = redshift.wait(database, statement_id, Deadline(5, clock))

    database.data_api.cancel_statement(Id=statement_id)
    assert described['Status'] in {'SUBMITTED', 'PICKED', 'STARTED'}
    assert clock.seconds == pytest.approx(5)
    assert [round(pause, 3) for pause in clock.pauses] == [
        *(0.1, 0.15, 0.225, 0.338, 0.506, 0.759, 1, 1, 0.922)
    ]


def test_finished_statement_is_not_waited_for(database: Redshift) -> None:
    clock = Clock()
    statement_id = redshift.start(database, 'SELECT 1')
    database.data_api.describe_statement(Id=statement_id, WaitTimeSeconds=30)

    assert redshift.wait(database, statement_id, Deadline(5, clock))['Status'] == 'FINISHED'
    assert clock.pauses == []


def test_parameters_are_values_and_never_sql(database: Redshift) -> None:
    hostile = "x'; DROP TABLE shop.orders; --"
    statement_id = redshift.start(database, 'SELECT :value AS v', value=hostile)
    redshift.wait(database, statement_id, Deadline())

    page = redshift.page(database.data_api, statement_id)

    assert page['Records'] == [{'CSVRecords': f'v\r\n{hostile}\r\n'}]


@pytest.mark.parametrize(
    ('error', 'message'),
    [
        (
            'ERROR: relation "nowhere" does not exist [ErrorId: 1-6543b1f4-0a1b2c]',
            'Redshift says: relation "nowhere" does not exist. ',
        ),
        (
            'ERROR: permission denied for relation salaries',
            'Redshift says: permission denied for relation salaries. ',
        ),
        (
            'ERROR: column "a" does not exist in orders\n  Hint: try b.',
            'Redshift says: column "a" does not exist in orders Hint: try b. ',
        ),
        (
            INTERNAL_ERROR,
            'Redshift says: error: Spectrum Scan Error context: Forbidden: HTTP error code: 403. ',
        ),
        ('', 'Redshift says: it failed. '),
        ('ERROR: ' + 'x' * 5_000, f'Redshift says: {"x" * 1_000}. '),
    ],
)
def test_failure_has_redshifts_words_without_internals(error: str, message: str) -> None:
    with pytest.raises(QueryFailed) as failure:
        _wait_for(Status='FAILED', Error=error)

    assert str(failure.value) == (
        f'{message}Correct the statement and execute it again; '
        'listTables tells which tables and columns there are.'
    )


def test_failure_to_sign_in_names_nobody() -> None:
    with pytest.raises(errors.NotSetUp) as failure:
        _wait_for(Status='FAILED', Error='FATAL: password authentication failed for user "reader"')

    assert 'reader' not in str(failure.value)


def test_aborted_statement_is_told() -> None:
    with pytest.raises(QueryFailed, match='The statement was stopped'):
        _wait_for(Status='ABORTED')


def _wait_for(**described: str) -> None:
    """Wait for a statement that the Data API describes so."""
    data_api = boto3.client('redshift-data')
    with Stubber(data_api) as stub:
        statement_id = '00000000-0000-0000-0000-000000000000'
        stub.add_response('describe_statement', {'Id': statement_id, **described})
        redshift.wait(Redshift(data_api, CONNECTION, None, ''), statement_id, Deadline())
