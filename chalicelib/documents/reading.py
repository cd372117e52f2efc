"""listDocuments, readDocument, getDocumentFiles: what a caller may take out of the bucket."""

from datetime import datetime
from itertools import islice
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from chalicelib import files, paging
from chalicelib.deadline import Deadline
from chalicelib.documents import charset, text_pages
from chalicelib.documents.bucket import Document, Documents
from chalicelib.documents.errors import DocumentNotFound, NotText
from chalicelib.documents.text_pages import Passage
from chalicelib.errors import FileNotAllowed, InvalidCursor
from chalicelib.http_request import Request

MAX_DOCUMENTS_LISTED = 300
MAX_KEY_SHOWN = 200

_HTML = {'text/html', 'application/xhtml+xml'}
_TABLES = {'text/csv', 'text/tab-separated-values'}
_PDF_MARK = b'%PDF-'


class ListDocumentsRequest(Request):
    """Which documents to list."""

    prefix: Annotated[
        str, Meta(description='Only documents whose keys begin with this, for example reports/.')
    ] = ''
    cursor: Annotated[
        str, Meta(description='The cursor of the answer before, to go on where it stopped.')
    ] = ''


class ListedDocument(Struct):
    """A document that can be read, or got as a file."""

    key: Annotated[str, Meta(description='Its key: give it to readDocument or getDocumentFiles.')]
    size_bytes: Annotated[int, Meta(description='Its size in bytes.')]
    last_modified: Annotated[datetime, Meta(description='When it was last changed.')]
    mime_type: Annotated[str, Meta(description='Its MIME type, as its name tells.')]


class DocumentList(Struct):
    """Documents in the order of their keys."""

    documents: Annotated[list[ListedDocument], Meta(description='The documents.')]
    cursor: Annotated[
        str | None, Meta(description='Ask again with it for the next ones; null after the last.')
    ]


class ReadDocumentRequest(Request):
    """What to read."""

    key: Annotated[str, Meta(description='The key of the document, as listDocuments gives it.')]
    page: Annotated[int, Meta(description='Which page of the document, from 1 on.', ge=1)] = 1


class DocumentPage(Struct):
    """One page of a document's text."""

    key: Annotated[str, Meta(description='The key of the document.')]
    mime_type: Annotated[str, Meta(description='The MIME type of the document.')]
    size_bytes: Annotated[int, Meta(description='The size of the whole document in bytes.')]
    last_modified: Annotated[
        datetime,
        Meta(description='When it was last changed. If that differs, begin again at page 1.'),
    ]
    page: Annotated[int, Meta(description='Which page this is.')]
    pages: Annotated[int, Meta(description='How many pages there are.')]
    text: Annotated[
        str,
        Meta(
            description='The text of this page; that of HTML without its tags, and of a CSV table '
            'whole rows under the header row.'
        ),
    ]


class GetDocumentFilesRequest(Request):
    """Which documents to hand over."""

    keys: Annotated[
        list[str],
        Meta(
            description='The keys of 1 to 10 documents, as listDocuments gives them.',
            min_length=1,
            max_length=files.MAX_FILES,
        ),
    ]


class LeftOut(Struct):
    """A document that is not among the files."""

    key: Annotated[str, Meta(description='The key of the document.')]
    reason: Annotated[str, Meta(description='Why it is not handed over.')]


class DocumentFiles(Struct):
    """Documents as files of the conversation."""

    files: Annotated[
        list[str],
        Meta(description='The URLs of the files, good for five minutes; ChatGPT fetches them.'),
    ] = msgspec.field(name='openaiFileResponse')
    left_out: Annotated[
        list[LeftOut], Meta(description='The documents that could not be handed over, and why.')
    ]


