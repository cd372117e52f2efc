"""The methods of MCP that this server has, over the operations of an app."""

from typing import Any, TypeVar

import msgspec
from chalice.app import Chalice

from chalicelib import settings
from chalicelib.errors import InvalidCursor, NotSignedIn
from chalicelib.mcp import call, json_rpc, tools
from chalicelib.mcp.json_rpc import Message, RpcError
from chalicelib.mcp.revision import LATEST_WITH_HANDSHAKE, RESOURCE_LINKS, REVISIONS, STATELESS
from chalicelib.observability import current_call
from chalicelib.operation import identify_caller
from chalicelib.operations import instructions
from chalicelib.operations.routes import declared_routes

SERVER_VERSION = '0.1.0'

_HANDSHAKE = {'initialize', 'ping'}
_METHODS = {'tools/list', 'tools/call'}
# How long a client may keep what only a deployment changes.
_KEEP = {'ttlMs': 300_000, 'cacheScope': 'private'}

P = TypeVar('P', bound=msgspec.Struct)


class _Implementation(msgspec.Struct):
    name: str
    version: str


class _Initialize(msgspec.Struct):
    version: str = msgspec.field(name='protocolVersion')
    capabilities: dict[str, Any]
    client: _Implementation = msgspec.field(name='clientInfo')


class _List(msgspec.Struct):
    cursor: str | None = None


class _Call(msgspec.Struct):
    name: str
    arguments: dict[str, Any] | None = None


def result(app: Chalice, message: Message, revision: str) -> dict[str, Any]:
    """Return the result of a request; raises RpcError."""
    known = _METHODS | ({'server/discover'} if revision == STATELESS else _HANDSHAKE)
    if message.method not in known:
        problem = f'Unknown method: {str(message.method)[:100]}'
        raise RpcError(json_rpc.METHOD_NOT_FOUND, problem, status=404)
    if message.method == 'tools/call':
        answer = _call_tool(app, message, revision)
    else:
        current_call().operation_id = message.method
        answer = _answer(app, message)
    if revision != STATELESS:
        return answer
    meta = answer.get('_meta', {}) | {'io.modelcontextprotocol/serverInfo': _server()}
    keep = {} if message.method == 'tools/call' else _KEEP
    return {'resultType': 'complete', **answer, **keep, '_meta': meta}


def _answer(app: Chalice, message: Message) -> dict[str, Any]:
    try:
        identify_caller(current_call())
    except NotSignedIn as error:
        raise RpcError(json_rpc.INVALID_REQUEST, str(error), status=401) from error
    match message.method:
        case 'initialize':
            asked = _params(message, _Initialize).version
            return {
                'protocolVersion': asked if asked in REVISIONS[:-1] else LATEST_WITH_HANDSHAKE,
                'serverInfo': _server(),
                **_abilities(app),
            }
        case 'server/discover':
            return {'supportedVersions': REVISIONS, **_abilities(app)}
        case 'tools/list':
            return _list_tools(app, message)
        case _:  # ping
            return {}


def _list_tools(app: Chalice, message: Message) -> dict[str, Any]:
    try:
        return tools.page(app, _params(message, _List).cursor)
    except InvalidCursor as error:
        raise RpcError(json_rpc.INVALID_PARAMS, str(error)) from error


def _call_tool(app: Chalice, message: Message, revision: str) -> dict[str, Any]:
    asked = _params(message, _Call)
    has_links = revision >= RESOURCE_LINKS
    try:
        return call.call(app, asked.name, asked.arguments or {}, link_files=has_links)
    except call.UnknownTool as error:
        raise RpcError(json_rpc.INVALID_PARAMS, str(error)) from error


def _params(message: Message, kind: type[P]) -> P:
    try:
        return msgspec.convert(message.params, kind)
    except msgspec.ValidationError as error:
        raise RpcError(json_rpc.INVALID_PARAMS, f'Wrong params: {str(error)[:300]}.') from error


def _server() -> dict[str, str]:
    return {'name': settings.function_name(), 'version': SERVER_VERSION}


def _abilities(app: Chalice) -> dict[str, Any]:
    operations = (route.operation for route in declared_routes(app))
    return {'capabilities': {'tools': {}}, 'instructions': instructions.about(operations)}
