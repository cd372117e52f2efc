"""The Lambda proxy integration: an HTTP request as the function's event, its answer as HTTP.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import json
import logging
import secrets
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request, Response

# From an event to an answer, both as JSON, within so many seconds; raises FunctionFailed or
# IntegrationTimedOut.
Function = Callable[[bytes, float], bytes]

_log = logging.getLogger(__name__)
# Of a request or an answer, as JSON: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_LAMBDA_BYTES = 6 * 1024 * 1024
_NOT_FORWARDED = {
    *('connection', 'content-length', 'content-md5', 'expect', 'max-forwards', 'server', 'te'),
    *('proxy-authenticate', 'trailer', 'transfer-encoding', 'upgrade', 'www-authenticate'),
}
_IDENTITY = (
    *('accessKey', 'accountId', 'caller', 'cognitoAuthenticationProvider'),
    *('cognitoAuthenticationType', 'cognitoIdentityId', 'cognitoIdentityPoolId'),
    *('principalOrgId', 'sourceIp', 'user', 'userAgent', 'userArn'),
)
_REMAPPED = {'connection', 'content-length', 'date', 'server', 'www-authenticate'}


@dataclass(frozen=True)
class Deployment:
    """Where an API is deployed; ``base_path`` is what URLs have before the paths of the API."""

    stage: str = 'api'
    region: str = 'us-east-1'
    api_id: str = 'local'
    id: str = 'local'
    base_path: str = ''


@dataclass
class Call:
    """One request on its way through the API, with what has become known of it so far."""

    request: Request
    deployment: Deployment
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    extended_request_id: str = field(
        default_factory=lambda: b64encode(secrets.token_bytes(11)).decode()
    )
    resource: str = ''
    path_parameters: dict[str, str] = field(default_factory=dict)
    claims: dict[str, str] | None = None

    @property
    def method(self) -> str:
        """The method as the client wrote it."""
        method: str = self.request.environ['REQUEST_METHOD']
        return method

    @property
    def path(self) -> str:
        """The path in the API as the client wrote it, percent signs and all."""
        target: str = self.request.environ['RAW_URI']
        return target.partition('?')[0].removeprefix(self.deployment.base_path) or '/'

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers as the client wrote them, each line by itself."""
        return self.request.environ.get('emulator.headers') or list(self.request.headers)


class FunctionFailed(Exception):
    """The function raised, or answered with what is no proxy response."""

    status = 502


class FunctionNotPermitted(FunctionFailed):
    """There is no such function, or its policy does not let API Gateway call it."""

    status = 500


class IntegrationTimedOut(Exception):
    """The function took longer than API Gateway waits."""


def event_of(call: Call, body: bytes, binary_types: Collection[str]) -> dict[str, Any]:
    """Return the event that the function is called with."""
    headers = _grouped(_forwarded_headers(call))
    query = parse_qsl(call.request.query_string.decode('latin-1'), keep_blank_values=True)
    multi_query = _grouped(query)
    is_binary = _is_binary(call.request.headers.get('Content-Type', ''), binary_types)
    return {
        'resource': call.resource,
        'path': call.path,
        'httpMethod': call.method,
        'headers': _last(headers),
        'multiValueHeaders': headers,
        'queryStringParameters': _last(multi_query) or None,
        'multiValueQueryStringParameters': multi_query or None,
        'pathParameters': call.path_parameters or None,
        'stageVariables': None,
        'requestContext': _request_context(call),
        'body': _body_text(body, is_binary=is_binary),
        'isBase64Encoded': bool(body) and is_binary,
    }


def _forwarded_headers(call: Call) -> list[tuple[str, str]]:
    request = call.request
    return [
        *((name, value) for name, value in call.headers if name.lower() not in _NOT_FORWARDED),
        ('X-Amzn-Trace-Id', f'Root=1-{int(time.time()):08x}-{secrets.token_hex(12)}'),
        ('X-Forwarded-For', request.remote_addr or ''),
        ('X-Forwarded-Port', request.environ['SERVER_PORT']),
        ('X-Forwarded-Proto', request.scheme),
    ]


def _request_context(call: Call) -> dict[str, Any]:
    request, deployment, now = call.request, call.deployment, time.time()
    identity: dict[str, str | None] = dict.fromkeys(_IDENTITY)
    identity.update(sourceIp=request.remote_addr, userAgent=request.headers.get('User-Agent'))
    host = request.headers.get('Host', '')
    return {
        'accountId': '123456789012',
        'apiId': deployment.api_id,
        **({'authorizer': {'claims': call.claims}} if call.claims else {}),
        'deploymentId': deployment.id,
        'domainName': host,
        'domainPrefix': host.partition('.')[0],
        'extendedRequestId': call.extended_request_id,
        'httpMethod': call.method,
        'identity': identity,
        'path': f'{deployment.base_path}{call.path}',
        'protocol': request.environ['SERVER_PROTOCOL'],
        'requestId': call.request_id,
        'requestTime': time.strftime('%d/%b/%Y:%H:%M:%S +0000', time.gmtime(now)),
        'requestTimeEpoch': int(now * 1000),
        'resourceId': sha256(call.resource.encode()).hexdigest()[:6],
        'resourcePath': call.resource,
        'stage': deployment.stage,
    }


def to_json(value: Any) -> bytes:
    """Return an event or an answer as it travels to or from Lambda."""
    return json.dumps(value, ensure_ascii=False).encode()


def response_of(sent: bytes, accept: str, binary_types: Collection[str]) -> Response:
    """Return what a function's answer says to the client; raises FunctionFailed if it is none."""
    try:
        if len(sent) > MAX_LAMBDA_BYTES:
            raise ValueError(f'The answer is larger than {MAX_LAMBDA_BYTES:,} bytes.')
        answer = json.loads(sent)
        body = answer.get('body') or ''
        # Only the first media type that the client accepts decides, as API Gateway has it.
        if answer.get('isBase64Encoded') and _is_binary(accept.partition(',')[0], binary_types):
            data = b64decode(body)
        else:
            data = body.encode(errors='replace')
        response = Response(data, int(answer['statusCode']), content_type='application/json')
        named = {**(answer.get('headers') or {}), **(answer.get('multiValueHeaders') or {})}
        for name, value in named.items():
            if name.lower() != 'transfer-encoding':
                remapped = f'x-amzn-Remapped-{name}' if name.lower() in _REMAPPED else name
                response.headers.setlist(remapped, value if isinstance(value, list) else [value])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        _log.error('The answer of the function is no proxy response', exc_info=error)
        raise FunctionFailed from error
    return response


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return grouped


def _last(grouped: dict[str, list[str]]) -> dict[str, str]:
    return {name: values[-1] for name, values in grouped.items()}


def _is_binary(media_type: str, binary_types: Collection[str]) -> bool:
    return '*/*' in binary_types or media_type.partition(';')[0].strip().lower() in binary_types


def _body_text(body: bytes, *, is_binary: bool) -> str | None:
    if not body:
        return None
    return b64encode(body).decode() if is_binary else body.decode(errors='replace')
