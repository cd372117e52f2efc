"""JSON-RPC 2.0 as MCP speaks it: one message read, one answer written.

https://www.jsonrpc.org/specification
"""

from typing import Any

import msgspec

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603

Id = int | str


class RpcError(Exception):
    """A message that is answered with an error.

    ``status`` is the HTTP status of an answer that holds nothing but this error.
    """

    def __init__(self, code: int, message: str, *, status: int = 400, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.data = data


class Message(msgspec.Struct):
    """A request, which has an id; a notification, which has none; or a response: no method."""

    method: str | None
    id: Id | None
    params: dict[str, Any]

    @property
    def is_request(self) -> bool:
        """Whether it is owed an answer."""
        return self.method is not None and self.id is not None


def id_of(sent: Any) -> Id | None:
    """Return the id to answer under, or None where there is none or it can't be one."""
    found = sent.get('id') if isinstance(sent, dict) else None
    return found if isinstance(found, Id) and not isinstance(found, bool) else None


def message(sent: Any) -> Message:
    """Return a message that was sent; raises RpcError when it is none."""
    if not isinstance(sent, dict) or sent.get('jsonrpc') != '2.0':
        raise RpcError(INVALID_REQUEST, 'Send one JSON-RPC 2.0 message, with "jsonrpc": "2.0".')
    known = id_of(sent)
    if 'id' in sent and known is None and not ('error' in sent and sent['id'] is None):
        raise RpcError(INVALID_REQUEST, 'The id of a request is a text or an integer.')
    if 'method' not in sent:
        if ('result' in sent) == ('error' in sent):
            raise RpcError(INVALID_REQUEST, 'The message has no method.')
        return Message(None, known, {})
    if not isinstance(sent['method'], str):
        raise RpcError(INVALID_REQUEST, 'The method is a text.')
    params = sent.get('params')
    if not isinstance(params, dict | None):
        raise RpcError(INVALID_PARAMS, 'The params are an object.')
    return Message(sent['method'], known, params or {})


def success(of: Id | None, result: Any) -> bytes:
    """Return the answer to a request that was served."""
    return msgspec.json.encode({'jsonrpc': '2.0', 'id': of, 'result': result})


def failure(of: Id | None, error: RpcError) -> bytes:
    """Return the answer to a message that was refused; its id is null where it is unknown."""
    described = {'code': error.code, 'message': str(error), 'data': error.data}
    return msgspec.json.encode(
        {
            'jsonrpc': '2.0',
            'id': of,
            'error': {name: value for name, value in described.items() if value is not None},
        }
    )
