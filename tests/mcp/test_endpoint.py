"""Each method of MCP in each revision, and what is no message of it."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice

from app import app
from chalicelib.mcp import endpoint, methods, tools
from chalicelib.mcp.revision import REVISIONS as KNOWN
from chalicelib.operations import instructions
from chalicelib.operations.routes import operation_routes
from tests.chalicelib.test_observability import lines
from tests.support import example_app
from tests.support.mcp.calls import (
    BATCHING,
    CLIENT,
    INITIALIZE,
    REVISIONS,
    STATELESS,
    WITH_HANDSHAKE,
    ask,
    message,
    result,
    send,
)

ROOT = Path(__file__).parent.parent.parent
INSTRUCTIONS = instructions.about(route.operation for route in operation_routes(app))
SERVER = {'name': 'local', 'version': methods.SERVER_VERSION}
WITH_SESSIONS = REVISIONS[:-1]


@pytest.mark.parametrize('revision', WITH_SESSIONS)
def test_initialize_agrees_on_a_revision(revision: str) -> None:
    asked = INITIALIZE | {'protocolVersion': revision}

    assert result('initialize', asked, revision=BATCHING) == {
        'protocolVersion': revision,
        'serverInfo': SERVER,
        'capabilities': {'tools': {}},
        'instructions': INSTRUCTIONS,
    }


@pytest.mark.parametrize('asked', ['2024-11-05', STATELESS, '2099-01-01', '', 'latest'])
def test_initialize_offers_its_latest_for_what_it_does_not_have(asked: str) -> None:
    answer = result('initialize', INITIALIZE | {'protocolVersion': asked}, revision=BATCHING)

    assert answer['protocolVersion'] == WITH_HANDSHAKE


def test_discover_stands_in_for_initialize() -> None:
    assert tuple(REVISIONS) == KNOWN
    assert result('server/discover') == {
        'resultType': 'complete',
        'supportedVersions': list(REVISIONS),
        'capabilities': {'tools': {}},
        'instructions': INSTRUCTIONS,
        'ttlMs': 300_000,
        'cacheScope': 'private',
        '_meta': {'io.modelcontextprotocol/serverInfo': SERVER},
    }


def test_server_is_of_the_projects_version() -> None:
    project = tomllib.loads((ROOT / 'pyproject.toml').read_text())['project']

    assert SERVER['version'] == project['version']


@pytest.mark.parametrize('revision', WITH_SESSIONS)
def test_ping_is_answered(revision: str) -> None:
    assert result('ping', revision=revision) == {}


@pytest.mark.parametrize('revision', REVISIONS)
def test_tools_are_listed(revision: str) -> None:
    answer = result('tools/list', revision=revision)

    assert answer['tools'][0]['name'] == 'postSuccess'
    about_keeping = ('resultType', 'ttlMs', 'cacheScope', '_meta')
    assert [name in answer for name in about_keeping] == [revision == STATELESS] * 4


@pytest.mark.parametrize('revision', REVISIONS)
def test_tool_is_called(revision: str) -> None:
    answer = result('tools/call', {'name': 'postSuccess'}, revision=revision)

    complete = {
        'resultType': 'complete',
        '_meta': {'io.modelcontextprotocol/serverInfo': SERVER},
    }
    assert answer == {
        'content': [{'type': 'text', 'text': '{"success":true}'}],
        'structuredContent': {'success': True},
        'isError': False,
        **(complete if revision == STATELESS else {}),
    }


@pytest.mark.parametrize('revision', REVISIONS)
@pytest.mark.parametrize(
    'method',
    ['initialized', 'cancelled', 'progress', 'roots/list_changed', 'of/another/kind'],
)
def test_notification_is_accepted(revision: str, method: str) -> None:
    sent = {'jsonrpc': '2.0', 'method': f'notifications/{method}'}
    answer = send(json.dumps(sent), {'MCP-Protocol-Version': revision})

    assert (answer.status, answer.text) == (202, '')


@pytest.mark.parametrize('revision', WITH_SESSIONS)
@pytest.mark.parametrize(
    'response',
    [
        {'id': 1, 'result': {}},
        {'id': 'a', 'error': {'code': -32601, 'message': 'none'}},
        {'id': None, 'error': {'code': -32700, 'message': 'none'}},
    ],
)
def test_response_is_accepted(revision: str, response: dict[str, Any]) -> None:
    answer = send(json.dumps({'jsonrpc': '2.0'} | response), {'MCP-Protocol-Version': revision})

    assert (answer.status, answer.text) == (202, '')


def test_response_is_refused_where_a_client_sends_none() -> None:
    sent = json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': {}})

    assert send(sent, {'MCP-Protocol-Version': STATELESS}).error == (400, -32600, 1)


NOT_HERE = [
    'resources/list',
    'prompts/list',
    'logging/setLevel',
    'completion/complete',
    'tools',
    '',
]


@pytest.mark.parametrize('method', ['server/discover', 'subscriptions/listen', *NOT_HERE])
@pytest.mark.parametrize('revision', WITH_SESSIONS)
def test_unknown_method_is_reported_within_json_rpc(method: str, revision: str) -> None:
    assert ask(method, {}, revision=revision).error == (200, -32601, 1)


@pytest.mark.parametrize('method', ['initialize', 'ping', 'subscriptions/listen', *NOT_HERE])
def test_unknown_method_is_reported_by_http_as_well(method: str) -> None:
    assert ask(method).error == (404, -32601, 1)


WRONG_PARAMS = [
    ('initialize', {}),
    ('initialize', {'protocolVersion': 1, 'capabilities': {}, 'clientInfo': CLIENT}),
    ('initialize', {'protocolVersion': '2025-11-25', 'capabilities': [], 'clientInfo': CLIENT}),
    ('initialize', {'protocolVersion': '2025-11-25', 'capabilities': {}, 'clientInfo': {}}),
    ('tools/list', {'cursor': 1}),
    ('tools/list', {'cursor': 'no cursor'}),
    ('tools/list', {'cursor': 'AAAA'}),
    ('tools/call', {}),
    ('tools/call', {'name': None}),
    ('tools/call', {'name': 1}),
    ('tools/call', {'name': 'postSuccess', 'arguments': []}),
    ('tools/call', {'name': 'postSuccess', 'arguments': 'none'}),
    ('tools/call', {'name': ''}),
    ('tools/call', {'name': 'POSTSUCCESS'}),
    ('tools/call', {'name': 'postSuccess '}),
    ('tools/call', {'name': '__class__'}),
    ('tools/call', {'name': 'tools/list'}),
    ('tools/call', {'name': '../my_route'}),
    ('tools/call', {'name': 'x' * 50_000}),
]


@pytest.mark.parametrize(
    ('method', 'params', 'revision'),
    [
        (method, params, revision)
        for method, params in WRONG_PARAMS
        for revision in REVISIONS
        if (method, revision) != ('initialize', STATELESS)
    ],
)
def test_wrong_params_are_refused(method: str, params: dict[str, Any], revision: str) -> None:
    answer = ask(method, params, revision=revision)

    assert answer.error == (400 if revision == STATELESS else 200, -32602, 1)
    assert len(answer.text) < 1_000


@pytest.mark.parametrize(
    ('body', 'code', 'answered_under'),
    [
        ('', -32700, None),
        (' \n', -32700, None),
        ('{', -32700, None),
        ('{"jsonrpc": "2.0", "id": 1, "method": "ping"', -32700, None),
        ('NaN', -32700, None),
        ('[1e400]', -32700, None),
        ('"\ufffd"', -32700, None),
        ('{"a":' * 50_00 + '1' + '}' * 50_00, -32700, None),
        ('null', -32600, None),
        ('1', -32600, None),
        ('"ping"', -32600, None),
        ('{}', -32600, None),
        ('{"id": 7, "method": "ping"}', -32600, 7),
        ('{"jsonrpc": "1.0", "id": 7, "method": "ping"}', -32600, 7),
        ('{"jsonrpc": 2.0, "id": 7, "method": "ping"}', -32600, 7),
        ('{"jsonrpc": "2.0", "id": 7}', -32600, 7),
        ('{"jsonrpc": "2.0", "id": 7, "method": 1}', -32600, 7),
        ('{"jsonrpc": "2.0", "id": 7, "method": null}', -32600, 7),
        ('{"jsonrpc": "2.0", "id": 7, "result": 1, "error": {}}', -32600, 7),
        ('{"jsonrpc": "2.0", "id": null, "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": true, "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": 1.5, "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": 1.0, "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": [1], "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": {}, "method": "ping"}', -32600, None),
        ('{"jsonrpc": "2.0", "id": null, "result": {}}', -32600, None),
        ('{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": []}', -32602, 7),
        ('{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": "x"}', -32602, 7),
        ('{"jsonrpc": "2.0", "id": 7, "method": "ping", "params": 0}', -32602, 7),
        ('{"jsonrpc": "2.0", "method": "notifications/initialized", "params": []}', -32602, None),
    ],
    ids=str,
)
@pytest.mark.parametrize('revision', REVISIONS)
def test_what_is_no_message_is_refused(
    body: str, code: int, answered_under: int | None, revision: str
) -> None:
    answer = send(body, {'MCP-Protocol-Version': revision})

    assert answer.error == (400, code, answered_under)


@pytest.mark.parametrize('message_id', ['', 'a', '1', 'x' * 90_000, 0, -1, 2**53, -(2**63), 10**80])
def test_any_text_or_integer_is_an_id(message_id: int | str) -> None:
    answer = send(json.dumps(message('ping', None, message_id)))

    assert answer.json == {'jsonrpc': '2.0', 'id': message_id, 'result': {}}


def test_params_may_be_null() -> None:
    assert send(json.dumps(message('tools/list') | {'params': None})).status == 200


@pytest.mark.parametrize('characters', [100_000, 5_000_000])
def test_message_that_is_too_large_is_refused(characters: int) -> None:
    answer = send(json.dumps(message('ping', {'x': ''})).replace('""', f'"{"x" * characters}"'))

    assert answer.error == (413, -32600, None)


@pytest.mark.parametrize('method', ['GET', 'DELETE'])
def test_only_post_is_allowed(method: str) -> None:
    answer = send(None, {'Accept': 'text/event-stream'}, method=method)

    assert answer.error == (405, -32600, None)
    assert answer.headers['Allow'] == 'POST'


def test_body_must_be_json() -> None:
    assert send('{}', {'Content-Type': 'text/plain'}).status == 415


def test_batch_is_answered_where_the_revision_has_it() -> None:
    sent = [
        message('ping', message_id=1),
        {'jsonrpc': '2.0', 'method': 'notifications/initialized'},
        message('tools/call', {'name': 'postSuccess'}, 'two'),
        message('nothing', message_id=3),
        7,
    ]
    answer = send(json.dumps(sent))

    assert answer.status == 200
    assert [
        (one['id'], one.get('error', {}).get('code'), one.get('result', {}).get('isError'))
        for one in answer.json
    ] == [(1, None, None), ('two', None, False), (3, -32601, None), (None, -32600, None)]


def test_batch_of_notifications_is_accepted() -> None:
    sent = [{'jsonrpc': '2.0', 'method': 'notifications/initialized'}] * 2

    assert send(json.dumps(sent), {'MCP-Protocol-Version': BATCHING})[::2] == (202, '')


@pytest.mark.parametrize('revision', REVISIONS[1:])
def test_batch_is_refused_elsewhere(revision: str) -> None:
    answer = send(json.dumps([message('ping')]), {'MCP-Protocol-Version': revision})

    assert answer.error == (400, -32600, None)


@pytest.mark.parametrize(
    'batch',
    [
        [],
        [message('ping')] * (endpoint.MAX_BATCH + 1),
        [7] * 30_000,
        [message('ping'), message('initialize', INITIALIZE, 2)],
    ],
    ids=['empty', 'one too many', 'a bomb', 'with initialize'],
)
def test_invalid_batch_is_refused(batch: list[Any]) -> None:
    assert send(json.dumps(batch)).error == (400, -32600, None)


def test_batch_within_a_batch_is_no_message() -> None:
    (answer,) = send(json.dumps([[message('ping')]])).json

    assert answer['error']['code'] == -32600


def test_batch_stops_when_it_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, 'BATCH_SECONDS', 0.0)

    call = message('tools/call', {'name': 'postSuccess'})

    answer = send(json.dumps([call, {'jsonrpc': '2.0', 'method': 'notifications/cancelled'}, call]))

    assert [one['error']['code'] for one in answer.json] == [-32603, -32603]


def test_pages_lead_through_all_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, 'MAX_PAGE_CHARACTERS', 1_500)
    whole = [route.operation.id for route in operation_routes(example_app.app)]
    names, cursor, pages = list[str](), None, 0
    while pages == 0 or cursor:
        params: dict[str, str] = {'cursor': cursor} if cursor else {}
        answer = result('tools/list', params, app=example_app.app)
        assert len(json.dumps(answer['tools'], separators=(',', ':'))) <= 1_500
        names += [tool['name'] for tool in answer['tools']]
        cursor, pages = answer.get('nextCursor'), pages + 1

    assert pages > 2
    assert names == whole


def test_tool_that_is_larger_than_a_page_has_one_to_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, 'MAX_PAGE_CHARACTERS', 10)
    first = result('tools/list', revision=WITH_HANDSHAKE, app=example_app.app)
    cursor = {'cursor': first['nextCursor']}
    second = result('tools/list', cursor, revision=WITH_HANDSHAKE, app=example_app.app)

    names = [route.operation.id for route in operation_routes(example_app.app)]
    assert [tool['name'] for tool in first['tools'] + second['tools']] == names[:2]


def test_cursor_of_a_tool_that_is_gone_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, 'MAX_PAGE_CHARACTERS', 10)
    cursor = result('tools/list', app=example_app.app)['nextCursor']

    assert ask('tools/list', {'cursor': cursor}).error == (400, -32602, 1)


def test_unforeseen_failure_reveals_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_app: Chalice, _cursor: str | None) -> None:
        raise LookupError('secret-in-the-message')

    monkeypatch.setattr(tools, 'page', broken)
    answer = ask('tools/list')
    failure, line = lines(capsys)

    assert answer.error == (500, -32603, 1)
    assert answer.json['error']['message'] == 'Internal error'
    assert failure['error'] == 'LookupError'
    assert (line['operation'], line['status'], line['ServerErrors']) == ('tools/list', 500, 1)


def test_discovery_takes_no_caller_who_may_not_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', 'another-app-client')

    for method in ('server/discover', 'tools/list'):
        assert ask(method).error == (401, -32600, 1)
    assert ask('initialize', INITIALIZE, revision=BATCHING).error == (401, -32600, 1)
