"""`ops deploy`: a stage as one stack, what is shown and asked before, and what is never lost."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from ops.packaging import zip_proof
from ops.packaging.bytecode import this_python
from ops.packaging.zip_contents import Target
from ops.stage.stage import PROJECT
from tests.support.stages import templates
from tests.support.stages.stage_on_emulator import ACCOUNT, REGION, Project, project_on_emulator

STACK = 'aws-middleware-prod'
BUCKET = f'{STACK}-code-{ACCOUNT}-{REGION}'
LOCALHOST = 'http://localhost:8765/callback'


@pytest.fixture(scope='module')
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Project]:
    """A project on whose stage prod a first deployment was declined."""
    folder = tmp_path_factory.mktemp('project')
    shutil.copytree(PROJECT / 'emulator', folder / 'emulator')  # which `chalice package` imports
    with project_on_emulator(folder) as project:
        result = project.ops('deploy', stage='prod', answer='n\n')
        (folder / 'declined').write_text(f'{result.exit_code}\n{result.output}')
        yield project


@pytest.fixture(scope='module')
def deployed(project: Project) -> Project:
    """The project with its stage prod deployed."""
    before = (project.folder / '.chalice' / 'config.json').read_bytes()
    result = project.ops('deploy', '-p', 'PasswordMinimumLength=14', stage='prod', answer='y\n')
    assert result.exit_code == 0, result.output
    (project.folder / 'output').write_text(result.stdout)
    assert (project.folder / '.chalice' / 'config.json').read_bytes() == before
    return project


def stack(project: Project) -> dict[str, Any]:
    """Return the stack."""
    found = project.client('cloudformation').describe_stacks(StackName=STACK)['Stacks']
    return dict(found[0])


def outputs(project: Project) -> dict[str, str]:
    """Return the stack's outputs."""
    return {each['OutputKey']: each['OutputValue'] for each in stack(project)['Outputs']}


def parameters(project: Project) -> dict[str, str]:
    """Return the stack's parameters."""
    return {each['ParameterKey']: each['ParameterValue'] for each in stack(project)['Parameters']}


def test_declining_leaves_nothing(project: Project) -> None:
    printed = (project.folder / 'declined').read_text().splitlines()

    assert printed[0] == '130'
    assert 'Add     UserPool                     AWS::Cognito::UserPool              no' in printed
    assert printed[-2:] == ['Nothing was changed.', 'Stopped.']
    with pytest.raises(ClientError, match='does not exist'):
        stack(project)


def test_shows_asks_deploys_and_tells_the_outputs(deployed: Project) -> None:
    printed = (deployed.folder / 'output').read_text()

    assert 'Deploy this? [y/N]: ' in printed
    assert f'Creating the stack {STACK}:\n' in printed
    assert '  created  APIHandler (AWS::Lambda::Function)\n' in printed
    assert f'The stack {STACK} is created.\n' in printed
    for name in ('EndpointUrl', 'FunctionArn', 'FunctionRoleArn', 'CognitoUserPoolArn'):
        assert f'  {name:<25} {outputs(deployed)[name]}\n' in printed
    assert stack(deployed)['EnableTerminationProtection']


def test_second_update_tells_the_api_its_own_address(deployed: Project) -> None:
    url = outputs(deployed)['ApiUrl']

    printed = (deployed.folder / 'output').read_text()
    assert (
        "The API's address is known now; a second update writes it into its answers.\n" in printed
    )
    assert parameters(deployed)['ApiUrl'] == url
    stage = deployed.stage('prod')
    answer = requests.post(f'{stage.api_url}/my_route', timeout=30)
    assert answer.status_code == 401
    assert answer.headers['WWW-Authenticate'] == (
        f'Bearer resource_metadata="{stage.api_url}/.well-known/oauth-protected-resource"'
    )