def list_documents(documents: Documents, request: ListDocumentsRequest) -> DocumentList:
    """List documents, as many as an answer holds.

    Raises InvalidCursor for the cursor of another prefix or caller, and for one that leads to what
    the caller can't see.
    """
    scope = ('listDocuments', documents.bucket, documents.prefix, documents.sub, request.prefix)
    after = paging.position_of(request.cursor, str, *scope) if request.cursor else ''
    if request.cursor and not documents.may_see(after):
        raise InvalidCursor
    found = list(islice(documents.under(request.prefix, after), MAX_DOCUMENTS_LISTED + 1))
    listed = paging.fit(
        ListedDocument(d.key, d.size_bytes, d.last_modified, d.mime_type)
        for d in found[:MAX_DOCUMENTS_LISTED]
    )
    is_last = len(listed) == len(found)
    return DocumentList(
        documents=listed,
        cursor=None if is_last else paging.cursor_to(listed[-1].key, *scope),
    )


def read_document(
    documents: Documents, request: ReadDocumentRequest, deadline: Deadline
) -> DocumentPage:
    """Read one page of a document's text.

    Raises NotText when it has none, PageNotFound after the last page, DocumentChanged when it is
    replaced meanwhile, and NotReadableInTime when its text is not made by the deadline.
    """
    document = documents.find(request.key)
    passage, name = _passage(documents, document, request.page, deadline)
    cut_out = text_pages.cut_out(passage, request.page, is_csv=document.mime_type in _TABLES)
    text = cut_out.decode(name, 'replace')
    if request.page == 1:
        text = text.removeprefix('\ufeff')
    # Twice the bytes of a page would fit; more is what control characters take up in JSON.
    if paging.size_of(text) > paging.MAX_LIST_CHARACTERS:
        raise NotText(document.mime_type)
    return DocumentPage(
        key=document.key,
        mime_type=document.mime_type,
        size_bytes=document.size_bytes,
        last_modified=document.last_modified,
        page=request.page,
        pages=text_pages.count(passage.size_bytes),
        text=text,
    )


def get_document_files(documents: Documents, request: GetDocumentFilesRequest) -> DocumentFiles:
    """Hand documents over as files, those that ChatGPT takes.

    Raises DocumentNotFound when there is none of them, FileNotAllowed when none can be handed over.
    """
    good: list[files.StoredFile] = []
    left_out: dict[str, DocumentNotFound | FileNotAllowed] = {}
    for key in dict.fromkeys(request.keys):
        try:
            good.append(_file(documents, key))
        except (DocumentNotFound, FileNotAllowed) as error:
            left_out[key] = error
    reasons = [LeftOut(key[:MAX_KEY_SHOWN], str(error)) for key, error in left_out.items()]
    if good:
        return DocumentFiles(files.urls(documents.client, documents.bucket, good), reasons)
    if all(isinstance(error, DocumentNotFound) for error in left_out.values()):
        raise DocumentNotFound(*left_out)
    raise FileNotAllowed('; '.join(f'{left.key}: {left.reason}' for left in reasons))


def _passage(
    documents: Documents, document: Document, page: int, deadline: Deadline
) -> tuple[Passage, str]:
    """Return the text that a page is cut from, and its charset.

    Only a few bytes are read, unless the text has first to be made: of HTML, or of a charset in
    which nobody can tell in the middle where a character begins.
    """
    head = documents.read(document, *text_pages.span(1))
    is_whole = len(head) == document.size_bytes
    name = charset.detect(head, document.charset, is_whole=is_whole)
    if head.startswith(_PDF_MARK) or (b'\0' in head and name not in charset.WIDE):
        raise NotText(document.mime_type)
    is_html = document.mime_type in _HTML
    if is_html or not (name == charset.UTF_8 or name in charset.SINGLE_BYTE):
        text = text_pages.in_utf_8(documents.stream(document), name, is_html=is_html)
        return text_pages.passage_of(text, page, deadline), charset.UTF_8
    text_pages.check(page, document.size_bytes)
    data = head if page == 1 else documents.read(document, *text_pages.span(page))
    return Passage(head, data, document.size_bytes), name


def _file(documents: Documents, key: str) -> files.StoredFile:
    document = documents.find(key)
    file = files.StoredFile(
        key=documents.prefix + key,
        name=document.name,
        mime_type=document.mime_type,
        size_bytes=document.size_bytes,
    )
    files.check(file)
    return file
