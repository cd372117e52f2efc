"""What DuckDB says of a statement that fails, in Redshift's words."""

import re
from collections.abc import Callable, Mapping

_TYPES = {'INT32': 'integer', 'INT64': 'bigint', 'INT16': 'smallint', 'BOOL': 'boolean'}
_OVERFLOW = re.compile(r'out of range|Overflow', re.IGNORECASE)


def _type(name: str) -> str:
    return {'integer_literal': 'integer', 'string_literal': '"unknown"'}.get(
        name.lower(), name.lower()
    )


Words = Callable[[re.Match[str], str], str]

_WORDS: Mapping[str, Words] = {
    r'Table with name "?(?P<name>[^"]+?)"? does not exist because schema': (
        lambda m, _: f'schema "{m["name"].rpartition(".")[0]}" does not exist'
    ),
    r'(?:Table|View) with name "?([^"]+?)"? does not exist': (
        lambda m, _: f'relation "{m[1]}" does not exist'
    ),
    r'(?:Table|View) with name "?([^"]+?)"? already exists': (
        lambda m, _: f'Relation "{m[1]}" already exists'
    ),
    r'[Ss]chema (?:with name|named) "?([^"\s!]+?)"? (?:does not exist|found)': (
        lambda m, _: f'schema "{m[1]}" does not exist'
    ),
    r'Schema with name "?([^"]+?)"? already exists': (
        lambda m, _: f'Schema "{m[1]}" already exists'
    ),
    r'Function with name "?([^"\s]+)"? does not exist': (
        lambda m, _: f'function {m[1]} does not exist'
    ),
    r'Referenced column "(.+?)" (?:was )?not found': (
        lambda m, tables: f'column "{m[1]}" does not exist' + (f' in {tables}' if tables else '')
    ),
    r'"([^"]+)" does not have a column named "(.+?)"': (
        lambda m, _: f'column {m[1]}.{m[2]} does not exist'
    ),
    r'Referenced table "(.+?)" not found': (
        lambda m, _: f'missing FROM-clause entry for table "{m[1]}"'
    ),
    r'column "?(.+?)"? must appear in the GROUP BY clause': (
        lambda m, _: (
            f'column "{m[1]}" must appear in the GROUP BY clause or be used in an aggregate '
            'function'
        )
    ),
    r'Ambiguous reference to column name "(.+?)"': (
        lambda m, _: f'column reference "{m[1]}" is ambiguous'
    ),
    r'NOT NULL constraint failed: \S*?(\w+)$': (
        lambda m, _: f'Cannot insert a NULL value into column {m[1]}'
    ),
    r"Could not convert string '(.*?)' to (\w+)": (
        lambda m, _: f'invalid input syntax for {_TYPES.get(m[2], m[2].lower())}: "{m[1]}"'
    ),
    r'date field value out of range: (".*?")': (
        lambda m, _: f'date/time field value out of range: {m[1]}'
    ),
    r'invalid (date|time|timestamp) field format: (".*?")': (
        lambda m, _: f'invalid input syntax for type {m[1]}: {m[2]}'
    ),
    r"argument types '(\W+)\((\w+), (\w+)\)'": (
        lambda m, _: f'operator does not exist: {_type(m[2])} {m[1]} {_type(m[3])}'
    ),
    r'Conflict on|write-write conflict': (
        lambda *_: '1023 Detail: Serializable isolation violation on table'
    ),
    r'No function matches the given name and argument types .(\w*?\(.*?\)|\W+\(.*?\)).\. You': (
        lambda m, _: f'function {m[1].lower()} does not exist'
    ),
    r'Macro "?(\w+)"?\(\) does not support the supplied arguments': (
        lambda m, _: f'function {m[1]} does not exist for these argument types'
    ),
    r'Could not choose a best candidate function for the function call "(.+?)"\.': (
        lambda m, _: f'function {m[1].lower()} is not unique'
    ),
    r'Division by zero': lambda *_: 'Divide by zero',
    r'More than one row returned by a subquery': (
        lambda *_: 'more than one row returned by a subquery used as an expression'
    ),
    r'same number of result columns': (
        lambda *_: 'each query in the set operation must have the same number of columns'
    ),
    r'Type with name "?([^"\s]+)"? does not exist': (lambda m, _: f'type "{m[1]}" does not exist'),
    r'Out of Memory|could not allocate': lambda *_: 'out of memory',
    r'(?:file|directory) "(.*?)"': lambda m, _: f'relation "{m[1]}" does not exist',
    r'syntax error at or near "(.*?)"': lambda m, _: f'syntax error at or near "{m[1]}"',
}


def wording(message: str, tables: tuple[str, ...]) -> str:
    """Say DuckDB's message as Redshift would; what is not known by now loses DuckDB's hints.

    ``tables`` are those that the statement reads: Redshift names them beside an unknown column.
    """
    text = message.replace('redshift_system.main.', '').replace('redshift_', '')
    for pattern, words in _WORDS.items():
        found = re.search(pattern, text.split('\n\nLINE ')[0], re.DOTALL | re.MULTILINE)
        if found:
            return f'ERROR: {words(found, ", ".join(tables))}'
    first = text.splitlines()[0].partition(' Error: ')[2] or text.splitlines()[0]
    if _OVERFLOW.search(first):
        return 'ERROR: Value out of range'
    return f'ERROR: {first}'
