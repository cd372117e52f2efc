"""tools/list of MCP: the operations as tools, described from their declarations.

https://modelcontextprotocol.io/specification/2026-07-28/server/tools
https://developers.openai.com/apps-sdk/reference
"""

from functools import cache
from typing import Any

import msgspec
from chalice.app import Chalice

from chalicelib import paging
from chalicelib.errors import InvalidCursor
from chalicelib.mcp import file_objects
from chalicelib.operations.routes import OperationRoute, declared_routes

MAX_PAGE_CHARACTERS = 40_000


def page(app: Chalice, cursor: str | None) -> dict[str, Any]:
    """Return the tools after a cursor, as many as fit a page; raises InvalidCursor."""
    last = paging.position_of(cursor, str, 'tools/list') if cursor else None
    if last is not None and last not in _tools(app):
        raise InvalidCursor
    return _page(app, last, MAX_PAGE_CHARACTERS)


@cache
def _page(app: Chalice, last: str | None, max_characters: int) -> dict[str, Any]:
    """Return the page after a tool, encoded: it stays the same as long as the process lives."""
    tools = _tools(app)
    names = list(tools)
    if last:
        names = names[names.index(last) + 1 :]
    rest = [tools[name] for name in names]
    # A tool that is larger than a page has one to itself.
    listed = paging.fit(rest, max_characters) or rest[:1]
    answer: dict[str, Any] = {'tools': msgspec.Raw(msgspec.json.encode(listed))}
    if len(listed) < len(rest):
        answer['nextCursor'] = paging.cursor_to(names[len(listed) - 1], 'tools/list')
    return answer


@cache
def _tools(app: Chalice) -> dict[str, msgspec.Raw]:
    """Return each tool by its name, encoded."""
    return {
        route.operation.id: msgspec.Raw(msgspec.json.encode(_described(route)))
        for route in declared_routes(app)
    }


def _described(route: OperationRoute) -> dict[str, Any]:
    operation = route.operation
    asked = _schema(operation.request_type) if operation.request_type else _nothing()
    schemes = [{'type': 'oauth2', 'scopes': getattr(route.authorizer, 'scopes', [])}]
    # Some clients look for the schemes in _meta only.
    meta: dict[str, Any] = {'securitySchemes': schemes}
    files = asked['properties'].get(file_objects.PARAMETER)
    if files:
        files['items'] = file_objects.SCHEMA
        meta['openai/fileParams'] = [file_objects.PARAMETER]
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
    """Return the JSON Schema of a struct: an object at its root, which stands on its own."""
    (ref,), parts = msgspec.json.schema_components([struct], ref_template='#/$defs/{name}')
    name = ref['$ref'].rpartition('/')[2]
    is_part_of_itself = msgspec.json.encode(ref['$ref']) in msgspec.json.encode(parts)
    used = {key: part for key, part in parts.items() if key != name or is_part_of_itself}
    return {'type': 'object', **parts[name]} | ({'$defs': used} if used else {})
