"""The function's policy against the calls that it makes: nothing is missing, nothing is unused."""

import json
import os
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from app import app
from chalicelib.routes import operation_routes
from ops.deployment.package import build
from ops.deployment.policy import Place, exact, network_interfaces
from ops.stage.stage import load_stage
from tests.support import every_operation
from tests.support.aws import calls, iam_policy
from tests.support.aws.calls import ACCOUNT, FUNCTION, REGION, Permission
from tests.support.every_operation import DOCUMENTS, RESULTS, SECRET, SETTINGS
from tests.support.stages import templates

ROOT = Path(__file__).parent.parent.parent
POLICY: dict[str, Any] = json.loads((ROOT / '.chalice' / 'policy-local.json').read_text())
CLUSTER = {'REDSHIFT_WORKGROUP_NAME': '', 'REDSHIFT_CLUSTER_IDENTIFIER': 'shop'}
IN_A_FOLDER = 'documents in a folder'
STAGES: dict[str, dict[str, str]] = {
    'a workgroup, as the role': {},
    'a workgroup, with a secret': {'REDSHIFT_SECRET_ARN': SECRET},
    'a cluster, as the role': CLUSTER,
    'a cluster, as a database user': CLUSTER | {'REDSHIFT_DB_USER': 'gpt_reader'},
    'a cluster, with a secret': CLUSTER | {'REDSHIFT_SECRET_ARN': SECRET},
    IN_A_FOLDER: {'DOCUMENTS_PREFIX': 'shared/'},
}
# A stack finds here what the stages above have.
PARAMETERS = {
    'RESULTS_BUCKET_NAME': 'ExistingResultsBucketName',
    'DOCUMENTS_BUCKET_NAME': 'ExistingDocumentsBucketName',
    'RECORDS_TABLE_NAME': 'ExistingRecordsTableName',
    'WORKFLOW_STATE_MACHINE_ARN': 'ExistingStateMachineArn',
    'REDSHIFT_WORKGROUP_NAME': 'RedshiftWorkgroupName',
    'REDSHIFT_CLUSTER_IDENTIFIER': 'RedshiftClusterIdentifier',
    'REDSHIFT_DATABASE': 'RedshiftDatabase',
    'REDSHIFT_SECRET_ARN': 'RedshiftSecretArn',
    'REDSHIFT_DB_USER': 'RedshiftDbUser',
}
NOT_BY_CALLS_OF_OURS = {
    'WriteItsOwnLog': 'Lambda writes what the function prints.',
    'SendTraces': 'Lambda traces the function, with "xray": true in .chalice/config.json.',
}


@pytest.fixture(scope='module')
def asked() -> dict[str, set[Permission]]:
    """Return what IAM is asked for every AWS call that every operation makes, on each stage."""
    return {
        name: {
            permission
            for made in every_operation.recorded(SETTINGS | settings)
            for permission in calls.permissions(made)
        }
        for name, settings in STAGES.items()
    }


def test_every_operation_has_its_scenario() -> None:
    operations = {route.operation.id for route in operation_routes(app)}

    assert set(every_operation.SCENARIOS) == operations


def test_policy_by_convention_is_enough_and_no_more(asked: dict[str, set[Permission]]) -> None:
    # It knows no folder of documents, see docs/permissions.md.
    by_convention = set.union(*(asked[name] for name in STAGES if name != IN_A_FOLDER))

    assert refused(POLICY, by_convention) == set()
    assert unused(POLICY, by_convention) == said_to_be_unused(POLICY)


@pytest.mark.parametrize('stage', STAGES)
def test_exact_policy_of_a_stage_is_enough_and_no_more(
    asked: dict[str, set[Permission]], stage: str
) -> None:
    policy = exact(POLICY, SETTINGS | STAGES[stage], FUNCTION, Place('aws', REGION, ACCOUNT))

    assert refused(policy, asked[stage]) == set()
    assert unused(policy, asked[stage]) == said_to_be_unused(policy)


@pytest.fixture(scope='module')
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the template of the stage local as one stack."""
    out = tmp_path_factory.mktemp('out')
    with mock.patch.dict(os.environ):
        build(load_stage('local'), out)
    template: dict[str, Any] = json.loads((out / 'sam.json').read_text())
    return template


@pytest.mark.parametrize('stage', [name for name in STAGES if name != IN_A_FOLDER])
def test_policy_of_one_stack_is_enough_and_no_more(
    asked: dict[str, set[Permission]], one_stack: dict[str, Any], stage: str
) -> None:
    settings = SETTINGS | STAGES[stage]
    parameters = {PARAMETERS[name]: value for name, value in settings.items() if value}
    resources = templates.resolved(one_stack, parameters)['Resources']
    (policy,) = resources['ApiHandlerRole']['Properties']['Policies']
    document = json.loads(
        json.dumps(policy['PolicyDocument']).replace(f':{templates.REGION}:', f':{REGION}:')
    )

    assert refused(document, asked[stage]) == set()
    assert unused(document, asked[stage]) == said_to_be_unused(document)


def unused(policy: dict[str, Any], asked: set[Permission]) -> set[tuple[str, str]]:
    """Return the actions and resources without which a policy allows the same of what is asked."""
    return {
        (statement, part)
        for statement, part, left in iam_policy.smaller(policy)
        if refused(left, asked) == refused(policy, asked)
    }


def said_to_be_unused(policy: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the actions and resources of the statements that AWS itself needs."""
    parts = {(statement, part) for statement, part, _ in iam_policy.smaller(policy)}
    assert {statement for statement, _ in parts} > NOT_BY_CALLS_OF_OURS.keys()
    return {(statement, part) for statement, part in parts if statement in NOT_BY_CALLS_OF_OURS}


