"""API Gateway in front of a function: routing, then authorization, then the function.

What is emulated, on what evidence, and what was chosen: docs/api_gateway.md.
"""

import logging
import re
import time
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from wsgiref.types import StartResponse, WSGIEnvironment

from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from emulator.api_gateway.authorizer import CognitoAuthorizer, TokenRefused
from emulator.api_gateway.chunks import Chunks
from emulator.api_gateway.gateway_responses import GatewayResponse
from emulator.api_gateway.resource_policy import ResourcePolicy
from emulator.api_gateway.rest_api import RestApi
from emulator.lambda_ import proxy
from emulator.lambda_.proxy import (
    MAX_LAMBDA_BYTES,
    Call,
    Deployment,
    Function,
    FunctionFailed,
    IntegrationTimedOut,
)

_log = logging.getLogger(__name__)
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_MAX_BODY_BYTES = 10 * 1024 * 1024
_ACCOUNT = '123456789012'
_LENGTH = re.compile(r'[0-9]{1,18}')
_MAX_METHOD_ARN_CHARACTERS = 1600


class Gateway:
    """A WSGI application that serves a REST API as API Gateway and Lambda do."""

    def __init__(
        self,
        api: RestApi,
        function: Function,
        deployment: Deployment,
        *,
        integration_timeout_seconds: float = 29,
    ) -> None:
        self.api = api
        self._function = function
        self._deployment = deployment
        self._seconds = integration_timeout_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        call = Call(Request(environ), self._deployment)
        try:
            response = self._answer(call)
        except GatewayResponse as answer:
            response = answer.response(self.api.gateway_responses)
        response.headers['x-amzn-RequestId'] = call.request_id
        response.headers['x-amz-apigw-id'] = call.extended_request_id
        # The path may hold what belongs in no log; the resource it leads to does not.
        what = f'{call.method} {call.resource}' if call.resource else 'no such route'
        duration_ms = (time.perf_counter() - started) * 1000
        _log.info('%d %s %.0f ms', response.status_code, what, duration_ms)
        return response(environ, start_response)

    def _answer(self, call: Call) -> Response:
        route = self.api.route(call.method, call.path)
        if route is None:
            raise _no_such_route(call)
        call.resource, call.path_parameters = route.resource, route.path_parameters
        if route.method.authorizer:
            call.claims = _authorize(call, route.method.authorizer)
        if self.api.policy:
            _refuse_unless_allowed(call, self.api.policy)
        if route.method.preflight_headers is not None:
            return Response(headers=route.method.preflight_headers, content_type='application/json')
        return self._integrate(call, _read_body(call.request))

    def _integrate(self, call: Call, body: bytes) -> Response:
        event = proxy.to_json(proxy.event_of(call, body, self.api.binary_types))
        if len(event) > MAX_LAMBDA_BYTES:
            raise _too_long()
        accept = call.request.headers.get('Accept', '')
        try:
            answer = self._function(event, self._seconds)
            return proxy.response_of(answer, accept, self.api.binary_types)
        except FunctionFailed as error:
            raise _integration_failed(error.status, 'FAILURE', 'Internal server error') from error
        except IntegrationTimedOut as error:
            raise _integration_failed(504, 'TIMEOUT', 'Endpoint request timed out') from error


def _no_such_route(call: Call) -> GatewayResponse:
    """Return the answer to an unknown path or method, which looks like one about a signature."""
    authorization = call.request.headers.get('Authorization')
    if authorization is None:
        return GatewayResponse(
            'MISSING_AUTHENTICATION_TOKEN',
            403,
            'MissingAuthenticationTokenException',
            'Missing Authentication Token',
        )
    digest = b64encode(sha256(authorization.encode()).digest()).decode()
    return GatewayResponse(
        'DEFAULT_4XX',  # and not INVALID_SIGNATURE, as access logs of AWS have it
        403,
        'IncompleteSignatureException',
        'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 '
        f"and encoded with Base64): '{digest}'.",
    )


def _method_arn(call: Call) -> str:
    where = call.deployment
    api = f'arn:aws:execute-api:{where.region}:{_ACCOUNT}:{where.api_id}'
    return f'{api}/{where.stage}/{call.method}{call.path}'


def _authorize(call: Call, authorizer: CognitoAuthorizer) -> dict[str, str]:
    if len(_method_arn(call)) > _MAX_METHOD_ARN_CHARACTERS:
        raise GatewayResponse(
            'DEFAULT_4XX', 414, 'RequestTooLargeException', 'Request-URI Too Long'
        )
    try:
        return authorizer.authorize(call.headers)
    except TokenRefused as refusal:
        raise GatewayResponse(
            'UNAUTHORIZED', 401, 'UnauthorizedException', str(refusal)
        ) from refusal


def _refuse_unless_allowed(call: Call, policy: ResourcePolicy) -> None:
    method_arn = _method_arn(call)
    verdict = policy.verdict(method_arn, call.request.remote_addr or '')
    if verdict != 'allow':
        shown = method_arn.replace(_ACCOUNT, f'********{_ACCOUNT[-4:]}', 1)
        raise GatewayResponse(
            'ACCESS_DENIED',
            403,
            'AccessDeniedException',
            'User: anonymous is not authorized to perform: execute-api:Invoke on resource: '
            f'{shown}{" with an explicit deny" if verdict == "deny" else ""}',
        )


def _read_body(request: Request) -> bytes:
    if not _LENGTH.fullmatch(request.headers.get('Content-Length', '0')):
        raise _bad_request()
    request.max_content_length = _MAX_BODY_BYTES
    stream = request.environ['wsgi.input']
    if isinstance(stream, Chunks):
        stream.max_bytes = _MAX_BODY_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise _too_long() from error
    except BadRequest as error:
        raise _bad_request() from error


def _bad_request() -> GatewayResponse:
    return GatewayResponse('DEFAULT_4XX', 400, 'BadRequestException', 'Bad Request')


def _too_long() -> GatewayResponse:
    return GatewayResponse('REQUEST_TOO_LARGE', 413, 'RequestTooLargeException', 'Request Too Long')


def _integration_failed(status: int, how: str, message: str) -> GatewayResponse:
    return GatewayResponse(f'INTEGRATION_{how}', status, 'InternalServerErrorException', message)
