"""A result arrives whole, whatever it holds and wherever its transfer is interrupted."""

import csv
import io
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import duckdb
import pytest
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws
from urllib3 import HTTPResponse

from chalicelib import paging
from chalicelib.deadline import Deadline
from chalicelib.errors import NotSetUp, ServiceBusy
from chalicelib.sql import transfer
from chalicelib.sql.errors import QueryFailed, StatementNotFound
from chalicelib.sql.results import Folder
from chalicelib.sql.transfer import Part, Transfer
from tests.sql.test_csv_rows import as_redshift_writes

BUCKET = 'results'
NAMES = ('id', 'name')
VALUES = st.none() | st.text(st.sampled_from('a,"\r\n é🚲'), max_size=8)
ROWS = st.lists(st.tuples(VALUES, VALUES), max_size=60)


class Clock:
    """A clock that moves on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self._seconds = count()

    def monotonic(self) -> float:
        return next(self._seconds)

    def sleep(self, _: float) -> None:
        raise AssertionError('a transfer does not wait')


def after_pages(pages: int) -> Deadline:
    """Return a deadline that comes after so many pages."""
    return Deadline(pages + 1, Clock())


class DataApi:
    """The Data API's GetStatementResultV2 for one result, in pages of some rows each."""

    def __init__(
        self, rows: Sequence[bytes], *, page: int = 7, names: Sequence[str] = NAMES
    ) -> None:
        header = (','.join(names) + '\r\n').encode()
        self._pages = [b''.join(rows[at : at + page]) for at in range(0, len(rows), page)] or [b'']
        self._pages[0] = header + self._pages[0]
        self._names, self._row_count = names, len(rows)

    def get_statement_result_v2(self, *, Id: str, NextToken: str = '0') -> dict[str, Any]:  # noqa: N803
        assert Id == 'statement'
        number = int(NextToken)
        following = {'NextToken': str(number + 1)} if number + 1 < len(self._pages) else {}
        return {
            'Records': [{'CSVRecords': self._pages[number].decode()}],
            'ColumnMetadata': [{'name': name, 'typeName': 'varchar'} for name in self._names],
            'TotalNumRows': self._row_count,
            'ResultFormat': 'csv',
            **following,
        }


class Killed(BaseException):
    """The process is gone."""


class Calls:
    """What AWS is called for, and the moment at which the process is killed, if any."""

    def __init__(self, killed_at: int | None = None) -> None:
        self.moments = 0
        self._killed_at = killed_at

    def of(self, client: Any) -> Any:
        """Return a client whose calls are counted here: before and after each is a moment."""
        calls = self

        class Counted:
            def __getattr__(self, name: str) -> Callable[..., Any]:
                def call(**parameters: Any) -> Any:
                    calls._moment()
                    answer = getattr(client, name)(**parameters)
                    calls._moment()
                    return answer

                return call

        return Counted()

    def _moment(self) -> None:
        self.moments += 1
        if self.moments == self._killed_at:
            raise Killed


@pytest.fixture(scope='module')
def s3() -> Iterator[Any]:
    """Return a client of S3 with the bucket of results."""
    with mock_aws():
        client = boto3.client('s3', region_name='us-east-1')
        client.create_bucket(Bucket=BUCKET)
        yield client


@pytest.fixture
def folder(s3: Any) -> Folder:
    """Return the place of a statement."""
    return fresh(s3)


@pytest.fixture
def small_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make files of 150 bytes, so that a few rows fill one."""
    monkeypatch.setattr(transfer, 'MAX_FILE_BYTES', 150)


def fresh(s3: Any, numbers: Iterator[int] = count()) -> Folder:  # noqa: B008
    """Return the place of another statement."""
    return Folder(s3, BUCKET, f'sql/jane/{next(numbers)}')


def finish(folder: Folder, data_api: Any, *, pages_a_call: int = 10_000) -> Transfer:
    """Transfer a result in as many calls as it takes."""
    Transfer.begin(folder)
    while True:
        going_on = Transfer.resume(folder)
        going_on.run(data_api, 'statement', after_pages(pages_a_call))
        if going_on.progress.finished:
            return Transfer.resume(folder)


def contents(done: Transfer) -> list[bytes]:
    """Return what the files hold."""
    files = [io.BytesIO() for _ in done.files]
    for stored, file in zip(done.files, files, strict=True):
        done.folder.get(stored.key.rpartition('/')[2], into=file)
    return [file.getvalue() for file in files]


def read(files: list[bytes]) -> list[list[str]]:
    """Return the rows of all files as Python's own reader sees them; each begins with the names."""
    rows = []
    for file in files:
        header, *rest = csv.reader(io.StringIO(file.decode(), newline=''))
        assert tuple(header) == NAMES
        rows += rest
    return rows


