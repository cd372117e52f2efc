"""The role of a person against every call of every operation: for two people, and for nobody."""

import json
from typing import Any

import pytest

import capabilities
from chalicelib.identity import Caller
from chalicelib.person import role
from emulator.iam.calls import ApiCall, Identity, permissions
from emulator.iam.policy import Permission, allows
from emulator.sample.people import JANE as SAMPLE_JANE
from emulator.sample.people import OMAR as SAMPLE_OMAR
from ops.deployment.policy import Place, of_a_person
from tests.resources.test_policy import unused
from tests.support import every_operation
from tests.support.aws.calls import ACCOUNT, REGION
from tests.support.every_operation import SETTINGS
from tests.support.people.verified_calls import CALLER
from tests.support.stages import templates

# It asks of what each of them does.
if set(capabilities.NAMES) < {'documents', 'records', 'sql', 'workflows'}:
    pytest.skip('a capability is taken out', allow_module_level=True)

# Who makes the calls of the scenarios, and somebody else.
OMAR = Caller(SAMPLE_OMAR.sub, 'omar', 'client', frozenset(), SAMPLE_OMAR.groups)
JANE = Caller(SAMPLE_JANE.sub, 'jane', 'client', frozenset(), SAMPLE_JANE.groups)
POLICY = of_a_person(capabilities.of_a_stage(), SETTINGS, Place('aws', REGION, ACCOUNT))
DOCUMENTS = f'arn:aws:s3:::{SETTINGS["DOCUMENTS_BUCKET_NAME"]}'
RESULTS = f'arn:aws:s3:::{SETTINGS["RESULTS_BUCKET_NAME"]}'
TABLE = f'arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{SETTINGS["RECORDS_TABLE_NAME"]}'
EXECUTION = SETTINGS['WORKFLOW_STATE_MACHINE_ARN'].replace(':stateMachine:', ':execution:')
OWNER = 'redshift-data:statement-owner-iam-userid'


def identity_of(caller: Caller | None) -> Identity:
    """Return what IAM knows of a session of somebody, or of one without tags."""
    if caller is None:
        return Identity(ACCOUNT, REGION, {'aws:userid': 'AROAPERSON:somebody'})
    tags = {'aws:PrincipalTag/sub': caller.sub, 'aws:PrincipalTag/owner': caller.owner}
    return Identity(ACCOUNT, REGION, {'aws:userid': f'AROAPERSON:{caller.sub}', **tags})


def may(caller: Caller | None, asked: Permission) -> bool:
    """Tell whether a session of somebody is allowed what is asked, by its role and its own."""
    if not allows(POLICY, asked):
        return False
    if caller is None:
        return True
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        policy = role.of(caller, SETTINGS['PERSON_ROLE_ARN']).policy
    assert policy
    return allows(json.loads(policy), asked)


@pytest.fixture(scope='module')
def made() -> list[ApiCall]:
    """Return every call that is made as the person, for Jane."""
    return [each for each in every_operation.recorded(SETTINGS) if each.of_a_session]


def asked_of(made: list[ApiCall], caller: Caller | None) -> list[Permission]:
    """Return what IAM is asked when somebody makes the calls, about statements of Jane's."""
    owner = str(identity_of(CALLER).circumstances['aws:userid'])
    identity = identity_of(caller)
    return [each for call in made for each in permissions(call, identity, owner)]


def is_of_jane(asked: Permission) -> bool:
    """Tell whether what is asked is about something of hers."""
    prefix = str(asked.circumstances.get('s3:prefix', ''))
    named = (CALLER.sub in asked.resource + prefix) or CALLER.owner in asked.resource
    return named or OWNER in asked.circumstances


def test_person_may_do_what_every_operation_does(made: list[ApiCall]) -> None:
    asked = asked_of(made, CALLER)

    assert [each for each in asked if not may(CALLER, each)] == []
    assert {each.action for each in asked} == {
        action for statement in POLICY['Statement'] for action in statement['Action']
    }


def test_nothing_is_allowed_that_no_operation_needs(made: list[ApiCall]) -> None:
    # Of the folders that are read, the scenarios read some.
    assert {sid for sid, _ in unused(POLICY, {*asked_of(made, CALLER)})} <= {'ReadTheirDocuments'}


