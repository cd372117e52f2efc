"""CloudFormation on this machine: what it makes of templates, and how it goes back."""

import json
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator.server import run_in_thread
from tests.support.stages.deployed_function import REGION, Json
from tests.support.stages.stacks import Stacks, outputs, parameters

TOPIC: Json = {'Type': 'AWS::SNS::Topic'}
QUERY: Json = {
    'Type': 'AWS::Logs::QueryDefinition',
    'Properties': {'Name': 'q', 'QueryString': 'a'},
}


@pytest.fixture(scope='module')
def stacks() -> Iterator[Stacks]:
    with run_in_thread() as emulator:
        yield Stacks(emulator)


@pytest.fixture
def name() -> str:
    return f'stack-{uuid.uuid4()}'


def topic(name: str, **of: Any) -> Json:
    """Return a topic with a name of its own."""
    return {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': name}, **of}


def topic_named(function: str, argument: str) -> str:
    """Return a topic whose name a function gives, as text."""
    return json.dumps(topic('') | {'Properties': {'TopicName': {function: argument}}})


def test_stack_is_made_in_the_order_of_what_depends_on_what(stacks: Stacks, name: str) -> None:
    template = {
        'Description': 'One of each',
        'Resources': {
            'Subscription': {
                'Type': 'AWS::SNS::Subscription',
                'Properties': {
                    'TopicArn': {'Ref': 'Topic'},
                    'Protocol': 'email',
                    'Endpoint': 'a@b.example',
                },
            },
            'Topic': {**TOPIC, 'DependsOn': 'Query'},
            'Query': QUERY,
        },
        'Outputs': {'Name': {'Description': 'It', 'Value': {'Fn::GetAtt': ['Topic', 'TopicName']}}},
    }

    stack = stacks.create(name, template, Tags=[{'Key': 'a', 'Value': 'b'}])

    assert (stack['StackStatus'], stack['Description']) == ('CREATE_COMPLETE', 'One of each')
    assert stack['Tags'] == [{'Key': 'a', 'Value': 'b'}]
    assert outputs(stack)['Name'].startswith(f'{name}-Topic-')
    assert stacks.events(name) == [
        (name, 'CREATE_IN_PROGRESS'),
        ('Query', 'CREATE_IN_PROGRESS'),
        ('Query', 'CREATE_COMPLETE'),
        ('Topic', 'CREATE_IN_PROGRESS'),
        ('Topic', 'CREATE_COMPLETE'),
        ('Subscription', 'CREATE_IN_PROGRESS'),
        ('Subscription', 'CREATE_COMPLETE'),
        (name, 'CREATE_COMPLETE'),
    ]
    resources = stacks.api.describe_stack_resources(StackName=name)['StackResources']
    assert [r['LogicalResourceId'] for r in resources] == ['Query', 'Topic', 'Subscription']
    found = stacks.api.describe_stack_resource(StackName=name, LogicalResourceId='Topic')
    arn = found['StackResourceDetail']['PhysicalResourceId']
    assert arn in [t['TopicArn'] for t in stacks.client('sns').list_topics()['Topics']]
    assert stacks.api.get_template(StackName=name)['TemplateBody'] == template


@pytest.mark.parametrize(
    ('value', 'expected'),
    [
        ({'Ref': 'Text'}, 'text'),
        ({'Ref': 'AWS::Region'}, REGION),
        ({'Ref': 'AWS::AccountId'}, '123456789012'),
        ({'Fn::Sub': '${Text}-${AWS::Partition}-${!Text}'}, 'text-aws-${Text}'),
        ({'Fn::Sub': ['${A}${Text}', {'A': {'Fn::Join': ['+', ['1', 2, True]]}}]}, '1+2+truetext'),
        ({'Fn::Join': ['|', {'Ref': 'List'}]}, 'a|b'),
        ({'Fn::Join': ['|', ['a', {'Ref': 'AWS::NoValue'}, 'b']]}, 'a|b'),
        ({'Fn::Select': ['1', {'Fn::Split': ['/', 'a/b/c']}]}, 'b'),
        ({'Fn::Select': [0, {'Ref': 'List'}]}, 'a'),
        ({'Fn::If': ['IsText', 'yes', {'Ref': 'Nowhere'}]}, 'yes'),
        ({'Fn::If': ['IsNot', {'Ref': 'Nowhere'}, 'no']}, 'no'),
        ({'Fn::If': ['Both', 'yes', 'no']}, 'no'),
        ({'Fn::If': ['Either', 'yes', 'no']}, 'yes'),
        ({'Fn::If': ['Again', 'yes', 'no']}, 'yes'),
        ({'Fn::If': ['IsSeven', 'yes', 'no']}, 'yes'),
        ({'Fn::FindInMap': ['Map', {'Ref': 'Text'}, 'key']}, 'mapped'),
        ({'Fn::Base64': 'text'}, 'dGV4dA=='),
        ({'Fn::GetAtt': 'Topic.TopicName'}, 'functions'),
        ({'Fn::Sub': '${Topic} ${Topic.TopicName}'}, f'{"arn"} functions'),
    ],
    ids=str,
)
def test_function(value: Json, expected: str, stacks: Stacks, name: str) -> None:
    template = {
        'Parameters': {
            'Text': {'Type': 'String', 'Default': 'text'},
            'List': {'Type': 'CommaDelimitedList', 'Default': 'a, b'},
            'Seven': {'Type': 'Number', 'Default': 7},
        },
        'Mappings': {'Map': {'text': {'key': 'mapped'}}},
        'Conditions': {
            'IsText': {'Fn::Equals': [{'Ref': 'Text'}, 'text']},
            'IsNot': {'Fn::Not': [{'Condition': 'IsText'}]},
            'Both': {'Fn::And': [{'Condition': 'IsText'}, {'Condition': 'IsNot'}]},
            'Either': {'Fn::Or': [{'Condition': 'IsText'}, {'Condition': 'IsNot'}]},
            'Again': {'Condition': 'Either'},
            'IsSeven': {'Fn::Equals': [{'Ref': 'Seven'}, 7]},
        },
        'Resources': {'Topic': topic('functions'), 'Nowhere': TOPIC | {'Condition': 'IsNot'}},
        'Outputs': {'Value': {'Value': value}, 'Left': {'Condition': 'IsNot', 'Value': 'out'}},
    }

    stack = stacks.create(name, template)
    stacks.delete(name)

    arn = f'arn:aws:sns:{REGION}:123456789012:functions'
    assert stack['StackStatus'] == 'CREATE_COMPLETE'
    assert outputs(stack) == {'Value': expected.replace('arn ', f'{arn} ')}


@pytest.mark.parametrize(
    ('declared', 'given', 'problem'),
    [
        ({'Type': 'String'}, {}, r'Parameters: \[P\] must have values'),
        ({'Type': 'String'}, {'P': 'a', 'Q': 'b'}, r'Parameters: \[Q\] do not exist'),
        ({'Type': 'String', 'AllowedPattern': '[a-z]+'}, {'P': 'A'}, "'P' must match pattern"),
        (
            {'Type': 'String', 'AllowedPattern': 'x', 'ConstraintDescription': 'must be x'},
            {'P': 'A'},
            'Parameter P failed to satisfy constraint: must be x',
        ),
        ({'Type': 'String', 'AllowedValues': ['a', 'b']}, {'P': 'c'}, 'one of AllowedValues'),
        ({'Type': 'String', 'MinLength': 2}, {'P': 'c'}, 'at least 2 characters'),
        ({'Type': 'String', 'MaxLength': '1'}, {'P': 'cc'}, 'at most 1 characters'),
        ({'Type': 'Number'}, {'P': 'c'}, "'P' must be a number"),
        ({'Type': 'Number', 'MinValue': 2}, {'P': '1'}, 'not less than 2'),
        ({'Type': 'Number', 'MaxValue': 2}, {'P': '3'}, 'not greater than 2'),
        ({'Type': 'CommaDelimitedList', 'AllowedPattern': 'a'}, {'P': 'a,b'}, 'must match'),
    ],
)
def test_parameter_is_refused(
    declared: Json, given: dict[str, str], problem: str, stacks: Stacks, name: str
) -> None:
    template = {'Parameters': {'P': declared}, 'Resources': {'Topic': TOPIC}}

    with pytest.raises(ClientError, match=problem):
        stacks.create(name, template, Parameters=parameters(**given))


def test_parameters_are_shown_but_not_the_secret_ones(stacks: Stacks, name: str) -> None:
    template = {
        'Parameters': {
            'Shown': {'Type': 'CommaDelimitedList', 'Default': 'a,b'},
            'Hidden': {'Type': 'String', 'NoEcho': True},
        },
        'Resources': {'Topic': TOPIC},
    }

    stack = stacks.create(name, template, Parameters=parameters(Hidden='secret'))

    assert stack['Parameters'] == parameters(Shown='a,b', Hidden='****')


@pytest.mark.parametrize(
    ('template', 'problem'),
    [
        ('{', 'JSON not well-formed'),
        ('[]', 'At least one Resources member'),
        ('{"Resources": {}}', 'At least one Resources member'),
        ('{"Resources": []}', 'At least one Resources member'),
        ('{"Resources": {"A": 1}}', 'Template format error'),
        ('{"Resources": {"A": {}}}', 'Template format error'),
        ('{"Resources": {"A": {"Type": "AWS::No::Such"}}}', r'types: \[AWS::No::Such\]'),
        (f'{{"Resources": {{"A": {topic_named("Ref", "B")}}}}}', r'dependencies \[B\]'),
        (f'{{"Resources": {{"A": {topic_named("Fn::Sub", "${B.C}")}}}}}', r'dependencies \[B\]'),
        (f'{{"Resources": {{"A": {topic_named("Fn::GetAtt", "A.B")}}}}}', r'Circular.*\[A\]'),
        ('{"Parameters": {"P": {}}, "Resources": {"A": {"Type": "AWS::SNS::Topic"}}}',
         'Template format error|must have values'),
        ('{"Resources": {"A": {"Type": "AWS::SNS::Topic", "Properties": {"Fn::If": ["C", 1, 2]}}}}',
         'Template'),
        ('[' * 20_000, 'Template'),
        ('{"Resources": {"A": {"Type": "AWS::SNS::Topic"}}, "Conditions": {"C": {"Fn::X": []}}}',
         'Template'),
    ],
)  # fmt: skip
def test_template_is_refused(template: str, problem: str, stacks: Stacks, name: str) -> None:
    api: Any = stacks.api
    for ask in (
        partial(api.create_change_set, ChangeSetName='x', ChangeSetType='CREATE'),
        api.create_stack,
    ):
        with pytest.raises(ClientError, match=problem) as refused:
            ask(StackName=name, TemplateBody=template)
        assert refused.value.response['Error']['Code'] == 'ValidationError'
    with pytest.raises(ClientError, match='does not exist'):
        stacks.api.describe_stacks(StackName=name)


def test_request_needs_a_template(stacks: Stacks, name: str) -> None:
    with pytest.raises(ClientError, match='Either Template URL or Template Body'):
        stacks.api.create_stack(StackName=name)


def test_unknown_function_is_an_error_of_the_resource(stacks: Stacks, name: str) -> None:
    template = {'Resources': {'A': topic('x') | {'Properties': {'TopicName': {'Fn::Cidr': []}}}}}

    assert stacks.create(name, template)['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert 'Fn::Cidr is not supported' in stacks.why(name, 'A')


def test_long_template_has_to_come_from_a_bucket(stacks: Stacks, name: str) -> None:
    template = {'Description': 'x' * 52_000, 'Resources': {'Topic': TOPIC}}
    with pytest.raises(ClientError, match='length less than or equal to 51200'):
        stacks.create(name, template)
    s3 = stacks.client('s3')
    s3.create_bucket(Bucket='templates', CreateBucketConfiguration={'LocationConstraint': REGION})
    s3.put_object(Bucket='templates', Key='a/b.json', Body=json.dumps(template))

    for url in (
        f'https://templates.s3.{REGION}.amazonaws.com/a/b.json',
        f'https://s3.{REGION}.amazonaws.com/templates/a/b.json',
        f'{stacks.url}/templates/a/b.json',
    ):
        stacks.api.create_stack(StackName=name, TemplateURL=url)
        assert stacks.ended(name)['StackStatus'] == 'CREATE_COMPLETE'
        stacks.delete(name)
    with pytest.raises(ClientError, match='S3 error'):
        stacks.api.create_stack(StackName=name, TemplateURL=f'{stacks.url}/templates/none')


@pytest.mark.parametrize(
    ('properties', 'given', 'needed'),
    [
        ({}, [], 'CAPABILITY_IAM'),
        ({'RoleName': 'named'}, ['CAPABILITY_IAM'], 'CAPABILITY_NAMED_IAM'),
    ],
)
def test_roles_have_to_be_consented_to(
    properties: Json, given: list[str], needed: str, stacks: Stacks, name: str
) -> None:
    role = {'AssumeRolePolicyDocument': {'Version': '2012-10-17', 'Statement': []}, **properties}
    template = {'Resources': {'Role': {'Type': 'AWS::IAM::Role', 'Properties': role}}}

    with pytest.raises(ClientError, match=rf'Requires capabilities : \[{needed}\]') as refused:
        stacks.create(name, template, Capabilities=given)

    assert refused.value.response['Error']['Code'] == 'InsufficientCapabilitiesException'
    assert stacks.create(name, template, Capabilities=[needed])['StackStatus'] == 'CREATE_COMPLETE'


def test_change_set_tells_beforehand_and_does_nothing(stacks: Stacks, name: str) -> None:
    template = {'Resources': {'One': topic(f'{name}-1'), 'Two': topic(f'{name}-2')}}

    change_set = stacks.change_set(name, template, 'CREATE')

    assert (change_set['Status'], change_set['ExecutionStatus']) == (
        'CREATE_COMPLETE',
        'AVAILABLE',
    )
    assert [
        (c['ResourceChange']['Action'], c['ResourceChange']['LogicalResourceId'])
        for c in change_set['Changes']
    ] == [('Add', 'One'), ('Add', 'Two')]
    assert stacks.api.describe_stacks(StackName=name)['Stacks'][0]['StackStatus'] == (
        'REVIEW_IN_PROGRESS'
    )
    assert name not in str(stacks.client('sns').list_topics()['Topics'])

    assert stacks.execute(change_set)['StackStatus'] == 'CREATE_COMPLETE'
    assert f'{name}-1' in str(stacks.client('sns').list_topics()['Topics'])
    with pytest.raises(ClientError, match='cannot be executed in its current execution status'):
        stacks.execute(change_set)
    with pytest.raises(ClientError, match='already exists and cannot be created again'):
        stacks.change_set(name, template, 'CREATE')


def test_change_set_without_changes_fails(stacks: Stacks, name: str) -> None:
    template = {
        'Parameters': {'Name': {'Type': 'String'}, 'Unused': {'Type': 'String', 'Default': 'a'}},
        'Resources': {'Topic': topic(name) | {'Properties': {'DisplayName': {'Ref': 'Name'}}}},
    }
    stacks.create(name, template, Parameters=parameters(Name='a'))
    again = [{'ParameterKey': 'Name', 'UsePreviousValue': True}]

    for asked in (again, [*again, *parameters(Unused='b')]):
        change_set = stacks.change_set(name, template, Parameters=asked)
        assert (change_set['Status'], change_set['ExecutionStatus']) == ('FAILED', 'UNAVAILABLE')
        assert "didn't contain changes" in change_set['StatusReason']
        assert change_set['Changes'] == []
    with pytest.raises(ClientError, match='No updates are to be performed'):
        stacks.update(name, template, Parameters=again)
    with pytest.raises(ClientError, match='usePreviousValue as true for a parameter key not in'):
        stacks.update(name, template, Parameters=[{**again[0], 'ParameterKey': 'Unknown'}])

    change_set = stacks.change_set(name, template, Parameters=parameters(Name='b'))
    assert change_set['Status'] == 'CREATE_COMPLETE'
    assert stacks.execute(change_set)['StackStatus'] == 'UPDATE_COMPLETE'
    change_set = stacks.change_set(name, template, Parameters=again)
    assert change_set['Status'] == 'FAILED'


def test_update_of_outputs_alone_is_one(stacks: Stacks, name: str) -> None:
    template: Json = {'Resources': {'Topic': TOPIC}}
    stacks.create(name, template)

    stack = stacks.update(name, template | {'Outputs': {'New': {'Value': 'x'}}})

    assert (stack['StackStatus'], outputs(stack)) == ('UPDATE_COMPLETE', {'New': 'x'})


def test_update_changes_replaces_adds_and_removes(stacks: Stacks, name: str) -> None:
    before = {
        'Changed': topic(f'{name}-changed'),
        'Replaced': topic(f'{name}-replaced'),
        'Kept': topic(f'{name}-kept', DeletionPolicy='Retain'),
        'KeptWhenReplaced': topic(f'{name}-old', UpdateReplacePolicy='Retain'),
        'Removed': topic(f'{name}-removed'),
        'Same': topic(f'{name}-same'),
        'Dependent': {
            'Type': 'AWS::SNS::Subscription',
            'Properties': {
                'TopicArn': {'Ref': 'Replaced'},
                'Protocol': 'email',
                'Endpoint': 'a@b.example',
            },
        },
    }
    after = {
        'Changed': topic(f'{name}-changed'),
        'Replaced': topic(f'{name}-replacing'),
        'KeptWhenReplaced': topic(f'{name}-new', UpdateReplacePolicy='Retain'),
        'Same': before['Same'],
        'Added': topic(f'{name}-added'),
        'Dependent': before['Dependent'],
    }
    after['Changed']['Properties']['DisplayName'] = 'New'
    stacks.create(name, {'Resources': before})

    change_set = stacks.change_set(name, {'Resources': after})
    stack = stacks.execute(change_set)

    changes = [c['ResourceChange'] for c in change_set['Changes']]
    assert {
        c['LogicalResourceId']: (c['Action'], c.get('Replacement'), c.get('PolicyAction'))
        for c in changes
    } == {
        'Changed': ('Modify', 'False', None),
        'Replaced': ('Modify', 'True', None),
        'KeptWhenReplaced': ('Modify', 'True', None),
        'Added': ('Add', None, None),
        'Dependent': ('Modify', 'Conditional', None),
        'Kept': ('Remove', None, 'Retain'),
        'Removed': ('Remove', None, 'Delete'),
    }
    changed = next(c for c in changes if c['LogicalResourceId'] == 'Changed')
    assert [
        (d['Target']['Name'], d['Target']['RequiresRecreation']) for d in changed['Details']
    ] == [('DisplayName', 'Never')]
    assert stack['StackStatus'] == 'UPDATE_COMPLETE'
    arns = [t['TopicArn'] for t in stacks.client('sns').list_topics()['Topics']]
    assert {arn.rpartition(f'{name}-')[2] for arn in arns if name in arn} == {
        *('changed', 'replacing', 'kept', 'old', 'new', 'same', 'added'),
    }
    attributes = stacks.client('sns').get_topic_attributes(
        TopicArn=f'arn:aws:sns:{REGION}:123456789012:{name}-changed'
    )['Attributes']
    assert attributes['DisplayName'] == 'New'
    events = stacks.events(name)
    assert events.index(('Removed', 'DELETE_COMPLETE')) > events.index(('Added', 'CREATE_COMPLETE'))
    assert ('Kept', 'DELETE_SKIPPED') in events


def test_resource_comes_and_goes_with_its_condition(stacks: Stacks, name: str) -> None:
    template = {
        'Parameters': {'With': {'Type': 'String', 'Default': 'no'}},
        'Conditions': {'IsWith': {'Fn::Equals': [{'Ref': 'With'}, 'yes']}},
        'Resources': {'Always': TOPIC, 'Sometimes': topic(name, Condition='IsWith')},
    }

    stacks.create(name, template)
    listed = [len(stacks.api.list_stack_resources(StackName=name)['StackResourceSummaries'])]
    for value in ('yes', 'no'):
        stacks.update(name, template, Parameters=parameters(With=value))
        listed.append(
            len(stacks.api.list_stack_resources(StackName=name)['StackResourceSummaries'])
        )

    assert listed == [1, 2, 1]
    assert f":{name}'" not in str(stacks.client('sns').list_topics()['Topics'])


def test_failed_creation_leaves_nothing_but_what_is_retained(stacks: Stacks, name: str) -> None:
    stacks.client('sns').create_topic(Name=f'{name}-taken')
    template = {
        'Resources': {
            'Gone': topic(f'{name}-gone'),
            'Kept': topic(f'{name}-kept', DeletionPolicy='Retain'),
            'Taken': topic(f'{name}-taken', DependsOn=['Gone', 'Kept']),
            'Never': topic(f'{name}-never', DependsOn='Taken'),
        }
    }

    stack = stacks.create(name, template)

    assert stack['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert 'already exists' in stacks.why(name, 'Taken')
    assert '[Taken]' in stacks.why(name, name)
    arns = [t['TopicArn'] for t in stacks.client('sns').list_topics()['Topics']]
    assert {arn.rpartition(f'{name}-')[2] for arn in arns if name in arn} == {'taken', 'kept'}
    with pytest.raises(ClientError, match='is in ROLLBACK_COMPLETE state and can not be updated'):
        stacks.update(name, {'Resources': {'Topic': TOPIC}})
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_failed_update_goes_back(stacks: Stacks, name: str) -> None:
    sns = stacks.client('sns')
    sns.create_topic(Name=f'{name}-taken')
    before = {
        'Changed': topic(f'{name}-changed'),
        'Replaced': topic(f'{name}-replaced'),
        'Removed': topic(f'{name}-removed'),
    }
    before['Changed']['Properties']['DisplayName'] = 'Old'
    after = {
        'Changed': topic(f'{name}-changed'),
        'Replaced': topic(f'{name}-replacing', DependsOn='Changed'),
        'Added': topic(f'{name}-added', DependsOn='Replaced'),
        'Taken': topic(f'{name}-taken', DependsOn='Added'),
    }
    after['Changed']['Properties']['DisplayName'] = 'New'
    stacks.create(name, {'Resources': before, 'Outputs': {'Old': {'Value': 'x'}}})

    stack = stacks.update(name, {'Resources': after})

    assert (stack['StackStatus'], outputs(stack)) == ('UPDATE_ROLLBACK_COMPLETE', {'Old': 'x'})
    arns = [t['TopicArn'] for t in sns.list_topics()['Topics']]
    assert {arn.rpartition(f'{name}-')[2] for arn in arns if name in arn} == {
        *('changed', 'replaced', 'removed', 'taken'),
    }
    arn = f'arn:aws:sns:{REGION}:123456789012:{name}-changed'
    assert sns.get_topic_attributes(TopicArn=arn)['Attributes']['DisplayName'] == 'Old'
    assert stacks.update(name, {'Resources': before})['StackStatus'] == 'UPDATE_COMPLETE'


def test_output_that_cannot_be_computed_fails_the_stack(stacks: Stacks, name: str) -> None:
    template = {
        'Resources': {'Topic': topic(name)},
        'Outputs': {'Bad': {'Value': {'Fn::GetAtt': ['Topic', 'NoSuch']}}},
    }

    stack = stacks.create(name, template)

    assert stack['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert 'attribute NoSuch does not exist in schema for AWS::SNS::Topic' in (
        stacks.why(name, name)
    )
    assert name not in str(stacks.client('sns').list_topics()['Topics'])


def test_deletion_keeps_what_is_retained_and_can_be_tried_again(stacks: Stacks, name: str) -> None:
    bucket = {'Type': 'AWS::S3::Bucket', 'Properties': {'BucketName': name[:63]}}
    template = {
        'Resources': {
            'Bucket': bucket,
            'Kept': topic(f'{name}-kept', DeletionPolicy='Retain'),
            'Gone': topic(f'{name}-gone'),
        }
    }
    stack_id = stacks.create(name, template)['StackId']
    s3 = stacks.client('s3')
    s3.put_object(Bucket=name[:63], Key='a', Body=b'a')

    failed = stacks.delete(name)
    retained = stacks.delete(name, RetainResources=['Bucket'])

    assert failed['StackStatus'] == 'DELETE_FAILED'
    assert '[Bucket]' in failed['StackStatusReason']
    assert 'not empty' in stacks.why(stack_id, 'Bucket')
    assert retained['StackStatus'] == 'DELETE_COMPLETE'
    assert s3.head_bucket(Bucket=name[:63])
    arns = [t['TopicArn'] for t in stacks.client('sns').list_topics()['Topics']]
    assert [arn.rpartition(f'{name}-')[2] for arn in arns if name in arn] == ['kept']
    with pytest.raises(ClientError, match=f'Stack with id {name} does not exist'):
        stacks.api.describe_stacks(StackName=name)
    stacks.api.delete_stack(StackName=name)
    listed = stacks.api.list_stacks(StackStatusFilter=['DELETE_COMPLETE'])['StackSummaries']
    assert stack_id in [summary['StackId'] for summary in listed]


def test_what_is_gone_already_is_no_reason_not_to_delete(stacks: Stacks, name: str) -> None:
    query = stacks.create(
        name, {'Resources': {'Query': QUERY}, 'Outputs': {'Id': {'Value': {'Ref': 'Query'}}}}
    )
    stacks.client('logs').delete_query_definition(queryDefinitionId=outputs(query)['Id'])

    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_protected_stack_is_not_deleted(stacks: Stacks, name: str) -> None:
    stacks.create(name, {'Resources': {'Topic': TOPIC}})
    protect = stacks.api.update_termination_protection
    protect(StackName=name, EnableTerminationProtection=True)
    with pytest.raises(ClientError, match='cannot be deleted while TerminationProtection'):
        stacks.api.delete_stack(StackName=name)

    protect(StackName=name, EnableTerminationProtection=False)

    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_change_sets_are_listed_and_deleted(stacks: Stacks, name: str) -> None:
    change_set = stacks.change_set(name, {'Resources': {'Topic': TOPIC}}, 'CREATE')
    listed = stacks.api.list_change_sets(StackName=name)['Summaries']
    assert [summary['ChangeSetId'] for summary in listed] == [change_set['ChangeSetId']]
    with pytest.raises(ClientError, match='already exists'):
        stacks.change_set(name, {'Resources': {'Topic': TOPIC}}, 'CREATE')

    stacks.api.delete_change_set(StackName=name, ChangeSetName=change_set['ChangeSetName'])

    assert stacks.api.list_change_sets(StackName=name)['Summaries'] == []
    with pytest.raises(stacks.api.exceptions.ChangeSetNotFoundException):
        stacks.api.describe_change_set(ChangeSetName=change_set['ChangeSetId'])
    with pytest.raises(ClientError, match='does not exist'):
        stacks.change_set(name, {'Resources': {'Topic': TOPIC}})
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_secret_is_what_secrets_manager_has_and_stands_nowhere(stacks: Stacks, name: str) -> None:
    secrets = stacks.client('secretsmanager')
    secret = secrets.create_secret(Name=name, SecretString='{"key": "the-secret"}')['ARN']
    described = topic(name)
    template = {
        'Parameters': {'Secret': {'Type': 'String'}},
        'Resources': {'Topic': described},
    }

    for reference in (
        {'Fn::Sub': '{{resolve:secretsmanager:${Secret}:SecretString:key}}'},
        f'{{{{resolve:secretsmanager:{name}:SecretString:key::}}}}',
    ):
        described['Properties']['DisplayName'] = reference
        stack = stacks.create(name, template, Parameters=parameters(Secret=secret))
        topic_arn = f'arn:aws:sns:{REGION}:123456789012:{name}'
        attributes = stacks.client('sns').get_topic_attributes(TopicArn=topic_arn)['Attributes']
        events = str(stacks.api.describe_stack_events(StackName=name))
        stacks.delete(name)

        assert stack['StackStatus'] == 'CREATE_COMPLETE'
        assert attributes['DisplayName'] == 'the-secret'
        assert 'the-secret' not in events

    described['Properties']['DisplayName'] = '{{resolve:ssm:/parameter}}'
    stack = stacks.create(name, template, Parameters=parameters(Secret=secret))
    assert stack['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert 'Only dynamic references to Secrets Manager' in stacks.why(name, 'Topic')


def test_summary_says_what_a_template_asks_for(stacks: Stacks) -> None:
    template = {
        'Description': 'About',
        'Parameters': {'P': {'Type': 'String', 'Default': 'a', 'Description': 'What'}},
        'Resources': {'Topic': TOPIC},
    }

    summary = stacks.api.get_template_summary(TemplateBody=json.dumps(template))
    validated = stacks.api.validate_template(TemplateBody=json.dumps(template))

    assert summary['ResourceTypes'] == ['AWS::SNS::Topic']
    assert (validated['Description'], validated['Parameters'][0]['ParameterKey']) == ('About', 'P')


def test_regions_have_stacks_of_their_own(stacks: Stacks, name: str) -> None:
    stacks.create(name, {'Resources': {'Topic': TOPIC}})
    other = boto3.client('cloudformation', 'us-east-1', endpoint_url=stacks.url)

    with pytest.raises(ClientError, match='does not exist'):
        other.describe_stacks(StackName=name)


def test_other_operations_say_that_they_are_not_there(stacks: Stacks, name: str) -> None:
    with pytest.raises(ClientError, match='is not emulated'):
        stacks.api.detect_stack_drift(StackName=name)