@pytest.mark.usefixtures('small_files')
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(rows=ROWS, page=st.integers(1, 70), pages_a_call=st.integers(1, 12))
def test_files_hold_what_redshift_gave(
    s3: Any, rows: list[tuple[str | None, str | None]], page: int, pages_a_call: int
) -> None:
    encoded = as_redshift_writes([list(row) for row in rows])

    done = finish(fresh(s3), DataApi(encoded, page=page), pages_a_call=pages_a_call)

    files = contents(done)
    moved = b''.join(file.removeprefix(b'id,name\r\n') for file in files)
    expected = [['' if value is None else value for value in row] for row in rows]
    assert b''.join(encoded).startswith(moved)
    assert all(len(file) <= 150 for file in files)
    assert [part.size_bytes for part in done.progress.parts] == list(map(len, files))
    assert read(files) == expected[: done.progress.rows_done]
    assert done.progress.row_count == len(rows)
    assert done.progress.truncated == (moved != b''.join(encoded))
    assert not done.progress.truncated or len(files) == 10
    assert done.progress.preview == [list(row) for row in rows[: min(100, page)]]


@pytest.mark.usefixtures('small_files')
def test_files_are_filled_with_as_many_rows_as_fit(folder: Folder) -> None:
    rows = [f'{number},{"x" * 20}\r\n'.encode() for number in range(10, 20)]

    done = finish(folder, DataApi(rows))

    assert done.progress.parts == [Part(5, 134), Part(5, 134)]
    assert [file.name for file in done.files] == ['result-1-of-2.csv', 'result-2-of-2.csv']
    assert contents(done) == [b''.join([b'id,name\r\n', *part]) for part in (rows[:5], rows[5:])]


@pytest.mark.parametrize('page', [1, 2, 7])
def test_each_null_of_a_single_column_is_a_row_for_every_reader(
    folder: Folder, tmp_path: Path, page: int
) -> None:
    values = [None, 'a', None, None, 'b\r\n\r\nc', None]
    rows = as_redshift_writes([[value] for value in values])

    done = finish(folder, DataApi(rows, page=page, names=['v']))

    (file,) = contents(done)
    path = tmp_path / 'result.csv'
    path.write_bytes(file)
    read_by_duckdb = duckdb.read_csv(str(path), header=True).fetchall()
    assert list(csv.reader(io.StringIO(file.decode(), newline=''))) == [
        [value or ''] for value in ('v', *values)
    ]
    assert read_by_duckdb == [(value,) for value in values]
    assert done.progress.preview == [[value] for value in values[:page]]
    assert done.progress.row_count == done.progress.parts[0].rows == len(values)


def test_empty_result_is_a_file_with_the_header(folder: Folder) -> None:
    done = finish(folder, DataApi([]))

    assert contents(done) == [b'id,name\r\n']
    assert [file.name for file in done.files] == ['result.csv']
    assert (done.progress.row_count, done.progress.preview) == (0, [])


@pytest.mark.usefixtures('small_files')
@pytest.mark.parametrize(('rows', 'truncated'), [(50, False), (51, True), (500, True)])
def test_ten_files_are_the_most(folder: Folder, rows: int, truncated: bool) -> None:
    result = [f'{number:2},{"x" * 20}\r\n'.encode() for number in range(rows)]

    done = finish(folder, DataApi([row[-25:] for row in result]))

    assert len(done.files) == 10
    assert (done.progress.rows_done, done.progress.truncated) == (50, truncated)


