"""Results as the Data API keeps them: text on disk in chunks of 1 MB, never a row in two of them.

DuckDB itself writes each row as a line of CSV, or as a JSON array of fields; Python only cuts the
stream of lines into chunks, so a result of any size takes a few megabytes of memory.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

# "each chunk can store any number of rows up to 1MB"
# https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
CHUNK_BYTES = 1_000_000
PIECE_BYTES = 50_000
NEWLINE = '\r\n'
# "The maximum row size is 64 KB"; https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-troubleshooting.html
ROW_BYTES = 65_536
ROW_TOO_LARGE = 'Packet for query is too large'


class ResultTooLarge(Exception):
    """A result is larger than the Data API delivers."""


class _Type(NamedTuple):
    name: str
    precision: int
    scale: int = 0
    field: str = 'stringValue'
    signed: bool = False
    case_sensitive: bool = False


_VARCHAR = _Type('varchar', 65535, case_sensitive=True)
_TYPES = {
    'BOOLEAN': _Type('bool', 1, field='booleanValue'),
    'TINYINT': _Type('int2', 5, field='longValue', signed=True),
    'SMALLINT': _Type('int2', 5, field='longValue', signed=True),
    'INTEGER': _Type('int4', 10, field='longValue', signed=True),
    'BIGINT': _Type('int8', 19, field='longValue', signed=True),
    'HUGEINT': _Type('numeric', 38, signed=True),
    'FLOAT': _Type('float4', 8, 8, field='doubleValue', signed=True),
    'DOUBLE': _Type('float8', 17, 17, field='doubleValue', signed=True),
    'DATE': _Type('date', 13),
    'TIME': _Type('time', 15, 6),
    'TIMESTAMP': _Type('timestamp', 29, 6),
    'TIMESTAMP WITH TIME ZONE': _Type('timestamptz', 35, 6),
    'BLOB': _Type('varbyte', 65535, field='blobValue'),
    'VARIANT': _Type('super', 0, case_sensitive=True),
}


class Column(NamedTuple):
    """A column of a result or table: its name, and its type as DuckDB and CREATE TABLE have it."""

    name: str
    duckdb_type: str
    declared: str | None = None
    schema: str = ''
    table: str = ''
    nullable: bool = True
    default: str | None = None

    @property
    def type(self) -> _Type:
        """The type as Redshift has it."""
        decimal = re.fullmatch(r'DECIMAL\((\d+),(\d+)\)', self.duckdb_type)
        if decimal:
            return _Type('numeric', int(decimal[1]), int(decimal[2]), signed=True)
        text = re.fullmatch(r'(\w+)\((\d+)\)', self.declared or '')
        if text:
            return _VARCHAR._replace(name=text[1], precision=int(text[2]))
        return _TYPES.get(self.duckdb_type, _VARCHAR)

    def metadata(self) -> dict[str, object]:
        """Return it as the Data API's ColumnMetadata."""
        found: dict[str, object] = {
            'isCaseSensitive': self.type.case_sensitive,
            'isCurrency': False,
            'isSigned': self.type.signed,
            'label': self.name,
            'length': 0,
            'name': self.name,
            'nullable': int(self.nullable),
            'precision': self.type.precision,
            'scale': self.type.scale,
            'schemaName': self.schema,
            'tableName': self.table,
            'typeName': self.type.name,
        }
        return found | ({'columnDefault': self.default} if self.default else {})


def rows_as_text(query: str, columns: Sequence[Column], result_format: str) -> str:
    """Return the DuckDB query that gives each row of a query as one text in the result's format."""
    names = [f'c{number}' for number in range(len(columns))]
    field = _csv_field if result_format == 'CSV' else _json_field
    pairs = list(zip(names, (column.type for column in columns), strict=True))
    # Lists, not one || after another: DuckDB nests those, and no more than 1,000 deep.
    fields = ', '.join(field(name, of) for name, of in pairs)
    counted = ', '.join(_counted(name, of) for name, of in pairs)
    row = "array_to_string(fields, ',')"
    row = f'{row} || chr(13) || chr(10)' if result_format == 'CSV' else f"'[' || {row} || ']'"
    size = 'list_sum(list_transform(counted, lambda text: strlen(text)))'
    return f"""
        SELECT CASE WHEN {size} > {ROW_BYTES} THEN error('{ROW_TOO_LARGE}') ELSE {row} END
        FROM (
            SELECT [{fields}] AS fields, [{counted}] AS counted
            FROM ({query}\n) AS result({', '.join(names)})
        )
    """  # noqa: S608  the query is what was asked


def _text(name: str, column_type: _Type) -> str:
    if column_type.field == 'doubleValue':
        return f'redshift_float({name})'
    return f'{name}::JSON::VARCHAR' if column_type.name == 'super' else f'{name}::VARCHAR'


