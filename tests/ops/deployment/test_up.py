"""`ops up`: a stage's resources, what is written down of them, and what no update may lose."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

import capabilities
from ops.app_clients import app_client
from ops.cloudformation import stack
from ops.deployment import parameters
from ops.deployment.policy import Place, exact
from ops.stage import json_file, variables
from ops.stage.stage import PROJECT
from tests.support.stages import templates
from tests.support.stages.stage_on_emulator import ACCOUNT, REGION, Project, project_on_emulator

STACK = 'aws-middleware-dev-resources'
CHATGPT = 'https://chatgpt.com/aip/g-1a2b/oauth/callback'
OPENAI = 'https://chat.openai.com/aip/g-1a2b/oauth/callback'
LOCALHOST = 'http://localhost:8765/callback'


@pytest.fixture(scope='module')
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project whose stage dev has its resources."""
    with project_on_emulator(tmp_path_factory.mktemp('made')) as project:
        result = project.ops('up')
        assert result.exit_code == 0, result.output
        (project.folder / 'output').write_text(result.stdout)
        yield project


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project without any stack."""
    with project_on_emulator(tmp_path) as project:
        yield project


def outputs(project: Project) -> dict[str, str]:
    """Return the outputs of the stack."""
    (found,) = project.client('cloudformation').describe_stacks(StackName=STACK)['Stacks']
    return {each['OutputKey']: each['OutputValue'] for each in found['Outputs']}


def callbacks(project: Project, output: str) -> list[str]:
    """Return the callback URLs of one of the app clients."""
    deployed = outputs(project)
    described = project.client('cognito-idp').describe_user_pool_client(
        UserPoolId=deployed['CognitoUserPoolArn'].rpartition('/')[2], ClientId=deployed[output]
    )
    urls: list[str] = described['UserPoolClient']['CallbackURLs']
    return urls


def pools(project: Project) -> list[str]:
    """Return the names of the user pools that are there, the sample's aside."""
    found = project.client('cognito-idp').list_user_pools(MaxResults=60)['UserPools']
    return sorted(each['Name'] for each in found if 'LocalPool' not in each['Id'])


def test_makes_the_resources_and_tells_of_each(made: Project) -> None:
    lines = (made.folder / 'output').read_text().splitlines()

    assert lines[:2] == [
        'The log /aws/lambda/aws-middleware-dev is now kept for 30 days.',
        f'Creating the stack {STACK}:',
    ]
    assert '  created  UserPool (AWS::Cognito::UserPool)' in lines
    assert f'The stack {STACK} is created.' in lines
    assert lines[-1] == 'Next: chalice deploy --stage dev, and then this command again.'
    (found,) = made.client('cloudformation').describe_stacks(StackName=STACK)['Stacks']
    assert found['EnableTerminationProtection']
    assert {each['ParameterKey']: each['ParameterValue'] for each in found['Parameters']}[
        'Stage'
    ] == 'dev'


def test_writes_the_outputs_into_the_settings_of_the_stage_only(made: Project) -> None:
    deployed = outputs(made)
    before = json_file.read(PROJECT / '.chalice' / 'config.json')
    text = (made.folder / '.chalice' / 'config.json').read_text()
    after = json.loads(text)

    assert after['stages'].pop('dev') == {
        'api_gateway_stage': 'dev',
        'environment_variables': {
            'COGNITO_USER_POOL_ARN': deployed['CognitoUserPoolArn'],
            'COGNITO_CLIENT_IDS': deployed['CognitoClientIds'],
            'COGNITO_DOMAIN_URL': deployed['CognitoDomainUrl'],
            **{
                name: deployed[variables.output_of(name)]
                for name in variables.names(capabilities.EVERY)
                if variables.output_of(name) in deployed
            },
        },
        'iam_policy_file': 'policy-dev.json',
    }
    before['stages'].pop('dev')
    assert after == before
    assert text == json.dumps(json.loads(text), indent=2) + '\n'


def test_policy_names_what_the_settings_name(made: Project) -> None:
    policy = json.loads((made.folder / '.chalice' / 'policy-dev.json').read_text())
    place = Place('aws', REGION, ACCOUNT)

    assert policy == exact(capabilities.of_a_stage(), made.variables(), 'aws-middleware-dev', place)


