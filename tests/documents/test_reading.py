"""Documents are listed, read in pages and handed over as files, and every failure is told."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import app
from chalicelib import errors, paging
from chalicelib.deadline import Deadline
from chalicelib.documents import reading, text_pages
from chalicelib.documents.bucket import Documents
from chalicelib.documents.errors import DocumentChanged, DocumentNotFound, NotText, PageNotFound
from chalicelib.documents.reading import (
    GetDocumentFilesRequest,
    ListDocumentsRequest,
    ReadDocumentRequest,
)
from chalicelib.person import aws
from emulator.sample import documents as sample_documents
from tests.support.aws import s3_server
from tests.support.people.verified_calls import call

BUCKET = 'documents'
SAMPLES = sample_documents.documents()
PER_EXAMPLE = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=20
)


@pytest.fixture(scope='module')
def client() -> Iterator[Any]:
    """Run S3."""
    with s3_server.running() as running:
        yield running


@pytest.fixture
def jane(client: Any) -> Documents:
    """Return an empty bucket as Jane sees it."""
    s3_server.reset(client, BUCKET)
    return Documents(client, BUCKET, 'shared/', 'jane')


def put(documents: Documents, key: str, content: bytes = b'text', **more: str) -> None:
    """Put a document into the bucket."""
    documents.client.put_object(Bucket=BUCKET, Key=documents.prefix + key, Body=content, **more)


def answer(struct: msgspec.Struct) -> dict[str, Any]:
    """Return an answer as the caller reads it."""
    encoded = msgspec.json.encode(struct).decode()
    assert len(encoded) < paging.MAX_ANSWER_CHARACTERS
    decoded: dict[str, Any] = msgspec.json.decode(encoded)
    return decoded


def listed(documents: Documents, prefix: str = '', cursor: str = '') -> dict[str, Any]:
    """List documents."""
    return answer(
        reading.list_documents(documents, ListDocumentsRequest(prefix=prefix, cursor=cursor))
    )


def read(documents: Documents, key: str, page: int = 1) -> dict[str, Any]:
    """Read a page of a document."""
    return answer(
        reading.read_document(documents, ReadDocumentRequest(key=key, page=page), Deadline())
    )


def texts(documents: Documents, key: str) -> list[str]:
    """Read all pages of a document."""
    first = read(documents, key)
    others = [read(documents, key, page) for page in range(2, first['pages'] + 1)]
    assert {page['pages'] for page in others} <= {first['pages']}
    return [page['text'] for page in (first, *others)]


def files(documents: Documents, *keys: str) -> dict[str, Any]:
    """Get documents as files."""
    return answer(reading.get_document_files(documents, GetDocumentFilesRequest(keys=list(keys))))


# listDocuments


def test_documents_are_listed_with_size_date_and_type(jane: Documents) -> None:
    put(jane, 'b.csv', b'a,b\n')
    put(jane, 'a/c', b'')

    found = listed(jane)

    dates = [datetime.fromisoformat(d.pop('last_modified')) for d in found['documents']]
    assert all(abs((date - datetime.now(UTC)).total_seconds()) < 60 for date in dates)
    assert found == {
        'documents': [
            {'key': 'a/c', 'size_bytes': 0, 'mime_type': 'application/octet-stream'},
            {'key': 'b.csv', 'size_bytes': 4, 'mime_type': 'text/csv'},
        ],
        'cursor': None,
    }


def test_empty_bucket_lists_nothing(jane: Documents) -> None:
    assert listed(jane) == {'documents': [], 'cursor': None}


@pytest.mark.parametrize('name', ['x', 'é' * 480, '"' * 900])
def test_cursors_lead_through_all_documents(jane: Documents, name: str) -> None:
    keys = [f'{number:03}{name}' for number in range(320)]
    s3_server.fill(BUCKET, [jane.prefix + key for key in keys])

    found = listed(jane)
    seen = found['documents']
    while found['cursor']:
        found = listed(jane, cursor=found['cursor'])
        seen += found['documents']

    assert [document['key'] for document in seen] == keys


def test_cursor_of_another_question_is_refused(jane: Documents) -> None:
    s3_server.fill(BUCKET, [f'{jane.prefix}a{number:03}' for number in range(301)])
    cursor = listed(jane, 'a')['cursor']

    assert [d['key'] for d in listed(jane, 'a', cursor)['documents']] == ['a300']
    for documents, prefix in [
        (jane, ''),
        (jane, 'a3'),
        (jane._replace(sub='joe'), 'a'),
        (jane._replace(prefix=''), 'a'),
        (jane._replace(bucket='other'), 'a'),
    ]:
        with pytest.raises(errors.InvalidCursor):
            listed(documents, prefix, cursor)
    for forged in ('x', '*', cursor[:-4], paging.cursor_to('a', 'findRecords', 'a')):
        with pytest.raises(errors.InvalidCursor):
            listed(jane, 'a', forged)


@pytest.mark.parametrize(
    'position', ['', '\0', 'a\0b', '../secret', '/', 'x' * 2_000, 'uploads/joe/x', 7, None, ['a']]
)
def test_forged_cursor_leads_only_to_what_can_be_listed(jane: Documents, position: object) -> None:
    put(jane, 'a')
    put(jane, 'uploads/joe/y')
    scope = ('listDocuments', BUCKET, 'shared/', 'jane', '')

    with pytest.raises(errors.InvalidCursor):
        listed(jane, cursor=paging.cursor_to(position, *scope))


# readDocument


def test_page_comes_with_what_is_known_of_the_document(jane: Documents) -> None:
    put(jane, 'policies/travel.md', SAMPLES['policies/travel.md'])

    found = read(jane, 'policies/travel.md')

    assert datetime.fromisoformat(found.pop('last_modified')).tzinfo
    assert found == {
        'key': 'policies/travel.md',
        'mime_type': 'text/markdown',
        'size_bytes': 311,
        'page': 1,
        'pages': 1,
        'text': SAMPLES['policies/travel.md'].decode(),
    }


def test_pages_of_a_text_put_together_give_it(jane: Documents) -> None:
    put(jane, 'handbook.txt', SAMPLES['shared/handbook.txt'])

    pages = texts(jane, 'handbook.txt')

    assert len(pages) == 4
    assert ''.join(pages).encode() == SAMPLES['shared/handbook.txt']
    assert all(page.endswith('\n\n') for page in pages[:-1])


def test_pages_of_a_table_are_whole_rows_under_the_header(jane: Documents) -> None:
    put(jane, 'orders.csv', SAMPLES['reports/orders.csv'])
    whole = list(csv.reader(io.StringIO(SAMPLES['reports/orders.csv'].decode(), newline='')))

    pages = [list(csv.reader(io.StringIO(text, newline=''))) for text in texts(jane, 'orders.csv')]

    assert len(pages) == 3
    assert all(page[0] == whole[0] for page in pages)
    assert [row for page in pages for row in page[1:]] == whole[1:]


@pytest.mark.parametrize(
    ('key', 'content', 'text'),
    [
        ('a.txt', b'', ''),
        ('a.txt', '\ufeffGröße'.encode(), 'Größe'),
        ('a.txt', 'Größe: 5 €'.encode('cp1252'), 'Größe: 5 €'),
        ('a.txt', 'Größe'.encode('utf-16'), 'Größe'),
        (
            'a.csv',
            'id,名前\n1,田中さんの会社です\n'.encode('cp932'),
            'id,名前\n1,田中さんの会社です\n',
        ),
        ('a.json', b'{"a": [1, 2]}', '{"a": [1, 2]}'),
        ('a', b'no extension', 'no extension'),
        ('a.html', b'<p>One</p><script>x</script><p>T&eacute;a</p>', 'One\n\nTéa'),
        ('a.html', '<meta charset=windows-1251><b>Отчёт</b>'.encode('cp1251'), 'Отчёт'),
        ('a.html', '<p>Größe</p>'.encode('utf-16'), 'Größe'),
        ('a.txt', b'color \x1b[31mred\x1b[0m', 'color \x1b[31mred\x1b[0m'),
    ],
)
def test_text_of_any_type_and_charset_is_read(
    jane: Documents, key: str, content: bytes, text: str
) -> None:
    put(jane, key, content)

    assert texts(jane, key) == [text]


@pytest.mark.parametrize('charset', ['utf-16', 'cp932', 'gb18030', 'euc_jp'])
def test_no_page_splits_a_character_of_two_bytes(jane: Documents, charset: str) -> None:
    text = '報告の文書' * 20_000
    put(jane, 'a.txt', text.encode(charset), ContentType=f'text/plain; charset={charset}')

    pages = texts(jane, 'a.txt')

    assert len(pages) > 5
    assert ''.join(pages) == text


def test_html_of_many_pages_is_read_from_its_beginning_to_its_end(jane: Documents) -> None:
    paragraphs = [f'Paragraph {number} says that it is number {number}.' for number in range(3000)]
    html = ''.join(f'<p class="of-some-class"><b>{text}</b></p>\n' for text in paragraphs)
    put(jane, 'a.html', html.encode())

    pages = texts(jane, 'a.html')

    assert len(pages) > 2
    assert ''.join(pages) == '\n\n'.join(paragraphs)


@PER_EXAMPLE
@given(st.lists(st.text(st.characters(codec='utf-8')), min_size=1), st.integers(1, 100_000))
def test_whatever_the_text_pages_fit_and_give_it_back(
    jane: Documents, parts: list[str], size_bytes: int
) -> None:
    text = ''.join(parts).replace('\0', '') or 'x'
    text = (text * (size_bytes // len(text.encode()) + 1)).removeprefix('\ufeff')
    put(jane, 'a.txt', text.encode(), ContentType='text/plain; charset=utf-8')

    try:
        assert ''.join(texts(jane, 'a.txt')) == text
    except NotText:
        controls = sum(character < ' ' and character not in '\b\f\n\r\t' for character in text)
        assert controls > len(text) / 20


def test_only_what_a_page_needs_is_fetched(jane: Documents, client: Any) -> None:
    put(jane, 'large.txt', b'All work and no play. ' * 500_000)

    with s3_server.recorded(client, 'GetObject') as headers:
        page = read(jane, 'large.txt', 200)

    assert page['pages'] == 306
    assert [sent['Range'] for sent in headers] == ['bytes=0-40499', 'bytes=7155000-7204499']


@pytest.mark.parametrize(
    ('key', 'content', 'mime_type'),
    [
        ('a.pdf', SAMPLES['invoices/2026-001.pdf'], 'application/pdf'),
        ('a.zip', b'PK\x03\x04\0\0', 'application/zip'),
        ('a.txt', b'\x01\x02\x03\x04' * 9_000, 'text/plain'),
        ('a', b'\x7fELF\0', 'application/octet-stream'),
    ],
)
def test_what_is_not_text_is_to_be_got_as_a_file(
    jane: Documents, key: str, content: bytes, mime_type: str
) -> None:
    put(jane, key, content)

    with pytest.raises(NotText, match=f'{mime_type}.* with getDocumentFiles'):
        read(jane, key)


@pytest.mark.parametrize('key', ['a.txt', 'a.html'])
@pytest.mark.parametrize('page', [2, 10**30])
def test_page_after_the_last_is_not_found(jane: Documents, key: str, page: int) -> None:
    put(jane, key)

    with pytest.raises(PageNotFound, match='the pages are 1 to 1'):
        read(jane, key, page)


def test_document_of_another_is_neither_read_nor_handed_over(jane: Documents) -> None:
    put(jane, 'uploads/joe/1/x.txt')

    with pytest.raises(DocumentNotFound) as of_another:
        read(jane, 'uploads/joe/1/x.txt')
    with pytest.raises(DocumentNotFound) as missing:
        read(jane, 'uploads/joe/1/y.txt')
    with pytest.raises(DocumentNotFound):
        files(jane, 'uploads/joe/1/x.txt')
    assert str(of_another.value) == str(missing.value).replace('y.txt', 'x.txt')


# getDocumentFiles


def test_files_come_with_their_content_name_and_type(jane: Documents) -> None:
    put(jane, 'invoices/2026-001.pdf', SAMPLES['invoices/2026-001.pdf'])
    put(jane, 'Größe.csv', b'a,b\n', ContentType='text/plain; charset=utf-8')

    found = files(jane, 'invoices/2026-001.pdf', 'Größe.csv')

    assert found['left_out'] == []
    pdf, table = (requests.get(url, timeout=5) for url in found['openaiFileResponse'])
    assert pdf.content == SAMPLES['invoices/2026-001.pdf']
    assert pdf.headers['Content-Type'] == 'application/pdf'
    assert pdf.headers['Content-Disposition'] == 'attachment; filename="2026-001.pdf"'
    assert table.content == b'a,b\n'
    assert table.headers['Content-Type'] == 'text/csv'
    assert table.headers['Content-Disposition'].endswith("filename*=UTF-8''Gr%C3%B6%C3%9Fe.csv")


def test_good_files_are_handed_over_and_the_others_explained(jane: Documents) -> None:
    put(jane, 'a.txt')
    put(jane, 'photo.png', ContentType='image/png')
    put(jane, 'film', ContentType='video/mp4')
    put(jane, 'large.bin', bytes(10_000_001))
    put(jane, 'largest.bin', bytes(10_000_000))
    put(jane, 'uploads/joe/1/x.txt')
    keys = ['a.txt', 'photo.png', 'film', 'large.bin', 'largest.bin', 'nobody.txt']

    found = files(jane, *keys, 'a.txt', '../a.txt', 'uploads/joe/1/x.txt')

    assert len(found['openaiFileResponse']) == 2
    assert {left['key']: left['reason'] for left in found['left_out']} == {
        'photo.png': 'image/png is not allowed: ChatGPT takes no images and videos.',
        'film': 'video/mp4 is not allowed: ChatGPT takes no images and videos.',
        'large.bin': '10,000,001 bytes is too large: ChatGPT takes up to 10,000,000.',
        'nobody.txt': not_found('nobody.txt'),
        '../a.txt': not_found('../a.txt'),
        'uploads/joe/1/x.txt': not_found('uploads/joe/1/x.txt'),
    }


def not_found(key: str) -> str:
    """Return what is said of a document that is not there."""
    return f'Not found: {key}. Take keys exactly as listDocuments gives them.'


def test_when_there_is_nothing_to_hand_over_the_call_fails(jane: Documents) -> None:
    put(jane, 'photo.png')

    with pytest.raises(DocumentNotFound, match=r'Not found: a.txt, b.txt\.'):
        files(jane, 'a.txt', 'b.txt')
    with pytest.raises(errors.FileNotAllowed, match=r'photo\.png: image/png is not allowed'):
        files(jane, 'photo.png')
    with pytest.raises(errors.FileNotAllowed, match=r'photo\.png: .*; a\.txt: Not found'):
        files(jane, 'photo.png', 'a.txt')


def test_ten_documents_with_the_longest_keys_fit_an_answer(jane: Documents) -> None:
    keys = [f'{number}{"𝄞" * 254}' for number in range(10)]
    for key in keys:
        put(jane, key)

    assert len(files(jane, *keys)['openaiFileResponse']) == 10


# Faults


def to_list(documents: Documents) -> None:
    """List."""
    listed(documents)


def to_read(documents: Documents) -> None:
    """Read."""
    read(documents, 'a.txt')


def to_read_streamed(documents: Documents) -> None:
    """Read what has to be streamed."""
    read(documents, 'a.html')


def to_hand_over(documents: Documents) -> None:
    """Hand over."""
    files(documents, 'a.txt')


ERROR_CODES = {
    'ListObjectsV2': ('SlowDown', 'AccessDenied', 'NoSuchBucket'),
    'GetObject': ('SlowDown', 'AccessDenied', 'NoSuchKey'),
    'HeadObject': ('', '', ''),
}


@pytest.mark.parametrize(
    ('act', 'operation', 'missing'),
    [
        (to_list, 'ListObjectsV2', errors.NotSetUp),
        (to_read, 'HeadObject', DocumentNotFound),
        (to_read, 'GetObject', DocumentChanged),
        (to_read_streamed, 'GetObject', DocumentChanged),
        (to_hand_over, 'HeadObject', DocumentNotFound),
    ],
)
def test_each_failure_of_s3_is_reported(
    jane: Documents,
    act: Callable[[Documents], None],
    operation: str,
    missing: type[Exception],
) -> None:
    put(jane, 'a.txt')
    put(jane, 'a.html')
    busy, denied, not_there = ERROR_CODES[operation]

    for fault, error in [
        (s3_server.refusal(503, busy), errors.ServiceBusy),
        (s3_server.refusal(403, denied), errors.NotPermitted),
        (s3_server.refusal(404, not_there), missing),
        (s3_server.no_connection, errors.ServiceUnavailable),
        (s3_server.no_answer, errors.ServiceUnavailable),
    ]:
        with s3_server.failing(jane.client, operation, fault), pytest.raises(error):
            act(jane)
    act(jane)


@pytest.mark.parametrize('act', [to_read, to_read_streamed])
def test_document_that_breaks_off_is_not_taken_for_whole(
    jane: Documents, act: Callable[[Documents], None]
) -> None:
    put(jane, 'a.txt')
    put(jane, 'a.html')
    broken_off = s3_server.answer(b'te', 4)

    with (
        s3_server.failing(jane.client, 'GetObject', broken_off),
        pytest.raises(errors.ServiceUnavailable),
    ):
        act(jane)


def test_pages_of_the_largest_texts_are_counted() -> None:
    assert text_pages.count(5 * 10**12) == 138_888_889


# Over HTTP


@pytest.fixture
def configured(jane: Documents, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the app use the bucket."""
    monkeypatch.setenv('AWS_ENDPOINT_URL', jane.client.meta.endpoint_url)
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', BUCKET)
    aws.forget_clients()
    yield
    aws.forget_clients()


