"""Stacks as they are created, changed and deleted, and what is told of it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

import boto3
import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from mypy_boto3_cloudformation import CloudFormationClient

from emulator.server import run_in_thread
from ops.cloudformation import changes, retained, stack, stack_events
from ops.cloudformation.changes import ChangeRefused
from ops.cloudformation.stack import Change, StackFailed

REGION = 'us-east-1'


@pytest.fixture(scope='module')
def url() -> Iterator[str]:
    """The address of an AWS."""
    with run_in_thread() as emulator:
        yield emulator.url


@pytest.fixture
def cloudformation(url: str) -> Iterator[CloudFormationClient]:
    """A client of CloudFormation; the stacks that a test leaves are deleted."""
    client = boto3.client('cloudformation', region_name=REGION, endpoint_url=url)
    yield client
    for each in client.describe_stacks()['Stacks']:
        stack.delete(client, each['StackId'])


def topics(*names: str, **more: Any) -> dict[str, Any]:
    """Return a template of topics."""
    return {
        'Resources': {
            name.title(): {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': name}}
            for name in names
        },
        **more,
    }


def bring(client: CloudFormationClient, template: dict[str, Any], name: str = 'it') -> bool:
    """Bring a stack up to date; tell whether there was anything to change."""
    change_set = stack.plan(client, name, {'TemplateBody': json.dumps(template)}, [])
    if change_set:
        stack.execute(client, change_set)
    return bool(change_set)


def status(client: CloudFormationClient, name: str = 'it') -> str:
    """Return a stack's status."""
    found = stack.describe(client, name)
    return found['StackStatus'] if found else 'none'


def test_creates_changes_and_deletes(
    cloudformation: CloudFormationClient, capsys: pytest.CaptureFixture[str]
) -> None:
    out = {'Outputs': {'Name': {'Value': 'one'}, 'Topic': {'Value': {'Ref': 'One'}}}}

    assert bring(cloudformation, topics('one', 'two', **out))
    assert status(cloudformation) == 'CREATE_COMPLETE'
    assert stack.outputs(cloudformation, 'it') == {
        'Name': 'one',
        'Topic': 'arn:aws:sns:us-east-1:123456789012:one',
    }
    names = {each['LogicalResourceId'] for each in stack.resources(cloudformation, 'it')}
    assert names == {'One', 'Two'}

    assert bring(cloudformation, topics('one', 'three', **out))
    assert status(cloudformation) == 'UPDATE_COMPLETE'

    found = stack.describe(cloudformation, 'it')
    assert found
    stack.delete(cloudformation, found['StackId'])
    assert stack.describe(cloudformation, 'it') is None
    assert stack.outputs(cloudformation, 'it') == {}
    lines = capsys.readouterr().out.splitlines()
    assert lines[:4] == [
        '  created  One (AWS::SNS::Topic)',
        '  created  Two (AWS::SNS::Topic)',
        '  created  Three (AWS::SNS::Topic)',
        '  deleted  Two (AWS::SNS::Topic)',
    ]
    assert {line.split()[0] for line in lines[4:]} == {'deleted'}


def test_nothing_to_change_is_no_failure(cloudformation: CloudFormationClient) -> None:
    bring(cloudformation, topics('one'))

    assert not bring(cloudformation, topics('one'))
    assert status(cloudformation) == 'CREATE_COMPLETE'
    left = cloudformation.list_change_sets(StackName='it')['Summaries']
    assert [each for each in left if each['Status'] == 'FAILED'] == []


