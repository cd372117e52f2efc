"""`ops ip-ranges`: the addresses that ChatGPT calls from, which an API may be closed to all others.

OpenAI publishes them: https://openai.com/chatgpt-connectors.json
"""

import json
from typing import BinaryIO

import click

from ops.gateway import ip_allow_list
from ops.gateway.ip_allow_list import KEPT_IN, RangesRefused
from ops.stage.stage import PROJECT

_MAX_BYTES = 1_000_000
_NEXT = 'Put that in force with `python -m ops up` or `python -m ops deploy`.'


@click.command('ip-ranges', epilog='Example: python -m ops ip-ranges chatgpt-connectors.json')
@click.argument('file', type=click.File('rb'), required=False)
@click.option('--everybody', is_flag=True, help='Let every address call again.')
def ip_ranges(file: BinaryIO | None, *, everybody: bool) -> None:
    """Take over the addresses that ChatGPT calls from, of OpenAI's FILE; - is standard input.

    FILE is https://openai.com/chatgpt-connectors.json, downloaded by you. What is deployed from
    then on can be called from there only.
    """
    if everybody == bool(file):
        raise click.UsageError('Give either FILE or --everybody.')
    ip_allow_list.refuse_own_policy(PROJECT)
    if file:
        _take_over(read(file.read(_MAX_BYTES + 1)))
    elif ip_allow_list.keep_none(PROJECT):
        click.echo(f'Every address may call. {_NEXT}')
    else:
        click.echo('Every address may call already.')


def _take_over(ranges: list[str]) -> None:
    try:
        before = ip_allow_list.kept(PROJECT)
    except RangesRefused:  # somebody spoilt the file, which this mends
        before = []
    if ranges == before:
        click.echo(f'{KEPT_IN} has these {len(ranges)} ranges already.')
        return
    ip_allow_list.keep(PROJECT, ranges)
    for verb, some in (
        ('Added', set(ranges) - set(before)),
        ('Removed', set(before) - set(ranges)),
    ):
        for each in (text for text in [*before, *ranges] if text in some):
            click.echo(f'{verb}: {each}')
    click.echo(f'{KEPT_IN} has {len(ranges)} ranges. {_NEXT}')


def read(text: bytes) -> list[str]:
    """Return the ranges that OpenAI's file names, sorted, adjacent ones as one.

    Raises RangesRefused for what is no such file, or would let in whom it should keep out.
    """
    if len(text) > _MAX_BYTES:
        raise RangesRefused(f'The file has more than {_MAX_BYTES:,} bytes.')
    try:
        prefixes = json.loads(text)['prefixes']
        named = [each.get('ipv4Prefix') or each['ipv6Prefix'] for each in prefixes]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RangesRefused(
            'The file is not as OpenAI publishes it: {"prefixes": [{"ipv4Prefix": "..."}, ...]}.'
        ) from error
    return ip_allow_list.sorted_ranges(named)
