"""CSV as the Data API writes it: where its rows end, how many there are, and what is in them.

A row may hold newlines, within quotes. A quote within quotes is doubled (RFC 4180), so a newline
ends a row exactly when the number of quotes before it is even.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence

_SLICE_BYTES = 64 * 1024

# No possessive groups: Python before 3.11.5 finds too little for them.
_FIELD = re.compile(r'(?:"([^"]*(?:""[^"]*)*)"(?!")|([^",\r\n]*))(,|\r?\n)')
_QUOTED_OR_EMPTY_LINE = re.compile(rb'"[^"]*"|(?<=\n)(?=\r?\n)|\A(?=\r?\n)')


def encode(values: Sequence[str]) -> bytes:
    """Return one row, with the line end that Redshift uses."""
    row = io.StringIO()
    csv.writer(row, lineterminator='\r\n').writerow(values)
    return row.getvalue().encode()


def decode(text: str) -> Iterator[list[str | None]]:
    """Yield the values of each row; NULL, which has no quotes, as None."""
    values: list[str | None] = []
    position = 0
    while field := _FIELD.match(text, position):
        quoted, plain, end = field.groups()
        values.append(plain or None if quoted is None else quoted.replace('""', '"'))
        position = field.end()
        if end != ',':
            yield values
            values = []


def count(data: bytes) -> int:
    """Return how many rows there are."""
    rows, quoted = 0, 0
    # In slices: split() makes an object of every piece, and a file may be all quotes.
    for start in range(0, len(data), _SLICE_BYTES):
        pieces = data[start : start + _SLICE_BYTES].split(b'"')
        rows += b''.join(pieces[quoted::2]).count(b'\n')
        quoted = (quoted + len(pieces) - 1) % 2
    return rows


def with_no_empty_line(data: bytes) -> bytes:
    """Return whole rows of one column with NULL as an empty quoted field.

    As nothing at all it is an empty line, which many readers take for no row.
    """
    return _QUOTED_OR_EMPTY_LINE.sub(lambda found: found[0] or b'""', data)


def end_of_first(data: bytes) -> int:
    """Return where the first row ends; 0 when it does not."""
    end = 0
    while end := data.find(b'\n', end) + 1:
        if data.count(b'"', 0, end) % 2 == 0:
            break
    return end


def end_of_last(data: bytes, limit: int) -> int:
    """Return where the last row ends that is whole within the limit; 0 when none is.

    It looks from the limit back, quote by quote, for a newline that is outside of quotes.
    """
    end = limit
    outside = data.count(b'"', 0, limit) % 2 == 0
    while True:
        quote = data.rfind(b'"', 0, end)
        newline = data.rfind(b'\n', quote + 1, end) if outside else -1
        if newline >= 0 or quote < 0:
            return newline + 1
        end, outside = quote, not outside
