import base64
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest
from botocore.config import Config
from hypothesis import given
from hypothesis import strategies as st
from mypy_boto3_s3 import S3Client
from werkzeug.http import parse_options_header

from chalicelib import files, paging
from chalicelib.errors import FileNotAllowed
from chalicelib.files import StoredFile


def s3_client(session_token: str) -> S3Client:
    session = boto3.Session('access_key', 'secret', session_token, region_name='eu-west-1')
    return session.client('s3', config=Config(signature_version='s3v4'))


@pytest.fixture(scope='module')
def client() -> Iterator[S3Client]:
    client = s3_client('token')
    yield client
    client.close()


def stored(name: str, mime_type: str = 'text/csv', size_bytes: int = 1) -> StoredFile:
    return StoredFile(key=f'a/{name}', name=name, mime_type=mime_type, size_bytes=size_bytes)


def signed_query(client: S3Client, name: str) -> dict[str, list[str]]:
    (url,) = files.urls(client, 'bucket', [stored(name)])
    return parse_qs(urlsplit(url).query)


def test_url_is_signed_with_name_and_type_and_soon_expires(client: S3Client) -> None:
    query = signed_query(client, 'orders.csv')

    assert query['response-content-type'] == ['text/csv']
    assert query['response-content-disposition'] == ['attachment; filename="orders.csv"']
    assert query['X-Amz-Algorithm'] == ['AWS4-HMAC-SHA256']
    assert query['X-Amz-Expires'] == ['300']


@pytest.mark.parametrize(
    ('name', 'disposition'),
    [
        (
            'Bericht März.pdf',
            'filename="Bericht M_rz.pdf"; filename*=UTF-8\'\'Bericht%20M%C3%A4rz.pdf',
        ),
        ('報告.pdf', 'filename="__.pdf"; filename*=UTF-8\'\'%E5%A0%B1%E5%91%8A.pdf'),
        ('a"b\\c.csv', 'filename="a_b_c.csv"; filename*=UTF-8\'\'a%22b%5Cc.csv'),
        ('100%.csv', 'filename="100_.csv"; filename*=UTF-8\'\'100%25.csv'),
        ('a\r\nb.csv', 'filename="a__b.csv"; filename*=UTF-8\'\'a%0D%0Ab.csv'),
        ('x' * 300 + '.csv', f'filename="{"x" * 196}.csv"'),
    ],
)
def test_any_name_is_carried_by_the_content_disposition(
    client: S3Client, name: str, disposition: str
) -> None:
    query = signed_query(client, name)

    assert query['response-content-disposition'] == [f'attachment; {disposition}']


@given(st.text(st.characters(codec='utf-8'), max_size=50))
def test_content_disposition_gives_the_name_back(client: S3Client, name: str) -> None:
    (disposition,) = signed_query(client, name)['response-content-disposition']

    assert disposition.isascii()
    assert disposition.isprintable()
    assert parse_options_header(disposition) == ('attachment', {'filename': name})


def test_ten_urls_of_the_longest_keys_fit_an_answer() -> None:
    client = s3_client('t/+' * 500)
    longest = StoredFile(key='𝄞' * 256, name='𝄞' * 256, mime_type='text/plain', size_bytes=1)

    urls = files.urls(client, 'b' * 63, [longest] * 10)

    assert paging.size_of(urls) < paging.MAX_ANSWER_CHARACTERS
    client.close()


@given(st.text(st.characters(codec='utf-8') | st.just('.')))
def test_shortened_name_is_short_and_begins_the_same(name: str) -> None:
    for long in (name, name * 50):
        short = files.shortened(long)

        assert len(short.encode()) <= files.MAX_NAME_BYTES
        assert short == long or long.startswith(short[:20])
        assert short == long or len(short.encode()) > files.MAX_NAME_BYTES - 4


@pytest.mark.parametrize(
    ('file', 'reason'),
    [
        (stored('photo.png', 'image/png'), 'image/png is not allowed'),
        (stored('photo.png', 'application/octet-stream'), 'image/png is not allowed'),
        (stored('photo', 'IMAGE/PNG'), 'IMAGE/PNG is not allowed'),
        (stored('drawing.svg', 'text/plain'), 'image/svg[+]xml is not allowed'),
        (stored('film.mkv', 'text/plain'), 'video/x-matroska is not allowed'),
        (stored('large.csv', size_bytes=10_000_001), '10,000,001 bytes is too large'),
    ],
)
def test_file_that_chatgpt_would_not_take_is_refused(
    client: S3Client, file: StoredFile, reason: str
) -> None:
    with pytest.raises(FileNotAllowed, match=reason):
        files.urls(client, 'bucket', [stored('good.csv'), file])


def test_ten_files_of_the_largest_size_are_taken_and_eleven_are_not(client: S3Client) -> None:
    largest = stored('large.csv', size_bytes=10_000_000)

    assert len(files.urls(client, 'bucket', [largest] * 10)) == 10
    with pytest.raises(FileNotAllowed, match='11 files are too many'):
        files.urls(client, 'bucket', [largest] * 11)


@pytest.mark.parametrize(
    ('name', 'mime_type'),
    [
        ('a.csv', 'text/csv'),
        ('A.CSV', 'text/csv'),
        ('a.json', 'application/json'),
        ('notes.md', 'text/markdown'),
        ('a.b.pdf', 'application/pdf'),
        ('Report: 2026.pdf', 'application/pdf'),
        ('data:image/png,x.pdf', 'application/pdf'),
        ('a.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
        ('a.csv.gz', 'application/gzip'),
        ('a.csv.xz', 'application/octet-stream'),
        ('a.unheard-of', 'application/octet-stream'),
        ('README', 'application/octet-stream'),
        ('', 'application/octet-stream'),
    ],
)
def test_mime_type_is_reported_by_the_name(name: str, mime_type: str) -> None:
    assert files.mime_type_of(name) == mime_type


@given(st.binary(max_size=200))
def test_small_file_goes_inline(content: bytes) -> None:
    file = files.inline('orders.csv', content)

    assert (file.name, file.mime_type) == ('orders.csv', 'text/csv')
    assert base64.b64decode(file.content, validate=True) == content


def test_largest_inline_file_fits_an_answer_and_one_byte_more_is_refused() -> None:
    largest = files.inline('a.bin', bytes(60_000))

    assert paging.size_of([largest]) < paging.MAX_ANSWER_CHARACTERS
    with pytest.raises(FileNotAllowed, match='60,001 bytes is too large for the answer itself'):
        files.inline('a.bin', bytes(60_001))
    with pytest.raises(FileNotAllowed, match='image/png'):
        files.inline('a.png', b'x')
