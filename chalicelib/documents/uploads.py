"""saveDocuments: files of the conversation into the caller's own folder in the documents' bucket.

ChatGPT wants the files declared as texts and sends objects, each with a link that lives for five
minutes: https://platform.openai.com/docs/actions/sending-files
"""

import re
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import msgspec
from chalice.app import ChaliceViewError
from msgspec import Meta, Struct

from chalicelib import files
from chalicelib.deadline import Deadline
from chalicelib.documents import settings
from chalicelib.documents.bucket import Documents
from chalicelib.documents.errors import NotDownloaded
from chalicelib.http_request import Request

if TYPE_CHECKING:
    from chalicelib.documents.downloads import Downloader

# More than this of a file is kept on disk instead of in memory.
_MEMORY_BYTES = 1_000_000

_MIME_TYPE = re.compile(r'[\w.+-]{1,100}/[\w.+-]{1,100}', re.ASCII)
# Control characters, and others that nobody sees but that change how a name reads.
_NOT_IN_NAMES = re.compile(
    r'[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b-\u200f\u2028-\u202e\u2066-\u2069]'
)


class FileReference(Struct):
    """A file of the conversation, as ChatGPT sends it."""

    download_link: str
    name: str | None = None
    mime_type: str | None = None


class SaveDocumentsRequest(Request):
    """Which files to save."""

    references: Annotated[
        list[Any],
        Meta(
            description='The files of this conversation to save: 1 to 10, of up to 10 MB each.',
            min_length=1,
            max_length=files.MAX_FILES,
            extra_json_schema={'items': {'type': 'string'}},
        ),
    ] = msgspec.field(name='openaiFileIdRefs')


class SavedDocument(Struct):
    """A file that is a document now."""

    key: Annotated[str, Meta(description='Its key, for readDocument and getDocumentFiles.')]
    size_bytes: Annotated[int, Meta(description='Its size in bytes.')]


class NotSaved(Struct):
    """A file that was not saved."""

    name: Annotated[str, Meta(description='The name of the file.')]
    reason: Annotated[str, Meta(description='Why it was not saved.')]


class SavedDocuments(Struct):
    """What became of the files."""

    saved: Annotated[list[SavedDocument], Meta(description='The files that are saved.')]
    not_saved: Annotated[list[NotSaved], Meta(description='The files that are not, and why.')]


def downloader() -> 'Downloader':
    """Return what fetches the files: from the hosts that the settings allow."""
    # TLS and HTTP are loaded when they are first needed, not with every cold start.
    from chalicelib.documents.downloads import Downloader  # noqa: PLC0415

    return Downloader(settings.openai_file_hosts())


def save_documents(
    documents: Documents,
    downloader: 'Downloader',
    request: SaveDocumentsRequest,
    deadline: Deadline,
) -> SavedDocuments:
    """Save files, each for itself; raises why when not one of them could be saved."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with ThreadPoolExecutor(files.MAX_FILES) as pool:
        outcomes = list(
            pool.map(
                lambda sent: _outcome(documents, downloader, sent, deadline), request.references
            )
        )
    saved = [outcome for outcome in outcomes if isinstance(outcome, SavedDocument)]
    failed = [outcome for outcome in outcomes if not isinstance(outcome, SavedDocument)]
    if not saved:
        for _, error in failed:
            if not isinstance(error, NotDownloaded):
                raise error
        raise NotDownloaded(' '.join(f'{name}: {error}' for name, error in failed))
    return SavedDocuments(
        saved=saved, not_saved=[NotSaved(name=name, reason=str(error)) for name, error in failed]
    )


def _outcome(
    documents: Documents, downloader: 'Downloader', sent: Any, deadline: Deadline
) -> SavedDocument | tuple[str, ChaliceViewError]:
    """Save one file; return what it has become, or its name and what was in the way."""
    reference = FileReference(download_link='')
    try:
        reference = _reference(sent)
        return _save(documents, downloader, reference, deadline)
    except ChaliceViewError as error:
        return safe_name(reference.name), error


def _reference(sent: Any) -> FileReference:
    try:
        reference = msgspec.convert(sent, FileReference | str)
    except msgspec.ValidationError as error:
        raise NotDownloaded('This is no file of the conversation. Attach the file.') from error
    return FileReference(reference) if isinstance(reference, str) else reference


def _save(
    documents: Documents, downloader: 'Downloader', reference: FileReference, deadline: Deadline
) -> SavedDocument:
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415

    with SpooledTemporaryFile(_MEMORY_BYTES) as content:
        downloader.fetch(reference.download_link, content, files.MAX_FILE_BYTES, deadline)
        size_bytes = content.tell()
        content.seek(0)
        name = safe_name(reference.name or urlsplit(reference.download_link).path)
        mime_type = files.mime_type_of(name)
        if mime_type == files.DEFAULT_MIME_TYPE and _MIME_TYPE.fullmatch(reference.mime_type or ''):
            mime_type = str(reference.mime_type)
        return SavedDocument(documents.save(name, content, mime_type), size_bytes)


def safe_name(name: str | None) -> str:
    """Return the last part of a name, without what has a meaning in a path or can't be seen."""
    last = re.split(r'[/\\]', name or '')[-1]
    return files.shortened(_NOT_IN_NAMES.sub('', last).strip(' .')) or 'file'