def test_names_are_quoted_where_they_must_be(folder: Folder) -> None:
    names = ['a,b', 'say "hi"', 'two\nlines', '', 'ünï']
    header = b'"a,b","say ""hi""","two\nlines",,\xc3\xbcn\xc3\xaf\r\n'

    class Quoting(DataApi):
        def get_statement_result_v2(self, **parameters: Any) -> dict[str, Any]:
            page = super().get_statement_result_v2(**parameters)
            return page | {'Records': [{'CSVRecords': (header + b'1,2,3,4,5\r\n').decode()}]}

    done = finish(folder, Quoting([b''], names=names))

    assert [column.name for column in done.progress.columns] == names
    assert contents(done) == [header + b'1,2,3,4,5\r\n']


@pytest.mark.usefixtures('small_files')
def test_row_that_no_file_can_hold_is_an_error(folder: Folder) -> None:
    with pytest.raises(QueryFailed, match='A row of the result is larger than a file may be'):
        finish(folder, DataApi([b'1,2\r\n', b'3,' + b'x' * 200 + b'\r\n']))


def test_preview_is_kept_small(folder: Folder) -> None:
    rows = [b'1,' + b'x' * 1_000 + b'\r\n', b'2,' + b'y' * 1_001 + b'\r\n', b',""\r\n'] * 50

    preview = finish(folder, DataApi(rows, page=150)).progress.preview

    assert preview[:3] == [['1', 'x' * 1_000], ['2', 'y' * 1_000 + '…'], [None, '']]
    assert 19_000 < paging.size_of(preview) <= 20_000


@pytest.mark.usefixtures('small_files')
def test_kill_at_any_moment_changes_no_byte(s3: Any) -> None:
    values = ['plain', 'quo"ted', 'two\nlines', 'crlf\r\n', 'ünïcødé 🚲', '', None]
    rows = as_redshift_writes([[str(n), values[n % len(values)]] for n in range(40)])
    data_api = DataApi(rows, page=3)
    expected = contents(finish(fresh(s3), data_api))
    assert len(expected) > 3
    whole = Calls()
    _run_with(whole, fresh(s3), data_api)

    for moment in range(1, whole.moments + 1):
        folder = fresh(s3)
        with pytest.raises(Killed):
            _run_with(Calls(killed_at=moment), folder, data_api)
        try:
            Transfer.resume(folder)
        except StatementNotFound:
            # Killed before anything was kept: nobody has learned of the statement.
            assert moment <= 2
            continue
        assert contents(finish_resumed(folder, data_api)) == expected


SIXTY_ROWS = as_redshift_writes([[str(n), 'x' * (n % 17)] for n in range(60)])


@pytest.fixture
def undisturbed(small_files: None, folder: Folder) -> list[bytes]:  # noqa: ARG001
    """Return the files of sixty rows whose transfer nothing came between."""
    return contents(finish(folder, DataApi(SIXTY_ROWS, page=3)))


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(moments=st.lists(st.integers(1, 40), max_size=12))
def test_call_after_call_may_be_killed(
    s3: Any, undisturbed: list[bytes], moments: list[int]
) -> None:
    data_api = DataApi(SIXTY_ROWS, page=3)
    place = fresh(s3)
    Transfer.begin(place)
    for moment in moments:
        calls = Calls(killed_at=moment)
        with suppress(Killed):
            going_on = Transfer.resume(place._replace(s3=calls.of(s3)))
            going_on.run(calls.of(data_api), 'statement', after_pages(7))

    assert contents(finish_resumed(place, data_api)) == undisturbed


def test_two_calls_at_once_change_no_byte(s3: Any, undisturbed: list[bytes]) -> None:
    data_api = DataApi(SIXTY_ROWS, page=2)

    class Overtaken:
        """A client in whose every call another transfer of the same result gets ahead."""

        def __getattr__(self, name: str) -> Callable[..., Any]:
            def call(**parameters: Any) -> Any:
                ahead = Transfer.resume(place)
                ahead.run(data_api, 'statement', after_pages(3))
                return getattr(s3, name)(**parameters)

            return call

    place = fresh(s3)
    Transfer.begin(place)
    for _ in range(40):
        slow = Transfer.resume(place._replace(s3=Overtaken()))
        slow.run(data_api, 'statement', after_pages(2))

    assert contents(finish_resumed(place, data_api)) == undisturbed


