"""The operations over MCP: Streamable HTTP, one JSON answer to each POST, nothing kept in between.

What each revision asks for, and what was chosen: docs/mcp.md.
https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http
"""

from typing import Any

from chalice.app import Chalice, Request, Response

from chalicelib import observability
from chalicelib.deadline import Deadline
from chalicelib.errors import InvalidRequest, Refusal, RequestTooLarge
from chalicelib.http_request import json_body
from chalicelib.mcp import json_rpc, methods
from chalicelib.mcp.json_rpc import RpcError
from chalicelib.mcp.revision import BATCHING, STATELESS, VERSION_HEADER, revision_of
from chalicelib.observability import Call
from chalicelib.sign_in.protected_resource import THIS_MACHINE

MAX_BATCH = 5
# A tool called later might not be done when API Gateway stops waiting.
BATCH_SECONDS = 3.0


def serve(app: Chalice) -> Response:
    """Answer an HTTP request to the MCP endpoint."""
    http = observability.current_call().request
    try:
        headers = _headers(http)
        _check(http, headers)
        sent = _body(http)
        return _batch(app, headers, sent) if isinstance(sent, list) else _one(app, headers, sent)
    except RpcError as error:
        return _refusal(error, None)


def _check(http: Request, headers: dict[str, str]) -> None:
    """Refuse a request that is wrong before its message is read."""
    # A page that DNS rebinding leads here came by plain HTTP: TLS would not have let it.
    scheme, _, host = headers.get('origin', '').partition(':')
    if scheme == 'http' and not THIS_MACHINE.fullmatch(host.removeprefix('//')):
        raise RpcError(json_rpc.INVALID_REQUEST, 'This origin may not call.', status=403)
    if http.method != 'POST':
        raise RpcError(json_rpc.INVALID_REQUEST, 'Send each message by POST.', status=405)
    accept = headers.get('accept') or '*/*'
    accepted = {kind.partition(';')[0].strip().lower() for kind in accept.split(',')}
    if not accepted & {'application/json', 'application/*', '*/*'}:
        raise RpcError(json_rpc.INVALID_REQUEST, 'Answers are application/json.', status=406)


def _headers(http: Request) -> dict[str, str]:
    """Return the headers by lower-case name, those on several lines joined as HTTP has it."""
    lines = http.to_original_event().get('multiValueHeaders') or {
        name: [value] for name, value in http.headers.items()
    }
    joined: dict[str, list[str]] = {}
    for name, values in lines.items():
        joined.setdefault(name.lower(), []).extend(value.strip() for value in values)
    return {name: ', '.join(values) for name, values in joined.items()}


def _body(http: Request) -> Any:
    try:
        sent = json_body(http)
        if sent is None and not http.raw_body.strip():
            raise RpcError(json_rpc.PARSE_ERROR, 'The body is empty.')
        return sent
    except RequestTooLarge as error:
        raise RpcError(json_rpc.INVALID_REQUEST, str(error), status=error.STATUS_CODE) from error
    except InvalidRequest as error:
        raise RpcError(json_rpc.PARSE_ERROR, str(error)) from error


def _one(app: Chalice, headers: dict[str, str], sent: Any) -> Response:
    """Answer one message."""
    revision = None
    try:
        message = json_rpc.message(sent)
        revision = revision_of(headers, message)
        if not message.is_request:
            if message.method is None and revision == STATELESS:
                raise RpcError(json_rpc.INVALID_REQUEST, 'A client sends no responses.')
            return Response('', status_code=202)
        result = methods.result(app, message, revision)
        return _response(200, json_rpc.success(message.id, result))
    except RpcError as error:
        return _refusal(error, sent, revision)
    except Exception as error:
        observability.log_unforeseen(app, error)
        unforeseen = RpcError(json_rpc.INTERNAL_ERROR, 'Internal error', status=500)
        return _refusal(unforeseen, sent, revision)


def _batch(app: Chalice, headers: dict[str, str], sent: list[Any]) -> Response:
    """Answer a batch, each message by itself."""
    if headers.get(VERSION_HEADER, BATCHING) != BATCHING:
        raise RpcError(json_rpc.INVALID_REQUEST, 'Send each message by itself, not in a batch.')
    if not 0 < len(sent) <= MAX_BATCH:
        raise RpcError(json_rpc.INVALID_REQUEST, f'A batch holds 1 to {MAX_BATCH} messages.')
    if any(isinstance(one, dict) and one.get('method') == 'initialize' for one in sent):
        raise RpcError(json_rpc.INVALID_REQUEST, 'Send initialize by itself, not in a batch.')
    deadline = Deadline(BATCH_SECONDS)
    answers = [_of_batch(app, headers, one, deadline).body for one in sent]
    said = ','.join(filter(None, answers))
    return _response(200, f'[{said}]'.encode()) if said else Response('', status_code=202)


def _of_batch(app: Chalice, headers: dict[str, str], sent: Any, deadline: Deadline) -> Response:
    """Answer a message of a batch, unless it is too late for that; log it as a call of its own."""

    def answer(_http: Request) -> Response:
        if deadline.is_over and json_rpc.id_of(sent) is not None:
            problem = 'Not run: those before it took too long. Send it again by itself.'
            return _refusal(RpcError(json_rpc.INTERNAL_ERROR, problem, status=503), sent)
        return _one(app, headers, sent)

    return observability.logged(Call(observability.current_call().request), answer)


def _refusal(error: RpcError, sent: Any, revision: str | None = None) -> Response:
    """Return an error; before 2026-07-28, unknown methods and wrong params have the status 200."""
    call = observability.current_call()
    call.failure = Refusal(error.status, str(error.code), str(error))
    by_http = error.code not in (json_rpc.METHOD_NOT_FOUND, json_rpc.INVALID_PARAMS)
    status = error.status if by_http or revision in (None, STATELESS) else 200
    response = _response(status, json_rpc.failure(json_rpc.id_of(sent), error))
    if status == 405:
        response.headers['Allow'] = 'POST'
    return response


def _response(status: int, body: bytes) -> Response:
    return Response(body.decode(), {'Content-Type': 'application/json'}, status)
