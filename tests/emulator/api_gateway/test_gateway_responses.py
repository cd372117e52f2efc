"""What an API changes about the answers that API Gateway gives by itself."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chalice.app import Chalice, Response

from chalicelib.identity import authorizer
from emulator.api_gateway import gateway_responses, local_api
from emulator.api_gateway.rest_api import RestApi, Unsupported
from tests.support.people.pool import Pool, user_pool
from tests.support.raw_http import Answer, post, send, serving

CHALLENGE = 'Bearer resource_metadata="http://localhost:1/.well-known/x"'
CORS = {'Access-Control-Allow-Origin': '*'}
RESPONSES = {
    'UNAUTHORIZED': {'WWW-Authenticate': CHALLENGE},
    'DEFAULT_4XX': {**CORS, 'X-From': 'default 4xx'},
    'DEFAULT_5XX': {**CORS, 'X-From': 'default 5xx'},
    'INTEGRATION_TIMEOUT': {'X-From': 'timeout'},
    'REQUEST_TOO_LARGE': {'X-From': 'too large'},
}

app = Chalice('example', configure_logs=False)
released = threading.Event()


@app.route('/my_route', methods=['POST'], authorizer=authorizer, cors=True)
def my_route() -> Any:
    """Refuse, as the function itself."""
    return Response(
        {}, {'WWW-Authenticate': 'Bearer error="mine"', 'X-From': 'function'}, status_code=401
    )


@app.route('/open', methods=['GET', 'POST'], content_types=['*/*'], cors=True)
def open_route() -> Any:
    """Answer anybody."""
    return {}


@app.route('/broken', methods=['POST'])
def broken() -> Any:
    """Fail."""
    raise SystemExit(1)


@app.route('/slow', methods=['GET'])
def slow() -> Any:
    """Answer late."""
    released.wait()
    return {}


@pytest.fixture(scope='module')
def pool() -> Iterator[Pool]:
    with user_pool() as pool:
        yield pool


@pytest.fixture(scope='module')
def api(pool: Pool) -> Iterator[str]:
    assert pool.issuer
    gateway = local_api.gateway(app)
    gateway.api.customise(gateway_responses.with_headers(RESPONSES))
    with serving(gateway) as url:
        yield url


def added(answer: Answer) -> dict[str, str | None]:
    """Return what customisations have added to an answer."""
    names = ('WWW-Authenticate', 'Access-Control-Allow-Origin', 'X-From')
    return {name: answer.headers[name] for name in names if name in answer.headers}


def test_customisation_of_a_type_is_used_and_not_mixed_with_the_default(
    pool: Pool, api: str
) -> None:
    expired = post(api, f'Authorization: {pool.access_token(exp=1)}')

    for answer in (post(api), expired):
        assert answer.status == 401
        assert answer.headers['x-amzn-ErrorType'] == 'UnauthorizedException'
        assert added(answer) == {'WWW-Authenticate': CHALLENGE}
    assert post(api).body == b'{"message":"Unauthorized"}'
    assert expired.body == b'{"message":"The incoming token has expired"}'


@pytest.mark.parametrize(
    ('answer', 'status', 'from_'),
    [
        (['POST /nowhere'], 403, 'default 4xx'),
        (['POST /nowhere', 'Authorization: x'], 403, 'default 4xx'),
        (['POST /open', 'Content-Length: x'], 400, 'default 4xx'),
        (['POST /broken', 'Content-Length: 0'], 502, 'default 5xx'),
    ],
)
def test_other_types_have_the_default(answer: list[str], status: int, from_: str, api: str) -> None:
    line, *headers = answer

    got = send(api, f'{line} HTTP/1.1', 'Host: localhost', *headers)

    assert got.status == status
    assert added(got) == {**CORS, 'X-From': from_}


def test_timeout_is_a_type_of_its_own(pool: Pool) -> None:
    assert pool.issuer
    gateway = local_api.gateway(app, integration_timeout_seconds=0.01)
    gateway.api.customise(gateway_responses.with_headers(RESPONSES))
    with serving(gateway) as url:
        answer = send(url, 'GET /slow HTTP/1.1', 'Host: localhost')
    released.set()

    assert (answer.status, added(answer)) == (504, {'X-From': 'timeout'})


def test_too_long_a_request_cannot_be_customised(api: str) -> None:
    lines = ['POST /open HTTP/1.1', 'Host: localhost', f'Content-Length: {11 * 1024**2}']

    answer = send(api, *lines, body=b'x', half_close=True)

    assert (answer.status, added(answer)) == (413, {})


def test_functions_own_refusal_stays_its_own(pool: Pool, api: str) -> None:
    answer = post(api, f'Authorization: {pool.access_token()}')

    assert (answer.status, answer.body) == (401, b'{}')
    assert added(answer) == {**CORS, 'X-From': 'function'}
    assert answer.headers['x-amzn-Remapped-WWW-Authenticate'] == 'Bearer error="mine"'


def test_open_route_needs_no_token_and_nor_does_its_preflight(api: str) -> None:
    answer = send(api, 'GET /open HTTP/1.1', 'Host: localhost')
    preflight = send(api, 'OPTIONS /open HTTP/1.1', 'Host: localhost')

    assert (answer.status, answer.body) == (200, b'{}')
    assert preflight.status == 200
    assert preflight.headers['Access-Control-Allow-Methods'] == 'GET,POST,OPTIONS'


def definition(**response: Any) -> dict[str, Any]:
    """Return the definition of an API with nothing but a gateway response."""
    return {'paths': {}, 'x-amazon-apigateway-gateway-responses': {'DEFAULT_4XX': response}}


def test_status_of_the_default_is_that_of_all() -> None:
    described = definition(
        statusCode='404',
        responseTemplates={'application/json': '{"message":$context.error.messageString}'},
    )
    responses = RestApi(described).gateway_responses
    refused = gateway_responses.GatewayResponse('UNAUTHORIZED', 401, 'X', 'Unauthorized')

    assert refused.response(responses).status_code == 404


@pytest.mark.parametrize(
    ('response', 'problem'),
    [
        (
            {'responseParameters': {'gatewayresponse.header.X': 'method.request.header.Origin'}},
            'DEFAULT_4XX: gatewayresponse.header.X is no header with a fixed value',
        ),
        (
            {'responseParameters': {'gatewayresponse.header.X': "'a\r\nY: b'"}},
            'DEFAULT_4XX: gatewayresponse.header.X is no header with a fixed value',
        ),
        ({'responseParameters': {'gatewayresponse.path.x': "'a'"}}, 'is no header'),
        ({'responseTemplates': {'application/json': '{}'}}, 'it has a template of its own'),
    ],
)
def test_api_with_what_is_not_emulated_is_not_served(
    response: dict[str, Any], problem: str
) -> None:
    with pytest.raises(Unsupported, match=problem):
        RestApi(definition(**response))


def test_project_names_headers_with_the_address_of_the_api_in_them(tmp_path: Path) -> None:
    assert local_api.customisations_of(tmp_path, 'http://localhost:1') == {}
    (tmp_path / '.chalice').mkdir()
    responses = {'UNAUTHORIZED': {'WWW-Authenticate': 'Bearer resource_metadata="{api_url}/x"'}}
    (tmp_path / '.chalice' / 'gateway.json').write_text(json.dumps({'responses': responses}))

    customisations = local_api.customisations_of(tmp_path, 'http://localhost:1')

    assert customisations == gateway_responses.with_headers(
        {'UNAUTHORIZED': {'WWW-Authenticate': 'Bearer resource_metadata="http://localhost:1/x"'}}
    )
