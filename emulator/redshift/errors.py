"""What DuckDB says of a statement that fails, in Redshift's words."""

import re

# The first pattern that is found in DuckDB's message decides.
_WORDS = {
    r'Table with name "(?:.+\.)?(.+?)\..+?" does not exist because schema': (
        r'schema "\1" does not exist'
    ),
    r'(?:Table|View) with name "?([^"]+?)"? does not exist': r'relation "\1" does not exist',
    r'(?:Table|View) with name "?([^"]+?)"? already exists': r'Relation "\1" already exists',
    r'[Ss]chema (?:with name|named) "?([^"\s!]+?)"? does not exist': r'schema "\1" does not exist',
    r'Schema with name "?([^"]+?)"? already exists': r'Schema "\1" already exists',
    r'Type with name "?([^"\s]+)"? does not exist': r'type "\1" does not exist',
    r'Function with name "?([^"\s]+)"? does not exist': r'function \1 does not exist',
    r"argument types '(\W+)\((\w+), (\w+)\)'": r'operator does not exist: \2 \1 \3',
    r"argument types '(.+?)'\. You might": r'function \1 does not exist',
    r'Macro "?(\w+)"?\(\) does not support the supplied arguments': (
        r'function \1 does not exist for these types of arguments'
    ),
    r'for the function call "(.+?)"\.': r'function \1 is not unique',
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
    r'date field value out of range: (".*?")': r'date/time field value out of range: \1',
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
_TYPE = re.compile(r'\b[A-Z][A-Z0-9_]{3,}\b')


def wording(message: str, tables: tuple[str, ...]) -> str:
    """Say DuckDB's message as Redshift would; one that is not known here loses DuckDB's hints.

    ``tables`` are those that the statement names: Redshift lists them beside an unknown column.
    """
    text = message.replace('redshift_system.main.', '').replace('redshift_', '')
    text = text.partition('\n\nLINE ')[0]
    for pattern, words in _WORDS.items():
        found = re.search(pattern, text, re.DOTALL | re.MULTILINE)
        if found:
            said = _TYPE.sub(_type, found.expand(words))
            return f'ERROR: {said.replace("{tables}", ", ".join(tables))}'
    first = text.partition('\n')[0]
    return f'ERROR: {first.partition(" Error: ")[2] or first}'


def _type(found: re.Match[str]) -> str:
    return _TYPES.get(found[0], found[0])
