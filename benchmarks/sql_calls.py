"""How each contender is asked for the result of a statement, and what it has to answer."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, Protocol

from benchmarks.measure import WrongAnswer
from benchmarks.memory import PeakMemory
from benchmarks.services import BUCKET, Services
from ops.packaging.lambda_runtime import EVENT, Function, gateway_event

TOO_LARGE = 'Function.ResponseSizeTooLarge'

Answer = Mapping[str, Any]


class Statement(NamedTuple):
    """A statement that has finished, with so many rows; no contender has moved them yet."""

    services: Services
    sql: str
    rows: int
    id: str

    @property
    def query_id(self) -> str:
        """The id of the query within its batch, which the result is of."""
        return f'{self.id}:2'


class Moved(NamedTuple):
    """What it took to move a result, and what arrived in S3."""

    seconds: float
    peak_mb: float
    size_bytes: int
    files: int


class Contender(Protocol):
    """A way to get the result of a statement to the caller."""

    def first_call(self, function: Function, statement: Statement) -> Moved:
        """Ask as a caller does who has nothing but the SQL."""
        ...

    def move(self, function: Function, statement: Statement) -> Moved:
        """Move a result that is there."""
        ...


class ThisApp:
    """executeSqlStatement, or getSqlStatement until the statement has finished."""

    def first_call(self, function: Function, statement: Statement) -> Moved:
        """Execute the statement."""
        body = json.dumps({'sql_statement': statement.sql})
        event = gateway_event('POST', '/sql_statement', body=body)
        answer, seconds, peak_mb = _timed(function, lambda: _of_json(function.invoke(event)))
        return self._checked(statement, answer, answer['statement_id'], seconds, peak_mb)

    def move(self, function: Function, statement: Statement) -> Moved:
        """Follow the statement as if it had been running when its first call ended."""
        key = f'{_folder(statement.id)}progress.json'
        statement.services.s3.put_object(Bucket=BUCKET, Key=key, Body=b'{}')
        parameters = {'statement_id': statement.id}
        path = '/sql_statement/{statement_id}'
        event = gateway_event('GET', path, pathParameters=parameters, body=None)

        def follow() -> Answer:
            while (answer := _of_json(function.invoke(event)))['status'] == 'running':
                pass
            return answer

        answer, seconds, peak_mb = _timed(function, follow)
        return self._checked(statement, answer, statement.id, seconds, peak_mb)

    def _checked(
        self, statement: Statement, answer: Answer, moved_id: str, seconds: float, peak_mb: float
    ) -> Moved:
        sizes = statement.services.sizes(_folder(moved_id))
        keys = [f'{_folder(moved_id)}{n + 1}.csv' for n in range(len(answer['openaiFileResponse']))]
        rows = sum(statement.services.read(key).count(b'\n') - 1 for key in keys)
        if answer['row_count'] != statement.rows or answer['truncated'] != (rows < statement.rows):
            raise WrongAnswer(f'{answer["message"]} There are {rows} rows.')
        return Moved(seconds, peak_mb, sum(sizes[key] for key in keys), len(keys))


class ByteCopy:
    """The pages of a result as they come."""

    def first_call(self, function: Function, statement: Statement) -> Moved:
        """Copy: it has no other call."""
        return self.move(function, statement)

    def move(self, function: Function, statement: Statement) -> Moved:
        """Copy the result."""
        event = {'statement_id': statement.query_id, 'prefix': f'copy/{statement.id}/'}
        answer, seconds, peak_mb = _timed(function, lambda: function.invoke(event))
        sizes = statement.services.sizes(event['prefix'])
        if answer != {'files': len(sizes)}:
            raise WrongAnswer(str(answer))
        return Moved(seconds, peak_mb, sum(sizes.values()), len(sizes))


class Cookbook:
    """One call with one answer that has it all, if Lambda lets it through."""

    def first_call(self, function: Function, statement: Statement) -> Moved:
        """Execute the statement."""
        return self.move(function, statement)

    def move(self, function: Function, statement: Statement) -> Moved:
        """Execute the statement: there is no result without that. Nothing goes to S3."""
        answer, seconds, peak_mb = _timed(function, lambda: self.answer(function, statement.sql))
        if 'statusCode' not in answer and answer.get('errorType') != TOO_LARGE:
            raise WrongAnswer(str(answer))
        return Moved(seconds, peak_mb, 0, 0)

    def answer(self, function: Function, sql: str) -> Answer:
        """Return what the function answers, or Lambda's error in its place."""
        body = json.dumps({'sql_statement': sql})
        return function.invoke(gateway_event('POST', '/sql_statement', body=body))


def _timed(function: Function, call: Callable[[], Answer]) -> tuple[Answer, float, float]:
    with PeakMemory(function.emulator_pid) as peak:
        started = time.perf_counter()
        answer = call()
        seconds = time.perf_counter() - started
    return answer, seconds, peak.megabytes


def _of_json(answer: Answer) -> Answer:
    if answer.get('statusCode') != 200:
        raise WrongAnswer(str(answer))
    body: dict[str, Any] = json.loads(answer['body'])
    return body


def _folder(statement_id: str) -> str:
    return f'sql/{EVENT["requestContext"]["authorizer"]["claims"]["sub"]}/{statement_id}/'
