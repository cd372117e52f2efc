"""A text of any size in pages that a model can take; a page is found without reading those before.

Page n is the n-th window of PAGE_BYTES bytes, with its two ends moved back to the last sensible
place within a quarter of a window: the end of a paragraph, else of a line, a sentence, a word. So
a page is cut from the bytes of its window and a few around it, two neighbours agree on where one
ends and the other begins, and the number of pages follows from the size. No index, no scan.

The bytes are UTF-8 or of a single-byte charset; in both a byte below 128 is always that character.
"""

import codecs
import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import NamedTuple, Self

from chalicelib.deadline import Deadline
from chalicelib.documents.errors import NotReadableInTime, PageNotFound

# At most twice as many characters of JSON, but for what is riddled with control characters.
PAGE_BYTES = 36_000
MAX_HEADER_BYTES = 2_000

_PLACES = (b'\n\n', b'\r\n\r\n', b'\n', b'. ', b' ', b',')
# So many lines are looked at to find one that begins a row; a line end has to do after that.
_MAX_LINES_TRIED = 200


class Passage(NamedTuple):
    """A part of a text, and its beginning: what a page is cut from.

    ``data`` is what span() names, as far as the text goes, and ``head`` what it names for page 1.
    """

    head: bytes
    data: bytes
    size_bytes: int


def span(page: int, page_bytes: int = PAGE_BYTES) -> tuple[int, int]:
    """Return the start and the end of the bytes that a page is cut from."""
    return max(0, (page - 1) * page_bytes - page_bytes // 4), page * page_bytes + page_bytes // 8


def count(size_bytes: int, page_bytes: int = PAGE_BYTES) -> int:
    """Return how many pages a text has."""
    return max(1, -(-size_bytes // page_bytes))


def check(page: int, size_bytes: int, page_bytes: int = PAGE_BYTES) -> None:
    """Raise PageNotFound when a text has no such page."""
    pages = count(size_bytes, page_bytes)
    if page > pages:
        raise PageNotFound(f'There is no page {page}: the pages are 1 to {pages}.')


def cut_out(
    passage: Passage, page: int, *, is_csv: bool = False, page_bytes: int = PAGE_BYTES
) -> bytes:
    """Return one page; of a table in CSV form whole rows, under the header row."""
    check(page, passage.size_bytes, page_bytes)
    header = Header.of(passage.head) if is_csv else None
    start, _ = span(page, page_bytes)

    def cut(limit: int) -> int:
        if limit <= 0 or limit >= passage.size_bytes:
            return min(max(limit, 0), passage.size_bytes) - start
        begin = limit - page_bytes // 4
        context = passage.data[begin - start : limit - start + page_bytes // 8]
        place = header.last_row_start(context, limit - begin) if header else None
        if place is None:
            place = _last_place(context, limit - begin)
        return begin - start + place

    text = passage.data[cut((page - 1) * page_bytes) : cut(page * page_bytes)]
    if header and page > 1 and len(header.row) <= MAX_HEADER_BYTES:
        return header.row + text
    return text


def passage_of(chunks: Iterable[bytes], page: int, deadline: Deadline) -> Passage:
    """Return what a page is cut from out of a text that can only be read from its beginning.

    Raises NotReadableInTime when the deadline is over before the text is.
    """
    (start, end), (_, head_end) = span(page), span(1)
    head, data, size_bytes = bytearray(), bytearray(), 0
    for chunk in chunks:
        if deadline.is_over:
            raise NotReadableInTime
        head += chunk[: max(0, head_end - size_bytes)]
        data += chunk[max(0, start - size_bytes) : max(0, end - size_bytes)]
        size_bytes += len(chunk)
    return Passage(bytes(head), bytes(data), size_bytes)


def in_utf_8(chunks: Iterable[bytes], charset: str, *, is_html: bool) -> Iterator[bytes]:
    """Yield a text of any charset in UTF-8, HTML reduced to its text, as it streams by."""
    decoder = codecs.getincrementaldecoder(charset)('replace')
    if not is_html:
        for chunk in chunks:
            yield decoder.decode(chunk).encode()
        yield decoder.decode(b'', final=True).encode()
        return
    # Only HTML needs its parser and its 2,000 named characters; a cold start does not.
    from chalicelib.documents.html_text import HtmlText  # noqa: PLC0415

    page = HtmlText()
    for chunk in chunks:
        yield page.reduce(decoder.decode(chunk)).encode()
    yield (page.reduce(decoder.decode(b'', final=True)) + page.end()).encode()


def _last_place(context: bytes, limit: int) -> int:
    """Return the last sensible place up to ``limit``, or at least one between two characters."""
    for mark in _PLACES:
        found = context.rfind(mark, 0, limit)
        if found >= 0:
            return found + len(mark)
    # In UTF-8 the bytes of a character after its first begin with the bits 10; they are three.
    for place in range(limit, limit - 4, -1):
        if context[place] & 0b1100_0000 != 0b1000_0000:
            return place
    return limit


class Header(NamedTuple):
    """The header row of a table in CSV form, and what it tells of the other rows."""

    row: bytes
    columns: int
    delimiter: str

    @classmethod
    def of(cls, head: bytes) -> Self:
        """Read the header row of a table that begins with ``head``."""
        # Latin-1 shows csv every byte as a character; all that matters to it is ASCII.
        text = head.removeprefix(codecs.BOM_UTF8).decode('latin-1')
        delimiter = max(',;\t|', key=text.partition('\n')[0].count)
        row, length = _first_row(text, delimiter)
        return cls(text[:length].encode('latin-1'), len(row), delimiter)

    def last_row_start(self, context: bytes, limit: int) -> int | None:
        """Return where the last row up to ``limit`` begins: after a line end and as wide as this.

        Without all that stands before it, nobody can tell for sure whether a line end is one
        within quotes; the text after that would make a narrower row, or one with a lone quote.
        """
        text = context.decode('latin-1')
        end = limit
        for _ in range(_MAX_LINES_TRIED):
            end = text.rfind('\n', 0, end)
            if end < 0:
                return None
            row, length = _first_row(text[end + 1 :], self.delimiter)
            quotes = text.count('"', end + 1, end + 1 + length)
            if len(row) == self.columns and quotes % 2 == 0:
                return end + 1
        return None


def _first_row(text: str, delimiter: str) -> tuple[list[str], int]:
    """Return the first row of a table and how many characters it takes up."""
    lines = StringIO(text, newline='')
    try:
        row = next(csv.reader(lines, delimiter=delimiter), [])
    except csv.Error:
        row = []
    return row, lines.tell()