def test_again_changes_nothing(made: Project) -> None:
    files = [made.folder / '.chalice' / name for name in ('config.json', 'policy-dev.json')]
    client = made.client('cloudformation')
    before = client.describe_stack_events(StackName=STACK)['StackEvents']
    times = [file.stat().st_mtime_ns for file in files]

    result = made.ops('up')

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f'The stack {STACK} needs no change.',
        '.chalice/config.json has the settings of the stage dev.',
        '.chalice/policy-dev.json allows what these settings name.',
        'Next: chalice deploy --stage dev, and then this command again.',
    ]
    assert client.describe_stack_events(StackName=STACK)['StackEvents'] == before
    assert [file.stat().st_mtime_ns for file in files] == times


@pytest.mark.parametrize('status', ['CREATE_IN_PROGRESS', 'UPDATE_ROLLBACK_FAILED'])
def test_stack_in_the_middle_of_something_is_not_as_it_should_be(
    made: Project, status: str
) -> None:
    (found,) = made.client('cloudformation').describe_stacks(StackName=STACK)['Stacks']
    policy = made.folder / '.chalice' / 'policy-dev.json'
    before = policy.read_text()
    half = {name: value for name, value in found.items() if name != 'Outputs'}
    found = half | {'StackStatus': status}

    with mock.patch.object(stack, 'describe', lambda _, name: found if name == STACK else None):
        result = made.ops('up')

    assert result.exit_code == 1
    assert f'The stack {STACK} is in {status}: ' in result.stderr
    assert policy.read_text() == before


def test_update_keeps_what_ops_callback_registered(made: Project) -> None:
    mcp = outputs(made)['McpUserPoolClientId']
    connector = 'https://chatgpt.com/connector/oauth/AbC-1_2'
    made.ops('callback', 'add', CHATGPT)
    made.ops('callback', 'add', connector, '--client', mcp)

    result = made.ops('up', '-p', 'PasswordMinimumLength=14')

    assert result.exit_code == 0, result.output
    assert callbacks(made, 'UserPoolClientId') == [LOCALHOST, CHATGPT, OPENAI]
    assert callbacks(made, 'McpUserPoolClientId') == [LOCALHOST, connector]

    more = 'https://example.com/callback'
    result = made.ops('up', '-p', f'CallbackUrls={LOCALHOST}, {more}')

    assert result.exit_code == 0, result.output
    assert callbacks(made, 'UserPoolClientId') == [LOCALHOST, CHATGPT, OPENAI, more]


def test_another_order_of_the_callbacks_is_no_change(made: Project) -> None:
    cognito, deployed = made.client('cognito-idp'), outputs(made)
    pool = deployed['CognitoUserPoolArn'].rpartition('/')[2]
    urls = [*callbacks(made, 'UserPoolClientId'), 'https://example.com/callback']
    client = app_client.find(cognito, pool, deployed['UserPoolClientId'])
    app_client.set_callback_urls(cognito, client, urls)
    assert made.ops('up').exit_code == 0
    app_client.set_callback_urls(cognito, client, urls[::-1])

    result = made.ops('up')

    assert f'The stack {STACK} needs no change.' in result.stdout
    assert callbacks(made, 'UserPoolClientId') == urls[::-1]


def test_update_keeps_the_parameters_that_are_not_given(made: Project) -> None:
    made.ops('up', '-p', 'PasswordMinimumLength=15')

    result = made.ops('up', '-p', 'AlarmEmail=ops@example.com')

    assert result.exit_code == 0, result.output
    described = made.client('cognito-idp').describe_user_pool(
        UserPoolId=outputs(made)['CognitoUserPoolArn'].rpartition('/')[2]
    )
    assert described['UserPool']['Policies']['PasswordPolicy']['MinimumLength'] == 15
    assert made.ops('up').stdout.startswith(f'The stack {STACK} needs no change.')


