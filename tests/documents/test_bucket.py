"""A caller sees what is under the prefix but for what others have saved; no key leads elsewhere."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import errors
from chalicelib.documents.bucket import Documents
from chalicelib.documents.errors import DocumentChanged, DocumentNotFound
from chalicelib.identity import Caller
from tests.support.aws import s3_server

BUCKET = 'documents'


@pytest.fixture(scope='module')
def s3() -> Iterator[Any]:
    """Run S3."""
    with s3_server.running() as client:
        yield client


@pytest.fixture
def jane(s3: Any) -> Documents:
    """Return an empty bucket as Jane sees it."""
    s3_server.reset(s3, BUCKET)
    return Documents(s3, BUCKET, 'shared/', 'jane')


def put(documents: Documents, *keys: str, prefix: str = 'shared/') -> None:
    """Put small documents into the bucket."""
    s3_server.fill(documents.bucket, [prefix + key for key in keys])


def keys(documents: Documents, prefix: str = '', after: str = '') -> list[str]:
    """Return the keys that a caller sees."""
    return [document.key for document in documents.under(prefix, after)]


def test_what_the_settings_name_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', 'a-bucket')
    monkeypatch.setenv('DOCUMENTS_PREFIX', 'a/b')
    caller = Caller('sub-of-ann', 'ann', 'client', frozenset(), ())

    assert Documents.seen_by(caller)[1:] == ('a-bucket', 'a/b/', 'sub-of-ann', None)


def test_keys_are_those_under_the_prefix_without_it(jane: Documents) -> None:
    put(jane, 'b.txt', 'a/c.txt', 'folder/')
    put(jane, 'shared.txt', 'shared', 'shared2/x.txt', 'secret/x.txt', prefix='')

    assert keys(jane) == ['a/c.txt', 'b.txt']
    assert keys(jane, 'a') == ['a/c.txt']
    assert keys(jane, after='a/c.txt') == ['b.txt']


def test_without_a_prefix_all_of_the_bucket_is_seen(jane: Documents) -> None:
    put(jane, 'b.txt', prefix='')
    put(jane, 'a.txt')

    assert keys(jane._replace(prefix='')) == ['b.txt', 'shared/a.txt']


def test_what_others_have_saved_is_not_there(jane: Documents) -> None:
    put(jane, 'a.txt', 'uploads', 'uploads.txt', 'v.txt')
    put(jane, 'uploads/anne/1/x.txt', 'uploads/jane/1/x.txt', 'uploads/jane2/1/x.txt')
    put(jane, 'uploads/x.txt', 'uploads/\U0010fffe/x.txt')

    for prefix in ('', 'u', 'uploads', 'uploads/'):
        mine = [key for key in ('uploads', 'uploads.txt') if key.startswith(prefix)]
        assert [k for k in keys(jane, prefix) if k not in ('a.txt', 'v.txt')] == [
            *mine,
            'uploads/jane/1/x.txt',
        ]
    assert keys(jane, 'uploads/anne/') == []
    assert keys(jane, after='uploads/jane/1/x.txt') == ['v.txt']
    for key in ('uploads/anne/1/x.txt', 'uploads/jane2/1/x.txt', 'uploads/x.txt'):
        with pytest.raises(DocumentNotFound):
            jane.find(key)
    assert jane.find('uploads/jane/1/x.txt').size_bytes == 4


def test_many_documents_of_others_are_leapt_over(jane: Documents, s3: Any) -> None:
    put(jane, *(f'uploads/a{number:03}/x.txt' for number in range(405)))
    put(jane, *(f'uploads/k{number:03}/x.txt' for number in range(9)))
    put(jane, 'a.txt', 'uploads/jane/1/x.txt', 'z.txt')

    with s3_server.recorded(s3, 'ListObjectsV2') as calls:
        assert keys(jane) == ['a.txt', 'uploads/jane/1/x.txt', 'z.txt']
    assert len(calls) == 3


def test_a_sub_with_a_slash_opens_no_other_folder(jane: Documents) -> None:
    put(jane, 'uploads/jane/1/x.txt')

    assert keys(jane._replace(sub='jane/1')) == []
    assert keys(jane._replace(sub='')) == []


@pytest.mark.parametrize(
    'key',
    [
        '',
        '/',
        '/a.txt',
        'a/',
        '.',
        '..',
        '../secret.txt',
        'a/../../secret.txt',
        'a/..',
        './a.txt',
        'a/./a.txt',
        'a\0.txt',
        'a\n.txt',
        '\ud800',
        'x' * 1018,
        'é' * 509,
        'x' * 90_000,
        'nobody.txt',
        '%2e%2e/secret.txt',
        '..%2fsecret.txt',
        '..\\secret.txt',
        'A.TXT',
        'a.txt ',
        'uploads/joe/1/x.txt',
        'uploads/../uploads/joe/1/x.txt',
        '報告.txt',
    ],
)
def test_key_of_a_missing_or_hidden_document_is_not_found(jane: Documents, key: str) -> None:
    put(jane, 'a.txt', 'uploads/joe/1/x.txt')
    put(jane, 'secret.txt', prefix='')

    with pytest.raises(DocumentNotFound, match='Take keys exactly as listDocuments') as error:
        jane.find(key)
    assert len(str(error.value)) < 400


@pytest.mark.parametrize('key', ['a b+c&d.txt', '報告/é.txt', 'a%20b.txt', 'a..b/...', '\'"<>.txt'])
def test_unusual_key_is_listed_and_found(jane: Documents, key: str) -> None:
    put(jane, key)

    assert keys(jane) == [key]
    assert jane.find(key).key == key


def test_what_has_no_valid_key_is_not_listed(jane: Documents) -> None:
    put(jane, 'a\x01b', 'a//b', 'b/../c', 'uploads/jane/../x', 'uploads/jane/y')

    assert keys(jane) == ['a//b', 'uploads/jane/y']


@pytest.mark.parametrize('prefix', ['/', '../', 'a/../', '\0', 'x' * 2000, '\ud800', 'nobody'])
def test_prefix_without_documents_lists_nothing(jane: Documents, prefix: str) -> None:
    put(jane, 'a.txt')

    assert keys(jane, prefix) == []


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(st.text(st.sampled_from('./%2eux\0\\') | st.characters(), max_size=20))
def test_no_key_or_prefix_reaches_outside(jane: Documents, text: str) -> None:
    put(jane, 'secret.txt', 'uploads/joe/1/x.txt', prefix='')

    for key in (text, f'../{text}', f'uploads/{text}'):
        assert keys(jane, key) == []
        with pytest.raises(DocumentNotFound):
            jane.find(key)


@pytest.mark.parametrize(
    ('key', 'stored', 'expected'),
    [
        ('a.csv', 'binary/octet-stream', ('text/csv', None)),
        ('a.csv', 'text/plain; charset=Shift_JIS', ('text/csv', 'Shift_JIS')),
        ('a', 'text/plain;charset="utf-16"', ('text/plain', 'utf-16')),
        ('a.csv', 'Application/JSON', ('application/json', None)),
        ('a', 'binary/octet-stream', ('application/octet-stream', None)),
        ('a.xyz', 'application/x-own', ('application/x-own', None)),
    ],
)
def test_type_is_what_was_stored_unless_the_name_says_more(
    jane: Documents, s3: Any, key: str, stored: str, expected: tuple[str, str | None]
) -> None:
    s3.put_object(Bucket=BUCKET, Key=f'shared/{key}', Body=b'', ContentType=stored)

    found = jane.find(key)

    assert (found.mime_type, found.charset) == expected


@pytest.mark.parametrize(
    ('start', 'end', 'content'),
    [(0, 3, b'abc'), (2, 4, b'cd'), (3, 99, b'def'), (6, 9, b''), (9, 12, b''), (0, 0, b'')],
)
def test_part_of_a_document_is_read(
    jane: Documents, s3: Any, start: int, end: int, content: bytes
) -> None:
    s3.put_object(Bucket=BUCKET, Key='shared/a', Body=b'abcdef')

    assert jane.read(jane.find('a'), start, end) == content


def test_document_that_is_replaced_meanwhile_is_not_mixed_up(jane: Documents, s3: Any) -> None:
    put(jane, 'a.txt')
    before = jane.find('a.txt')
    s3.put_object(Bucket=BUCKET, Key='shared/a.txt', Body=b'other')

    with pytest.raises(DocumentChanged, match='from page 1'):
        jane.read(before, 0, 4)
    with pytest.raises(DocumentChanged):
        list(jane.stream(before))
    s3.delete_object(Bucket=BUCKET, Key='shared/a.txt')
    with pytest.raises(DocumentChanged):
        jane.read(before, 0, 4)


def test_missing_bucket_is_reported(jane: Documents) -> None:
    with pytest.raises(errors.NotSetUp, match='DOCUMENTS_BUCKET_NAME'):
        keys(jane._replace(bucket='no-such-bucket'))


@pytest.mark.parametrize(
    ('fault', 'error'),
    [
        (s3_server.refusal(503, 'SlowDown'), errors.ServiceBusy),
        (s3_server.refusal(403, 'AccessDenied'), errors.NotPermitted),
        (s3_server.refusal(404, 'NoSuchKey'), DocumentChanged),
        (s3_server.answer(b'te', 4), errors.ServiceUnavailable),
        (s3_server.no_connection, errors.ServiceUnavailable),
        (s3_server.no_answer, errors.ServiceUnavailable),
    ],
)
def test_stream_that_fails_is_reported(
    jane: Documents, fault: Callable[[], AWSResponse], error: type[Exception]
) -> None:
    put(jane, 'a.txt')
    found = jane.find('a.txt')

    with s3_server.failing(jane.client, 'GetObject', fault), pytest.raises(error):
        list(jane.stream(found))
