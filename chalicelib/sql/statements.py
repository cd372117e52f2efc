"""The operations on SQL statements: a query, its result as files, or its early end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from chalice.app import ChaliceViewError
from msgspec import Meta, Struct, field

from chalicelib import files, observability, paging
from chalicelib.deadline import Deadline
from chalicelib.errors import ServiceBusy, ServiceUnavailable
from chalicelib.http_request import Request
from chalicelib.identity import Caller
from chalicelib.sql import guard, redshift, settings, slots
from chalicelib.sql.errors import StatementEnded, StatementNotFound
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.results import folder_of
from chalicelib.sql.transfer import Column, Progress, Transfer

MAX_COLUMNS_CHARACTERS = 30_000

_STATEMENT_ID = re.compile(r'[0-9a-z]{8}(-[0-9a-z]{4}){3}-[0-9a-z]{12}')


class ExecuteSqlStatementRequest(Request):
    """What to ask the database."""

    sql_statement: Annotated[
        str,
        Meta(
            description='One query in the SQL of Amazon Redshift, with the schema of each table. '
            'Not as in PostgreSQL: no FILTER, DISTINCT ON, ARRAY_AGG, STRING_AGG or JSONB, but '
            "LISTAGG(a, ', ') WITHIN GROUP (ORDER BY a) and SUPER; DATEADD(day, n, a), "
            'DATEDIFF(day, a, b); a frame with ORDER BY in aggregate windows; reserved words in '
            'quotes.'
        ),
    ]


class GetSqlStatementRequest(Request):
    """Which statement to look at."""

    statement_id: Annotated[
        str, Meta(description='The statement_id that executeSqlStatement gave.')
    ]


class CancelSqlStatementRequest(Request):
    """Which statement to end."""

    statement_id: Annotated[
        str, Meta(description='The statement_id that executeSqlStatement gave.')
    ]


class Statement(Struct):
    """An SQL statement as it stands now, with its result once it has finished."""

    statement_id: Annotated[str, Meta(description='Give it to getSqlStatement to go on.')]
    status: Annotated[
        str,
        Meta(
            description='finished, cancelled, or running: then call getSqlStatement until it is '
            'finished.',
            extra_json_schema={'enum': ['running', 'finished', 'cancelled']},
        ),
    ]
    message: Annotated[str, Meta(description='How far it is, and what to know of the result.')]
    row_count: Annotated[
        int | None, Meta(description='How many rows the whole result has, once that is known.')
    ] = None
    columns: Annotated[list[Column], Meta(description='The columns of the result, in order.')] = []
    preview: Annotated[
        list[list[str | None]],
        Meta(
            description='The first rows: each value as text, null for NULL. Text of over 1,000 '
            'characters is cut and ends in an ellipsis; the files hold all of it.'
        ),
    ] = []
    truncated: Annotated[
        bool, Meta(description='Whether the result is larger than the files may be together.')
    ] = False
    files: Annotated[
        list[str],
        Meta(
            description='The URLs of the result as CSV files, each with the column names as first '
            'row. They are good for five minutes; getSqlStatement gives new ones.'
        ),
    ] = field(default_factory=list, name='openaiFileResponse')


def execute_sql_statement(
    database: Redshift, request: ExecuteSqlStatementRequest, caller: Caller, deadline: Deadline
) -> Statement:
    """Execute a query that only reads, and deliver its result if that is there in time.

    Raises StatementRefused for anything else, TooManyStatements when as many are running as a
    person may have, and QueryFailed with what Redshift says.
    """
    sql = guard.check(request.sql_statement)
    slot = slots.take(database, caller, settings.statements_per_person())
    try:
        statement_id = redshift.start(database, caller, sql)
    except ChaliceViewError:
        slot.release()
        raise
    transfer = Transfer.begin(folder_of(database.s3, database.bucket, caller, statement_id))
    try:
        slot.occupy(statement_id)
        return _follow(database, statement_id, transfer, deadline)
    except (ServiceBusy, ServiceUnavailable) as error:
        # The caller learns the id, or the statement would run for nothing and then once more.
        return _running(statement_id, str(error), transfer.progress)


def get_sql_statement(
    database: Redshift, request: GetSqlStatementRequest, caller: Caller, deadline: Deadline
) -> Statement:
    """Go on with a statement of the caller's; raises StatementNotFound when it is none."""
    transfer = _begun(database, request.statement_id, caller)
    return _follow(database, request.statement_id, transfer, deadline)


