"""The OpenAPI 3.1 document of some operations, held to what ChatGPT is known to read.

Schemas stand in place, as ChatGPT follows a ``$ref`` only here and there. A value that may be null
is one that may be left out, a tuple is an array, and what is of no use to a model is left out.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import click
import msgspec

from chalicelib.http_request import QUERY_METHODS, Request

if TYPE_CHECKING:
    from chalicelib.operations.routes import OperationRoute

Schema = dict[str, Any]

_NULL = {'type': 'null'}
_JSON_TYPES = {str: 'string', int: 'integer'}


class NotExportable(click.ClickException):
    """An operation can't be described to ChatGPT; the message names it and says what to do."""


def build(
    info: dict[str, str], server_url: str, routes: 'Iterable[OperationRoute]'
) -> dict[str, Any]:
    """Return the OpenAPI document of some operations; raises NotExportable."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route)
    servers = [{'url': server_url}]
    document = {
        'openapi': '3.1.0',
        'info': info,
        'servers': servers,
        'paths': paths,
        # The editor misses it where there are components, and some day may where there are none.
        'components': {'schemas': {}},
    }
    # Defaults are Python's values until here: a tuple is no JSON.
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _operation(route: 'OperationRoute') -> dict[str, Any]:
    declared = route.operation
    (asked, answered), structs = msgspec.json.schema_components(
        [declared.request_type or Request, declared.response_type], ref_template='{name}'
    )
    try:
        request = _simplify(asked, structs)
        answer = _simplify(answered, structs, loose=True)
    except RecursionError as error:
        raise NotExportable(
            f'{route.method} {route.path} ({declared.id}): a struct contains itself, which '
            'ChatGPT cannot read. Write it out to a fixed depth.'
        ) from error
    operation = {
        'operationId': declared.id,
        'summary': declared.summary,
        'description': declared.description,
        'x-openai-isConsequential': declared.consequential,
        'parameters': list(_parameters(route, request)),
        'requestBody': _request_body(route, request),
        'responses': {
            '200': {
                'description': answer.pop('description', declared.summary),
                'content': {'application/json': {'schema': answer}},
            }
        },
    }
    return {key: value for key, value in operation.items() if value not in ('', [], None)}


def _parameters(route: 'OperationRoute', request: Schema) -> Iterator[dict[str, Any]]:
    for name, schema in request['properties'].items():
        in_path = name in route.path_parameters
        if in_path or route.method in QUERY_METHODS:
            yield {
                'name': name,
                'in': 'path' if in_path else 'query',
                'description': schema['description'],
                'required': in_path or name in request.get('required', ()),
                'schema': {key: schema[key] for key in schema if key != 'description'},
            }


def _request_body(route: 'OperationRoute', request: Schema) -> dict[str, Any] | None:
    names = request['properties'].keys() - route.path_parameters
    if not names or route.method in QUERY_METHODS:
        return None
    required = [name for name in request.get('required', ()) if name in names]
    schema = {
        'type': 'object',
        'description': request.get('description'),
        'properties': {k: v for k, v in request['properties'].items() if k in names},
        'required': required,
    }
    content = {key: value for key, value in schema.items() if value}
    return {'required': bool(required), 'content': {'application/json': {'schema': content}}}


def _simplify(schema: Schema, structs: dict[str, Schema], *, loose: bool = False) -> Schema:
    """Return a schema without references to the structs that it is made of.

    ``loose`` is for answers: ChatGPT may refuse one that lacks a property said to be required.
    Raises RecursionError for a struct that contains itself.
    """
    inner = partial(_simplify, structs=structs, loose=loose)
    simple: Schema = {}
    flat = _flatten(schema, structs)
    for key, value in sorted(flat.items(), key=lambda item: item[0] not in ('type', 'enum')):
        match key:
            case 'description':
                simple[key] = ' '.join(value.split())
            case 'enum':
                simple |= _enum(value)
            case 'anyOf':
                simple[key] = [inner(choice) for choice in value if choice != _NULL]
            case 'prefixItems':
                kinds = [kind for i, kind in enumerate(value) if kind not in value[:i]]
                simple['items'] = inner({'anyOf': kinds})
            case 'properties':
                simple[key] = {name: inner(part) for name, part in value.items()}
            case 'items' | 'additionalProperties' if value:
                simple[key] = inner(value)
            case _ if not _is_noise(key, value, loose=loose):
                simple[key] = value
    if simple.get('type') == 'object':
        simple.setdefault('properties', {})
    return simple


def _flatten(schema: Schema, structs: dict[str, Schema]) -> Schema:
    """Put what it stands for in place of a reference, or of a choice between it and null."""
    beside = {key: value for key, value in schema.items() if key not in ('$ref', 'anyOf')}
    choices = [choice for choice in schema.get('anyOf', ()) if choice != _NULL]
    if '$ref' in schema:
        return _flatten(beside | structs[schema['$ref']] | beside, structs)
    return _flatten(beside | choices[0] | beside, structs) if len(choices) == 1 else schema


def _enum(values: list[Any]) -> Schema:
    named = [value for value in values if value is not None]
    kinds = {_JSON_TYPES[type(value)] for value in named}
    return ({'type': kinds.pop()} if len(kinds) == 1 else {}) | {'enum': named}


def _is_noise(key: str, value: Any, *, loose: bool) -> bool:
    if key == 'required':
        return loose or not value
    if key == 'default':
        return value is None
    return key in ('title', 'items', 'additionalProperties')
