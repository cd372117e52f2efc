"""A policy about what a stage really has: in literal ARNs, and in CloudFormation's functions."""

from typing import Any

import pytest

import capabilities
from emulator.cloudformation.functions import Scope, resolve
from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from ops.deployment.policy import NO_VALUE, Place, exact, network_interfaces, own_statements
from tests.support.capability import needs
from tests.support.stages import templates

pytestmark = needs('documents', 'records', 'sql', 'workflows')

EVERY = capabilities.of_a_stage()
HERE = Place('aws', 'eu-west-1', '123456789012')
PERSON_ROLE = {'PERSON_ROLE_ARN': 'arn:aws:iam::123456789012:role/person'}
FUNCTION = 'aws-middleware-dev'
MACHINE = 'arn:aws:states:eu-west-1:123456789012:stateMachine:orders'
SECRET = templates.SECRET
SETTINGS = {
    'RESULTS_BUCKET_NAME': 'results',
    'DOCUMENTS_BUCKET_NAME': 'documents',
    'RECORDS_TABLE_NAME': 'records',
    'WORKFLOW_STATE_MACHINE_ARN': MACHINE,
}
WORKGROUP = {'REDSHIFT_WORKGROUP_NAME': 'shop', 'REDSHIFT_DATABASE': 'dev'}
CLUSTER = {'REDSHIFT_CLUSTER_IDENTIFIER': 'shop', 'REDSHIFT_DATABASE': 'dev'}
ANY_WORKGROUP = 'arn:aws:redshift-serverless:eu-west-1:123456789012:workgroup/*'
THE_CLUSTER = 'arn:aws:redshift:eu-west-1:123456789012:cluster:shop'
THE_DATABASE = 'arn:aws:redshift:eu-west-1:123456789012:dbname:shop/dev'
THE_USER = 'arn:aws:redshift:eu-west-1:123456789012:dbuser:shop/reader'


def resources_of(policy: dict[str, Any]) -> dict[str, Any]:
    """Return what each statement is about."""
    return {statement['Sid']: statement['Resource'] for statement in policy['Statement']}


def test_policy_is_about_what_the_settings_name() -> None:
    found = resources_of(exact(EVERY, SETTINGS, FUNCTION, HERE))

    assert found == {
        'WriteItsOwnLog': [
            'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/aws-middleware-dev:*'
        ],
        'SendTraces': ['*'],
        'KeepResults': ['arn:aws:s3:::results/sql/*'],
        'ListResults': ['arn:aws:s3:::results'],
        'ReadDocuments': ['arn:aws:s3:::documents/*'],
        'SaveDocuments': ['arn:aws:s3:::documents/uploads/*'],
        'ListDocuments': ['arn:aws:s3:::documents'],
        'DescribeRecords': ['arn:aws:dynamodb:eu-west-1:123456789012:table/records'],
        'FindRecords': ['arn:aws:dynamodb:eu-west-1:123456789012:table/records'],
        'StartWorkflows': [MACHINE],
        'FollowWorkflows': ['arn:aws:states:eu-west-1:123456789012:execution:orders:*'],
    }


SQL = {
    *('RunStatements', 'ReadItsOwnStatements', 'SignInToTheWorkgroup', 'ReadTheDatabaseSecret'),
    *('SignInToTheClusterAsUser', 'SignInToTheClusterAsRole'),
}
REDSHIFT: list[tuple[dict[str, str], dict[str, list[str]]]] = [
    ({}, {}),
    (WORKGROUP, {'RunStatements': [ANY_WORKGROUP], 'SignInToTheWorkgroup': [ANY_WORKGROUP]}),
    (
        WORKGROUP | {'REDSHIFT_SECRET_ARN': SECRET},
        {'RunStatements': [ANY_WORKGROUP], 'ReadTheDatabaseSecret': [SECRET]},
    ),
    (CLUSTER, {'RunStatements': [THE_CLUSTER], 'SignInToTheClusterAsRole': [THE_DATABASE]}),
    (
        CLUSTER | {'REDSHIFT_DB_USER': 'reader'},
        {'RunStatements': [THE_CLUSTER], 'SignInToTheClusterAsUser': [THE_USER, THE_DATABASE]},
    ),
    (
        CLUSTER | {'REDSHIFT_SECRET_ARN': SECRET, 'REDSHIFT_DB_USER': 'reader'},
        {'RunStatements': [THE_CLUSTER], 'ReadTheDatabaseSecret': [SECRET]},
    ),
    (
        CLUSTER | WORKGROUP,
        {'RunStatements': [THE_CLUSTER], 'SignInToTheClusterAsRole': [THE_DATABASE]},
    ),
]


