"""Pages put together give the text; none splits a character, and a table's rows stay whole."""

import csv
import io
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import paging
from chalicelib.deadline import Deadline
from chalicelib.documents import text_pages
from chalicelib.documents.errors import NotReadableInTime, PageNotFound
from chalicelib.documents.text_pages import Passage

SMALL = 32
TEXTS = st.lists(
    st.text(st.characters(codec='utf-8'), max_size=40) | st.sampled_from(['\n', '\n\n', '. ', ' '])
).map(''.join)
CELLS = st.text(st.sampled_from('ab ,"\n\ré報') | st.characters(codec='utf-8'), max_size=12)


def passage(data: bytes, page: int, page_bytes: int) -> Passage:
    """Return what a page is cut from, and no byte more."""
    (start, end), (_, head_end) = (text_pages.span(p, page_bytes) for p in (page, 1))
    return Passage(data[:head_end], data[start:end], len(data))


def pages(data: bytes, page_bytes: int = SMALL, *, is_csv: bool = False) -> list[bytes]:
    """Return every page, each cut out by itself."""
    return [
        text_pages.cut_out(
            passage(data, page, page_bytes), page, is_csv=is_csv, page_bytes=page_bytes
        )
        for page in range(1, text_pages.count(len(data), page_bytes) + 1)
    ]


