"""postSuccess, called in every way that it may be and may not be."""

import pytest
from chalice.test import Client

from app import app
from tests.support.people.verified_calls import NO_SETTINGS, call


def test_signed_in_call_succeeds() -> None:
    response = call(app, 'POST', '/my_route')

    assert (response.status_code, response.json_body) == (200, {'success': True})
    assert response.headers['Content-Type'] == 'application/json'
    assert response.headers['Access-Control-Allow-Origin'] == '*'


@pytest.mark.parametrize('body', [b'', b' \n', b'{}', b'{"any": ["thing"]}', b'null'])
def test_json_body_is_ignored(body: bytes) -> None:
    response = call(app, 'POST', '/my_route', body=body)

    assert (response.status_code, response.json_body) == (200, {'success': True})


def test_call_without_verified_claims_is_refused() -> None:
    with Client(app, project_dir=NO_SETTINGS) as client:
        response = client.http.post('/my_route')

    assert response.status_code == 401
    assert response.json_body == {
        'Code': 'NotSignedIn',
        'Message': 'Nobody is signed in. Sign in again, then repeat the call.',
    }


@pytest.mark.parametrize(
    ('body', 'status', 'code', 'remedy'),
    [
        (b'{', 400, 'InvalidRequest', 'not JSON'),
        (b'success', 400, 'InvalidRequest', 'not JSON'),
        (b'{"a": NaN}', 400, 'InvalidRequest', 'not JSON'),
        (b'{"a": 1} {"b": 2}', 400, 'InvalidRequest', 'not JSON'),
        (b'{"a": "\\ud800"}', 400, 'InvalidRequest', 'not JSON'),
        (b'{"a": 1' + b'0' * 5000 + b'}', 400, 'InvalidRequest', 'not JSON'),
        (b'{"a": "\xff"}', 400, 'InvalidRequest', 'UTF-8'),
        ('{"a": "\ufffd"}'.encode(), 400, 'InvalidRequest', 'UTF-8'),
        ('{}'.encode('utf-16'), 400, 'InvalidRequest', 'UTF-8'),
        (b'[' * 50_000, 400, 'InvalidRequest', 'flatter'),
        (b'{"a":' * 10_000, 400, 'InvalidRequest', 'flatter'),
        (b'"' + b'x' * 99_998 + b'"', 413, 'RequestTooLarge', 'fewer than 100,000'),
        (b'{' + b' ' * 1_000_000, 413, 'RequestTooLarge', 'fewer than 100,000'),
    ],
)
def test_refuses_body(body: bytes, status: int, code: str, remedy: str) -> None:
    response = call(app, 'POST', '/my_route', body=body)

    assert (response.status_code, response.json_body['Code']) == (status, code)
    assert remedy in response.json_body['Message']


def test_takes_the_largest_body_that_chatgpt_sends() -> None:
    body = b'"' + 'é'.encode() * 99_997 + b'"'

    assert call(app, 'POST', '/my_route', body=body).status_code == 200


@pytest.mark.parametrize('content_type', ['text/plain', 'application/xml', 'garbage', ''])
def test_refuses_content_type(content_type: str) -> None:
    response = call(app, 'POST', '/my_route', content_type=content_type)

    assert (response.status_code, response.json_body['Code']) == (415, 'UnsupportedMediaType')
    assert 'Content-Type: application/json' in response.json_body['Message']


@pytest.mark.parametrize('method', ['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD'])
def test_refuses_method(method: str) -> None:
    response = call(app, method, '/my_route')

    assert (response.status_code, response.headers['Allow']) == (405, 'POST')
    assert 'Allow header' in response.json_body['Message']
