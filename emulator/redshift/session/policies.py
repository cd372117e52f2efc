"""The policies of row-level security, what they are attached to, and the system views of them.

They are kept in the database itself: a transaction of DuckDB's writes to one only.
"""

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import duckdb
from sqlglot import exp, parse_one
from sqlglot.errors import ParseError

from emulator.redshift.session.refused import Refused
from emulator.redshift.session.security_statements import HIDDEN, Grantee, Name

_TABLES = (
    """
    CREATE TABLE {database}.main.rls_policies (
        name VARCHAR, attributes VARCHAR, alias VARCHAR, predicate VARCHAR, modified TIMESTAMP
    )
    """,
    """
    CREATE TABLE {database}.main.rls_attached (
        policy VARCHAR, relschema VARCHAR, relname VARCHAR, grantee VARCHAR, kind VARCHAR
    )
    """,
    """
    CREATE TABLE {database}.main.rls_tables (
        relschema VARCHAR, relname VARCHAR, is_on BOOLEAN, conjunction VARCHAR
    )
    """,
)
_VIEWS = {
    'svv_rls_policy': """
        SELECT '{database}' AS poldb, name AS polname, alias AS polalias, attributes AS polatts,
            predicate AS polqual, TRUE AS polenabled, '{user}' AS polmodifiedby,
            modified AS polmodifiedtime
        FROM {database}.main.rls_policies
    """,
    'svv_rls_attached_policy': """
        SELECT relschema, relname, 'table' AS relkind, policy AS polname, '{user}' AS grantor,
            grantee, kind AS granteekind, TRUE AS is_pol_on, coalesce(is_on, FALSE) AS is_rls_on,
            lower(coalesce(conjunction, 'AND')) AS rls_conjunction_type
        FROM {database}.main.rls_attached LEFT JOIN {database}.main.rls_tables
            USING (relschema, relname)
    """,
    'svv_rls_relation': """
        SELECT '{database}' AS datname, relschema, relname, 'table' AS relkind,
            is_on AS is_rls_on, FALSE AS is_rls_datashare_on,
            lower(conjunction) AS rls_conjunction_type
        FROM {database}.main.rls_tables
    """,
}


def definitions(database: str, system_catalog: str, user: str) -> Iterator[str]:
    """Yield the DuckDB statements that create where all this is kept, and the views of it."""
    for table in _TABLES:
        yield table.format(database=database)
    for name, query in _VIEWS.items():
        view = query.format(database=database, user=user)
        yield f'CREATE VIEW {system_catalog}.main.{name} AS {view}'


class Policy(NamedTuple):
    """A policy as it is kept."""

    name: str
    columns: tuple[tuple[str, str], ...]
    alias: str
    predicate: str


