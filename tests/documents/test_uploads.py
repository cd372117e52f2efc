"""Files of the conversation are saved for the caller alone, each for itself, never over another."""

import io
import re
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import given
from hypothesis import strategies as st

from app import app
from chalicelib import errors, paging
from chalicelib.deadline import Deadline
from chalicelib.documents import uploads
from chalicelib.documents.bucket import Documents
from chalicelib.documents.downloads import Downloader
from chalicelib.documents.errors import DocumentNotFound, NotDownloaded
from chalicelib.documents.uploads import SaveDocumentsRequest
from chalicelib.operations.routes import operation_routes
from chalicelib.person import aws
from tests.support.aws import s3_server, tls_server
from tests.support.aws.tls_server import HOST, PUBLIC_ADDRESS, FileHost
from tests.support.mcp.calls import call_tool
from tests.support.people.verified_calls import call

BUCKET = 'documents'
KEY = re.compile(r'uploads/jane/\d{8}T\d{6}Z-[0-9a-f]{8}/(?P<name>.+)')
CONTENTS = {
    '/report': b'content of the report',
    '/files/notes.md?sig=a': b'content of the notes',
    '/largest': b'x' * 10_000_000,
    '/too-large': b'x' * 10_000_001,
}


def serve(connection: Any, request: bytes) -> None:
    """Send the content that the path names."""
    path = request.split()[1].decode()
    if path not in CONTENTS:
        connection.sendall(b'HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n')
        return
    head = f'HTTP/1.1 200 OK\r\nContent-Length: {len(CONTENTS[path])}\r\n\r\n'
    connection.sendall(head.encode() + CONTENTS[path])


@pytest.fixture(scope='module')
def client() -> Iterator[Any]:
    """Run S3."""
    with s3_server.running() as running:
        yield running


@pytest.fixture(scope='module')
def host() -> Iterator[FileHost]:
    """Run OpenAI's file host."""
    with tls_server.running(serve) as running:
        yield running


@pytest.fixture
def jane(client: Any) -> Documents:
    """Return an empty bucket as Jane sees it."""
    s3_server.reset(client, BUCKET)
    return Documents(client, BUCKET, 'shared/', 'jane')


def downloader(host: FileHost) -> Downloader:
    """Return a downloader that is led to the host."""
    return Downloader(
        {HOST}, resolve=lambda _: [PUBLIC_ADDRESS], connect=host.connect, tls=host.trusting
    )


def sent(path: str, name: str | None = None, mime_type: str | None = None) -> dict[str, Any]:
    """Return a file of the conversation as ChatGPT sends it."""
    return {
        'name': name,
        'id': 'file-abc',
        'mime_type': mime_type,
        'download_link': f'https://{HOST}{path}',
    }


def save(documents: Documents, host: FileHost, *references: Any) -> dict[str, Any]:
    """Save files, as the caller asks for it and reads the answer."""
    request = msgspec.convert({'openaiFileIdRefs': list(references)}, SaveDocumentsRequest)
    answer = uploads.save_documents(documents, downloader(host), request, Deadline())
    encoded = msgspec.json.encode(answer).decode()
    assert len(encoded) < paging.MAX_ANSWER_CHARACTERS
    decoded: dict[str, Any] = msgspec.json.decode(encoded)
    return decoded


def name_of(key: str) -> str:
    """Return the name in a key, which must be one of Jane's uploads."""
    matched = KEY.fullmatch(key)
    assert matched, key
    return matched['name']


def test_file_is_saved_in_the_callers_own_folder(
    jane: Documents, host: FileHost, client: Any
) -> None:
    answer = save(jane, host, sent('/report', 'Report 2026.pdf', 'application/pdf'))

    (saved,) = answer['saved']
    assert name_of(saved['key']) == 'Report 2026.pdf'
    assert (saved['size_bytes'], answer['not_saved']) == (21, [])
    stored = client.get_object(Bucket=BUCKET, Key='shared/' + saved['key'])
    assert stored['Body'].read() == b'content of the report'
    assert stored['ContentType'] == 'application/pdf'
    assert jane.find(saved['key']).name == 'Report 2026.pdf'
    with pytest.raises(DocumentNotFound):
        jane._replace(sub='joe').find(saved['key'])


