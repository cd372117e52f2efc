"""What a stage is told by .chalice/config.json, the environment and what was deployed."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import boto3
import pytest

from emulator.server import Emulator, run_in_thread
from ops.stage.stage import StageNotUsable, enter_stage, read_stage
from tests.support.capability import needs

POOL_ARN = 'arn:aws:cognito-idp:eu-west-1:210987654321:userpool/eu-west-1_Deployed1'


@pytest.fixture(autouse=True)
def environment() -> Iterator[None]:
    """Undo what a stage sets in the environment."""
    with mock.patch.dict(os.environ):
        for name in ('API_PORT', 'EMULATOR_PORT', 'COGNITO_USER_POOL_ARN', 'RECORDS_TABLE_NAME'):
            os.environ.pop(name, None)
        yield


@pytest.fixture
def aws() -> Iterator[Emulator]:
    """An AWS for every stage."""
    with run_in_thread() as emulator:
        os.environ['AWS_ENDPOINT_URL'] = emulator.url
        yield emulator


@pytest.fixture
def no_aws() -> None:
    """An endpoint where nothing answers."""
    os.environ['AWS_ENDPOINT_URL'] = 'http://localhost:9'


def create_stack(aws: Emulator, name: str, **outputs: str) -> None:
    """Create a stack with some outputs."""
    template: dict[str, Any] = {
        'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}},
        'Outputs': {output: {'Value': value} for output, value in outputs.items()},
    }
    client = boto3.client('cloudformation', endpoint_url=aws.url)
    client.create_stack(StackName=name, TemplateBody=json.dumps(template))
    waiting: Any = {'Delay': 0.1, 'MaxAttempts': 300}
    client.get_waiter('stack_create_complete').wait(StackName=name, WaiterConfig=waiting)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose stage dev is deployed, prod is not, and broken names no pool."""
    dev = {'environment_variables': {'COGNITO_USER_POOL_ARN': POOL_ARN, 'TABLE': 'records'}}
    broken = {'environment_variables': {'COGNITO_USER_POOL_ARN': 'eu-west-1_Deployed1'}}
    config = {'version': '2.0', 'app_name': 'x'}
    stages = {'dev': dev, 'prod': {}, 'broken': broken}
    rest_api = {
        'name': 'rest_api',
        'resource_type': 'rest_api',
        'rest_api_id': 'abc123',
        'rest_api_url': 'https://abc123.execute-api.eu-west-1.amazonaws.com/dev/',
    }
    chalice = tmp_path / '.chalice'
    (chalice / 'deployed').mkdir(parents=True)
    (chalice / 'config.json').write_text(json.dumps(config | {'stages': stages}))
    (chalice / 'deployed' / 'dev.json').write_text(
        json.dumps({'schema_version': '2.0', 'backend': 'api', 'resources': [rest_api]})
    )
    return tmp_path


def test_local_stage_is_this_machine() -> None:
    stage = enter_stage('local')

    assert stage.is_local
    assert stage.api_url == 'http://localhost:8000'
    assert stage.endpoint_url == 'http://localhost:9400'
    assert (stage.region, stage.user_pool_id) == ('us-east-1', 'us-east-1_LocalPool')


def test_local_stage_follows_the_ports() -> None:
    os.environ.update(API_PORT='8001', EMULATOR_PORT='9401')
    stage = enter_stage('local')

    assert stage.api_url == 'http://localhost:8001'
    assert stage.endpoint_url == 'http://localhost:9401'


def test_local_clients_reach_only_the_emulator() -> None:
    os.environ['AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER'] = 'https://elsewhere.example.com'
    stage = enter_stage('local')
    credentials = stage.session().get_credentials()

    assert stage.cognito().meta.endpoint_url == 'http://localhost:9400'
    assert credentials is not None
    assert credentials.access_key == 'emulator'