def test_pool_is_as_asked(made: Project) -> None:
    deployed = outputs(made)
    found: Any = made.client('cognito-idp').describe_user_pool(
        UserPoolId=deployed['CognitoUserPoolArn'].rpartition('/')[2]
    )['UserPool']

    assert (found['Name'], found['UsernameAttributes']) == ('MyCognitoUserPool', ['email'])
    assert (found['DeletionProtection'], found['MfaConfiguration']) == ('ACTIVE', 'OPTIONAL')
    assert found['AdminCreateUserConfig']['AllowAdminCreateUserOnly'] is True
    assert found['UsernameConfiguration'] == {'CaseSensitive': False}


def test_people_may_sign_in_at_providers_that_are_given(made: Project) -> None:
    secret = made.client('secretsmanager').create_secret(Name='oidc', SecretString='hunter2')
    given = {
        'OidcProviderName': 'Company',
        'OidcIssuerUrl': 'https://login.example.com',
        'OidcClientId': 'at-the-company',
        'OidcClientSecretArn': secret['ARN'],
        'SamlProviderName': 'Partner',
        'SamlMetadataUrl': 'https://partner.example/metadata.xml',
    }
    words = [word for name, value in given.items() for word in ('-p', f'{name}={value}')]

    result = made.ops('up', *words)

    assert result.exit_code == 0, result.output
    assert 'hunter2' not in result.output
    cognito, deployed = made.client('cognito-idp'), outputs(made)
    pool_id = deployed['CognitoUserPoolArn'].rpartition('/')[2]
    for output in ('UserPoolClientId', 'McpUserPoolClientId'):
        client = cognito.describe_user_pool_client(UserPoolId=pool_id, ClientId=deployed[output])
        providers = client['UserPoolClient']['SupportedIdentityProviders']
        assert providers == ['COGNITO', 'Company', 'Partner']
    oidc = cognito.describe_identity_provider(UserPoolId=pool_id, ProviderName='Company')
    assert oidc['IdentityProvider']['ProviderDetails']['client_secret'] == 'hunter2'
    without = [word for name in given for word in ('-p', f'{name}=')]
    assert made.ops('up', *without, '--allow-replacement').exit_code == 0


def test_statements_of_the_operators_own_stay_in_the_policy(made: Project) -> None:
    file = made.folder / '.chalice' / 'policy-dev.json'
    policy = json.loads(file.read_text())
    own = {'Sid': 'Ours', 'Effect': 'Allow', 'Action': ['sqs:SendMessage'], 'Resource': 'arn:x'}
    without_records = [each for each in policy['Statement'] if each['Sid'] != 'FindRecords']
    file.write_text(json.dumps({**policy, 'Statement': [*without_records, own]}))

    assert made.ops('up').exit_code == 0

    assert json.loads(file.read_text()) == {**policy, 'Statement': [*policy['Statement'], own]}


def test_function_in_a_vpc_may_be_put_there(made: Project) -> None:
    file = made.folder / '.chalice' / 'config.json'
    config = json.loads(file.read_text())
    config['stages']['dev'] |= {'subnet_ids': ['subnet-1'], 'security_group_ids': ['sg-1']}
    before = file.read_text()
    file.write_text(json.dumps(config))

    assert made.ops('up').exit_code == 0
    again = made.ops('up')

    assert '.chalice/policy-dev.json allows what these settings name.' in again.stdout
    policy = json.loads((made.folder / '.chalice' / 'policy-dev.json').read_text())
    assert [each['Sid'] for each in policy['Statement']][-3:] == [
        *('SeeNetworks', 'JoinTheVpc', 'LeaveTheVpcToLambda')
    ]
    file.write_text(before)
    assert made.ops('up').exit_code == 0
    assert 'JoinTheVpc' not in (made.folder / '.chalice' / 'policy-dev.json').read_text()


def test_replacing_a_table_is_refused(made: Project) -> None:
    before = outputs(made)

    result = made.ops('up', '-p', 'RecordsTableName=other')

    assert result.exit_code == 1
    assert 'RecordsTable is replaced by a new one: the records in it' in result.stderr
    assert '--allow-replacement' in result.stderr
    assert outputs(made) == before

    result = made.ops('up', '-p', 'RecordsTableName=other', '--allow-replacement')

    assert result.exit_code == 0, result.output
    assert made.variables()['RECORDS_TABLE_NAME'] == 'other'
    tables = made.client('dynamodb').list_tables()['TableNames']
    assert {'aws-middleware-dev-records', 'other'} <= set(tables)


