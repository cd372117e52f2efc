"""A warehouse that many tests ask, and nobody changes."""

import csv
import io
import threading
from collections.abc import Callable, Iterator

import pytest

from emulator.redshift.functions.refused import SqlError
from emulator.redshift.warehouse import Warehouse

Rows = list[list[str]]
Ask = Callable[[str], Rows]
Refusal = Callable[[str], str]


@pytest.fixture(scope='package')
def shared_warehouse() -> Iterator[Warehouse]:
    warehouse = Warehouse('dev', 1)
    yield warehouse
    warehouse.close()


@pytest.fixture(scope='package')
def ask(shared_warehouse: Warehouse) -> Ask:
    """Return what runs statements, on one connection each time, and gives the last one's rows."""

    def run(sql: str) -> Rows:
        connection = shared_warehouse.connect()
        path = shared_warehouse.folder / 'asked'
        result = None
        try:
            for statement in filter(str.strip, sql.split(';;')):
                result = connection.execute(statement, {}, 'CSV', path, threading.Event()).result
        finally:
            connection.close()
        if result is None:
            return []
        return list(csv.reader(io.StringIO(result.chunk(0).decode(), newline='')))[1:]

    return run


@pytest.fixture(scope='package')
def value(ask: Ask) -> Callable[[str], str]:
    """Return what gives the value of an expression, as text."""

    def of(expression: str) -> str:
        ((found,),) = ask(f'SELECT {expression} AS value')
        return found

    return of


@pytest.fixture(scope='package')
def refusal(ask: Ask) -> Refusal:
    """Return what gives the error of a statement."""

    def of(sql: str) -> str:
        with pytest.raises(SqlError) as found:
            ask(sql)
        return str(found.value).removeprefix('ERROR: ')

    return of
