"""openaiFileResponse: files that ChatGPT takes into the conversation.

The rules are OpenAI's; a file that breaks one is an error here, not in the conversation:
https://platform.openai.com/docs/actions/sending-files
"""

import re
from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from mimetypes import MimeTypes
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from msgspec import Meta, Struct

from chalicelib.errors import FileNotAllowed

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

MAX_FILES = 10
MAX_FILE_BYTES = 10_000_000
# Base64 makes 80,000 characters of it, which leaves an answer room for its other fields.
MAX_INLINE_BYTES = 60_000
# ChatGPT fetches a file as soon as it has the answer.
URL_LIFETIME_SECONDS = 300
# A name stands in its URL at up to five characters a byte, and ten URLs must fit one answer.
MAX_NAME_BYTES = 200
_MAX_EXTENSION_CHARACTERS = 20
DEFAULT_MIME_TYPE = 'application/octet-stream'

# What the mimetypes module of some supported Python does not know, or calls differently.
_MIME_TYPES = {
    'application/vnd.apache.parquet': 'parquet',
    'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
    'application/x-ndjson': 'jsonl ndjson',
    'application/yaml': 'yaml yml',
    'image/avif': 'avif',
    'image/heic': 'heic heif',
    'image/jxl': 'jxl',
    'image/webp': 'webp',
    'text/markdown': 'md markdown',
    'text/plain': 'log sql',
    'video/3gpp': '3gp',
    'video/mp2t': 'm2ts mts',
    'video/x-flv': 'flv',
    'video/x-m4v': 'm4v',
    'video/x-matroska': 'mkv',
    'video/x-ms-wmv': 'wmv',
}


class StoredFile(Struct, frozen=True):
    """A file in S3, and the name and type that it is handed over with."""

    key: str
    name: str
    mime_type: str
    size_bytes: int


class InlineFile(Struct, frozen=True):
    """A small file within the answer itself."""

    name: Annotated[str, Meta(description='The name of the file.')]
    mime_type: Annotated[str, Meta(description='The MIME type of the file.')]
    content: Annotated[str, Meta(description='The content of the file in base64.')]


def mime_type_of(name: str) -> str:
    """Return the MIME type that a file's name tells."""
    mime_type, encoding = _known_types().guess_type(f'file{_extension(name)}')
    if encoding:
        return 'application/gzip' if encoding == 'gzip' else DEFAULT_MIME_TYPE
    return mime_type or DEFAULT_MIME_TYPE


def check(file: StoredFile) -> None:
    """Raise FileNotAllowed when ChatGPT would not take a file."""
    for mime_type in (file.mime_type, mime_type_of(file.name)):
        if mime_type.lower().startswith(('image/', 'video/')):
            raise FileNotAllowed(f'{mime_type} is not allowed: ChatGPT takes no images and videos.')
    if file.size_bytes > MAX_FILE_BYTES:
        raise FileNotAllowed(
            f'{file.size_bytes:,} bytes is too large: ChatGPT takes up to {MAX_FILE_BYTES:,}.'
        )


def urls(client: 'S3Client', bucket: str, files: Sequence[StoredFile]) -> list[str]:
    """Return the presigned URLs from which ChatGPT fetches the files, good for five minutes.

    ``client`` must sign with SigV4. Raises FileNotAllowed for files that ChatGPT would not take.
    """
    if len(files) > MAX_FILES:
        raise FileNotAllowed(f'{len(files)} files are too many: ChatGPT takes up to {MAX_FILES}.')
    for file in files:
        check(file)
    return [
        client.generate_presigned_url(
            'get_object',
            Params={
                'Bucket': bucket,
                'Key': file.key,
                'ResponseContentType': file.mime_type,
                'ResponseContentDisposition': _content_disposition(file.name),
            },
            ExpiresIn=URL_LIFETIME_SECONDS,
        )
        for file in files
    ]


def inline(name: str, content: bytes) -> InlineFile:
    """Return a file as part of the answer; raises FileNotAllowed when it is not small."""
    mime_type = mime_type_of(name)
    check(StoredFile(key='', name=name, mime_type=mime_type, size_bytes=len(content)))
    if len(content) > MAX_INLINE_BYTES:
        raise FileNotAllowed(
            f'{len(content):,} bytes is too large for the answer itself: up to '
            f'{MAX_INLINE_BYTES:,} fit. Hand the file over by its URL.'
        )
    return InlineFile(
        name=shortened(name), mime_type=mime_type, content=b64encode(content).decode()
    )


@cache
def _known_types() -> MimeTypes:
    """Return Python's own table and the additions, whatever the machine's own tables say."""
    known = MimeTypes()
    for mime_type, extensions in _MIME_TYPES.items():
        for extension in extensions.split():
            known.add_type(mime_type, f'.{extension}')
    return known


def _content_disposition(name: str) -> str:
    """Name a file as RFC 6266 says: in ASCII for all, and in RFC 8187's form when that differs."""
    name = shortened(name)
    plain = re.sub(r'[^ -~]|["\\%]', '_', name)
    disposition = f'attachment; filename="{plain}"'
    return disposition if plain == name else f"{disposition}; filename*=UTF-8''{quote(name, '')}"


def shortened(name: str) -> str:
    """Return a name that is short enough to be carried by a URL, with its extension."""
    extension = _extension(name)
    if len(extension) > _MAX_EXTENSION_CHARACTERS:
        extension = ''
    stem = name.removesuffix(extension).encode()[: MAX_NAME_BYTES - len(extension.encode())]
    return stem.decode(errors='ignore') + extension


def _extension(name: str) -> str:
    stem, dot, extension = name.rpartition('.')
    return dot + extension if stem else ''