def test_same_file_again_is_another_document(jane: Documents, host: FileHost) -> None:
    twice = save(jane, host, *[sent('/report', 'a.txt')] * 2)['saved']
    again = save(jane, host, sent('/report', 'a.txt'))['saved']

    keys = [saved['key'] for saved in twice + again]
    assert len(set(keys)) == 3
    assert [name_of(key) for key in keys] == ['a.txt'] * 3


def test_document_that_is_there_is_not_overwritten(jane: Documents, client: Any) -> None:
    with s3_server.recorded(client, 'PutObject') as headers:
        jane.save('a.txt', io.BytesIO(b'text'), 'text/plain')

    assert headers[0]['If-None-Match'] == '*'


@pytest.mark.parametrize(
    ('reference', 'name', 'mime_type'),
    [
        (sent('/report', 'a.csv', 'image/png'), 'a.csv', 'text/csv'),
        (sent('/report', 'dalle-Lh2t', 'image/webp'), 'dalle-Lh2t', 'image/webp'),
        (sent('/report', 'a', 'x/y\r\nX: z'), 'a', 'application/octet-stream'),
        (sent('/report', 'a', 'nonsense'), 'a', 'application/octet-stream'),
        (sent('/report'), 'report', 'application/octet-stream'),
        (sent('/report', '..'), 'file', 'application/octet-stream'),
        (f'https://{HOST}/files/notes.md?sig=a', 'notes.md', 'text/markdown'),
        (
            {'download_link': f'https://{HOST}/report', 'more': [1]},
            'report',
            'application/octet-stream',
        ),
    ],
)
def test_name_and_type_are_those_of_the_file(
    jane: Documents, host: FileHost, reference: Any, name: str, mime_type: str
) -> None:
    (saved,) = save(jane, host, reference)['saved']

    assert name_of(saved['key']) == name
    assert jane.find(saved['key']).mime_type == mime_type


@pytest.mark.parametrize(
    ('name', 'saved_as'),
    [
        ('../../joe/1/x.txt', 'x.txt'),
        ('..\\..\\x.txt', 'x.txt'),
        ('..', 'file'),
        ('a/..', 'file'),
        ('/', 'file'),
        ('', 'report'),
        (' . ', 'file'),
        ('a\0b\r\n.txt', 'ab.txt'),
        ('exe\u202etxt.pdf', 'exetxt.pdf'),
        ('Größe 報告 👍.txt', 'Größe 報告 👍.txt'),
        ('x' * 5000 + '.txt', 'x' * 196 + '.txt'),
        ('%2e%2e%2fx', '%2e%2e%2fx'),
    ],
)
def test_name_leads_to_no_other_place(
    jane: Documents, host: FileHost, name: str, saved_as: str
) -> None:
    (saved,) = save(jane, host, sent('/report', name))['saved']

    assert name_of(saved['key']) == saved_as
    assert jane.find(saved['key']).size_bytes == 21


@given(st.text())
def test_any_name_becomes_one_part_of_a_key(name: str) -> None:
    safe = uploads.safe_name(name)

    assert 1 <= len(safe.encode()) <= 200
    assert safe not in ('.', '..')
    assert not set(safe) & set('/\\\0\r\n')


def test_one_bad_file_does_not_lose_the_others(jane: Documents, host: FileHost) -> None:
    answer = save(
        jane,
        host,
        sent('/report', 'good.txt'),
        sent('/expired', 'expired.txt'),
        sent('/too-large', 'large.txt'),
        {'name': 'elsewhere.txt', 'download_link': 'https://169.254.169.254/'},
        'file-abc',
        {'id': 'file-abc'},
        17,
        None,
        sent('/largest', 'largest.txt'),
    )

    saved = [(name_of(found['key']), found['size_bytes']) for found in answer['saved']]
    assert saved == [('good.txt', 21), ('largest.txt', 10_000_000)]
    no_file = 'This is no file of the conversation. Attach the file.'
    assert [tuple(left.values()) for left in answer['not_saved']] == [
        ('expired.txt', 'Its host answers 403. Links expire soon: attach the file again.'),
        ('large.txt', 'It has more than 10,000,000 bytes.'),
        (
            'elsewhere.txt',
            'Its link leads to no host of conversation files. Only attached files can be saved.',
        ),
        ('file', 'Its link is not an https URL. Attach the file again.'),
        ('file', no_file),
        ('file', no_file),
        ('file', no_file),
    ]


