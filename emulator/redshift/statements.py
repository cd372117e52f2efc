"""The statements of the Data API: submitted, run in threads, kept with their results for a day."""

import itertools
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.expiring import Clock
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.results import Result, ResultTooLarge
from emulator.redshift.warehouse import Cancelled, Connection, Outcome, Warehouse

# https://docs.aws.amazon.com/redshift/latest/mgmt/data-api.html, considerations
RETENTION_SECONDS = 24 * 3600
MAX_ACTIVE_STATEMENTS = 500
MAX_SESSIONS = 500

TARGET = ('ClusterIdentifier', 'WorkgroupName', 'Database', 'DbUser', 'SecretArn')
ACTIVE = ('SUBMITTED', 'PICKED', 'STARTED')
_numbers = itertools.count(1)


class TooManyStatements(Exception):
    """As many statements are active as the Data API allows."""


class TooManySessions(Exception):
    """As many sessions are open as the Data API allows."""


class SessionBusy(Exception):
    """A session runs a statement already."""


@dataclass
class Query:
    """One SQL statement and what became of it; a batch has several."""

    id: str
    sql: str
    created_at: float
    updated_at: float
    status: str = 'SUBMITTED'
    error: str | None = None
    duration_ns: int = -1
    query_id: int = 0
    outcome: Outcome | None = None

    @property
    def result(self) -> Result | None:
        """The rows, if it has ended well and is a query."""
        return self.outcome.result if self.outcome else None


@dataclass
class Session:
    """A connection that outlives its statements; it runs one at a time."""

    id: str
    connection: Connection
    target: Mapping[str, Any]
    keep_alive_seconds: int
    expires_at: float = float('inf')
    busy: bool = False


@dataclass
class Statement:
    """What ExecuteStatement or BatchExecuteStatement submitted."""

    id: str
    request: Mapping[str, Any]
    queries: Sequence[Query]
    session: Session | None
    created_at: float
    updated_at: float
    status: str = 'SUBMITTED'
    error: str | None = None
    duration_ns: int = -1
    pid: int = 0
    connection: Connection | None = None
    cancelled: threading.Event = field(default_factory=threading.Event)
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def is_batch(self) -> bool:
        """Whether it was submitted as a batch, of one statement perhaps."""
        return 'Sqls' in self.request

    @property
    def in_one_transaction(self) -> bool:
        """Whether its statements are committed or rolled back together."""
        return self.is_batch and self.request.get('ExecutionMode') != 'AUTO_COMMIT'

    def cancel(self) -> None:
        """Cancel it, and wait until it has stopped."""
        self.cancelled.set()
        # More than once: what is about to start can't be interrupted yet.
        while not self.done.wait(0.01):
            if self.connection:
                self.connection.interrupt()


