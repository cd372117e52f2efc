"""Files of the project that people edit or Chalice writes, as far as commands rely on them."""

from pathlib import Path
from typing import Annotated, Any, TypedDict, TypeVar

import msgspec
from msgspec import Meta

from ops.stage import json_file

# API Gateway has it between single quotes.
Header = Annotated[str, Meta(pattern=r"^[^'\r\n]*\Z")]

T = TypeVar('T')


class _Stage(TypedDict, total=False):
    environment_variables: dict[str, str]
    capabilities: list[str]


class _Config(_Stage):
    app_name: str
    stages: dict[str, _Stage]


class _Deployed(TypedDict):
    resources: list[dict[str, Any]]


class Tls(TypedDict):
    """Which TLS the API takes."""

    security_policy: str
    endpoint_access_mode: str


class Throttling(TypedDict):
    """How many calls the API takes, a second and at once."""

    rate_limit: int | float
    burst_limit: int


class AccessLog(TypedDict):
    """What of each call is logged, and for how long."""

    format: dict[str, str]
    retention_days: int


class Gateway(TypedDict):
    """Settings of API Gateway beside the routes."""

    tls: Tls
    throttling: Throttling
    access_log: AccessLog
    responses: dict[str, dict[str, Header]]


def config(project: Path) -> dict[str, Any]:
    """Return .chalice/config.json; raises FileRefused."""
    file = project / '.chalice' / 'config.json'
    content = json_file.read(file)
    _in_shape(file, content, _Config)
    return content


def gateway(project: Path) -> Gateway:
    """Return .chalice/gateway.json; raises FileRefused."""
    file = project / '.chalice' / 'gateway.json'
    return _in_shape(file, json_file.read(file), Gateway)


def deployed(project: Path, stage: str) -> list[dict[str, Any]]:
    """Return what `chalice deploy` recorded that it made of a stage; raises FileRefused."""
    file = project / '.chalice' / 'deployed' / f'{stage}.json'
    return _in_shape(file, json_file.read(file), _Deployed)['resources'] if file.exists() else []


def _in_shape(file: Path, content: dict[str, Any], shape: type[T]) -> T:
    try:
        return msgspec.convert(content, shape)
    except msgspec.ValidationError as error:
        raise json_file.FileRefused(f'{file}: {error}') from error