@pytest.mark.parametrize(('redshift', 'allowed'), REDSHIFT)
def test_sql_is_allowed_one_way(redshift: dict[str, str], allowed: dict[str, list[str]]) -> None:
    found = resources_of(exact(EVERY, SETTINGS | redshift, FUNCTION, HERE))
    about_sql = {sid: arns for sid, arns in found.items() if sid in SQL}

    assert about_sql == allowed | ({'ReadItsOwnStatements': ['*']} if allowed else {})


def optional(condition: str, name: str) -> dict[str, Any]:
    """Return a setting that there is under a condition, as the outputs of a template have it."""
    return {'Fn::If': [condition, {'Ref': name}, NO_VALUE]}


@pytest.mark.parametrize(('redshift', '_allowed'), REDSHIFT)
def test_functions_of_cloudformation_come_to_the_same(
    redshift: dict[str, str], _allowed: object
) -> None:
    settings = {name: {'Ref': name} for name in SETTINGS}
    settings |= {name: optional(f'Has{name}', name) for name in {*WORKGROUP, *CLUSTER}}
    settings |= {
        name: optional(f'Has{name}', name) for name in ('REDSHIFT_SECRET_ARN', 'REDSHIFT_DB_USER')
    }
    given = SETTINGS | redshift
    scope = Scope(
        names={'AWS::Partition': 'aws', 'AWS::Region': 'eu-west-1', 'AWS::AccountId': HERE.account}
        | given,
        conditions={f'Has{name}': name in given for name in settings},
        mappings={},
        resource=lambda name, _: given[name],
    )

    policy = resolve(exact(EVERY, settings, FUNCTION), scope)
    for statement in policy['Statement']:
        assert 'Condition' not in statement or statement['Sid'] == 'ReadItsOwnStatements'
    assert policy == exact(EVERY, given, FUNCTION, HERE)


def test_statements_of_somebody_else_stay() -> None:
    own = {'Sid': 'Own', 'Effect': 'Allow', 'Action': ['sqs:SendMessage'], 'Resource': 'arn:x'}
    nameless = {'Effect': 'Allow', 'Action': ['sns:Publish'], 'Resource': 'arn:y'}
    policy = exact(EVERY, SETTINGS | WORKGROUP, FUNCTION, HERE)
    policy['Statement'] += [own, *network_interfaces(FUNCTION, HERE), nameless]

    assert own_statements(policy) == [own, nameless]
    assert own_statements({'Statement': own}) == [own]
    assert own_statements({}) == []


def test_policy_without_settings_allows_the_log_and_traces_only() -> None:
    assert list(resources_of(exact(EVERY, {}, FUNCTION, HERE))) == ['WriteItsOwnLog', 'SendTraces']


def test_every_statement_is_about_something_on_some_stage() -> None:
    sids = {statement.sid for each in EVERY for statement in each.statements}
    everything = [
        resources_of(exact(EVERY, SETTINGS | redshift | role, FUNCTION, HERE))
        for redshift, _ in REDSHIFT
        for role in ({}, PERSON_ROLE)
    ]

    assert {sid for found in everything for sid in found} == sids
    arns = [arn for found in everything for of in found.values() for arn in of if arn != '*']
    assert [arn for arn in arns if 'arn:*' in arn or ':*:*:' in arn] == []


def test_function_joins_its_vpc_and_its_code_does_not() -> None:
    allowing, changing, denying = network_interfaces(FUNCTION, HERE)

    for action in ('ec2:DescribeSubnets', 'ec2:DescribeNetworkInterfaces'):
        assert iam_policy.allows({'Statement': [allowing]}, Permission(action, '*'))
    assert changing['Resource'] == 'arn:aws:ec2:eu-west-1:*:*/*'
    assert denying['Effect'] == 'Deny'
    assert set(denying['Action']) == {*allowing['Action'], *changing['Action']}
    assert denying['Condition'] == {
        'ArnEquals': {
            'lambda:SourceFunctionArn': (
                'arn:aws:lambda:eu-west-1:123456789012:function:aws-middleware-dev'
            )
        }
    }


def test_function_has_no_rights_to_data_where_people_have_a_role() -> None:
    found = resources_of(exact(EVERY, SETTINGS | WORKGROUP | PERSON_ROLE, FUNCTION, HERE))

    assert found == {
        'WriteItsOwnLog': [
            'arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/aws-middleware-dev:*'
        ],
        'SendTraces': ['*'],
        'ActAsThePerson': ['arn:aws:iam::123456789012:role/person'],
        'DescribeRecords': ['arn:aws:dynamodb:eu-west-1:123456789012:table/records'],
    }
