"""Deployed REST APIs, each stage under /execute-api/<id>/<stage>, with their functions behind."""

import json
import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from moto.apigateway.models import Deployment as MotoDeployment
from moto.apigateway.models import RestAPI, apigateway_backends
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.cognitoidp.models import cognitoidp_backends
from moto.core.models import DEFAULT_ACCOUNT_ID

from emulator.api_gateway.authorizer import PoolKeys
from emulator.api_gateway.definitions import definition_of
from emulator.api_gateway.gateway import Gateway
from emulator.api_gateway.gateway_responses import GatewayResponse
from emulator.api_gateway.rest_api import RestApi, Unsupported
from emulator.lambda_.process import Function, Processes
from emulator.lambda_.proxy import Deployment, FunctionNotPermitted

PATH = re.compile(r'(/execute-api/([a-z0-9]+)/([\w-]+))(?:[/?].*)?', re.DOTALL)
_FUNCTION_ARN = re.compile(r'arn:aws:apigateway:[^/]+/2015-03-31/functions/([^/]+)/invocations')


class DeployedApis:
    """All that is deployed, as a WSGI application; close() it when done."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._processes = Processes()
        self._gateways: dict[tuple[str, str], Gateway] = {}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve a request whose path leads to a stage of an API."""
        app: WSGIApplication
        try:
            app = self._gateway(environ['RAW_URI'])
        except GatewayResponse as answer:
            app = answer.response({})
        except Unsupported as problem:
            app = GatewayResponse(
                'API_CONFIGURATION_ERROR', 500, 'InternalServerErrorException', str(problem)
            ).response({})
        return app(environ, start_response)

    def close(self) -> None:
        """End all functions."""
        self._processes.close()

    def _gateway(self, target: str) -> Gateway:
        """Return what serves a stage as it was deployed."""
        found = PATH.fullmatch(target)
        base_path, api_id, stage_name = found.groups() if found else ('', '', '')
        api = _find_api(api_id)
        stage = api.stages.get(stage_name) if api else None
        if not api or not stage:
            raise GatewayResponse('DEFAULT_4XX', 403, 'ForbiddenException', 'Forbidden')
        deployment = api.deployments[str(stage.deployment_id)]
        key = base_path, deployment.id
        if key not in self._gateways:
            definition = _answering_at(f'{self._url}{base_path}', api, stage_name, deployment)
            where = Deployment(stage_name, api.region_name, api_id, deployment.id, base_path)
            function = partial(self._invoke, api, _function_arn(definition))
            rest_api = RestApi(definition, partial(PoolKeys, endpoint=self._url))
            self._gateways[key] = Gateway(rest_api, function, where)
        return self._gateways[key]

    def _invoke(self, api: RestAPI, function_arn: str, event: bytes, seconds: float) -> bytes:
        """Call the function as it is now, if it lets the API do so."""
        function = _find_function(function_arn)
        if not function or not _permits(function, api, json.loads(event)):
            raise FunctionNotPermitted
        return self._processes.invoke(self._configured(function), event, seconds)

    def _configured(self, function: LambdaFunction) -> Function:
        environment = {
            'AWS_ENDPOINT_URL': self._url,
            **{name: self._here(value) for name, value in function.environment_vars.items()},
        }
        return Function(
            function.function_arn,
            str(function.handler),
            function.code_bytes,
            int(function.memory_size),
            int(function.timeout),
            tuple(sorted(environment.items())),
        )

    def _here(self, value: str) -> str:
        """Return a setting's value, or the emulator's URL for the domain of a pool held here."""
        host = urlsplit(value).hostname or ''
        prefix, _, cognito = host.partition('.auth.')
        for region, backend in cognitoidp_backends[DEFAULT_ACCOUNT_ID].items():
            domain = prefix if cognito == f'{region}.amazoncognito.com' else host
            if domain in backend.user_pool_domains and value == f'https://{host}':
                return self._url
        return value


def _find_api(api_id: str) -> RestAPI | None:
    for backend in list(apigateway_backends[DEFAULT_ACCOUNT_ID].values()):
        if api_id in backend.apis:
            return backend.apis[api_id]
    return None


def _answering_at(
    url: str, api: RestAPI, stage_name: str, deployment: MotoDeployment
) -> dict[str, Any]:
    """Return what was deployed, with the API's address here in the place of the one on AWS."""
    on_aws = f'https://{api.id}.execute-api.{api.region_name}.amazonaws.com/{stage_name}'
    text = json.dumps(definition_of(deployment))
    definition: dict[str, Any] = json.loads(text.replace(on_aws, url))
    return definition


def _function_arn(definition: dict[str, Any]) -> str:
    """Return the ARN of the function behind an API; raises Unsupported if it is not the one."""
    integrations = (
        method['x-amazon-apigateway-integration']
        for methods in definition.get('paths', {}).values()
        for method in methods.values()
    )
    arns = {
        found[1]
        for integration in integrations
        if (found := _FUNCTION_ARN.fullmatch(str(integration.get('uri'))))
    }
    if len(arns) != 1:
        raise Unsupported('Only an API that was imported, with one function behind, is emulated.')
    return arns.pop()


def _find_function(arn: str) -> LambdaFunction | None:
    region, name = arn.split(':')[3], arn.split(':')[6]
    functions = lambda_backends[DEFAULT_ACCOUNT_ID][region].list_functions()
    return next((function for function in functions if function.function_name == name), None)


def _permits(function: LambdaFunction, api: RestAPI, event: dict[str, Any]) -> bool:
    """Tell whether the function's policy lets API Gateway make this call."""
    stage, method = event['requestContext']['stage'], event['httpMethod']
    called = f'arn:aws:execute-api:{api.region_name}:{api.account_id}:{api.id}/{stage}/{method}'
    return any(
        statement['Principal'] == {'Service': 'apigateway.amazonaws.com'}
        and fnmatchcase(f'{called}{event["resource"]}', _source_arn(statement))
        for statement in function.policy.statements
    )


def _source_arn(statement: dict[str, Any]) -> str:
    arn: str = statement.get('Condition', {}).get('ArnLike', {}).get('AWS:SourceArn', '*')
    return arn
