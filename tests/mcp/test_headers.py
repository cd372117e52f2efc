"""What the headers of an MCP request must say, in each revision."""

import json
from typing import Any

import pytest

from tests.support.mcp.calls import (
    INITIALIZE,
    META,
    REVISIONS,
    STATELESS,
    WITH_HANDSHAKE,
    Answer,
    headers_of,
    message,
    send,
)

VERSION = 'io.modelcontextprotocol/protocolVersion'
CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities'
CALL = message('tools/call', {'name': 'postSuccess', '_meta': META})
GOOD = headers_of(STATELESS, CALL)


def changed(**changes: str | None) -> dict[str, str]:
    """Return the headers of CALL with some changed, or left out."""
    headers = GOOD | {name.replace('_', '-'): value for name, value in changes.items()}
    return {name: value for name, value in headers.items() if value is not None}


def with_meta(meta: Any) -> dict[str, Any]:
    """Return CALL with another _meta."""
    return message('tools/call', {'name': 'postSuccess', '_meta': meta})


def ping(headers: dict[str, str]) -> Answer:
    """Send a ping with these headers."""
    return send(json.dumps(message('ping')), headers)


def test_without_a_header_it_is_the_revision_that_had_none() -> None:
    assert ping({}).status == 200
    assert send(json.dumps([message('ping')])).status == 200


@pytest.mark.parametrize(
    'revision', ['2024-11-05', '1900-01-01', '2099-01-01', 'draft', ' ', 'x' * 9_000]
)
@pytest.mark.parametrize('sent', [message('ping'), message('initialize', INITIALIZE)])
def test_unknown_revision_is_refused(revision: str, sent: dict[str, Any]) -> None:
    answer = send(json.dumps(sent), {'MCP-Protocol-Version': revision})

    assert answer.error == (400, -32022, 1)
    assert answer.json['error']['data'] == {
        'supported': list(REVISIONS),
        'requested': revision.strip()[:100],
    }


def test_unknown_revision_of_a_notification_is_refused() -> None:
    sent = {'jsonrpc': '2.0', 'method': 'notifications/initialized'}

    answer = send(json.dumps(sent), {'MCP-Protocol-Version': '2099-01-01'})

    assert answer.error == (400, -32022, None)


@pytest.mark.parametrize(
    'headers',
    [
        GOOD,
        {name.lower(): value for name, value in GOOD.items()},
        {name.upper(): value for name, value in GOOD.items()},
        changed(Mcp_Name='  postSuccess '),
        changed(Mcp_Name='=?base64?cG9zdFN1Y2Nlc3M=?='),
        changed(Mcp_Session_Id='of another server', Last_Event_Id='7', Mcp_Param_Region='x'),
    ],
)
def test_headers_that_say_what_the_message_says_are_taken(headers: dict[str, str]) -> None:
    answer = send(json.dumps(CALL), headers)

    assert answer.status == 200
    assert 'Mcp-Session-Id' not in answer.headers


@pytest.mark.parametrize(
    'headers',
    [
        {},
        changed(MCP_Protocol_Version=None),
        changed(MCP_Protocol_Version=WITH_HANDSHAKE),
        changed(MCP_Protocol_Version='2099-01-01'),
        changed(MCP_Protocol_Version=f'{STATELESS}, {STATELESS}'),
        changed(Mcp_Method=None),
        changed(Mcp_Method=''),
        changed(Mcp_Method='tools/list'),
        changed(Mcp_Method='TOOLS/CALL'),
        changed(Mcp_Method='tools/call, tools/call'),
        changed(Mcp_Name=None),
        changed(Mcp_Name=''),
        changed(Mcp_Name='listTables'),
        changed(Mcp_Name='postsuccess'),
        changed(Mcp_Name='=?base64?bGlzdFRhYmxlcw==?='),
        changed(Mcp_Name='=?base64?cG9zdFN1Y2Nlc3M?='),
        changed(Mcp_Name='=?base64?!!!!?='),
        changed(Mcp_Name='=?base64?/w==?='),
        changed(Mcp_Name='=?BASE64?cG9zdFN1Y2Nlc3M=?='),
    ],
)
def test_headers_that_say_otherwise_are_refused(headers: dict[str, str]) -> None:
    assert send(json.dumps(CALL), headers).error == (400, -32020, 1)


@pytest.mark.parametrize(
    'meta',
    [
        None,
        'none',
        [],
        {},
        {CAPABILITIES: {}},
        {VERSION: None, CAPABILITIES: {}},
        {VERSION: STATELESS},
        {VERSION: STATELESS, CAPABILITIES: None},
        {VERSION: STATELESS, CAPABILITIES: []},
    ],
)
def test_request_without_what_it_must_say_is_refused(meta: Any) -> None:
    assert send(json.dumps(with_meta(meta)), GOOD).error == (400, -32602, 1)


@pytest.mark.parametrize('stated', [1, '2099-01-01', WITH_HANDSHAKE, {}, [STATELESS]])
def test_message_that_states_another_revision_is_refused(stated: Any) -> None:
    sent = with_meta({VERSION: stated, CAPABILITIES: {}})

    assert send(json.dumps(sent), GOOD).error == (400, -32020, 1)


def test_unknown_revision_that_both_state_is_refused() -> None:
    sent = with_meta({VERSION: '2099-01-01', CAPABILITIES: {}})

    answer = send(json.dumps(sent), changed(MCP_Protocol_Version='2099-01-01'))

    assert answer.error == (400, -32022, 1)


@pytest.mark.parametrize(
    'accept',
    [
        'application/json',
        'application/json, text/event-stream',
        'text/event-stream,application/json;q=0.9',
        'APPLICATION/JSON',
        'application/*',
        '*/*',
        '',
    ],
)
def test_client_that_takes_json_is_answered(accept: str) -> None:
    assert ping({'Accept': accept}).status == 200


@pytest.mark.parametrize('accept', ['text/event-stream', 'text/html, image/*', 'application/jsonp'])
def test_client_that_takes_no_json_is_refused(accept: str) -> None:
    assert ping({'Accept': accept}).error == (406, -32600, None)


@pytest.mark.parametrize(
    'origin',
    [
        'https://chatgpt.com',
        'https://evil.example',
        'http://localhost:6274',
        'http://localhost',
        'http://127.0.0.1:80',
        'http://[::1]:6274',
        'vscode-file://vscode-app',
        'null',
    ],
)
def test_origin_that_cannot_be_rebound_may_call(origin: str) -> None:
    assert ping({'Origin': origin}).status == 200


@pytest.mark.parametrize(
    'origin',
    [
        'http://evil.example',
        'http://evil.example:8000',
        'http://localhost.evil.example',
        'http://localhost:80.evil.example',
        'http://127.0.0.1.evil.example:80',
        'http://[::1',
        'http://',
        'http:',
    ],
)
@pytest.mark.parametrize('method', ['POST', 'GET'])
def test_origin_that_dns_rebinding_would_have_is_refused(origin: str, method: str) -> None:
    answer = send(json.dumps(message('ping')), {'Origin': origin}, method=method)

    assert answer.error == (403, -32600, None)
