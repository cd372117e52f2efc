"""`ops down`: what goes, what stays, and how what stays is used again."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from botocore.exceptions import ClientError

from ops.cloudformation import retained, stack
from tests.support.stages import templates
from tests.support.stages.stage_on_emulator import ACCOUNT, Project, project_on_emulator

STACK = 'aws-middleware-dev-resources'
RESULTS = f'aws-middleware-dev-results-{ACCOUNT}'
DOCUMENTS = f'aws-middleware-dev-documents-{ACCOUNT}'


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A project whose stage dev has its resources."""
    with project_on_emulator(tmp_path) as project:
        assert project.ops('up').exit_code == 0
        yield project


def is_there(project: Project, name: str = STACK) -> bool:
    """Tell whether a stack is there."""
    try:
        project.client('cloudformation').describe_stacks(StackName=name)
    except ClientError:
        return False
    return True


def test_people_and_data_stay(project: Project) -> None:
    s3, cognito = project.client('s3'), project.client('cognito-idp')
    pool = project.variables()['COGNITO_USER_POOL_ARN'].rpartition('/')[2]
    project.ops('user', 'add', 'jane@example.com')
    s3.put_object(Bucket=DOCUMENTS, Key='a.txt', Body=b'a')
    s3.put_object(Bucket=RESULTS, Key='sql/1.csv', Body=b'1')
    s3.put_object(Bucket=RESULTS, Key='sql/2.csv', Body=b'2')
    project.client('logs').create_log_group(logGroupName='/aws/apigateway/aws-middleware-dev')

    result = project.ops('down', '--yes')

    assert (result.exit_code, result.stderr) == (0, '')
    assert not is_there(project)
    assert [each['Username'] for each in cognito.list_users(UserPoolId=pool)['Users']]
    assert s3.get_object(Bucket=DOCUMENTS, Key='a.txt')['Body'].read() == b'a'
    assert 'aws-middleware-dev-records' in project.client('dynamodb').list_tables()['TableNames']
    assert RESULTS not in [each['Name'] for each in s3.list_buckets()['Buckets']]
    assert f'Emptied the bucket {RESULTS}: 2 objects.' in result.stdout
    assert 'Removed the log /aws/apigateway/aws-middleware-dev.' in result.stdout
    assert f'  UserPool {pool}: the people who may sign in\n' in result.stdout
    assert f'  DocumentsBucket {DOCUMENTS}: the documents\n' in result.stdout
    assert '  RecordsTable aws-middleware-dev-records: the records\n' in result.stdout


def test_settings_of_what_stays_stay(project: Project) -> None:
    before = project.variables()
    project.configure(**before, DOCUMENTS_PREFIX='ours')

    result = project.ops('down', '--yes')

    kept = ('COGNITO_USER_POOL_ARN', 'RECORDS_TABLE_NAME', 'DOCUMENTS_BUCKET_NAME')
    assert project.variables() == {
        **{name: before[name] for name in before if name in kept},
        'DOCUMENTS_PREFIX': 'ours',
    }
    for name in set(before) - set(kept):
        assert f'.chalice/config.json: {name} is taken out\n' in result.stdout


def test_what_stays_is_used_again_as_printed(project: Project) -> None:
    before = project.variables()
    project.ops('user', 'add', 'jane@example.com')
    printed = project.ops('down', '--yes').stdout
    (command,) = re.findall(r'^  python -m ops (up --stage dev .*)$', printed, flags=re.MULTILINE)
    project.configure()

    arguments = shlex.split(command)
    result = project.ops(*(each for each in arguments if each not in ('--stage', 'dev')))

    assert result.exit_code == 0, result.output
    after = project.variables()
    assert set(after) == set(before)
    for name in ('COGNITO_USER_POOL_ARN', 'RECORDS_TABLE_NAME', 'DOCUMENTS_BUCKET_NAME'):
        assert after[name] == before[name]
    assert 'is there already' in project.ops('user', 'add', 'jane@example.com').stdout