@pytest.mark.parametrize('other', [OMAR, None])
def test_nobody_else_may_do_it_to_what_is_hers(made: list[ApiCall], other: Caller | None) -> None:
    asked = asked_of(made, other)

    assert [each for each in asked if is_of_jane(each)]
    assert [each for each in asked if may(other, each) is is_of_jane(each)] == []


def query(*keys: str) -> dict[str, Any]:
    return {'dynamodb:LeadingKeys': keys} if keys else {}


@pytest.mark.parametrize(
    ('action', 'resource', 'circumstances', 'of_jane', 'of_omar'),
    [
        ('s3:GetObject', f'{DOCUMENTS}/shared/a', {}, True, True),
        ('s3:GetObject', f'{DOCUMENTS}/people/{JANE.sub}/a/b', {}, True, False),
        ('s3:GetObject', f'{DOCUMENTS}/people/{OMAR.sub}/a', {}, False, True),
        ('s3:GetObject', f'{DOCUMENTS}/people/{JANE.sub}x/a', {}, False, False),
        ('s3:GetObject', f'{DOCUMENTS}/groups/sales/a', {}, True, False),
        ('s3:GetObject', f'{DOCUMENTS}/groups/europe/a', {}, True, False),
        ('s3:GetObject', f'{DOCUMENTS}/groups/finance/a', {}, False, True),
        ('s3:GetObject', f'{DOCUMENTS}/groups/finance/groups/sales/a', {}, False, True),
        ('s3:GetObject', f'{DOCUMENTS}/groups/sale/a', {}, False, False),
        ('s3:GetObject', f'{DOCUMENTS}/groups/a', {}, False, False),
        ('s3:GetObject', f'{DOCUMENTS}/uploads/{JANE.sub}/a', {}, True, False),
        ('s3:GetObject', f'{DOCUMENTS}/a', {}, False, False),
        ('s3:GetObjectVersion', f'{DOCUMENTS}/shared/a', {}, False, False),
        ('s3:PutObject', f'{DOCUMENTS}/uploads/{JANE.sub}/a', {}, True, False),
        ('s3:PutObject', f'{DOCUMENTS}/people/{JANE.sub}/a', {}, False, False),
        ('s3:DeleteObject', f'{DOCUMENTS}/uploads/{JANE.sub}/a', {}, False, False),
        ('s3:ListBucket', DOCUMENTS, {}, False, False),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': ''}, False, False),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': 'shared/'}, True, True),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': 'groups/'}, False, False),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': 'groups/sales/'}, True, False),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': f'people/{JANE.sub}/x'}, True, False),
        ('s3:ListBucket', DOCUMENTS, {'s3:prefix': 'people/'}, False, False),
        ('s3:ListBucket', RESULTS, {}, False, False),
        ('s3:ListBucket', RESULTS, {'s3:prefix': f'sql/{JANE.sub}/'}, False, False),
        ('s3:GetObject', f'{RESULTS}/sql/{JANE.sub}/1/a.csv', {}, True, False),
        ('s3:PutObject', f'{RESULTS}/sql/{OMAR.sub}/1/a.csv', {}, False, True),
        ('s3:GetObject', f'{RESULTS}/shared/a', {}, False, False),
        ('dynamodb:Query', TABLE, query('CUSTOMER#1'), True, True),
        ('dynamodb:Query', TABLE, query(f'USER#{JANE.sub}'), True, False),
        ('dynamodb:Query', TABLE, query(f'USER#{JANE.sub}x'), False, False),
        ('dynamodb:Query', TABLE, query('GROUP#sales'), True, False),
        ('dynamodb:Query', TABLE, query('GROUP#finance'), False, True),
        ('dynamodb:Query', TABLE, query('GROUP#sales', 'GROUP#finance'), False, False),
        ('dynamodb:Query', TABLE, query(), False, False),
        ('dynamodb:Scan', TABLE, {}, False, False),
        ('dynamodb:GetItem', TABLE, query('CUSTOMER#1'), False, False),
        ('dynamodb:Query', f'{TABLE}/index/by-day', query('CUSTOMER#1'), False, False),
        ('states:DescribeExecution', f'{EXECUTION}:{JANE.owner}-1', {}, True, False),
        ('states:DescribeExecution', f'{EXECUTION}:{OMAR.owner}-1', {}, False, True),
        ('states:ListExecutions', SETTINGS['WORKFLOW_STATE_MACHINE_ARN'], {}, False, False),
        ('redshift-data:GetStatementResult', '*', {OWNER: f'AROAPERSON:{JANE.sub}'}, True, False),
        ('redshift-data:DescribeStatement', '*', {OWNER: 'AROAPERSON'}, False, False),
        ('redshift-data:DescribeStatement', '*', {}, False, False),
        ('redshift-data:ListStatements', '*', {}, False, False),
        ('sts:AssumeRole', SETTINGS['PERSON_ROLE_ARN'], {}, False, False),
        ('iam:PassRole', '*', {}, False, False),
    ],
)  # fmt: skip
def test_two_people_may_each_do_their_own(
    action: str, resource: str, circumstances: dict[str, Any], *, of_jane: bool, of_omar: bool
) -> None:
    for caller, expected in ((JANE, of_jane), (OMAR, of_omar)):
        known = {**identity_of(caller).circumstances, **circumstances}
        assert may(caller, Permission(action, resource, known)) is expected


