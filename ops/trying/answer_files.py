"""The files that an answer hands over (openaiFileResponse): taken as ChatGPT does, and saved."""

import binascii
import re
from base64 import b64decode
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

from ops.trying.limits import LimitBroken, Limits, check_transport, check_type, receive


@dataclass(frozen=True)
class File:
    """A file as it came; the name is whatever the sender says it is."""

    name: str
    content: bytes


def take(answer: object, limits: Limits) -> list[File]:
    """Return the files that an answer hands over, each fetched or decoded.

    Raises LimitBroken for the first that ChatGPT would not take.
    """
    if not isinstance(answer, dict) or 'openaiFileResponse' not in answer:
        return []
    listed = answer['openaiFileResponse']
    if not isinstance(listed, list):
        raise LimitBroken('openaiFileResponse is not a list.')
    if len(listed) > limits.files:
        raise LimitBroken(f'{len(listed)} files; at most {limits.files} are taken.')
    return [_take(f'file {i} of {len(listed)}', each, limits) for i, each in enumerate(listed, 1)]


def _take(what: str, listed: Any, limits: Limits) -> File:
    if isinstance(listed, str):
        return _fetch(what, listed, limits)
    if isinstance(listed, dict):
        return _decode(what, listed, limits)
    raise LimitBroken(f'{what} is neither a URL nor an object with name, mime_type and content.')


def _fetch(what: str, url: str, limits: Limits) -> File:
    check_transport(what, url, limits)
    # Without the access token: the URL alone must do, and may be anybody's.
    get = partial(requests.get, url)
    received = receive(what, get, seconds=limits.file_seconds, max_bytes=limits.file_bytes)
    if received.status != 200:
        raise LimitBroken(f'{what} answered {received.status} at {urlsplit(url).netloc}.')
    if not received.media_type:
        raise LimitBroken(f'{what} came without a Content-Type header.')
    check_type(what, received.media_type)
    name = received.headers.get_filename() if 'content-disposition' in received.headers else None
    if not name:
        raise LimitBroken(f'{what} came without a file name in a Content-Disposition header.')
    return File(name, received.content)


def _decode(what: str, listed: dict[str, Any], limits: Limits) -> File:
    for key in ('name', 'mime_type', 'content'):
        if not isinstance(listed.get(key), str) or (not listed[key] and key != 'content'):
            raise LimitBroken(f'{what} has no {key}.')
    check_type(what, listed['mime_type'])
    try:
        content = b64decode(listed['content'], validate=True)
    except (binascii.Error, ValueError) as error:
        raise LimitBroken(f'{what} has content that is not base64.') from error
    if len(content) > limits.file_bytes:
        raise LimitBroken(f'{what} is larger than {limits.file_bytes:,} bytes.')
    return File(listed['name'], content)


def save(file: File, folder: Path) -> Path:
    """Write a file into a folder, under a name that is not taken yet; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    name = Path(safe_name(file.name))
    number = 1
    while True:
        path = folder / (name.name if number == 1 else f'{name.stem} ({number}){name.suffix}')
        try:
            with path.open('xb') as out:
                out.write(file.content)
        except FileExistsError:
            number += 1
        else:
            return path


def safe_name(name: str) -> str:
    """Return a file name that stays in its folder and is not hidden, whatever was sent."""
    last = re.split(r'[/\\]', name)[-1]
    plain = Path(re.sub(r'[^\w .()+,@=-]', '_', last).strip(' .'))
    return (_cut(plain.stem, 150) + _cut(plain.suffix, 50)) or 'file'


def _cut(text: str, size_bytes: int) -> str:
    return text.encode()[:size_bytes].decode(errors='ignore')