@pytest.mark.parametrize(
    ('given', 'status', 'problem'),
    [
        ('Nope=1', 1, 'There is no parameter Nope. There are: AlarmEmail, '),
        ('Stage=prod', 1, 'The parameter Stage is dev for this stage'),
        ('MfaConfiguration=SOMETIMES', 1, 'MfaConfiguration'),
        ('PasswordMinimumLength=1', 1, 'PasswordMinimumLength'),
        ('DocumentsPrefixes=people/{name}/', 1, 'DocumentsPrefixes: people/{name}/ has {name}'),
        ('DocumentsPrefixes=A/,B/,C/,D/,E/,F/,G/,H/,I/', 1, 'has 9 folders, and the role of a'),
        ('AssumePersonRole=yes', 1, 'AssumePersonRole'),
        ('AlarmEmail', 2, 'is not NAME=VALUE'),
        ('=x', 2, 'is not NAME=VALUE'),
        ('AlarmEmail=\x1b[2Ja@b', 2, "'AlarmEmail' has a character that cannot be printed"),
        ('UserPoolName=\udcff', 2, "'UserPoolName' has a character that cannot be printed"),
    ],
)
def test_refuses_parameter(made: Project, given: str, status: int, problem: str) -> None:
    result = made.ops('up', '-p', given)

    assert result.exit_code == status
    assert problem in result.stderr
    assert result.stderr.splitlines()[-1].startswith('Error: ')


def test_callback_that_no_parameter_can_hold_is_refused(made: Project) -> None:
    url = 'https://example.com/a,b'
    made.ops('callback', 'add', url)

    result = made.ops('up')

    assert result.exit_code == 1
    assert f'The callback URL {url} has a comma' in result.stderr
    made.ops('callback', 'remove', url)


def test_more_callbacks_than_a_parameter_holds_are_refused(
    made: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parameters, 'MAX_CHARACTERS', 20)

    result = made.ops('up')

    assert result.exit_code == 1
    assert 'CallbackUrls would have' in result.stderr
    assert 'python -m ops callback remove' in result.stderr


@pytest.mark.parametrize('name', ['resources/sign_in.json', '.chalice/policy-dev.json'])
def test_file_that_somebody_spoilt_is_named(made: Project, name: str) -> None:
    file = made.folder / name
    before = file.read_text()
    file.write_text('{')

    result = made.ops('up')

    assert result.exit_code == 1
    assert f'Error: {file}: Expecting property name' in result.stderr
    file.write_text(before)


def test_file_that_cannot_be_written_is_named(made: Project) -> None:
    policy = made.folder / '.chalice' / 'policy-dev.json'
    before = policy.read_text()
    policy.write_text('{}')
    (made.folder / '.chalice' / 'policy-dev.new').mkdir()

    result = made.ops('up')

    assert result.exit_code == 1
    assert f'Error: {policy}: ' in result.stderr
    assert policy.read_text() == '{}'
    (made.folder / '.chalice' / 'policy-dev.new').rmdir()
    policy.write_text(before)


def test_link_to_a_file_stays_one_with_its_mode(made: Project) -> None:
    policy = made.folder / '.chalice' / 'policy-dev.json'
    elsewhere = made.folder / 'policy-elsewhere.json'
    before = policy.read_text()
    policy.replace(elsewhere)
    elsewhere.write_text('{"Statement": {"Sid": "Own", "Effect": "Deny", "Action": "*"}}')
    elsewhere.chmod(0o640)
    policy.symlink_to(elsewhere)

    assert made.ops('up').exit_code == 0

    assert policy.is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o640
    assert 'Own' in [each['Sid'] for each in json.loads(policy.read_text())['Statement']]
    policy.unlink()
    policy.write_text(before)


