"""Every check of `ops doctor`: green on a stage that is deployed, red once the thing is broken."""

import json
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import boto3
import pytest
import requests
from botocore.stub import Stubber
from moto.awslambda.models import lambda_backends

import app  # noqa: F401 - or the stage would import its own copy
from emulator.cognito import discovery
from emulator.cognito import tokens as emulated_tokens
from ops.checks import CHECKS, Facts, Finding, ask, stack
from ops.gateway import ip_allow_list
from ops.inspection.oauth import FOREIGN_CALLBACK
from ops.stage.stage import Stage
from tests.support.stages.deployed_stage import (
    FUNCTION,
    GPT,
    GPT_CALLBACKS,
    MCP,
    Deployed,
    deployed_stage,
)
from tests.support.stages.stage_on_emulator import ACCOUNT, REGION

PAGE = Path(__file__).parent.parent.parent.parent / 'docs' / 'doctor.md'
STACK = 'aws-middleware-dev-resources'
ELSEWHERE = 'https://api.example.com/dev'
# What there is on AWS only.
NOT_EMULATED = {'stack-drift'}

Asked = dict[str, Any]
Breaks = Callable[[Deployed], AbstractContextManager[Asked | None]]


class Red(NamedTuple):
    """A way to make a check red: what it finds then, and how the thing is broken.

    ``breaks`` may give what the check is asked about instead: a ``url``, or an app client.
    """

    check: str
    level: str
    found: str
    breaks: Breaks


RED: list[Red] = []


def red(check: str, level: str, found: str) -> Callable[[Breaks], Breaks]:
    """Enter a way to make a check red into the table."""

    def enter(breaks: Breaks) -> Breaks:
        RED.append(Red(check, level, found, breaks))
        return breaks

    return enter


@pytest.fixture(scope='module')
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    with deployed_stage(tmp_path_factory.mktemp('deployed')) as deployed:
        # The models of the services take their time, once for each session.
        session = boto3.Session(region_name=REGION)
        with mock.patch.object(Stage, 'session', return_value=session):
            yield deployed


@pytest.fixture(autouse=True)
def environment(deployed: Deployed) -> Iterator[Deployed]:
    """Undo what a stage sets in the environment, once it is deployed."""
    with mock.patch.dict(os.environ):
        yield deployed


def findings(deployed: Deployed, name: str, asked: Asked | None = None) -> list[Finding]:
    """Ask one check anew."""
    check = next(check for check in CHECKS if check.name == name)
    asked = asked or {}
    stage = replace(deployed.project.stage(), url=asked.get('url'))
    return ask(check, Facts(stage, asked.get('wanted')))


def test_stage_that_is_deployed_is_well(deployed: Deployed) -> None:
    result = deployed.project.ops('doctor', '--json')

    found = json.loads(result.stdout)
    assert [each for each in found if each['level'] in ('warning', 'error')] == []
    assert {each['check'] for each in found if each['level'] == 'not applicable'} == NOT_EMULATED
    assert result.exit_code == 0


def test_secrets_are_not_in_what_it_prints(deployed: Deployed) -> None:
    shown = deployed.project.ops('doctor').output

    cognito = deployed.client('cognito-idp')
    for output in (GPT, MCP):
        described = cognito.describe_user_pool_client(
            UserPoolId=deployed.pool_id, ClientId=deployed.client_id(output)
        )
        assert described['UserPoolClient']['ClientSecret'] not in shown


def test_documentation_has_every_permission_that_it_needs(deployed: Deployed) -> None:
    called = set()

    def note(model: Any, **_: Any) -> None:
        service = model.service_model
        service_name = {'monitoring': 'cloudwatch'}.get(service.signing_name, service.signing_name)
        called.add(f'{service_name}:{model.name}')

    session = boto3.Session(region_name=REGION)
    session.events.register('before-call', note)
    with mock.patch.object(Stage, 'session', return_value=session):
        assert deployed.project.ops('doctor').exit_code == 0
    documented = re.findall(r'`([a-z-]+:[A-Z]\w+\*?)`', PAGE.read_text())

    assert len(called) > 10
    # Everybody may ask who they are; what API Gateway is asked by GET has that permission's name.
    rest = [name for name in called if not name.startswith(('sts:', 'apigateway:Get'))]
    assert [name for name in rest if not any(fnmatchcase(name, each) for each in documented)] == []


