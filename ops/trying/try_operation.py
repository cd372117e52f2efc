"""`ops try`: calls an operation as ChatGPT would, from the sign-in to the files of the answer."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from openapi_export import stage_document
from openapi_lint.text.document import Document
from ops.stage import options
from ops.stage.stage import PROJECT, Stage
from ops.trying import answer_files
from ops.trying.action import Action
from ops.trying.front import CallRefused, Front, Preview
from ops.trying.kept_token import KeptToken
from ops.trying.limits import CHATGPT, Limits
from ops.trying.mcp_client import arguments_of
from ops.trying.operation_request import find_operation, is_consequential, make_request
from ops.trying.person import Person, person_options
from ops.trying.signed_in_call import SignedInCall
from ops.trying.tool import Tool

KEPT_TOKENS = PROJECT / '.cache' / 'ops'


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
@person_options
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
    person: Person,
    output_dir: Path,
    mcp: bool,
    yes: bool,
) -> None:
    """Call an operation as ChatGPT would, and enforce ChatGPT's limits.

    Signs in through the browser the first time; the tokens are kept in .cache/ops for the next
    call. The answer goes to standard output, all else to standard error.
    """
    stage = replace(stage, url=url)
    limits = replace(CHATGPT, localhost=urlsplit(stage.api_url).hostname == 'localhost')
    document = Document(stage_document(stage))
    operation = find_operation(document, operation_id)
    # Also for MCP: what the document does not allow, ChatGPT does not send.
    request = make_request(document, operation, parameters, body, limits)
    front: Front = Action(operation_id, request, f'{stage.name}.json')
    if mcp:
        arguments = arguments_of(document, operation, parameters, body)
        front = Tool(operation_id, arguments, f'{stage.api_url}/mcp', f'{stage.name}-mcp.json')
    if is_consequential(operation) and not yes:
        _ask(front.preview())
    answer = front.call(_signed_in_call(front, stage, wanted, person, limits))
    for each in answer_files.take(answer, limits):
        click.echo(f'Saved {answer_files.save(each, output_dir)}', err=True)


def _signed_in_call(
    front: Front, stage: Stage, wanted: str | None, person: Person, limits: Limits
) -> SignedInCall:
    """Return what sends requests as the person; at once signed in anew, if that is asked for."""
    connection = front.connect(stage, wanted)
    oauth = person.client(connection)
    kept = KeptToken(KEPT_TOKENS / front.token_file, connection.client_id)
    call = SignedInCall(oauth, kept, lambda: person.sign_in(oauth, stage), limits)
    if person.signs_in_anew:
        kept.save(call.sign_in())
    return call


def _ask(preview: Preview) -> None:
    """Ask as ChatGPT does before what may change something; raises CallRefused."""
    click.echo(f'This may change something: {preview.what}', err=True)
    if preview.sent:
        click.echo(preview.sent, err=True)
    if not sys.stdin.isatty():
        raise CallRefused('Nobody is there to allow it: pass --yes.')
    if not click.confirm('Allow it?', err=True):
        raise CallRefused('Not allowed, so not called.')