def _counted(name: str, column_type: _Type) -> str:
    """Return what counts of a column for the size of its row."""
    half = f'left(hex({name}), octet_length({name})::BIGINT)'
    return half if column_type.field == 'blobValue' else _text(name, column_type)


def _csv_field(name: str, column_type: _Type) -> str:
    """NULL is nothing and the empty text is "", so they differ."""
    if column_type.field == 'blobValue':
        return f"coalesce(lower(hex({name})), '')"
    text = _text(name, column_type)
    if not column_type.case_sensitive:
        return f"coalesce({text}, '')"
    return (
        f"CASE WHEN {name} IS NULL THEN '' "
        f"WHEN {text} = '' OR regexp_matches({text}, '[\",\\r\\n]') "
        f"THEN '\"' || replace({text}, '\"', '\"\"') || '\"' ELSE {text} END"
    )


def _json_field(name: str, column_type: _Type) -> str:
    value = {
        'booleanValue': f'{name}::VARCHAR',
        'longValue': f'{name}::VARCHAR',
        'doubleValue': f'CASE WHEN isfinite({name}) THEN {name}::VARCHAR '
        f'ELSE to_json(redshift_float({name}))::VARCHAR END',
        'blobValue': f"'\"' || base64({name}) || '\"'",
        'stringValue': f'to_json({_text(name, column_type)})::VARCHAR',
    }[column_type.field]
    field = f"'{{\"{column_type.field}\":' || {value} || '}}'"
    return f'CASE WHEN {name} IS NULL THEN \'{{"isNull":true}}\' ELSE {field} END'


class _Chunk(NamedTuple):
    offset: int
    length: int


class Result:
    """The rows of one finished query, on disk."""

    def __init__(
        self, path: Path, columns: Sequence[Column], result_format: str, size_limit: int
    ) -> None:
        self.columns = columns
        self.format = result_format
        self.row_count = 0
        self.size_bytes = 0
        self._path = path
        self._size_limit = size_limit
        self._chunks: list[_Chunk] = []

    def write(self, fetch: Callable[[int], list[tuple[str]]]) -> None:
        """Write the rows that ``fetch(count)`` gives; raises ResultTooLarge past the limit."""
        separator = b'' if self.format == 'CSV' else b','
        pending: list[bytes] = []
        with self._path.open('wb') as file:
            for piece in self._pieces(fetch, separator.decode()):
                if pending and sum(map(len, pending)) + len(piece) > CHUNK_BYTES:
                    self._write_chunk(file, separator.join(pending))
                    pending.clear()
                pending.append(piece)
            if pending:
                self._write_chunk(file, separator.join(pending))

    def _write_chunk(self, file: BinaryIO, chunk: bytes) -> None:
        self._chunks.append(_Chunk(self.size_bytes, len(chunk)))
        self.size_bytes += file.write(chunk)
        if self.size_bytes > self._size_limit:
            raise ResultTooLarge

    def _pieces(self, fetch: Callable[[int], list[tuple[str]]], separator: str) -> Iterator[bytes]:
        """Yield some rows at a time, joined; in CSV the header row first."""
        if self.format == 'CSV':
            yield self._header()
        count = 100
        while rows := [row[0] for row in fetch(count)]:
            self.row_count += len(rows)
            size = 0
            for piece in _joined(rows, separator):
                size += len(piece)
                yield piece
            count = max(1, min(count * 10, PIECE_BYTES * len(rows) // size))

    @property
    def chunk_count(self) -> int:
        """How many chunks there are; one at least, which may be empty."""
        return max(len(self._chunks), 1)

    def chunk(self, number: int) -> bytes:
        """Return a chunk; in CSV the first of them begins with the header row."""
        if not self._chunks:
            return b''
        offset, length = self._chunks[number]
        with self._path.open('rb') as file:
            file.seek(offset)
            return file.read(length)

    def _header(self) -> bytes:
        names = (
            f'"{name.replace(chr(34), chr(34) * 2)}"' if re.search(r'[",\r\n]|^$', name) else name
            for name in (column.name for column in self.columns)
        )
        return (','.join(names) + NEWLINE).encode()

    def remove(self) -> None:
        """Remove the rows from disk."""
        self._path.unlink(missing_ok=True)


def _joined(rows: list[str], separator: str) -> Iterator[bytes]:
    """Join rows, in halves where they don't fit into one chunk."""
    data = separator.join(rows).encode()
    if len(data) <= CHUNK_BYTES or len(rows) == 1:
        yield data
    else:
        middle = len(rows) // 2
        yield from _joined(rows[:middle], separator)
        yield from _joined(rows[middle:], separator)
