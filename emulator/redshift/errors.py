"""What DuckDB says of a statement that fails, in Redshift's words."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

# The first pattern that is found in DuckDB's message decides.
_WORDS = {
    r'(date/time field \w+ value out of range: .+)': r'\1',
    r'Table with name "(?:.+\.)?(.+?)\..+?" does not exist because schema': (
        r'schema "\1" does not exist'
    ),
    r'(?:Table|View) with name "?([^"]+?)"? does not exist': r'relation "\1" does not exist',
    r'(?:Table|View) with name "?([^"]+?)"? already exists': r'Relation "\1" already exists',
    r'[Ss]chema (?:with name|named) "?([^"\s!]+?)"? does not exist': r'schema "\1" does not exist',
    r'Schema with name "?([^"]+?)"? already exists': r'Schema "\1" already exists',
    r'Type with name "?([^"\s]+)"? does not exist': r'type "\1" does not exist',
    r"argument types '(\W+)\((\w+)\)'": r'operator does not exist: \1 \2',
    r"argument types '(\W+)\((\w+), (\w+)\)'": r'operator does not exist: \2 \1 \3',
    r'Referenced column "(.+?)" was not found because the FROM clause is missing': (
        r'column "\1" does not exist'
    ),
    r'Referenced column "(.+?)" not found': r'column "\1" does not exist in {tables}',
    r'"([^"]+)" does not have a column named "(.+?)"': r'column \1.\2 does not exist',
    r'Referenced table "(.+?)" not found': r'missing FROM-clause entry for table "\1"',
    r'Ambiguous reference to column name "(.+?)"': r'column reference "\1" is ambiguous',
    r'column "?(.+?)"? must appear in the GROUP BY clause': (
        r'column "\1" must appear in the GROUP BY clause or be used in an aggregate function'
    ),
    r'same number of result columns': (
        'each query in the set operation must have the same number of columns'
    ),
    r'More than one row returned by a subquery': (
        'more than one row returned by a subquery used as an expression'
    ),
    r'NOT NULL constraint failed: \S*?(\w+)$': r'Cannot insert a NULL value into column \1',
    r"Could not convert string '(.*?)' to (\w+)": r'invalid input syntax for \2: "\1"',
    r'(?:date|timestamp) field value out of range: (".*?")': (
        r'date/time field value out of range: \1'
    ),
    r'invalid (date|time|timestamp) field format: (".*?")': r'invalid input syntax for \1: \2',
    r'out of range|[Oo]verflow': 'Value out of range',
    r'[Dd]ivision by zero': 'Divide by zero',
    r'Conflict on|write-write conflict': '1023 Detail: Serializable isolation violation on table',
    r'Out of Memory|could not allocate': 'out of memory',
    r'(?:file|directory) (".*?")': r'relation \1 does not exist',
    r'syntax error at or near (".*?")': r'syntax error at or near \1',
}
_TYPES = {
    'BOOL': 'boolean',
    'DOUBLE': 'double precision',
    'INT16': 'smallint',
    'INT32': 'integer',
    'INT64': 'bigint',
    'INTEGER_LITERAL': 'integer',
    'STRING_LITERAL': '"unknown"',
    'VARCHAR': 'character varying',
}
# What DuckDB says of a call that fits no function of it: it names its own.
_CALL = re.compile(
    r"""argument\ types\ '(\w+)\( | function\ call\ "(\w+)\(
    | [Mm]acro\ (?:function\ )?"?(\w+)"?
    | Function\ with\ name\ "?([^"\s]+?)"?\ does\ not\ exist""",
    re.VERBOSE,
)
_OF_DUCKDB = re.compile(r'duckdb|macro|overload|binder|catalog|candidate', re.IGNORECASE)
_TYPE = re.compile(r'\b[A-Z][A-Z0-9_]{3,}\b')


class Named(NamedTuple):
    """What a statement names: its relations, its calls by DuckDB's name, columns nobody has."""

    tables: tuple[str, ...] = ()
    calls: Mapping[str, str] = MappingProxyType({})
    unknown_columns: tuple[str, ...] = ()

    @property
    def missing_column(self) -> str:
        """The first of those columns, as Redshift says that it does not exist."""
        place = f' in {", ".join(self.tables)}' if self.tables else ''
        return f'column "{self.unknown_columns[0]}" does not exist{place}'


def wording(message: str, named: Named) -> str:
    """Say DuckDB's message as Redshift would; one that is not known here loses DuckDB's hints."""
    text = message.replace('redshift_system.main.', '').replace('redshift_', '').replace('rls:', '')
    text = text.partition('\n\nLINE ')[0]
    for pattern, words in _WORDS.items():
        found = re.search(pattern, text, re.DOTALL | re.MULTILINE)
        if found:
            said = _TYPE.sub(_type, found.expand(words))
            return f'ERROR: {said.replace("{tables}", ", ".join(named.tables))}'
    call = _CALL.search(text)
    if call and named.unknown_columns:
        return f'ERROR: {named.missing_column}'
    if call:
        name = next(filter(None, call.groups()))
        return f'ERROR: function {named.calls.get(name, name)} does not exist'
    first = text.partition('\n')[0]
    said = first.partition(' Error: ')[2] or first
    if _OF_DUCKDB.search(said):
        said = 'this statement is not available in the emulator'
    return f'ERROR: {said}'


def _type(found: re.Match[str]) -> str:
    return _TYPES.get(found[0], found[0])
