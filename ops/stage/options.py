"""The options that the commands share."""

import click

from ops.stage.stage import Stage, enter_stage


def _load(_context: click.Context, _parameter: click.Parameter, name: str) -> Stage:
    return enter_stage(name)


def _parse(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    pairs = [pair.partition('=') for pair in given]
    for name, equals, value in pairs:
        if not name or not equals:
            raise click.BadParameter(f'{name or equals!r} is not NAME=VALUE.')
        if not value.isprintable():
            raise click.BadParameter(f'{name!r} has a character that cannot be printed.')
    return {name: value for name, _, value in pairs}


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
url = click.option(
    '--url', metavar='URL', help="The API's address, without /mcp, if not the recorded one."
)
parameters = click.option(
    '-p',
    '--parameter',
    'given',
    metavar='NAME=VALUE',
    multiple=True,
    callback=_parse,
    help='A parameter of the template; others stay as they are. Repeatable.',
)
allow_replacement = click.option(
    '--allow-replacement',
    is_flag=True,
    help='Let an update replace or remove what holds people, data or an address.',
)
yes = click.option('--yes', is_flag=True, help='Do not ask.')