@contextmanager
def operator_without_sns(deployed: Deployed) -> Iterator[None]:
    """Act as somebody whose policy leaves a service out, and let the emulator mind it."""
    iam, user = deployed.client('iam'), {'UserName': 'operator'}
    allowed = {'Effect': 'Allow', 'NotAction': 'sns:*', 'Resource': '*'}
    document = json.dumps({'Version': '2012-10-17', 'Statement': [allowed]})
    iam.create_user(**user)
    iam.put_user_policy(**user, PolicyName='p', PolicyDocument=document)
    key = iam.create_access_key(**user)['AccessKey']
    session = boto3.Session(key['AccessKeyId'], key['SecretAccessKey'], region_name=REGION)
    auth = f'{deployed.project.emulator.url}/moto-api/reset-auth'
    requests.post(auth, b'0', timeout=10)
    try:
        with mock.patch.object(Stage, 'session', return_value=session):
            yield
    finally:
        requests.post(auth, b'inf', timeout=10)


def test_permission_that_is_missing_is_a_line_of_its_own(deployed: Deployed) -> None:
    with operator_without_sns(deployed):
        found = [findings(deployed, name)[0] for name in ('credentials', 'alarms', 'alarm-topic')]

    assert [each.level for each in found] == ['ok', 'ok', 'error']
    assert found[0].found.endswith(':user/operator')
    assert found[2].found == (
        'AWS refuses ListSubscriptionsByTopic: User: arn:aws:iam::123456789012:user/operator is '
        'not authorized to perform: sns:ListSubscriptionsByTopic Ask for that permission.'
    )


def test_every_check_can_be_made_red() -> None:
    assert {red.check for red in RED} == {check.name for check in CHECKS}


@pytest.mark.parametrize('red', RED, ids=lambda red: f'{red.check}:{red.breaks.__name__}')
def test_check_is_red_once_the_thing_is_broken(deployed: Deployed, red: Red) -> None:
    with red.breaks(deployed) as asked:
        found = findings(deployed, red.check, asked)

    of_level = [each for each in found if each.level == red.level]
    assert any(red.found in each.found for each in of_level), found
    assert all(each.remedy or 'python -m ops' in each.found for each in of_level), found
    assert not [each for each in of_level if 'make dev' in each.remedy]
    again = {each.level for each in findings(deployed, red.check)}
    assert again == ({'not applicable'} if red.check in NOT_EMULATED else {'ok'})


@red('credentials', 'error', 'and the user pool is in 210987654321')
def another_account(deployed: Deployed) -> AbstractContextManager[None]:
    arn = deployed.project.variables()['COGNITO_USER_POOL_ARN']
    return deployed.with_settings(COGNITO_USER_POOL_ARN=arn.replace('123456789012', '210987654321'))


@red('region', 'warning', 'it is eu-west-1 here, and the user pool is in us-east-1')
@contextmanager
def another_region(_: Deployed) -> Iterator[None]:
    with mock.patch.dict(os.environ, AWS_DEFAULT_REGION='eu-west-1'):
        yield


@red('stack-state', 'warning', 'the last update failed and was taken back')
@contextmanager
def failed_update(deployed: Deployed) -> Iterator[None]:
    cloudformation = deployed.client('cloudformation')
    template = cloudformation.get_template(StackName=STACK)['TemplateBody']
    broken = dict(template) | {
        'Resources': template['Resources']
        | {'Bad': {'Type': 'AWS::S3::Bucket', 'Properties': {'BucketName': 'A bad name'}}}
    }
    described = cloudformation.describe_stacks(StackName=STACK)['Stacks'][0]
    kept = [
        {'ParameterKey': each['ParameterKey'], 'UsePreviousValue': True}
        for each in described['Parameters']
    ]
    asked = {'StackName': STACK, 'Parameters': kept, 'Capabilities': ['CAPABILITY_NAMED_IAM']}
    body = json.dumps(broken, separators=(',', ':'))  # which may be no longer than that
    cloudformation.update_stack(**asked, TemplateBody=body)
    waiter = cloudformation.get_waiter('stack_rollback_complete')
    waiter.wait(StackName=STACK, WaiterConfig={'Delay': 1})
    yield
    deployed.up('-p', 'PasswordMinimumLength=13')
    deployed.up('-p', 'PasswordMinimumLength=12')


