"""`ops chatgpt`: what to paste into the GPT editor, or into the form for a plugin, in its words."""

import json
from dataclasses import asdict, replace

import click

from chalicelib.operations import instructions
from openapi_lint import is_loopback
from ops.app_clients import mcp_connection
from ops.app_clients.callback import EXAMPLE, MCP_EXAMPLE
from ops.app_clients.connection import Connection, connect
from ops.app_clients.mcp_connection import McpConnection
from ops.stage import options
from ops.stage.stage import Stage


@click.command(epilog='Example: python -m ops chatgpt --stage local')
@options.stage
@options.client
@options.url
@click.option('--mcp', is_flag=True, help='For a plugin, which calls the operations over MCP.')
@click.option('--instructions', 'only_text', is_flag=True, help='Print the instructions alone.')
@click.option('--show-secret', is_flag=True, help='Print the client secret as well.')
@click.option('--json', 'as_json', is_flag=True, help='Print JSON, with the client secret.')
def chatgpt(  # noqa: PLR0913 - one for each option
    stage: Stage,
    wanted: str | None,
    url: str | None,
    *,
    mcp: bool,
    only_text: bool,
    show_secret: bool,
    as_json: bool,
) -> None:
    """Print what to paste into ChatGPT to connect it to a stage."""
    if only_text:
        operations = (route.operation for route in stage.import_operations())
        click.echo(instructions.about(operations))
        return
    stage = replace(stage, url=url)
    connection = mcp_connection.connect(stage, wanted) if mcp else connect(stage, wanted)
    if as_json:
        click.echo(json.dumps(asdict(connection), indent=2))
        return
    if not show_secret:
        connection = replace(connection, client_secret='(add --show-secret)')  # noqa: S106
    if isinstance(connection, McpConnection):
        click.echo(_for_plugin(connection, stage.name))
    else:
        click.echo(_for_gpt(connection, stage.name))
    if is_loopback(stage.api_url):
        how = f'--stage {stage.name}{" --mcp" if mcp else ""}'
        click.echo(
            'ChatGPT cannot reach this stage, which is on this machine. To call it as ChatGPT '
            f'would:\n  python -m ops try postSuccess {how}',
            err=True,
        )


def _for_gpt(connection: Connection, stage: str) -> str:
    fields = {
        'Authentication type': 'OAuth',
        'Client ID': connection.client_id,
        'Client Secret': connection.client_secret,
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
            'Instructions: paste what this prints, and add what no tool can know:',
            f'  python -m ops chatgpt --stage {stage} --instructions',
            'Callback URLs that are registered:',
            *(f'  {url}' for url in connection.callback_urls or ['none']),
            'Then save the GPT and register the callback URL that it shows:',
            f'  python -m ops callback add {EXAMPLE} --stage {stage}',
        ]
    )


def _for_plugin(connection: McpConnection, stage: str) -> str:
    form = {
        'Connection': 'Server URL',
        'Server URL': connection.server_url,
        'Authentication': 'OAuth',
    }
    advanced = {
        'Registration method': 'User-Defined OAuth Client',
        'OAuth Client ID': connection.client_id,
        'OAuth Client Secret': connection.client_secret,
        'Token endpoint auth method': connection.token_endpoint_auth_method,
        'Default scopes': connection.scope,
        'Auth URL': connection.authorization_url,
        'Token URL': connection.token_url,
        'Resource': connection.server_url,
    }
    client = f'--client {connection.client_id}'
    return '\n'.join(
        [
            'The plugin, as ChatGPT asks for it:',
            *(f'  {name:<27} {value}' for name, value in form.items()),
            'Advanced OAuth settings (ChatGPT finds the last three by itself):',
            *(f'  {name:<27} {value}' for name, value in advanced.items()),
            'Callback URLs that are registered:',
            *(f'  {url}' for url in connection.callback_urls or ['none']),
            'Before you create the plugin, register the callback URL that the form shows:',
            f'  python -m ops callback add {MCP_EXAMPLE} --stage {stage} {client}',
        ]
    )
