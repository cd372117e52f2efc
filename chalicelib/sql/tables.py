"""listTables: what there is to read, which a model has to know before it can write SQL."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import Annotated, Any

from msgspec import Meta, Struct

from chalicelib import paging
from chalicelib.deadline import Deadline
from chalicelib.errors import InvalidCursor, ServiceUnavailable
from chalicelib.http_request import Request
from chalicelib.identity import Caller
from chalicelib.sql import csv_rows, redshift
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.transfer import Column

MAX_COLUMNS = 1_000

# The view has only what the database user may see, and all of that: tables, views, external tables.
# https://docs.aws.amazon.com/redshift/latest/dg/r_SVV_COLUMNS.html
_QUERY = """
SELECT table_schema, table_name, column_name, data_type, ordinal_position
FROM svv_columns WHERE {conditions}
ORDER BY table_schema, table_name, ordinal_position LIMIT {limit}
"""
_OF_NO_SYSTEM_SCHEMA = "table_schema <> 'information_schema' AND LEFT(table_schema, 3) <> 'pg_'"
_OF_THE_SCHEMA = 'table_schema = :schema'
_AFTER_THE_CURSOR = """(
    table_schema > :after_schema OR table_schema = :after_schema AND (
        table_name > :after_table OR table_name = :after_table
            AND ordinal_position > CAST(:after_position AS INTEGER)))"""


class ListTablesRequest(Request):
    """Which tables to list."""

    schema: Annotated[
        str, Meta(description='Only the tables of this schema; empty for all.', max_length=127)
    ] = ''
    cursor: Annotated[
        str, Meta(description='The cursor of the answer before, to go on where it stopped.')
    ] = ''


class Table(Struct):
    """A table or view that may be read."""

    schema: Annotated[str, Meta(description='The schema that the table is in.')]
    name: Annotated[str, Meta(description='The name of the table.')]
    columns: Annotated[
        list[Column],
        Meta(description='Its columns; those of a long table may go on in the next answer.'),
    ]


class Tables(Struct):
    """Tables in the order of their schemas and names."""

    tables: Annotated[list[Table], Meta(description='The tables, each with its columns.')]
    cursor: Annotated[
        str | None, Meta(description='Ask again with it for the next tables; null after the last.')
    ]


def list_tables(
    database: Redshift, request: ListTablesRequest, caller: Caller, deadline: Deadline
) -> Tables:
    """List the tables that the database user may read, as many as an answer holds."""
    conditions = [_OF_THE_SCHEMA if request.schema else _OF_NO_SYSTEM_SCHEMA]
    parameters = {'schema': request.schema} if request.schema else {}
    scope = ('listTables', request.schema)
    if request.cursor:
        conditions.append(_AFTER_THE_CURSOR)
        place = paging.position_of(request.cursor, tuple[str, str, str], *scope)
        if not all(place) or not place[2].isdecimal():
            raise InvalidCursor
        names = ('after_schema', 'after_table', 'after_position')
        parameters |= dict(zip(names, place, strict=True))
    query = _QUERY.format(conditions=' AND '.join(conditions), limit=MAX_COLUMNS)
    statement_id = redshift.start(database, caller, query, **parameters)
    if redshift.wait(database, statement_id, deadline)['Status'] != 'FINISHED':
        raise ServiceUnavailable
    page = redshift.page(database.data_api, redshift.query_of(statement_id))
    found = list(_one_column_each(page))
    fitting = paging.fit(table for table, _ in found)
    whole = len(fitting) == len(found) < MAX_COLUMNS
    tables = [
        Table(schema, name, [column for table in group for column in table.columns])
        for (schema, name), group in groupby(fitting, key=lambda table: (table.schema, table.name))
    ]
    if whole:
        return Tables(tables, cursor=None)
    last, position = found[len(fitting) - 1]
    return Tables(tables, cursor=paging.cursor_to((last.schema, last.name, position), *scope))


def _one_column_each(page: dict[str, Any]) -> Iterator[tuple[Table, str]]:
    """Yield each column, as a table with this one column, and its position."""
    text = ''.join(record['CSVRecords'] for record in page['Records'])
    for row in islice(csv_rows.decode(text), 1, None):
        schema, table, column, data_type, position = (value or '' for value in row)
        yield Table(schema, table, [Column(column, data_type)]), position
