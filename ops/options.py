"""The options that the commands share."""

import click

from ops.stage import Stage, load_stage


def _load(_context: click.Context, _parameter: click.Parameter, name: str) -> Stage:
    return load_stage(name)


stage = click.option(
    '--stage',
    metavar='NAME',
    required=True,
    callback=_load,
    help='A stage of .chalice/config.json, such as local.',
)
client = click.option(
    '--client',
    'wanted',
    metavar='ID_OR_NAME',
    help='The app client, where the user pool has several.',
)
url = click.option('--url', metavar='URL', help="The API's address, if not the recorded one.")
