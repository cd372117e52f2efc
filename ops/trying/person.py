"""The person who signs in for `ops try`: at which port, and with or without a browser."""

import webbrowser
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

import click

from ops.app_clients.connection import Connection
from ops.app_clients.mcp_connection import McpConnection
from ops.stage.stage import Stage
from ops.trying import loopback
from ops.trying.loopback import SignInFailed
from ops.trying.sign_in import SignIn, Token, TokenExchange


@dataclass(frozen=True)
class Person:
    """How the person at this terminal signs in."""

    port: int
    exchange: TokenExchange
    signs_in_anew: bool
    has_browser: bool

    def client(self, connection: Connection | McpConnection) -> SignIn:
        """Return the OAuth client that they sign in through."""
        return SignIn(connection, self.port, self.exchange)

    def sign_in(self, oauth: SignIn, stage: Stage) -> Token:
        """Have them sign in, and return their tokens; raises SignInFailed."""
        url = loopback.redirect_uri(self.port)
        if url not in oauth.connection.callback_urls:
            raise SignInFailed(
                f'{url} is no callback URL of the app client. Register it: python -m ops callback '
                f'add {url} --stage {stage.name} --client {oauth.connection.client_id}'
            )
        return oauth.sign_in(_open_browser if self.has_browser else _print_url)


def person_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a sign-in, as its argument ``person``."""

    @click.option(
        '--sign-in', 'anew', is_flag=True, help='Sign in again, perhaps as somebody else.'
    )
    @click.option('--no-browser', is_flag=True, help='Only print the URL of the sign-in page.')
    @click.option(
        '--port',
        type=click.IntRange(1, 65535),
        default=8765,
        show_default=True,
        help='Where on localhost the browser brings the code to.',
    )
    @click.option(
        '--token-exchange',
        'exchange',
        type=click.Choice(['post', 'basic']),
        default='post',
        show_default=True,
        help='Where the client secret goes: the body or a Basic header.',
    )
    @wraps(command)
    def with_person(
        *, port: int, exchange: TokenExchange, anew: bool, no_browser: bool, **others: Any
    ) -> None:
        command(person=Person(port, exchange, anew, not no_browser), **others)

    return with_person


def _print_url(url: str) -> None:
    click.echo(f'Sign in at:\n{url}', err=True)


def _open_browser(url: str) -> None:
    _print_url(url)
    webbrowser.open(url)
