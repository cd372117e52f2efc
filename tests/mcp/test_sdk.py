"""The official Python SDK's client against `make dev`: real OAuth, every tool, every revision."""

import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
from httpx2 import AsyncClient, Request
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.session import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp_types import (
    ClientCapabilities,
    Implementation,
    InitializedNotification,
    InitializeRequest,
    InitializeRequestParams,
    InitializeResult,
)
from playwright.async_api import async_playwright
from pydantic import BaseModel

from app import app
from chalicelib import aws, observability
from chalicelib.documents import uploads
from chalicelib.documents.downloads import Downloader
from chalicelib.routes import operation_routes
from emulator.api_gateway import local_api
from emulator.sample import documents
from emulator.sample.data import EMAIL, POOL_ID, SCOPES, TEMPORARY_PASSWORD
from emulator.server import run_in_thread
from tests.support.aws import tls_server
from tests.support.mcp import dev_server, every_tool
from tests.support.mcp.dev_server import CALLBACK, PASSWORD, Dev
from tests.support.mcp.every_tool import CALLS, QUERY, Result, content, file_of_chatgpt, files
from tests.support.mcp.sdk_client import Kept, app_client, check_sign_in, connected, http_client
from tests.support.people.chromium import OPTIONS, executable
from tests.support.raw_http import serving

STATELESS = '2026-07-28'

T = TypeVar('T')


@pytest.fixture(scope='module')
def dev() -> Iterator[Dev]:
    with dev_server.running() as dev:
        yield dev


def kept_by(dev: Dev, method: str = 'client_secret_post') -> Kept:
    """Return what a client keeps that nobody has signed in with yet."""
    return Kept(app_client(dev.client_id, dev.client_secret, method))


def working(dev: Dev, work: Callable[[Client], Awaitable[T]], mode: str = 'auto') -> T:
    """Do something with a client that has signed somebody in."""

    async def main() -> T:
        async with connected(dev.mcp_url, kept_by(dev), dev.sign_in_later, mode) as client:
            return await work(client)

    return anyio.run(main)


async def call(client: Client, name: str, **arguments: Any) -> Result:
    """Call a tool; the SDK checks what it returns against the tool's output schema."""
    return sent(await client.call_tool(name, arguments))


def sent(result: BaseModel) -> Result:
    """Return a result as it was sent."""
    return result.model_dump(mode='json', by_alias=True, exclude_none=True)


async def ended(client: Client, execution_id: str) -> dict[str, Any]:
    """Follow a workflow to its end."""
    with anyio.fail_after(30):
        while True:
            execution = content(await call(client, 'getWorkflow', execution_id=execution_id))
            if execution['status'] != 'running':
                return execution
            await anyio.sleep(0.2)


