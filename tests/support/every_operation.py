"""Every operation in its scenario, on a stage of the emulator; the AWS calls are recorded."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

import boto3
import pytest

from app import app
from chalicelib.http_request import QUERY_METHODS
from chalicelib.operations.routes import OperationRoute, operation_routes
from emulator.iam.calls import ApiCall
from emulator.server import run_in_thread
from ops.stage import json_file
from ops.stage.stage import PROJECT
from tests.support import scenario
from tests.support.aws import calls
from tests.support.people.verified_calls import call

SETTINGS: dict[str, str] = json_file.read(PROJECT / '.chalice' / 'config.json')['stages']['local'][
    'environment_variables'
]
# As a stage is without a role for people.
AS_ITSELF = SETTINGS | {'PERSON_ROLE_ARN': ''}


def ask(method: str, path: str, body: object = None, status: int = 200) -> dict[str, Any]:
    """Call an operation as Jane and return its answer."""
    response = call(app, method, path, body=b'' if body is None else json.dumps(body).encode())
    assert response.status_code == status, response.json_body
    answer: dict[str, Any] = response.json_body
    return answer


def over_http(
    route: OperationRoute, arguments: Mapping[str, Any], status: int = 200
) -> dict[str, Any]:
    """Call an operation by its arguments, wherever HTTP wants them."""
    in_path = {name: quote(str(arguments[name]), safe='') for name in route.path_parameters}
    others = {name: value for name, value in arguments.items() if name not in in_path}
    path = route.path.format(**in_path)
    if route.method in QUERY_METHODS:
        return ask(route.method, f'{path}?{urlencode(others)}', status=status)
    return ask(route.method, path, others, status)


def recorded(settings: Mapping[str, str]) -> list[ApiCall]:
    """Return the AWS calls of every scenario, with settings of a stage; an empty one is not set."""
    routes = {route.operation.id: route for route in operation_routes(app)}
    with run_in_thread() as emulator, pytest.MonkeyPatch.context() as patch:
        patch.setenv('AWS_ENDPOINT_URL', emulator.url)
        for name, value in settings.items():
            patch.setenv(name, value)
        # moto takes its time to load what executes workflows, more than a call may last.
        boto3.client('stepfunctions').list_state_machines()
        scenario.prepare(settings)
        seen: dict[str, dict[str, Any]] = {}
        with calls.recorded() as made:
            for name, each in scenario.every().items():
                status = each.status if each.refused else 200
                seen[name] = over_http(routes[name], each.given(seen), status)
                each.check(seen[name])
                each.more()
    return made
