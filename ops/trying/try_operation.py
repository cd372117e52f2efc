"""`ops try`: calls an operation as ChatGPT would, from the sign-in to the files of the answer."""

import json
import sys
import webbrowser
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import requests

from openapi_export import stage_document
from openapi_lint.text.document import Document
from ops.app_clients import mcp_connection
from ops.app_clients.connection import Connection, connect
from ops.app_clients.mcp_connection import McpConnection
from ops.stage import options
from ops.stage.stage import PROJECT, Stage
from ops.terminal import printable
from ops.trying import answer_files, loopback
from ops.trying.kept_token import KeptToken
from ops.trying.limits import CHATGPT
from ops.trying.loopback import SignInFailed
from ops.trying.mcp_client import McpClient, arguments_of, limits_of_mcp, linked_files, text_of
from ops.trying.operation_request import find_operation, is_consequential, make_request
from ops.trying.sign_in import SignIn, Token, TokenExchange
from ops.trying.signed_in_call import SignedInCall

KEPT_TOKENS = PROJECT / '.cache' / 'ops'


class CallRefused(click.ClickException):
    """The call was not made, or the API answered with an error."""


def _json_object(_context: click.Context, _parameter: click.Parameter, text: str | None) -> Any:
    try:
        body = None if text is None else json.loads(text)
        json.dumps(body, ensure_ascii=False).encode()  # half a surrogate pair can't be sent
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f'it is not JSON: {error}') from error
    if text is not None and not isinstance(body, dict):
        raise click.BadParameter('it is not a JSON object, such as {"name": "value"}')
    return body


def _pairs(
    _context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]
) -> dict[str, str]:
    pairs = [text.partition('=') for text in texts]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise click.BadParameter('give it as name=value')
    return {name: value for name, _, value in pairs}


@click.command('try', epilog='Example: python -m ops try postSuccess --stage local')
@click.argument('operation_id')
@options.stage
@options.client
@options.url
@click.option('--body', metavar='JSON', callback=_json_object, help='The request body.')
@click.option(
    '--param',
    'parameters',
    metavar='NAME=VALUE',
    multiple=True,
    callback=_pairs,
    help='A path or query parameter; repeat it for more.',
)
@click.option('--mcp', is_flag=True, help='Call it as a tool, over MCP.')
@click.option('--yes', is_flag=True, help='Do not ask before a consequential operation.')
@click.option('--sign-in', 'anew', is_flag=True, help='Sign in again, perhaps as somebody else.')
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
@click.option(
    '--output-dir',
    type=click.Path(file_okay=False, path_type=Path),
    default=Path('out/files'),
    show_default=True,
    help='Where the files of the answer are saved.',
)
def try_operation(  # noqa: PLR0913 - one for each option
    operation_id: str,
    *,
    stage: Stage,
    wanted: str | None,
    url: str | None,
    body: dict[str, Any] | None,
    parameters: dict[str, str],
    port: int,
    exchange: TokenExchange,
    output_dir: Path,
    mcp: bool,
    yes: bool,
    anew: bool,
    no_browser: bool,
) -> None:
    """Call an operation as ChatGPT would, and enforce ChatGPT's limits.

    Signs in through the browser the first time; the tokens are kept in .cache/ops for the next
    call. The answer goes to standard output, all else to standard error.
    """
    stage = replace(stage, url=url)
    limits = replace(CHATGPT, localhost=urlsplit(stage.api_url).hostname == 'localhost')
    document = Document(stage_document(stage))
    operation = find_operation(document, operation_id)
    request = make_request(document, operation, parameters, body, limits)
    arguments = arguments_of(document, operation, parameters, body)
    if is_consequential(operation) and not yes:
        if mcp:
            _ask(f'the tool {operation_id}', json.dumps(arguments, ensure_ascii=False))
        else:
            _ask(f'{request.method} {request.prepare().url}', request.data)
    connection = mcp_connection.connect(stage, wanted) if mcp else connect(stage, wanted)
    oauth = SignIn(connection, port, exchange)
    file = KEPT_TOKENS / f'{stage.name}{"-mcp" if mcp else ""}.json'
    kept = KeptToken(file, connection.client_id)

    def sign_in() -> Token:
        _check_callback(connection, port, stage)
        return oauth.sign_in(_print_url if no_browser else _open_browser)

    if anew:
        kept.save(sign_in())
    call = SignedInCall(oauth, kept, sign_in, limits)
    if isinstance(connection, McpConnection):
        client = McpClient(connection.server_url, replace(call, limits=limits_of_mcp(limits)))
        answer = _call_tool(client, operation_id, arguments)
    else:
        answer = _call(call, operation_id, request)
    for each in answer_files.take(answer, limits):
        click.echo(f'Saved {answer_files.save(each, output_dir)}', err=True)


def _ask(what: str, sent: str | bytes) -> None:
    """Ask as ChatGPT does before what may change something; raises CallRefused."""
    click.echo(f'This may change something: {what}', err=True)
    if sent:
        click.echo(sent, err=True)
    if not sys.stdin.isatty():
        raise CallRefused('Nobody is there to allow it: pass --yes.')
    if not click.confirm('Allow it?', err=True):
        raise CallRefused('Not allowed, so not called.')


def _check_callback(connection: Connection | McpConnection, port: int, stage: Stage) -> None:
    url = loopback.redirect_uri(port)
    if url not in connection.callback_urls:
        which = f' --client {connection.client_id}' if isinstance(connection, McpConnection) else ''
        raise SignInFailed(
            f'{url} is no callback URL of the app client. Register it: '
            f'python -m ops callback add {url} --stage {stage.name}{which}'
        )


def _print_url(url: str) -> None:
    click.echo(f'Sign in at:\n{url}', err=True)


def _open_browser(url: str) -> None:
    _print_url(url)
    webbrowser.open(url)


def _print_answer(text: str) -> object:
    """Print the answer, JSON indented, and return what it holds."""
    try:
        answer = json.loads(text)
        shown = json.dumps(answer, indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        answer, shown = None, text
    click.echo(printable(shown).encode())
    return answer


def _call(call: SignedInCall, operation_id: str, request: requests.Request) -> object:
    """Send a request and print the answer; return what it holds."""
    received, text = call(request)
    answer = _print_answer(text)
    if received.status >= 400:
        raise CallRefused(f'{operation_id} answered {received.status}.')
    return answer


def _call_tool(client: McpClient, name: str, arguments: dict[str, Any]) -> object:
    """Call a tool and print what it has answered; return the files that it links to."""
    result = client.call_tool(name, arguments)
    if result.get('isError'):
        _print_answer(text_of(result))
        raise CallRefused(f'{name} answered with an error.')
    _print_answer(json.dumps(result.get('structuredContent')))
    return linked_files(result)
