"""Signing in as ChatGPT does: the code grant, form-encoded requests with the secret.

For an action there is no PKCE; an MCP client sends it, and which resource the token is for.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

import click
import requests
from oauthlib.oauth2 import OAuth2Error
from requests_oauthlib import OAuth2Session

from ops.app_clients.connection import Connection
from ops.app_clients.mcp_connection import McpConnection
from ops.aws_errors import nothing_answers
from ops.trying import loopback
from ops.trying.loopback import SignInFailed

Token = dict[str, Any]
# What ChatGPT's editor calls Default (POST request) and Basic authorization header.
TokenExchange = Literal['post', 'basic']
_SECONDS = 45


@dataclass(frozen=True)
class SignIn:
    """The OAuth client that ChatGPT is, on this machine."""

    connection: Connection | McpConnection
    port: int
    exchange: TokenExchange

    def sign_in(self, show: Callable[[str], None]) -> Token:
        """Show the person the sign-in page's URL and return the token that they come back with.

        Raises SignInFailed.
        """
        connection = self.connection
        session = OAuth2Session(
            connection.client_id,
            redirect_uri=loopback.redirect_uri(self.port),
            scope=connection.scope.split(),
            pkce='S256' if self._resource else None,
        )
        session.max_redirects = 0  # the client secret goes to the token URL and nowhere else
        with _oauth(connection.authorization_url):
            url, state = session.authorization_url(connection.authorization_url, **self._resource)
        code = loopback.wait_for_code(self.port, state, lambda: show(url))
        with _oauth(connection.token_url):
            return session.fetch_token(
                connection.token_url,
                code=code,
                timeout=_SECONDS,
                **self._resource,
                **self._proof(include_client_id=True),
            )

    def refresh(self, token: Token) -> Token:
        """Return a new token for one that has expired; raises SignInFailed."""
        connection = self.connection
        session = OAuth2Session(connection.client_id, token=token)
        session.max_redirects = 0
        with _oauth(connection.token_url):
            return session.refresh_token(
                connection.token_url,
                timeout=_SECONDS,
                **self._resource,
                **self._proof(client_id=connection.client_id),
            )

    def send(self, token: Token, request: requests.Request, **how: Any) -> requests.Response:
        """Send a request with the access token."""
        bearer = {'access_token': token['access_token'], 'token_type': 'Bearer'}
        session = OAuth2Session(self.connection.client_id, token=bearer)
        with allow_plain_http_here(request.url):
            return session.request(
                request.method,
                request.url,
                params=request.params,
                data=request.data,
                headers=request.headers,
                **how,
            )

    @property
    def _resource(self) -> dict[str, Any]:
        """What the token is for (RFC 8707), which a client of MCP has to say."""
        if isinstance(self.connection, McpConnection):
            return {'resource': self.connection.server_url}
        return {}

    def _proof(self, **with_secret: Any) -> dict[str, Any]:
        """Return how the client proves itself: in the form, or in the Authorization header."""
        secret = self.connection.client_secret
        if self.exchange == 'post':
            return {'client_secret': secret, **with_secret}
        return {'auth': (self.connection.client_id, secret)}


@contextmanager
def allow_plain_http_here(url: str) -> Iterator[None]:
    """Let oauthlib send to http://localhost, which it refuses, and to no other http URL."""
    if urlsplit(url).hostname == 'localhost':
        os.environ['OAUTHLIB_INSECURE_TRANSPORT'] = '1'
    try:
        yield
    finally:
        os.environ.pop('OAUTHLIB_INSECURE_TRANSPORT', None)


@contextmanager
def _oauth(url: str) -> Iterator[None]:
    """Tell the failures of an OAuth endpoint in one line."""
    try:
        with allow_plain_http_here(url):
            yield
    except OAuth2Error as error:
        reason = f'{error.error} {error.description or ""}'.strip()
        raise SignInFailed(f'{url} refused: {reason}.') from error
    except requests.ConnectionError as error:
        raise click.ClickException(nothing_answers(url)) from error
    except requests.RequestException as error:
        raise SignInFailed(f'{url} could not be read: {error}') from error
