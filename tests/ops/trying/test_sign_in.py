"""The requests that ChatGPT makes as an OAuth client, as a token endpoint gets them."""

import json
import os
import socket
from base64 import b64encode
from collections.abc import Iterator
from threading import Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from click import ClickException
from werkzeug.wrappers import Request, Response

from ops.app_clients.connection import Connection
from ops.trying.loopback import SignInFailed
from ops.trying.sign_in import SignIn, TokenExchange, allow_plain_http_here
from tests.support.raw_http import serving

ISSUED = {'access_token': 'at', 'id_token': 'it', 'token_type': 'Bearer', 'expires_in': 3600}
BASIC = f'Basic {b64encode(b"the-client:the-secret").decode()}'


class TokenEndpoint:
    """A token endpoint that keeps what it is sent and answers as a test wants."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = ISSUED | {'refresh_token': 'rt'}
        self.status = 200
        self.sent: list[tuple[str | None, str | None, dict[str, str]]] = []

    @property
    def wsgi(self) -> Any:
        @Request.application
        def endpoint(request: Request) -> Response:
            form = dict(request.form.items())
            self.sent.append((request.headers.get('Authorization'), request.mimetype, form))
            return Response(json.dumps(self.answer), self.status, content_type='application/json')

        return endpoint


@pytest.fixture
def endpoint() -> TokenEndpoint:
    return TokenEndpoint()


@pytest.fixture
def url(endpoint: TokenEndpoint) -> Iterator[str]:
    with serving(endpoint.wsgi) as url:
        yield url.replace('127.0.0.1', 'localhost')


@pytest.fixture
def port() -> int:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
        return found


def client(url: str, port: int, exchange: TokenExchange = 'post') -> SignIn:
    """Return ChatGPT as an OAuth client of a server."""
    connection = Connection(
        client_id='the-client',
        client_secret='the-secret',
        authorization_url=f'{url}/authorize',
        token_url=f'{url}/token',
        scope='openid email',
        token_exchange_method='Default (POST request)',
        callback_urls=[],
        api_url=url,
        openapi_command='',
    )
    return SignIn(connection, port, exchange)


def sign_in(client: SignIn) -> tuple[dict[str, Any], str]:
    """Return the token that a person comes back with, and the URL that they were sent to."""
    sent_to: list[str] = []

    def browse(url: str) -> None:
        sent_to.append(url)
        asked = dict(parse_qsl(urlsplit(url).query))
        answer = {'code': 'the-code', 'state': asked['state']}
        Thread(target=requests.get, args=(asked['redirect_uri'], answer)).start()

    return client.sign_in(browse), sent_to[0]


def test_authorization_request_is_chatgpts(url: str, port: int) -> None:
    _, sent_to = sign_in(client(url, port))

    asked = dict(parse_qsl(urlsplit(sent_to).query))
    state = asked.pop('state')
    assert sent_to.startswith(f'{url}/authorize?')
    assert len(state) >= 30
    assert asked == {
        'response_type': 'code',
        'client_id': 'the-client',
        'redirect_uri': f'http://localhost:{port}/callback',
        'scope': 'openid email',
    }


def test_code_is_exchanged_with_the_secret_in_the_form(
    url: str, port: int, endpoint: TokenEndpoint
) -> None:
    token, _ = sign_in(client(url, port))

    assert (token['access_token'], token['refresh_token']) == ('at', 'rt')
    (sent,) = endpoint.sent
    assert sent == (
        None,
        'application/x-www-form-urlencoded',
        {
            'grant_type': 'authorization_code',
            'code': 'the-code',
            'redirect_uri': f'http://localhost:{port}/callback',
            'client_id': 'the-client',
            'client_secret': 'the-secret',
        },
    )


def test_code_is_exchanged_with_the_secret_in_a_header(
    url: str, port: int, endpoint: TokenEndpoint
) -> None:
    sign_in(client(url, port, 'basic'))

    (sent,) = endpoint.sent
    assert sent == (
        BASIC,
        'application/x-www-form-urlencoded',
        {
            'grant_type': 'authorization_code',
            'code': 'the-code',
            'redirect_uri': f'http://localhost:{port}/callback',
        },
    )


@pytest.mark.parametrize(
    ('exchange', 'authorization', 'secret'),
    [
        ('post', None, {'client_id': 'the-client', 'client_secret': 'the-secret'}),
        ('basic', BASIC, {}),
    ],
)
def test_refresh_keeps_the_refresh_token(  # noqa: PLR0917
    url: str,
    port: int,
    endpoint: TokenEndpoint,
    exchange: TokenExchange,
    authorization: str | None,
    secret: dict[str, str],
) -> None:
    endpoint.answer = ISSUED
    expired = {'access_token': 'old', 'refresh_token': 'rt', 'expires_at': 1}

    token = client(url, port, exchange).refresh(expired)

    assert (token['access_token'], token['refresh_token']) == ('at', 'rt')
    (sent,) = endpoint.sent
    assert sent == (
        authorization,
        'application/x-www-form-urlencoded',
        {'grant_type': 'refresh_token', 'refresh_token': 'rt', **secret},
    )


@pytest.mark.parametrize(
    ('status', 'answer', 'said'),
    [
        (400, {'error': 'invalid_grant'}, 'refused: invalid_grant'),
        (
            400,
            {'error': 'invalid_client', 'error_description': 'invalid_client_secret'},
            'refused: invalid_client invalid_client_secret',
        ),
        (200, {'token_type': 'Bearer'}, 'refused: missing_token'),
    ],
)
def test_refusal_is_reported(  # noqa: PLR0917
    url: str,
    port: int,
    endpoint: TokenEndpoint,
    status: int,
    answer: dict[str, Any],
    said: str,
) -> None:
    endpoint.status, endpoint.answer = status, answer

    with pytest.raises(SignInFailed) as refused:
        sign_in(client(url, port))

    assert refused.value.message.startswith(f'{url}/token {said}')
    assert 'the-secret' not in refused.value.message


def test_nothing_answers(port: int) -> None:
    with pytest.raises(ClickException, match='Nothing answers at http://localhost:9'):
        client('http://localhost:9', port).refresh({'refresh_token': 'rt'})


@pytest.mark.parametrize('url', ['http://example.com', 'http://localhost.example.com'])
def test_secret_goes_over_plain_http_to_this_machine_only(url: str, port: int) -> None:
    with pytest.raises(SignInFailed, match='insecure_transport'):
        client(url, port).refresh({'refresh_token': 'rt'})


def test_plain_http_is_allowed_for_a_while_only() -> None:
    with allow_plain_http_here('http://localhost:8000/'):
        assert 'OAUTHLIB_INSECURE_TRANSPORT' in os.environ
    assert 'OAUTHLIB_INSECURE_TRANSPORT' not in os.environ
