"""The resource policy of a REST API: from where which of its methods may be called.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies.html
"""

import json
import re
from ipaddress import ip_address, ip_network
from typing import Any, Literal

Verdict = Literal['allow', 'deny', 'neither']

_ACTIONS = {'execute-api:Invoke', 'execute-api:*', '*'}
_ELEMENTS = {'Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'}
# A resource may begin with it instead of with the ARN of the API.
_OF_THIS_API = 'execute-api:/'


class PolicyUnsupported(Exception):
    """A statement has what is not emulated; the message says what."""


class ResourcePolicy:
    """Whom a policy lets in, given as JSON or what was read from it; raises PolicyUnsupported."""

    def __init__(self, policy: str | dict[str, Any]) -> None:
        try:
            document = json.loads(policy) if isinstance(policy, str) else policy
            self._statements = [_Statement(each) for each in _listed(document['Statement'])]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PolicyUnsupported('it is no policy.') from error

    def verdict(self, method_arn: str, source_ip: str) -> Verdict:
        """Tell what the policy says of a call by somebody whom IAM does not know."""
        effects = {each.effect for each in self._statements if each.fits(method_arn, source_ip)}
        if 'Deny' in effects:
            return 'deny'
        return 'allow' if 'Allow' in effects else 'neither'


class _Statement:
    def __init__(self, statement: dict[str, Any]) -> None:
        if other := statement.keys() - _ELEMENTS:
            raise PolicyUnsupported(f'{min(other)} is not emulated.')
        self.effect = statement['Effect']
        self._is_for_all = statement['Principal'] in ('*', {'AWS': '*'}, {'AWS': ['*']})
        self._is_for_calls = bool(_ACTIONS.intersection(_listed(statement['Action'])))
        self._resources = [_pattern(each) for each in _listed(statement['Resource'])]
        self._within, self._outside = _networks(statement.get('Condition', {}))

    def fits(self, method_arn: str, source_ip: str) -> bool:
        address = ip_address(source_ip)
        return (
            self._is_for_all
            and self._is_for_calls
            and any(resource.fullmatch(method_arn) for resource in self._resources)
            and (self._within is None or any(address in each for each in self._within))
            and not any(address in each for each in self._outside or ())
        )


def _networks(condition: dict[str, Any]) -> list[list[Any] | None]:
    """Return the networks that a caller has to be in, and those to be out of."""
    found = []
    for operator in ('IpAddress', 'NotIpAddress'):
        keys = dict(condition.get(operator, {}))
        ranges = keys.pop('aws:SourceIp', None)
        if keys:
            raise PolicyUnsupported(f'the condition {min(keys)} is not emulated.')
        found.append(None if ranges is None else [ip_network(each) for each in _listed(ranges)])
    if other := condition.keys() - {'IpAddress', 'NotIpAddress'}:
        raise PolicyUnsupported(f'the condition {min(other)} is not emulated.')
    return found


def _pattern(resource: str) -> re.Pattern[str]:
    """Return what the ARNs of methods match that are of a resource, in full or without the API."""
    rest = resource.removeprefix(_OF_THIS_API)
    pattern = re.escape(rest).replace(r'\*', '.*').replace(r'\?', '.')
    return re.compile(pattern if rest == resource else f'[^/]*/{pattern}', re.DOTALL)


def _listed(one_or_more: Any) -> list[Any]:
    return one_or_more if isinstance(one_or_more, list) else [one_or_more]
