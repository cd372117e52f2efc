"""A statement's result on its way from the Data API to CSV files in S3, in calls of a few seconds.

Why it can stop anywhere, and go on from there:
- A result does not change and comes in one order. File N is as many whole rows as fit into one
  after those of file N-1, and what follows the last file is kept under the number of bytes read:
  so the key of an object says what is in it, whichever call wrote it.
- The progress is written last. Whichever one a call finds, everything that it counts is there,
  and going on from it writes the same bytes under the same keys. A call that dies, or two at
  once, can repeat work; no row gets lost or comes twice.
"""

from io import SEEK_END, BytesIO
from itertools import islice
from typing import IO, Annotated, Any

import msgspec
from chalice.app import ChaliceViewError
from msgspec import Meta, Struct

from chalicelib import paging
from chalicelib.deadline import Deadline
from chalicelib.files import MAX_FILE_BYTES, MAX_FILES, StoredFile
from chalicelib.sql import csv_rows, redshift
from chalicelib.sql.errors import QueryFailed
from chalicelib.sql.results import Folder

MAX_PREVIEW_ROWS = 100
MAX_PREVIEW_CHARACTERS = 20_000
MAX_VALUE_CHARACTERS = 1_000


class Column(Struct, frozen=True):
    """A column of a result or a table."""

    name: Annotated[str, Meta(description='The name of the column.')]
    type: Annotated[str, Meta(description='Its type in Redshift.')]


class Part(Struct, frozen=True):
    """A file that is in S3, whole."""

    rows: int
    size_bytes: int


class Progress(Struct):
    """How far a transfer has come; ``row_count`` is None until it has begun."""

    row_count: int | None = None
    columns: list[Column] = []
    preview: list[list[str | None]] = []
    parts: list[Part] = []
    unfinished_rows: int = 0
    bytes_read: int = 0
    next_token: str | None = None
    finished: bool = False
    truncated: bool = False

    @property
    def rows_done(self) -> int:
        """How many rows have been read from the Data API."""
        return sum(part.rows for part in self.parts) + self.unfinished_rows


