"""Redshift through its Data API: statements started and waited for, without a driver or a VPC."""

import re
from typing import Any, NamedTuple

from chalice.app import ChaliceViewError

from chalicelib import aws
from chalicelib.deadline import Deadline
from chalicelib.errors import NotSetUp, ServiceBusy, ServiceUnavailable
from chalicelib.sql import settings
from chalicelib.sql.errors import QueryFailed, StatementNotFound

MAX_ERROR_CHARACTERS = 1_000

_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.1, 1.0
_NO_DATABASE = NotSetUp('The REDSHIFT_ settings do not lead to a database')
# What Redshift adds to its messages for those who run it.
_INTERNALS = re.compile(
    r'^ERROR:|-{5,}|\[ErrorId:[^\]]*\]|^\s*(code|query|location|process):.*$', re.MULTILINE
)


class Redshift(NamedTuple):
    """A database behind the Data API, and the bucket that results go to."""

    data_api: Any
    connection: dict[str, str]
    s3: Any
    bucket: str

    @classmethod
    def of_settings(cls) -> 'Redshift':
        """Return the one that the settings name."""
        return cls(
            aws.client('redshift-data'),
            settings.redshift_connection(),
            aws.client('s3'),
            settings.results_bucket_name(),
        )


def start(redshift: Redshift, sql: str, **parameters: str) -> str:
    """Start a statement, with the values of its named parameters; return its id."""
    named = [{'name': name, 'value': value} for name, value in parameters.items()]
    known: dict[str, ChaliceViewError] = {
        'ActiveSessionsExceededException': ServiceBusy(),
        'ExecuteStatementException': ServiceUnavailable(),
        'ResourceNotFoundException': _NO_DATABASE,
        'ValidationException': _NO_DATABASE,
    }
    with aws.translated(known):
        started = redshift.data_api.execute_statement(
            Sql=sql,
            ResultFormat='CSV',
            **redshift.connection,
            **({'Parameters': named} if named else {}),
        )
    return str(started['Id'])


def wait(redshift: Redshift, statement_id: str, deadline: Deadline) -> dict[str, Any]:
    """Wait for a statement to finish, and return the Data API's description of it.

    At the deadline it may still be running. Raises QueryFailed when it has failed.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        with aws.translated({'ResourceNotFoundException': StatementNotFound()}):
            described: dict[str, Any] = redshift.data_api.describe_statement(Id=statement_id)
        if described['Status'] == 'FAILED':
            raise _failure(described.get('Error', ''))
        if described['Status'] == 'ABORTED':
            raise QueryFailed(
                'The statement was stopped: somebody cancelled it, or it ran over a limit. '
                'It may have asked for too much'
            )
        if described['Status'] == 'FINISHED' or deadline.is_over:
            return described
        deadline.pause(pause)
        pause = min(pause * 1.5, _LAST_PAUSE_SECONDS)


def page(data_api: Any, statement_id: str, token: str | None = None) -> dict[str, Any]:
    """Return a page of a finished statement's result, as GetStatementResultV2 has it."""
    following = {'NextToken': token} if token else {}
    with aws.translated({'ResourceNotFoundException': StatementNotFound()}):
        found: dict[str, Any] = data_api.get_statement_result_v2(Id=statement_id, **following)
    return found


def _failure(error: str) -> ChaliceViewError:
    """Return the error for what Redshift says: its own words, which help, without internals."""
    if 'FATAL:' in error:
        return _NO_DATABASE
    words = ' '.join(_INTERNALS.sub('', error).split())
    return QueryFailed(f'Redshift says: {words[:MAX_ERROR_CHARACTERS].rstrip(".") or "it failed"}')
