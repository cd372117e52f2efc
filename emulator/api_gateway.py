"""API Gateway in front of a Chalice app: routing, then authorization, then the function.

What is emulated, on what evidence, and what was chosen: docs/api_gateway.md.
"""

import json
import logging
import re
import time
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from wsgiref.types import StartResponse, WSGIEnvironment

from chalice.app import Chalice
from chalice.local import LambdaContext
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge
from werkzeug.wrappers import Request, Response

from emulator import lambda_proxy
from emulator.authorizer import CognitoAuthorizer, Refused
from emulator.lambda_proxy import Call
from emulator.rest_api import RestApi

_log = logging.getLogger(__name__)
_MAX_BODY_BYTES = 10 * 1024 * 1024
_LENGTH = re.compile(r'[0-9]{1,18}')
_MAX_METHOD_ARN_CHARACTERS = 1600


class GatewayResponse(Exception):
    """An answer that API Gateway gives by itself.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
    """

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type

    def response(self) -> Response:
        """Return it as HTTP, to the byte: a failed integration is told with a space."""
        separators = None if self.status >= 500 else (',', ':')
        body = json.dumps({'message': str(self)}, separators=separators)
        headers = {'x-amzn-ErrorType': self.error_type}
        return Response(body, self.status, headers, content_type='application/json')


class Gateway:
    """A WSGI application that serves a Chalice app as API Gateway and Lambda do."""

    def __init__(
        self,
        app: Chalice,
        *,
        stage: str = 'api',
        function_timeout_seconds: float = 60,
        integration_timeout_seconds: float = 29,
    ) -> None:
        self._app = app
        self._api = RestApi(app)
        self._stage = stage
        self._function_seconds = function_timeout_seconds
        self._integration_seconds = integration_timeout_seconds

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        call = Call(Request(environ), self._stage)
        try:
            response = self._answer(call)
        except GatewayResponse as answer:
            response = answer.response()
        response.headers['x-amzn-RequestId'] = call.request_id
        response.headers['x-amz-apigw-id'] = call.extended_request_id
        # The path may hold what belongs in no log; the resource it leads to does not.
        what = f'{call.method} {call.resource}' if call.resource else 'no such route'
        duration_ms = (time.perf_counter() - started) * 1000
        _log.info('%d %s %.0f ms', response.status_code, what, duration_ms)
        return response(environ, start_response)

    def _answer(self, call: Call) -> Response:
        route = self._api.route(call.method, call.path)
        if route is None:
            raise _no_such_route(call)
        call.resource, call.path_parameters = route.resource, route.path_parameters
        if route.method.preflight_headers is not None:
            return Response(headers=route.method.preflight_headers, content_type='application/json')
        if route.method.authorizer:
            call.claims = _authorize(call, route.method.authorizer)
        return self._integrate(call, _read_body(call.request))

    def _integrate(self, call: Call, body: bytes) -> Response:
        event = lambda_proxy.event_of(call, body, self._api.binary_types)
        if len(lambda_proxy.to_json(event)) > lambda_proxy.MAX_LAMBDA_BYTES:
            raise _too_long()
        context = LambdaContext(self._app.app_name, 512, int(self._function_seconds * 1000))
        seconds = min(self._function_seconds, self._integration_seconds)
        accept = call.request.headers.get('Accept', '')
        try:
            answer = lambda_proxy.invoke(self._app, event, context, seconds)
            return lambda_proxy.response_of(answer, accept, self._api.binary_types)
        except lambda_proxy.FunctionFailed as error:
            raise _integration_failed(502, 'Internal server error') from error
        except lambda_proxy.FunctionTimedOut as error:
            if self._function_seconds < self._integration_seconds:
                raise _integration_failed(502, 'Internal server error') from error
            raise _integration_failed(504, 'Endpoint request timed out') from error


def _no_such_route(call: Call) -> GatewayResponse:
    """Return the answer to an unknown path or method, which looks like one about a signature."""
    authorization = call.request.headers.get('Authorization')
    if authorization is None:
        return GatewayResponse(
            403, 'MissingAuthenticationTokenException', 'Missing Authentication Token'
        )
    digest = b64encode(sha256(authorization.encode()).digest()).decode()
    return GatewayResponse(
        403,
        'IncompleteSignatureException',
        'Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 '
        f"and encoded with Base64): '{digest}'.",
    )


def _authorize(call: Call, authorizer: CognitoAuthorizer) -> dict[str, str]:
    method_arn = (
        f'arn:aws:execute-api:us-east-1:123456789012:local/{call.stage}/{call.method}{call.path}'
    )
    if len(method_arn) > _MAX_METHOD_ARN_CHARACTERS:
        raise GatewayResponse(414, 'RequestTooLargeException', 'Request-URI Too Long')
    try:
        return authorizer.authorize(call.headers)
    except Refused as refusal:
        raise GatewayResponse(401, 'UnauthorizedException', str(refusal)) from refusal


def _read_body(request: Request) -> bytes:
    if not _LENGTH.fullmatch(request.headers.get('Content-Length', '0')):
        raise GatewayResponse(400, 'BadRequestException', 'Bad Request')
    request.max_content_length = _MAX_BODY_BYTES
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge as error:
        raise _too_long() from error
    except BadRequest as error:
        raise GatewayResponse(400, 'BadRequestException', 'Bad Request') from error


def _too_long() -> GatewayResponse:
    return GatewayResponse(413, 'RequestTooLargeException', 'Request Too Long')


def _integration_failed(status: int, message: str) -> GatewayResponse:
    return GatewayResponse(status, 'InternalServerErrorException', message)