class Policies:
    """What one connection sees and changes of all this, within its transaction."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, database: str) -> None:
        self._cursor = cursor
        self._database = database

    def run(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a statement of DuckDB's and return its rows."""
        statement = statement.replace('{main}', f'{self._database}.main')
        return self._cursor.execute(statement, values).fetchall()

    def find(self, name: str) -> Policy | None:
        """Find a policy."""
        rows = self.run(
            'SELECT name, attributes, alias, predicate FROM {main}.rls_policies WHERE name = ?',
            name,
        )
        return _policy_of(rows[0]) if rows else None

    def keep(self, policy: Policy) -> None:
        """Keep a policy, in the place of the one that has its name."""
        attributes = json.dumps([{'colname': n, 'type': t} for n, t in policy.columns])
        self.run('DELETE FROM {main}.rls_policies WHERE name = ?', policy.name)
        self.run(
            'INSERT INTO {main}.rls_policies '
            "VALUES (?, ?, ?, ?, date_trunc('second', now() AT TIME ZONE 'UTC'))",
            *(policy.name, attributes, policy.alias, policy.predicate),
        )

    def remove(self, name: str) -> None:
        """Remove a policy, also from where it is attached."""
        self.run('DELETE FROM {main}.rls_attached WHERE policy = ?', name)
        self.run('DELETE FROM {main}.rls_policies WHERE name = ?', name)

    def is_attached(self, policy: Policy, table: Name, grantee: Grantee) -> bool:
        """Tell whether a policy is attached to a table for somebody."""
        found = self.run(
            'FROM {main}.rls_attached WHERE policy = ? AND relschema = ? AND relname = ? '
            'AND grantee = ? AND kind = ?',
            *(policy.name, *table, *grantee),
        )
        return bool(found)

    def attach(self, policy: Policy, table: Name, grantee: Grantee) -> None:
        """Attach a policy."""
        self.run(
            'INSERT INTO {main}.rls_attached VALUES (?, ?, ?, ?, ?)',
            *(policy.name, *table, *grantee),
        )

    def detach(self, policy: Policy, table: Name, grantee: Grantee) -> None:
        """Detach a policy."""
        self.run(
            'DELETE FROM {main}.rls_attached WHERE policy = ? AND relschema = ? AND relname = ? '
            'AND grantee = ? AND kind = ?',
            *(policy.name, *table, *grantee),
        )

    def of_table(self, table: Name) -> list[Policy]:
        """Return the policies that are attached to a table."""
        rows = self.run(
            'SELECT DISTINCT name, attributes, alias, predicate '
            'FROM {main}.rls_policies JOIN {main}.rls_attached ON policy = name '
            'WHERE relschema = ? AND relname = ? ORDER BY name',
            *table,
        )
        return [_policy_of(row) for row in rows]

    def tables_of(self, policy: str) -> list[Name]:
        """Return the tables that a policy is attached to."""
        rows = self.run(
            'SELECT DISTINCT relschema, relname FROM {main}.rls_attached WHERE policy = ?', policy
        )
        return [Name(*row) for row in rows]

    def lookup_tables(self) -> set[Name]:
        """Return the tables that policies refer to."""
        return {
            Name(table.db, table.name)
            for (predicate,) in self.run('SELECT predicate FROM {main}.rls_policies')
            for table in parsed(predicate).find_all(exp.Table)
        }

    def switch(self, table: Name, conjunction: str, *, on: bool) -> None:
        """Keep whether a table is protected."""
        self.run('DELETE FROM {main}.rls_tables WHERE relschema = ? AND relname = ?', *table)
        self.run('INSERT INTO {main}.rls_tables VALUES (?, ?, ?, ?)', *table, on, conjunction)

    def conjunction(self, table: Name) -> str | None:
        """Return how the policies of a protected table go together; None for any other."""
        found = self.run(
            'SELECT conjunction FROM {main}.rls_tables '
            'WHERE is_on AND relschema = ? AND relname = ?',
            *table,
        )
        return str(found[0][0]) if found else None

    def forget(self, table: Name) -> None:
        """Remove what is kept of a table."""
        self.run('DELETE FROM {main}.rls_tables WHERE relschema = ? AND relname = ?', *table)
        self.run('DELETE FROM {main}.rls_attached WHERE relschema = ? AND relname = ?', *table)

    def relation(self, name: Name) -> Name | None:
        """Find the table or view that a name means, by the search path if it has no schema."""
        schemas = [name.schema]
        if not name.schema:
            ((path,),) = self.run("SELECT current_setting('search_path')")
            parts = [part.strip().partition('.') for part in path.split(',')]
            schemas = [schema for database, _, schema in parts if database == self._database]
        named = (Name(schema, name.table) for schema in schemas)
        return next((table for table in named if self.kind(table)), None)

    def kind(self, name: Name) -> str | None:
        """Tell whether a name is that of a ``table``, a ``protected`` one, or a ``view``."""
        tables = self.run(
            'SELECT table_name FROM duckdb_tables() '
            'WHERE database_name = ? AND schema_name = ? AND table_name IN (?, ?)',
            *(self._database, name.schema, name.table, HIDDEN + name.table),
        )
        if tables:
            return 'table' if tables == [(name.table,)] else 'protected'
        views = self.run(
            'FROM duckdb_views() WHERE database_name = ? AND schema_name = ? AND view_name = ?',
            *(self._database, name.schema, name.table),
        )
        return 'view' if views else None

    def columns(self, table: Name) -> dict[str, str]:
        """Return DuckDB's types of a table's columns."""
        rows = self.run(
            'SELECT column_name, data_type FROM duckdb_columns() '
            'WHERE database_name = ? AND schema_name = ? AND table_name = ?',
            *(self._database, *table),
        )
        return dict(rows)


def parsed(predicate: str) -> exp.Expr:
    """Parse a predicate; raises Refused."""
    try:
        # As SELECT's condition, which is what it becomes.
        query = parse_one(f'SELECT 1 WHERE {predicate}', dialect='redshift')
    except ParseError as error:
        raise Refused('syntax error in the predicate of an RLS policy') from error
    found: exp.Expr = query.args['where'].this
    return found


def _policy_of(row: tuple[Any, ...]) -> Policy:
    name, attributes, alias, predicate = row
    columns = tuple((each['colname'], each['type']) for each in json.loads(attributes))
    return Policy(name, columns, alias, predicate)