def cancel_sql_statement(
    database: Redshift, request: CancelSqlStatementRequest, caller: Caller
) -> Statement:
    """Cancel a statement of the caller's; raises StatementNotFound when it is none.

    Raises StatementEnded or StatementNotStarted for one that does not run.
    """
    if _begun(database, request.statement_id, caller).progress.row_count is not None:
        raise StatementEnded(has_result=True)
    redshift.cancel(database, request.statement_id)
    return Statement(
        statement_id=request.statement_id,
        status='cancelled',
        message='Redshift has stopped the statement. It has no result.',
    )


def _begun(database: Redshift, statement_id: str, caller: Caller) -> Transfer:
    """Return the transfer of a statement of the caller's; raises StatementNotFound."""
    if not _STATEMENT_ID.fullmatch(statement_id):
        raise StatementNotFound
    transfer = Transfer.resume(folder_of(database.s3, database.bucket, caller, statement_id))
    observability.note(statement_id=statement_id)
    return transfer


def _follow(
    database: Redshift, statement_id: str, transfer: Transfer, deadline: Deadline
) -> Statement:
    progress = transfer.progress
    if progress.row_count is None:
        described = redshift.wait(database, statement_id, deadline)
        if described['Status'] != 'FINISHED':
            seconds = (datetime.now(UTC) - described['CreatedAt']).total_seconds()
            does = 'is working on' if described['Status'] == 'STARTED' else 'has queued'
            message = f'Redshift {does} the statement, for {seconds:.0f} seconds so far.'
            return _running(statement_id, message, progress)
    transfer.run(database.data_api, redshift.query_of(statement_id), deadline)
    if progress.finished:
        return _finished(database, statement_id, transfer)
    done, total = progress.rows_done, progress.row_count or 0
    message = f'{done:,} of {total:,} rows ({done / max(total, 1):.0%}) are in files.'
    return _running(statement_id, message, progress)


def _running(statement_id: str, message: str, progress: Progress) -> Statement:
    return Statement(
        statement_id=statement_id,
        status='running',
        message=f'{message} Call getSqlStatement with this statement_id to go on.',
        row_count=progress.row_count,
    )


def _finished(database: Redshift, statement_id: str, transfer: Transfer) -> Statement:
    progress = transfer.progress
    columns = paging.fit(progress.columns, MAX_COLUMNS_CHARACTERS)
    return Statement(
        statement_id=statement_id,
        status='finished',
        message=' '.join(_remarks(progress, len(columns))),
        row_count=progress.row_count,
        columns=columns,
        preview=progress.preview,
        truncated=progress.truncated,
        files=files.urls(database.s3, database.bucket, transfer.files),
    )


def _remarks(progress: Progress, columns: int) -> Iterator[str]:
    total = progress.row_count or 0
    parts = f'{len(progress.parts)} CSV {"file" if len(progress.parts) == 1 else "files"}'
    if progress.truncated:
        rows = sum(part.rows for part in progress.parts)
        yield (
            f'Only the first {rows:,} of {total:,} rows are in the {parts}: more is not delivered. '
            'Aggregate or filter to get it all.'
        )
    else:
        yield f'{total:,} {"row" if total == 1 else "rows"} in {parts}.'
    if len(progress.preview) < total:
        yield f'The preview has the first {len(progress.preview):,}.'
    if columns < len(progress.columns):
        yield f'Only the first {columns:,} of {len(progress.columns):,} columns are listed here.'
