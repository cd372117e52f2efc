"""The operations as MCP's tools: described from their declarations, called with JSON arguments.

https://modelcontextprotocol.io/specification/2026-07-28/server/tools
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import msgspec
from chalice.app import Chalice

from chalicelib import files, observability, paging, protected_resource
from chalicelib.errors import InvalidCursor, NotSignedIn, told
from chalicelib.http_request import convert
from chalicelib.identity import caller_of
from chalicelib.operation import Operation
from chalicelib.routes import OperationRoute, declared_routes

MAX_PAGE_CHARACTERS = 40_000
# Over HTTP, ChatGPT puts the files of a conversation into the first and takes those of the second.
FILES_IN = 'openaiFileIdRefs'
FILES_OUT = 'openaiFileResponse'

_FILENAME = re.compile(r'filename="([^"]*)"')
_FULL_FILENAME = re.compile(r"filename\*=UTF-8''([^;]*)")
# What ChatGPT sends for a file: https://developers.openai.com/apps-sdk/reference
_FILE = {
    'type': 'object',
    'properties': {
        'download_url': {'type': 'string', 'description': 'Where the file can be fetched.'},
        'file_id': {'type': 'string', 'description': 'The id of the file.'},
        'mime_type': {'type': 'string', 'description': 'The MIME type of the file.'},
        'file_name': {'type': 'string', 'description': 'The name of the file.'},
    },
    'required': ['download_url', 'file_id'],
}
_OVER_HTTP = {'download_url': 'download_link', 'file_id': 'id', 'file_name': 'name'}


class UnknownTool(Exception):
    """There is no tool of that name."""


class _Files(msgspec.Struct):
    """The files that come with an answer."""

    found: list[Any] = msgspec.field(name=FILES_OUT, default_factory=list)


def page(app: Chalice, cursor: str | None) -> dict[str, Any]:
    """Return the tools after a cursor, as many as fit; raises InvalidCursor."""
    tools = _tools(app)
    names = list(tools)
    after = paging.position_of(cursor, str, 'tools/list') if cursor else None
    if after is not None and after not in tools:
        raise InvalidCursor
    rest = names[names.index(after) + 1 if after is not None else 0 :]
    # A tool that is larger than a page has one to itself.
    listed = paging.fit((tools[name] for name in rest), MAX_PAGE_CHARACTERS) or [
        tools[name] for name in rest[:1]
    ]
    answer: dict[str, Any] = {'tools': listed}
    if len(listed) < len(rest):
        answer['nextCursor'] = paging.cursor_to(rest[len(listed) - 1], 'tools/list')
    return answer


def call(
    app: Chalice, name: str, arguments: dict[str, Any], *, link_files: bool = True
) -> dict[str, Any]:
    """Run a tool for the caller of the HTTP request; what it raises is part of the result.

    Raises UnknownTool.
    """
    this_call = observability.current_call()
    operation = _operation(app, name)
    this_call.operation_id = operation.id
    try:
        caller = caller_of(this_call.request)
        this_call.sub = caller.sub
        asked = operation.request_type
        request = convert(_as_over_http(arguments), asked) if asked else None
        answer = msgspec.json.encode(operation.run(request, caller))
    except Exception as error:
        return _failed(app, error)
    links = _links(answer) if link_files else []
    return {
        'content': [{'type': 'text', 'text': answer.decode()}, *links],
        'structuredContent': msgspec.Raw(answer),
        'isError': False,
    }


def _failed(app: Chalice, error: Exception) -> dict[str, Any]:
    this_call = observability.current_call()
    this_call.failure = answer = told(error)
    if answer.status == 500:
        app.log.error('Caught exception for path %s', this_call.request.path, exc_info=error)
    text = msgspec.json.encode(answer.body).decode()
    result: dict[str, Any] = {'content': [{'type': 'text', 'text': text}], 'isError': True}
    if isinstance(error, NotSignedIn):
        challenge = protected_resource.challenge(this_call.request, answer.message)
        result['_meta'] = {'mcp/www_authenticate': [challenge]}
    return result


def _operation(app: Chalice, name: str) -> Operation:
    for route in declared_routes(app):
        if route.operation.id == name:
            return route.operation
    raise UnknownTool(f'Unknown tool: {name[:100]}')


@cache
def _tools(app: Chalice) -> dict[str, dict[str, Any]]:
    return {route.operation.id: _described(route) for route in declared_routes(app)}


def _described(route: OperationRoute) -> dict[str, Any]:
    operation = route.operation
    asked = _schema(operation.request_type) if operation.request_type else _nothing()
    schemes = [{'type': 'oauth2', 'scopes': getattr(route.authorizer, 'scopes', [])}]
    # Clients of before securitySchemes stood beside a tool's name look for them in _meta.
    meta: dict[str, Any] = {'securitySchemes': schemes}
    if FILES_IN in asked['properties']:
        asked['properties'][FILES_IN]['items'] = _FILE
        meta['openai/fileParams'] = [FILES_IN]
    return {
        'name': operation.id,
        'title': operation.summary.rstrip('.'),
        'description': '\n'.join(filter(None, [operation.summary, operation.description])),
        'inputSchema': asked,
        'outputSchema': _schema(operation.response_type),
        'annotations': {
            'readOnlyHint': not operation.consequential,
            'destructiveHint': operation.destructive,
            'idempotentHint': operation.idempotent,
            'openWorldHint': operation.open_world,
        },
        'securitySchemes': schemes,
        '_meta': meta,
    }


def _nothing() -> dict[str, Any]:
    return {'type': 'object', 'properties': {}, 'additionalProperties': False}


def _schema(struct: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the JSON Schema of a struct, which stands on its own and is an object at its root."""
    (ref,), parts = msgspec.json.schema_components([struct], ref_template='#/$defs/{name}')
    name = ref['$ref'].rpartition('/')[2]
    used = {key: part for key, part in parts.items() if key != name or _names(parts, ref)}
    return {'type': 'object', **parts[name]} | ({'$defs': used} if used else {})


def _names(parts: dict[str, Any], ref: dict[str, Any]) -> bool:
    return msgspec.json.encode(ref['$ref']) in msgspec.json.encode(parts)


def _as_over_http(arguments: dict[str, Any]) -> dict[str, Any]:
    """Name what ChatGPT says of files as it does over HTTP."""
    sent = arguments.get(FILES_IN)
    if not isinstance(sent, list):
        return arguments
    return arguments | {
        FILES_IN: [
            {_OVER_HTTP.get(name, name): value for name, value in file.items()}
            if isinstance(file, dict)
            else file
            for file in sent
        ]
    }


def _links(answer: bytes) -> Iterator[dict[str, Any]]:
    """Yield a link to each file of an answer, named as its host will name it."""
    for url in msgspec.json.decode(answer, type=_Files).found:
        if isinstance(url, str):
            query = parse_qs(urlsplit(url).query)
            disposition = query.get('response-content-disposition', [''])[0]
            full, plain = _FULL_FILENAME.search(disposition), _FILENAME.search(disposition)
            yield {
                'type': 'resource_link',
                'uri': url,
                'name': unquote(full[1]) if full else plain[1] if plain else 'file',
                'mimeType': query.get('response-content-type', [files.DEFAULT_MIME_TYPE])[0],
            }