class Transfer:
    """The transfer of one statement's result: as far as it is, and where its files are."""

    def __init__(self, folder: Folder, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress

    @classmethod
    def begin(cls, folder: Folder) -> 'Transfer':
        """Begin a transfer, and keep a record that the folder's owner has this statement."""
        begun = cls(folder, Progress())
        _save(folder, begun.progress)
        return begun

    @classmethod
    def resume(cls, folder: Folder) -> 'Transfer':
        """Take up a transfer where it stands; raises StatementNotFound when none was begun."""
        progress = BytesIO()
        folder.get('progress.json', into=progress)
        return cls(folder, msgspec.json.decode(progress.getvalue(), type=Progress))

    @property
    def files(self) -> list[StoredFile]:
        """The files that hold the result, once the transfer has finished."""
        last = len(self.progress.parts)
        return [
            StoredFile(
                key=self.folder.key(_part(number)),
                name=f'result-{number}-of-{last}.csv' if last > 1 else 'result.csv',
                mime_type='text/csv',
                size_bytes=part.size_bytes,
            )
            for number, part in enumerate(self.progress.parts, start=1)
        ]

    def run(self, data_api: Any, query_id: str, deadline: Deadline) -> None:
        """Move the result page by page until it has moved or the deadline has come."""
        # Loaded with the first result, and not for a look at the types here.
        from tempfile import TemporaryFile  # noqa: PLC0415

        with TemporaryFile() as file:
            _Run(self.folder, self.progress, file).move(data_api, query_id, deadline)


class _Run:
    """A transfer in one call: it fills ``file``, which is on disk, so memory holds one page."""

    def __init__(self, folder: Folder, progress: Progress, file: IO[bytes]) -> None:
        self.folder = folder
        self.progress = progress
        self._file = file

    def move(self, data_api: Any, query_id: str, deadline: Deadline) -> None:
        """Move page by page."""
        if self.progress.row_count is not None and not self.progress.finished:
            self.folder.get(_rest(self.progress), into=self._file)
        saved = True
        while not self.progress.finished and not deadline.is_over:
            parts = len(self.progress.parts)
            self._take(self._next_page(data_api, query_id, saved=saved))
            if saved := len(self.progress.parts) > parts:
                self._save()
        if not saved:
            self._save()

    def _next_page(self, data_api: Any, query_id: str, *, saved: bool) -> dict[str, Any]:
        try:
            return redshift.page(data_api, query_id, self.progress.next_token)
        except ChaliceViewError:
            if not saved:
                self._save()
            raise

    def _take(self, page: dict[str, Any]) -> None:
        records = [record['CSVRecords'].encode() for record in page['Records']]
        self.progress.bytes_read += sum(map(len, records))
        if self.progress.row_count is None:
            self._begin(page, records)
        for rows in records:
            if not self.progress.finished:
                self._add(rows)
        self.progress.next_token = page.get('NextToken')
        if not self.progress.next_token and not self.progress.finished:
            if self.progress.unfinished_rows or not self.progress.parts:
                self._close_part()
            self.progress.finished = True

    def _begin(self, page: dict[str, Any], records: list[bytes]) -> None:
        """Take the columns and the preview, and the header row out of the records.

        "The first row returned in Records are the column headers. [...] each chunk can store any
        number of rows up to 1MB."
        https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
        """
        self.progress.row_count = page['TotalNumRows']
        self.progress.columns = [
            Column(name=c.get('label') or c['name'], type=c['typeName'])
            for c in page['ColumnMetadata']
        ]
        records[:1] = [rows[csv_rows.end_of_first(rows) :] for rows in records[:1]]
        rows = islice(csv_rows.decode(b''.join(records[:1]).decode()), MAX_PREVIEW_ROWS)
        self.progress.preview = paging.fit(map(_shortened, rows), MAX_PREVIEW_CHARACTERS)
        self._open_part()

    def _add(self, rows: bytes) -> None:
        if len(self.progress.columns) == 1:
            rows = csv_rows.with_no_empty_line(rows)
        while self._file.tell() + len(rows) > MAX_FILE_BYTES:
            end = csv_rows.end_of_last(rows, MAX_FILE_BYTES - self._file.tell())
            self._write(rows[:end])
            if not self.progress.unfinished_rows:
                raise QueryFailed('A row of the result is larger than a file may be: 10 MB')
            rows = rows[end:]
            self._close_part()
            if len(self.progress.parts) == MAX_FILES:
                self.progress.finished = self.progress.truncated = True
                return
        self._write(rows)

    def _write(self, rows: bytes) -> None:
        self._file.write(rows)
        self.progress.unfinished_rows += csv_rows.count(rows)

    def _open_part(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.write(csv_rows.encode([column.name for column in self.progress.columns]))
        self.progress.unfinished_rows = 0

    def _close_part(self) -> None:
        part = Part(rows=self.progress.unfinished_rows, size_bytes=self._file.tell())
        self._put_file(_part(len(self.progress.parts) + 1))
        self.progress.parts.append(part)
        self._open_part()

    def _save(self) -> None:
        if self.progress.row_count is not None and not self.progress.finished:
            self._put_file(_rest(self.progress))
        _save(self.folder, self.progress)

    def _put_file(self, name: str) -> None:
        self._file.seek(0)
        self.folder.put(name, self._file, 'text/csv')
        self._file.seek(0, SEEK_END)


def _save(folder: Folder, progress: Progress) -> None:
    folder.put('progress.json', msgspec.json.encode(progress), 'application/json')


def _part(number: int) -> str:
    return f'{number}.csv'


def _rest(progress: Progress) -> str:
    return f'rest-after-{progress.bytes_read}.csv'


def _shortened(values: list[str | None]) -> list[str | None]:
    return [
        f'{value[:MAX_VALUE_CHARACTERS]}…' if value and len(value) > MAX_VALUE_CHARACTERS else value
        for value in values
    ]
