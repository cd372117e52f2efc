"""The Data API's operations on statements: submit, follow, fetch, cancel and list them."""

import threading

import msgspec

from emulator.expiring import Clock
from emulator.redshift.aws_json import ServiceError
from emulator.redshift.inputs import (
    Json,
    check_sql,
    check_target,
    invalid,
    next_token,
    page,
    read_token,
    target,
)
from emulator.redshift.outputs import describe, describe_query, list_item, session_id
from emulator.redshift.results import Result
from emulator.redshift.statements import (
    ACTIVE,
    Query,
    Session,
    SessionBusy,
    Statement,
    Statements,
    TooManySessions,
    TooManyStatements,
)

CLIENT_TOKEN_SECONDS = 8 * 3600


class StatementOperations:
    """Submit statements, follow them and fetch their results."""

    def __init__(self, statements: Statements, clock: Clock) -> None:
        self._statements = statements
        self._clock = clock
        self._lock = threading.Lock()
        self._by_token: dict[str, tuple[float, Json, Statement]] = {}

    def execute_statement(self, request: Json) -> Json:
        """Submit a statement, or several as a batch."""
        session = self._session(request)
        if session is None:
            check_target(request)
        check_sql(request)
        with self._lock:
            statement = self._submitted_before(request) or self._submit(request, session)
        answer = {'Id': statement.id, 'CreatedAt': statement.created_at}
        answer |= target(statement.request) | session_id(statement)
        if 'WaitTimeSeconds' in request:
            statement.done.wait(request['WaitTimeSeconds'])
            answer['Status'] = statement.status
            answer['RedshiftPid'] = statement.pid
            answer['HasResultSet'] = any(query.result for query in statement.queries)
        return answer

    def describe_statement(self, request: Json) -> Json:
        """Describe a statement, or one of a batch."""
        statement, query = self._find(request)
        about = target(statement.request) | session_id(statement)
        about |= {
            'RedshiftPid': statement.pid,
            'ResultFormat': statement.request.get('ResultFormat', 'JSON'),
        }
        if 'Parameters' in statement.request:
            about['QueryParameters'] = statement.request['Parameters']
        if query:
            return about | describe_query(query)
        if not statement.is_batch:
            return about | describe_query(statement.queries[0]) | describe(statement)
        return (
            about
            | describe(statement)
            | {
                'ExecutionMode': statement.request.get('ExecutionMode', 'TRANSACTION'),
                'HasResultSet': any(query.result for query in statement.queries),
                'RedshiftQueryId': 0,
                'ResultRows': -1,
                'ResultSize': -1,
                'SubStatements': [describe_query(query) for query in statement.queries],
            }
        )

    def get_statement_result(self, request: Json) -> Json:
        """Return a page of a result as typed fields."""
        result, number = self._page_of_result(request, 'JSON')
        return _result_answer(result, request, number) | {
            'Records': msgspec.Raw(b'[' + result.chunk(number) + b']')
        }

    def get_statement_result_v2(self, request: Json) -> Json:
        """Return a page of a result as CSV."""
        result, number = self._page_of_result(request, 'CSV')
        return _result_answer(result, request, number) | {
            'Records': [{'CSVRecords': result.chunk(number).decode()}],
            'ResultFormat': 'CSV',
        }

    def cancel_statement(self, request: Json) -> Json:
        """Stop a statement."""
        statement, query = self._find(request)
        if query:
            invalid('Id must be the identifier of a whole batch.')
        if statement.status not in ACTIVE:
            invalid(
                f'Could not cancel a query that is already in {statement.status} state '
                f'with ID: {statement.id}'
            )
        statement.cancel()
        return {'Status': statement.status == 'ABORTED'}

    def list_statements(self, request: Json) -> Json:
        """List statements, the latest first; only the finished ones unless asked otherwise."""
        wanted = request.get('Status', 'FINISHED')
        statements = [
            statement
            for statement in self._statements.all()
            if wanted in ('ALL', statement.status)
            and statement.request.get('StatementName', '').startswith(
                request.get('StatementName', '')
            )
            and all(
                request[name] == statement.request.get(name)
                for name in ('Database', 'ClusterIdentifier', 'WorkgroupName')
                if name in request
            )
        ]
        found, more = page(statements, request, 100)
        return {'Statements': [list_item(statement) for statement in found]} | more

    def _session(self, request: Json) -> Session | None:
        if 'SessionId' not in request:
            return None
        session = self._statements.session(request['SessionId'])
        if session is None:
            raise _not_found('Session does not exist.', request['SessionId'])
        for name, value in session.target.items():
            if request.setdefault(name, value) != value:
                invalid(f'{name} is not that of the session.')
        return session

    def _submit(self, request: Json, session: Session | None) -> Statement:
        try:
            statement = self._statements.submit(request, session)
        except TooManyStatements as error:
            message = 'The number of active statements exceeds the limit.'
            raise ServiceError('ActiveStatementsExceededException', message) from error
        except TooManySessions as error:
            message = 'The number of active sessions exceeds the limit.'
            raise ServiceError('ActiveSessionsExceededException', message) from error
        except SessionBusy as error:
            message = 'The session is busy: it runs one statement at a time.'
            raise ServiceError('ValidationException', message) from error
        if 'ClientToken' in request:
            self._by_token[request['ClientToken']] = (self._clock(), request, statement)
        return statement

    def _submitted_before(self, request: Json) -> Statement | None:
        token = request.get('ClientToken')
        if token is None or token not in self._by_token:
            return None
        submitted_at, before, statement = self._by_token[token]
        if submitted_at + CLIENT_TOKEN_SECONDS <= self._clock():
            return None
        if before != request:
            invalid('ClientToken was used before with other parameters.')
        return statement

    def _find(self, request: Json) -> tuple[Statement, Query | None]:
        found = self._statements.find(request['Id'])
        if found is None:
            raise _not_found('Query does not exist.', request['Id'])
        if 'WaitTimeSeconds' in request:
            found[0].done.wait(request['WaitTimeSeconds'])
        return found

    def _page_of_result(self, request: Json, result_format: str) -> tuple[Result, int]:
        statement, query = self._find(request)
        if query is None and not statement.is_batch:
            query = statement.queries[0]
        result = query.result if query else None
        if result is None or statement.status in ACTIVE:
            raise _not_found(
                'Query does not have result. Please check query status with DescribeStatement.',
                request['Id'],
            )
        if result.format != result_format:
            invalid(f'The result of this statement is in {result.format} format.')
        number = read_token(request, request['Id'])
        if number >= result.chunk_count:
            invalid('Invalid pagination token.')
        return result, number


def _not_found(message: str, resource_id: str) -> ServiceError:
    return ServiceError('ResourceNotFoundException', message, ResourceId=resource_id)


def _result_answer(result: Result, request: Json, number: int) -> Json:
    answer: Json = {
        'ColumnMetadata': [column.metadata() for column in result.columns],
        'TotalNumRows': result.row_count,
    }
    more = number + 1 < result.chunk_count
    return answer | (next_token(request['Id'], number + 1) if more else {})