def test_says_which_resource_failed_first_and_rolls_back(
    cloudformation: CloudFormationClient, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    boto3.client('s3', region_name=REGION, endpoint_url=url).create_bucket(Bucket='taken')
    template = topics('one')
    template['Resources']['Files'] = {
        'Type': 'AWS::S3::Bucket',
        'DependsOn': 'One',
        'Properties': {'BucketName': 'taken'},
    }

    with pytest.raises(StackFailed, match=r'it ended in ROLLBACK_COMPLETE. Files: .* exists'):
        bring(cloudformation, template)
    assert capsys.readouterr().out.splitlines() == [
        '  created  One (AWS::SNS::Topic)',
        '  failed   Files (AWS::S3::Bucket)',
        '  Rolling back',
        '  deleted  One (AWS::SNS::Topic)',
    ]
    with pytest.raises(StackFailed, match='is in ROLLBACK_COMPLETE: delete it'):
        bring(cloudformation, template)


def test_failed_update_leaves_what_was_there(
    cloudformation: CloudFormationClient, url: str
) -> None:
    boto3.client('s3', region_name=REGION, endpoint_url=url).create_bucket(Bucket='taken-too')
    bring(cloudformation, topics('one'))
    template = topics('one')
    template['Resources']['Files'] = {
        'Type': 'AWS::S3::Bucket',
        'Properties': {'BucketName': 'taken-too'},
    }

    with pytest.raises(StackFailed, match=r'ended in UPDATE_ROLLBACK_COMPLETE. Files: '):
        bring(cloudformation, template)
    assert bring(cloudformation, topics('one', 'two'))


def test_stack_that_cannot_be_changed_now_is_refused(
    cloudformation: CloudFormationClient,
) -> None:
    found = {'StackName': 'it', 'StackId': 'arn:…/it/1', 'CreationTime': '', 'StackStatus': ''}
    remedies = {
        'UPDATE_IN_PROGRESS': 'wait until that has ended',
        'UPDATE_ROLLBACK_IN_PROGRESS': 'wait until that has ended',
        'UPDATE_ROLLBACK_FAILED': 'continue-update-rollback --stack-name it',
        'DELETE_FAILED': 'python -m ops down',
        'ROLLBACK_FAILED': 'delete it',
    }
    for bad, remedy in remedies.items():
        with (
            mock.patch.object(stack, 'describe', return_value=found | {'StackStatus': bad}),
            pytest.raises(StackFailed, match=f'it is in {bad}: .*{remedy}'),
        ):
            stack.plan(cloudformation, 'it', {'TemplateBody': '{}'}, [])


def test_change_set_that_is_not_wanted_leaves_nothing(
    cloudformation: CloudFormationClient,
) -> None:
    change_set = stack.plan(cloudformation, 'it', {'TemplateBody': json.dumps(topics('one'))}, [])

    assert change_set
    assert change_set.changes == [Change('Add', 'One', 'AWS::SNS::Topic', 'False')]
    stack.discard(cloudformation, change_set)
    assert stack.describe(cloudformation, 'it') is None


def test_stack_that_somebody_else_creates_is_not_discarded(
    cloudformation: CloudFormationClient,
) -> None:
    template = {'TemplateBody': json.dumps(topics('one'))}
    change_set = stack.plan(cloudformation, 'it', template, [])
    assert change_set
    cloudformation.execute_change_set(ChangeSetName=change_set.id)
    cloudformation.get_waiter('stack_create_complete').wait(
        StackName='it', WaiterConfig={'Delay': 1, 'MaxAttempts': 30}
    )

    stack.discard(cloudformation, change_set)

    assert status(cloudformation) == 'CREATE_COMPLETE'


def test_status_from_before_is_not_how_it_ends(
    cloudformation: CloudFormationClient, capsys: pytest.CaptureFixture[str]
) -> None:
    bring(cloudformation, topics('one'))
    before, describe = stack.describe(cloudformation, 'it'), stack.describe
    template = {'TemplateBody': json.dumps(topics('one', 'two'))}
    change_set = stack.plan(cloudformation, 'it', template, [])
    assert change_set

    stale = iter([before])
    with mock.patch.object(stack, 'describe', lambda *asked: next(stale, None) or describe(*asked)):
        stack.execute(cloudformation, change_set)

    assert status(cloudformation) == 'UPDATE_COMPLETE'
    assert '  created  Two (AWS::SNS::Topic)' in capsys.readouterr().out


@pytest.mark.parametrize(
    'end', [KeyboardInterrupt(), ClientError({'Error': {'Code': 'ExpiredToken'}}, 'Describe')]
)
def test_what_ends_the_command_does_not_end_the_change(
    cloudformation: CloudFormationClient, capsys: pytest.CaptureFixture[str], end: BaseException
) -> None:
    change_set = stack.plan(cloudformation, 'it', {'TemplateBody': json.dumps(topics('one'))}, [])
    assert change_set

    with (
        mock.patch('ops.cloudformation.stack_events.since', side_effect=end),
        pytest.raises(type(end)),
    ):
        stack.execute(cloudformation, change_set)

    assert 'goes on with the stack it by itself' in capsys.readouterr().err
    waiter = cloudformation.get_waiter('stack_create_complete')
    waiter.wait(StackName='it', WaiterConfig={'Delay': 1, 'MaxAttempts': 30})


def test_protected_stack_is_not_deleted(cloudformation: CloudFormationClient) -> None:
    bring(cloudformation, topics('one'))
    stack.protect(cloudformation, 'it')

    with pytest.raises(cloudformation.exceptions.ClientError, match='TerminationProtection'):
        cloudformation.delete_stack(StackName='it')
    stack.protect(cloudformation, 'it', on=False)


@pytest.mark.parametrize('held', changes.LOST)
@pytest.mark.parametrize(
    ('action', 'replacement', 'words'),
    [
        ('Remove', 'False', 'It is removed from the stack: '),
        ('Modify', 'True', 'It is replaced by a new one: '),
        ('Modify', 'Conditional', 'It may be replaced by a new one: '),
    ],
)
def test_refuses_to_lose(held: str, action: str, replacement: str, words: str) -> None:
    change = Change(action, 'It', held, replacement)

    with pytest.raises(ChangeRefused, match=words + changes.LOST[held]):
        changes.refuse_losses([Change('Add', 'Other', held, 'False'), change])


def test_other_changes_lose_nothing() -> None:
    changes.refuse_losses(
        [
            Change('Add', 'Pool', 'AWS::Cognito::UserPool', 'False'),
            Change('Modify', 'Pool', 'AWS::Cognito::UserPool', 'False'),
            Change('Import', 'Files', 'AWS::S3::Bucket', 'False'),
            Change('Remove', 'Alarm', 'AWS::CloudWatch::Alarm', 'False'),
            Change('Modify', 'Alarm', 'AWS::CloudWatch::Alarm', 'True'),
        ]
    )


def test_table_marks_what_would_be_lost() -> None:
    lines = changes.table(
        [
            Change('Remove', 'Alarm', 'AWS::CloudWatch::Alarm', 'False'),
            Change('Remove', 'Domain', 'AWS::Cognito::UserPoolDomain', 'False'),
            Change('Modify', 'Pool', 'AWS::Cognito::UserPool', 'Conditional'),
            Change('Add', 'Topic', 'AWS::SNS::Topic', 'False'),
        ]
    )

    assert list(lines) == [
        'action  resource  type                          replacement',
        'Add     Topic     AWS::SNS::Topic               no',
        '\x1b[31m\x1b[1mModify  Pool      AWS::Cognito::UserPool        maybe\x1b[0m',
        'Remove  Alarm     AWS::CloudWatch::Alarm        no',
        '\x1b[31m\x1b[1mRemove  Domain    AWS::Cognito::UserPoolDomain  no\x1b[0m',
    ]


def test_what_a_stack_did_not_make_is_not_what_it_left(
    cloudformation: CloudFormationClient,
) -> None:
    """A bucket of that name was there: CloudFormation may say of it, too, that it is skipped."""

    def event(logical_id: str, status: str, physical_id: str) -> dict[str, object]:
        return {
            'StackId': 'it',
            'EventId': f'{logical_id}-{status}',
            'StackName': 'it',
            'Timestamp': datetime.now(UTC),
            'LogicalResourceId': logical_id,
            'ResourceStatus': status,
            'PhysicalResourceId': physical_id,
        }

    events = [
        event('Theirs', 'DELETE_SKIPPED', 'theirs'),
        event('Ours', 'DELETE_SKIPPED', 'ours'),
        event('Theirs', 'CREATE_FAILED', 'theirs'),
        event('Ours', 'CREATE_COMPLETE', 'ours'),
    ]
    with Stubber(cloudformation) as stubbed:
        stubbed.add_response('describe_stack_events', {'StackEvents': events})
        left = list(stack_events.kept(cloudformation, 'it'))

    assert [each['PhysicalResourceId'] for each in left] == ['ours']


def test_what_stays_is_listed_apart_from_what_goes() -> None:
    template = {'Pool': {'DeletionPolicy': 'Retain'}, 'Files': {'DeletionPolicy': 'Delete'}}
    listed: Any = [
        {'LogicalResourceId': 'Pool', 'PhysicalResourceId': 'p', 'ResourceStatus': 'x'},
        {'LogicalResourceId': 'Files', 'PhysicalResourceId': 'f', 'ResourceStatus': 'x'},
        {'LogicalResourceId': 'Made', 'PhysicalResourceId': 'm', 'ResourceStatus': 'x'},
        {
            'LogicalResourceId': 'Gone',
            'PhysicalResourceId': 'g',
            'ResourceStatus': 'DELETE_COMPLETE',
        },
        {'LogicalResourceId': 'Never', 'ResourceStatus': 'CREATE_FAILED'},
    ]

    assert retained.split(listed, template) == ({'Files': 'f', 'Made': 'm'}, {'Pool': 'p'})
