"""Resource policies as API Gateway reads them."""

import json
from typing import Any

import pytest

from emulator.api_gateway.resource_policy import PolicyUnsupported, ResourcePolicy, Verdict
from ops.gateway.ip_allow_list import resource_policy

API = 'arn:aws:execute-api:eu-west-1:123456789012:abc123'
ALLOW = {'Effect': 'Allow', 'Principal': '*', 'Action': 'execute-api:Invoke', 'Resource': '*'}
DENY = ALLOW | {'Effect': 'Deny'}
HERE, THERE = '192.0.2.7', '198.51.100.7'


def within(*ranges: str) -> dict[str, Any]:
    """Return the condition that a caller is in a range."""
    return {'Condition': {'IpAddress': {'aws:SourceIp': [*ranges]}}}


def outside(*ranges: str) -> dict[str, Any]:
    """Return the condition that a caller is in none of the ranges."""
    return {'Condition': {'NotIpAddress': {'aws:SourceIp': [*ranges]}}}


def verdict(*statements: dict[str, Any], address: str = HERE, method: str = 'GET/a') -> Verdict:
    """Return what a policy says of a call."""
    policy = ResourcePolicy({'Statement': [*statements]})
    return policy.verdict(f'{API}/dev/{method}', address)


@pytest.mark.parametrize(
    ('method', 'address', 'expected'),
    [
        ('POST/my_route', HERE, 'allow'),
        ('POST/my_route', THERE, 'neither'),
        ('POST/my_route', '2001:db8::1', 'neither'),
        ('GET/oauth2/authorize', THERE, 'allow'),
        ('POST/oauth2/token', THERE, 'neither'),
        ('GET/oauth2/authorize/more', THERE, 'neither'),
    ],
)
def test_allow_list_is_read_as_meant(method: str, address: str, expected: Verdict) -> None:
    policy = resource_policy(['192.0.2.0/28', '203.0.113.0/24'])

    assert verdict(*policy['Statement'], method=method, address=address) == expected


@pytest.mark.parametrize(
    ('statements', 'expected'),
    [
        ([], 'neither'),
        ([ALLOW], 'allow'),
        ([ALLOW, DENY], 'deny'),
        ([ALLOW, DENY | outside('192.0.2.0/24')], 'allow'),
        ([ALLOW, DENY | outside('198.51.100.0/24')], 'deny'),
        ([ALLOW, DENY | within('198.51.100.0/24')], 'allow'),
        ([ALLOW | within(HERE)], 'allow'),
        ([ALLOW | within()], 'neither'),
        ([ALLOW | {'Action': ['execute-api:*']}], 'allow'),
        ([ALLOW | {'Action': 'execute-api:ManageConnections'}], 'neither'),
        ([ALLOW | {'Principal': {'AWS': '*'}}], 'allow'),
        ([ALLOW | {'Principal': {'AWS': 'arn:aws:iam::123456789012:root'}}], 'neither'),
        ([ALLOW | {'Resource': f'{API}/*'}], 'allow'),
        ([ALLOW | {'Resource': f'{API}/dev/GET/?'}], 'allow'),
        ([ALLOW | {'Resource': f'{API}/prod/*'}], 'neither'),
        ([ALLOW | {'Resource': f'{API}/dev/[FG]ET/a'}], 'neither'),
        ([ALLOW | {'Resource': 'execute-api:/dev/*'}], 'allow'),
        ([ALLOW | {'Resource': ['execute-api:/prod/*', 'execute-api:/*/POST/*']}], 'neither'),
    ],
)
def test_denial_wins_and_without_a_match_nothing_is_decided(
    statements: list[dict[str, Any]], expected: Verdict
) -> None:
    assert verdict(*statements) == expected


@pytest.mark.parametrize(
    'policy',
    [
        *('x', '[]', '{}', '1', '{"Statement": [1]}', '{"Statement": [{}]}'),
        json.dumps({'Statement': [ALLOW | {'NotResource': '*'}]}),
        json.dumps({'Statement': [ALLOW | {'Resource': [1]}]}),
        json.dumps({'Statement': [ALLOW | {'Action': [{}]}]}),
        json.dumps(
            {'Statement': [ALLOW | {'Condition': {'StringEquals': {'aws:SourceVpc': 'v'}}}]}
        ),
        json.dumps({'Statement': [ALLOW | {'Condition': {'IpAddress': {'aws:VpcSourceIp': 'v'}}}]}),
        json.dumps({'Statement': [ALLOW | within('nowhere')]}),
    ],
)
def test_what_is_not_understood_is_refused(policy: str) -> None:
    with pytest.raises(PolicyUnsupported):
        ResourcePolicy(policy)