def test_what_was_read_before_aws_refused_is_kept(folder: Folder) -> None:
    class Refusing(DataApi):
        def get_statement_result_v2(self, **parameters: Any) -> dict[str, Any]:
            if parameters.get('NextToken') == '3':
                raise ServiceBusy
            return super().get_statement_result_v2(**parameters)

    rows = [b'%d,x\r\n' % number for number in range(40)]
    Transfer.begin(folder)
    with pytest.raises(ServiceBusy):
        Transfer.resume(folder).run(Refusing(rows), 'statement', after_pages(100))

    assert Transfer.resume(folder).progress.rows_done == 21
    assert contents(finish_resumed(folder, DataApi(rows))) == [b'id,name\r\n' + b''.join(rows)]


@pytest.mark.usefixtures('small_files')
def test_each_file_counts_as_soon_as_it_is_there(folder: Folder) -> None:
    class Dying(DataApi):
        def get_statement_result_v2(self, **parameters: Any) -> dict[str, Any]:
            if parameters.get('NextToken') == '4':
                raise Killed
            return super().get_statement_result_v2(**parameters)

    rows = [b'%d,xxxxxxxxxxxxxxxxxxxxxxxxxx\r\n' % number for number in range(10, 40)]
    Transfer.begin(folder)
    with pytest.raises(Killed):
        Transfer.resume(folder).run(Dying(rows, page=3), 'statement', after_pages(100))

    assert Transfer.resume(folder).progress.parts == [Part(4, 133), Part(4, 133)]


def test_memory_holds_pages_but_no_file() -> None:
    class Endless(DataApi):
        """Gives its one page again and again."""

        def get_statement_result_v2(self, **_: Any) -> dict[str, Any]:
            return super().get_statement_result_v2(Id='statement') | {'NextToken': 'more'}

    def swallow(request: Any, **_: object) -> AWSResponse:
        while hasattr(request.body, 'read') and request.body.read(100_000):
            pass
        return AWSResponse(request.url, 200, HTTPHeaders(), HTTPResponse(io.BytesIO()))

    client: Any = boto3.client('s3', region_name='us-east-1')
    client.meta.events.register('before-send.s3', swallow)
    megabyte = Endless([b'1,' + b'x' * 96 + b'\r\n'] * 10_000, page=10_000)
    going_on = Transfer.begin(Folder(client, BUCKET, 'sql/jane/statement'))
    tracemalloc.start()
    try:
        going_on.run(megabyte, 'statement', after_pages(32))
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(going_on.progress.parts) == 3
    assert peak_bytes < 8_000_000


def test_nothing_is_read_past_the_deadline(folder: Folder) -> None:
    Transfer.begin(folder)
    calls = Calls()
    Transfer.resume(folder).run(calls.of(DataApi([b'1,x\r\n'])), 'statement', after_pages(0))

    assert calls.moments == 0
    assert Transfer.resume(folder).progress.row_count is None


def test_finished_transfer_calls_redshift_no_more(folder: Folder) -> None:
    finish(folder, DataApi([b'1,x\r\n']))
    calls = Calls()
    Transfer.resume(folder).run(calls.of(DataApi([])), 'statement', after_pages(9))

    assert calls.moments == 0


def test_statement_without_a_transfer_is_not_found(folder: Folder) -> None:
    with pytest.raises(StatementNotFound):
        Transfer.resume(folder)


def test_missing_bucket_is_reported(folder: Folder) -> None:
    with pytest.raises(NotSetUp, match='RESULTS_BUCKET_NAME'):
        Transfer.begin(folder._replace(bucket='no-such-bucket'))


def _run_with(calls: Calls, folder: Folder, data_api: DataApi) -> None:
    """Transfer a result in three calls: two that run out of time, and one that finishes."""
    counted = folder._replace(s3=calls.of(folder.s3))
    Transfer.begin(counted).run(calls.of(data_api), 'statement', after_pages(2))
    Transfer.resume(counted).run(calls.of(data_api), 'statement', after_pages(3))
    Transfer.resume(counted).run(calls.of(data_api), 'statement', after_pages(100))


def finish_resumed(folder: Folder, data_api: DataApi) -> Transfer:
    """Go on with a transfer to its end."""
    Transfer.resume(folder).run(data_api, 'statement', after_pages(10_000))
    return Transfer.resume(folder)
