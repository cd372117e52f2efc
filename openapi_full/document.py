"""The OpenAPI 3.1 document of some operations with all that there is to say of them.

ChatGPT wants no errors, no security and no null (openapi_document leaves them out). Whoever makes
a client or a test from the document wants all of it: this one holds back nothing.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import ChaliceViewError

from chalicelib.http_request import QUERY_METHODS, Request
from openapi_full.raised_errors import raised_by

if TYPE_CHECKING:
    from chalicelib.operations.routes import OperationRoute

Schema = dict[str, Any]

_REFERENCE = '#/components/schemas/{name}'
_NULL = {'type': 'null'}
_SCHEME = 'oauth'
_BY_GATEWAY = 'GatewayError'
# What API Gateway answers before the function, with a body of its own, with these statuses too.
_GATEWAY_STATUSES = (401, 403, 413, 429)
# What Chalice answers by itself, with the body of any error.
_BY_CHALICE = {
    415: ('UnsupportedMediaType', 'The body is not JSON by its content type.'),
    500: ('InternalServerError', 'Something that nobody foresaw.'),
}


def build(
    info: dict[str, str],
    server_url: str,
    routes: 'Iterable[OperationRoute]',
    authorization_url: str,
    token_url: str,
) -> dict[str, Any]:
    """Return the whole OpenAPI document of some operations."""
    declared = list(routes)
    answers = _structs([route.operation.response_type for route in declared])
    for struct in answers.values():
        # What is answered has every field, those with a default too.
        struct['required'] = list(struct['properties'])
    requests = _structs([route.operation.request_type or Request for route in declared])
    paths: dict[str, dict[str, Any]] = {}
    for route in declared:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, requests)
    bodies = {name: requests[name] for name in _referred(paths, requests)}
    document = {
        'openapi': '3.1.0',
        'info': info,
        'servers': [{'url': server_url}],
        'paths': paths,
        'components': {
            'schemas': {**answers, **bodies, **_errors(declared)},
            'securitySchemes': {_SCHEME: _scheme(declared, authorization_url, token_url)},
        },
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(document))
    return plain


def _operation(route: 'OperationRoute', requests: dict[str, Schema]) -> dict[str, Any]:
    declared = route.operation
    asked = requests[(declared.request_type or Request).__name__]
    answered = _REFERENCE.format(name=declared.response_type.__name__)
    described = {
        'operationId': declared.id,
        'summary': declared.summary,
        'description': declared.description or declared.summary,
        'x-openai-isConsequential': declared.consequential,
        'security': [{_SCHEME: _scopes([route])}],
        'parameters': list(_parameters(route, asked)),
        'requestBody': _request_body(route, asked),
        'responses': {
            '200': {
                'description': declared.summary,
                'content': {'application/json': {'schema': {'$ref': answered}}},
            },
            **dict(_error_responses(route)),
        },
    }
    return {key: value for key, value in described.items() if value not in ([], None)}


def _parameters(route: 'OperationRoute', asked: Schema) -> Iterator[dict[str, Any]]:
    for name, schema in asked['properties'].items():
        in_path = name in route.path_parameters
        if in_path or route.method in QUERY_METHODS:
            yield {
                'name': name,
                'in': 'path' if in_path else 'query',
                'description': schema['description'],
                'required': in_path or name in asked.get('required', ()),
                'schema': _as_parameter(schema),
            }


def _as_parameter(schema: Schema) -> Schema:
    """Return the schema of a text in a URL: what may be null is left out there."""
    kinds = schema.get('type')
    if isinstance(kinds, list):
        schema = schema | {'type': next(kind for kind in kinds if kind != 'null')}
    return {
        key: [value for value in held if value is not None] if key == 'enum' else held
        for key, held in schema.items()
        if key != 'description' and not (key == 'default' and held is None)
    }


def _request_body(route: 'OperationRoute', asked: Schema) -> dict[str, Any] | None:
    properties = {k: v for k, v in asked['properties'].items() if k not in route.path_parameters}
    if not properties or route.method in QUERY_METHODS or not route.operation.request_type:
        return None
    name = route.operation.request_type.__name__
    required = [name for name in asked.get('required', ()) if name in properties]
    schema = asked | {'properties': properties, 'required': required}
    whole = {'$ref': _REFERENCE.format(name=name)}
    content = schema if route.path_parameters else whole
    return {'required': bool(required), 'content': {'application/json': {'schema': content}}}


def _error_responses(route: 'OperationRoute') -> Iterator[tuple[str, dict[str, Any]]]:
    by_status: dict[int, list[str]] = {}
    for error in raised_by(route):
        by_status.setdefault(error.STATUS_CODE, []).append(_told(error))
    for status, (code, event) in _BY_CHALICE.items():
        if status != 415 or route.method not in QUERY_METHODS:
            by_status.setdefault(status, []).append(f'{code}: {event}')
    for status in _GATEWAY_STATUSES:
        by_status.setdefault(status, [])
    for status, told in sorted(by_status.items()):
        shapes = [_schema_name(status)] * bool(told)
        shapes += [_BY_GATEWAY] * (status in _GATEWAY_STATUSES)
        yield str(status), _response(' '.join(told) or 'API Gateway refuses the call.', shapes)
    # API Gateway itself, for instance when the function takes too long.
    yield 'default', _response('API Gateway refuses the call, or gets no answer.', [_BY_GATEWAY])


def _response(description: str, names: list[str]) -> dict[str, Any]:
    references = [{'$ref': _REFERENCE.format(name=name)} for name in names]
    schema = references[0] if len(references) == 1 else {'anyOf': references}
    return {
        'description': description,
        'content': {'application/json': {'schema': schema}},
    }


def _told(error: type[ChaliceViewError]) -> str:
    return f'{error.__name__}: {(error.__doc__ or "").strip().partition(chr(10))[0]}'


def _errors(routes: 'list[OperationRoute]') -> dict[str, Schema]:
    """Return the schema of the errors of each status, and of API Gateway's own."""
    codes: dict[int, set[str]] = {status: {code} for status, (code, _) in _BY_CHALICE.items()}
    for route in routes:
        for error in raised_by(route):
            codes.setdefault(error.STATUS_CODE, set()).add(error.__name__)
    schemas = {_schema_name(s): _error_schema(s, sorted(codes[s])) for s in sorted(codes)}
    message = {'type': 'string', 'description': 'What API Gateway says of it.'}
    schemas[_BY_GATEWAY] = {
        'title': _BY_GATEWAY,
        'description': 'API Gateway answers by itself, without the function.',
        'type': 'object',
        'properties': {'message': message},
        'required': ['message'],
    }
    return schemas


