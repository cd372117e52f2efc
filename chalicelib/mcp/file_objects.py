"""Files of a conversation as ChatGPT puts them into an MCP call, and of an answer as MCP links.

https://developers.openai.com/apps-sdk/reference
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec

# The fields that OpenAI's rules for GPT Actions give their names.
PARAMETER = 'openaiFileIdRefs'
RESPONSE = 'openaiFileResponse'

SCHEMA = {
    'type': 'object',
    'properties': {
        'download_url': {
            'type': 'string',
            'description': 'Where the file can be fetched, as ChatGPT fills it in: make none up.',
        },
        'file_id': {'type': 'string', 'description': 'The id of the file.'},
        'mime_type': {'type': 'string', 'description': 'The MIME type of the file.'},
        'file_name': {'type': 'string', 'description': 'The name of the file.'},
    },
    'required': ['download_url', 'file_id'],
}

_NAME_IN_ACTIONS = {'download_url': 'download_link', 'file_id': 'id', 'file_name': 'name'}
# As chalicelib/files.py writes it.
_DISPOSITION = re.compile(r"""attachment; filename="([^"]*)"(?:; filename\*=UTF-8''(.*))?""")


class _Files(msgspec.Struct):
    """The files that come with an answer."""

    found: Any = msgspec.field(name=RESPONSE, default=None)


def as_in_actions(arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments whose files are described as in a call of an Action."""
    sent = arguments.get(PARAMETER)
    if not isinstance(sent, list):
        return arguments
    return arguments | {PARAMETER: [_renamed(file) for file in sent]}


def links(answer: bytes) -> Iterator[dict[str, Any]]:
    """Yield a link to each file of an answer, named as its host will name it."""
    for url in msgspec.json.decode(answer, type=_Files).found or ():
        if isinstance(url, str):
            query = parse_qs(urlsplit(url).query)
            named = _DISPOSITION.fullmatch(query.get('response-content-disposition', [''])[0])
            name = (unquote(named[2]) if named[2] else named[1]) if named else 'file'
            kind = query.get('response-content-type', ['application/octet-stream'])[0]
            yield {'type': 'resource_link', 'uri': url, 'name': name, 'mimeType': kind}


def _renamed(file: Any) -> Any:
    if not isinstance(file, dict):
        return file
    return {_NAME_IN_ACTIONS.get(name, name): value for name, value in file.items()}
