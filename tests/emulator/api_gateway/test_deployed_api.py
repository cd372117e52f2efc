"""Deployed APIs and the processes of their functions, over HTTP."""

import json
import logging
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from emulator.server import Emulator, run_in_thread
from ops.gateway import ip_allow_list
from tests.support.raw_http import send
from tests.support.stages.deployed_function import (
    ECHO,
    REGION,
    TELL,
    Deployed,
    definition,
    deploy,
    is_running,
    operator,
    packed,
)

CALLS = {'Principal': '*', 'Action': 'execute-api:Invoke', 'Resource': 'execute-api:/*'}
DENIAL = {'Statement': [{'Effect': effect, **CALLS} for effect in ('Allow', 'Deny')]}


@pytest.fixture(scope='module')
def emulator() -> Iterator[Emulator]:
    with run_in_thread() as emulator:
        yield emulator


@pytest.fixture(scope='module')
def pool(emulator: Emulator) -> Any:
    """A pool in the Region of the function, with a client and a person."""
    cognito = operator(emulator, 'cognito-idp')
    pool = cognito.create_user_pool(PoolName='pool', UsernameAttributes=['email'])['UserPool']
    client = cognito.create_user_pool_client(
        UserPoolId=pool['Id'],
        ClientName='client',
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=['code'],
        AllowedOAuthScopes=['openid', 'email'],
        CallbackURLs=['https://app.example/callback'],
    )['UserPoolClient']
    cognito.admin_create_user(UserPoolId=pool['Id'], Username='joe@example.com')
    return pool | {'ClientId': client['ClientId']}


@pytest.fixture(scope='module')
def echo(emulator: Emulator, pool: Any) -> Deployed:
    return deploy(emulator, 'echo', ECHO, pool_arn=pool['Arn'])


@pytest.fixture(scope='module')
def teller(emulator: Emulator) -> Deployed:
    return deploy(
        emulator, 'teller', TELL, MemorySize=512, Timeout=9, Environment={'Variables': {'OWN': '1'}}
    )


@pytest.fixture
def name() -> str:
    return f'function-{uuid.uuid4()}'


def answer_of(deployed: Deployed) -> Any:
    """Return what TELL tells."""
    return deployed.get().json()


def test_event_tells_where_the_api_is(echo: Deployed) -> None:
    event = echo.get('/things/a%2Fb?x=1').json()

    context = event['requestContext']
    base = f'/execute-api/{echo.api_id}/live'
    deployment = echo.client('apigateway').get_stage(restApiId=echo.api_id, stageName='live')
    assert (event['resource'], event['path']) == ('/things/{thing}', '/things/a%2Fb')
    assert event['pathParameters'] == {'thing': 'a%2Fb'}
    assert event['queryStringParameters'] == {'x': '1'}
    assert (context['apiId'], context['stage']) == (echo.api_id, 'live')
    assert context['deploymentId'] == deployment['deploymentId']
    assert context['path'] == f'{base}/things/a%2Fb'
    assert context['domainName'] == urlsplit(echo.url).netloc
    proto = event['headers']['X-Forwarded-Proto']
    path = context['path'].removesuffix(event['path'])
    assert f'{proto}://{context["domainName"]}{path}' == echo.url


@pytest.mark.parametrize('path', ['', '/', '/nowhere', '/open/more', '/OPEN'])
def test_unknown_path_is_403_about_a_missing_token(path: str, echo: Deployed) -> None:
    answer = echo.get(path)

    assert (answer.status_code, answer.content) == (
        403,
        b'{"message":"Missing Authentication Token"}',
    )


@pytest.mark.parametrize('path', ['/execute-api/{id}/dead/open', '/execute-api/nope/live/open'])
def test_unknown_stage_or_api_is_forbidden(path: str, echo: Deployed) -> None:
    url = echo.emulator.url + path.format(id=echo.api_id)
    answer = requests.get(url, timeout=10)

    assert (answer.status_code, answer.content) == (403, b'{"message":"Forbidden"}')
    assert answer.headers['x-amzn-ErrorType'] == 'ForbiddenException'


