"""The folders that DOCUMENTS_PREFIXES gives a person: what is listed, found and read of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.documents import access
from chalicelib.documents.bucket import Documents
from chalicelib.documents.errors import DocumentNotFound
from chalicelib.identity import Caller
from chalicelib.settings import MissingSetting
from tests.support.aws import s3_server

BUCKET = 'documents'
JANE = Caller('jane', 'jane', 'client', frozenset(), ('sales', 'a/b'))
KEYS = [
    *('a.txt', 'groups/a/b/x.txt', 'groups/legal/x.txt', 'groups/sales/x.txt'),
    *('groups/sales2/x.txt', 'people/jane/x.txt', 'people/jane2/x.txt', 'people/joe/x.txt'),
    *('shared/a.txt', 'shared/z.txt', 'shared2/a.txt'),
    *('uploads/jane/1/x.txt', 'uploads/joe/1/x.txt', 'z.txt'),
]
HERS = [
    *('groups/sales/x.txt', 'people/jane/x.txt', 'shared/a.txt', 'shared/z.txt'),
    'uploads/jane/1/x.txt',
]


@pytest.fixture(scope='module')
def s3() -> Iterator[Any]:
    """Run S3, with documents of everybody's."""
    with s3_server.running() as client:
        s3_server.reset(client, BUCKET)
        s3_server.fill(BUCKET, [f'team/{key}' for key in KEYS])
        yield client


@pytest.fixture
def jane(s3: Any, monkeypatch: pytest.MonkeyPatch) -> Documents:
    """Return the documents as Jane sees them."""
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', BUCKET)
    monkeypatch.setenv('DOCUMENTS_PREFIX', 'team')
    monkeypatch.setenv('DOCUMENTS_PREFIXES', 'shared/, people/{sub}/, groups/{group}/')
    return Documents.seen_by(JANE)._replace(client=s3)


def keys(documents: Documents, prefix: str = '', after: str = '') -> list[str]:
    return [document.key for document in documents.under(prefix, after)]


def test_own_folders_are_listed_in_the_order_of_keys(jane: Documents) -> None:
    assert keys(jane) == HERS


@pytest.mark.parametrize(
    'prefix', ['g', 'groups/', 'groups/s', 'groups/sales/x', 'shared/a', 'sha', 'shared2', 'z', 'u']
)
def test_prefix_lists_what_of_them_begins_so(jane: Documents, prefix: str) -> None:
    assert keys(jane, prefix) == [key for key in HERS if key.startswith(prefix)]


@pytest.mark.parametrize('after', [*KEYS, 'shared/', 'groups/sales/', '!', '~'])
def test_list_goes_on_after_any_key(jane: Documents, after: str) -> None:
    assert keys(jane, after=after) == [key for key in HERS if key > after]


def test_only_what_is_in_them_is_found(jane: Documents) -> None:
    for key in KEYS:
        if key in HERS:
            assert jane.find(key).size_bytes > 0
        else:
            with pytest.raises(DocumentNotFound):
                jane.find(key)


def test_person_without_groups_sees_no_group_s_folder(
    jane: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('DOCUMENTS_PREFIXES', 'groups/{group}/')
    alone = Caller('jane', 'jane', 'client', frozenset(), ())

    seen = Documents.seen_by(alone)._replace(client=jane.client)
    assert keys(seen) == ['uploads/jane/1/x.txt']


def test_folders_within_each_other_are_listed_once(
    jane: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('DOCUMENTS_PREFIXES', 'people/{sub}/, people/jane/')

    seen = Documents.seen_by(JANE)._replace(client=jane.client)
    assert keys(seen) == ['people/jane/x.txt', 'uploads/jane/1/x.txt']


@pytest.mark.usefixtures('jane')
def test_what_is_told_is_what_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    told = access.reach(JANE)
    assert told.allowed == ['groups/sales/', 'people/jane/', 'shared/', 'uploads/jane/']

    monkeypatch.setenv('DOCUMENTS_PREFIXES', '')
    assert access.reach(JANE).allowed is None
    assert 'uploads/jane/' in ' '.join(access.reach(JANE).notes)


def test_bucket_of_results_holds_no_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', 'both')
    monkeypatch.setenv('RESULTS_BUCKET_NAME', ' both ')

    with pytest.raises(MissingSetting, match='the bucket of RESULTS_BUCKET_NAME'):
        Documents.seen_by(JANE)
