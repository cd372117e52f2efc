"""A REST API: its routes, authorizers, preflight answers and gateway responses.

It is read from a Swagger definition as Chalice uploads it, extensions included:
https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
"""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from emulator.api_gateway import gateway_responses
from emulator.api_gateway.authorizer import CognitoAuthorizer, PoolKeys
from emulator.api_gateway.gateway_responses import Customisations
from emulator.api_gateway.resource_policy import PolicyUnsupported, ResourcePolicy


class Unsupported(Exception):
    """The API asks for what is not emulated, so none of it is served; the message says what."""


class Method(NamedTuple):
    """A method of a resource: who may call it, or the headers of a preflight answer."""

    authorizer: CognitoAuthorizer | None
    preflight_headers: dict[str, str] | None


class Route(NamedTuple):
    """Where a request goes."""

    resource: str
    path_parameters: dict[str, str]
    method: Method


class RestApi:
    """A REST API; raises Unsupported when it cannot be served as it would be on AWS."""

    def __init__(
        self, definition: dict[str, Any], keys_of: Callable[[str], PoolKeys] = PoolKeys
    ) -> None:
        self.binary_types = frozenset(definition.get('x-amazon-apigateway-binary-media-types', ()))
        self.customise(definition.get('x-amazon-apigateway-gateway-responses', {}))
        self.policy = _policy(definition)
        schemes = definition.get('securityDefinitions', {})
        pool_keys = cache(keys_of)
        self._resources = {
            resource: {
                name.upper(): _method(f'{name.upper()} {resource}', described, schemes, pool_keys)
                for name, described in methods.items()
            }
            for resource, methods in sorted(definition['paths'].items(), key=_literal_first)
        }

    def customise(self, responses: Customisations) -> None:
        """Have these gateway responses from now on; raises Unsupported."""
        if problem := gateway_responses.unsupported(responses):
            raise Unsupported(f'Gateway response {problem}')
        self.gateway_responses = responses

    def route(self, method: str, path: str) -> Route | None:
        """Return where a request goes: literal segments win, and a slash at the end is ignored."""
        for resource, methods in self._resources.items():
            path_parameters = _match(_segments(resource), _segments(path))
            if path_parameters is not None:
                found = methods.get(method)
                return Route(resource, path_parameters, found) if found else None
        return None


def _policy(definition: dict[str, Any]) -> ResourcePolicy | None:
    policy = definition.get('x-amazon-apigateway-policy')
    try:
        return ResourcePolicy(policy) if policy else None
    except PolicyUnsupported as problem:
        raise Unsupported(f'Resource policy: {problem}') from problem


def _method(
    name: str, described: Any, schemes: dict[str, Any], pool_keys: Callable[[str], PoolKeys]
) -> Method:
    integration = described['x-amazon-apigateway-integration']
    if integration['type'] == 'mock':
        return Method(None, _preflight_headers(integration))
    security = described.get('security', [])
    if not security:
        return Method(None, None)
    ((scheme_name, scopes),) = security[0].items()
    scheme = schemes[scheme_name]
    if len(security) > 1 or scheme.get('x-amazon-apigateway-authtype') != 'cognito_user_pools':
        raise Unsupported(f'{name}: only a Cognito authorizer alone is emulated.')
    arns = scheme['x-amazon-apigateway-authorizer']['providerARNs']
    return Method(CognitoAuthorizer(scheme['name'], [*map(pool_keys, arns)], scopes), None)


def _preflight_headers(integration: dict[str, Any]) -> dict[str, str]:
    parameters = integration['responses']['default']['responseParameters']
    return {name.rpartition('.')[2]: value.strip("'") for name, value in parameters.items()}


def _segments(path: str) -> list[str]:
    return path.strip('/').split('/')


def _literal_first(path: tuple[str, Any]) -> list[bool]:
    return [segment.startswith('{') for segment in _segments(path[0])]


def _match(expected: list[str], sent: list[str]) -> dict[str, str] | None:
    """Return the path parameters where the paths match, percent-encoded as they were sent."""
    if len(expected) != len(sent):
        return None
    path_parameters = {}
    for segment, value in zip(expected, sent, strict=True):
        if segment.startswith('{') and value:
            path_parameters[segment[1:-1]] = value
        elif segment != value:
            return None
    return path_parameters