def test_preflight_needs_no_token(echo: Deployed) -> None:
    answer = requests.options(f'{echo.url}/open', timeout=10)

    assert (answer.status_code, answer.headers['Access-Control-Allow-Origin']) == (200, '*')


def test_tokens_of_the_pool_are_let_in_and_no_others(
    echo: Deployed, pool: Any, emulator: Emulator
) -> None:
    issue = emulator.tokens.issue_for
    good = issue(pool['ClientId'], 'joe@example.com', 'openid email')
    other_pool = issue(emulator.client_id, 'jane@example.com', 'openid email')

    def status(token: str | int | None) -> int:
        headers = {'Authorization': f'Bearer {token}'} if token else {}
        return echo.get('/guarded', headers=headers).status_code

    assert status(good['access_token']) == 200
    assert status(good['id_token']) == 401
    assert status(other_pool['access_token']) == 401
    assert status('garbage') == 401
    assert status(None) == 401


def test_claims_reach_the_function(echo: Deployed, pool: Any, emulator: Emulator) -> None:
    token = emulator.tokens.issue_for(pool['ClientId'], 'joe@example.com', 'openid')['access_token']

    event = echo.get('/guarded', headers={'Authorization': f'Bearer {token}'}).json()

    claims = event['requestContext']['authorizer']['claims']
    assert (claims['client_id'], claims['scope']) == (pool['ClientId'], 'openid')
    assert claims['iss'] == f'{emulator.url}/{pool["Id"]}'


def test_gateway_response_is_in_force_when_it_is_deployed(
    emulator: Emulator, pool: Any, name: str
) -> None:
    imported = {'responseParameters': {'gatewayresponse.header.X-From': "'imported'"}}
    api = deploy(emulator, name, ECHO, pool_arn=pool['Arn'], responses={'DEFAULT_4XX': imported})
    gateway = api.client('apigateway')

    assert api.get('/guarded').headers['X-From'] == 'imported'
    gateway.put_gateway_response(
        restApiId=api.api_id,
        responseType='UNAUTHORIZED',
        responseParameters={
            'gatewayresponse.header.WWW-Authenticate': (
                f"'Bearer x=https://{api.api_id}.execute-api.{REGION}.amazonaws.com/live/y'"
            )
        },
    )
    assert 'WWW-Authenticate' not in api.get('/guarded').headers

    api.deploy()
    assert api.get('/guarded').headers['WWW-Authenticate'] == f'Bearer x={api.url}/y'
    assert 'X-From' not in api.get('/guarded').headers
    assert api.get('/nowhere').headers['X-From'] == 'imported'


def test_new_definition_takes_gateway_responses_away_and_leaves_the_stage(
    emulator: Emulator, name: str
) -> None:
    api = deploy(emulator, name, ECHO)
    gateway = api.client('apigateway')
    gateway.put_gateway_response(
        restApiId=api.api_id,
        responseType='DEFAULT_4XX',
        responseParameters={'gatewayresponse.header.X-From': "'put'"},
    )
    gateway.update_stage(
        restApiId=api.api_id,
        stageName='live',
        patchOperations=[
            {'op': 'replace', 'path': '/*/*/throttling/rateLimit', 'value': '7'},
        ],
    )
    api.deploy()
    assert api.get('/nowhere').headers['X-From'] == 'put'

    gateway.put_rest_api(
        restApiId=api.api_id, mode='overwrite', body=json.dumps(definition(api.arn))
    )
    assert api.get('/nowhere').headers['X-From'] == 'put'
    api.deploy()

    assert 'X-From' not in api.get('/nowhere').headers
    stage = gateway.get_stage(restApiId=api.api_id, stageName='live')
    assert stage['methodSettings']['*/*']['throttlingRateLimit'] == 7


