"""The official Python SDK's client, with real OAuth: discovery, PKCE and a sign-in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from httpx2 import AsyncClient, Request
from mcp.client.auth import OAuthClientProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    AuthorizationCodeResult,
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthToken,
)
from pydantic import AnyUrl

from emulator.sample.data import SCOPES
from tests.support.mcp.dev_server import CALLBACK

# Given the sign-in page's URL, goes there and returns the parameters of the callback.
SignIn = Callable[[str], Awaitable[dict[str, str]]]


@dataclass
class Kept:
    """What the client keeps: the app client that it was given, and the tokens that it got."""

    client: OAuthClientInformationFull
    tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        """Return the tokens."""
        return self.tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        """Keep tokens."""
        self.tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        """Return the app client."""
        return self.client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Keep what is known of the app client."""
        self.client = client_info


def app_client(
    client_id: str, secret: str, method: str = 'client_secret_post'
) -> OAuthClientInformationFull:
    """Return a static app client as a user of the SDK gives it."""
    return OAuthClientInformationFull(
        client_id=client_id,
        client_secret=secret,
        token_endpoint_auth_method=method,
        redirect_uris=[AnyUrl(CALLBACK)],
    )


@asynccontextmanager
async def http_client(url: str, kept: Kept, sign_in: SignIn) -> AsyncIterator[AsyncClient]:
    """Give an HTTP client that signs somebody in when the server asks for it."""
    answers: list[dict[str, str]] = []

    async def send_browser(authorization_url: str) -> None:
        answers.append(await sign_in(authorization_url))

    async def wait_for_callback() -> AuthorizationCodeResult:
        answer = answers.pop()
        return AuthorizationCodeResult(code=answer['code'], state=answer['state'])

    auth = OAuthClientProvider(
        url,
        OAuthClientMetadata(redirect_uris=[AnyUrl(CALLBACK)]),
        kept,
        redirect_handler=send_browser,
        callback_handler=wait_for_callback,
    )
    async with AsyncClient(auth=auth, timeout=60) as http:
        yield http


@asynccontextmanager
async def connected(
    url: str, kept: Kept, sign_in: SignIn, mode: str = 'auto'
) -> AsyncIterator[Client]:
    """Connect to an MCP server; ``mode`` is the SDK's."""
    async with http_client(url, kept, sign_in) as http:
        transport = streamable_http_client(url, http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


def check_sign_in(page: str, asked: list[Request], resource: str, method: str) -> None:
    """Check what a client asked the sign-in page, and then the token endpoint by a method."""
    query = dict(parse_qsl(urlsplit(page).query))
    (sent, *_) = (r.content.decode() for r in asked if r.url.path == '/oauth2/token')
    form = dict(parse_qsl(sent))
    assert (query['scope'], query['code_challenge_method']) == (' '.join(SCOPES), 'S256')
    assert query['resource'] == form['resource'] == resource
    assert 'code_verifier' in form
    assert ('client_secret' in form) == (method == 'client_secret_post')