def test_bucket_of_code_is_private(deployed: Project) -> None:
    s3 = deployed.client('s3')

    blocked = s3.get_public_access_block(Bucket=BUCKET)['PublicAccessBlockConfiguration']
    assert set(blocked.values()) == {True}
    rules = s3.get_bucket_encryption(Bucket=BUCKET)['ServerSideEncryptionConfiguration']['Rules']
    assert rules[0]['ApplyServerSideEncryptionByDefault']['SSEAlgorithm'] == 'AES256'
    (statement,) = json.loads(s3.get_bucket_policy(Bucket=BUCKET)['Policy'])['Statement']
    assert (statement['Effect'], statement['Resource']) == (
        'Deny',
        [f'arn:aws:s3:::{BUCKET}', f'arn:aws:s3:::{BUCKET}/*'],
    )
    assert statement['Condition'] == {'Bool': {'aws:SecureTransport': 'false'}}


def test_again_changes_nothing(deployed: Project) -> None:
    def state() -> tuple[object, ...]:
        events = deployed.client('cloudformation').describe_stack_events(StackName=STACK)
        objects = deployed.client('s3').list_objects_v2(Bucket=BUCKET)['Contents']
        return events['StackEvents'], [(each['Key'], each['LastModified']) for each in objects]

    before = state()

    result = deployed.ops('deploy', stage='prod')

    assert result.exit_code == 0, result.output
    assert f'The stack {STACK} needs no change.\n' in result.stdout
    assert outputs(deployed)['EndpointUrl'] in result.stdout
    assert state() == before


def test_commands_find_the_stage_by_its_outputs(deployed: Project) -> None:
    added = deployed.ops('user', 'add', 'jane@example.com', stage='prod')
    listed = deployed.ops('callback', 'list', stage='prod')

    assert added.exit_code == 0, added.output
    assert listed.stdout == f'{LOCALHOST}\n'


def test_update_keeps_callbacks_and_parameters(deployed: Project) -> None:
    url = 'https://chatgpt.com/aip/g-1a2b/oauth/callback'
    deployed.ops('callback', 'add', url, stage='prod')

    result = deployed.ops('deploy', '--yes', '-p', 'AlarmEmail=ops@example.com', stage='prod')

    assert result.exit_code == 0, result.output
    assert url in deployed.ops('callback', 'list', stage='prod').stdout
    after = parameters(deployed)
    assert after['PasswordMinimumLength'] == '14'
    assert after['ApiUrl'] == outputs(deployed)['ApiUrl']


def test_what_nobody_chose_follows_the_settings(deployed: Project) -> None:
    file = deployed.folder / '.chalice' / 'config.json'
    config = file.read_text()
    file.write_text(config.replace('"lambda_memory_size": 512', '"lambda_memory_size": 768'))

    result = deployed.ops('deploy', '--yes', stage='prod')

    assert result.exit_code == 0, result.output
    function = deployed.client('lambda').get_function_configuration(FunctionName=STACK)
    assert function['MemorySize'] == 768
    file.write_text(config)


def test_replacing_the_table_is_refused(deployed: Project) -> None:
    before = outputs(deployed)

    result = deployed.ops('deploy', '--yes', '-p', 'RecordsTableName=other', stage='prod')

    assert result.exit_code == 1
    assert 'RecordsTable is replaced by a new one: the records in it' in result.stderr
    assert outputs(deployed) == before


@pytest.mark.parametrize(
    ('arguments', 'problem'),
    [
        (['-p', 'Nope=1'], 'There is no parameter Nope'),
        (['-p', 'Stage=dev'], 'The parameter Stage is prod'),
        (['--bucket', 'nobodys'], 'There is no bucket nobodys.'),
    ],
)
def test_refuses(deployed: Project, arguments: list[str], problem: str) -> None:
    before = stack(deployed)

    result = deployed.ops('deploy', '--yes', *arguments, stage='prod')

    assert result.exit_code == 1
    assert problem in result.stderr
    assert stack(deployed) == before


