"""Functions behind REST APIs in an emulator, deployed with the calls that any tool makes."""

import io
import json
import os
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import requests

from emulator.lambda_.process import RUNTIME
from emulator.server import Emulator

REGION = 'eu-west-1'
Json = dict[str, Any]

# A function that answers with its event.
ECHO = """
import json

def handler(event, context):
    return {'statusCode': 200, 'body': json.dumps(event)}
"""
# A function that tells what it knows.
TELL = """
import json, os, sys

def handler(event, context):
    answer = {
        'pid': os.getpid(),
        'environment': dict(os.environ),
        'cwd': os.getcwd(),
        'name': context.function_name,
        'arn': context.invoked_function_arn,
        'memory': context.memory_limit_in_mb,
        'log_group': context.log_group_name,
        'request_id': context.aws_request_id,
        'remaining': context.get_remaining_time_in_millis(),
    }
    return {'statusCode': 200, 'body': json.dumps(answer)}
"""
CORS_PREFLIGHT: Json = {
    'x-amazon-apigateway-integration': {
        'type': 'mock',
        'responses': {
            'default': {
                'statusCode': '200',
                'responseParameters': {
                    'method.response.header.Access-Control-Allow-Origin': "'*'",
                },
            }
        },
    }
}


def packed(code: str, **files: str) -> bytes:
    """Return the package of a function whose handler is function.handler."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, 'w') as package:
        for name, text in {'function.py': code, **files}.items():
            package.writestr(name, text)
    return data.getvalue()


@dataclass
class Deployed:
    """A function and the API in front of it."""

    emulator: Emulator
    name: str
    arn: str
    api_id: str

    @property
    def url(self) -> str:
        """Where the API answers."""
        return f'{self.emulator.url}/execute-api/{self.api_id}/live'

    def client(self, service: str) -> Any:
        """Return an operator's client."""
        return operator(self.emulator, service)

    def get(self, path: str = '/open', **asked: Any) -> requests.Response:
        """Call the API."""
        return requests.get(f'{self.url}{path}', timeout=60, **asked)

    def deploy(self) -> None:
        """Put the API as it is now into force."""
        self.client('apigateway').create_deployment(restApiId=self.api_id, stageName='live')


def operator(emulator: Emulator, service: str) -> Any:
    """Return an operator's client of a service."""
    return client(emulator.url, service)


@cache
def client(url: str, service: str) -> Any:
    """Return a client, the same one each time: making one is slow."""
    return _session().client(service, endpoint_url=url)


@cache
def _session() -> Any:
    return boto3.Session('operator', 'operator', region_name=REGION)


def _role(emulator: Emulator) -> str:
    iam = operator(emulator, 'iam')
    try:
        return str(iam.get_role(RoleName='function')['Role']['Arn'])
    except iam.exceptions.NoSuchEntityException:
        may = {'Effect': 'Allow', 'Principal': {'Service': 'lambda.amazonaws.com'}}
        trust = {'Version': '2012-10-17', 'Statement': [{**may, 'Action': 'sts:AssumeRole'}]}
        role = iam.create_role(RoleName='function', AssumeRolePolicyDocument=json.dumps(trust))
        return str(role['Role']['Arn'])


def definition(arn: str, *, pool_arn: str = '', responses: Json | None = None) -> Json:
    """Return an API with an open route, one behind the authorizer, and one with a parameter."""
    uri = f'arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations'
    integration = {'type': 'aws_proxy', 'httpMethod': 'POST', 'uri': uri}
    method: Json = {'x-amazon-apigateway-integration': integration}
    guarded = method | {'security': [{'pool': ['openid', 'email']}]}
    authorizer = {'type': 'cognito_user_pools', 'providerARNs': [pool_arn]}
    return {
        'swagger': '2.0',
        'info': {'title': 'example', 'version': '1.0'},
        'securityDefinitions': {
            'pool': {
                'type': 'apiKey',
                'name': 'Authorization',
                'in': 'header',
                'x-amazon-apigateway-authtype': 'cognito_user_pools',
                'x-amazon-apigateway-authorizer': authorizer,
            }
        }
        if pool_arn
        else {},
        'paths': {
            '/open': {'get': method, 'post': method, 'options': CORS_PREFLIGHT},
            '/things/{thing}': {'get': method},
            **({'/guarded': {'get': guarded}} if pool_arn else {}),
        },
        'x-amazon-apigateway-gateway-responses': responses or {},
    }


def deploy(
    emulator: Emulator, name: str, code: str, *, permitted: bool = True, **asked: Any
) -> Deployed:
    """Create a function and an API in front of it, and deploy that as the stage live."""
    of_definition = {key: asked.pop(key) for key in ('pool_arn', 'responses') if key in asked}
    files = asked.pop('files', {})
    functions = operator(emulator, 'lambda')
    arn = functions.create_function(
        FunctionName=name,
        Runtime=RUNTIME,
        Role=_role(emulator),
        Handler='function.handler',
        Code={'ZipFile': packed(code, **files)},
        **asked,
    )['FunctionArn']
    gateway = operator(emulator, 'apigateway')
    body = json.dumps(definition(arn, **of_definition))
    api_id = gateway.import_rest_api(body=body)['id']
    if permitted:
        functions.add_permission(
            FunctionName=name,
            StatementId='api',
            Action='lambda:InvokeFunction',
            Principal='apigateway.amazonaws.com',
            SourceArn=f'arn:aws:execute-api:{REGION}:123456789012:{api_id}/*',
        )
    deployed = Deployed(emulator, name, arn, api_id)
    deployed.deploy()
    return deployed


def is_running(pid: int) -> bool:
    """Tell whether there is a process of that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
