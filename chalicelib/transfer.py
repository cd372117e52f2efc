"""A statement's result on its way from the Data API to CSV files in S3, in calls of a few seconds.

Why it can stop anywhere, and go on from there:
- A result does not change and comes in one order. File N is as many whole rows as fit into one
  after those of file N-1, and what follows the last file is kept under the number of bytes read:
  so the key of an object says what is in it, whichever call wrote it.
- The progress is written last. Whichever one a call finds, everything that it counts is there,
  and going on from it writes the same bytes under the same keys. A call that dies, or two at
  once, can repeat work; no row gets lost or comes twice.
"""

from itertools import islice
from typing import Annotated, Any, NamedTuple

import msgspec
from chalice.app import ChaliceViewError
from msgspec import Meta, Struct

from chalicelib import aws, csv_rows, paging, redshift
from chalicelib.deadline import Deadline
from chalicelib.errors import NotSetUp, QueryFailed, StatementNotFound
from chalicelib.files import MAX_FILE_BYTES, MAX_FILES, StoredFile

MAX_PREVIEW_ROWS = 100
MAX_PREVIEW_CHARACTERS = 20_000
MAX_VALUE_CHARACTERS = 1_000

_NO_BUCKET = NotSetUp('RESULTS_BUCKET_NAME names a bucket that does not exist')


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
    bytes_read: int = 0
    next_token: str | None = None
    finished: bool = False
    truncated: bool = False


class Folder(NamedTuple):
    """Where in S3 the result of one statement is kept."""

    s3: Any
    bucket: str
    prefix: str

    def key(self, name: str) -> str:
        """Return the key of an object of this statement."""
        return f'{self.prefix}/{name}'

    def put(self, name: str, body: bytes | bytearray, content_type: str) -> None:
        """Write an object."""
        with aws.told({'NoSuchBucket': _NO_BUCKET}):
            self.s3.put_object(
                Bucket=self.bucket, Key=self.key(name), Body=body, ContentType=content_type
            )

    def get(self, name: str) -> bytearray:
        """Read an object; raises StatementNotFound when there is none."""
        data = bytearray()
        with aws.told({'NoSuchBucket': _NO_BUCKET, 'NoSuchKey': StatementNotFound()}):
            body = self.s3.get_object(Bucket=self.bucket, Key=self.key(name))['Body']
            for chunk in body.iter_chunks(1_000_000):
                data += chunk
        return data


class Transfer:
    """The transfer of one statement's result; ``unfinished`` is the file being filled."""

    def __init__(self, folder: Folder, progress: Progress, unfinished: bytearray) -> None:
        self.folder = folder
        self.progress = progress
        self._unfinished = unfinished

    @classmethod
    def begin(cls, folder: Folder) -> 'Transfer':
        """Begin a transfer, and keep a record that the folder's owner has this statement."""
        begun = cls(folder, Progress(), bytearray())
        begun._save()
        return begun

    @classmethod
    def resume(cls, folder: Folder) -> 'Transfer':
        """Take up a transfer where it stands; raises StatementNotFound when none was begun."""
        progress = msgspec.json.decode(folder.get('progress.json'), type=Progress)
        going_on = progress.row_count is not None and not progress.finished
        rest = folder.get(_rest(progress)) if going_on else bytearray()
        return cls(folder, progress, rest)

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

    @property
    def rows_done(self) -> int:
        """How many rows have been read from the Data API."""
        unfinished = csv_rows.count(self._unfinished) - 1 if self._unfinished else 0
        return sum(part.rows for part in self.progress.parts) + unfinished

    def run(self, data_api: Any, statement_id: str, deadline: Deadline) -> None:
        """Move the result page by page until it has moved or the deadline has come."""
        saved = True
        while not self.progress.finished and not deadline.is_over:
            try:
                page = redshift.page(data_api, statement_id, self.progress.next_token)
            except ChaliceViewError:
                if not saved:
                    self._save()
                raise
            parts = len(self.progress.parts)
            self._take(page)
            if saved := len(self.progress.parts) > parts:
                self._save()
        if not saved:
            self._save()

    def _take(self, page: dict[str, Any]) -> None:
        records = [record['CSVRecords'] for record in page['Records']]
        skipped = self._begin(page, records) if self.progress.row_count is None else 0
        for record in records:
            rows = record.encode()
            self.progress.bytes_read += len(rows)
            self._unfinished += rows[skipped:]
            skipped = 0
            while len(self._unfinished) > MAX_FILE_BYTES:
                self._close_part(csv_rows.end_of_last(self._unfinished, MAX_FILE_BYTES))
                if len(self.progress.parts) == MAX_FILES:
                    self.progress.finished = self.progress.truncated = True
                    return
        self.progress.next_token = page.get('NextToken')
        if not self.progress.next_token:
            if len(self._unfinished) > len(self._header()) or not self.progress.parts:
                self._close_part(len(self._unfinished))
            self.progress.finished = True

    def _begin(self, page: dict[str, Any], records: list[str]) -> int:
        """Take the columns and the preview; return how long the header row is.

        "The first row returned in Records are the column headers."
        https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-calling-cli-get-statement-result.html
        """
        first = records[0] if records else ''
        rows = islice(csv_rows.decode(first), 1, 1 + MAX_PREVIEW_ROWS)
        self.progress.row_count = page['TotalNumRows']
        self.progress.columns = [
            Column(name=c.get('label') or c['name'], type=c['typeName'])
            for c in page['ColumnMetadata']
        ]
        self.progress.preview = paging.fit(map(_shortened, rows), MAX_PREVIEW_CHARACTERS)
        self._unfinished += self._header()
        return csv_rows.end_of_first(first.encode())

    def _header(self) -> bytes:
        return csv_rows.encode([column.name for column in self.progress.columns])

    def _close_part(self, end: int) -> None:
        """Write the unfinished file up to its last whole row, and begin another with the rest."""
        header = self._header()
        if end <= len(header) < len(self._unfinished):
            raise QueryFailed('A row of the result is larger than a file may be: 10 MB')
        rest = self._unfinished[end:]
        del self._unfinished[end:]
        self.folder.put(_part(len(self.progress.parts) + 1), self._unfinished, 'text/csv')
        rows = csv_rows.count(self._unfinished) - 1
        self.progress.parts.append(Part(rows=rows, size_bytes=end))
        self._unfinished = bytearray(header) + rest

    def _save(self) -> None:
        if self.progress.row_count is not None and not self.progress.finished:
            self.folder.put(_rest(self.progress), self._unfinished, 'text/csv')
        self.folder.put('progress.json', msgspec.json.encode(self.progress), 'application/json')


def _part(number: int) -> str:
    return f'{number}.csv'


def _rest(progress: Progress) -> str:
    return f'rest-after-{progress.bytes_read}.csv'


def _shortened(values: list[str | None]) -> list[str | None]:
    return [
        f'{value[:MAX_VALUE_CHARACTERS]}…' if value and len(value) > MAX_VALUE_CHARACTERS else value
        for value in values
    ]
