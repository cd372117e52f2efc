"""The warehouse: Redshift SQL executed on DuckDB, out of reach of the machine it runs on."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import duckdb

from emulator.redshift import errors, system_catalog
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.functions.system import DB_USER
from emulator.redshift.relations import RelationColumns
from emulator.redshift.results import Column, Result, rows_as_text
from emulator.redshift.session import policies
from emulator.redshift.session.refused import Refused
from emulator.redshift.session.row_security import RowSecurity
from emulator.redshift.session.security_statements import HIDDEN
from emulator.redshift.session.settings import Settings
from emulator.redshift.session.time_limit import TimeLimit
from emulator.redshift.translation import Translation, translate, translate_own
from emulator.sample import shop, staff

# AWS delivers 500 MB of gzip; rows like the shop's compress about four to one.
RESULT_LIMIT_BYTES = 2 * 2**30
_SETTINGS = {
    'allowed_configs': "['search_path']",
    'autoinstall_known_extensions': 'false',
    'autoload_known_extensions': 'false',
    'default_null_order': "'nulls_last_on_asc_first_on_desc'",
    'max_temp_directory_size': "'10GB'",
    'memory_limit': "'2GB'",
    'python_enable_replacements': 'false',
    'TimeZone': "'UTC'",
    # What SQL must not do: read or write files, open sockets, load code, change any of this.
    'enable_external_access': 'false',
    'lock_configuration': 'true',
}


class Cancelled(Exception):
    """A statement was cancelled while it waited or ran."""


class Outcome(NamedTuple):
    """What a statement did: the rows of a query, or how many rows it changed."""

    result: Result | None
    changed_rows: int


class Connection:
    """A connection to the warehouse; it runs one statement at a time."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, database: str) -> None:
        self._cursor = cursor
        self._database = database
        self._settings = Settings(cursor, self.set_search_path)
        self._columns = RelationColumns(cursor, database)
        self._security = RowSecurity(
            cursor,
            database,
            DB_USER,
            partial(translate_own, database=database, catalog=self._columns),
        )
        self._in_transaction = False
        self.set_search_path('public')

    def set_search_path(self, *schemas: str) -> None:
        """Set the schemas that names without one are looked up in."""
        path = [f'{self._database}.{schema}' for schema in schemas]
        path.append(f'{system_catalog.SYSTEM_CATALOG}.main')
        self._cursor.execute(f"SET search_path = '{','.join(path)}'")

    def interrupt(self) -> None:
        """Stop what runs now, from another thread."""
        self._cursor.interrupt()

    def begin(self) -> None:
        """Begin a transaction."""
        _at_any_rate(self._cursor.begin)
        self._in_transaction = True

    def commit(self) -> None:
        """Commit the transaction."""
        self._cursor.commit()
        self._in_transaction = False
        self._settings.end(well=True)

    def rollback(self) -> None:
        """Roll the transaction back."""
        _at_any_rate(self._cursor.rollback)
        self._in_transaction = False
        self._settings.end(well=False)

    def close(self) -> None:
        """Close the connection, and with it its temporary tables."""
        self._cursor.close()

    def execute(
        self,
        sql: str,
        parameters: Mapping[str, str],
        result_format: str,
        path: Path,
        cancelled: threading.Event,
    ) -> Outcome:
        """Execute a Redshift statement; a query's rows go to the file ``path``.

        Raises SqlError with Redshift's words, ResultTooLarge, or Cancelled.
        """
        try:
            statement = translate(sql, parameters, self._database, self._columns)
        except duckdb.InterruptException as error:
            raise Cancelled from error
        with nullcontext() if self._in_transaction else self._settings.transaction():
            self._settings.assign(statement.assigned)
            try:
                with TimeLimit(self._settings.timeout_seconds, self.interrupt) as limit:
                    limit.sleep(statement.sleep_seconds, cancelled)
                    if cancelled.is_set():
                        raise Cancelled
                    try:
                        return self._run(statement, result_format, path)
                    except duckdb.InterruptException as error:
                        limit.check()
                        raise Cancelled from error
            except Refused as error:
                raise SqlError(f'ERROR: {error}') from error
            except duckdb.Error as error:
                raise SqlError(errors.wording(str(error), statement.named)) from error

    def _run(self, statement: Translation, result_format: str, path: Path) -> Outcome:
        if statement.kind == 'setting':
            return Outcome(None, 0)
        if statement.command:
            with self._at_once():
                self._security.run(statement.command)
            return Outcome(None, 0)
        if statement.kind == 'change':
            return Outcome(None, self.change(statement))
        query = statement.sql
        if statement.kind == 'explain':
            query = _plan_query(self._cursor, query)
        return Outcome(self._store(query, result_format, path), 0)

    def change(self, statement: Translation) -> int:
        """Run a statement that has no rows, and return how many rows it changed."""
        sql = statement.sql
        with self._at_once():
            if statement.tree:
                sql = self._security.redirected(statement.tree) or sql
            changed = self._cursor.execute(sql).fetchone()
        for table, column, declared in statement.lengths:
            self._cursor.execute(f"COMMENT ON COLUMN {table}.{column} IS '{declared}'")
        return int(changed[0]) if changed and statement.counts_rows else 0

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """Do what takes several statements of DuckDB's in one transaction."""
        if self._in_transaction:
            yield
            return
        self._cursor.begin()
        try:
            yield
        except BaseException:
            self._cursor.rollback()
            raise
        self._cursor.commit()

    def _store(self, query: str, result_format: str, path: Path) -> Result:
        described = self._cursor.execute(f'DESCRIBE {query}').fetchall()
        columns = [Column(name, duckdb_type) for name, duckdb_type, *_ in described]
        result = Result(path, columns, result_format, RESULT_LIMIT_BYTES)
        rows = self._cursor.execute(rows_as_text(query, columns, result_format))
        try:
            result.write(rows.fetchmany)
        except BaseException:
            result.remove()
            raise
        return result