def test_deployed_stage_is_what_chalice_recorded(project: Path) -> None:
    stage = enter_stage('dev', project=project)

    assert not stage.is_local
    assert stage.api_url == 'https://abc123.execute-api.eu-west-1.amazonaws.com/dev'
    assert (stage.region, stage.user_pool_id) == ('eu-west-1', 'eu-west-1_Deployed1')
    assert stage.cognito().meta.endpoint_url == 'https://cognito-idp.eu-west-1.amazonaws.com'
    assert os.environ['TABLE'] == 'records'


def test_reading_a_stage_leaves_the_environment_alone(project: Path) -> None:
    before = dict(os.environ)
    stage = read_stage('dev', project=project)

    assert os.environ == before
    assert stage.environment['TABLE'] == 'records'


def test_url_that_is_given_goes_first(project: Path) -> None:
    stage = enter_stage('dev', 'https://api.example.com/', project)

    assert stage.api_url == 'https://api.example.com'


@pytest.mark.usefixtures('no_aws')
def test_recorded_url_leads_to_the_endpoint_that_is_set(project: Path) -> None:
    stage = enter_stage('dev', project=project)

    assert stage.endpoint_url == 'http://localhost:9'
    assert stage.api_url == 'http://localhost:9/execute-api/abc123/dev'
    assert stage.deployed_url == 'https://abc123.execute-api.eu-west-1.amazonaws.com/dev'
    assert stage.cognito().meta.endpoint_url == 'http://localhost:9'
    assert enter_stage('local').endpoint_url == 'http://localhost:9400'


@needs('records')
def test_one_stack_gives_the_settings_that_are_missing(aws: Emulator, project: Path) -> None:
    url = 'https://def456.execute-api.eu-west-1.amazonaws.com/prod'
    create_stack(aws, 'x-prod-resources', CognitoUserPoolArn='of the other stack')
    create_stack(
        *(aws, 'x-prod'),
        CognitoUserPoolArn=POOL_ARN,
        RecordsTableName='records',
        UserPoolClientId='1abc',
        ApiUrl=url,
    )
    stage = enter_stage('prod', project=project)

    assert stage.user_pool_id == 'eu-west-1_Deployed1'
    assert stage.api_url == f'{aws.url}/execute-api/def456/prod'
    assert 'RECORDS_TABLE_NAME' not in os.environ

    stage.complete_environment()

    assert (stage.user_pool_id, stage.region) == ('eu-west-1_Deployed1', 'eu-west-1')
    assert os.environ['RECORDS_TABLE_NAME'] == 'records'
    assert 'USER_POOL_CLIENT_ID' not in os.environ


def test_resources_stack_serves_where_there_is_no_other(aws: Emulator, project: Path) -> None:
    create_stack(aws, 'x-prod-resources', CognitoUserPoolArn=POOL_ARN)

    assert enter_stage('prod', project=project).user_pool_id == 'eu-west-1_Deployed1'


def test_own_domain_of_a_stack_is_not_led_to_the_endpoint(aws: Emulator, project: Path) -> None:
    create_stack(aws, 'x-prod', ApiUrl='https://api.example.com')

    assert enter_stage('prod', project=project).api_url == 'https://api.example.com'


def test_configured_settings_go_before_those_of_a_stack(aws: Emulator, project: Path) -> None:
    create_stack(aws, 'x-dev', CognitoUserPoolArn='of the stack', RecordsTableName='of the stack')
    stage = enter_stage('dev', project=project)

    stage.complete_environment()

    assert stage.user_pool_id == 'eu-west-1_Deployed1'
    assert 'RECORDS_TABLE_NAME' not in os.environ


def test_stacks_are_read_once(aws: Emulator, project: Path) -> None:
    create_stack(aws, 'x-prod', CognitoUserPoolArn=POOL_ARN)
    stage = enter_stage('prod', project=project)
    first = stage.outputs()
    os.environ['AWS_ENDPOINT_URL'] = 'http://localhost:9'

    assert stage.outputs() == first == {'CognitoUserPoolArn': POOL_ARN}


@pytest.mark.usefixtures('no_aws')
@pytest.mark.parametrize('asked', ['api_url', 'user_pool_id'])
def test_says_when_stacks_cannot_be_read(project: Path, asked: str) -> None:
    stage = enter_stage('prod', project=project)

    with pytest.raises(StageNotUsable, match=r'stage prod cannot be read: Nothing answers at'):
        getattr(stage, asked)