@given(TEXTS, st.integers(16, 100))
def test_pages_put_together_give_the_text_and_split_no_character(
    text: str, page_bytes: int
) -> None:
    cut = pages(text.encode(), page_bytes)

    assert ''.join(page.decode() for page in cut) == text
    assert all(len(page) <= page_bytes * 5 // 4 for page in cut)


@given(st.binary(max_size=500), st.integers(16, 100), st.booleans())
def test_pages_put_together_give_any_bytes(data: bytes, page_bytes: int, is_csv: bool) -> None:
    head = data[: text_pages.span(1, page_bytes)[1]]
    header = text_pages.Header.of(head).row if is_csv else b''

    first, *others = pages(data, page_bytes, is_csv=is_csv)

    assert first + b''.join(page.removeprefix(header) for page in others) == data


@pytest.mark.parametrize(
    ('text', 'first_page'),
    [
        ('a ' * 12 + '\n\nb\nc d. e f g h i j', 'a ' * 12 + '\n\n'),
        ('a ' * 12 + '\r\n\r\nb\nc d. e f g h', 'a ' * 12 + '\r\n\r\n'),
        ('a ' * 12 + '\nb. c d e f g h i j', 'a ' * 12 + '\n'),
        ('a ' * 12 + 'b. c d e f g h i j', 'a ' * 12 + 'b. '),
        ('x' * 26 + ' ' + 'y' * 30, 'x' * 26 + ' '),
        ('{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6}', '{"a":1,"b":2,"c":3,"d":4,"e":5,'),
        ('x' * 50, 'x' * 32),
        ('x' * 31 + '報' * 10, 'x' * 31),
        ('x' * 30 + '𝄞' * 10, 'x' * 30),
        ('first\n' + 'x' * 50, 'first\n' + 'x' * 26),
    ],
)
def test_page_ends_at_the_most_sensible_place_near_its_end(text: str, first_page: str) -> None:
    assert pages(text.encode())[0].decode() == first_page


@given(st.lists(st.tuples(st.integers(0, 9), CELLS, CELLS), min_size=1, max_size=60))
def test_rows_of_a_table_stay_whole_under_its_header(rows: list[tuple[int, str, str]]) -> None:
    table = io.StringIO(newline='')
    writer = csv.writer(table)
    writer.writerow(['id', 'name', 'note'])
    writer.writerows(rows)
    written = table.getvalue()

    read = [list(csv.reader(io.StringIO(p.decode(), newline=''))) for p in pages_of_table(written)]

    assert all(page[0] == ['id', 'name', 'note'] for page in read)
    assert [row for page in read for row in page[1:]] == [[str(a), b, c] for a, b, c in rows]


def pages_of_table(table: str) -> list[bytes]:
    """Return a table's pages; they are large enough that its longest row fits a quarter of one."""
    return pages(table.encode(), 1_000, is_csv=True)


@pytest.mark.parametrize('delimiter', [',', ';', '\t', '|'])
def test_line_ends_within_quotes_end_no_row(delimiter: str) -> None:
    row = delimiter.join(['"two\nlines"', '"one ""quoted"" line"', '"x\n\ny"']) + '\r\n'
    table = delimiter.join(['a', 'b', 'c']) + '\r\n' + row * 300

    for page in pages_of_table(table):
        header, *rows = csv.reader(io.StringIO(page.decode(), newline=''), delimiter=delimiter)
        assert header == ['a', 'b', 'c']
        assert set(map(tuple, rows)) == {('two\nlines', 'one "quoted" line', 'x\n\ny')}


def test_header_of_a_table_with_a_byte_order_mark_is_repeated_without() -> None:
    table = '\ufeffid,name\n' + '17,Ann\n' * 20

    assert [page.decode()[:8] for page in pages(table.encode(), is_csv=True)][:3] == [
        '\ufeffid,name',
        'id,name\n',
        'id,name\n',
    ]


def test_header_that_is_too_long_is_not_repeated() -> None:
    table = ','.join(['column'] * 500) + '\n' + ','.join(['1'] * 500) + '\n'
    table *= 3

    assert b''.join(pages(table.encode(), 4_000, is_csv=True)) == table.encode()


def test_rows_that_fit_no_header_are_cut_at_lines() -> None:
    table = 'a,b\n' + 'not a row\n' * 20

    assert all(page.endswith(b'\n') for page in pages(table.encode(), 100, is_csv=True))


@pytest.mark.parametrize(
    ('size_bytes', 'count'),
    [(0, 1), (1, 1), (36_000, 1), (36_001, 2), (72_000, 2), (10**12, 27_777_778)],
)
def test_number_of_pages_follows_from_the_size(size_bytes: int, count: int) -> None:
    assert text_pages.count(size_bytes) == count


def test_page_after_the_last_is_not_found() -> None:
    with pytest.raises(PageNotFound, match='There is no page 3: the pages are 1 to 2'):
        text_pages.cut_out(passage(b'x' * 33, 3, SMALL), 3, page_bytes=SMALL)


@pytest.mark.parametrize('character', ['"', '\\', '\n', '\x7f', 'é', '報', '𝄞'])
def test_page_of_any_text_fits_an_answer(character: str) -> None:
    data = (character * text_pages.PAGE_BYTES).encode()[: 2 * text_pages.PAGE_BYTES]
    header = ('"' * text_pages.MAX_HEADER_BYTES).encode()

    assert all(
        paging.size_of((header + page).decode()) <= paging.MAX_LIST_CHARACTERS
        for page in pages(data, text_pages.PAGE_BYTES)
    )


@pytest.mark.parametrize('charset', ['utf-8', 'utf-16', 'utf-32', 'cp932', 'gb18030', 'euc_jp'])
@given(text=st.text(st.sampled_from('a\n、のア報表') | st.characters()), size=st.integers(1, 7))
def test_text_of_any_charset_becomes_utf_8_in_any_chunks(
    charset: str, text: str, size: int
) -> None:
    encoded = text.encode(charset, 'ignore')

    found = b''.join(text_pages.in_utf_8(chunks(encoded, size), charset, is_html=False))

    assert found.decode() == encoded.decode(charset)


def test_html_becomes_its_text_in_any_chunks() -> None:
    html = '<p>Gr\u00f6\u00dfe &amp; <b>Preis</b></p>'.encode('cp1252')

    for size in (1, 5, 100):
        text = b''.join(text_pages.in_utf_8(chunks(html, size), 'cp1252', is_html=True))
        assert text.decode() == 'Größe & Preis'


@given(TEXTS, st.integers(1, 50), st.integers(1, 3))
def test_passage_of_a_stream_is_what_a_page_is_cut_from(text: str, size: int, page: int) -> None:
    data = text.encode() * 40_000 if text else b''
    data = data[: 3 * text_pages.PAGE_BYTES]

    found = text_pages.passage_of(chunks(data, size * 1000), page, Deadline(60))

    assert found == passage(data, page, text_pages.PAGE_BYTES)


@pytest.mark.parametrize(('is_html', 'copies'), [(False, 500), (True, 25)])
def test_memory_does_not_grow_with_the_stream(is_html: bool, copies: int) -> None:
    chunk = b'<p>All work and no play.</p>' * 2_000
    stream = (chunk for _ in range(copies))
    tracemalloc.start()

    text_pages.passage_of(text_pages.in_utf_8(stream, 'utf-8', is_html=is_html), 20, Deadline())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 600_000 < copies * len(chunk)


def test_stream_that_takes_too_long_is_given_up() -> None:
    with pytest.raises(NotReadableInTime, match='getDocumentFiles'):
        text_pages.passage_of(chunks(b'x' * 100, 1), 1, Deadline(0))


def chunks(data: bytes, size: int) -> Iterator[bytes]:
    """Yield bytes as a stream does."""
    for at in range(0, len(data), size):
        yield data[at : at + size]
