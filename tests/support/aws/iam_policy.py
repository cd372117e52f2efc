"""What an IAM policy allows, evaluated as IAM does, for as much of the language as is in use."""

import copy
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.aws.calls import Permission

_ELEMENTS = {'Sid', 'Effect', 'Action', 'Resource', 'Condition'}


def allows(policy: dict[str, Any], asked: Permission) -> bool:
    """Tell whether a policy allows what is asked: something allows it, and nothing denies it."""
    effects = {each['Effect'] for each in policy['Statement'] if _applies(each, asked)}
    return effects == {'Allow'}


def smaller(policy: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield what a policy becomes without one action, or one resource, of one of its statements.

    With the statement's name and what it lacks.
    """
    for number, statement in enumerate(policy['Statement']):
        for element in ('Action', 'Resource'):
            for part in _listed(statement[element]):
                without = copy.deepcopy(policy)
                left = [other for other in _listed(statement[element]) if other != part]
                without['Statement'][number][element] = left
                yield statement['Sid'], part, without


def _applies(statement: dict[str, Any], asked: Permission) -> bool:
    unknown = statement.keys() - _ELEMENTS
    assert not unknown, f'This evaluator does not know {unknown}.'
    return (
        any(
            _matches(action.lower(), asked.action.lower())
            for action in _listed(statement['Action'])
        )
        and any(_covers(resource, asked.resource) for resource in _listed(statement['Resource']))
        and _holds(statement.get('Condition', {}), asked)
    )


def _covers(pattern: str, arn: str) -> bool:
    """Match an ARN part by part: a wildcard stays within the one it stands in, except the last."""
    if pattern == '*':
        return True
    parts = zip(pattern.split(':', 5), arn.split(':', 5), strict=False)
    return pattern.count(':') >= 5 <= arn.count(':') and all(_matches(*part) for part in parts)


def _holds(condition: dict[str, dict[str, str]], asked: Permission) -> bool:
    unknown = condition.keys() - {'ArnEquals', 'StringEquals'}
    assert not unknown, f'This evaluator does not know {unknown}.'
    found = asked.circumstances
    return all(
        found.get(key) == _substituted(value, found)
        for key, value in condition.get('StringEquals', {}).items()
    ) and all(
        _covers(value, found.get(key, '')) for key, value in condition.get('ArnEquals', {}).items()
    )


def _substituted(value: str, found: Mapping[str, str]) -> str:
    names = re.findall(r'\$\{(.*?)\}', value)
    if not found.keys() >= set(names):
        return 'nothing equals what is not known'
    return re.sub(r'\$\{(.*?)\}', lambda name: found[name[1]], value)


def _matches(pattern: str, text: str) -> bool:
    wildcards = {'*': '.*', '?': '.'}
    regex = ''.join(wildcards.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