class Statements:
    """All statements of a warehouse; ``slots`` of them run at once and the others wait."""

    def __init__(self, warehouse: Warehouse, slots: int, clock: Clock) -> None:
        self._warehouse = warehouse
        self._slots = threading.Semaphore(slots)
        self._clock = clock
        self._lock = threading.Lock()
        self._statements: dict[str, Statement] = {}
        self._sessions: dict[str, Session] = {}

    def all(self) -> list[Statement]:
        """Return the statements that are still kept, the latest first."""
        with self._lock:
            self._forget()
            return list(reversed(self._statements.values()))

    def find(self, statement_id: str) -> tuple[Statement, Query | None] | None:
        """Find a statement by its id, or one of a batch by ``id:number``."""
        with self._lock:
            self._forget()
            whole, _, number = statement_id.partition(':')
            statement = self._statements.get(whole)
        if statement is None or not number:
            return (statement, None) if statement else None
        found = next((q for q in statement.queries if q.id == statement_id), None)
        return (statement, found) if found and statement.is_batch else None

    def session(self, session_id: str) -> Session | None:
        """Find an open session."""
        with self._lock:
            self._forget()
            return self._sessions.get(session_id)

    def submit(self, request: Mapping[str, Any], session: Session | None) -> Statement:
        """Submit a statement; raises TooManyStatements, TooManySessions or SessionBusy."""
        sqls = request.get('Sqls') or [request['Sql']]
        now, statement_id = self._clock(), str(uuid.uuid4())
        with self._lock:
            self._forget()
            active = sum(s.status in ACTIVE for s in self._statements.values())
            if active >= MAX_ACTIVE_STATEMENTS:
                raise TooManyStatements
            if session is None and request.get('SessionKeepAliveSeconds'):
                session = self._open_session(request)
            if session:
                if session.busy:
                    raise SessionBusy
                session.busy = True
            queries = [
                Query(f'{statement_id}:{number}', sql, now, now)
                for number, sql in enumerate(sqls, 1)
            ]
            statement = Statement(statement_id, request, queries, session, now, now)
            self._statements[statement_id] = statement
        threading.Thread(target=self._run, args=[statement], daemon=True).start()
        return statement

    def close(self) -> None:
        """Cancel whatever runs and close the sessions."""
        with self._lock:
            statements = list(self._statements.values())
        for statement in statements:
            statement.cancel()
        for session in self._sessions.values():
            session.connection.close()

    def _open_session(self, request: Mapping[str, Any]) -> Session:
        if len(self._sessions) >= MAX_SESSIONS:
            raise TooManySessions
        session = Session(
            id=str(uuid.uuid4()),
            connection=self._warehouse.connect(),
            target={name: request[name] for name in TARGET if name in request},
            keep_alive_seconds=request['SessionKeepAliveSeconds'],
        )
        self._sessions[session.id] = session
        return session

    def _forget(self) -> None:
        """Remove what is kept no longer: results after a day, sessions that nobody used."""
        now = self._clock()
        for statement in list(self._statements.values()):
            if statement.done.is_set() and statement.updated_at + RETENTION_SECONDS <= now:
                del self._statements[statement.id]
                for query in statement.queries:
                    if query.result:
                        query.result.remove()
        for session in list(self._sessions.values()):
            if not session.busy and session.expires_at <= now:
                del self._sessions[session.id]
                session.connection.close()

    def _run(self, statement: Statement) -> None:
        with self._slots:
            self._mark(statement, 'PICKED')
            session = statement.session
            connection = session.connection if session else self._warehouse.connect()
            statement.pid, statement.connection = 1_073_741_824 + next(_numbers), connection
            self._mark(statement, 'STARTED')
            started = time.monotonic_ns()
            try:
                self._run_queries(statement, connection)
            finally:
                statement.duration_ns = time.monotonic_ns() - started
                statement.connection = None
                self._release(session, connection)
                self._mark(statement, _end_status(statement))
                statement.done.set()

    def _run_queries(self, statement: Statement, connection: Connection) -> None:
        together = statement.in_one_transaction
        if together:
            connection.begin()
        for query in statement.queries:
            if statement.cancelled.is_set() or (together and statement.error):
                self._mark(query, 'ABORTED')
                continue
            self._run_query(statement, query, connection)
            if query.error and not statement.error:
                number = query.id.partition(':')[2]
                prefix = f'Query #{number} failed with ' if statement.is_batch else ''
                statement.error = prefix + query.error
        if together and (statement.error or statement.cancelled.is_set()):
            connection.rollback()
        elif together:
            connection.commit()

    def _run_query(self, statement: Statement, query: Query, connection: Connection) -> None:
        self._mark(query, 'STARTED')
        query.query_id = next(_numbers)
        started = time.monotonic_ns()
        end = 'FAILED'
        try:
            query.outcome = connection.execute(
                query.sql,
                {p['name']: p['value'] for p in statement.request.get('Parameters', ())},
                statement.request.get('ResultFormat', 'JSON'),
                self._result_path(query),
                statement.cancelled,
            )
            end = 'FINISHED'
        except SqlError as error:
            query.error = str(error)
        except ResultTooLarge:
            query.error = 'Database response exceeded size limit'
        except Cancelled:
            end = 'ABORTED'
        finally:
            query.duration_ns = time.monotonic_ns() - started
            self._mark(query, end)

    def _result_path(self, query: Query) -> Path:
        return self._warehouse.folder / query.id.replace(':', '-')

    def _release(self, session: Session | None, connection: Connection) -> None:
        if session is None:
            connection.close()
            return
        session.expires_at = self._clock() + session.keep_alive_seconds
        session.busy = False

    def _mark(self, item: Statement | Query, status: str) -> None:
        item.updated_at = self._clock()
        item.status = status


def _end_status(statement: Statement) -> str:
    found = {query.status for query in statement.queries}
    if statement.error or 'FAILED' in found:
        return 'FAILED'
    return 'ABORTED' if 'ABORTED' in found else 'FINISHED'
