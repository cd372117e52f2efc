"""A role is assumed for each person: with what, how often, and what becomes of a refusal."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from app import app
from chalicelib import errors
from chalicelib.errors import NotSetUp, NotSignedIn, ServiceBusy, ServiceUnavailable
from chalicelib.identity import Caller
from chalicelib.person import aws, role
from chalicelib.person.role import MAX_POLICY_CHARACTERS, MAX_SESSIONS, Sessions
from chalicelib.settings import MissingSetting
from tests.support.capability import needs
from tests.support.people.verified_calls import JANE, being_served, invoke

pytestmark = needs('documents', 'records')

ROLE = 'arn:aws:iam::123456789012:role/person'
NOW = 1_800_000_000.0


def somebody(sub: str = JANE['sub'], *groups: str) -> Caller:
    """Return a caller."""
    return Caller(sub, 'somebody', 'client', frozenset(), groups)


class Aws:
    """Clients that remember how they were made; its STS answers as it is told."""

    def __init__(self) -> None:
        self.assumed: list[dict[str, Any]] = []
        self.made: list[tuple[str, str | None]] = []
        self.lifetime_seconds = 3600
        self.refusal: str | None = None

    def make(self, service: str, **credentials: str) -> Any:
        self.made.append((service, credentials.get('aws_access_key_id')))
        return self if service == 'sts' else (service, credentials.get('aws_session_token'))

    def assume_role(self, **asked: Any) -> Any:
        self.assumed.append(asked)
        if self.refusal:
            raise ClientError({'Error': {'Code': self.refusal, 'Message': 'x'}}, 'AssumeRole')
        return {
            'Credentials': {
                'AccessKeyId': f'ASIA{len(self.assumed)}',
                'SecretAccessKey': 'secret',
                'SessionToken': f'{asked["RoleSessionName"]} {len(self.assumed)}',
                'Expiration': datetime.fromtimestamp(NOW + self.lifetime_seconds, UTC),
            }
        }


@pytest.fixture
def fake() -> Aws:
    return Aws()


def test_role_is_assumed_as_the_person(fake: Aws) -> None:
    caller = somebody()

    Sessions(fake.make, lambda: NOW).client(role.of(caller, ROLE), 's3')

    assert fake.assumed == [
        {
            'RoleArn': ROLE,
            'RoleSessionName': JANE['sub'],
            'SourceIdentity': JANE['sub'],
            'Tags': [
                {'Key': 'sub', 'Value': JANE['sub']},
                {'Key': 'owner', 'Value': caller.owner},
            ],
            'DurationSeconds': 3600,
        }
    ]


def test_session_and_clients_are_made_once(fake: Aws) -> None:
    sessions = Sessions(fake.make, lambda: NOW)
    person = role.of(somebody(), ROLE)

    clients = [sessions.client(person, each) for each in ('s3', 's3', 'dynamodb', 's3')]

    assert clients[0] is clients[1] is clients[3]
    assert fake.made == [('sts', None), ('s3', 'ASIA1'), ('dynamodb', 'ASIA1')]


@pytest.mark.parametrize(('left', 'times'), [(601, 1), (600, 1), (599, 2), (-1, 2)])
def test_session_is_renewed_when_ten_minutes_are_left(fake: Aws, left: int, times: int) -> None:
    now = [NOW]
    sessions = Sessions(fake.make, lambda: now[0])
    person = role.of(somebody(), ROLE)
    first = sessions.client(person, 's3')
    now[0] = NOW + 3600 - left

    assert (sessions.client(person, 's3') is first) is (times == 1)
    assert len(fake.assumed) == times


def test_only_the_people_who_called_last_are_remembered(fake: Aws) -> None:
    sessions = Sessions(fake.make, lambda: NOW)
    people = [role.of(somebody(f'person-{n}'), ROLE) for n in range(MAX_SESSIONS + 1)]
    for person in [*people[:-1], people[0], people[-1]]:
        sessions.client(person, 's3')
    assert len(fake.assumed) == MAX_SESSIONS + 1

    sessions.client(people[0], 's3')
    assert len(fake.assumed) == MAX_SESSIONS + 1
    sessions.client(people[1], 's3')
    assert len(fake.assumed) == MAX_SESSIONS + 2


@pytest.fixture
def groups_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('DOCUMENTS_BUCKET_NAME', 'aws-middleware-prod-documents-123456789012')
    monkeypatch.setenv('DOCUMENTS_PREFIXES', 'shared/, people/{sub}/, groups/{group}/')
    monkeypatch.setenv('RECORDS_KEYS', 'CUSTOMER#*, GROUP#{group}')


@pytest.mark.usefixtures('groups_count')
def test_membership_makes_another_session(fake: Aws) -> None:
    sessions = Sessions(fake.make, lambda: NOW)

    for groups in (('sales', 'europe'), ('europe', 'sales', 'a/b'), ('sales',), ()):
        sessions.client(role.of(somebody(JANE['sub'], *groups), ROLE), 's3')

    policies = [each['Policy'] for each in fake.assumed]
    assert len(policies) == len(set(policies)) == 3
    assert ['groups/europe' in each for each in policies] == [True, False, False]
    assert ['GROUP#sales' in each for each in policies] == [True, True, False]
    assert 'a/b' not in ''.join(policies)


@pytest.mark.usefixtures('groups_count')
def test_policy_of_a_session_names_the_groups_and_no_more() -> None:
    policy = json.loads(role.of(somebody('ann-1', 'sales'), ROLE).policy or '')

    bucket = 'arn:aws:s3:::aws-middleware-prod-documents-123456789012'
    assert policy == {
        'Version': '2012-10-17',
        'Statement': [
            {
                'Effect': 'Allow',
                'NotAction': ['s3:GetObject', 's3:ListBucket', 'dynamodb:Query'],
                'Resource': '*',
            },
            {
                'Effect': 'Allow',
                'Action': 's3:GetObject',
                'NotResource': [f'{bucket}/groups/*/*'],
            },
            {
                'Effect': 'Allow',
                'Action': 's3:ListBucket',
                'Resource': '*',
                'Condition': {'StringNotLike': {'s3:prefix': ['groups/*/*']}},
            },
            {
                'Effect': 'Allow',
                'Action': 's3:GetObject',
                'Resource': [f'{bucket}/groups/sales/*'],
            },
            {
                'Effect': 'Allow',
                'Action': 's3:ListBucket',
                'Resource': '*',
                'Condition': {'StringLike': {'s3:prefix': ['groups/sales/*']}},
            },
            {
                'Effect': 'Allow',
                'Action': 'dynamodb:Query',
                'Resource': '*',
                'Condition': {'ForAllValues:StringNotLike': {'dynamodb:LeadingKeys': ['GROUP#*']}},
            },
            {
                'Effect': 'Allow',
                'Action': 'dynamodb:Query',
                'Resource': '*',
                'Condition': {'ForAllValues:StringLike': {'dynamodb:LeadingKeys': ['GROUP#sales']}},
            },
        ],
    }


@pytest.mark.usefixtures('groups_count')
def test_more_groups_than_a_policy_holds_are_told() -> None:
    def policy_of(number: int) -> str:
        groups = [f'group-{n:02}' for n in range(number)]
        return role.of(somebody(JANE['sub'], *groups), ROLE).policy or ''

    assert len(policy_of(10)) <= MAX_POLICY_CHARACTERS
    with pytest.raises(errors.TooManyGroups, match='40 groups'):
        policy_of(40)


@pytest.mark.parametrize(
    'sub', ['', 'a', '.ab', 'a/b', 'a*', 'a b', 'é' * 5, 'x' * 65, 'a\n', 'a:b']
)
def test_sub_that_could_mean_more_than_a_name_is_refused(sub: str) -> None:
    with pytest.raises(errors.PersonRefused):
        role.of(somebody(sub), ROLE)


@pytest.fixture
def opted_in(monkeypatch: pytest.MonkeyPatch, fake: Aws) -> Iterator[Aws]:
    """Have the app assume a role from an STS that answers as it is told."""
    monkeypatch.setenv('PERSON_ROLE_ARN', ROLE)
    monkeypatch.setattr(aws, '_sessions', Sessions(fake.make, lambda: NOW))
    monkeypatch.setattr(boto3, 'client', lambda *_, **__: pytest.fail('The function works itself.'))
    aws.forget_clients()
    yield fake
    aws.forget_clients()


def test_clients_are_the_callers(opted_in: Aws) -> None:
    for caller in (somebody('ann-1'), somebody('bob-1'), somebody('ann-1')):
        with being_served(caller):
            _, token = aws.client('s3')
        assert token.split()[0] == caller.sub
    assert len(opted_in.assumed) == 2


@pytest.mark.usefixtures('opted_in')
def test_nobody_has_a_client() -> None:
    with being_served(None), pytest.raises(NotSignedIn):
        aws.client('s3')
    status, body = invoke(app, None, path='/documents/files')
    assert (status, body['Code']) == (401, 'NotSignedIn')


@pytest.mark.parametrize(
    ('code', 'error'),
    [
        ('AccessDenied', NotSetUp),
        ('MalformedPolicyDocument', NotSetUp),
        ('PackedPolicyTooLarge', NotSetUp),
        ('ExpiredToken', NotSetUp),
        ('ValidationError', NotSetUp),
        ('SomethingElse', NotSetUp),
        ('Throttling', ServiceBusy),
        ('ServiceUnavailable', ServiceUnavailable),
    ],
)
def test_role_that_is_not_to_be_had_is_told(
    opted_in: Aws, code: str, error: type[Exception]
) -> None:
    opted_in.refusal = code

    for _ in range(2):
        with being_served(somebody()), pytest.raises(error) as refusal:
            aws.client('s3')
        assert code not in str(refusal.value)
    # The next call tries anew, and none has had the function's own rights: see opted_in.
    opted_in.refusal = None
    with being_served(somebody()):
        assert aws.client('s3') == ('s3', f'{JANE["sub"]} 3')


@pytest.mark.parametrize('arn', ['person', 'arn:aws:iam::1:role/x', f'{ROLE} x', 'arn:aws:s3:::x'])
def test_value_that_is_no_role_does_not_mean_that_there_is_none(
    monkeypatch: pytest.MonkeyPatch, opted_in: Aws, arn: str
) -> None:
    monkeypatch.setenv('PERSON_ROLE_ARN', arn)

    with being_served(somebody()), pytest.raises(MissingSetting, match='PERSON_ROLE_ARN'):
        aws.client('s3')
    assert opted_in.assumed == []


def test_people_at_the_same_time_never_get_each_others(opted_in: Aws) -> None:
    people = [somebody(f'person-{n}') for n in range(8)]
    together = Barrier(len(people))

    def clients_of(caller: Caller) -> set[str]:
        together.wait()
        with being_served(caller):
            return {aws.client(each)[1] for each in ('s3', 'dynamodb', 's3') for _ in range(50)}

    with ThreadPoolExecutor(len(people)) as threads:
        tokens = list(threads.map(clients_of, people))

    assert [{each.split()[0] for each in found} for found in tokens] == [{p.sub} for p in people]
    assert len(opted_in.assumed) == len(people)
