"""Where rows end is known exactly, whatever stands in them."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.sql import csv_rows

VALUES = st.none() | st.text(st.sampled_from('a,"\r\n é🚲'), max_size=8)
ROWS = st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(VALUES, min_size=n, max_size=n)))


def as_redshift_writes(rows: list[list[str | None]]) -> list[bytes]:
    """Return each row as the Data API has it: NULL is nothing, the empty text is quoted."""
    return [','.join(map(_field, row)).encode() + b'\r\n' for row in rows]


def _field(value: str | None) -> str:
    if value is None:
        return ''
    quoted = value == '' or set(value) & set(',"\r\n')
    return '"{}"'.format(value.replace('"', '""')) if quoted else value


@given(ROWS)
def test_values_come_back(rows: list[list[str | None]]) -> None:
    assert list(csv_rows.decode(b''.join(as_redshift_writes(rows)).decode())) == rows


@given(ROWS)
def test_rows_are_counted(rows: list[list[str | None]]) -> None:
    assert csv_rows.count(b''.join(as_redshift_writes(rows))) == len(rows)


@given(ROWS)
def test_rows_are_counted_in_slices(rows: list[list[str | None]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_rows, '_SLICE_BYTES', 3)
        assert csv_rows.count(b''.join(as_redshift_writes(rows))) == len(rows)


@given(ROWS, st.integers(0, 200))
def test_last_whole_row_within_a_limit_is_found(rows: list[list[str | None]], limit: int) -> None:
    encoded = as_redshift_writes(rows)
    ends = [sum(map(len, encoded[:number])) for number in range(len(encoded) + 1)]

    found = csv_rows.end_of_last(b''.join(encoded), limit)

    assert found == max(end for end in ends if end <= limit)


@given(ROWS)
def test_first_row_is_found(rows: list[list[str | None]]) -> None:
    encoded = as_redshift_writes(rows)

    assert csv_rows.end_of_first(b''.join(encoded)) == len(encoded[0] if encoded else b'')


@given(st.lists(VALUES))
def test_rows_of_one_column_have_no_empty_line(values: list[str | None]) -> None:
    data = b''.join(as_redshift_writes([[value] for value in values]))

    text = csv_rows.with_no_empty_line(data).decode()

    assert list(csv.reader(io.StringIO(text, newline=''))) == [[value or ''] for value in values]
    assert list(csv_rows.decode(text)) == [[value or ''] for value in values]


@pytest.mark.parametrize(
    ('rows', 'written'),
    [
        ('', ''),
        ('\r\n', '""\r\n'),
        ('\r\n\r\na\r\n\r\n', '""\r\n""\r\na\r\n""\r\n'),
        ('"a\r\n\r\nb"\r\n\r\n', '"a\r\n\r\nb"\r\n""\r\n'),
        ('"a""\n\n""b"\n\n', '"a""\n\n""b"\n""\n'),
        ('""\r\n', '""\r\n'),
    ],
)
def test_null_alone_in_its_row_is_an_empty_quoted_field(rows: str, written: str) -> None:
    assert csv_rows.with_no_empty_line(rows.encode()) == written.encode()


@given(st.lists(st.text(), min_size=1))
def test_header_is_read_back_by_any_reader(names: list[str]) -> None:
    text = csv_rows.encode(names).decode()

    assert list(csv.reader(io.StringIO(text, newline=''))) == [names]


@pytest.mark.parametrize('text', ['', 'a', 'a,b', '"open\r\n', 'a"b\r\n', '"a"b\r\n'])
def test_what_is_no_whole_row_is_not_decoded(text: str) -> None:
    assert list(csv_rows.decode(text)) == []


def test_quotes_beyond_number_are_no_burden() -> None:
    data = b'""' * 200_000 + b'\r\n'

    assert csv_rows.count(data) == 1
    assert csv_rows.end_of_last(data, len(data) - 1) == 0
    assert csv_rows.end_of_first(data) == len(data)
