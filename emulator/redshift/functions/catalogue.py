"""All functions of Redshift, and what each becomes in DuckDB.

Their names, chapters and numbers of arguments stand in chalicelib/sql/functions.py, which the guard
reads too; a test keeps both in step.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from chalicelib.sql.functions import FUNCTIONS
from emulator.redshift.functions.aggregates import (
    AGGREGATE_FUNCTIONS,
    AGGREGATE_MACROS,
    WINDOW_FUNCTIONS,
)
from emulator.redshift.functions.becomes import Becomes, missing
from emulator.redshift.functions.conditions import CONDITIONS
from emulator.redshift.functions.dates import DATE_MACROS, DATES
from emulator.redshift.functions.nested import BYTES_MACROS, NESTED, NESTED_MACROS, VARBYTE
from emulator.redshift.functions.numbers import HASH_MACROS, HASHES, NUMBERS
from emulator.redshift.functions.patterns import PATTERNS
from emulator.redshift.functions.pictures import PICTURE_MACROS
from emulator.redshift.functions.strings import STRING_MACROS, STRINGS
from emulator.redshift.functions.system import NOT_HERE, SYSTEM, SYSTEM_MACROS

# What the grammar reads in a form of its own.
FORMS = ('cast', 'convert', 'extract', 'try_cast')

CATALOGUE: Mapping[str, Becomes] = MappingProxyType(
    {
        name: missing('it has no geometry')
        for name, function in FUNCTIONS.items()
        if function.chapter == 'Spatial functions'
    }
    | NOT_HERE
    | AGGREGATE_FUNCTIONS
    | WINDOW_FUNCTIONS
    | CONDITIONS
    | DATES
    | HASHES
    | NESTED
    | VARBYTE
    | NUMBERS
    | PATTERNS
    | STRINGS
    | SYSTEM
)


def duckdb_name(name: str) -> str:
    """Return what a function is called in DuckDB."""
    becomes = CATALOGUE[name]
    return f'redshift_{name}' if becomes.how == 'macro' else becomes.name or name


def macros() -> Iterator[str]:
    """Yield the macros that DuckDB needs, those first which others call."""
    helpers = (
        SYSTEM_MACROS
        | DATE_MACROS
        | PICTURE_MACROS
        | NESTED_MACROS
        | BYTES_MACROS
        | AGGREGATE_MACROS
        | STRING_MACROS
        | HASH_MACROS
    )
    for name, body in helpers.items():
        yield f'{name}{body.strip()}'
    for name, becomes in CATALOGUE.items():
        if becomes.how == 'macro':
            yield f'redshift_{name}{becomes.macro.strip()}'