def test_what_the_stack_gives_no_more_is_taken_out(project: Project) -> None:
    cluster = {'RedshiftClusterIdentifier': 'shop', 'RedshiftDbUser': 'gpt_reader'}
    given = [f'{name}={value}' for name, value in (cluster | {'RedshiftDatabase': 'dev'}).items()]
    assert project.ops('up', *(f'-p{each}' for each in given)).exit_code == 0
    own = {'REDSHIFT_DB_USER': 'mine'}
    project.configure(**project.variables() | own)
    given = ['RedshiftWorkgroupName=shop', *(f'{name}=' for name in cluster)]

    result = project.ops('up', *(f'-p{each}' for each in given))

    assert result.exit_code == 0, result.output
    assert '.chalice/config.json: REDSHIFT_CLUSTER_IDENTIFIER is taken out\n' in result.stdout
    left = {name: v for name, v in project.variables().items() if name.startswith('REDSHIFT_')}
    named = {'REDSHIFT_WORKGROUP_NAME': 'shop', 'REDSHIFT_DATABASE': 'dev'}
    assert left == named | own
    policy = json.loads((project.folder / '.chalice' / 'policy-dev.json').read_text())
    assert 'cluster:shop' not in json.dumps(policy)


def test_new_stage_gets_a_policy_too(project: Project) -> None:
    file = project.folder / '.chalice' / 'config.json'
    config = json.loads(file.read_text())
    config['stages']['qa'] = {'api_gateway_stage': 'qa'}
    file.write_text(json.dumps(config))

    result = project.ops('up', stage='qa')

    assert result.exit_code == 0, result.output
    policy = json.loads((project.folder / '.chalice' / 'policy-qa.json').read_text())
    table = f'arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/aws-middleware-qa-records'
    assert table in [each['Resource'][0] for each in policy['Statement']]


def test_stage_that_api_gateway_would_call_otherwise_is_refused(project: Project) -> None:
    file = project.folder / '.chalice' / 'config.json'
    config = json.loads(file.read_text())
    config['stages']['qa'] = {}
    file.write_text(json.dumps(config))

    result = project.ops('up', stage='qa')

    assert result.exit_code == 1
    assert 'set "api_gateway_stage": "qa" for it' in result.stderr
    assert project.client('cloudformation').describe_stacks()['Stacks'] == []


def test_failed_creation_is_reported_and_can_be_tried_again(project: Project) -> None:
    s3 = project.client('s3')
    results = f'aws-middleware-dev-results-{ACCOUNT}'
    s3.create_bucket(Bucket=results)

    result = project.ops('up')

    assert result.exit_code == 1
    assert f'{STACK} ended in ROLLBACK_COMPLETE. ResultsBucket: ' in result.stderr
    assert f'{results} already exists' in result.stderr
    assert '  kept     UserPool (AWS::Cognito::UserPool)' in result.stdout
    assert project.variables() == {}

    s3.delete_bucket(Bucket=results)
    result = project.ops('up')

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith(
        f'The stack {STACK} was never complete (ROLLBACK_COMPLETE). Deleting it:\n'
    )
    assert pools(project) == ['MyCognitoUserPool']
    assert project.variables()['RESULTS_BUCKET_NAME'] == results


def test_creation_that_went_on_without_the_command_is_protected_by_the_next(
    project: Project,
) -> None:
    client = project.client('cloudformation')
    with mock.patch('ops.cloudformation.stack_events.since', side_effect=KeyboardInterrupt):
        assert project.ops('up').exit_code == 130
    client.get_waiter('stack_create_complete').wait(
        StackName=STACK, WaiterConfig={'Delay': 1, 'MaxAttempts': 60}
    )

    result = project.ops('up')

    assert result.exit_code == 0, result.output
    assert f'The stack {STACK} needs no change.' in result.stdout
    (found,) = client.describe_stacks(StackName=STACK)['Stacks']
    assert found['EnableTerminationProtection']