def refused(policy: dict[str, Any], asked: set[Permission]) -> set[Permission]:
    """Return what a policy does not allow."""
    return {permission for permission in asked if not iam_policy.allows(policy, permission)}


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS}/other/1.csv'),
        ('s3:GetObject', f'arn:aws:s3:::{RESULTS.replace("local", "prod")}/sql/jane/1/1.csv'),
        ('s3:GetObjectVersion', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:PutObject', f'arn:aws:s3:::{DOCUMENTS}/a.txt'),
        ('s3:DeleteObject', f'arn:aws:s3:::{DOCUMENTS}/uploads/jane/a.txt'),
        ('s3:ListBucket', 'arn:aws:s3:::another-bucket'),
        ('dynamodb:Scan', 'arn:aws:dynamodb:us-east-1:1:table/aws-middleware-local-records'),
        ('dynamodb:Query', 'arn:aws:dynamodb:us-east-1:1:table/another'),
        ('states:StartExecution', 'arn:aws:states:us-east-1:1:stateMachine:another'),
        (
            'states:StopExecution',
            'arn:aws:states:us-east-1:1:execution:aws-middleware-local-workflow:1',
        ),
        ('secretsmanager:GetSecretValue', SECRET.replace('local', 'prod')),
        ('redshift:GetClusterCredentials', 'arn:aws:redshift:us-east-1:1:dbuser:shop/admin'),
        ('redshift-data:BatchExecuteStatement', 'arn:aws:redshift:us-east-1:1:cluster:shop'),
        (
            'logs:CreateLogGroup',
            'arn:aws:logs:us-east-1:1:log-group:/aws/lambda/aws-middleware-local:',
        ),
        ('iam:PassRole', 'arn:aws:iam::1:role/any'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(POLICY, Permission(action, resource))


@pytest.mark.parametrize(('owner', 'allowed'), [('AROA:function', True), ('AROA:other', False)])
def test_statements_of_another_role_stay_its_own(owner: str, *, allowed: bool) -> None:
    circumstances = {
        'aws:userid': 'AROA:function',
        'redshift-data:statement-owner-iam-userid': owner,
    }
    asked = Permission('redshift-data:GetStatementResult', '*', circumstances)

    assert iam_policy.allows(POLICY, asked) is allowed


@pytest.mark.parametrize(('circumstances', 'allowed'), [({}, True), (calls.SESSION, False)])
def test_only_lambda_itself_puts_the_function_into_a_vpc(
    circumstances: dict[str, str], *, allowed: bool
) -> None:
    statements = network_interfaces(FUNCTION, Place('aws', REGION, ACCOUNT))
    subnet = f'arn:aws:ec2:{REGION}:{ACCOUNT}:subnet/subnet-1'

    for action, resource in [
        ('ec2:CreateNetworkInterface', subnet),
        ('ec2:DescribeNetworkInterfaces', '*'),
    ]:
        asked = Permission(action, resource, circumstances)
        assert iam_policy.allows({'Statement': statements}, asked) is allowed


@pytest.mark.parametrize(
    ('pattern', 'arn', 'allowed'),
    [
        ('*', 'arn:aws:s3:::bucket', True),
        ('arn:*:s3:::bucket', 'arn:aws-cn:s3:::bucket', True),
        ('arn:*:s3:::bucket', 'arn:aws:s3:::bucket/key', False),
        ('arn:*:s3:::bucket/*', 'arn:aws:s3:::bucket/a/b:c\nd', True),
        ('arn:*:s3:::b?cket', 'arn:aws:s3:::bucket', True),
        ('arn:*:s3:::b.cket', 'arn:aws:s3:::bucket', False),
        ('arn:*:s3:::Bucket', 'arn:aws:s3:::bucket', False),
        ('arn:*:states:*:1:stateMachine:a', 'arn:aws:states:x:2:stateMachine:a', False),
        ('arn:*:a', 'arn:aws:states:x:2:stateMachine:a', False),
    ],
)
def test_resources_match_as_they_do_in_iam(pattern: str, arn: str, *, allowed: bool) -> None:
    statement = {'Effect': 'Allow', 'Action': 'a:B', 'Resource': pattern}

    assert iam_policy.allows({'Statement': [statement]}, Permission('A:b', arn)) is allowed