async def first_sign_in(url: str) -> dict[str, str]:
    """Sign in as a person does who was given a temporary password, in a real browser."""
    async with async_playwright() as playwright:
        path = executable(playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(executable_path=path, args=OPTIONS)
        page = await browser.new_page(java_script_enabled=False)
        await page.goto(url)
        await page.get_by_label('Email address').fill(EMAIL)
        await page.get_by_label('Password').fill(TEMPORARY_PASSWORD)
        await page.keyboard.press('Enter')
        await page.get_by_label('New password', exact=True).fill(PASSWORD)
        await page.get_by_label('New password again').fill(PASSWORD)
        async with page.expect_request(f'{CALLBACK}?*') as callback:
            await page.keyboard.press('Enter')
        request = await callback.value
        await browser.close()
        return dict(parse_qsl(urlsplit(request.url).query))


def test_new_user_signs_in_runs_a_statement_and_follows_a_workflow(dev: Dev) -> None:
    dev.cognito.admin_set_user_password(
        UserPoolId=POOL_ID, Username=EMAIL, Password=TEMPORARY_PASSWORD, Permanent=False
    )

    async def main() -> tuple[Result, dict[str, Any]]:
        async with connected(dev.mcp_url, kept_by(dev), first_sign_in) as client:
            statement = await call(client, 'executeSqlStatement', sql_statement=QUERY)
            started = await call(client, 'startWorkflow', input_json='{"quantity": 2}')
            return statement, await ended(client, content(started)['execution_id'])

    statement, execution = anyio.run(main)

    assert (content(statement)['status'], content(statement)['row_count']) == ('finished', 5)
    assert files(statement)['result.csv'].startswith(b'status,orders\r\ncancelled,94\r\n')
    assert execution['status'] == 'succeeded'
    assert json.loads(execution['output_json'])['message'] == '2 on their way'


def test_every_tool_is_listed_and_called(dev: Dev) -> None:
    async def work(client: Client) -> tuple[set[str], dict[str, Result]]:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        results: dict[str, Result] = {}
        for name, arguments in CALLS.items():
            seen = {name: result.get('structuredContent', {}) for name, result in results.items()}
            results[name] = await call(client, name, **arguments(seen))
        return listed, results

    listed, results = working(dev, work)

    assert listed == {route.operation.id for route in operation_routes(app)}
    every_tool.check(results)


@pytest.fixture
def clients_of_its_own() -> Iterator[None]:
    """The app in this process has clients of AWS that lead to where this test is."""
    aws.client.cache_clear()
    yield
    aws.client.cache_clear()


@pytest.mark.usefixtures('clients_of_its_own')
def test_file_of_the_conversation_is_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    # The app in this process, where a host of conversation files can be had.
    monkeypatch.setattr(observability, '_write', lambda _: None)
    answer = b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ntext'
    file = file_of_chatgpt(f'https://{tls_server.HOST}/notes')

    async def main(url: str, token: str) -> list[dict[str, Any]]:
        async with (
            AsyncClient(headers={'Authorization': f'Bearer {token}'}) as http,
            Client(streamable_http_client(f'{url}/mcp', http_client=http)) as client,
        ):
            saved = content(await call(client, 'saveDocuments', openaiFileIdRefs=[file]))
            key = saved['saved'][0]['key']
            return [saved, content(await call(client, 'readDocument', key=key))]

    with (
        tls_server.running(lambda connection, _: connection.sendall(answer)) as host,
        run_in_thread() as emulator,
    ):
        monkeypatch.setenv('AWS_ENDPOINT_URL', emulator.url)
        monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', documents.BUCKET)
        download = Downloader(
            {tls_server.HOST},
            resolve=lambda _: [tls_server.PUBLIC_ADDRESS],
            connect=host.connect,
            tls=host.trusting,
        )
        monkeypatch.setattr(uploads, 'downloader', lambda: download)
        token = emulator.tokens.issue_for(emulator.client_id, EMAIL, ' '.join(SCOPES))
        with serving(local_api.gateway(app)) as url:
            saved, read = anyio.run(main, url, str(token['access_token']))

    assert saved['saved'][0]['key'].endswith('notes.txt')
    assert read['text'] == 'text'


@pytest.mark.parametrize('method', ['client_secret_post', 'client_secret_basic'])
def test_client_finds_its_way_from_the_401(method: str, dev: Dev) -> None:
    asked: list[Request] = []

    async def remember(request: Request) -> None:
        asked.append(request)

    async def main() -> bool:
        async with http_client(dev.mcp_url, kept_by(dev, method), sign_in) as http:
            http.event_hooks['request'].append(remember)
            async with Client(streamable_http_client(dev.mcp_url, http_client=http)) as client:
                return (await call(client, 'postSuccess'))['isError'] is False

    pages: list[str] = []

    async def sign_in(url: str) -> dict[str, str]:
        pages.append(url)
        return await dev.sign_in_later(url)

    assert anyio.run(main)
    urls = [str(request.url) for request in asked]
    api, issuer = dev.mcp_url.removesuffix('/mcp'), f'{dev.aws_url}/{POOL_ID}'
    assert urls[:2] == [dev.mcp_url, f'{api}/.well-known/oauth-protected-resource']
    assert urls.index(f'{issuer}/.well-known/openid-configuration') < urls.index(
        f'{dev.aws_url}/oauth2/token'
    )
    (page,) = pages
    check_sign_in(page, asked, dev.mcp_url, method)


def test_expired_token_is_refreshed(dev: Dev) -> None:
    kept = kept_by(dev)
    signed_in: list[str] = []

    async def sign_in(url: str) -> dict[str, str]:
        signed_in.append(url)
        return await dev.sign_in_later(url)

    async def main() -> list[str]:
        async with http_client(dev.mcp_url, kept, sign_in) as http:
            assert isinstance(http.auth, OAuthClientProvider)
            used = []
            for _ in range(2):
                async with Client(streamable_http_client(dev.mcp_url, http_client=http)) as client:
                    content(await call(client, 'postSuccess'))
                http.auth.context.token_expiry_time = 1
                assert kept.tokens
                used.append(kept.tokens.access_token)
            return used

    first, second = anyio.run(main)

    assert first != second
    assert len(signed_in) == 1


@pytest.mark.parametrize('mode', ['auto', STATELESS])
def test_sdk_speaks_the_stateless_revision(mode: str, dev: Dev) -> None:
    async def work(client: Client) -> tuple[str, Result]:
        return client.protocol_version, await call(client, 'postSuccess')

    version, result = working(dev, work, mode)

    assert (version, content(result)) == (STATELESS, {'success': True})


@pytest.mark.parametrize(
    ('asked', 'agreed'),
    [
        # The one before it is not in use any more.
        ('2024-11-05', '2025-11-25'),
        ('2025-03-26', '2025-03-26'),
        ('2025-06-18', '2025-06-18'),
        ('2025-11-25', '2025-11-25'),
    ],
)
def test_sdk_speaks_each_revision_with_a_handshake(asked: str, agreed: str, dev: Dev) -> None:
    hello = InitializeRequestParams(
        protocol_version=asked,
        capabilities=ClientCapabilities(),
        client_info=Implementation(name='tests', version='1'),
    )

    async def main() -> tuple[InitializeResult, int, Result]:
        async with (
            http_client(dev.mcp_url, kept_by(dev), dev.sign_in_later) as http,
            streamable_http_client(dev.mcp_url, http_client=http) as (reading, writing),
            ClientSession(reading, writing) as session,
        ):
            welcome = await session.send_request(InitializeRequest(params=hello), InitializeResult)
            session.adopt(welcome)
            await session.send_notification(InitializedNotification())
            listed = await session.list_tools()
            result = await session.call_tool('getDocumentFiles', {'keys': ['handbook.txt']})
            return welcome, len(listed.tools), sent(result)

    welcome, tools, result = anyio.run(main)

    assert (welcome.protocol_version, tools) == (agreed, len(operation_routes(app)))
    assert welcome.instructions
    assert content(result)['openaiFileResponse']
    # Links to files are newer than the first of them.
    assert set(files(result)) == (set() if agreed == '2025-03-26' else {'handbook.txt'})