def test_when_nothing_is_saved_the_call_fails(jane: Documents, host: FileHost) -> None:
    with pytest.raises(NotDownloaded, match=r'a\.txt: Its host answers 403.* file: This is'):
        save(jane, host, sent('/expired', 'a.txt'), None)
    assert list(jane.under('')) == []


@pytest.mark.parametrize(
    ('fault', 'error'),
    [
        (s3_server.refusal(503, 'SlowDown'), errors.ServiceBusy),
        (s3_server.refusal(403, 'AccessDenied'), errors.NotPermitted),
        (s3_server.refusal(404, 'NoSuchBucket'), errors.NotSetUp),
        (s3_server.no_connection, errors.ServiceUnavailable),
        (s3_server.no_answer, errors.ServiceUnavailable),
    ],
)
def test_failure_of_s3_is_reported(
    jane: Documents,
    host: FileHost,
    fault: Callable[[], AWSResponse],
    error: type[Exception],
) -> None:
    with s3_server.failing(jane.client, 'PutObject', fault), pytest.raises(error):
        save(jane, host, sent('/report', 'a.txt'), sent('/expired', 'b.txt'))


def test_files_are_declared_as_texts_the_way_chatgpt_wants_it() -> None:
    declared = next(r for r in operation_routes(app) if r.operation.id == 'saveDocuments')
    _, structs = msgspec.json.schema_components([SaveDocumentsRequest])

    assert declared.operation.consequential
    assert structs['SaveDocumentsRequest']['properties']['openaiFileIdRefs'] == {
        'type': 'array',
        'items': {'type': 'string'},
        'minItems': 1,
        'maxItems': 10,
        'description': 'The files of this conversation to save: 1 to 10, of up to 10 MB each.',
    }


@pytest.mark.parametrize(
    ('body', 'status', 'said'),
    [
        (b'', 400, 'openaiFileIdRefs (required)'),
        (b'{"openaiFileIdRefs": []}', 400, '$.openaiFileIdRefs'),
        (b'{"openaiFileIdRefs": "file-abc"}', 400, '$.openaiFileIdRefs'),
        (b'{"openaiFileIdRefs": [1,2,3,4,5,6,7,8,9,10,11]}', 400, '$.openaiFileIdRefs'),
        (b'{"openaiFileIdRefs": ["http://169.254.169.254/"]}', 422, 'not an https URL'),
        (b'{"openaiFileIdRefs": ["https://evil.example/"]}', 422, 'no host of conversation files'),
    ],
)
def test_request_is_answered_over_http(
    monkeypatch: pytest.MonkeyPatch, body: bytes, status: int, said: str
) -> None:
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', BUCKET)
    aws.forget_clients()

    response = call(app, 'POST', '/documents', body=body)

    assert (response.status_code, said in response.json_body['Message']) == (status, True)


def test_files_of_an_mcp_call_are_saved_as_those_of_an_action(
    client: Any, jane: Documents, host: FileHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', jane.bucket)
    monkeypatch.setattr(aws, 'client', lambda _: client)
    monkeypatch.setattr(uploads, 'downloader', lambda: downloader(host))
    file = {'download_url': f'https://{HOST}/report', 'file_id': 'file-1'}
    elsewhere = {'download_url': 'https://evil.example/', 'file_id': 'file-2', 'file_name': 'b.txt'}
    named = file | {'file_name': 'Report 2026.pdf', 'mime_type': 'application/pdf'}

    answer = call_tool('saveDocuments', {'openaiFileIdRefs': [named, file, elsewhere]})

    saved, not_saved = answer['structuredContent'].values()
    assert [one['key'].rpartition('/')[2] for one in saved] == ['Report 2026.pdf', 'report']
    assert [one['name'] for one in not_saved] == ['b.txt']
    assert 'no host of conversation files' in not_saved[0]['reason']
    stored = client.get_object(Bucket=BUCKET, Key=saved[0]['key'])
    assert stored['Body'].read() == b'content of the report'
