"""The only addresses that may call an API, kept as the resource policy for it.

.chalice/config.json names the file to Chalice, which puts the policy into each definition that it
uploads: no deployment leaves the API open in between.
"""

import json
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from pathlib import Path
from typing import Any

import click

from ops.stage import json_file, project_files
from ops.terminal import printable

Network = IPv4Network | IPv6Network

KEPT_IN = '.chalice/ip_allow_list.json'
_FILE_NAME = Path(KEPT_IN).name
_SETTING = 'api_gateway_policy_file'
# The Sid of the statement that lets the ranges in: by it a policy is known to be such a one.
_ALLOW_LIST = 'CallFromTheseRanges'
_SIGN_IN = 'GET/oauth2/authorize'
# Nobody's servers fill more than that; who lets in more has mistaken something.
_BROADEST = {4: 16, 6: 32}
# API Gateway takes resource policies of 8,192 bytes, and some of them are not addresses.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
_MAX_CHARACTERS = 7_000


class RangesRefused(click.ClickException):
    """The given text is no list of addresses to let in; the message says why."""


def keep(project: Path, ranges: Sequence[str]) -> None:
    """Let only these ranges call what is deployed from now on."""
    json_file.replace(project / KEPT_IN, resource_policy(ranges))
    _name_to_chalice(project, _FILE_NAME)


def keep_none(project: Path) -> bool:
    """Let everybody call what is deployed from now on; tell whether that is a change."""
    is_change = _name_to_chalice(project, None)
    (project / KEPT_IN).unlink(missing_ok=True)
    return is_change


def kept(project: Path) -> list[str]:
    """Return the ranges that are kept; none means that every address may call.

    Raises RangesRefused where the file is not what `keep` wrote.
    """
    if project_files.config(project).get(_SETTING) != _FILE_NAME:
        return []
    try:
        policy = (project / KEPT_IN).read_text('utf-8')
        return sorted_ranges(sorted(allowed_in(policy) or ()))
    except (OSError, ValueError, RangesRefused) as error:
        raise RangesRefused(f'{KEPT_IN}: {error} Write it anew with `ops ip-ranges`.') from error


def is_own_policy(policy_file: object) -> bool:
    """Tell whether the file that Chalice is to take a resource policy from is somebody's own."""
    return policy_file not in (None, '', _FILE_NAME)


def refuse_own_policy(project: Path) -> None:
    """Raise RangesRefused if an API can't be closed by a list, having a policy already."""
    config = project_files.config(project)
    for of in (config, *config['stages'].values()):
        if is_own_policy(of.get(_SETTING)):
            raise RangesRefused(
                f'.chalice/config.json names a resource policy of your own, {of[_SETTING]}: '
                'put the ranges there.'
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
                'Sid': _ALLOW_LIST,
                **invoke,
                'Resource': 'execute-api:/*',
                'Condition': {'IpAddress': {'aws:SourceIp': list(ranges)}},
            },
            {'Sid': 'SignInFromAnywhere', **invoke, 'Resource': f'execute-api:/*/{_SIGN_IN}'},
        ],
    }


def allowed_in(policy: str) -> set[str] | None:
    """Return the ranges that such a policy lets in; None for any other policy."""
    try:
        # API Gateway gives it back as JSON with its quotes escaped, and resources written out.
        escaped = policy.startswith('{\\"')
        document = json.loads(json.loads(f'"{policy}"') if escaped else policy)
        statement = next(each for each in document['Statement'] if each.get('Sid') == _ALLOW_LIST)
        sources = statement['Condition']['IpAddress']['aws:SourceIp']
        return {sources} if isinstance(sources, str) else set(sources)
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None


def sorted_ranges(named: Sequence[object]) -> list[str]:
    """Return ranges sorted, adjacent ones as one; raises RangesRefused."""
    networks = [_network(each) for each in named]
    if not networks:
        raise RangesRefused('The list is empty, which would close the API to everybody.')
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


def _name_to_chalice(project: Path, policy_file: str | None) -> bool:
    config = project_files.config(project)
    if config.get(_SETTING) == policy_file:
        return False
    stages = config.pop('stages')  # they stay the last
    config |= {_SETTING: policy_file, 'stages': stages}
    named = {name: value for name, value in config.items() if value is not None}
    json_file.replace(project / '.chalice' / 'config.json', named)
    return True
