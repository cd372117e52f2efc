"""A whole sign-in by requests-oauthlib through the API, beside the same one at the pool itself."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest
import requests
from oauthlib.oauth2 import OAuth2Error
from requests.auth import HTTPBasicAuth
from requests_oauthlib import OAuth2Session

from app import app
from chalicelib import observability
from emulator.api_gateway import local_api
from tests.support.people.signing_in import (
    CALLBACK,
    PASSWORD,
    App,
    Browser,
    Cognito,
    parameters,
    running,
)
from tests.support.raw_http import serving


class Sides(NamedTuple):
    """The same OAuth endpoints twice."""

    pool: str
    api: str


@pytest.fixture(scope='module')
def cognito() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture(scope='module')
def client(cognito: Cognito) -> App:
    return cognito.add_app()


@pytest.fixture(scope='module')
def sides(cognito: Cognito, client: App) -> Iterator[Sides]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(observability, '_write', lambda _: None)
        patch.setenv('AWS_ENDPOINT_URL', cognito.url)
        patch.setenv('COGNITO_DOMAIN_URL', cognito.url)
        patch.setenv('COGNITO_CLIENT_IDS', client.id)
        patch.setenv('OAUTHLIB_INSECURE_TRANSPORT', '1')
        with serving(local_api.gateway(app)) as api:
            yield Sides(cognito.url, api)


def sign_in(
    side: str, client: App, person: str, exchange: str, **asked: str
) -> tuple[list[str], dict[str, Any], OAuth2Session]:
    """Sign a person in; return where they were sent, the token and who holds it."""
    session = OAuth2Session(client.id, redirect_uri=CALLBACK, scope=['openid', 'email'])
    url, state = session.authorization_url(f'{side}/oauth2/authorize', state='a state', **asked)
    browser = Browser()
    page = browser.get(url, timeout=10)
    sent_to = [redirect.headers['Location'] for redirect in page.history]
    back = browser.submit(page, username=person, password=PASSWORD)
    assert parameters(back)['state'] == state
    token = session.fetch_token(
        f'{side}/oauth2/token',
        authorization_response=back.headers['Location'],
        **proof(client, exchange),
    )
    return sent_to, token, session


def proof(client: App, exchange: str) -> dict[str, Any]:
    """Return how the client proves itself at the token endpoint."""
    if exchange == 'basic':
        return {'auth': client.auth}
    return {'include_client_id': True, 'client_secret': client.secret}


def claims_of(cognito: Cognito, token: dict[str, Any]) -> dict[str, Any]:
    """Return what a token says that is not of its own moment."""
    momentary = {'exp', 'iat', 'auth_time', 'jti', 'origin_jti', 'event_id', 'at_hash'}
    claims = cognito.verify(token['access_token']).claims
    return {name: value for name, value in claims.items() if name not in momentary}


@pytest.mark.parametrize('exchange', ['post', 'basic'])
@pytest.mark.parametrize('asked', [{}, {'login_hint': 'jürgen+1@example.com', 'nonce': '"&=%'}])
def test_sign_in_through_the_api_equals_the_direct_one(
    cognito: Cognito, client: App, sides: Sides, exchange: str, asked: dict[str, str]
) -> None:
    person = cognito.add_person()

    sent_to, token, session = sign_in(sides.api, client, person, exchange, **asked)
    sent_directly, direct, _ = sign_in(sides.pool, client, person, exchange, **asked)
    again: dict[str, Any] = proof(client, exchange) | {'client_id': client.id}
    again.pop('include_client_id', None)
    refreshed = session.refresh_token(f'{sides.api}/oauth2/token', **again)

    assert len(sent_to) == len(sent_directly) + 1
    assert sent_to[1:] == sent_directly
    assert token.keys() == direct.keys()
    assert claims_of(cognito, token) == claims_of(cognito, direct) == claims_of(cognito, refreshed)
    assert refreshed['refresh_token'] == token['refresh_token']
    called = session.post(f'{sides.api}/my_route', timeout=10)
    assert (called.status_code, called.json()) == (200, {'success': True})


@pytest.mark.parametrize(
    'form',
    [
        {'grant_type': 'authorization_code', 'code': 'unknown', 'redirect_uri': CALLBACK},
        {'grant_type': 'authorization_code', 'redirect_uri': CALLBACK},
        {'grant_type': 'refresh_token', 'refresh_token': 'unknown'},
        {'grant_type': 'refresh_token'},
        {'grant_type': 'refresh_token', 'refresh_token': 'x', 'client_secret': 'wrong'},
        {'grant_type': 'refresh_token', 'refresh_token': ['x', 'y']},
    ],
)
def test_refusals_are_those_of_the_pool(client: App, sides: Sides, form: dict[str, str]) -> None:
    sent = {'client_id': client.id, 'client_secret': client.secret, **form}

    through, direct = (
        requests.post(f'{s}/oauth2/token', sent, timeout=10) for s in reversed(sides)
    )

    assert through.status_code == direct.status_code == 400
    assert through.content == direct.content
    for name in ('Content-Type', 'Cache-Control'):
        assert through.headers[name] == direct.headers[name]


def test_another_app_client_is_served_by_the_pool_only(cognito: Cognito, sides: Sides) -> None:
    other, person = cognito.add_app(), cognito.add_person()

    session = OAuth2Session(other.id, redirect_uri=CALLBACK)
    code = cognito.sign_in(other, person)

    with pytest.raises(OAuth2Error, match='invalid_client'):
        session.fetch_token(f'{sides.api}/oauth2/token', code=code, auth=other.auth)
    asked = requests.get(
        f'{sides.api}/oauth2/authorize', other.asks, allow_redirects=False, timeout=10
    )
    assert (asked.status_code, asked.json()['error']) == (400, 'invalid_client')
    assert other.exchange(code).status_code == 200


def test_callback_that_is_not_registered_is_refused_by_the_pool(client: App, sides: Sides) -> None:
    asked = client.asks | {'redirect_uri': 'https://evil.example/callback'}

    page = requests.get(f'{sides.api}/oauth2/authorize', asked, timeout=10)

    assert (page.status_code, urlsplit(page.url).path) == (400, '/error')
    assert [urlsplit(step.url).netloc for step in page.history] == [
        urlsplit(sides.api).netloc,
        urlsplit(sides.pool).netloc,
    ]


def test_app_client_may_keep_its_secret_in_either_place(client: App, sides: Sides) -> None:
    wrong = HTTPBasicAuth(client.id, 'wrong')
    form = {'grant_type': 'refresh_token', 'refresh_token': 'x'}

    through, direct = (
        requests.post(f'{side}/oauth2/token', form, auth=wrong, timeout=10)
        for side in reversed(sides)
    )

    assert (through.status_code, through.content) == (direct.status_code, direct.content)
    assert through.json()['error_description'] == 'invalid_client_secret'
