"""A deployed stage, with the emulator as AWS: people are added, sign in and call it."""

import json
import socket
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
import requests
from anyio import to_thread
from mcp_types import CallToolResult

from app import app
from chalicelib.operations.routes import operation_routes
from ops.trying import try_operation
from tests.support.mcp.sdk_client import Kept, app_client, connected
from tests.support.people import signing_in
from tests.support.people.person import Browser
from tests.support.stages.deployed_stage import GPT_CALLBACKS, MCP, Deployed, deployed_stage

EMAIL = 'you@example.com'
TEMPORARY_PASSWORD = 'A-temporary-password-1'


@pytest.fixture(scope='module')
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed_stage(tmp_path_factory.mktemp('project')) as deployed:
        yield deployed


@pytest.fixture
def port(deployed: Deployed) -> Iterator[int]:
    """A port whose callback URL is registered."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
    url = f'http://localhost:{found}/callback'
    added = deployed.project.ops('callback', 'add', url)
    assert added.exit_code == 0, added.output
    yield found
    deployed.project.ops('callback', 'remove', url)


def test_person_who_is_added_makes_a_signed_in_call(
    deployed: Deployed, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(EMAIL, TEMPORARY_PASSWORD, 'Their-own-password-1')
    monkeypatch.setattr(webbrowser, 'open', browser.open)
    monkeypatch.setattr(try_operation, 'KEPT_TOKENS', tmp_path)
    ops = deployed.project.ops

    added = ops('user', 'add', EMAIL, '--temporary-password', TEMPORARY_PASSWORD)
    first = ops('try', 'postSuccess', '--port', str(port))
    browser.close()
    second = ops('try', 'listDocuments', '--port', str(port))

    assert added.exit_code == 0, added.output
    assert (first.exit_code, json.loads(first.stdout)) == (0, {'success': True})
    assert (second.exit_code, json.loads(second.stdout)['documents']) == (0, [])
    assert len(browser.visited) == 1


def test_chatgpt_reads_all_of_it(deployed: Deployed) -> None:
    result = deployed.project.ops('chatgpt', '--json')

    url = deployed.project.emulator.url
    printed = json.loads(result.stdout)
    secret = printed.pop('client_secret')
    assert len(secret) > 20
    assert printed == {
        'client_id': deployed.client_id(),
        'authorization_url': f'{url}/oauth2/authorize',
        'token_url': f'{url}/oauth2/token',
        'scope': 'openid email profile',
        'token_exchange_method': 'Default (POST request)',
        'callback_urls': ['http://localhost:8765/callback', *GPT_CALLBACKS],
        'api_url': f'{url}/execute-api/{deployed.api_id}/dev',
        'openapi_command': 'python openapi_export.py --stage dev',
    }


def test_deployed_api_signs_people_in_at_the_pool(deployed: Deployed) -> None:
    api = deployed.project.stage().api_url
    asked = {
        'client_id': deployed.client_id(),
        'response_type': 'code',
        'redirect_uri': GPT_CALLBACKS[0],
        'scope': 'openid email',
        'state': 'a+b c',
    }

    page = requests.get(f'{api}/oauth2/authorize', asked, timeout=20)
    stranger = requests.get(f'{api}/oauth2/authorize', asked | {'client_id': 'x'}, timeout=20)
    form = {'grant_type': 'refresh_token', 'client_id': deployed.client_id()}
    refused = requests.post(f'{api}/oauth2/token', form, timeout=20)

    assert (page.status_code, urlsplit(page.url).path) == (200, '/login')
    assert dict(parse_qsl(urlsplit(page.url).query)) == asked
    assert (stranger.status_code, stranger.json()['error']) == (400, 'invalid_client')
    assert (refused.status_code, refused.json()['error']) == (400, 'invalid_client')
    assert refused.json()['error_description'] == 'invalid_client_secret'


@pytest.mark.parametrize('server', ['pool', 'api'])
def test_official_mcp_client_finds_its_way_under_a_stage(server: str, deployed: Deployed) -> None:
    cognito, password = deployed.client('cognito-idp'), 'Their-own-password-1'
    person = {'UserPoolId': deployed.pool_id, 'Username': f'{server}@example.com'}
    cognito.admin_create_user(**person, MessageAction='SUPPRESS')
    cognito.admin_set_user_password(**person, Password=password, Permanent=True)
    form = json.loads(deployed.project.ops('chatgpt', '--mcp', '--json').stdout)
    pages: list[str] = []
    kept = Kept(app_client(form['client_id'], form['client_secret']))

    async def sign_in(url: str) -> dict[str, str]:
        pages.append(url)
        browser = signing_in.Browser()
        page = await to_thread.run_sync(browser.get, url)
        answer = browser.submit(page, username=person['Username'], password=password)
        return signing_in.parameters(answer)

    async def main() -> tuple[set[str], dict[str, Any] | None]:
        async with connected(form['server_url'], kept, sign_in) as client:
            tools = await client.list_tools()
            result = await client.call_tool('listDocuments', {})
            assert isinstance(result, CallToolResult)
            return {tool.name for tool in tools.tools}, result.structured_content

    with deployed.with_environment(MCP_AUTHORIZATION_SERVER=server):
        tools, answer = anyio.run(main)

    url = deployed.project.emulator.url
    api = f'{url}/execute-api/{deployed.api_id}/dev'
    assert form['server_url'] == f'{api}/mcp'
    (page,) = pages
    assert page.startswith(f'{api if server == "api" else url}/oauth2/authorize?')
    assert form['client_id'] == deployed.client_id(MCP)
    assert tools == {route.operation.id for route in operation_routes(app)}
    assert answer == {'documents': [], 'cursor': None}


def test_tool_is_tried_through_the_api_where_it_gives_tokens(
    deployed: Deployed, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cognito, person = deployed.client('cognito-idp'), 'tried@example.com'
    cognito.admin_create_user(
        UserPoolId=deployed.pool_id,
        Username=person,
        TemporaryPassword=TEMPORARY_PASSWORD,
        MessageAction='SUPPRESS',
    )
    browser = Browser(person, TEMPORARY_PASSWORD, 'Their-own-password-1')
    monkeypatch.setattr(webbrowser, 'open', browser.open)
    monkeypatch.setattr(try_operation, 'KEPT_TOKENS', tmp_path)
    ops, through_api = deployed.project.ops, {'MCP_AUTHORIZATION_SERVER': 'api'}
    callback = (f'http://localhost:{port}/callback', '--client', deployed.client_id(MCP))
    assert ops('callback', 'add', *callback).exit_code == 0

    with deployed.with_settings(**through_api), deployed.with_environment(**through_api):
        result = ops('try', 'postSuccess', '--mcp', '--port', str(port))
    browser.close()
    ops('callback', 'remove', *callback)

    api = f'{deployed.project.emulator.url}/execute-api/{deployed.api_id}/dev'
    assert (result.exit_code, json.loads(result.stdout)) == (0, {'success': True})
    assert browser.visited[0].startswith(f'{api}/oauth2/authorize?')