class Warehouse:
    """A DuckDB database in memory that stands for a Redshift database with sample data."""

    def __init__(self, database: str, scale: int) -> None:
        self.database = database
        self._folder = TemporaryDirectory(prefix='redshift-')
        self.folder = Path(self._folder.name)
        self._duckdb = duckdb.connect(':memory:')
        self._duckdb.execute(f"SET temp_directory = '{self.folder}'")
        self._duckdb.execute(f"ATTACH ':memory:' AS {database} (COMPRESS)")
        self._duckdb.execute(f'CREATE SCHEMA {database}.public')
        for definition in system_catalog.definitions():
            self._duckdb.execute(definition)
        for definition in policies.definitions(database, system_catalog.SYSTEM_CATALOG, DB_USER):
            self._duckdb.execute(definition)
        for name, value in _SETTINGS.items():
            self._duckdb.execute(f'SET GLOBAL {name} = {value}')
        self._load_sample(scale)

    def _load_sample(self, scale: int) -> None:
        with self._duckdb.cursor() as cursor:
            for schema in ('shop', 'staff'):
                cursor.execute(f'CREATE SCHEMA {self.database}.{schema}')
            connection = Connection(cursor, self.database)
            for table in (*shop.TABLES, staff.TABLE):
                connection.change(translate(table, {}, self.database))
            cursor.execute(f'SET VARIABLE scale = {scale}')
            for statement in (*shop.ROWS, staff.ROWS):
                cursor.execute(statement)
            for statement in staff.PROTECTION:
                connection.execute(statement, {}, 'CSV', self.folder, threading.Event())

    def connect(self) -> Connection:
        """Open a connection."""
        return Connection(self._duckdb.cursor(), self.database)

    def rows(self, query: str, *parameters: str | None) -> list[tuple[Any, ...]]:
        """Return the rows of a query in DuckDB's SQL over the system views."""
        with self._duckdb.cursor() as cursor:
            cursor.execute(f'USE {self.database}')
            return cursor.execute(query, parameters).fetchall()

    def close(self) -> None:
        """Close the database and remove what it kept on disk."""
        self._duckdb.close()
        self._folder.cleanup()


def _at_any_rate(step: Callable[[], object]) -> None:
    """Take a step that takes no time, also while the statement is being cancelled."""
    while True:
        try:
            step()
        except duckdb.InterruptException:
            continue
        except duckdb.TransactionException:
            pass  # it was interrupted when it was done already
        return


def _plan_query(cursor: duckdb.DuckDBPyConnection, query: str) -> str:
    """Return a query whose rows are the plan of another, written as Redshift writes plans."""
    found = cursor.execute(f'EXPLAIN (FORMAT json) {query}').fetchall()
    lines = [line for node in json.loads(found[0][1]) for line in _plan(node, 0)]
    values = ', '.join("('{}')".format(line.replace("'", "''")) for line in lines)
    return f'FROM (VALUES {values}) AS plan("QUERY PLAN")'


def _plan(node: Mapping[str, Any], depth: int) -> Iterator[str]:
    details = node['extra_info']
    name = node['name'].strip().replace('_', ' ').title()
    table = details.get('Table', '').rpartition('.')[2].strip('"').removeprefix(HIDDEN)
    arrow = '  ' * depth + '->  ' if depth else ''
    rows = details.get('Estimated Cardinality', '1')
    yield f'{arrow}XN {name}{" on " + table if table else ""}  (rows={rows})'
    for child in node['children']:
        yield from _plan(child, depth + 1)