def test_takes_a_bucket_that_is_given(deployed: Project) -> None:
    s3 = deployed.client('s3')
    s3.create_bucket(Bucket='ours')

    result = deployed.ops('deploy', '--yes', '--bucket', 'ours', stage='prod')

    assert result.exit_code == 0, result.output
    suffixes = {
        each['Key'].rpartition('.')[2] for each in s3.list_objects_v2(Bucket='ours')['Contents']
    }
    assert suffixes == {'zip', 'json'}
    with pytest.raises(ClientError, match='NoSuchBucketPolicy'):
        s3.get_bucket_policy(Bucket='ours')
    assert deployed.ops('deploy', '--yes', stage='prod').exit_code == 0


def test_bucket_in_another_region_is_refused(deployed: Project) -> None:
    elsewhere = {'LocationConstraint': 'eu-west-1'}
    deployed.client('s3').create_bucket(Bucket='far', CreateBucketConfiguration=elsewhere)

    result = deployed.ops('deploy', '--yes', '--bucket', 'far', stage='prod')

    assert result.exit_code == 1
    assert result.stderr == f'Error: The bucket far is in eu-west-1, not in {REGION}.\n'


def test_names_of_buckets_are_not_too_long_for_s3() -> None:
    """The longest name of a Region has 14 characters, such as ap-northeast-1."""
    stage = templates.resources()['Parameters']['Stage']
    longest = 'a' * 15

    assert re.fullmatch(stage['AllowedPattern'], longest)
    assert not re.fullmatch(stage['AllowedPattern'], longest + 'a')
    assert len(f'aws-middleware-{longest}-code-{ACCOUNT}-ap-northeast-1') <= 63


def test_stage_that_chalice_deployed_is_refused(project: Project) -> None:
    recorded = {'name': 'rest_api', 'rest_api_id': 'abc', 'rest_api_url': 'https://x/dev'}
    folder = project.folder / '.chalice' / 'deployed'
    folder.mkdir()
    (folder / 'dev.json').write_text(
        json.dumps({'schema_version': '2.0', 'backend': 'api', 'resources': [recorded]})
    )

    result = project.ops('deploy', '--yes', stage='dev')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'The stage dev is deployed by Chalice.' in result.stderr
    (folder / 'dev.json').unlink()


def test_stage_with_a_stack_of_resources_is_refused(project: Project) -> None:
    project.client('cloudformation').create_stack(
        StackName='aws-middleware-dev-resources',
        TemplateBody=json.dumps({'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}}}),
    )

    result = project.ops('deploy', '--yes', stage='dev')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'first run `python -m ops down --stage dev`' in result.stderr


def test_local_stage_is_not_deployed(project: Project) -> None:
    result = project.ops('deploy', '--yes', stage='local')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == 'Error: The stage local runs on this machine: `make dev`.\n'


def test_failure_is_reported_and_taken_back(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / 'emulator', tmp_path / 'emulator')
    with project_on_emulator(tmp_path) as project:
        project.client('s3').create_bucket(Bucket=f'{STACK}-documents-{ACCOUNT}')

        result = project.ops('deploy', '--yes', stage='prod')

        assert result.exit_code == 1
        assert f'{STACK} ended in ROLLBACK_COMPLETE. DocumentsBucket: ' in result.stderr
        assert project.client('lambda').list_functions()['Functions'] == []
        assert project.client('apigateway').get_rest_apis()['items'] == []


def test_function_that_does_not_start_in_lambda_is_not_deployed(tmp_path: Path) -> None:
    if reason := zip_proof.cannot_be_run(Target(tmp_path, this_python(), 'x86_64')):
        pytest.skip(reason)
    shutil.copytree(PROJECT / 'emulator', tmp_path / 'emulator')
    with project_on_emulator(tmp_path) as project:
        app = tmp_path / 'app.py'
        app.write_text(
            f'{app.read_text()}\nif "AWS_LAMBDA_RUNTIME_API" in os.environ:\n    import nowhere\n'
        )

        result = project.ops('deploy', '--yes', stage='prod')

        assert result.exit_code == 1
        assert "The function does not answer in Lambda's runtime: " in result.stderr
        assert "No module named 'nowhere'" in result.stderr
        made = project.client('s3').list_buckets()['Buckets']
        assert BUCKET not in [bucket['Name'] for bucket in made]
        assert project.client('cloudformation').list_stacks()['StackSummaries'] == []