@red('stack-settings', 'error', 'RECORDS_TABLE_NAME')
def another_table(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(RECORDS_TABLE_NAME='another')


@red('stack-settings', 'error', 'RESULTS_BUCKET_NAME')
def setting_taken_out(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(RESULTS_BUCKET_NAME='')


@contextmanager
def stubbed(
    deployed: Deployed, service: str, *answers: tuple[str, dict[str, Any]]
) -> Iterator[None]:
    """Let AWS itself answer for a service, once each, in this order."""
    clients: dict[str, Any] = {service: deployed.client(service)}
    stubber = Stubber(clients[service])
    for operation, answer in answers:
        stubber.add_response(operation, answer)

    def client(_: Facts, name: str) -> Any:
        return clients.get(name) or deployed.client(name)

    with stubber, mock.patch.dict(os.environ), mock.patch.object(Facts, 'client', client):
        del os.environ['AWS_ENDPOINT_URL']
        yield
        stubber.assert_no_pending_responses()


def detected(
    deployed: Deployed, status: str, *drifts: dict[str, Any]
) -> AbstractContextManager[None]:
    """Let CloudFormation detect drifts of the one stack."""
    one = {'StackName': 'aws-middleware-dev', 'StackStatus': 'CREATE_COMPLETE'}
    which = {'StackId': 'x', 'Timestamp': datetime.now(UTC)}
    resource = which | {'ResourceType': 'AWS::Any::Thing', 'StackResourceDriftStatus': 'MODIFIED'}
    state = which | {'StackDriftDetectionId': 'y', 'DetectionStatus': status}
    return stubbed(
        deployed,
        'cloudformation',
        ('describe_stacks', {'Stacks': [one | {'CreationTime': which['Timestamp']}]}),
        ('detect_stack_drift', {'StackDriftDetectionId': 'y'}),
        ('describe_stack_drift_detection_status', state),
        ('describe_stack_resource_drifts', {'StackResourceDrifts': [resource | d for d in drifts]}),
    )


def property_changed(path: str) -> dict[str, Any]:
    """Return what CloudFormation tells of a property that was changed."""
    difference = {'ExpectedValue': '1', 'ActualValue': '2', 'DifferenceType': 'NOT_EQUAL'}
    return {
        'LogicalResourceId': 'It',
        'PropertyDifferences': [{'PropertyPath': path, **difference}],
    }


@red('stack-drift', 'warning', 'It is changed or gone: /Policies/PasswordPolicy/MinimumLength')
def changed_by_hand(deployed: Deployed) -> AbstractContextManager[None]:
    path = '/Policies/PasswordPolicy/MinimumLength'
    return detected(deployed, 'DETECTION_COMPLETE', property_changed(path))


@red('stack-drift', 'warning', 'It is changed or gone: deleted')
def deleted_by_hand(deployed: Deployed) -> AbstractContextManager[None]:
    gone = {'LogicalResourceId': 'It', 'StackResourceDriftStatus': 'DELETED'}
    return detected(deployed, 'DETECTION_COMPLETE', gone)


@red('stack-drift', 'warning', 'not known of all of it')
def detection_failed(deployed: Deployed) -> AbstractContextManager[None]:
    return detected(deployed, 'DETECTION_FAILED')


@red('stack-drift', 'warning', 'not known after 0 s')
@contextmanager
def detection_takes_long(deployed: Deployed) -> Iterator[None]:
    with mock.patch.object(stack, '_DRIFT_SECONDS', 0), detected(deployed, 'DETECTION_IN_PROGRESS'):
        yield


@pytest.mark.parametrize(
    'change',
    [
        property_changed('/CallbackURLs/1'),
        property_changed('/QueryString') | {'ResourceType': 'AWS::Logs::QueryDefinition'},
    ],
)
def test_what_is_no_drift(deployed: Deployed, change: dict[str, Any]) -> None:
    with detected(deployed, 'DETECTION_COMPLETE', change):
        (found,) = findings(deployed, 'stack-drift')

    assert (found.level, found.found) == ('ok', 'aws-middleware-dev is in sync')


@red('tls', 'warning', 'it takes TLS_1_0, not SecurityPolicy_TLS13')
@contextmanager
def old_tls(deployed: Deployed) -> Iterator[None]:
    patch = {'op': 'replace', 'path': '/securityPolicy', 'value': 'TLS_1_0'}
    deployed.client('apigateway').update_rest_api(
        restApiId=deployed.api_id, patchOperations=[patch]
    )
    yield
    deployed.up()


@red('people-settings', 'error', 'people/{name}/ has {name}')
def pattern_of_nothing(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(DOCUMENTS_PREFIXES='people/{name}/')


@red('people-settings', 'error', "RECORDS_KEYS is not set: it has a value in which 'A?'")
def key_with_a_wildcard(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(RECORDS_KEYS='A?')


@red('people-settings', 'error', 'DOCUMENTS_PREFIXES has 9 folders, for 6 in a role')
def too_many_folders(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(DOCUMENTS_PREFIXES='/, '.join('ABCDEFGHI') + '/')


@red('people-settings', 'error', 'the bucket of RESULTS_BUCKET_NAME')
def one_bucket_for_both(deployed: Deployed) -> AbstractContextManager[None]:
    results = deployed.project.variables()['RESULTS_BUCKET_NAME']
    return deployed.with_settings(DOCUMENTS_BUCKET_NAME=results)


@red('people-settings', 'warning', 'the role of a person may read every document')
def role_without_folders(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(PERSON_ROLE_ARN=f'arn:aws:iam::{ACCOUNT}:role/person')


@red('people-settings', 'error', 'the role of a person knows of no such folder')
def role_and_a_folder(deployed: Deployed) -> AbstractContextManager[None]:
    role = f'arn:aws:iam::{ACCOUNT}:role/person'
    return deployed.with_settings(PERSON_ROLE_ARN=role, DOCUMENTS_PREFIX='team')


@red('people-groups', 'warning', "'sales/finance' gives access to nothing")
@contextmanager
def group_with_a_slash(deployed: Deployed) -> Iterator[None]:
    group = {'UserPoolId': deployed.pool_id, 'GroupName': 'sales/finance'}
    deployed.client('cognito-idp').create_group(**group)
    yield
    deployed.client('cognito-idp').delete_group(**group)


@red('person-role', 'error', 'there is no role')
def role_that_is_gone(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(PERSON_ROLE_ARN=f'arn:aws:iam::{ACCOUNT}:role/gone')


@contextmanager
def trusting(deployed: Deployed, **condition: Any) -> Iterator[None]:
    """Have a role for people with such a trust policy."""
    account = {'AWS': f'arn:aws:iam::{ACCOUNT}:root'}
    statement = {'Effect': 'Allow', 'Principal': account, 'Action': 'sts:AssumeRole'}
    trust = {'Version': '2012-10-17', 'Statement': [{**statement, 'Condition': condition}]}
    iam = deployed.client('iam')
    arn = iam.create_role(RoleName='loose', AssumeRolePolicyDocument=json.dumps(trust))['Role'][
        'Arn'
    ]
    with deployed.with_settings(PERSON_ROLE_ARN=arn):
        yield
    iam.delete_role(RoleName='loose')


@red('person-role', 'error', 'a session be named after somebody else')
def role_of_any_name(deployed: Deployed) -> AbstractContextManager[None]:
    function = {'aws:PrincipalArn': f'arn:aws:iam::{ACCOUNT}:role/aws-middleware-dev'}
    return trusting(deployed, ArnLike=function)


@red('person-role', 'error', 'others than the function')
def role_of_the_account(deployed: Deployed) -> AbstractContextManager[None]:
    named = dict.fromkeys(('sts:RoleSessionName', 'sts:SourceIdentity'), '${aws:RequestTag/sub}')
    return trusting(deployed, StringEquals=named)


@red('pool-deletion', 'warning', 'one call would delete MyCognitoUserPool')
def unprotected(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_pool(DeletionProtection='INACTIVE')


@red('pool-sign-up', 'error', 'anybody can sign up')
def open_to_everybody(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_pool(AdminCreateUserConfig={'AllowAdminCreateUserOnly': False})


@red('client-grant', 'error', 'MyCognitoUserPoolClient does not')
def without_oauth(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(AllowedOAuthFlowsUserPoolClient=False)


@red('client-grant', 'warning', 'MyCognitoMcpClient also puts tokens into addresses')
def implicit_grant(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(MCP, AllowedOAuthFlows=['code', 'implicit'])


@red('client-scopes', 'error', 'MyCognitoUserPoolClient lacks email, profile')
def scopes_taken_away(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(AllowedOAuthScopes=['openid'])


@red('client-accepted', 'error', 'MyCognitoMcpClient is not in COGNITO_CLIENT_IDS')
def one_client_only(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(COGNITO_CLIENT_IDS=deployed.client_id())


@contextmanager
def client_without_secret(deployed: Deployed) -> Iterator[Asked]:
    cognito = deployed.client('cognito-idp')
    made = cognito.create_user_pool_client(
        UserPoolId=deployed.pool_id,
        ClientName='bare',
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=['code'],
        AllowedOAuthScopes=['openid', 'email', 'profile'],
        CallbackURLs=GPT_CALLBACKS,
    )['UserPoolClient']
    yield {'wanted': 'bare'}
    cognito.delete_user_pool_client(UserPoolId=deployed.pool_id, ClientId=made['ClientId'])


red('client-secret', 'error', 'bare has none')(client_without_secret)
red('token-refusals', 'error', 'without the secret it answers 400 {"error": "invalid_grant"}')(
    client_without_secret
)


@red('client-callbacks', 'error', f'{GPT_CALLBACKS[1]} is not')
def one_host_only(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(CallbackURLs=GPT_CALLBACKS[:1])


@red('client-callbacks', 'warning', 'none is registered')
def no_gpt(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(CallbackURLs=['http://localhost:8765/callback'])


@red('client-hardening', 'warning', 'tells strangers which accounts there are')
def talkative(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(PreventUserExistenceErrors='LEGACY')


@red('client-hardening', 'warning', 'lets no token be revoked')
def irrevocable(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(EnableTokenRevocation=False)


@red('client-branding', 'error', 'MyCognitoMcpClient has none')
@contextmanager
def branding_deleted(deployed: Deployed) -> Iterator[None]:
    cognito, pool = deployed.client('cognito-idp'), {'UserPoolId': deployed.pool_id}
    client = {'ClientId': deployed.client_id(MCP)}
    found = cognito.describe_managed_login_branding_by_client(**pool, **client)
    branding_id = found['ManagedLoginBranding']['ManagedLoginBrandingId']
    cognito.delete_managed_login_branding(**pool, ManagedLoginBrandingId=branding_id)
    yield
    cognito.create_managed_login_branding(**pool, **client, UseCognitoProvidedValues=True)


@red('domain', 'error', 'COGNITO_DOMAIN_URL is https://auth.example.com, and the domain is')
def another_domain(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(COGNITO_DOMAIN_URL='https://auth.example.com')


@red('domain', 'error', 'COGNITO_DOMAIN_URL is not set')
def domain_not_set(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(COGNITO_DOMAIN_URL='')


@pytest.mark.parametrize('setting', ['auth.example.com', 'gpt.auth.us-east-1.amazoncognito.com'])
def test_domain_may_be_either_of_two(deployed: Deployed, setting: str) -> None:
    active = {'DomainDescription': {'Status': 'ACTIVE'}}
    pool = {'UserPool': {'CustomDomain': 'auth.example.com', 'Domain': 'gpt'}}
    answers = [('describe_user_pool', pool), *[('describe_user_pool_domain', active)] * 2]
    url = f'https://{setting}'
    with (
        deployed.with_settings(COGNITO_DOMAIN_URL=url),
        stubbed(deployed, 'cognito-idp', *answers),
    ):
        (found,) = findings(deployed, 'domain')

    assert (found.level, found.found) == ('ok', url)


@contextmanager
def domain_deleted(deployed: Deployed) -> Iterator[None]:
    cognito, pool = deployed.client('cognito-idp'), {'UserPoolId': deployed.pool_id}
    name = 'middleware-dev-123456789012'
    cognito.delete_user_pool_domain(**pool, Domain=name)
    yield
    cognito.create_user_pool_domain(**pool, Domain=name, ManagedLoginVersion=2)


red('domain', 'error', 'so there is no sign-in page')(domain_deleted)


@red('discovery', 'error', 'issuer is https://other.example.com, not http://localhost')
@contextmanager
def another_issuer(_: Deployed) -> Iterator[None]:
    document = discovery.document

    def changed(*arguments: Any) -> dict[str, Any]:
        return document(*arguments) | {'issuer': 'https://other.example.com'}

    with mock.patch.object(discovery, 'document', changed):
        yield


@red('signing-keys', 'error', 'has 1 for RS256')
@contextmanager
def one_key(_: Deployed) -> Iterator[None]:
    jwks = emulated_tokens.jwks

    def changed(pool_id: str) -> dict[str, Any]:
        return {'keys': jwks(pool_id)['keys'][:1]}

    with mock.patch.object(emulated_tokens, 'jwks', changed):
        yield


red('sign-in-page', 'error', 'is refused: invalid_request, invalid_scope')(scopes_taken_away)
red('sign-in-page', 'error', 'is refused: Client is not enabled for OAuth2.0 flows.')(without_oauth)


def test_sign_in_elsewhere_is_not_asked_for_the_page(deployed: Deployed) -> None:
    cognito, pool = deployed.client('cognito-idp'), {'UserPoolId': deployed.pool_id}
    provider = {'ProviderName': 'Company', **pool}
    details = {'MetadataURL': 'https://idp.example.com/metadata'}
    cognito.create_identity_provider(**provider, ProviderType='SAML', ProviderDetails=details)
    company = ['Company']
    with (
        deployed.with_client(SupportedIdentityProviders=company),
        deployed.with_client(MCP, SupportedIdentityProviders=company),
    ):
        found = [findings(deployed, name)[0] for name in ('sign-in-page', 'mcp-sign-in')]
    cognito.delete_identity_provider(**provider)

    assert [each.level for each in found] == ['not applicable'] * 2


@red('foreign-callback', 'error', 'leads to http://localhost')
def foreign_callback_registered(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(MCP, CallbackURLs=[FOREIGN_CALLBACK])


def function_without_domain(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(COGNITO_DOMAIN_URL='')


red('api-authorize', 'error', 'is answered 503')(function_without_domain)
red('api-token', 'error', 'without the secret it answers 503')(function_without_domain)


@red('api-foreign-callback', 'error', 'leads to https://auth.example.com/oauth2/authorize?')
def function_with_another_domain(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(COGNITO_DOMAIN_URL='https://auth.example.com')


@red('openapi-document', 'error', 'is not an absolute https URL')
@contextmanager
def without_tls(_: Deployed) -> Iterator[Asked]:
    yield {'url': 'http://api.example.com/dev'}


@red('server-url', 'error', f'{ELSEWHERE} is not: it is at http://localhost')
@contextmanager
def exported_for_elsewhere(_: Deployed) -> Iterator[Asked]:
    yield {'url': ELSEWHERE}


@contextmanager
def custom_domain(deployed: Deployed) -> Iterator[None]:
    gateway, name = deployed.client('apigateway'), {'domainName': 'api.example.com'}
    gateway.create_domain_name(**name)
    gateway.create_base_path_mapping(**name, restApiId=deployed.api_id, stage='dev', basePath='gpt')
    yield
    gateway.delete_domain_name(**name)


def test_custom_domain_of_the_api_is_where_it_is_deployed(deployed: Deployed) -> None:
    with custom_domain(deployed):
        (found,) = findings(deployed, 'server-url', {'url': 'https://api.example.com/gpt'})
        (other,) = findings(deployed, 'server-url', {'url': 'https://api.example.com/other'})

    assert found.level == 'ok'
    assert other.found.endswith('/dev, https://api.example.com/gpt')


@red('root-domain', 'error', 'ChatGPT takes no sign-in at')
@contextmanager
def nobody_leads_to_the_sign_in(deployed: Deployed) -> Iterator[Asked]:
    with deployed.with_settings(COGNITO_DOMAIN_URL=''):
        yield {'url': ELSEWHERE}


def open_operation(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_definition(lambda api: api['paths']['/my_route']['post'].pop('security'))


red('no-token', 'error', 'POST /my_route: 401 {"Code":"NotSignedIn"')(open_operation)
red('bad-token', 'error', 'POST /my_route answers')(open_operation)
red('authorizer', 'error', 'POST /my_route has none: anybody may call it')(open_operation)


@red('no-token', 'error', 'GET /records: 403')
def operation_gone(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_definition(lambda api: api['paths'].pop('/records'))


red('routes', 'error', 'GET /records is not deployed')(operation_gone)


@red('routes', 'error', 'POST /forgotten is deployed, and not in app.py')
def forgotten_route(deployed: Deployed) -> AbstractContextManager[None]:
    def add(api: dict[str, Any]) -> None:
        api['paths']['/forgotten'] = {'post': api['paths']['/my_route']['post']}

    return deployed.with_definition(add)


@red('authorizer', 'error', 'POST /my_route asks for other scopes than email openid profile')
def other_scopes(deployed: Deployed) -> AbstractContextManager[None]:
    def change(api: dict[str, Any]) -> None:
        api['paths']['/my_route']['post']['security'] = [{'cognito': ['phone']}]

    return deployed.with_definition(change)


@red('authorizer', 'error', 'takes tokens of arn:aws:cognito-idp:us-east-1:123456789012:userpool/x')
def other_pool(deployed: Deployed) -> AbstractContextManager[None]:
    def change(api: dict[str, Any]) -> None:
        authorizer = api['securityDefinitions']['cognito']['x-amazon-apigateway-authorizer']
        authorizer['providerARNs'] = ['arn:aws:cognito-idp:us-east-1:123456789012:userpool/x']

    return deployed.with_definition(change)


RESPONSES = 'x-amazon-apigateway-gateway-responses'


@red('unknown-path', 'error', 'answers 404')
def other_status(deployed: Deployed) -> AbstractContextManager[None]:
    def change(api: dict[str, Any]) -> None:
        api[RESPONSES]['DEFAULT_4XX'] |= {'statusCode': '404'}

    return deployed.with_definition(change)


def responses_gone(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_definition(lambda api: api[RESPONSES].clear())


red('refusal-headers', 'error', 'WWW-Authenticate of 401 is missing')(responses_gone)
red('refusal-headers', 'error', 'Access-Control-Allow-Origin of 403 is missing')(responses_gone)
red('gateway-responses', 'error', 'WWW-Authenticate of UNAUTHORIZED is missing')(responses_gone)
red('mcp-challenge', 'error', 'WWW-Authenticate of POST /mcp is missing')(responses_gone)


@red('mcp-get', 'error', 'it answers 404')
def not_found_instead(deployed: Deployed) -> AbstractContextManager[None]:
    def change(api: dict[str, Any]) -> None:
        api[RESPONSES]['UNAUTHORIZED'] |= {'statusCode': '404'}

    return deployed.with_definition(change)


@contextmanager
def ranges_kept(deployed: Deployed) -> Iterator[None]:
    """Keep ranges of addresses that are not put in force."""
    ip_allow_list.keep(deployed.project.folder, ['52.230.152.0/24'])
    try:
        yield
    finally:
        ip_allow_list.keep_none(deployed.project.folder)


red('addresses', 'error', 'every address may, not 1 ranges of addresses')(ranges_kept)


@red('throttling', 'warning', '5 a second')
def other_rate(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_stage('replace', '/*/*/throttling/rateLimit', '5')


@red('access-log', 'warning', 'it is not')
def no_access_log(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_stage('remove', '/accessLogSettings')


@red('access-log', 'warning', 'the format is another')
def other_format(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_stage('replace', '/accessLogSettings/format', '$context.identity.sourceIp')


@red('access-log', 'warning', '/aws/apigateway/aws-middleware-dev is kept 1 days')
@contextmanager
def access_log_of_a_day(deployed: Deployed) -> Iterator[None]:
    group = {'logGroupName': '/aws/apigateway/aws-middleware-dev'}
    deployed.client('logs').put_retention_policy(**group, retentionInDays=1)
    yield
    deployed.up()


@red('data-trace', 'error', '*/* logs them whole')
def data_traced(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_stage('replace', '/*/*/logging/dataTrace', 'true')


@red('function-settings', 'error', 'it runs on python3.9')
def old_python(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_function(Runtime='python3.9')


@red('function-settings', 'warning', 'Timeout is 3, not 45')
def short_timeout(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_function(Timeout=3)


@red('function-settings', 'warning', 'MemorySize is 128, not 512')
def little_memory(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_function(MemorySize=128)


@red('function-settings', 'warning', 'TracingConfig is PassThrough, not Active')
def untraced(_: Deployed) -> AbstractContextManager[None]:
    function = lambda_backends[ACCOUNT][REGION].get_function('aws-middleware-dev')
    # Where moto can be told by API when a function is created only.
    return mock.patch.dict(function.tracing_config, Mode='PassThrough')


@red('function-concurrency', 'error', 'no call may run: the function is switched off')
@contextmanager
def switched_off(deployed: Deployed) -> Iterator[None]:
    lambda_ = deployed.client('lambda')
    lambda_.put_function_concurrency(**FUNCTION, ReservedConcurrentExecutions=0)
    yield
    lambda_.delete_function_concurrency(**FUNCTION)


@red('function-concurrency', 'warning', '3 is reserved, not none')
@contextmanager
def three_at_once(deployed: Deployed) -> Iterator[None]:
    lambda_ = deployed.client('lambda')
    lambda_.put_function_concurrency(**FUNCTION, ReservedConcurrentExecutions=3)
    yield
    lambda_.delete_function_concurrency(**FUNCTION)


@red(
    'function-environment',
    'error',
    'it lacks these settings, or has other values: RECORDS_TABLE_NAME',
)
def another_table_in_the_function(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(RECORDS_TABLE_NAME='another')


@red('function-environment', 'warning', 'it has settings that the stage does not have: DEBUG')
def one_setting_more(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(DEBUG='1')


@red('function-secrets', 'error', 'DB_PASSWORD looks like a secret')
def password_in_the_environment(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(DB_PASSWORD='correct horse')


@red('function-secrets', 'error', 'DATABASE looks like a secret')
def password_in_a_url(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(DATABASE='postgres://jane:secret@db.example.com/dev')


def test_name_of_a_secret_is_no_secret(deployed: Deployed) -> None:
    arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf'
    with deployed.with_environment(REDSHIFT_SECRET_ARN=arn, TOKEN_URL='https://example.com/token'):
        (found,) = findings(deployed, 'function-secrets')

    assert found.level == 'ok'


@red('function-log', 'error', 'There is no log group /aws/lambda/aws-middleware-dev')
@contextmanager
def log_deleted(deployed: Deployed) -> Iterator[None]:
    deployed.client('logs').delete_log_group(logGroupName='/aws/lambda/aws-middleware-dev')
    yield
    deployed.up()


@red('function-log', 'warning', '/aws/lambda/aws-middleware-dev is kept 1 days, not 30')
@contextmanager
def log_of_a_day(deployed: Deployed) -> Iterator[None]:
    group = {'logGroupName': '/aws/lambda/aws-middleware-dev'}
    deployed.client('logs').put_retention_policy(**group, retentionInDays=1)
    yield
    deployed.up()


@contextmanager
def alarm_changed(deployed: Deployed, change: Callable[[Any, str], object]) -> Iterator[None]:
    """Change the alarm of throttles."""
    cloudwatch, name = deployed.client('cloudwatch'), 'aws-middleware-dev-throttles'
    (before,) = cloudwatch.describe_alarms(AlarmNames=[name])['MetricAlarms']
    members = cloudwatch.meta.service_model.operation_model('PutMetricAlarm').input_shape.members
    change(cloudwatch, name)
    yield
    cloudwatch.put_metric_alarm(**{k: v for k, v in before.items() if k in members})
    cloudwatch.set_alarm_state(AlarmName=name, StateValue='OK', StateReason='again')


@red('alarms', 'error', 'aws-middleware-dev-throttles is gone')
def alarm_deleted(deployed: Deployed) -> AbstractContextManager[None]:
    return alarm_changed(deployed, lambda api, name: api.delete_alarms(AlarmNames=[name]))


@red('alarms', 'error', 'aws-middleware-dev-throttles notifies nobody')
def alarm_disarmed(deployed: Deployed) -> AbstractContextManager[None]:
    return alarm_changed(deployed, lambda api, name: api.disable_alarm_actions(AlarmNames=[name]))


@red('alarms', 'warning', 'aws-middleware-dev-throttles has gone off: too many')
def alarm_gone_off(deployed: Deployed) -> AbstractContextManager[None]:
    state = {'StateValue': 'ALARM', 'StateReason': 'too many'}
    return alarm_changed(deployed, lambda api, name: api.set_alarm_state(AlarmName=name, **state))


@red('alarm-topic', 'warning', 'nobody is subscribed to arn:aws:sns:us-east-1:123456789012')
@contextmanager
def unsubscribed(deployed: Deployed) -> Iterator[None]:
    sns = deployed.client('sns')
    topic = deployed.outputs['AlarmTopicArn']
    (subscription,) = sns.list_subscriptions_by_topic(TopicArn=topic)['Subscriptions']
    sns.unsubscribe(SubscriptionArn=subscription['SubscriptionArn'])
    yield
    sns.subscribe(TopicArn=topic, Protocol='email', Endpoint='ops@example.com')


@red('alarm-topic', 'warning', '1 not confirmed yet')
def not_confirmed(deployed: Deployed) -> AbstractContextManager[None]:
    subscription = {'SubscriptionArn': 'PendingConfirmation', 'Protocol': 'email'}
    answer = {'Subscriptions': [subscription]}
    return stubbed(deployed, 'sns', ('list_subscriptions_by_topic', answer))


@red('mcp-metadata', 'error', "names ['https://other.example.com/pool'], not")
def function_with_another_issuer(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_environment(COGNITO_ISSUER_URL='https://other.example.com/pool')


@contextmanager
def api_as_authorization_server(deployed: Deployed, **environment: str) -> Iterator[None]:
    """Have the stage name the API as who gives tokens, with a function that may know otherwise."""
    named = {'MCP_AUTHORIZATION_SERVER': 'api'}
    with deployed.with_settings(**named), deployed.with_environment(**named | environment):
        yield


def test_api_may_be_the_authorization_server(deployed: Deployed) -> None:
    with api_as_authorization_server(deployed):
        found = [findings(deployed, f'mcp-{name}') for name in ('metadata', 'discovery')]
        environment = findings(deployed, 'function-environment')

    ((metadata,), (server,)) = found
    assert [each.level for each in (metadata, server, *environment)] == ['ok'] * 3
    assert metadata.found.endswith(f'tokens from {deployed.project.stage().api_url}')
    assert server.found == 'the API, S256'


def test_pool_that_does_not_publish_pkce_is_reported(deployed: Deployed) -> None:
    (found,) = findings(deployed, 'mcp-discovery')

    assert (found.level, found.found) == (
        'ok',
        'the user pool, without S256: strict clients want MCP_AUTHORIZATION_SERVER=api',
    )


@red('mcp-metadata', 'error', '/us-east-1_')
def function_that_names_the_pool(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_settings(MCP_AUTHORIZATION_SERVER='api')


def test_unknown_authorization_server_is_reported_once(deployed: Deployed) -> None:
    with deployed.with_settings(MCP_AUTHORIZATION_SERVER='both'):
        found = json.loads(deployed.project.ops('doctor', '--json').stdout)

    checks = [each['check'] for each in found if 'neither pool nor api' in each['found']]
    assert checks == ['mcp-metadata']


@red('mcp-discovery', 'error', 'answers 503')
def authorization_server_without_domain(deployed: Deployed) -> AbstractContextManager[None]:
    return api_as_authorization_server(deployed, COGNITO_DOMAIN_URL='')


@red('mcp-client', 'warning', 'MyCognitoMcpClient has none')
def no_connector(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(MCP, CallbackURLs=['http://localhost:8765/callback'])


@red('mcp-sign-in', 'error', 'is refused: invalid_request, invalid_scope')
def mcp_scopes_taken_away(deployed: Deployed) -> AbstractContextManager[None]:
    return deployed.with_client(MCP, AllowedOAuthScopes=['openid'])
