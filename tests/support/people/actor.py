"""Somebody with groups, who calls operations over HTTP and MCP as API Gateway hands calls on."""

import json
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple
from urllib.parse import quote

from chalice.local import LambdaContext

from app import app
from chalicelib.http_request import QUERY_METHODS
from chalicelib.identity import Caller
from chalicelib.operations.routes import OperationRoute, operation_routes
from emulator.sample import people
from tests.support.mcp.calls import call_tool
from tests.support.people.verified_calls import JANE as CLAIMS
from tests.support.people.verified_calls import proxy_event, token_with

Front = Literal['HTTP', 'MCP']
FRONTS: tuple[Front, ...] = ('HTTP', 'MCP')


class Answer(NamedTuple):
    """What an operation answers, or the code of the error that it answers instead."""

    error: str
    body: dict[str, Any]


class Actor(NamedTuple):
    """A person as their access token has them."""

    sub: str
    groups: tuple[str, ...] = ()

    @property
    def caller(self) -> Caller:
        """The person as the app knows them."""
        scopes = frozenset(CLAIMS['scope'].split())
        return Caller(self.sub, self.sub, CLAIMS['client_id'], scopes, self.groups)

    def ask(self, front: Front, operation_id: str, **arguments: Any) -> Answer:
        """Call an operation."""
        claims = CLAIMS | {'sub': self.sub, 'username': self.sub}
        listed = {'cognito:groups': list(self.groups)} if self.groups else {}
        joined = {'cognito:groups': ','.join(self.groups)} if self.groups else {}
        token = token_with({**claims, **listed})
        if front == 'MCP':
            result = call_tool(operation_id, arguments, claims=claims | joined, token=token)
            body = json.loads(result['content'][0]['text'])
            return Answer(body['Code'] if result['isError'] else '', body)
        return _over_http(_route(operation_id), arguments, claims | joined, token)


JANE, OMAR = (Actor(each.sub, each.groups) for each in (people.JANE, people.OMAR))


def _route(operation_id: str) -> OperationRoute:
    (found,) = (each for each in operation_routes(app) if each.operation.id == operation_id)
    return found


def _over_http(
    route: OperationRoute, arguments: Mapping[str, Any], claims: dict[str, str], token: str
) -> Answer:
    event = proxy_event(claims, path=route.path, token=token)
    event['httpMethod'] = event['requestContext']['httpMethod'] = route.method
    in_path = {name: quote(str(arguments[name]), safe='') for name in route.path_parameters}
    others = {name: value for name, value in arguments.items() if name not in in_path}
    event['pathParameters'] = in_path or None
    if route.method in QUERY_METHODS:
        query = {name: [str(value)] for name, value in others.items()}
        event['multiValueQueryStringParameters'] = query or None
    else:
        event['body'] = json.dumps(others)
    answer = app(event, LambdaContext('aws-middleware-test', memory_size=128))
    body = json.loads(answer['body'])
    return Answer(body['Code'] if answer['statusCode'] >= 400 else '', body)
