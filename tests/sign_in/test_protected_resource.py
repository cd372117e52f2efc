"""What a client without a token finds: who gives tokens, at whatever address the API has."""

import json
from pathlib import Path
from typing import Any

import pytest

from app import app
from chalicelib.identity import authorizer
from emulator.api_gateway.local_api import customisations_of, gateway
from tests.support.mcp.calls import HOST, send
from tests.support.people.pool import user_pool
from tests.support.raw_http import post, serving
from tests.support.raw_http import send as send_raw

ROOT = Path(__file__).parent.parent.parent
PATHS = ['/.well-known/oauth-protected-resource', '/.well-known/oauth-protected-resource/mcp']
ISSUER = 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_LocalPool'


def metadata(path: str = PATHS[0], **how: Any) -> dict[str, Any]:
    """Return the metadata as somebody without a token gets it."""
    answer = send(None, method='GET', path=path, claims=None, **how)
    assert answer.status == 200
    found: dict[str, Any] = answer.json
    return found


@pytest.mark.parametrize('path', PATHS)
def test_whole_metadata(path: str) -> None:
    assert metadata(path) == {
        'resource': f'https://{HOST}/dev/mcp',
        'authorization_servers': [ISSUER],
        'scopes_supported': ['openid', 'email', 'profile'],
        'bearer_methods_supported': ['header'],
        'resource_name': 'local',
    }


def test_scopes_are_those_that_the_authorizer_asks_for_and_the_client_has() -> None:
    client = json.loads(Path('resources/sign_in.json').read_text())['Resources'][
        'McpUserPoolClient'
    ]

    assert metadata()['scopes_supported'] == authorizer.scopes
    assert client['Properties']['AllowedOAuthScopes'] == authorizer.scopes


@pytest.mark.parametrize(
    ('base_path', 'url'),
    [
        ('/dev', f'https://{HOST}/dev/mcp'),
        ('', f'https://{HOST}/mcp'),
        ('/middleware', f'https://{HOST}/middleware/mcp'),
        ('/a/b', f'https://{HOST}/a/b/mcp'),
        ('/mcp', f'https://{HOST}/mcp/mcp'),
    ],
)
@pytest.mark.parametrize('path', PATHS)
def test_resource_is_under_the_stage_or_the_base_path(base_path: str, url: str, path: str) -> None:
    assert metadata(path, base_path=base_path)['resource'] == url


@pytest.mark.parametrize(
    'headers',
    [
        {'X-Forwarded-Proto': 'http'},
        {'x-forwarded-proto': 'javascript'},
        {'X-Forwarded-Host': 'evil.example', 'Host': 'evil.example'},
        {'Forwarded': 'host=evil.example;proto=http'},
    ],
)
def test_no_header_says_where_the_api_is(headers: dict[str, str]) -> None:
    assert metadata(headers=headers)['resource'] == f'https://{HOST}/dev/mcp'


@pytest.mark.parametrize(
    ('host', 'url'),
    [
        ('localhost:8000', 'http://localhost:8000/mcp'),
        ('127.0.0.1:8000', 'http://127.0.0.1:8000/mcp'),
        ('[::1]:8000', 'http://[::1]:8000/mcp'),
        ('localhost', 'http://localhost/mcp'),
        ('localhost.evil.example', 'https://localhost.evil.example/mcp'),
        ('127.0.0.1.evil.example', 'https://127.0.0.1.evil.example/mcp'),
    ],
)
def test_only_this_machine_is_asked_without_tls(host: str, url: str) -> None:
    assert metadata(base_path='', host=host)['resource'] == url


@pytest.mark.parametrize(
    ('settings', 'issuer'),
    [
        ({}, ISSUER),
        ({'COGNITO_ISSUER_URL': ' '}, ISSUER),
        ({'COGNITO_ISSUER_URL': 'https://issuer.example/pool/'}, 'https://issuer.example/pool'),
        (
            {'AWS_ENDPOINT_URL': 'http://localhost:9400/'},
            'http://localhost:9400/us-east-1_LocalPool',
        ),
        (
            {'COGNITO_USER_POOL_ARN': 'arn:aws-cn:cognito-idp:cn-north-1:1:userpool/cn-north-1_a'},
            'https://cognito-idp.cn-north-1.amazonaws.com.cn/cn-north-1_a',
        ),
        (
            {'COGNITO_USER_POOL_ARN': 'arn:aws-us-gov:cognito-idp:us-gov-west-1:1:userpool/u_b'},
            'https://cognito-idp.us-gov-west-1.amazonaws.com/u_b',
        ),
    ],
)
def test_authorization_server_is_the_pool(
    settings: dict[str, str], issuer: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    assert metadata()['authorization_servers'] == [issuer]


def test_refusal_leads_to_the_metadata_and_that_to_the_pool() -> None:
    with user_pool() as pool, serving(gateway(app)) as unnamed:
        api_url = unnamed.replace('127.0.0.1', 'localhost')
        named = gateway(app)
        named.api.customise(customisations_of(ROOT, api_url))
        with serving(named) as url:
            refused = post(url, path='/mcp')
            challenge = refused.headers['WWW-Authenticate']
            host = url.removeprefix('http://')
            found = send_raw(url, f'GET {PATHS[0]} HTTP/1.1', f'Host: {host}').json
            preflight = send_raw(
                url, 'OPTIONS /mcp HTTP/1.1', f'Host: {host}', 'Origin: https://a.example'
            )

    assert refused.status == 401
    assert challenge.startswith(f'Bearer resource_metadata="{api_url}{PATHS[0]}"')
    assert found['resource'] == f'{url}/mcp'
    assert found['authorization_servers'] == [pool.issuer]
    assert 'Mcp-Method' in preflight.headers['Access-Control-Allow-Headers']


@pytest.mark.parametrize('method', ['GET', 'DELETE'])
def test_whoever_is_signed_in_may_post_only(method: str) -> None:
    with user_pool() as pool, serving(gateway(app)) as url:
        token = f'Authorization: Bearer {pool.access_token()}'
        answer = send_raw(url, f'{method} /mcp HTTP/1.1', 'Host: localhost', token)

    assert (answer.status, answer.headers['Allow']) == (405, 'POST')


@pytest.mark.parametrize('method', ['POST', 'GET', 'DELETE'])
def test_every_method_of_the_endpoint_asks_for_a_token(method: str) -> None:
    with user_pool(), serving(gateway(app)) as url:
        answer = send_raw(url, f'{method} /mcp HTTP/1.1', 'Host: localhost')

    assert answer.status == 401
