"""The function's policy against the calls that it makes: nothing is missing, nothing is unused."""

import json
import os
from collections.abc import Collection
from functools import cache
from typing import Any
from unittest import mock

import pytest

import capabilities
from app import app
from chalicelib.operations.routes import operation_routes
from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from ops.deployment.package import build
from ops.deployment.policy import Place, exact, network_interfaces
from ops.stage.stage import enter_stage
from tests.support import every_operation, scenario
from tests.support.aws import calls
from tests.support.aws.calls import ACCOUNT, FUNCTION, REGION
from tests.support.every_operation import AS_ITSELF, SETTINGS
from tests.support.stages import templates

AS_EACH_PERSON = 'as each person'
STAGES: dict[str, dict[str, str]] = {
    AS_EACH_PERSON: SETTINGS,
    'as itself': AS_ITSELF,
    **{name: AS_ITSELF | settings for name, settings in scenario.variants().items()},
}
# A stack finds here what the stages above have.
PARAMETERS = {
    setting: parameter
    for each in capabilities.of_a_stage()
    for parameter, setting in each.in_use.items()
}
NOT_BY_CALLS_OF_OURS = {
    'WriteItsOwnLog': 'Lambda writes what the function prints.',
    'SendTraces': 'Lambda traces the function, with "xray": true in .chalice/config.json.',
}


@cache
def asked(stage: str) -> frozenset[Permission]:
    """Return what IAM is asked for every AWS call that the function makes itself on a stage."""
    return frozenset(
        permission
        for made in every_operation.recorded(STAGES[stage])
        if not made.of_a_session
        for permission in calls.permissions(made)
    )


def test_every_operation_has_its_scenario() -> None:
    named = set(scenario.every())
    operations = {route.operation.id for route in operation_routes(app)}

    assert operations - named == set(), (
        'In the tests of each, such as tests/test_greeting.py, name its sample arguments: '
        "SCENARIOS = {'getGreeting': Scenario({'language': 'fr'})}, of tests/support/scenario.py."
    )
    assert named - operations == set()


def of_stage(settings: dict[str, str]) -> dict[str, Any]:
    """Return the policy of a stage with all capabilities."""
    place = Place('aws', REGION, ACCOUNT)
    return exact(capabilities.of_a_stage(), settings, FUNCTION, place)


@pytest.mark.skipif(not capabilities.NAMES, reason='nobody asks AWS for anything')
@pytest.mark.parametrize('stage', STAGES)
def test_exact_policy_of_a_stage_is_enough_and_no_more(stage: str) -> None:
    policy = of_stage(STAGES[stage])

    assert refused(policy, asked(stage)) == set()
    assert unused(policy, asked(stage)) == said_to_be_unused(policy)


@pytest.fixture(scope='module')
def one_stack(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the template of the stage local as one stack."""
    out = tmp_path_factory.mktemp('out')
    with mock.patch.dict(os.environ):
        build(enter_stage('local'), out)
    template: dict[str, Any] = json.loads((out / 'sam.json').read_text())
    return template


@pytest.mark.parametrize(
    'stage', [name for name, settings in STAGES.items() if 'DOCUMENTS_PREFIX' not in settings]
)
def test_policy_of_one_stack_is_enough_and_no_more(one_stack: dict[str, Any], stage: str) -> None:
    settings = STAGES[stage]
    parameters = {
        PARAMETERS[name]: value for name, value in settings.items() if name in PARAMETERS and value
    }
    parameters['AssumePersonRole'] = 'on' if settings['PERSON_ROLE_ARN'] else 'off'
    resources = templates.resolved(one_stack, parameters)['Resources']
    (policy,) = resources['ApiHandlerRole']['Properties']['Policies']
    document = json.loads(
        json.dumps(policy['PolicyDocument'])
        .replace(f':{templates.REGION}:', f':{REGION}:')
        .replace('PersonRole.Arn', settings['PERSON_ROLE_ARN'])
    )

    assert refused(document, asked(stage)) == set()
    assert unused(document, asked(stage)) == said_to_be_unused(document)


def unused(policy: dict[str, Any], asked: Collection[Permission]) -> set[tuple[str, str]]:
    """Return the actions and resources without which a policy allows the same of what is asked."""
    return {
        (statement, part)
        for statement, part, left in iam_policy.smaller(policy)
        if refused(left, asked) == refused(policy, asked)
    }


def said_to_be_unused(policy: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the actions and resources of the statements that AWS itself needs."""
    parts = {(statement, part) for statement, part, _ in iam_policy.smaller(policy)}
    assert {statement for statement, _ in parts} >= NOT_BY_CALLS_OF_OURS.keys()
    return {(statement, part) for statement, part in parts if statement in NOT_BY_CALLS_OF_OURS}


def refused(policy: dict[str, Any], asked: Collection[Permission]) -> set[Permission]:
    """Return what a policy does not allow."""
    return {permission for permission in asked if not iam_policy.allows(policy, permission)}


def test_every_missing_permission_is_named() -> None:
    """The other tests tell the AWS action of an operation that its capability lacks."""
    calls_made = asked('as itself')
    assert refused({'Statement': []}, calls_made) == calls_made


def test_only_what_has_no_arn_is_allowed_on_everything() -> None:
    statements = of_stage(AS_ITSELF)['Statement']

    actions = [action for statement in statements for action in statement['Action']]
    assert [action for action in actions if '*' in action] == []
    assert {each['Sid'] for each in statements if each['Resource'] == ['*']} <= {
        'SendTraces',
        'ReadItsOwnStatements',
    }


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
