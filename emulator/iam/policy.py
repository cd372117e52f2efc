"""What an IAM policy allows, evaluated as IAM does, for as much of the language as is in use.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

import copy
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# What IAM knows of a request: one value of a key, or several.
Circumstances = Mapping[str, 'str | Sequence[str]']

_ELEMENTS = {
    *('Sid', 'Effect', 'Principal', 'Condition'),
    *('Action', 'NotAction', 'Resource', 'NotResource'),
}
_TOKENS = re.compile(r'\$\{([^}]*)\}|[*?]|[^*?$]+|\$', re.DOTALL)
# What is written for a character that has a meaning itself.
_ESCAPES = {'*', '?', '$'}
_VERSION_WITH_VARIABLES = '2012-10-17'


class Unknown(LookupError):
    """A policy has something in it that is not evaluated here."""


@dataclass(frozen=True)
class Permission:
    """What IAM is asked: whether somebody may do an action on a resource."""

    action: str
    resource: str
    circumstances: Circumstances = field(default_factory=dict, hash=False)


def allows(policy: Mapping[str, Any], asked: Permission) -> bool:
    """Tell whether a policy allows what is asked: something allows it, and nothing denies it."""
    return all_allow([policy], asked)


def all_allow(policies: Sequence[Mapping[str, Any]], asked: Permission) -> bool:
    """Tell whether policies that add up to one allow what is asked."""
    effects = {
        each['Effect']
        for policy in policies
        for each in _listed(policy['Statement'])
        if _applies(each, asked, policy.get('Version') == _VERSION_WITH_VARIABLES)
    }
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


def _applies(statement: Mapping[str, Any], asked: Permission, has_variables: bool) -> bool:
    if unknown := statement.keys() - _ELEMENTS:
        raise Unknown(f'This evaluator does not know {unknown}.')
    found = asked.circumstances if has_variables else None

    def is_action(pattern: str) -> bool:
        return _matches(pattern.lower(), asked.action.lower(), None)

    def is_resource(pattern: str) -> bool:
        return _covers(pattern, asked.resource, found)

    return (
        _is_one_of(statement, 'Action', is_action)
        and ('Principal' in statement or _is_one_of(statement, 'Resource', is_resource))
        and all(
            _holds(operator, key, _listed(values), asked.circumstances, found)
            for operator, keys in statement.get('Condition', {}).items()
            for key, values in keys.items()
        )
    )


def _is_one_of(statement: Mapping[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    if f'Not{element}' in statement:
        return not any(map(matches, _listed(statement[f'Not{element}'])))
    return any(map(matches, _listed(statement[element])))


def _holds(
    operator: str,
    key: str,
    values: list[str],
    circumstances: Circumstances,
    variables: Circumstances | None,
) -> bool:
    """Tell whether a condition holds; a key that is not there fulfils what is about all values.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
    """
    given = _listed(circumstances.get(key, []))
    if operator == 'Null':
        return values == ['false' if given else 'true']
    about_all, operator = 'ForAllValues:' in operator, operator.removeprefix('ForAllValues:')
    negated = operator == 'StringNotLike'
    match operator:
        case 'StringEquals':
            holds = [any(each == _substituted(v, variables) for v in values) for each in given]
        case 'StringLike' | 'StringNotLike':
            holds = [
                any(_matches(v, each, variables) for v in values) is not negated for each in given
            ]
        case 'ArnEquals' | 'ArnLike':
            holds = [any(_covers(v, each, variables) for v in values) for each in given]
        case _:
            raise Unknown(f'This evaluator does not know {operator}.')
    if len(given) > 1 and not about_all:
        raise Unknown(f'{key} has several values; {operator} is for one.')
    return all(holds) and (bool(given) or about_all or negated)


def _covers(pattern: str, arn: str, variables: Circumstances | None) -> bool:
    """Match an ARN part by part: a wildcard stays within the one it stands in, except the last."""
    if pattern == '*':
        return True
    parts = zip(_parts(pattern), arn.split(':', 5), strict=False)
    return (
        len(_parts(pattern)) == 6
        and arn.count(':') >= 5
        and all(_matches(*part, variables) for part in parts)
    )


def _parts(pattern: str) -> list[str]:
    """Return the parts of an ARN; a variable's name has a colon of its own."""
    return re.split(r':(?![^{}]*\})', pattern, maxsplit=5)


def _substituted(value: str, variables: Circumstances | None) -> str | None:
    """Return a value with its variables, or None where one of them has none."""
    parts = [_part(token, variables) for token in _TOKENS.finditer(value)]
    return None if None in parts else ''.join(filter(None, parts))


def _matches(pattern: str, text: str, variables: Circumstances | None) -> bool:
    wildcards = {'*': '.*', '?': '.'}
    regex = ''
    for token in _TOKENS.finditer(pattern):
        part = _part(token, variables)
        if part is None:
            return False
        regex += wildcards.get(token[0]) or re.escape(part)
    return re.fullmatch(regex, text, re.DOTALL) is not None


def _part(token: re.Match[str], variables: Circumstances | None) -> str | None:
    """Return what a token of a pattern stands for: a variable for its value, all else for itself.

    Policies of the older version have no variables.
    """
    name = token[1]
    if name is None or variables is None:
        return token[0]
    if name in _ESCAPES:
        return name
    value = variables.get(name)
    return value if isinstance(value, str) else None


def _listed(value: Any) -> list[Any]:
    return [value] if isinstance(value, str | Mapping) else list(value)