def test_resource_policy_is_asked_after_the_sign_in(
    emulator: Emulator, pool: Any, name: str
) -> None:
    api = deploy(emulator, name, ECHO, pool_arn=pool['Arn'])
    token = emulator.tokens.issue_for(pool['ClientId'], 'joe@example.com', 'openid')['access_token']
    headers = {'Authorization': f'Bearer {token}'}
    _set_policy(api, json.dumps(ip_allow_list.resource_policy(['8.8.8.0/24'])))
    assert api.get('/guarded', headers=headers).status_code == 200

    api.deploy()

    method = f'arn:aws:execute-api:{REGION}:********9012:{api.api_id}/live/GET'
    message = 'User: anonymous is not authorized to perform: execute-api:Invoke on resource: '
    refused = api.get('/guarded', headers=headers)
    assert refused.status_code == 403
    assert refused.text == f'{{"Message":"{message}{method}/guarded"}}'
    assert refused.headers['x-amzn-ErrorType'] == 'AccessDeniedException'
    assert api.get('/guarded').status_code == 401
    assert f'{method}/open' in api.get('/open').text
    assert requests.options(f'{api.url}/open', timeout=10).status_code == 403

    _set_policy(api, json.dumps(ip_allow_list.resource_policy(['127.0.0.0/8'])))
    api.deploy()
    assert api.get('/guarded', headers=headers).status_code == 200


@pytest.mark.parametrize(
    ('policy', 'status', 'message'),
    [
        (json.dumps(DENIAL), 403, 'with an explicit deny"}'),
        ('x', 500, 'Resource policy: it is no policy.'),
    ],
)
def test_policy_that_lets_nobody_in(
    policy: str, status: int, message: str, emulator: Emulator, name: str
) -> None:
    api = deploy(emulator, name, ECHO)
    _set_policy(api, policy)
    api.deploy()

    answer = api.get()

    assert (answer.status_code, message in answer.text) == (status, True)


def _set_policy(api: Deployed, text: str) -> None:
    api.client('apigateway').update_rest_api(
        restApiId=api.api_id,
        patchOperations=[{'op': 'replace', 'path': '/policy', 'value': text}],
    )


def test_api_that_was_not_imported_says_why_it_is_not_served(emulator: Emulator) -> None:
    gateway = operator(emulator, 'apigateway')
    api_id = gateway.create_rest_api(name='made by hand')['id']
    (root,) = gateway.get_resources(restApiId=api_id)['items']
    where = {'restApiId': api_id, 'resourceId': root['id'], 'httpMethod': 'GET'}
    gateway.put_method(**where, authorizationType='NONE')
    gateway.put_integration(**where, type='MOCK', integrationHttpMethod='POST')
    gateway.create_deployment(restApiId=api_id, stageName='live')

    answer = requests.get(f'{emulator.url}/execute-api/{api_id}/live', timeout=10)

    assert (answer.status_code, answer.json()['message']) == (
        500,
        'Only an API that was imported, with one function behind, is emulated.',
    )


def test_log_cannot_be_switched_on_without_a_role_to_write_it(echo: Deployed) -> None:
    gateway = echo.client('apigateway')
    path = '/accessLogSettings/destinationArn'
    patch = [{'op': 'replace', 'path': path, 'value': 'arn:aws:logs:eu-west-1:1:log-group:x'}]
    with pytest.raises(gateway.exceptions.BadRequestException, match='role ARN must be set'):
        gateway.update_stage(restApiId=echo.api_id, stageName='live', patchOperations=patch)


def test_definition_of_another_kind_is_refused(emulator: Emulator, echo: Deployed) -> None:
    gateway = operator(emulator, 'apigateway')
    refused = gateway.exceptions.BadRequestException

    with pytest.raises(refused, match=r'Only definitions in Swagger 2\.0'):
        gateway.import_rest_api(body=json.dumps({'openapi': '3.0.1', 'info': {}, 'paths': {}}))
    with pytest.raises(refused, match='Only the mode overwrite'):
        gateway.put_rest_api(restApiId=echo.api_id, body=json.dumps(definition(echo.arn)))


def test_function_runs_as_in_lambda(teller: Deployed, emulator: Emulator) -> None:
    answer = answer_of(teller)

    environment = answer['environment']
    assert answer['name'] == environment['AWS_LAMBDA_FUNCTION_NAME'] == 'teller'
    assert answer['arn'] == teller.arn
    assert (answer['memory'], answer['log_group']) == ('512', '/aws/lambda/teller')
    assert 0 < answer['remaining'] <= 9000
    assert environment['OWN'] == '1'
    assert environment['AWS_REGION'] == REGION
    assert environment['AWS_ENDPOINT_URL'] == emulator.url
    assert environment['AWS_ACCESS_KEY_ID'] == 'function'
    assert environment['LAMBDA_TASK_ROOT'] == answer['cwd']
    # Nothing of this process is the function's.
    assert 'COGNITO_USER_POOL_ARN' not in environment
    assert 'HOME' not in environment
    assert uuid.UUID(answer['request_id'])