def test_names_a_missing_region(project: Path) -> None:
    os.environ.pop('AWS_DEFAULT_REGION')
    os.environ['AWS_CONFIG_FILE'] = str(project / 'none')

    with pytest.raises(StageNotUsable, match='No AWS region for the stage prod'):
        _ = enter_stage('prod', project=project).region


def test_names_a_missing_profile(project: Path) -> None:
    os.environ['AWS_PROFILE'] = 'nobody'

    with pytest.raises(StageNotUsable, match='nobody'):
        _ = enter_stage('prod', project=project).region


def test_operations_are_those_of_the_app() -> None:
    ids = [route.operation.id for route in enter_stage('local').import_operations()]

    assert 'postSuccess' in ids


@pytest.mark.parametrize(
    ('source', 'why'),
    [
        ('def x(:', 'SyntaxError: invalid syntax (app.py, line 1)'),
        ('\nnowhere', "NameError: name 'nowhere' is not defined (app.py, line 2)"),
        ('import it', "ModuleNotFoundError: No module named 'it' (app.py, line 1)"),
        ('x = 1', "AttributeError: module 'app' has no attribute 'app'"),
    ],
)
def test_app_that_cannot_be_imported_is_reported_in_a_line(
    project: Path, monkeypatch: pytest.MonkeyPatch, source: str, why: str
) -> None:
    (project / 'app.py').write_text(source)
    monkeypatch.setattr(sys, 'path', [str(project), *sys.path])
    monkeypatch.setitem(sys.modules, 'app', sys)  # to have what is there afterwards taken back
    del sys.modules['app']

    with pytest.raises(StageNotUsable) as refused:
        enter_stage('dev', project=project).import_operations()

    assert str(refused.value) == f'app.py cannot be imported: {why}'


@pytest.mark.parametrize(
    ('name', 'asked', 'message'),
    [
        ('prod', 'api_url', 'The stage prod is not deployed from here'),
        (
            'prod',
            'user_pool_id',
            'has no user pool yet: .* Begin with `python -m ops up --stage prod`',
        ),
        ('broken', 'region', "'eu-west-1_Deployed1', which is no ARN of a user pool"),
        ('broken', 'user_pool_id', 'no ARN of a user pool'),
    ],
)
@pytest.mark.usefixtures('aws')
def test_names_what_a_stage_lacks(project: Path, name: str, asked: str, message: str) -> None:
    stage = enter_stage(name, project=project)

    with pytest.raises(StageNotUsable, match=message):
        getattr(stage, asked)


def test_names_the_stages_there_are(project: Path) -> None:
    with pytest.raises(StageNotUsable, match=r'no stage staging in .*, only dev, prod, broken'):
        enter_stage('staging', project=project)


BAD_NAME = '{"app_name": "x", "stages": {"dev": {"environment_variables": {"A=B": ""}}}}'


@pytest.mark.parametrize('text', [None, '', '{', '{"version": "9"}', BAD_NAME])
def test_refuses_config(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / '.chalice').mkdir()
        (tmp_path / '.chalice' / 'config.json').write_text(text)

    with pytest.raises(StageNotUsable, match=r'config\.json'):
        enter_stage('dev', project=tmp_path)


@pytest.mark.parametrize('url', ['localhost:9400', 'emulator', 'ftp://localhost', 'http:///'])
def test_refuses_endpoint(project: Path, url: str) -> None:
    os.environ['AWS_ENDPOINT_URL'] = url

    with pytest.raises(StageNotUsable, match='AWS_ENDPOINT_URL has to be http'):
        _ = enter_stage('dev', project=project).endpoint_url


@pytest.mark.parametrize('port', ['http', '0', '65536', '-1', '8000 '])
def test_refuses_port(port: str) -> None:
    os.environ['API_PORT'] = port

    with pytest.raises(StageNotUsable, match=r'API_PORT is .*: set it to a port number'):
        _ = enter_stage('local').api_url
