"""`ops ip-ranges`: the addresses that ChatGPT calls from, which an API may be closed to all others.

OpenAI publishes them: https://openai.com/chatgpt-connectors.json
"""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any, BinaryIO

import click

from ops import json_file
from ops.stage import PROJECT
from ops.terminal import printable

Network = IPv4Network | IPv6Network

KEPT_IN = '.chalice/chatgpt_ip_ranges.json'
# The Sid of the statement that lets the ranges in: by it a policy is known to be such a one.
ALLOW_LIST = 'CallFromTheseRanges'
_SIGN_IN = 'GET/oauth2/authorize'
# Nobody's servers fill more than that; who lets in more has mistaken something.
_BROADEST = {4: 16, 6: 32}
_MAX_BYTES = 1_000_000
# API Gateway takes resource policies of 8,192 bytes, and some of them are not addresses.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_MAX_CHARACTERS = 7_000


class RangesRefused(click.ClickException):
    """What was given is no list of addresses to let in; the message says why."""


@click.command('ip-ranges', epilog='Example: python -m ops ip-ranges chatgpt-connectors.json')
@click.argument('file', type=click.File('rb'))
def ip_ranges(file: BinaryIO) -> None:
    """Take over the addresses that ChatGPT calls from, of OpenAI's FILE; - is standard input.

    FILE is https://openai.com/chatgpt-connectors.json, downloaded by you. `ops up` and `ops deploy`
    then let an API be called from there only.
    """
    ranges = read(file.read(_MAX_BYTES + 1))
    before = kept(PROJECT)
    for verb, some in (
        ('Added', set(ranges) - set(before)),
        ('Removed', set(before) - set(ranges)),
    ):
        for each in (text for text in [*before, *ranges] if text in some):
            click.echo(f'{verb}: {each}')
    if ranges == before:
        click.echo(f'{KEPT_IN} has these {len(ranges)} ranges already.')
        return
    json_file.replace(PROJECT / KEPT_IN, ranges)
    click.echo(
        f'{KEPT_IN} has {len(ranges)} ranges. Put them in force with `python -m ops up` '
        'or `python -m ops deploy`.'
    )


def kept(project: Path) -> list[str]:
    """Return the ranges that were taken over; none means that an API is open to every address."""
    file = project / KEPT_IN
    if not file.exists():
        return []
    try:
        return _sorted(json.loads(file.read_text('utf-8')))
    except (ValueError, TypeError, RangesRefused) as error:
        raise RangesRefused(f'{KEPT_IN}: {error}. Write it anew with `ops ip-ranges`.') from error


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
    return _sorted(named)


def _sorted(named: Sequence[object]) -> list[str]:
    networks = [_network(each) for each in named]
    if not networks:
        raise RangesRefused('There is no range, which would close the API to everybody.')
    v4 = collapse_addresses(each for each in networks if isinstance(each, IPv4Network))
    v6 = collapse_addresses(each for each in networks if isinstance(each, IPv6Network))
    ranges = [str(each) for each in [*v4, *v6]]
    if sum(len(each) + 3 for each in ranges) > _MAX_CHARACTERS:
        raise RangesRefused(f'{len(ranges)} ranges are more than a resource policy can hold.')
    for each in map(ip_network, ranges):
        _refuse_broad(each)
    return ranges


def _network(text: object) -> Network:
    shown = printable(str(text)[:60])
    if not isinstance(text, str):
        raise RangesRefused(f'{shown} is no range of addresses.')
    try:
        network = ip_network(text)
    except ValueError as error:
        raise RangesRefused(
            f'{shown} is no range of addresses: {printable(str(error))}.'
        ) from error
    _refuse_broad(network)
    if not network.is_global or network.is_multicast:
        raise RangesRefused(f'{shown} is not on the public Internet.')
    return network


def _refuse_broad(network: Network) -> None:
    if network.prefixlen < _BROADEST[network.version]:
        raise RangesRefused(
            f'{network} is {network.num_addresses:,} addresses: no list of servers is that broad.'
        )


def resource_policy(ranges: Sequence[str]) -> dict[str, Any]:
    """Return the policy that lets an API be called from these ranges only.

    The sign-in page is for people's browsers, wherever they are.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    invoke = {'Effect': 'Allow', 'Principal': '*', 'Action': 'execute-api:Invoke'}
    return {
        'Version': '2012-10-17',
        'Statement': [
            {
                'Sid': ALLOW_LIST,
                **invoke,
                'Resource': 'execute-api:/*',
                'Condition': {'IpAddress': {'aws:SourceIp': list(ranges)}},
            },
            {'Sid': 'SignInFromAnywhere', **invoke, 'Resource': f'execute-api:/*/{_SIGN_IN}'},
        ],
    }
