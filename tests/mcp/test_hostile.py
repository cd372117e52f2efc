"""The MCP endpoint under attack: every answer is one of JSON-RPC, and none is a failure of ours."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chalicelib.identity import Caller, authorizer
from chalicelib.operation import operation
from chalicelib.success import Success
from emulator.api_gateway.local_api import gateway
from tests.emulator.api_gateway.test_hostile_tokens import NEVER, Hostile
from tests.support import example_app
from tests.support.mcp.calls import (
    META,
    REVISIONS,
    STATELESS,
    Answer,
    headers_of,
    message,
    new_app,
    send,
)
from tests.support.people.pool import SUB, Pool, user_pool
from tests.support.raw_http import post, serving

CALL = json.dumps(message('tools/call', {'name': 'postSuccess', '_meta': META}))
HEADERS = headers_of(STATELESS, json.loads(CALL))

app = new_app('guarded')
reached: list[str] = []


@app.route('/my_route', methods=['POST'], authorizer=authorizer)
@operation('postSuccess')
def post_success(caller: Caller) -> Success:
    """Counts who got here."""
    reached.append(caller.sub)
    return Success(success=True)


@pytest.fixture(scope='module')
def pool() -> Iterator[Pool]:
    with user_pool() as pool:
        yield pool


@pytest.fixture(scope='module')
def api(pool: Pool) -> Iterator[str]:
    assert pool.issuer
    with serving(gateway(app)) as url:
        yield url


@pytest.fixture(autouse=True)
def _nobody_has_reached_the_tool() -> None:
    reached.clear()


def call_with(api: str, *lines: str | bytes) -> Any:
    """Call the tool over HTTP with these header lines beside those that MCP asks for."""
    mine = ['Content-Type: application/json', *(f'{name}: {v}' for name, v in HEADERS.items())]
    return post(api, *mine, *lines, body=CALL.encode(), path='/mcp')


@pytest.mark.parametrize('hostile', NEVER.values(), ids=NEVER.keys())
def test_bad_token_reaches_no_tool(hostile: Hostile, pool: Pool, api: str) -> None:
    sent = hostile(pool)
    lines = sent if isinstance(sent, list) else [_header_line(sent)]

    answer = call_with(api, *lines)

    assert (answer.status, answer.body) == (401, b'{"message":"Unauthorized"}')
    assert reached == []


def _header_line(value: str | bytes) -> bytes:
    return b'Authorization: ' + (value if isinstance(value, bytes) else value.encode())


def test_good_token_reaches_the_tool(pool: Pool, api: str) -> None:
    answer = call_with(api, f'Authorization: Bearer {pool.access_token()}')

    assert (answer.status, answer.json['result']['isError']) == (200, False)
    assert reached == [SUB]


@pytest.mark.parametrize(
    'line',
    ['Mcp-Name: postSuccess', 'mcp-name: listTables', f'MCP-Protocol-Version: {STATELESS}'],
)
def test_header_on_two_lines_is_no_header_of_the_message(line: str, pool: Pool, api: str) -> None:
    answer = call_with(api, f'Authorization: Bearer {pool.access_token()}', line)

    assert (answer.status, answer.json['error']['code']) == (400, -32020)
    assert reached == []


def is_of_json_rpc(answer: Answer) -> bool:
    """Tell whether an answer is one that the specification has for a message, and no failure."""
    if answer.status == 202:
        return answer.text == ''
    answers = answer.json if isinstance(answer.json, list) else [answer.json]
    return answer.status in (200, 400, 404) and all(
        one['jsonrpc'] == '2.0'
        and ('result' in one) != ('error' in one)
        and ('error' not in one or type(one['error']['code']) is int)
        for one in answers
    )


revisions = st.sampled_from([None, *REVISIONS, '2099-01-01'])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
anything = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner)
)
methods = st.sampled_from(
    [
        *('initialize', 'ping', 'server/discover', 'tools/list', 'tools/call'),
        *('notifications/initialized', 'resources/read', 'constructor'),
    ]
)
tools = st.sampled_from(['addNote', 'findNotes', 'administer', 'needSetting', 'nothing'])
params = anything | st.fixed_dictionaries(
    {},
    optional={
        'name': tools | anything,
        'arguments': st.dictionaries(st.sampled_from(['title', 'stars', 'folder']), anything)
        | anything,
        'cursor': anything,
        '_meta': st.just(META) | anything,
        'protocolVersion': st.sampled_from(REVISIONS) | anything,
        'capabilities': st.just({}) | anything,
        'clientInfo': st.just({'name': 'a', 'version': '1'}) | anything,
    },
)
messages = st.fixed_dictionaries(
    {'jsonrpc': st.just('2.0')},
    optional={
        'id': st.integers() | st.text() | anything,
        'method': methods | anything,
        'params': params,
        'result': anything,
        'error': anything,
    },
)


def answer_to(body: str, revision: str | None, sent: Any = None) -> Answer:
    """Send a body as a client of a revision does."""
    headers = {'MCP-Protocol-Version': revision} if revision else {}
    if isinstance(sent, dict) and isinstance(sent.get('method'), str):
        headers['Mcp-Method'] = sent['method']
    return send(body, headers, app=example_app.app)


@given(st.text() | st.binary().map(lambda data: data.decode(errors='replace')), revisions)
def test_no_body_is_too_odd(body: str, revision: str | None) -> None:
    assert is_of_json_rpc(answer_to(body, revision))


@given(anything, revisions)
def test_no_json_is_too_odd(sent: Any, revision: str | None) -> None:
    assert is_of_json_rpc(answer_to(json.dumps(sent), revision))


@given(messages, revisions)
@example({'jsonrpc': '2.0', 'id': 10**400, 'method': 'ping'}, None)
@example({'jsonrpc': '2.0', 'id': 1, 'method': 'tools/call', 'params': {'name': '\0'}}, None)
@example({'jsonrpc': '2.0', 'id': '\udc00', 'method': 'ping'}, None)
def test_no_message_is_too_odd(sent: dict[str, Any], revision: str | None) -> None:
    assert is_of_json_rpc(answer_to(json.dumps(sent), revision, sent))


@given(st.lists(messages | anything, max_size=4))
def test_no_batch_is_too_odd(sent: list[Any]) -> None:
    assert is_of_json_rpc(answer_to(json.dumps(sent), None))


@given(st.dictionaries(st.sampled_from(['title', 'stars', 'tags', 'x']), anything))
def test_no_arguments_are_too_odd(arguments: dict[str, Any]) -> None:
    sent = message('tools/call', {'name': 'addNote', 'arguments': arguments})

    assert is_of_json_rpc(answer_to(json.dumps(sent), None))


@pytest.mark.parametrize('opening', ['[', '{"a":', '{"jsonrpc":"2.0","id":1,"params":'])
def test_deep_nesting_is_refused(opening: str) -> None:
    answer = send(opening * (90_000 // len(opening)))

    assert answer.error == (400, -32700, None)


def test_nothing_that_was_sent_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    secret = 'hunter2'
    for sent in [
        message(secret),
        message('ping', message_id=secret),
        message('tools/call', {'name': secret}),
        message('tools/call', {'name': 'addNote', 'arguments': {'title': secret, secret: secret}}),
        message('tools/call', {'name': 'breakDown', 'arguments': {secret: secret}}),
        message('tools/list', {'cursor': secret}),
        [message(secret)],
        secret,
    ]:
        send(json.dumps(sent), {'Mcp-Name': secret, 'Origin': secret}, app=example_app.app)
    send(CALL, {'MCP-Protocol-Version': secret}, app=example_app.app)

    written = capsys.readouterr()
    assert len(written.out.splitlines()) == 11
    assert secret not in written.out + written.err
