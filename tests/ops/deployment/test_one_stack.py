"""The one stack: row by row what the document asks that this is built after, and what was added."""

import copy
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

import capabilities
from chalicelib import settings
from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from ops.deployment.one_stack import one_stack
from ops.deployment.package import build
from ops.gateway import ip_allow_list
from ops.stage import json_file, variables
from ops.stage.stage import StageNotUsable, enter_stage
from tests.support.stages import templates
from tests.support.stages.templates import (
    ACCOUNT,
    EXISTING,
    REGION,
    SECRET,
    VPC,
    WORKGROUP,
    properties,
    resolved,
)

RESOURCES = templates.resources()
OVERLAY = templates.read('.chalice/overlay.json')
GATEWAY = templates.read('.chalice/gateway.json')
METADATA = '/.well-known/oauth-protected-resource'
API = f'https://RestAPI.execute-api.{REGION}.amazonaws.com/dev'


@pytest.fixture(scope='module')
def template(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the one stack's template of the stage dev."""
    return packaged(tmp_path_factory.mktemp('out'))


@pytest.fixture(scope='module')
def new(template: dict[str, Any]) -> dict[str, Any]:
    """Return what the template makes with no parameter given."""
    return resolved(template)


def packaged(out: Path, project: Path = templates.ROOT, stage: str = 'dev') -> dict[str, Any]:
    """Package a stage of a project and return its template."""
    build(enter_stage(stage, project=project), out)
    content: dict[str, Any] = json.loads((out / 'sam.json').read_text())
    return content


def operation(template: dict[str, Any], path: str, method: str) -> dict[str, Any]:
    """Return an operation of the API's definition."""
    found: dict[str, Any] = definition(template)['paths'][path][method]
    return found


def definition(template: dict[str, Any]) -> dict[str, Any]:
    """Return the API's definition."""
    found: dict[str, Any] = properties(template, 'RestAPI')['DefinitionBody']
    return found


def outputs(template: dict[str, Any]) -> dict[str, str]:
    """Return the values of the outputs."""
    return {name: output['Value'] for name, output in template['Outputs'].items()}


# Each row of the template that this replaces, and of its sibling for Redshift -------------------


@pytest.mark.parametrize(
    ('resource', 'key', 'value'),
    [
        ('UserPool', 'UserPoolName', 'MyCognitoUserPool'),
        ('UserPool', 'UsernameAttributes', ['email']),
        ('UserPoolClient', 'ClientName', 'MyCognitoUserPoolClient'),
        ('UserPoolClient', 'UserPoolId', 'UserPool'),
        ('UserPoolClient', 'GenerateSecret', True),
        ('UserPoolClient', 'AllowedOAuthFlows', ['code']),
        ('UserPoolClient', 'AllowedOAuthFlowsUserPoolClient', True),
        ('UserPoolClient', 'AllowedOAuthScopes', ['openid', 'email', 'profile']),
        ('UserPoolClient', 'CallbackURLs', ['http://localhost:8765/callback']),
        ('UserPoolDomain', 'Domain', f'middleware-dev-{ACCOUNT}'),
        ('UserPoolDomain', 'ManagedLoginVersion', '2'),
        ('UserPoolBranding', 'ClientId', 'UserPoolClient'),
        ('UserPoolBranding', 'UseCognitoProvidedValues', True),
        ('RestAPI', 'StageName', 'dev'),
        ('APIHandler', 'Handler', 'app.app'),
        ('APIHandler', 'Timeout', 45),
        ('APIHandler', 'Architectures', ['x86_64']),
    ],
)
def test_resource_is_as_asked(new: dict[str, Any], resource: str, key: str, value: object) -> None:
    assert properties(new, resource)[key] == value


def test_function_runs_on_python_3_11_or_newer(new: dict[str, Any]) -> None:
    """Chalice takes the version that it runs on itself."""
    version = properties(new, 'APIHandler')['Runtime'].removeprefix('python3.')

    assert int(version) >= 11


@pytest.mark.parametrize(
    ('parameter', 'resource', 'keys', 'value'),
    [
        ('UserPoolName', 'UserPool', ['UserPoolName'], 'people'),
        ('UserPoolClientName', 'UserPoolClient', ['ClientName'], 'gpt'),
        (
            'PasswordMinimumLength',
            'UserPool',
            ['Policies', 'PasswordPolicy', 'MinimumLength'],
            '20',
        ),
        ('MemorySize', 'APIHandler', ['MemorySize'], '1024'),
        ('ReservedConcurrency', 'APIHandler', ['ReservedConcurrentExecutions'], '20'),
    ],
)
def test_parameter_says_it(
    template: dict[str, Any], parameter: str, resource: str, keys: list[str], value: str
) -> None:
    found: Any = properties(resolved(template, {parameter: value}), resource)
    for key in keys:
        found = found[key]

    assert found == value


def test_post_my_route_is_behind_the_authorizer_with_its_scopes(new: dict[str, Any]) -> None:
    assert operation(new, '/my_route', 'post')['security'] == [
        {'cognito': ['openid', 'email', 'profile']}
    ]
    authorizer = definition(new)['securityDefinitions']['cognito']
    assert (authorizer['type'], authorizer['in'], authorizer['name']) == (
        'apiKey',
        'header',
        'Authorization',
    )
    assert authorizer['x-amazon-apigateway-authorizer'] == {
        'type': 'cognito_user_pools',
        'providerARNs': ['UserPool.Arn'],
    }


def test_my_route_answers_preflight_requests(new: dict[str, Any]) -> None:
    preflight = operation(new, '/my_route', 'options')
    answer = preflight['x-amazon-apigateway-integration']['responses']['default']

    assert 'security' not in preflight
    assert answer['responseParameters'] == {
        'method.response.header.Access-Control-Allow-Methods': "'POST,OPTIONS'",
        'method.response.header.Access-Control-Allow-Origin': "'*'",
        'method.response.header.Access-Control-Allow-Headers': (
            "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'"
        ),
    }


def test_outputs_say_where_and_what(new: dict[str, Any]) -> None:
    found = outputs(new)

    assert {
        'EndpointUrl': f'{API}/my_route',
        'ApiUrl': API,
        'RestApiId': 'RestAPI',
        'FunctionArn': 'APIHandler.Arn',
        'FunctionRoleArn': 'ApiHandlerRole.Arn',
        'CognitoUserPoolArn': 'UserPool.Arn',
    }.items() <= found.items()
    assert set(found) == {
        *('EndpointUrl', 'ApiUrl', 'RestApiId', 'FunctionArn', 'FunctionRoleArn'),
        *outputs(resolved(RESOURCES)),
    }


def test_function_runs_in_the_vpc_that_is_given(template: dict[str, Any]) -> None:
    inside = resolved(template, VPC)

    assert properties(inside, 'APIHandler')['VpcConfig'] == {
        'SubnetIds': ['subnet-1a2b3c4d', 'subnet-5e6f7a8b'],
        'SecurityGroupIds': ['sg-1a2b3c4d'],
    }
    sids = {statement['Sid'] for statement in statements(inside)}
    assert {'SeeNetworks', 'JoinTheVpc', 'LeaveTheVpcToLambda'} <= sids


def test_subnets_without_security_groups_are_refused(template: dict[str, Any]) -> None:
    subnets = {'VpcSubnetIds': VPC['VpcSubnetIds']}

    assert templates.refusal(template, VPC) == ''
    assert templates.refusal(template, subnets).endswith('VpcSubnetIds needs VpcSecurityGroupIds.')


def test_function_has_the_redshift_settings_that_are_given(template: dict[str, Any]) -> None:
    variables = properties(resolved(template, WORKGROUP), 'APIHandler')['Environment']['Variables']

    assert {name: value for name, value in variables.items() if 'REDSHIFT' in name} == {
        'REDSHIFT_WORKGROUP_NAME': 'shop',
        'REDSHIFT_DATABASE': 'dev',
        'REDSHIFT_SECRET_ARN': SECRET,
    }


# The parts fit together -------------------------------------------------------------------------


@pytest.mark.parametrize('section', ['Parameters', 'Rules', 'Conditions', 'Resources', 'Outputs'])
def test_nothing_is_defined_twice(section: str) -> None:
    assert not set(RESOURCES.get(section, {})) & set(OVERLAY.get(section, {}))


def test_all_of_the_resources_are_in_the_one_stack(template: dict[str, Any]) -> None:
    for section in ('Rules', 'Conditions', 'Outputs'):
        assert RESOURCES[section].items() <= template[section].items()
    for name, resource in RESOURCES['Resources'].items():
        assert resource.items() <= template['Resources'][name].items()
    by_stage = ('AppName', 'Stage')
    others = {name: p for name, p in RESOURCES['Parameters'].items() if name not in by_stage}
    assert others.items() <= template['Parameters'].items()


def test_names_of_chalice_are_not_taken(template: dict[str, Any]) -> None:
    of_chalice = set(template['Resources']) - set(RESOURCES['Resources']) - {'AccessLogGroup'}

    assert of_chalice == {
        *('APIHandler', 'ApiHandlerRole', 'ApiHandlerLogGroup'),
        *('RestAPI', 'APIHandlerInvokePermission'),
    }


def test_stage_is_the_packaged_one(template: dict[str, Any], tmp_path: Path) -> None:
    prod = packaged(tmp_path / 'out', stage='prod')

    assert template['Parameters']['Stage']['AllowedValues'] == ['dev']
    assert prod['Parameters']['Stage']['AllowedValues'] == ['prod']
    assert properties(prod, 'APIHandler')['FunctionName'] == 'aws-middleware-prod'
    assert properties(resolved(prod), 'RecordsTable')['TableName'] == 'aws-middleware-prod-records'
    assert outputs(resolved(prod))['ApiUrl'].endswith('/prod')


def test_stages_own_settings_become_defaults(tmp_path: Path) -> None:
    project = copied(tmp_path)
    file = project / '.chalice' / 'config.json'
    config = json.loads(file.read_text())
    config['stages']['dev'] |= {
        'lambda_memory_size': 2048,
        'reserved_concurrency': 7,
        'subnet_ids': ['subnet-1a2b3c4d', 'subnet-5e6f7a8b'],
        'security_group_ids': ['sg-1a2b3c4d'],
        'environment_variables': {
            'DOCUMENTS_PREFIX': 'team',
            'OPENAI_FILE_HOSTS': 'example.com',
            'MCP_AUTHORIZATION_SERVER': 'api',
        },
    }
    file.write_text(json.dumps(config))

    made = resolved(packaged(tmp_path / 'out', project))

    function = properties(made, 'APIHandler')
    assert (function['MemorySize'], function['ReservedConcurrentExecutions']) == ('2048', '7')
    assert function['VpcConfig']['SubnetIds'] == ['subnet-1a2b3c4d', 'subnet-5e6f7a8b']
    variables = function['Environment']['Variables']
    assert (variables['DOCUMENTS_PREFIX'], variables['OPENAI_FILE_HOSTS']) == (
        'team',
        'example.com',
    )
    assert variables['MCP_AUTHORIZATION_SERVER'] == 'api'
    saved = [s['Resource'] for s in statements(made) if s['Sid'] == 'SaveDocuments']
    assert saved == [['arn:aws:s3:::DocumentsBucket/team/uploads/*']]


OF_CHALICE: dict[str, Any] = {
    'Resources': {
        'APIHandler': {'Properties': {'MemorySize': 512}},
        'RestAPI': {'Properties': {'DefinitionBody': {}}},
        'ApiHandlerRole': {'Properties': {'Policies': [{'PolicyDocument': {'Statement': []}}]}},
    }
}


@pytest.mark.parametrize(
    'name', ['resources/sign_in.json', '.chalice/overlay.json', '.chalice/gateway.json']
)
@pytest.mark.parametrize('text', [b'{"Resources": {', b'\xff', b'[]', None])
def test_file_that_is_no_template_is_named(tmp_path: Path, name: str, text: bytes | None) -> None:
    project = copied(tmp_path)
    (project / name).unlink()
    if text is not None:
        (project / name).write_bytes(text)

    with pytest.raises(json_file.FileRefused) as refused:
        one_stack(enter_stage('dev', project=project), copy.deepcopy(OF_CHALICE))

    assert str(project / name) in refused.value.message


def test_stage_that_api_gateway_would_call_otherwise_is_refused(tmp_path: Path) -> None:
    project = copied(tmp_path)
    file = project / '.chalice' / 'config.json'
    config = json.loads(file.read_text())
    config['stages']['qa'] = {}
    file.write_text(json.dumps(config))

    with pytest.raises(StageNotUsable, match='set "api_gateway_stage": "qa" for it'):
        one_stack(enter_stage('qa', project=project), copy.deepcopy(OF_CHALICE))


SMALL_APP = """
from os import environ
from chalice import Chalice, CognitoUserPoolAuthorizer
pools = [environ['COGNITO_USER_POOL_ARN'], 'arn:aws:cognito-idp:eu-west-1:1:userpool/another']
app = Chalice('aws-middleware')
for number, each in enumerate([pools[:1], pools]):
    authorizer = CognitoUserPoolAuthorizer(f'authorizer{number}', provider_arns=each)
    app.route(f'/{number}', authorizer=authorizer, name=f'route{number}')(lambda: {})
"""


def test_every_authorizer_has_the_stacks_pool(tmp_path: Path) -> None:
    project = copied(tmp_path)
    (project / 'app.py').write_text(SMALL_APP)

    defined = definition(resolved(packaged(tmp_path / 'out', project)))['securityDefinitions']

    assert [
        authorizer['x-amazon-apigateway-authorizer']['providerARNs']
        for authorizer in defined.values()
    ] == [['UserPool.Arn'], ['UserPool.Arn', 'arn:aws:cognito-idp:eu-west-1:1:userpool/another']]


def copied(folder: Path) -> Path:
    """Return a copy of the project, as far as it is packaged."""
    project = folder / 'project'
    ignored = shutil.ignore_patterns('deployed', 'deployments', '__pycache__')
    for name in ('.chalice', 'chalicelib', 'resources'):
        shutil.copytree(templates.ROOT / name, project / name, ignore=ignored)
    config = Path('.chalice', 'config.json')
    json_file.replace(project / config, json_file.read(templates.ROOT / config))
    (project / 'emulator').symlink_to(templates.ROOT / 'emulator')
    for name in ('app.py', 'requirements.txt'):
        shutil.copy(templates.ROOT / name, project)
    return project


# The function -----------------------------------------------------------------------------------


def statements(template: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of the function's role."""
    (policy,) = properties(template, 'ApiHandlerRole')['Policies']
    found: list[dict[str, Any]] = policy['PolicyDocument']['Statement']
    return found


def test_environment_has_every_setting_and_no_secret(
    template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = properties(resolved(template, WORKGROUP), 'APIHandler')['Environment']['Variables']
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    assert settings.cognito_user_pool_arn() == 'UserPool.Arn'
    assert settings.cognito_client_ids() == {'UserPoolClient', 'McpUserPoolClient'}
    assert (
        settings.cognito_domain_url() == f'https://UserPoolDomain.auth.{REGION}.amazoncognito.com'
    )
    assert set(given) <= set(variables.names(capabilities.of_a_stage()))
    assert '"ClientSecret"' not in json.dumps(template)


def test_role_is_least_privilege(new: dict[str, Any]) -> None:
    found = statements(new)

    assert [action for statement in found for action in statement['Action'] if '*' in action] == []
    assert [s['Sid'] for s in found if s['Resource'] in ('*', ['*'])] == ['SendTraces']
    assert not any('arn:*' in json.dumps(statement['Resource']) for statement in found)
    assert not {'ec2:CreateNetworkInterface', 'redshift-data:ExecuteStatement'} & {
        action for statement in found for action in statement['Action']
    }


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('s3:GetObject', 'arn:aws:s3:::example-documents/a'),
        ('s3:PutObject', 'arn:aws:s3:::example-documents/uploads/a'),
        ('s3:PutObject', 'arn:aws:s3:::example-results/sql/a'),
        ('dynamodb:Query', f'arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/example-records'),
        ('states:StartExecution', EXISTING['ExistingStateMachineArn']),
        ('states:DescribeExecution', f'arn:aws:states:{REGION}:{ACCOUNT}:execution:example:a'),
    ],
)
def test_role_is_about_what_exists(template: dict[str, Any], action: str, resource: str) -> None:
    asked = Permission(action, resource)
    existing, new = (resolved(template, given) for given in (EXISTING, {}))

    assert iam_policy.allows({'Statement': statements(existing)}, asked)
    assert not iam_policy.allows({'Statement': statements(new)}, asked)


def test_function_writes_its_own_log_which_ends(new: dict[str, Any]) -> None:
    name = properties(new, 'APIHandler')['FunctionName']
    group = properties(new, 'ApiHandlerLogGroup')
    asked = f'arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/{name}:log-stream:a'

    assert group == {'LogGroupName': '/aws/lambda/APIHandler', 'RetentionInDays': 30}
    for action in ('logs:CreateLogStream', 'logs:PutLogEvents'):
        assert iam_policy.allows({'Statement': statements(new)}, Permission(action, asked))


def test_saved_queries_come_after_the_log_that_they_name(template: dict[str, Any]) -> None:
    queries = [
        resource
        for resource in template['Resources'].values()
        if resource['Type'] == 'AWS::Logs::QueryDefinition'
    ]

    assert {query['DependsOn'] for query in queries} == {'ApiHandlerLogGroup'}


def test_calls_are_traced(new: dict[str, Any]) -> None:
    assert properties(new, 'APIHandler')['Tracing'] == 'Active'
    assert properties(new, 'RestAPI')['TracingEnabled'] is True


# The gateway ------------------------------------------------------------------------------------


def test_calls_are_throttled_and_their_payloads_not_logged(new: dict[str, Any]) -> None:
    assert properties(new, 'RestAPI')['MethodSettings'] == [
        {
            'HttpMethod': '*',
            'ResourcePath': '/*',
            'ThrottlingRateLimit': GATEWAY['throttling']['rate_limit'],
            'ThrottlingBurstLimit': GATEWAY['throttling']['burst_limit'],
            'LoggingLevel': 'OFF',
            'DataTraceEnabled': False,
        }
    ]


def test_access_log_names_nobody(new: dict[str, Any]) -> None:
    log = properties(new, 'RestAPI')['AccessLogSetting']
    group = properties(new, 'AccessLogGroup')

    assert log['DestinationArn'] == f'arn:aws:logs:{REGION}:{ACCOUNT}:log-group:AccessLogGroup'
    assert group == {'LogGroupName': '/aws/apigateway/aws-middleware-dev', 'RetentionInDays': 90}
    assert set(json.loads(log['Format']).values()) == {
        *('$context.requestId', '$context.requestTime', '$context.httpMethod'),
        *('$context.resourcePath', '$context.status', '$context.error.responseType'),
        *('$context.responseLength', '$context.responseLatency', '$context.integrationLatency'),
    }


def test_api_takes_no_tls_below_1_2(new: dict[str, Any]) -> None:
    api = properties(new, 'RestAPI')

    assert api['SecurityPolicy'] == 'SecurityPolicy_TLS13_1_2_2021_06'
    assert api['EndpointAccessMode'] == 'STRICT'


@pytest.mark.parametrize(
    ('given', 'challenge'),
    [
        ({}, "'Bearer'"),
        (
            {'ApiUrl': 'https://api.example.com'},
            f'\'Bearer resource_metadata="https://api.example.com{METADATA}"\'',
        ),
    ],
)
def test_refusals_say_how_to_sign_in_and_reach_browsers(
    template: dict[str, Any], given: dict[str, str], challenge: str
) -> None:
    body = definition(resolved(template, given))
    headers = {
        kind: {
            name.removeprefix('gatewayresponse.header.'): value
            for name, value in response['responseParameters'].items()
        }
        for kind, response in body['x-amazon-apigateway-gateway-responses'].items()
    }

    assert headers['UNAUTHORIZED']['WWW-Authenticate'] == challenge
    assert set(headers) == {'UNAUTHORIZED', 'DEFAULT_4XX', 'DEFAULT_5XX'}
    assert {response['Access-Control-Allow-Origin'] for response in headers.values()} == {"'*'"}


def test_what_parameters_change_of_the_api_comes_into_force(template: dict[str, Any]) -> None:
    """SAM makes a new deployment when the definition's text changes, which parameters don't do."""
    assert properties(template, 'RestAPI')['AlwaysDeploy'] is True


def test_what_is_taken_out_of_the_api_goes(template: dict[str, Any]) -> None:
    """Without a mode, routes and a resource policy stay that a definition no longer has.

    https://github.com/aws/aws-cdk/issues/21840
    """
    assert properties(template, 'RestAPI')['Mode'] == 'overwrite'


def test_api_has_no_stage_but_its_own(template: dict[str, Any]) -> None:
    """Without a version, SAM adds a stage named Stage, neither throttled nor logged."""
    assert properties(template, 'RestAPI')['OpenApiVersion'] == '2.0'


def test_api_may_write_its_log_before_it_is_there(template: dict[str, Any]) -> None:
    """API Gateway refuses a stage with an access log while the account has no role for that."""
    assert template['Resources']['RestAPI']['DependsOn'] == 'ApiGatewayAccount'
    assert 'Condition' not in template['Resources']['ApiGatewayAccount']


def test_public_url_is_that_of_the_outputs(template: dict[str, Any]) -> None:
    found = outputs(resolved(template, {'ApiUrl': 'https://api.example.com'}))

    assert (found['ApiUrl'], found['EndpointUrl']) == (
        'https://api.example.com',
        'https://api.example.com/my_route',
    )


@pytest.mark.parametrize(
    'url', ['http://api.example.com', 'https://api.example.com/', 'https://a"b', "https://a'b"]
)
def test_public_url_that_breaks_a_header_is_refused(template: dict[str, Any], url: str) -> None:
    with pytest.raises(Exception, match='must begin with https'):
        resolved(template, {'ApiUrl': url})


def test_api_is_open_to_all_addresses_unless_there_is_a_list(tmp_path: Path) -> None:
    project, ranges = copied(tmp_path), ['20.97.189.96/28', '52.230.152.0/24']
    ip_allow_list.keep_none(project)
    is_open = definition(resolved(packaged(tmp_path / 'open', project)))
    ip_allow_list.keep(project, ranges)
    closed = definition(resolved(packaged(tmp_path / 'closed', project)))

    assert 'x-amazon-apigateway-policy' not in is_open
    assert closed['x-amazon-apigateway-policy'] == ip_allow_list.resource_policy(ranges)
