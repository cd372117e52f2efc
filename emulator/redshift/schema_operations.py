"""The Data API's operations on schemas and tables."""

from collections.abc import Sequence
from typing import Any

from emulator.redshift.inputs import Json, check_target, invalid, page
from emulator.redshift.results import Column
from emulator.redshift.warehouse import Warehouse

_PAGE = 1000


class SchemaOperations:
    """List what a warehouse holds."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse

    def list_databases(self, request: Json) -> Json:
        """List the one database."""
        found, more = self._page(
            'SELECT database_name FROM redshift_system.main.svv_redshift_databases', request
        )
        return {'Databases': [name for (name,) in found]} | more

    def list_schemas(self, request: Json) -> Json:
        """List the schemas that match a pattern."""
        found, more = self._page(
            """
            SELECT name FROM (
                SELECT schema_name AS name FROM redshift_system.main.svv_all_schemas
                UNION VALUES ('information_schema'), ('pg_catalog')
            ) WHERE name LIKE $1 ORDER BY name
            """,
            request,
            request.get('SchemaPattern') or '%',
        )
        return {'Schemas': [name for (name,) in found]} | more

    def list_tables(self, request: Json) -> Json:
        """List the tables whose names match the patterns."""
        found, more = self._page(
            """
            SELECT schema_name, table_name, table_type FROM redshift_system.main.svv_all_tables
            WHERE schema_name LIKE $1 AND table_name LIKE $2 ORDER BY ALL
            """,
            request,
            request.get('SchemaPattern') or '%',
            request.get('TablePattern') or '%',
        )
        tables = [{'schema': schema, 'name': name, 'type': kind} for schema, name, kind in found]
        return {'Tables': tables} | more

    def describe_table(self, request: Json) -> Json:
        """List the columns of the tables that are meant."""
        found, more = self._page(
            """
            SELECT column_name, duckdb_type, declared, schema_name, table_name,
                is_nullable = 'YES', column_default
            FROM redshift_system.main.emulated_columns
            WHERE schema_name = coalesce($1, schema_name) AND table_name = coalesce($2, table_name)
            ORDER BY schema_name, table_name, ordinal_position
            """,
            request,
            request.get('Schema'),
            request.get('Table'),
        )
        columns = [Column(*row).metadata() for row in found]
        named = {'TableName': request['Table']} if 'Table' in request else {}
        return named | {'ColumnList': columns} | more

    def _page(
        self, query: str, request: Json, *parameters: str | None
    ) -> tuple[Sequence[Any], Json]:
        check_target(request)
        database = request['Database']
        if database != self._warehouse.database:
            invalid(f'FATAL: database "{database}" does not exist')
        return page(self._warehouse.rows(query, *parameters), request, _PAGE)
