"""What CloudFormation does with a resource: it calls the API of the resource's service."""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import boto3
from botocore.config import Config
from botocore.model import ListShape, MapShape, Shape, StructureShape

Json = dict[str, Any]

_CONFIG = Config(s3={'addressing_style': 'path'}, retries={'total_max_attempts': 1})
_loading = threading.Lock()


class Failed(Exception):
    """A resource can't be made, changed or deleted as it should; the message says why."""


@dataclass(frozen=True)
class Made:
    """A resource that is there: what Ref gives of it, and what Fn::GetAtt does."""

    id: str
    attributes: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Where:
    """An account's Region on this machine, and the stack that resources are made for."""

    url: str
    region: str
    account: str
    stack_name: str

    def client(self, service: str) -> Any:
        """Return a boto3 client."""
        with _loading:  # a session makes one client at a time
            return _client(self.url, self.region, service)


@cache
def _client(url: str, region: str, service: str) -> Any:
    return _session(region).client(service, endpoint_url=url, config=_CONFIG)


@cache
def _session(region: str) -> Any:
    return boto3.Session('cloudformation', 'cloudformation', region_name=region)


class Handler(ABC):
    """How a resource of a type is made, changed and deleted.

    ``name`` is for a resource that needs one and whose properties have none. ``made`` and
    ``before`` are the resource that is there and the properties it has, for update and delete.
    """

    service: str

    def __init__(
        self,
        where: Where,
        name: str,
        properties: Json,
        made: Made | None = None,
        before: Json | None = None,
    ) -> None:
        self.where = where
        self.name = name
        self.properties = properties
        self.made = made or Made('')
        self.before = before or {}

    @abstractmethod
    def create(self) -> Made:
        """Make the resource."""

    @abstractmethod
    def update(self) -> Made:
        """Change the resource; whatever would need another one in its place is as before."""

    @abstractmethod
    def delete(self) -> None:
        """Delete the resource."""

    @property
    def changed(self) -> set[str]:
        """The names of the properties that differ from before."""
        return changed(self.before, self.properties)

    def without(self, *names: str) -> Json:
        """Return the properties but for these."""
        return {name: value for name, value in self.properties.items() if name not in names}

    def call(self, operation: str, **parameters: Any) -> Any:
        """Call the service, with numbers and booleans as it has them whatever the template has."""
        client = self.where.client(self.service)
        api_name = client.meta.method_to_api_mapping[operation]
        shape = client.meta.service_model.operation_model(api_name).input_shape
        given = {name: value for name, value in parameters.items() if value is not None}
        return getattr(client, operation)(**_coerced(shape, given))


def refuse(properties: Json) -> None:
    """Raise Failed when there are properties that nothing is done with."""
    if properties:
        raise Failed(f'Encountered unsupported property {", ".join(sorted(properties))}')


def changed(before: Json, after: Json) -> set[str]:
    """Return the names of the properties that differ."""
    return {name for name in before | after if before.get(name) != after.get(name)}


def _coerced(shape: Shape | None, value: Any) -> Any:
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {name: _coerced(shape.members.get(name), member) for name, member in value.items()}
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_coerced(shape.member, item) for item in value]
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return {name: _coerced(shape.value, item) for name, item in value.items()}
    kind = shape.type_name if shape else ''
    if kind == 'boolean' and value in ('true', 'false'):
        return value == 'true'
    if kind in ('integer', 'long') and isinstance(value, str):
        return int(value)
    if kind in ('float', 'double') and isinstance(value, (str, int)):
        return float(value)
    if kind == 'string' and isinstance(value, (bool, int, float)):
        return str(value).lower()
    return value