def test_up_after_down_finds_what_stayed_by_itself(project: Project) -> None:
    before = project.variables()
    project.ops('down', '--yes')

    assert project.ops('up').exit_code == 0

    after = project.variables()
    assert set(after) == set(before)
    assert after['COGNITO_USER_POOL_ARN'] == before['COGNITO_USER_POOL_ARN']


def test_again_finds_nothing(project: Project) -> None:
    project.ops('down', '--yes')

    result = project.ops('down')

    assert (result.exit_code, result.stderr) == (0, '')
    assert result.stdout == (
        'There is no stack aws-middleware-dev.\nThere is no stack aws-middleware-dev-resources.\n'
    )


@pytest.mark.parametrize(
    ('answer', 'said'),
    [
        ('n\n', 'Stopped.'),
        ('\n', 'Stopped.'),
        ('', 'Nobody is there to answer: pass --yes.\nStopped.'),
    ],
)
def test_asks_first(project: Project, answer: str, said: str) -> None:
    result = project.ops('down', answer=answer)

    assert (result.exit_code, result.stderr.strip()) == (130, said)
    assert 'Remove the stage dev?' in result.stdout
    assert is_there(project)
    assert project.variables()['RESULTS_BUCKET_NAME'] == RESULTS


def test_api_goes_first(project: Project) -> None:
    recorded = {'name': 'rest_api', 'rest_api_id': 'abc', 'rest_api_url': 'https://x/dev'}
    folder = project.folder / '.chalice' / 'deployed'
    folder.mkdir()
    (folder / 'dev.json').write_text(
        json.dumps({'schema_version': '2.0', 'backend': 'api', 'resources': [recorded]})
    )

    result = project.ops('down', '--yes')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'run `chalice delete --stage dev` first' in result.stderr
    assert is_there(project)


def test_half_a_record_of_the_api_is_not_taken_for_none(project: Project) -> None:
    file = project.folder / '.chalice' / 'deployed' / 'dev.json'
    file.parent.mkdir()
    file.write_text('{"schema_version": "2.0", "resources": [')

    result = project.ops('down', '--yes')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr.startswith(f'Error: {file}: ')
    assert is_there(project)


def test_results_that_are_not_the_stacks_own_stay(tmp_path: Path) -> None:
    with project_on_emulator(tmp_path) as project:
        s3 = project.client('s3')
        s3.create_bucket(Bucket='ours')
        s3.put_object(Bucket='ours', Key='sql/1.csv', Body=b'1')
        assert project.ops('up', '-p', 'ExistingResultsBucketName=ours').exit_code == 0

        result = project.ops('down', '--yes')

        assert result.exit_code == 0, result.output
        assert s3.get_object(Bucket='ours', Key='sql/1.csv')['Body'].read() == b'1'
        assert project.variables()['RESULTS_BUCKET_NAME'] == 'ours'


def test_results_among_the_documents_stay_with_them(project: Project) -> None:
    s3 = project.client('s3')
    s3.put_object(Bucket=DOCUMENTS, Key='a.txt', Body=b'a')
    s3.put_object(Bucket=DOCUMENTS, Key='sql/1.csv', Body=b'1')
    again = ('-p', f'ExistingResultsBucketName={DOCUMENTS}', '--allow-replacement')
    assert project.ops('up', *again).exit_code == 0

    result = project.ops('down', '--yes')

    assert result.exit_code == 0, result.output
    kept = [each['Key'] for each in s3.list_objects_v2(Bucket=DOCUMENTS)['Contents']]
    assert kept == ['a.txt', 'sql/1.csv']


def test_stack_that_was_never_complete_goes(tmp_path: Path) -> None:
    with project_on_emulator(tmp_path) as project:
        project.client('s3').create_bucket(Bucket=RESULTS)
        assert project.ops('up').exit_code == 1

        result = project.ops('down', '--yes')

        assert result.exit_code == 0, result.output
        assert not is_there(project)
        assert f'{DOCUMENTS}, which was empty' in result.stdout


