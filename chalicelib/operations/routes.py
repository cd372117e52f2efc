"""The app's routes as the exporters read them, each declaration checked when app.py is imported."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from chalice.app import Authorizer, Chalice

from chalicelib.http_request import QUERY_METHODS, Request
from chalicelib.identity import Caller
from chalicelib.operation import Operation
from chalicelib.operations import operation_id

_CODE = Path(__file__).parent.parent
# One of these says what a value looks like; without any, it may be anything.
_SHAPES = {'type', '$ref', 'anyOf', 'enum', 'const'}


class InvalidDeclaration(TypeError):
    """An operation is declared in a way that can't be served or exported."""


class OperationRoute(NamedTuple):
    """An operation and where HTTP finds it."""

    method: str
    path: str
    path_parameters: list[str]
    authorizer: Authorizer | None
    operation: Operation


def operation_routes(app: Chalice) -> list[OperationRoute]:
    """Return every operation of an app, in the order of declaration.

    Raises InvalidDeclaration, which names the route, for the first that is declared wrongly.
    """
    found: dict[str, OperationRoute] = {}
    for route in declared_routes(app):
        named = route.operation.id
        problems = list(_problems(route))
        if named in found:
            problems.append(f'{found[named].path} is called {named} already')
        if problems:
            which = f'{route.method} {route.path} ({named})'
            raise InvalidDeclaration(f'{which}: {"; ".join(problems)}.')
        found[named] = route
    return list(found.values())


def declared_routes(app: Chalice) -> Iterator[OperationRoute]:
    """Yield every operation of an app, in the order of declaration, without a look at its types."""
    for methods in app.routes.values():
        for entry in methods.values():
            declared: Operation | None = getattr(entry.view_function, 'operation', None)
            if declared:
                yield OperationRoute(
                    entry.method, entry.uri_pattern, entry.view_args, entry.authorizer, declared
                )


def switch_off(app: Chalice, switched_on: Collection[str]) -> None:
    """Take the operations out of an app whose capability is not switched on."""
    for route in list(declared_routes(app)):
        capability = route.operation.capability
        if capability and capability not in switched_on:
            del app.routes[route.path][route.method]
            if not app.routes[route.path]:
                del app.routes[route.path]


def _problems(route: OperationRoute) -> Iterator[str]:
    declared = route.operation
    if not operation_id.PATTERN.fullmatch(declared.id):
        yield 'its id must be a letter, then up to 63 letters, digits, _ or -'
    elif (name := declared.function.__name__) != operation_id.view_name(declared.id):
        wanted_name = operation_id.view_name(declared.id)
        yield f'its function must be named {wanted_name}, not {name}: its id in snake_case'
    if route.authorizer is None:
        yield 'it has no authorizer, so it could not know who calls'
    if not declared.summary:
        yield 'its function needs a docstring: the model reads it'
    for name, wanted in declared.arguments.items():
        if wanted is not Caller and not _is_a(Request, wanted):
            yield f'its argument {name} is neither the Caller nor a Request'
            return
    if not _is_a(msgspec.Struct, declared.response_type):
        yield 'what it returns is not a msgspec.Struct'
        return
    if (room := _room(declared.response_type)) and declared.capability != room:
        yield f"what it returns is of chalicelib/{room}/: declare it with capability='{room}'"
    yield from _problems_of_fields(route)


def _problems_of_fields(route: OperationRoute) -> Iterator[str]:
    asked = route.operation.request_type or Request
    try:
        (ref, _), structs = msgspec.json.schema_components([asked, route.operation.response_type])
    except TypeError as error:
        yield f'a field has a type that JSON Schema does not know ({error})'
        return
    for name, struct in structs.items():
        for field, schema in struct.get('properties', {}).items():
            if 'description' not in schema:
                yield f'the field {field} of {name} needs a description: the model reads it'
            if not schema.keys() & _SHAPES:
                yield f'the field {field} of {name} has a type that JSON Schema does not know'
    yield from _problems_of_parameters(route, structs[ref['$ref'].rpartition('/')[2]]['properties'])


def _problems_of_parameters(route: OperationRoute, fields: dict[str, Any]) -> Iterator[str]:
    for name in route.path_parameters:
        if fields.get(name, {}).get('type') != 'string':
            yield f'its path names {name}, which is no field of its request of type str'
    if route.method in QUERY_METHODS:
        for name, schema in fields.items():
            if not _is_scalar(schema):
                yield f'its query parameter {name} must be a text, a number or a boolean'


def _room(struct: type[msgspec.Struct]) -> str | None:
    """Return the capability whose folder of chalicelib a struct is declared in."""
    package, *rooms, _ = struct.__module__.split('.')
    is_capability = rooms and (_CODE / rooms[0] / 'instructions.md').exists()
    return rooms[0] if is_capability and package == 'chalicelib' else None


def _is_a(base: type, wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, base)


def _is_scalar(schema: dict[str, Any]) -> bool:
    scalars = ('string', 'integer', 'number', 'boolean', 'null')
    return all('enum' in s or s.get('type') in scalars for s in schema.get('anyOf', [schema]))
