"""Documents in every front, in the whole of a bucket and in a folder of it."""

from collections.abc import Mapping

import boto3
import pytest

from chalicelib.documents import uploads
from chalicelib.documents.downloads import Downloader
from tests.support.aws import tls_server
from tests.support.aws.tls_server import HOST, PUBLIC_ADDRESS
from tests.support.every_operation import ask
from tests.support.scenario import Scenario

VARIANTS = {'documents in a folder': {'DOCUMENTS_PREFIX': 'shared/'}}
SOMEBODY_ELSES = 'uploads/somebody-else/b.txt'
# As ChatGPT sends it, but from a host that it has no files on.
FILE = {'download_url': 'https://evil.example/a', 'file_id': 'file-1', 'file_name': 'notes.txt'}


def prepare(settings: Mapping[str, str]) -> None:
    """Put a document of somebody else beside the samples, all of them into the folder."""
    s3, bucket = boto3.client('s3'), settings['DOCUMENTS_BUCKET_NAME']
    folder = settings.get('DOCUMENTS_PREFIX', '')
    for each in s3.list_objects_v2(Bucket=bucket)['Contents'] if folder else ():
        s3.copy_object(
            Bucket=bucket, Key=folder + each['Key'], CopySource=f'{bucket}/{each["Key"]}'
        )
    for key in (SOMEBODY_ELSES, 'shared/a.html'):
        s3.put_object(Bucket=bucket, Key=folder + key, Body=b'text')


def _others_are_passed_over() -> None:
    keys = {document['key'] for document in ask('GET', '/documents')['documents']}
    assert 'shared/a.html' in keys
    assert SOMEBODY_ELSES not in keys


def _as_a_whole() -> None:
    """Read a document as a whole, and one that is not there."""
    ask('GET', '/documents/text?key=shared/a.html')
    ask('GET', '/documents/text?key=shared/missing', status=404)


def _saved() -> None:
    """Save a file of the conversation, and read it."""
    answer_with = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext'
    link = f'https://{HOST}/report'
    with (
        tls_server.running(lambda connection, _: connection.sendall(answer_with)) as host,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(
            uploads,
            'downloader',
            lambda: Downloader(
                {HOST}, resolve=lambda _: [PUBLIC_ADDRESS], connect=host.connect, tls=host.trusting
            ),
        )
        (saved,) = ask('POST', '/documents', {'openaiFileIdRefs': [link]})['saved']
    ask('GET', f'/documents/text?key={saved["key"]}')


SCENARIOS = {
    'listDocuments': Scenario({'prefix': 'invoices/'}, more=_others_are_passed_over),
    'readDocument': Scenario(
        {'key': 'shared/handbook.txt', 'page': 2},
        {'key': 'shared/handbook.txt', 'page': 2},
        more=_as_a_whole,
    ),
    'getDocumentFiles': Scenario(
        {'keys': ['invoices/2026-001.pdf', 'shared/missing']}, files={'2026-001.pdf': b'%PDF'}
    ),
    'saveDocuments': Scenario(
        {'openaiFileIdRefs': [FILE]}, refused='no host of conversation files', more=_saved
    ),
}
