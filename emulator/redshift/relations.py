"""The columns of relations, asked of DuckDB as a statement is translated."""

import duckdb

from emulator.redshift.functions.types import SqlType, of_duckdb

_QUERY = """
    SELECT column_name, data_type, comment FROM duckdb_columns()
    WHERE table_name = ? AND schema_name IN (SELECT unnest(?)) AND database_name IN (?, ?)
    ORDER BY column_index
"""


class RelationColumns:
    """Gives the columns of a relation, and Redshift's types of them, as a connection sees them."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, database: str) -> None:
        self._cursor = cursor
        self._database = database

    def __call__(self, schema: str, table: str) -> dict[str, SqlType | None]:
        """Return the columns of a table or view; none if there is no such relation."""
        schemas = [schema] if schema else self._search_path()
        rows = self._cursor.execute(
            _QUERY, [table, schemas, self._database, 'redshift_system']
        ).fetchall()
        return {name: of_duckdb(kind, declared) for name, kind, declared in rows}

    def _search_path(self) -> list[str]:
        found = self._cursor.execute("SELECT current_setting('search_path')").fetchone()
        paths = str(found[0]).split(',') if found else []
        return [path.strip().rpartition('.')[2] for path in paths]
