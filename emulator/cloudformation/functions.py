"""The functions of CloudFormation templates: Ref, Fn::Sub and the like."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException

_SUBSTITUTED = re.compile(r'\$\{(!?)([^}]*)\}')
_NO_VALUE = object()


class Invalid(ServiceException):
    """A request, template or parameter that CloudFormation refuses."""

    code = 'ValidationError'


@dataclass(frozen=True)
class Scope:
    """What the names in a template stand for.

    ``resource`` returns what Ref and GetAtt give of a resource: the attribute is None for Ref.
    """

    names: Mapping[str, Any]
    conditions: Mapping[str, bool]
    mappings: Mapping[str, Any]
    resource: Callable[[str, str | None], Any]


def text_of(value: Any) -> Any:
    """Return a scalar as CloudFormation writes it."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None or isinstance(value, (str, list, dict)) else str(value)


def resolve(value: Any, scope: Scope) -> Any:
    """Return a value with all functions in it carried out; what has no value is left out."""
    resolved = _resolve(value, scope)
    return None if resolved is _NO_VALUE else resolved


def _resolve(value: Any, scope: Scope) -> Any:
    if isinstance(value, list):
        items = (_resolve(item, scope) for item in value)
        return [item for item in items if item is not _NO_VALUE]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((name, argument),) = value.items()
        if name == 'Ref':
            return _ref(argument, scope)
        if name.startswith('Fn::'):
            if name not in _FUNCTIONS:
                raise Invalid(f'Template error: {name} is not supported')
            return _FUNCTIONS[name](argument, scope)
    members = ((name, _resolve(member, scope)) for name, member in value.items())
    return {name: member for name, member in members if member is not _NO_VALUE}


def _ref(name: str, scope: Scope) -> Any:
    if name == 'AWS::NoValue':
        return _NO_VALUE
    return scope.names[name] if name in scope.names else scope.resource(name, None)


def _get_att(argument: Any, scope: Scope) -> Any:
    name, _, attribute = (
        argument.partition('.')
        if isinstance(argument, str)
        else (argument[0], '', resolve(argument[1], scope))
    )
    return scope.resource(name, attribute)


def _sub(argument: Any, scope: Scope) -> str:
    text, own = argument if isinstance(argument, list) else (argument, {})
    local = {name: resolve(value, scope) for name, value in own.items()}

    def value_of(found: re.Match[str]) -> str:
        literal, name = found.groups()
        if literal:
            return f'${{{name}}}'
        if name in local:
            return str(text_of(local[name]))
        resource, dot, attribute = name.partition('.')
        value = scope.resource(resource, attribute) if dot else _ref(name, scope)
        return ','.join(value) if isinstance(value, list) else str(text_of(value))

    return _SUBSTITUTED.sub(value_of, text)


def _if(argument: Any, scope: Scope) -> Any:
    condition, if_true, if_false = argument
    return _resolve(if_true if scope.conditions[condition] else if_false, scope)


def _select(argument: Any, scope: Scope) -> Any:
    index, values = resolve(argument, scope)
    try:
        return values[int(index)]
    except IndexError as error:
        raise Invalid('Template error: Fn::Select cannot select nonexistent value') from error


def _find_in_map(argument: Any, scope: Scope) -> Any:
    name, first, second = resolve(argument, scope)
    return scope.mappings[name][first][second]


def _join(argument: Any, scope: Scope) -> str:
    between, parts = resolve(argument, scope)
    return str(between).join(str(text_of(part)) for part in parts)


def _split(argument: Any, scope: Scope) -> list[str]:
    at, text = resolve(argument, scope)
    return str(text).split(at)


def _base64(argument: Any, scope: Scope) -> str:
    return b64encode(str(resolve(argument, scope)).encode()).decode()


_FUNCTIONS: dict[str, Callable[[Any, Scope], Any]] = {
    'Fn::Base64': _base64,
    'Fn::FindInMap': _find_in_map,
    'Fn::GetAtt': _get_att,
    'Fn::If': _if,
    'Fn::Join': _join,
    'Fn::Select': _select,
    'Fn::Split': _split,
    'Fn::Sub': _sub,
}


def references(value: Any, conditions: Mapping[str, bool] | None = None) -> Iterator[str]:
    """Yield the names that a value refers to; with conditions, in the branches that are taken."""
    if isinstance(value, list):
        for item in value:
            yield from references(item, conditions)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name == 'Ref' and isinstance(argument, str):
                yield argument
            elif name == 'Fn::GetAtt':
                yield argument.partition('.')[0] if isinstance(argument, str) else argument[0]
            elif name == 'Fn::Sub':
                yield from _substituted(argument, conditions)
            elif name == 'Fn::If' and conditions:
                yield from references(argument[1 if conditions[argument[0]] else 2], conditions)
            else:
                yield from references(argument, conditions)


def condition_names(value: Any) -> Iterator[str]:
    """Yield the names of the conditions that decide about a value or a part of it."""
    return (str(argument[0]) for name, argument in _members(value) if name == 'Fn::If')


def function_names(value: Any) -> Iterator[str]:
    """Yield the names of the functions that a value is made by."""
    names = (name for name, _ in _members(value))
    return (name for name in names if name in ('Ref', 'Condition') or name.startswith('Fn::'))


def _members(value: Any) -> Iterator[tuple[str, Any]]:
    """Yield the members of a value and of everything in it, by name."""
    if isinstance(value, list):
        for item in value:
            yield from _members(item)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield name, member
            yield from _members(member)


def _substituted(argument: Any, conditions: Mapping[str, bool] | None) -> Iterator[str]:
    text, own = argument if isinstance(argument, list) else (argument, {})
    for literal, name in _SUBSTITUTED.findall(text):
        if not literal and name not in own:
            yield name.partition('.')[0]
    yield from references(own, conditions)