def test_function_imports_its_own_code_and_what_lambda_has(emulator: Emulator, name: str) -> None:
    code = """
import importlib, json

import boto3
import own

def handler(event, context):
    found = {}
    for name in ('emulator', 'chalice', 'moto', 'flask', 'requests', 'sqlglot', 'tests', 'app'):
        try:
            importlib.import_module(name)
            found[name] = True
        except ImportError:
            pass
    buckets = boto3.client('s3').list_buckets()['Buckets']
    answer = {'found': found, 'own': own.VALUE, 'buckets': [b['Name'] for b in buckets]}
    return {'statusCode': 200, 'body': json.dumps(answer)}
"""
    api = deploy(emulator, name, code, files={'own.py': 'VALUE = 7'}, Timeout=60)

    answer = api.get().json()

    assert (answer['found'], answer['own']) == ({}, 7)
    assert 'sample-documents' in answer['buckets']


@pytest.mark.parametrize(
    ('value', 'here'),
    [
        ('https://held-here.auth.eu-west-1.amazoncognito.com', True),
        ('https://held-here.auth.us-east-1.amazoncognito.com', False),
        ('https://elsewhere.auth.eu-west-1.amazoncognito.com', False),
        ('https://held-here.auth.eu-west-1.amazoncognito.com/path', False),
        ('https://sign-in.example.com', True),
        ('https://www.example.com', False),
        ('held-here', False),
        ('', False),
    ],
)
def test_address_of_sign_in_pages_held_here_is_the_one_here(
    value: str, here: bool, teller: Deployed, pool: Any, emulator: Emulator
) -> None:
    cognito = operator(emulator, 'cognito-idp')
    there = {d['Domain'] for d in _domains(cognito, pool)}
    if not there:
        cognito.create_user_pool_domain(UserPoolId=pool['Id'], Domain='held-here')
        cognito.create_user_pool_domain(
            UserPoolId=pool['Id'],
            Domain='sign-in.example.com',
            CustomDomainConfig={
                'CertificateArn': 'arn:aws:acm:us-east-1:123456789012:certificate/x'
            },
        )
    teller.client('lambda').update_function_configuration(
        FunctionName='teller', Environment={'Variables': {'COGNITO_DOMAIN_URL': value}}
    )

    environment = answer_of(teller)['environment']

    assert environment['COGNITO_DOMAIN_URL'] == (emulator.url if here else value)


def _domains(cognito: Any, pool: Any) -> list[Any]:
    described = cognito.describe_user_pool_domain(Domain='held-here')['DomainDescription']
    return [described] if described.get('UserPoolId') == pool['Id'] else []


def test_process_is_kept_until_code_or_settings_change(emulator: Emulator, name: str) -> None:
    api = deploy(emulator, name, TELL)
    functions = api.client('lambda')
    first = answer_of(api)['pid']

    assert answer_of(api)['pid'] == first
    functions.update_function_configuration(FunctionName=name, MemorySize=256)
    second = answer_of(api)
    functions.update_function_code(FunctionName=name, ZipFile=packed(TELL + '\n# changed'))
    third = answer_of(api)

    assert (second['memory'], third['memory']) == ('256', '256')
    assert len({first, second['pid'], third['pid']}) == 3
    assert not is_running(first)
    assert not is_running(second['pid'])


FAILURES = {
    'raises': "def handler(event, context):\n    raise LookupError('secret')",
    'exits': 'import os\n\ndef handler(event, context):\n    os._exit(1)',
    'leaves': 'import sys\n\ndef handler(event, context):\n    sys.exit(1)',
    'is not importable': 'import no_such_module',
    'has no handler': 'x = 1',
    'is no Python': 'def',
    'answers what is no JSON': 'def handler(event, context):\n    return {1, 2}',
    'answers what is no response': 'def handler(event, context):\n    return 7',
    'answers nothing': 'def handler(event, context):\n    pass',
    'answers too much': "def handler(e, c):\n    return {'statusCode': 200, 'body': 'x' * 10**7}",
    'takes too long': 'import time\n\ndef handler(event, context):\n    time.sleep(60)',
    'writes elsewhere': "import os\n\ndef handler(e, c):\n    os.write(1, b'x')\n    raise OSError",
}


