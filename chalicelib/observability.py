"""One JSON line per call: the log and, in CloudWatch's embedded metric format, the metrics.

The format lets one line be both, so a call costs one write. It names who called what, and how it
ended; never a token, header, body or e-mail address.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

import itertools
import logging
import sys
import time
import traceback
from collections.abc import Callable
from contextvars import ContextVar
from functools import partial

import msgspec
from chalice.app import Chalice, Request, Response, RouteEntry

from chalicelib import settings
from chalicelib.errors import Refusal
from chalicelib.identity import Caller

_METRICS = [
    {'Name': 'Calls', 'Unit': 'Count'},
    {'Name': 'ClientErrors', 'Unit': 'Count'},
    {'Name': 'ServerErrors', 'Unit': 'Count'},
    {'Name': 'Duration', 'Unit': 'Milliseconds'},
]
Routes = dict[str, dict[str, RouteEntry]]
_calls_before = itertools.count()


class Call(msgspec.Struct):
    """One call on its way through the app; what becomes known of it is what the log line says.

    ``failure`` is the refusal that the caller got, where the HTTP answer does not show it; ``ids``
    are those of what the call was about.
    """

    request: Request
    operation_id: str | None = None
    caller: Caller | None = None
    failure: Refusal | None = None
    ids: dict[str, str] = msgspec.field(default_factory=dict)


_current_call: ContextVar[Call] = ContextVar('call')


def current_call() -> Call:
    """Return the call that is being served."""
    return _current_call.get()


def request_id() -> str | None:
    """Return the id of the call that is being served, if one is: its log line has it too."""
    call = _current_call.get(None)
    return _request_id(call) if call else None


def note(**ids: str) -> None:
    """Have the log line of the call that is being served, if one is, name what it was about."""
    if call := _current_call.get(None):
        call.ids |= ids


def log_call(
    routes: Routes, request: Request, get_response: Callable[[Request], Response]
) -> Response:
    """Serve one call and write its line, however it ends (Chalice middleware)."""
    return logged(Call(request, _operation_id(routes, request)), get_response)


def logged(call: Call, get_response: Callable[[Request], Response]) -> Response:
    """Serve a call and write its line, however it ends."""
    token = _current_call.set(call)
    started, response = time.perf_counter(), None
    try:
        response = get_response(call.request)
        return response
    finally:
        _current_call.reset(token)
        _write(_line(call, response, (time.perf_counter() - started) * 1000))


def _operation_id(routes: Routes, request: Request) -> str | None:
    """Return which operation is called; Chalice may refuse the call before it gets there."""
    route = routes.get(request.path, {}).get(request.method)
    operation = getattr(route and route.view_function, 'operation', None)
    return operation and operation.id


def _line(call: Call, response: Response | None, duration_ms: float) -> dict[str, object]:
    request = call.request
    status = response.status_code if response else 500
    body = response.body if response else None
    error = body.get('Code') if isinstance(body, dict) else None
    if call.failure:
        status, error = call.failure.status, call.failure.code
    metrics = {'Namespace': 'Middleware', 'Dimensions': [['function', 'operation']]}
    return {
        '_aws': {
            'Timestamp': int(time.time() * 1000),
            'CloudWatchMetrics': [metrics | {'Metrics': _METRICS}],
        },
        'level': 'ERROR' if status >= 500 else 'INFO',
        'function': settings.function_name(),
        'operation': call.operation_id or f'{request.method} {request.path}',
        'request_id': _request_id(call),
        'gateway_request_id': request.context.get('requestId'),
        'sub': call.caller and call.caller.sub,
        **call.ids,
        'status': status,
        'error': error,
        'cold_start': next(_calls_before) == 0,
        'Calls': 1,
        'ClientErrors': int(400 <= status < 500),
        'ServerErrors': int(status >= 500),
        'Duration': round(duration_ms, 3),
    }


def _request_id(call: Call) -> str | None:
    return getattr(call.request.lambda_context, 'aws_request_id', None)


class JsonLog(logging.Handler):
    """Write what the app's logger says as JSON lines that hold no data.

    An exception is written as its type and the places that it passed through, without its message:
    that may quote a token, a statement or a document.
    """

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        line: dict[str, object] = {'level': record.levelname, 'message': record.getMessage()}
        error = record.exc_info[1] if record.exc_info else None
        if error:
            line['error'] = type(error).__qualname__
            line['places'] = [
                f'{place.filename}:{place.lineno} {place.name}'
                for place in traceback.extract_tb(error.__traceback__)
            ]
        _write(line)


def observe(app: Chalice) -> None:
    """Log and measure every call of an app, and log its failures without their data."""
    app.register_middleware(partial(log_call, app.routes), 'http')
    app.log.handlers = [JsonLog()]
    app.log.propagate = False


def log_unforeseen(app: Chalice, error: Exception) -> None:
    """Log an error whose details the caller does not get, as Chalice logs its own."""
    app.log.error('Caught exception for path %s', current_call().request.path, exc_info=error)


def _write(line: dict[str, object]) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode() + '\n')
