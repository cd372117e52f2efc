"""Rows as the Data API gives them, as CSV and as JSON."""

import csv
import io
import json
import threading
from collections.abc import Callable

import pytest

from emulator.redshift.warehouse import Warehouse

Fields = list[dict[str, object]]


@pytest.fixture
def row(shared_warehouse: Warehouse) -> Callable[[str, str], str]:
    """Return what gives the first chunk of a query's result."""

    def first_chunk(sql: str, result_format: str) -> str:
        connection = shared_warehouse.connect()
        path = shared_warehouse.folder / 'row'
        try:
            outcome = connection.execute(sql, {}, result_format, path, threading.Event())
        finally:
            connection.close()
        assert outcome.result
        return outcome.result.chunk(0).decode()

    return first_chunk


@pytest.mark.parametrize('kind', ['FLOAT', 'REAL', 'DOUBLE PRECISION', 'FLOAT4', 'NUMERIC', 'INT'])
def test_null_is_null_of_every_type_of_number(row: Callable[[str, str], str], kind: str) -> None:
    sql = f'SELECT NULL::{kind} AS nothing, 1.5::{kind} AS something'
    assert row(sql, 'CSV').split('\r\n')[1].partition(',')[0] == ''
    ((nothing, something),) = json.loads(f'[{row(sql, "JSON")}]')
    assert nothing == {'isNull': True}
    assert 'isNull' not in something


def test_null_in_a_column_of_floats_is_null(row: Callable[[str, str], str]) -> None:
    sql = 'SELECT weight_kg FROM shop.products WHERE weight_kg IS NULL LIMIT 1'
    assert row(sql, 'CSV') == 'weight_kg\r\n\r\n'


@pytest.mark.parametrize(
    ('value', 'text'),
    [("'NaN'", 'NaN'), ("'Infinity'", 'Infinity'), ("'-Infinity'", '-Infinity'), ("'0.1'", '0.1')],
)
def test_float_is_written_as_redshift_writes_it(
    row: Callable[[str, str], str], value: str, text: str
) -> None:
    assert row(f'SELECT {value}::FLOAT8 AS x', 'CSV') == f'x\r\n{text}\r\n'


@pytest.mark.parametrize('count', [499, 1600])
@pytest.mark.parametrize('result_format', ['CSV', 'JSON'])
def test_any_number_of_columns(
    row: Callable[[str, str], str], count: int, result_format: str
) -> None:
    listed = ', '.join(f"'{n}' AS c{n}" for n in range(count))
    text = row(f'SELECT {listed}', result_format)
    if result_format == 'CSV':
        found = list(csv.reader(io.StringIO(text, newline='')))[1]
    else:
        fields: Fields = json.loads(text)
        found = [str(field['stringValue']) for field in fields]
    assert found == [str(n) for n in range(count)]


def test_super_is_json(row: Callable[[str, str], str]) -> None:
    sql = 'SELECT JSON_PARSE(\'{"a": [1, null, "é"]}\') AS s, ARRAY(1, \'x\') AS a'
    ((first, second),) = json.loads(f'[{row(sql, "JSON")}]')
    assert json.loads(first['stringValue']) == {'a': [1, None, 'é']}
    assert second == {'stringValue': '[1,"x"]'}


def test_today_is_a_date(row: Callable[[str, str], str]) -> None:
    header, today, _ = row('SELECT CURRENT_DATE', 'CSV').split('\r\n')
    assert (header, len(today)) == ('date', len('2024-01-01'))
