"""The official Python SDK's client against `make dev`: real OAuth, every tool, every revision."""

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

import anyio
import pytest
from httpx2 import Request
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
from chalicelib.operations.routes import operation_routes
from emulator.sample.data import POOL_ID, TEMPORARY_PASSWORD
from tests.support.mcp import dev_server, every_tool
from tests.support.mcp.dev_server import CALLBACK, PASSWORD, Dev
from tests.support.mcp.every_tool import Result, content
from tests.support.mcp.sdk_client import Kept, app_client, check_sign_in, connected, http_client
from tests.support.people.chromium import launch_options

STATELESS = '2026-07-28'

T = TypeVar('T')


@pytest.fixture(scope='module')
def server() -> Iterator[Dev]:
    with dev_server.running() as dev:
        yield dev


@pytest.fixture
def dev(server: Dev) -> Dev:
    """The server with somebody whom no other test knows."""
    return server.with_somebody()


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


async def first_sign_in(email: str, url: str) -> dict[str, str]:
    """Sign in as a person does who was given a temporary password, in a real browser."""
    async with async_playwright() as playwright:
        options = launch_options(playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)
        page = await browser.new_page(java_script_enabled=False)
        await page.goto(url)
        await page.get_by_label('Email address').fill(email)
        await page.get_by_label('Password').fill(TEMPORARY_PASSWORD)
        await page.keyboard.press('Enter')
        await page.get_by_label('New password', exact=True).fill(PASSWORD)
        await page.get_by_label('New password again').fill(PASSWORD)
        async with page.expect_request(f'{CALLBACK}?*') as callback:
            await page.keyboard.press('Enter')
        request = await callback.value
        await browser.close()
        return dict(parse_qsl(urlsplit(request.url).query))


def test_new_user_signs_in_and_calls(server: Dev) -> None:
    dev = server.with_newcomer()

    async def main() -> Result:
        sign_in = partial(first_sign_in, dev.email)
        async with connected(dev.mcp_url, kept_by(dev), sign_in) as client:
            return await call(client, 'postSuccess')

    assert content(anyio.run(main)) == {'success': True}


def test_every_tool_is_listed_and_called(dev: Dev) -> None:
    async def work(client: Client) -> tuple[set[str], dict[str, Result]]:
        listed = {tool.name for tool in (await client.list_tools()).tools}
        results: dict[str, Result] = {}
        for name, arguments in every_tool.calls(results):
            results[name] = await call(client, name, **arguments)
        return listed, results

    listed, results = working(dev, work)

    assert listed == {route.operation.id for route in operation_routes(app)}
    every_tool.check(results)


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
            result = await session.call_tool('postSuccess', {})
            return welcome, len(listed.tools), sent(result)

    welcome, tools, result = anyio.run(main)

    assert (welcome.protocol_version, tools) == (agreed, len(operation_routes(app)))
    assert welcome.instructions
    assert content(result) == {'success': True}
