"""Which revision of MCP a message speaks, and whether its headers say what it says itself.

https://modelcontextprotocol.io/specification/2026-07-28/basic/versioning
"""

import re
from base64 import b64decode
from typing import Any

from chalicelib.mcp import json_rpc
from chalicelib.mcp.json_rpc import Message, RpcError

BATCHING = '2025-03-26'
RESOURCE_LINKS = '2025-06-18'
LATEST_WITH_HANDSHAKE = '2025-11-25'
STATELESS = '2026-07-28'
REVISIONS = (BATCHING, RESOURCE_LINKS, LATEST_WITH_HANDSHAKE, STATELESS)

VERSION_HEADER = 'mcp-protocol-version'
HEADER_MISMATCH = -32020
UNSUPPORTED_VERSION = -32022

_VERSION = 'io.modelcontextprotocol/protocolVersion'
_CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
_ENCODED = re.compile(r'=\?base64\?(.*)\?=')


def revision_of(headers: dict[str, str], message: Message) -> str:
    """Return the revision that a message is to be served by.

    Raises RpcError for one that is not known here, and for headers that are not those of the
    message. Without a header and a word of its own, a message is of the revision that had neither.
    """
    sent = message.params.get('_meta')
    meta = sent if isinstance(sent, dict) else {}
    stated = meta.get(_VERSION)
    named = headers.get(VERSION_HEADER)
    if stated is not None and named != stated:
        raise _mismatch('MCP-Protocol-Version', f'_meta["{_VERSION}"]')
    if named is None:
        return BATCHING
    if named not in REVISIONS:
        raise RpcError(
            UNSUPPORTED_VERSION,
            'Unsupported protocol version',
            data={'supported': REVISIONS, 'requested': named[:100]},
        )
    if named == STATELESS and message.is_request:
        if stated is None:
            raise RpcError(json_rpc.INVALID_PARAMS, f'_meta["{_VERSION}"] is missing.')
        _check_request(headers, message, meta)
    return named


def _check_request(headers: dict[str, str], message: Message, meta: dict[str, Any]) -> None:
    if not isinstance(meta.get(_CAPABILITIES), dict):
        raise RpcError(json_rpc.INVALID_PARAMS, f'_meta["{_CAPABILITIES}"] must be an object.')
    if headers.get('mcp-method') != message.method:
        raise _mismatch('Mcp-Method', 'method')
    name = message.params.get('name') if message.method == 'tools/call' else None
    if isinstance(name, str) and _decoded(headers.get('mcp-name', '')) != name:
        raise _mismatch('Mcp-Name', 'params.name')


def _mismatch(header: str, member: str) -> RpcError:
    return RpcError(
        HEADER_MISMATCH, f'Header mismatch: {header} differs from {member} in the message.'
    )


def _decoded(value: str) -> str | None:
    """Return the value of a header, which may be encoded in Base64; None if it is malformed."""
    encoded = _ENCODED.fullmatch(value)
    try:
        return b64decode(encoded[1], validate=True).decode() if encoded else value
    except ValueError:
        return None
