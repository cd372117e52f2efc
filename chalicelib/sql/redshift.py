"""Redshift through its Data API: statements started and waited for, without a driver or a VPC."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from chalice.app import ChaliceViewError

from chalicelib import observability
from chalicelib.deadline import Deadline
from chalicelib.errors import ServiceBusy, ServiceUnavailable
from chalicelib.identity import Caller
from chalicelib.person import aws
from chalicelib.sql import failures, guard, session_context, settings
from chalicelib.sql.errors import (
    StatementEnded,
    StatementNotFound,
    StatementNotStarted,
    StatementRefused,
)

_FIRST_PAUSE_SECONDS, _LAST_PAUSE_SECONDS = 0.1, 1.0
# The caller's query among the statements of its transaction, which session_context.py begins.
_QUERY = 2


class _NotCancelled(ChaliceViewError):
    """The Data API refuses to cancel a statement; which state that is in says why."""


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


def start(redshift: Redshift, caller: Caller, sql: str, **parameters: str) -> str:
    """Start a query as the caller, with the values of its named parameters; return its id."""
    context = session_context.first_statement(caller)
    longest = guard.MAX_STATEMENT_BYTES - len(context)
    if len(sql.encode()) > longest:
        raise StatementRefused(f'A statement over {longest:,} bytes is not allowed')
    named = [{'name': name, 'value': value} for name, value in parameters.items()]
    known: dict[str, ChaliceViewError] = {
        'ActiveSessionsExceededException': ServiceBusy(),
        'BatchExecuteStatementException': ServiceUnavailable(),
        'ResourceNotFoundException': failures.NO_DATABASE,
        'ValidationException': failures.NO_DATABASE,
    }
    with aws.translated(known):
        started = redshift.data_api.batch_execute_statement(
            Sqls=[context, sql],
            StatementName=session_context.statement_name(caller),
            ResultFormat='CSV',
            **redshift.connection,
            **({'Parameters': named} if named else {}),
        )
    observability.note(statement_id=started['Id'])
    return str(started['Id'])


def describe(redshift: Redshift, statement_id: str) -> dict[str, Any]:
    """Return the Data API's description of a statement."""
    with aws.translated({'ResourceNotFoundException': StatementNotFound()}):
        described: dict[str, Any] = redshift.data_api.describe_statement(Id=statement_id)
    return described


def has_ended(described: Mapping[str, Any]) -> bool:
    """Tell whether a statement has ended, however it did."""
    return described['Status'] in ('FINISHED', 'FAILED', 'ABORTED')


def wait(redshift: Redshift, statement_id: str, deadline: Deadline) -> dict[str, Any]:
    """Wait for a statement to finish, and return the Data API's description of it.

    At the deadline it may still be running. Raises QueryFailed when it has failed.
    """
    pause = _FIRST_PAUSE_SECONDS
    while True:
        described = describe(redshift, statement_id)
        if described['Status'] == 'FAILED':
            raise failures.failure(described.get('Error', ''))
        if described['Status'] == 'ABORTED':
            raise failures.stopped()
        if described['Status'] == 'FINISHED' or deadline.is_over:
            return described
        deadline.pause(pause)
        pause = min(pause * 1.5, _LAST_PAUSE_SECONDS)


def cancel(redshift: Redshift, statement_id: str) -> None:
    """Cancel a statement; raises StatementEnded or StatementNotStarted when that can't be done."""
    try:
        with aws.translated(
            {
                'ResourceNotFoundException': StatementNotFound(),
                'ValidationException': _NotCancelled(),
            }
        ):
            if redshift.data_api.cancel_statement(Id=statement_id)['Status']:
                return
    except _NotCancelled:
        pass
    status = describe(redshift, statement_id)['Status']
    if status in ('FINISHED', 'FAILED', 'ABORTED'):
        raise StatementEnded(has_result=status == 'FINISHED')
    raise StatementNotStarted if status != 'STARTED' else ServiceBusy


def query_of(statement_id: str) -> str:
    """Return the id of the caller's query within its transaction: what the result is of."""
    return f'{statement_id}:{_QUERY}'


def page(data_api: Any, query_id: str, token: str | None = None) -> dict[str, Any]:
    """Return a page of a finished query's result, as GetStatementResultV2 has it."""
    following = {'NextToken': token} if token else {}
    with aws.translated({'ResourceNotFoundException': StatementNotFound()}):
        found: dict[str, Any] = data_api.get_statement_result_v2(Id=query_id, **following)
    return found
