"""`ops callback`: the URLs to which Cognito may send people back after they signed in."""

import re
from urllib.parse import urlsplit

import click

from ops.app_clients import app_client
from ops.stage import options
from ops.stage.stage import Stage

# Cognito's own limits: CallbackURLsListType and RedirectUrlType of its API.
MAX_URLS = 100
MAX_LENGTH = 1024
LOOPBACK_HOSTS = ('localhost', '127.0.0.1', '::1')
# ChatGPT shows the first form and has been seen to send the other one.
CHATGPT_HOSTS = ('chatgpt.com', 'chat.openai.com')
EXAMPLE = 'https://chatgpt.com/aip/g-1a2b/oauth/callback'
MCP_EXAMPLE = 'https://chatgpt.com/connector/oauth/1a2b'
_CHATGPT_CALLBACK = re.compile(r'/aip/[\w-]+/oauth/callback')
_MCP_CALLBACK = re.compile(r'/connector(/oauth/[\w-]+|_platform_oauth_redirect)')


class CallbackRefused(click.ClickException):
    """The callback URL, or this change of the list, is not possible; the message says why."""


@click.group(epilog='Example: python -m ops callback list --stage local')
def callback() -> None:
    """Add, remove or list the callback URLs of the app client."""


@callback.command('list', epilog='Example: python -m ops callback list --stage local')
@options.stage
@options.client
def list_urls(stage: Stage, wanted: str | None) -> None:
    """Print the callback URLs, one a line."""
    client = app_client.of_stage(stage, wanted)
    for url in client.get('CallbackURLs', []):
        click.echo(url)


@callback.command(epilog=f'Example: python -m ops callback add {EXAMPLE} --stage dev')
@click.argument('url')
@options.stage
@options.client
def add(url: str, stage: Stage, wanted: str | None) -> None:
    """Register a callback URL; of ChatGPT's, both forms.

    Every other setting of the app client stays as it is. A URL of a plugin goes to the app client
    for MCP, any other to the one of a GPT, unless --client says which.
    """
    check(url)
    client = app_client.of_stage(stage, wanted, _meant_by(url))
    urls = client.get('CallbackURLs', [])
    new = [form for form in forms(url) if form not in urls]
    if len(urls) + len(new) > MAX_URLS:
        raise CallbackRefused(
            f'Cognito takes at most {MAX_URLS} callback URLs and {len(urls)} are registered: '
            'remove some first.'
        )
    if new:
        app_client.set_callback_urls(stage.cognito(), client, [*urls, *new])
    for form in forms(url):
        done = 'Added to' if form in new else 'Registered already with'
        click.echo(f'{done} {client["ClientName"]}: {form}')


@callback.command(epilog=f'Example: python -m ops callback remove {EXAMPLE} --stage dev')
@click.argument('url')
@options.stage
@options.client
def remove(url: str, stage: Stage, wanted: str | None) -> None:
    """Remove a callback URL; of ChatGPT's, both forms.

    Every other setting of the app client stays as it is.
    """
    client = app_client.of_stage(stage, wanted, _meant_by(url))
    urls = client.get('CallbackURLs', [])
    gone = [form for form in forms(url) if form in urls]
    if not gone:
        click.echo(f'Not registered, so nothing to remove: {url}')
        return
    kept = [form for form in urls if form not in gone]
    if client.get('DefaultRedirectURI') in gone:
        raise CallbackRefused(
            f'{client["DefaultRedirectURI"]} is the default redirect URI of the app client: '
            'choose another default first.'
        )
    if not kept and client.get('AllowedOAuthFlowsUserPoolClient'):
        raise CallbackRefused('It is the last one, and signing in needs one: add another first.')
    app_client.set_callback_urls(stage.cognito(), client, kept)
    for form in gone:
        click.echo(f'Removed from {client["ClientName"]}: {form}')


def _meant_by(url: str) -> app_client.Usual:
    """Return the app client that a callback URL is for where none is named."""
    return app_client.MCP if _is_of_chatgpt(url, _MCP_CALLBACK) else app_client.ACTIONS


def forms(url: str) -> list[str]:
    """Return the URLs that stand for one callback: of ChatGPT's, it on both of its hosts."""
    if _is_of_chatgpt(url, _CHATGPT_CALLBACK):
        return [f'https://{host}{urlsplit(url).path}' for host in CHATGPT_HOSTS]
    return [url]


def _is_of_chatgpt(url: str, path: re.Pattern[str]) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.netloc in CHATGPT_HOSTS and bool(path.fullmatch(parts.path))


def check(url: str) -> None:
    """Raise CallbackRefused for what Cognito would refuse or could never match."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise CallbackRefused(f'{url} is not a URL: {error}.') from error
    is_here = parts.scheme == 'http' and parts.hostname in LOOPBACK_HOSTS
    if parts.scheme != 'https' and not is_here:
        raise CallbackRefused(f'{url} must begin with https:// (or http://localhost to test).')
    problems = {
        'names no host': not parts.hostname or port == 0,
        'holds a name or password': '@' in parts.netloc,
        'has a fragment (#…), which a browser never sends': '#' in url,
        'has a wildcard: Cognito compares whole URLs': '*' in url,
        'is not plain ASCII': not url.isascii(),
        'holds a space or control character': not url.isprintable() or ' ' in url,
        f'is longer than {MAX_LENGTH} characters': len(url) > MAX_LENGTH,
        'has capitals in the host: Cognito compares letter by letter': (
            parts.netloc != parts.netloc.lower()
        ),
        'is a page of ChatGPT: the callback URL ends in /oauth/callback': (
            parts.netloc in CHATGPT_HOSTS
            and not _CHATGPT_CALLBACK.fullmatch(parts.path)
            and not _MCP_CALLBACK.fullmatch(parts.path)
        ),
    }
    for problem, present in problems.items():
        if present:
            raise CallbackRefused(f'{url[:200]} {problem}.')
