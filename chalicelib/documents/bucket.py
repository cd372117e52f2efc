"""The documents of a bucket as one caller sees them.

A key does not contain the folder that holds all documents (DOCUMENTS_PREFIX), so no key leads out
of it. Of what is there a caller sees the folders that DOCUMENTS_PREFIXES gives them, or all without
it; and of what people save, their own folder under uploads/. Everything else is not there.
"""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import IO, Any, NamedTuple, Self
from urllib.parse import quote
from uuid import uuid4

from chalice.app import ChaliceViewError

from chalicelib import files
from chalicelib.documents import access, settings
from chalicelib.documents.errors import DocumentChanged, DocumentNotFound
from chalicelib.errors import NotPermitted, NotSetUp, ServiceBusy, ServiceUnavailable
from chalicelib.identity import Caller
from chalicelib.person import aws, patterns
from chalicelib.person.patterns import UPLOADS

MAX_KEY_BYTES = 1024

_STREAM_BYTES = 65_536
_LIST_KEYS = 400
# Control characters, and segments that something between here and S3 might resolve.
_NO_KEY = re.compile(r'[\x00-\x1f\x7f\ud800-\udfff]|^$|^/|/$|(^|/)\.\.?(/|$)')
_NO_TYPES = {'', 'binary/octet-stream'}
_VAGUE_TYPES = {*_NO_TYPES, files.DEFAULT_MIME_TYPE, 'text/plain'}
# S3's answer to HEAD has no body to name the error in, so botocore gives the status for a code.
_HEAD_ERRORS = {'403': NotPermitted(), '500': ServiceUnavailable(), '503': ServiceBusy()}
_NO_BUCKET = NotSetUp('DOCUMENTS_BUCKET_NAME names a bucket that does not exist')


class Document(NamedTuple):
    """What S3 tells of a document."""

    key: str
    mime_type: str
    size_bytes: int
    last_modified: datetime
    etag: str
    charset: str | None = None

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition('/')[2]


class Documents(NamedTuple):
    """The documents in a folder of a bucket that a caller, known by ``sub``, may see.

    ``folders`` are those within it that the caller may see; None means all but what others saved.
    """

    client: Any
    bucket: str
    prefix: str
    sub: str
    folders: tuple[str, ...] | None = None

    @classmethod
    def seen_by(cls, caller: Caller) -> Self:
        """Return the documents that the settings name, as a caller sees them."""
        bucket, prefix = settings.documents_bucket_name(), settings.documents_prefix()
        seen = cls(aws.client('s3'), bucket, prefix, caller.sub)
        folders = access.folders(caller)
        if folders is None:
            return seen
        return seen._replace(folders=patterns.outermost([*folders, seen.uploads]))

    @property
    def uploads(self) -> str:
        """Where the caller's own documents are saved."""
        return f'{UPLOADS}{quote(self.sub, safe="")}/'

    def may_see(self, key: str) -> bool:
        """Tell whether a key can be that of a document, and of one that is the caller's to see."""
        return self._is_valid(key) and not self._is_of_another(key)

    def under(self, prefix: str, after: str = '') -> Iterator[Document]:
        """Yield the documents whose keys begin with ``prefix``, from the one after a key on."""
        if not self._is_valid(f'{prefix}x'):
            return
        if self.folders is None:
            yield from self._listed(prefix, after)
            return
        # In their order, none of them in another, so the keys come in theirs.
        for folder in self.folders:
            if folder.startswith(prefix) or prefix.startswith(folder):
                within = max(folder, prefix, key=len)
                if after < within or after.startswith(within):
                    yield from self._listed(within, after)

    def _listed(self, prefix: str, after: str) -> Iterator[Document]:
        while True:
            with aws.translated({'NoSuchBucket': _NO_BUCKET}):
                page = self.client.list_objects_v2(
                    Bucket=self.bucket,
                    Prefix=self.prefix + prefix,
                    StartAfter=self.prefix + after,
                    MaxKeys=_LIST_KEYS,
                )
            for found in page.get('Contents', ()):
                after = found['Key'].removeprefix(self.prefix)
                if self._is_of_another(after):
                    # Two leaps, however much the others have saved.
                    after = self.uploads if after < self.uploads else f'{UPLOADS}\U0010ffff'
                    break
                if self._is_valid(after):
                    yield _document(after, found, files.mime_type_of(after))
            else:
                if not page['IsTruncated']:
                    return

    def find(self, key: str) -> Document:
        """Return what is known of a document.

        Raises DocumentNotFound also for what can be no key, or is somebody else's.
        """
        if not self.may_see(key):
            raise DocumentNotFound(key)
        with aws.translated(_HEAD_ERRORS | aws.not_there(DocumentNotFound(key), '404')):
            found = self.client.head_object(Bucket=self.bucket, Key=self.prefix + key)
        stored, _, parameters = found.get('ContentType', '').partition(';')
        charset = re.search(r'charset\s*=\s*"?([^\s;"]+)', parameters, re.IGNORECASE)
        return _document(
            key,
            found | {'Size': found['ContentLength']},
            _mime_type(stored.strip().lower(), key),
            charset[1] if charset else None,
        )

    def read(self, document: Document, start: int, end: int) -> bytes:
        """Return the bytes from ``start`` to before ``end``, or to where the document ends."""
        end = min(end, document.size_bytes)
        if start >= end:
            return b''
        with aws.translated(_changed()):
            found = self._get(document, Range=f'bytes={start}-{end - 1}')
            content: bytes = found['Body'].read()
            return content

    def stream(self, document: Document) -> Iterator[bytes]:
        """Yield a document from its beginning to its end."""
        with aws.translated(_changed()), closing(self._get(document)['Body']) as body:
            yield from body.iter_chunks(_STREAM_BYTES)

    def save(self, name: str, content: IO[bytes], mime_type: str) -> str:
        """Save a document under the caller's uploads, never over another, and return its key."""
        # Its own folder keeps the name as it is, however often it comes.
        folder = f'{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{uuid4().hex[:8]}'
        key = f'{self.uploads}{folder}/{name}'
        with aws.translated({'NoSuchBucket': _NO_BUCKET}):
            self.client.put_object(
                Bucket=self.bucket,
                Key=self.prefix + key,
                Body=content,
                ContentType=mime_type,
                IfNoneMatch='*',
            )
        return key

    def _get(self, document: Document, **part: str) -> Any:
        return self.client.get_object(
            Bucket=self.bucket, Key=self.prefix + document.key, IfMatch=document.etag, **part
        )

    def _is_of_another(self, key: str) -> bool:
        if self.folders is not None:
            return not key.startswith(self.folders)
        return key.startswith(UPLOADS) and not key.startswith(self.uploads)

    def _is_valid(self, key: str) -> bool:
        return not _NO_KEY.search(key) and 0 < len((self.prefix + key).encode()) <= MAX_KEY_BYTES


def _changed() -> dict[str, ChaliceViewError]:
    return aws.not_there(DocumentChanged(), 'NoSuchKey', 'PreconditionFailed')


def _document(
    key: str, found: dict[str, Any], mime_type: str, charset: str | None = None
) -> Document:
    return Document(key, mime_type, found['Size'], found['LastModified'], found['ETag'], charset)


def _mime_type(stored: str, key: str) -> str:
    """Return the type that was stored, or what the name tells where that says little."""
    told_by_name = files.mime_type_of(key)
    if stored in _VAGUE_TYPES and told_by_name != files.DEFAULT_MIME_TYPE:
        return told_by_name
    return stored if stored not in _NO_TYPES else files.DEFAULT_MIME_TYPE