def test_stack_that_somebody_changes_is_left_alone(project: Project) -> None:
    s3, cloudformation = project.client('s3'), project.client('cloudformation')
    s3.put_object(Bucket=RESULTS, Key='sql/1.csv', Body=b'1')
    (found,) = cloudformation.describe_stacks(StackName=STACK)['Stacks']
    busy = found | {'StackStatus': 'UPDATE_IN_PROGRESS'}

    with mock.patch.object(stack, 'describe', side_effect=[None, busy]):
        result = project.ops('down', '--yes')

    assert result.exit_code == 1
    assert f'The stack {STACK} is in UPDATE_IN_PROGRESS: wait until' in result.stderr
    assert s3.list_objects_v2(Bucket=RESULTS)['KeyCount'] == 1
    (found,) = cloudformation.describe_stacks(StackName=STACK)['Stacks']
    assert found['EnableTerminationProtection']


def test_deletion_that_fails_is_reported_and_can_be_finished(project: Project) -> None:
    s3 = project.client('s3')
    attached = {'PolicyArn': 'arn:aws:iam::aws:policy/ReadOnlyAccess'}
    (role,) = [
        each['PhysicalResourceId']
        for each in project.client('cloudformation').describe_stack_resources(StackName=STACK)[
            'StackResources'
        ]
        if each['LogicalResourceId'] == 'WorkflowRole'
    ]
    project.client('iam').attach_role_policy(RoleName=role, **attached)

    result = project.ops('down', '--yes')

    assert result.exit_code == 1
    assert f'{STACK} ended in DELETE_FAILED. WorkflowRole: ' in result.stderr
    assert project.variables()['RESULTS_BUCKET_NAME'] == RESULTS

    project.client('iam').detach_role_policy(RoleName=role, **attached)
    result = project.ops('down', '--yes')

    assert result.exit_code == 0, result.output
    assert not is_there(project)
    assert RESULTS not in [each['Name'] for each in s3.list_buckets()['Buckets']]


def test_one_stack_and_its_bucket_of_code_go(tmp_path: Path) -> None:
    template: dict[str, Any] = {
        'Resources': {
            'Topic': {'Type': 'AWS::SNS::Topic'},
            'RecordsTable': {
                'Type': 'AWS::DynamoDB::Table',
                'DeletionPolicy': 'Retain',
                'Properties': {
                    'TableName': 'records',
                    'BillingMode': 'PAY_PER_REQUEST',
                    'AttributeDefinitions': [{'AttributeName': 'pk', 'AttributeType': 'S'}],
                    'KeySchema': [{'AttributeName': 'pk', 'KeyType': 'HASH'}],
                },
            },
        },
        'Outputs': {'RecordsTableName': {'Value': 'records'}},
    }
    with project_on_emulator(tmp_path) as project:
        client, s3 = project.client('cloudformation'), project.client('s3')
        client.create_stack(StackName='aws-middleware-dev', TemplateBody=json.dumps(template))
        client.get_waiter('stack_create_complete').wait(
            StackName='aws-middleware-dev', WaiterConfig={'Delay': 1, 'MaxAttempts': 30}
        )
        code = f'aws-middleware-dev-code-{ACCOUNT}-us-east-1'
        s3.create_bucket(Bucket=code)
        s3.put_object(Bucket=code, Key='1.zip', Body=b'1')

        result = project.ops('down', '--yes')

        assert result.exit_code == 0, result.output
        assert not is_there(project, 'aws-middleware-dev')
        assert code not in [each['Name'] for each in s3.list_buckets()['Buckets']]
        assert (
            '  python -m ops deploy --stage dev -p ExistingRecordsTableName=records\n'
            in result.stdout
        )


def test_local_stage_has_nothing_to_remove(tmp_path: Path) -> None:
    with project_on_emulator(tmp_path) as project:
        result = project.ops('down', '--yes', stage='local')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == 'Error: The stage local is gone when `make dev` ends.\n'


def test_everything_that_is_retained_is_known() -> None:
    resources = templates.resources()
    kept = {
        name
        for name, each in resources['Resources'].items()
        if each.get('DeletionPolicy') in ('Retain', 'RetainExceptOnCreate')
    }

    assert set(retained.KEPT) == kept
    for kind in retained.KEPT.values():
        if kind.parameter:
            assert kind.parameter in resources['Parameters']
            assert kind.output in resources['Outputs']
