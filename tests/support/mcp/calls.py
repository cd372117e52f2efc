"""MCP messages as they reach the function, each answer held to the official types."""

import json
from typing import Any, NamedTuple

from chalice.app import Chalice, Response
from chalice.local import LambdaContext
from mcp.shared.inbound import encode_header_value
from mcp_types import JSONRPCError, JSONRPCResponse
from mcp_types.methods import validate_server_result

import app as real
from chalicelib import observability
from chalicelib.identity import authorizer
from chalicelib.mcp import endpoint
from tests.support.people.verified_calls import JANE, proxy_event

BATCHING, WITH_LINKS, WITH_HANDSHAKE, STATELESS = REVISIONS = (
    '2025-03-26',
    '2025-06-18',
    '2025-11-25',
    '2026-07-28',
)
HOST = 'abc123.execute-api.eu-west-1.amazonaws.com'
CLIENT = {'name': 'a client', 'version': '1'}
META = {
    'io.modelcontextprotocol/protocolVersion': STATELESS,
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': CLIENT,
}
INITIALIZE = {'protocolVersion': WITH_HANDSHAKE, 'capabilities': {}, 'clientInfo': CLIENT}


class Answer(NamedTuple):
    """What came back over HTTP."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.text)

    @property
    def error(self) -> tuple[int, int, Any]:
        """The HTTP status, the code of the JSON-RPC error, and the id that it is told under."""
        error = JSONRPCError.model_validate(self.json)
        return self.status, error.error.code, error.id


def new_app(name: str) -> Chalice:
    """Return an app that serves MCP and has no operation yet."""
    made = Chalice(name, configure_logs=False)
    observability.observe(made)

    @made.route('/mcp', methods=['POST'], authorizer=authorizer)
    def model_context_protocol() -> Response:
        return endpoint.serve(made)

    return made


def send(
    body: str | None,
    headers: dict[str, str] | None = None,
    *,
    app: Chalice = real.app,
    claims: dict[str, str] | None = JANE,
    token: str = '',
    method: str = 'POST',
    path: str = '/mcp',
    base_path: str = '/dev',
    host: str = HOST,
) -> Answer:
    """Send an HTTP request as API Gateway hands it on from somebody whom it has verified."""
    event = proxy_event(claims, path=path, token=token)
    event['httpMethod'] = event['requestContext']['httpMethod'] = method
    event['requestContext'] |= {'path': base_path + path, 'domainName': host}
    event['headers'] |= {'Accept': 'application/json, text/event-stream', **(headers or {})}
    event['body'] = body
    answer = app(event, LambdaContext('aws-middleware-test', memory_size=128))
    return Answer(answer['statusCode'], answer['headers'], answer['body'])


def message(method: str, params: Any = None, message_id: Any = 1) -> dict[str, Any]:
    """Return a request."""
    sent = {'jsonrpc': '2.0', 'id': message_id, 'method': method}
    return sent if params is None else sent | {'params': params}


def headers_of(revision: str, sent: dict[str, Any]) -> dict[str, str]:
    """Return the headers that a client of a revision sends with a request."""
    if revision == BATCHING:
        return {}
    headers = {'MCP-Protocol-Version': revision}
    if revision == STATELESS:
        headers['Mcp-Method'] = sent['method']
        if sent['method'] == 'tools/call' and isinstance(sent['params'].get('name'), str):
            headers['Mcp-Name'] = encode_header_value(sent['params']['name'])
    return headers


def ask(
    method: str, params: dict[str, Any] | None = None, revision: str = STATELESS, **how: Any
) -> Answer:
    """Send a request as a client of a revision does."""
    if revision == STATELESS:
        params = {'_meta': META} | (params or {})
    sent = message(method, params)
    return send(json.dumps(sent), headers_of(revision, sent), **how)


def result(
    method: str, params: dict[str, Any] | None = None, revision: str = STATELESS, **how: Any
) -> dict[str, Any]:
    """Return the result of a request, which must be one of its revision."""
    answer = ask(method, params, revision, **how)
    assert answer.status == 200, answer
    assert answer.headers['Content-Type'] == 'application/json'
    found = JSONRPCResponse.model_validate(answer.json).result
    validate_server_result(method, revision, found)
    return found


def call_tool(
    name: str, arguments: dict[str, Any] | None = None, revision: str = STATELESS, **how: Any
) -> dict[str, Any]:
    """Return the result of a tool."""
    return result('tools/call', {'name': name, 'arguments': arguments or {}}, revision, **how)