@pytest.mark.parametrize('code', FAILURES.values(), ids=FAILURES)
def test_failing_function_is_502_and_can_be_mended(
    code: str, emulator: Emulator, name: str
) -> None:
    api = deploy(emulator, name, code, Timeout=1)

    for _ in range(2):
        answer = api.get()
        assert (answer.status_code, answer.content) == (
            502,
            b'{"message": "Internal server error"}',
        )
    api.client('lambda').update_function_code(FunctionName=name, ZipFile=packed(ECHO))

    assert api.get().status_code == 200


def test_function_that_prints_still_answers(emulator: Emulator, name: str) -> None:
    code = "def handler(event, context):\n    print('{}')\n    return {'statusCode': 204}"

    assert deploy(emulator, name, code).get().status_code == 204


@pytest.mark.parametrize('how', ['not permitted', 'deleted'])
def test_function_that_may_not_be_called_is_500(how: str, emulator: Emulator, name: str) -> None:
    api = deploy(emulator, name, ECHO, permitted=how != 'not permitted')
    if how == 'deleted':
        api.client('lambda').delete_function(FunctionName=name)

    answer = api.get()

    assert (answer.status_code, answer.content) == (500, b'{"message": "Internal server error"}')


def test_body_that_lambda_does_not_take_is_413(echo: Deployed) -> None:
    answer = requests.post(f'{echo.url}/open', b'x' * 7_000_000, timeout=20)

    assert answer.status_code == 413


def test_calls_at_the_same_time_have_processes_of_their_own(
    emulator: Emulator, name: str, tmp_path: Path
) -> None:
    code = f"""
import os, time
from pathlib import Path

def handler(event, context):
    Path({str(tmp_path)!r}, str(os.getpid())).touch()
    while len(os.listdir({str(tmp_path)!r})) < 2:
        time.sleep(0.01)
    return {{'statusCode': 200, 'body': str(os.getpid())}}
"""
    api = deploy(emulator, name, code, Timeout=60)

    with ThreadPoolExecutor(2) as callers:
        pids = {answer.text for answer in callers.map(lambda _: api.get(), range(2))}

    assert len(pids) == 2


@pytest.mark.parametrize(
    'headers',
    [
        {'Host': 'evil.example'},
        {'Origin': 'https://evil.example'},
        {'Origin': 'null'},
    ],
)
def test_page_elsewhere_cannot_call_an_api(headers: dict[str, str], echo: Deployed) -> None:
    assert echo.get(headers=headers).status_code == 403
    assert 'httpMethod' not in echo.get(headers=headers).text
    assert echo.get(headers={'Origin': 'http://localhost:3000'}).status_code == 200


@pytest.mark.parametrize('headers', [{'Host': 'evil.example'}, {'Origin': 'https://evil.example'}])
def test_page_elsewhere_cannot_make_stacks(headers: dict[str, str], emulator: Emulator) -> None:
    scope = 'AWS4-HMAC-SHA256 Credential=x/20260101/eu-west-1/cloudformation/aws4_request, S=x'
    answer = requests.post(
        emulator.url,
        {'Action': 'ListStacks', 'Version': '2010-05-15'},
        headers={'Authorization': scope, **headers},
        timeout=10,
    )

    assert answer.status_code == 403


def test_log_has_neither_path_nor_query_nor_headers(
    echo: Deployed, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger='emulator')

    echo.get('/things/jane@example.com?email=jane@example.com', headers={'Cookie': 'secret'})
    send(
        echo.emulator.url,
        f'GET /execute-api/{echo.api_id}/live/%zz?jane HTTP/1.1',
        'Host: localhost',
    )

    assert 'jane' not in caplog.text
    assert 'secret' not in caplog.text
    assert f'GET /execute-api/{echo.api_id}/live 200' in caplog.text
    assert '200 GET /things/{thing} ' in caplog.text