@pytest.mark.parametrize(
    ('line', 'body', 'status', 'said'),
    [
        ('GET /documents', b'', 200, '"documents":[]'),
        ('GET /documents?prefix=..%2F', b'', 200, '"documents":[]'),
        ('GET /documents?cursor=garbage', b'', 400, 'InvalidCursor'),
        ('GET /documents?unheard=of', b'', 400, 'The fields are: prefix, cursor'),
        ('GET /documents/text', b'', 400, 'key (required)'),
        ('GET /documents/text?key=', b'', 404, 'Not found'),
        ('GET /documents/text?key=a%00b', b'', 404, 'Not found'),
        ('GET /documents/text?key=..%2F..%2Fx', b'', 404, 'Not found'),
        ('GET /documents/text?key=a&page=0', b'', 400, '$.page'),
        ('GET /documents/text?key=a&page=two', b'', 400, '$.page'),
        ('GET /documents/text?key=a&key=b', b'', 400, 'only once'),
        ('POST /documents/files', b'', 400, 'keys (required)'),
        ('POST /documents/files', b'{"keys": []}', 400, '$.keys'),
        ('POST /documents/files', b'{"keys": "a"}', 400, '$.keys'),
        (
            'POST /documents/files',
            b'{"keys": ["1","2","3","4","5","6","7","8","9","0","a"]}',
            400,
            '$.keys',
        ),
        ('POST /documents/files', b'{"keys": ["a", ""]}', 404, 'Not found: a, '),
    ],
)
@pytest.mark.usefixtures('configured')
def test_request_is_answered_over_http(line: str, body: bytes, status: int, said: str) -> None:
    method, path = line.split()

    response = call(app, method, path, body=body)

    assert (response.status_code, said in response.body.decode()) == (status, True)