def _error_schema(status: int, codes: list[str]) -> Schema:
    return {
        'title': _schema_name(status),
        'description': f'Errors with the status {status}.',
        'type': 'object',
        'properties': {
            'Code': {'type': 'string', 'enum': codes, 'description': 'Which error it is.'},
            'Message': {'type': 'string', 'description': 'What is wrong, and what to do next.'},
        },
        'required': ['Code', 'Message'],
    }


def _schema_name(status: int) -> str:
    return f'Error{status}'


def _scheme(routes: 'list[OperationRoute]', authorization_url: str, token_url: str) -> Schema:
    flow = {
        'authorizationUrl': authorization_url,
        'tokenUrl': token_url,
        'refreshUrl': token_url,
        'scopes': {scope: f'The scope {scope} of the user pool.' for scope in _scopes(routes)},
    }
    return {
        'type': 'oauth2',
        'description': 'The access token of the user pool, as a Bearer token.',
        'flows': {'authorizationCode': flow},
    }


def _scopes(routes: 'list[OperationRoute]') -> list[str]:
    found = [scope for route in routes if route.authorizer for scope in route.authorizer.scopes]
    return list(dict.fromkeys(found))


def _structs(types: list[Any]) -> dict[str, Schema]:
    """Return the schemas of structs and all that they hold, by name, as OpenAPI 3.1 has them."""
    _, found = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    return {name: _with_null(schema) for name, schema in found.items()}


def _with_null(schema: Any) -> Any:
    """Write a choice between one type and null as both types, which more programs understand."""
    if isinstance(schema, list):
        return [_with_null(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    written = {key: _with_null(value) for key, value in schema.items()}
    choices = written.get('anyOf')
    if isinstance(choices, list) and len(choices) == 2 and _NULL in choices:
        other = next(choice for choice in choices if choice != _NULL)
        if isinstance(other.get('type'), str) and 'enum' not in other:
            del written['anyOf']
            written |= other | {'type': [other['type'], 'null']}
    return written


def _referred(paths: Any, structs: dict[str, Schema]) -> list[str]:
    """Return the structs that paths refer to, and those that these do."""
    found: list[str] = []
    left: list[Any] = [paths]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            name = str(value.get('$ref')).rpartition('/')[2]
            if name in structs and name not in found:
                found.append(name)
                left.append(structs[name])
            left += value.values()
        elif isinstance(value, list):
            left += value
    return sorted(found)