def test_what_a_failed_creation_left_is_kept_if_it_holds_anything(project: Project) -> None:
    s3, cognito = project.client('s3'), project.client('cognito-idp')
    s3.create_bucket(Bucket=f'aws-middleware-dev-results-{ACCOUNT}')
    project.ops('up')
    (pool,) = [
        each['Id']
        for each in cognito.list_user_pools(MaxResults=60)['UserPools']
        if each['Name'] == 'MyCognitoUserPool'
    ]
    cognito.admin_create_user(UserPoolId=pool, Username='jane@example.com')
    s3.put_object(Bucket=f'aws-middleware-dev-documents-{ACCOUNT}', Key='a', Body=b'a')

    result = project.ops('up')

    assert result.exit_code == 1
    assert f'  kept     UserPool {pool}\n' in result.stdout
    assert f'  kept     DocumentsBucket aws-middleware-dev-documents-{ACCOUNT}' in result.stdout
    assert f'aws-middleware-dev-documents-{ACCOUNT} already exists' in result.stderr
    assert 'If it is yours, use it with -p ExistingDocumentsBucketName=...' in result.stderr
    assert cognito.list_users(UserPoolId=pool)['Users']


def test_pool_in_the_settings_stays_in_use(project: Project) -> None:
    cognito = project.client('cognito-idp')
    pool = cognito.create_user_pool(PoolName='Ours')['UserPool']
    cognito.create_user_pool_domain(UserPoolId=pool['Id'], Domain='ours')
    project.configure(COGNITO_USER_POOL_ARN=pool['Arn'], OPENAI_FILE_HOSTS='example.com')

    result = project.ops('up')

    assert result.exit_code == 0, result.output
    assert (
        f'ExistingUserPoolArn={pool["Arn"]}, which is COGNITO_USER_POOL_ARN of the stage dev'
        in result.stdout
    )
    assert pools(project) == ['Ours']
    assert project.variables() | {'COGNITO_CLIENT_IDS': ''} == {
        'COGNITO_USER_POOL_ARN': pool['Arn'],
        'OPENAI_FILE_HOSTS': 'example.com',
        'COGNITO_CLIENT_IDS': '',
        'COGNITO_DOMAIN_URL': f'https://ours.auth.{REGION}.amazoncognito.com',
        'RESULTS_BUCKET_NAME': f'aws-middleware-dev-results-{ACCOUNT}',
        'RECORDS_TABLE_NAME': 'aws-middleware-dev-records',
        'DOCUMENTS_BUCKET_NAME': f'aws-middleware-dev-documents-{ACCOUNT}',
        'WORKFLOW_STATE_MACHINE_ARN': (
            f'arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:aws-middleware-dev-workflow'
        ),
    }


def test_role_for_logs_is_the_one_that_the_account_has(project: Project) -> None:
    role = f'arn:aws:iam::{ACCOUNT}:role/api-gateway-logs'
    api_gateway = project.client('apigateway')
    api_gateway.update_account(
        patchOperations=[{'op': 'replace', 'path': '/cloudwatchRoleArn', 'value': role}]
    )

    assert project.ops('up').exit_code == 0

    assert api_gateway.get_account()['cloudwatchRoleArn'] == role


def test_stage_of_one_stack_is_refused(project: Project) -> None:
    template: dict[str, Any] = {'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}}}
    project.client('cloudformation').create_stack(
        StackName='aws-middleware-dev', TemplateBody=json.dumps(template)
    )

    result = project.ops('up')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'update it with `python -m ops deploy --stage dev`' in result.stderr


def test_local_stage_needs_nothing(project: Project) -> None:
    result = project.ops('up', stage='local')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == (
        'Error: The stage local has all it needs in the emulator: `make dev`.\n'
    )


def test_says_that_nothing_answers(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, 'AWS_ENDPOINT_URL', 'http://localhost:9')

    result = project.ops('up')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == (
        'Error: Nothing answers at http://localhost:9: start the emulator there, or unset '
        'AWS_ENDPOINT_URL to reach AWS.\n'
    )


def test_parameters_that_stay_in_use_are_those_of_the_template() -> None:
    declared = templates.resources()['Parameters']

    assert {name for each in capabilities.EVERY for name in each.in_use} <= set(declared)
    assert set(parameters.CALLBACKS) <= set(declared)
