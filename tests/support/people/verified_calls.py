"""Calls as they reach the function: by somebody whom API Gateway has verified."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chalice.app import Chalice, Request
from chalice.local import LambdaContext
from chalice.test import Client, HTTPResponse

from chalicelib import observability
from chalicelib.identity import Caller
from chalicelib.observability import Call

# chalice.test would take the settings of the project's stage dev, which may be a deployed one's.
NO_SETTINGS = str(Path(__file__).parent)
JANE = {
    'sub': '0d8f4b5e-7d52-4a6e-9a57-0c1d2f3a4b5c',
    'username': '0d8f4b5e-7d52-4a6e-9a57-0c1d2f3a4b5c',
    'client_id': '1example23456789',
    'token_use': 'access',
    'scope': 'openid email profile',
    'jti': 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
}


CALLER = Caller(
    JANE['sub'], JANE['username'], JANE['client_id'], frozenset(JANE['scope'].split()), ()
)


def token_with(claims: dict[str, object]) -> str:
    """Return a token that chalice.test takes: it reads the claims and checks no signature."""
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')
    return f'e30.{payload}.unsigned'


@contextmanager
def being_served(caller: Caller | None) -> Iterator[None]:
    """Be within a call of somebody's, as an operation is."""
    served = Call(Request(proxy_event(None)), caller=caller)
    token = observability._current_call.set(served)
    yield
    observability._current_call.reset(token)


def call(
    app: Chalice,
    method: str,
    path: str,
    *,
    claims: dict[str, object] | None = None,
    body: bytes = b'',
    content_type: str = 'application/json',
) -> HTTPResponse:
    """Call an app through chalice.test as JANE, with the claims changed as given."""
    # chalice.test hands claims on only when they name a user the way an ID token does.
    token = token_with({'cognito:username': 'jane', **JANE, **(claims or {})})
    headers = {'Authorization': token, 'Content-Type': content_type}
    with Client(app, project_dir=NO_SETTINGS) as client:
        return client.http.request(method, path, headers=headers, body=body)


def proxy_event(
    claims: dict[str, str] | None, *, path: str = '/my_route', token: str = ''
) -> dict[str, Any]:
    """Return the event of a POST as API Gateway sends it to the function."""
    context: dict[str, Any] = {
        'resourcePath': path,
        'httpMethod': 'POST',
        'requestId': 'gateway-request',
    }
    if claims is not None:
        context['authorizer'] = {'claims': claims}
    return {
        'resource': path,
        'path': path,
        'httpMethod': 'POST',
        'headers': {'Authorization': f'Bearer {token}', 'Content-Type': 'application/json'},
        'multiValueQueryStringParameters': None,
        'pathParameters': None,
        'stageVariables': None,
        'requestContext': context,
        'body': None,
        'isBase64Encoded': False,
    }


def invoke(
    app: Chalice, claims: dict[str, str] | None, *, path: str = '/my_route', token: str = ''
) -> tuple[int, dict[str, Any]]:
    """Invoke an app as Lambda does; return the status and the decoded body of its answer."""
    context = LambdaContext('aws-middleware-test', memory_size=128)
    answer = app(proxy_event(claims, path=path, token=token), context)
    return answer['statusCode'], json.loads(answer['body'])