def test_somebody_who_left_a_group_is_kept_out_of_it() -> None:
    alone = Caller(JANE.sub, 'jane', 'client', frozenset(), ())
    known = identity_of(alone).circumstances

    for resource in ('groups/sales/a', 'groups/europe/a'):
        assert not may(alone, Permission('s3:GetObject', f'{DOCUMENTS}/{resource}', known))
    for key in ('GROUP#sales', 'GROUP#'):
        assert not may(alone, Permission('dynamodb:Query', TABLE, {**known, **query(key)}))
    assert may(alone, Permission('s3:GetObject', f'{DOCUMENTS}/shared/a', known))
    assert may(alone, Permission('dynamodb:Query', TABLE, {**known, **query('CUSTOMER#1')}))


@pytest.mark.parametrize(
    'settings',
    [
        SETTINGS,
        SETTINGS | {'DOCUMENTS_PREFIXES': ''},
        SETTINGS | {'RECORDS_KEYS': '', 'REDSHIFT_SECRET_ARN': templates.SECRET},
        SETTINGS | {'DOCUMENTS_PREFIXES': ', '.join(f'{n}/' for n in range(6))},
    ],
)
def test_deployed_policy_is_the_one_that_is_tested(settings: dict[str, str]) -> None:
    parameters = {
        parameter: settings[setting]
        for each in capabilities.of_a_stage()
        for parameter, setting in each.in_use.items()
        if settings.get(setting)
    }
    template = templates.resolved(templates.resources(), {**parameters, 'AssumePersonRole': 'on'})
    (deployed,) = templates.properties(template, 'PersonRole')['Policies']
    place = Place('aws', templates.REGION, templates.ACCOUNT)

    assert as_sets(deployed['PolicyDocument']) == as_sets(
        of_a_person(capabilities.of_a_stage(), settings, place)
    )
    # IAM counts no blanks, and up to 10,240 characters of a role's own policies.
    assert len(json.dumps(deployed['PolicyDocument'], separators=(',', ':'))) < 10_240


def as_sets(document: Any) -> Any:
    """Return a policy whose lists have no order, and nothing twice."""
    if isinstance(document, dict):
        return {name: as_sets(each) for name, each in document.items()}
    if isinstance(document, list):
        return frozenset(
            json.dumps(as_sets(each), sort_keys=True, default=sorted) for each in document
        )
    return document


def test_without_a_role_for_people_there_is_none() -> None:
    template = templates.resolved(templates.resources())

    assert 'PersonRole' not in template['Resources']
    assert 'PersonRoleArn' not in template['Outputs']


def test_one_bucket_for_documents_and_results_is_refused() -> None:
    names = ('ExistingDocumentsBucketName', 'ExistingResultsBucketName')
    template = templates.resources()

    assert 'two buckets' in templates.refusal(template, dict.fromkeys(names, 'both'))
    assert templates.refusal(template, dict(zip(names, ('one', 'other'), strict=True))) == ''
    assert templates.refusal(template, {}) == ''
