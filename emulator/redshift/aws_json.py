"""AWS's JSON 1.1 protocol on the server's side, by the service model that boto3 itself carries."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, ServiceModel, Shape, StructureShape


class ServiceError(Exception):
    """An error that a service answers with; ``details`` are further members of its shape."""

    def __init__(self, code: str, message: str, status: int = 400, **details: str) -> None:
        super().__init__(message)
        self.code = code
        self.status = status
        self.details = details


@cache
def service_model(service: str) -> ServiceModel:
    """Return the model of a service as botocore has it."""
    return ServiceModel(Loader().load_service_model(service, 'service-2'), service)


def check_input(service: str, operation: str, request: dict[str, Any]) -> None:
    """Check a request against the service model; raises ServiceError (ValidationException)."""
    shape = service_model(service).operation_model(operation).input_shape
    if shape:
        for problem in _problems(shape, request, ''):
            raise ServiceError('ValidationException', problem)


_TYPES: dict[str, type[Any]] = {
    'boolean': bool,
    'integer': int,
    'list': list,
    'long': int,
    'string': str,
    'structure': dict,
}


def _problems(shape: Shape, value: Any, name: str) -> Iterator[str]:
    expected = _TYPES[shape.type_name]
    if not isinstance(value, expected) or (expected is int and isinstance(value, bool)):
        yield f'{name} must be a {shape.type_name}.'
        return
    if isinstance(shape, StructureShape):
        for member in shape.required_members:
            if value.get(member) is None:
                yield f'{_joined(name, member)} must not be null.'
        for member, member_shape in shape.members.items():
            if value.get(member) is not None:
                yield from _problems(member_shape, value[member], _joined(name, member))
    elif isinstance(shape, ListShape):
        yield from _out_of_bounds(shape, len(value), f'{name} size')
        for item in value:
            yield from _problems(shape.member, item, name)
    elif isinstance(value, str):
        yield from _text_problems(shape, value, name)
    else:
        yield from _out_of_bounds(shape, value, name)


def _text_problems(shape: Shape, value: str, name: str) -> Iterator[str]:
    yield from _out_of_bounds(shape, len(value), f'{name} length')
    pattern = shape.metadata.get('pattern')
    if pattern and not re.fullmatch(pattern, value):
        yield f'{name} must satisfy regex pattern: ^{pattern}$'
    if shape.metadata.get('enum') and value not in shape.metadata['enum']:
        yield f'{name} must be one of: {", ".join(shape.metadata["enum"])}.'


def _out_of_bounds(shape: Shape, number: int, name: str) -> Iterator[str]:
    if 'min' in shape.metadata and number < shape.metadata['min']:
        yield f'{name} must be at least {shape.metadata["min"]}.'
    if 'max' in shape.metadata and number > shape.metadata['max']:
        yield f'{name} must be at most {shape.metadata["max"]}.'


def _joined(parent: str, member: str) -> str:
    """Name a member as the service does: by the attribute, which begins in lower case."""
    own = member[0].lower() + member[1:]
    return f'{parent}.{own}' if parent else own
