"""tools/call of MCP: an operation run with JSON arguments, its answer or error as a tool's result.

https://modelcontextprotocol.io/specification/2026-07-28/server/tools#calling-tools
"""

from typing import Any

import msgspec
from chalice.app import Chalice

from chalicelib.errors import NotSignedIn, refusal_of
from chalicelib.http_request import convert
from chalicelib.mcp import file_objects
from chalicelib.observability import current_call, log_unforeseen
from chalicelib.operation import Operation, identify_caller
from chalicelib.operations.routes import declared_routes
from chalicelib.sign_in import protected_resource


class UnknownTool(Exception):
    """There is no tool of that name."""


def call(app: Chalice, name: str, arguments: dict[str, Any], *, link_files: bool) -> dict[str, Any]:
    """Run a tool for the caller of the HTTP request; what it raises is its result.

    Raises UnknownTool.
    """
    operation = _operation(app, name)
    current_call().operation_id = operation.id
    try:
        answer = _run(operation, arguments)
        links = [*file_objects.links(answer)] if link_files else []
    except Exception as error:
        return _failed(app, error)
    return {
        'content': [{'type': 'text', 'text': answer.decode()}, *links],
        'structuredContent': msgspec.Raw(answer),
        'isError': False,
    }


def _operation(app: Chalice, name: str) -> Operation:
    for route in declared_routes(app):
        if route.operation.id == name:
            return route.operation
    raise UnknownTool(f'Unknown tool: {name[:100]}')


def _run(operation: Operation, arguments: dict[str, Any]) -> bytes:
    caller = identify_caller(current_call())
    asked = operation.request_type
    request = convert(file_objects.as_in_actions(arguments), asked) if asked else None
    return msgspec.json.encode(operation.run(request, caller))


def _failed(app: Chalice, error: Exception) -> dict[str, Any]:
    """Return the refusal that HTTP gives as well; if a sign-in is needed, say where to do it."""
    this_call = current_call()
    this_call.failure = failure = refusal_of(error)
    if failure.status == 500:
        log_unforeseen(app, error)
    text = msgspec.json.encode(failure.body).decode()
    result: dict[str, Any] = {'content': [{'type': 'text', 'text': text}], 'isError': True}
    if isinstance(error, NotSignedIn):
        challenge = protected_resource.challenge(this_call.request, failure.message)
        result['_meta'] = {'mcp/www_authenticate': [challenge]}
    return result
