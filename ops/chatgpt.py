"""`ops chatgpt`: what to paste into the GPT editor, in the editor's own words and order."""

import json
from dataclasses import asdict, replace

import click

from openapi_lint import is_loopback
from ops import options
from ops.callback import EXAMPLE
from ops.connection import Connection, connect
from ops.stage import Stage


@click.command(epilog='Example: python -m ops chatgpt --stage local')
@options.stage
@options.client
@options.url
@click.option('--show-secret', is_flag=True, help='Print the client secret as well.')
@click.option('--json', 'as_json', is_flag=True, help='Print JSON, with the client secret.')
def chatgpt(
    stage: Stage, wanted: str | None, url: str | None, *, show_secret: bool, as_json: bool
) -> None:
    """Print what to paste into ChatGPT to connect it to a stage."""
    stage = replace(stage, url=url)
    connection = connect(stage, wanted)
    if as_json:
        click.echo(json.dumps(asdict(connection), indent=2))
        return
    click.echo(_for_people(connection, stage.name, show_secret=show_secret))
    if is_loopback(connection.api_url):
        click.echo(
            'ChatGPT cannot reach this stage, which is on this machine. To call it as ChatGPT '
            f'would:\n  python -m ops try postSuccess --stage {stage.name}',
            err=True,
        )


def _for_people(connection: Connection, stage: str, *, show_secret: bool) -> str:
    fields = {
        'Authentication type': 'OAuth',
        'Client ID': connection.client_id,
        'Client Secret': connection.client_secret if show_secret else '(add --show-secret)',
        'Authorization URL': connection.authorization_url,
        'Token URL': connection.token_url,
        'Scope': connection.scope,
        'Token Exchange Method': connection.token_exchange_method,
    }
    return '\n'.join(
        [
            'Authentication, as the GPT editor asks for it:',
            *(f'  {name:<22} {value}' for name, value in fields.items()),
            'Schema: paste what this prints:',
            f'  {connection.openapi_command}',
            'Callback URLs that are registered:',
            *(f'  {url}' for url in connection.callback_urls or ['none']),
            'Then save the GPT and register the callback URL that it shows:',
            f'  python -m ops callback add {EXAMPLE} --stage {stage}',
        ]
    )
