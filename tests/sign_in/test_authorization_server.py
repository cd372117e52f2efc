"""The API as the authorization server of MCP clients, for those that the pool's own doesn't do."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import anyio
import pytest
import requests
from httpx2 import Request
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import CallToolResult

from app import app
from chalicelib.operations.routes import operation_routes
from tests.support.mcp import dev_server
from tests.support.mcp.calls import HOST, send
from tests.support.mcp.sdk_client import Kept, app_client, check_sign_in, http_client

DISCOVERY = '/.well-known/openid-configuration'
PATHS = ['/.well-known/oauth-authorization-server', DISCOVERY]
RESOURCE = '/.well-known/oauth-protected-resource'
DOMAIN = 'https://pool.auth.eu-west-1.amazoncognito.com'


@pytest.fixture(autouse=True)
def domain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the API know the pool's sign-in pages."""
    monkeypatch.setenv('COGNITO_DOMAIN_URL', DOMAIN)


def metadata(path: str, **how: Any) -> dict[str, Any]:
    """Return what somebody without a token reads there."""
    answer = send(None, method='GET', path=path, claims=None, **how)
    assert answer.status == 200
    assert answer.headers['Access-Control-Allow-Origin'] == '*'
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize('path', PATHS)
@pytest.mark.parametrize(
    ('host', 'base_path', 'url'),
    [
        (HOST, '/dev', f'https://{HOST}/dev'),
        ('api.example.com', '', 'https://api.example.com'),
        ('api.example.com', '/a/b', 'https://api.example.com/a/b'),
        ('localhost:8000', '', 'http://localhost:8000'),
    ],
)
def test_whole_metadata(path: str, host: str, base_path: str, url: str) -> None:
    headers = {'Host': 'evil.example', 'X-Forwarded-Host': 'evil.example'}

    assert metadata(path, host=host, base_path=base_path, headers=headers) == {
        'issuer': url,
        'authorization_endpoint': f'{url}/oauth2/authorize',
        'token_endpoint': f'{url}/oauth2/token',
        'jwks_uri': (
            'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_LocalPool/.well-known/jwks.json'
        ),
        'scopes_supported': ['openid', 'email', 'profile'],
        'response_types_supported': ['code'],
        'grant_types_supported': ['authorization_code', 'refresh_token'],
        'code_challenge_methods_supported': ['S256'],
        'token_endpoint_auth_methods_supported': ['client_secret_basic', 'client_secret_post'],
        'subject_types_supported': ['public'],
        'id_token_signing_alg_values_supported': ['RS256'],
    }


@pytest.mark.parametrize('path', PATHS)
@pytest.mark.parametrize('value', [None, '', 'http://pool.example.com'])
def test_needs_the_domain_that_its_endpoints_lead_to(
    path: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('COGNITO_DOMAIN_URL')
    if value is not None:
        monkeypatch.setenv('COGNITO_DOMAIN_URL', value)

    answer = send(None, method='GET', path=path, claims=None)

    assert answer.status == 503
    assert answer.json['Message'].startswith('COGNITO_DOMAIN_URL is not set: ')


@pytest.mark.parametrize('path', [RESOURCE, f'{RESOURCE}/mcp'])
@pytest.mark.parametrize(
    ('host', 'base_path', 'url'),
    [
        (HOST, '/dev', f'https://{HOST}/dev'),
        ('api.example.com', '', 'https://api.example.com'),
    ],
)
def test_resource_names_the_api_when_it_is_set(
    path: str, host: str, base_path: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('MCP_AUTHORIZATION_SERVER', 'api')

    found = metadata(path, host=host, base_path=base_path)

    assert (found['resource'], found['authorization_servers']) == (f'{url}/mcp', [url])


@pytest.mark.parametrize('value', ['API', 'https://evil.example', 'pool api', ','])
def test_any_other_value_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('MCP_AUTHORIZATION_SERVER', value)

    answer = send(None, method='GET', path=RESOURCE, claims=None)

    assert answer.status == 503
    assert answer.json['Message'].startswith(
        'MCP_AUTHORIZATION_SERVER is not set: it has a value that is neither pool nor api. '
    )


@pytest.fixture(scope='module')
def dev() -> Iterator[dev_server.Dev]:
    with dev_server.running(MCP_AUTHORIZATION_SERVER='api') as dev:
        yield dev


def test_documents_served_say_what_a_strict_client_looks_for(dev: dev_server.Dev) -> None:
    api = dev.mcp_url.removesuffix('/mcp')

    for path in PATHS:
        answer = requests.get(api + path, headers={'Origin': 'https://a.example'}, timeout=10)
        assert answer.headers['Access-Control-Allow-Origin'] == '*'
        assert answer.json()['issuer'] == api
        assert answer.json()['code_challenge_methods_supported'] == ['S256']
        keys = requests.get(answer.json()['jwks_uri'], timeout=10).json()['keys']
        assert {key['alg'] for key in keys} == {'RS256'}


@pytest.mark.parametrize('method', ['client_secret_post', 'client_secret_basic'])
def test_official_client_signs_in_through_the_api(method: str, dev: dev_server.Dev) -> None:
    asked: list[Request] = []
    sent_to: list[str] = []

    async def remember(request: Request) -> None:
        asked.append(request)

    async def sign_in(url: str) -> dict[str, str]:
        sent_to.append(url)
        return await dev.sign_in_later(url)

    async def main() -> tuple[int, bool]:
        kept = Kept(app_client(dev.client_id, dev.client_secret, method))
        async with http_client(dev.mcp_url, kept, sign_in) as http:
            http.event_hooks['request'].append(remember)
            async with Client(streamable_http_client(dev.mcp_url, http_client=http)) as client:
                result = await client.call_tool('postSuccess', {})
                assert isinstance(result, CallToolResult)
                return len((await client.list_tools()).tools), bool(result.is_error)

    assert anyio.run(main) == (len(operation_routes(app)), False)

    api = dev.mcp_url.removesuffix('/mcp')
    urls = [str(request.url) for request in asked]
    assert urls[:3] == [dev.mcp_url, f'{api}{RESOURCE}', f'{api}{PATHS[0]}']
    assert {urlsplit(url).netloc for url in urls} == {urlsplit(api).netloc}
    (asked_for,) = sent_to
    page = requests.get(asked_for, timeout=10).url
    assert asked_for.startswith(f'{api}/oauth2/authorize?')
    assert page.startswith(f'{dev.aws_url}/login?')
    check_sign_in(page, asked, dev.mcp_url, method)
