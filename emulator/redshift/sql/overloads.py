"""Macros of one name for several types: which of them is meant over an aggregate.

DuckDB chooses by the types of the arguments, but does not know that of an aggregate or a window and
would take any of them. So each is there under a name of its own too, by which it is called then.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from sqlglot import exp

from emulator.redshift.functions.becomes import is_aggregated, type_of
from emulator.redshift.functions.catalogue import macros
from emulator.redshift.functions.types import SqlType
from emulator.redshift.sql.iterations import ITERATION_MACROS
from emulator.redshift.sql.rewriting import REWRITING_MACROS

_START = re.compile(r'(?:^|,)\s*\(([^()]*)\)\s+AS\s')
_FITTING = {
    'BIGINT': ('int2', 'int4', 'int8'),
    'BLOB': ('varbyte',),
    'DATE': ('date',),
    'FLOAT': ('float4',),
    'INTEGER': ('int4',),
    'SMALLINT': ('int2',),
    'TIMESTAMP': ('timestamp',),
    'VARCHAR': ('varchar', 'bpchar', 'unknown'),
}


class Overload(NamedTuple):
    """One macro of several: its own name, the types of its parameters, and its definition."""

    name: str
    types: tuple[str, ...]
    definition: str

    def fits(self, arguments: list[SqlType | None]) -> bool:
        """Tell whether it takes arguments of some types."""
        return len(arguments) == len(self.types) and all(
            not wanted or (given is not None and given.name in _FITTING[wanted])
            for wanted, given in zip(self.types, arguments, strict=True)
        )


def definitions() -> Iterator[str]:
    """Yield all macros, those first which others call."""
    for name, body in REWRITING_MACROS.items():
        yield f'{name}{body.strip()}'
    yield from macros()
    for name, body in ITERATION_MACROS.items():
        yield f'{name}{body.strip()}'
    for overloads in _overloads().values():
        yield from (overload.definition for overload in overloads)


def choose(tree: exp.Expr) -> None:
    """Call the macro that is meant wherever DuckDB can't tell."""
    for node in tree.find_all(exp.Anonymous):
        overloads = _overloads().get(node.name)
        if overloads and any(is_aggregated(argument) for argument in node.expressions):
            types = [type_of(argument) for argument in node.expressions]
            chosen = next((each for each in overloads if each.fits(types)), None)
            if chosen:
                node.set('this', chosen.name)


@cache
def _overloads() -> dict[str, list[Overload]]:
    found = {}
    for definition in (
        *(f'{name}{body.strip()}' for name, body in REWRITING_MACROS.items()),
        *macros(),
    ):
        name = definition.partition('(')[0]
        overloads = list(_split(name, definition[len(name) :]))
        if any(any(overload.types) for overload in overloads):
            found[name] = overloads
    return found


def _split(name: str, body: str) -> Iterator[Overload]:
    starts = [found for found in _START.finditer(body) if _depth(body[: found.start(1) - 1]) == 0]
    ends = [found.start() for found in starts[1:]] + [len(body)]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        parameters = [part.split() for part in start[1].split(',') if part.strip()]
        types = tuple(part[1] if len(part) > 1 else '' for part in parameters)
        names = ', '.join(part[0] for part in parameters)
        own = f'{name}__{number}'
        yield Overload(own, types, f'{own}({names}) AS {body[start.end() : end]}')


def _depth(text: str) -> int:
    outside = re.sub(r"'[^']*'", '', text)
    return outside.count('(') - outside.count(')')
