"""Jane and Omar ask the same of documents, records and workflows: each gets their own, by IAM.

The app of this process assumes the role for each call, and the emulator holds the role's policy.
"""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import cycle, islice
from typing import Any

import boto3
import pytest
import requests

import capabilities
from chalicelib.person import aws
from emulator.sample import documents, records
from emulator.server import Emulator, run_in_thread
from tests.support.every_operation import SETTINGS
from tests.support.people.actor import FRONTS, JANE, OMAR, Actor, Front
from tests.support.people.verified_calls import being_served

# They ask of what each of them does.
if set(capabilities.NAMES) < {'documents', 'records', 'sql', 'workflows'}:
    pytest.skip('a capability is taken out', allow_module_level=True)

SHARED = {
    *('invoices/2026-001.pdf', 'policies/travel.md', 'shared/letters/address.txt'),
    *('reports/customers.json', 'reports/orders.csv'),
    *('shared/handbook.txt', 'shared/welcome.html'),
}
NOBODYS_ID = '3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c11'
# A member of each could be taken for one of another group, or for somebody else.
ODD_GROUPS = [
    *('sales/../finance', '*', 'f*', 'financ?', '${aws:username}', '{group}', 'finance,sales'),
    *('|finance|', '#finance', 'ﬁnance', 'finance\u200b', 'finance/', '..', ''),
]


@pytest.fixture(scope='module', autouse=True)
def emulator() -> Iterator[Emulator]:
    """Be the stage local."""
    with run_in_thread() as running, pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        patch.setenv('AWS_ENDPOINT_URL', running.url)
        aws.forget_clients()
        s3 = boto3.client('s3')
        for key in ('top.txt', 'secret/a.txt', 'groups/legal/a.txt', 'people/somebody/a.txt'):
            s3.put_object(Bucket=documents.BUCKET, Key=key, Body=b'x')
        for person in (JANE, OMAR):
            key = f'uploads/{person.sub}/1/a.txt'
            s3.put_object(Bucket=documents.BUCKET, Key=key, Body=b'x')
        # moto takes its time to load what executes workflows, more than a call may last.
        boto3.client('stepfunctions').list_state_machines()
        yield running
    aws.forget_clients()


@pytest.fixture(params=FRONTS)
def front(request: pytest.FixtureRequest) -> Front:
    named: Front = request.param
    return named


def own_keys(actor: Actor) -> set[str]:
    """Return the keys of what is a person's and of their groups'."""
    of_groups = {'sales': 'groups/sales/targets.md', 'finance': 'groups/finance/budget.csv'}
    return {
        f'people/{actor.sub}/notes.txt',
        f'uploads/{actor.sub}/1/a.txt',
        *(of_groups[group] for group in actor.groups if group in of_groups),
    }


def listed(actor: Actor, front: Front, **asked: str) -> list[str]:
    return [d['key'] for d in actor.ask(front, 'listDocuments', **asked).body['documents']]


@pytest.mark.parametrize('actor', [JANE, OMAR])
def test_list_of_documents_is_everybodys_own(front: Front, actor: Actor) -> None:
    found = listed(actor, front)

    assert found == sorted(SHARED | own_keys(actor))


@pytest.mark.parametrize(
    'prefix', ['', 'g', 'groups/', 'groups/sales/t', 'people/', 'uploads/', 's']
)
def test_prefix_lists_of_one_s_own_what_begins_so(front: Front, prefix: str) -> None:
    for actor in (JANE, OMAR):
        own = [key for key in sorted(SHARED | own_keys(actor)) if key.startswith(prefix)]
        assert listed(actor, front, prefix=prefix) == own


def test_cursor_goes_through_the_folders_in_order(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr('chalicelib.documents.reading.MAX_DOCUMENTS_LISTED', 2)
    found: list[str] = []
    cursor: str | None = ''
    while cursor is not None:
        page = JANE.ask(front, 'listDocuments', cursor=cursor).body
        found += [each['key'] for each in page['documents']]
        cursor = page['cursor']

    assert found == sorted(SHARED | own_keys(JANE))


def test_cursor_of_somebody_else_is_none(front: Front, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr('chalicelib.documents.reading.MAX_DOCUMENTS_LISTED', 1)
    cursor = OMAR.ask(front, 'listDocuments', prefix='groups/finance/').body['cursor']
    assert cursor is None
    cursor = OMAR.ask(front, 'listDocuments').body['cursor']

    assert JANE.ask(front, 'listDocuments', cursor=cursor).error == 'InvalidCursor'


@pytest.mark.parametrize(
    'key',
    [
        *sorted(own_keys(OMAR)),
        *('top.txt', 'secret/a.txt', 'groups/legal/a.txt', 'people/somebody/a.txt'),
        *('groups/sales/../finance/budget.csv', 'shared/../groups/finance/budget.csv'),
        *('groups//finance/budget.csv', 'Groups/finance/budget.csv', '/groups/finance/budget.csv'),
        *('groups/sales%2F..%2Ffinance/budget.csv', 'groups/{group}/a', 'groups/*/budget.csv'),
        f'people/{JANE.sub}/../{OMAR.sub}/notes.txt',
        f'people/{JANE.sub}{OMAR.sub}/notes.txt',
        f'sql/{OMAR.sub}/1/progress.json',
    ],
)
def test_document_of_somebody_else_is_as_one_that_is_not_there(front: Front, key: str) -> None:
    read = JANE.ask(front, 'readDocument', key=key)
    missing = JANE.ask(front, 'readDocument', key='shared/missing')
    files = JANE.ask(front, 'getDocumentFiles', keys=[key])

    assert (read.error, files.error) == ('DocumentNotFound', 'DocumentNotFound')
    assert read.body['Message'] == missing.body['Message'].replace('shared/missing', key)


def test_own_documents_are_read_and_handed_over(front: Front) -> None:
    for actor, email in ((JANE, 'jane@'), (OMAR, 'omar@')):
        key = f'people/{actor.sub}/notes.txt'
        text = actor.ask(front, 'readDocument', key=key).body['text']
        files = actor.ask(front, 'getDocumentFiles', keys=sorted(own_keys(actor))).body
        assert email in text
        assert files['left_out'] == []
        assert {requests.get(u, timeout=10).status_code for u in files['openaiFileResponse']} == {
            200
        }


def found(actor: Actor, front: Front, key: str) -> list[str] | str:
    answer = actor.ask(front, 'findRecords', key=key)
    return answer.error or [each['sort_key'] for each in answer.body['records']]


@pytest.mark.parametrize(
    ('key', 'of_jane', 'of_omar'),
    [
        ('CUSTOMER#1', True, True),
        (f'USER#{JANE.sub}', True, False),
        (f'USER#{OMAR.sub}', False, True),
        ('GROUP#sales', True, False),
        ('GROUP#europe', True, False),
        ('GROUP#finance', False, True),
        ('GROUP#legal', False, False),
        ('USER#', False, False),
        ('USER#*', False, False),
        ('GROUP#*', False, False),
        ('GROUP#{group}', False, False),
        ('group#sales', False, False),
        (f'user#{JANE.sub}', False, False),
        (f' USER#{JANE.sub}', False, False),
        ('SECRET#1', False, False),
    ],
)
def test_records_are_everybodys_own(
    front: Front, key: str, *, of_jane: bool, of_omar: bool
) -> None:
    for actor, is_theirs in ((JANE, of_jane), (OMAR, of_omar)):
        answer = found(actor, front, key)
        assert (answer == 'RecordNotFound') is not is_theirs
        assert bool(answer)


def test_record_of_somebody_else_is_as_one_that_is_not_there(front: Front) -> None:
    foreign, missing = (
        JANE.ask(front, 'findRecords', key=key) for key in (f'USER#{OMAR.sub}', 'CUSTOMER#missing')
    )

    assert foreign == missing


def test_cursor_leads_to_no_record_of_somebody_else(front: Front) -> None:
    cursor = JANE.ask(front, 'findRecords', key='CUSTOMER#1', limit=1).body['cursor']

    for key in ('GROUP#finance', f'USER#{OMAR.sub}'):
        answer = JANE.ask(front, 'findRecords', key=key, limit=1, cursor=cursor)
        assert answer.error == 'RecordNotFound'


def test_workflow_is_of_who_started_it(front: Front) -> None:
    order = json.dumps({'quantity': 2})
    hers = JANE.ask(front, 'startWorkflow', input_json=order, request_id='7').body['execution_id']
    his = OMAR.ask(front, 'startWorkflow', input_json=order, request_id='7').body['execution_id']

    assert hers != his
    assert JANE.ask(front, 'getWorkflow', execution_id=hers).body['status'] in (
        'running',
        'succeeded',
    )
    unknown = OMAR.ask(front, 'getWorkflow', execution_id=his[:-32] + 'f' * 32)
    assert OMAR.ask(front, 'getWorkflow', execution_id=hers) == unknown
    assert unknown.error == 'ExecutionNotFound'


def test_statement_is_of_who_started_it(front: Front) -> None:
    started = JANE.ask(front, 'executeSqlStatement', sql_statement='SELECT 7 AS n').body

    assert JANE.ask(front, 'getSqlStatement', statement_id=started['statement_id']).error == ''
    foreign, unknown = (
        OMAR.ask(front, 'getSqlStatement', statement_id=each)
        for each in (started['statement_id'], NOBODYS_ID)
    )
    assert foreign == unknown
    assert foreign.error == 'StatementNotFound'


@pytest.mark.parametrize('claim', ['caller', 'sub', 'groups', 'cognito:groups'])
@pytest.mark.parametrize('operation', ['listDocuments', 'findRecords', 'getMyAccess'])
def test_claims_in_the_input_are_refused_or_mean_nothing(
    front: Front, operation: str, claim: str
) -> None:
    given = {'key': 'CUSTOMER#1'} if operation == 'findRecords' else {}

    answer = JANE.ask(front, operation, **given, **{claim: OMAR.sub})

    assert answer.error == 'InvalidRequest' or answer == JANE.ask(front, operation, **given)


def test_process_is_told_who_asks(front: Front) -> None:
    forged = JANE.ask(front, 'startWorkflow', input_json=f'{{"caller": {{"sub": "{OMAR.sub}"}}}}')
    started = JANE.ask(front, 'startWorkflow', input_json='{"quantity": 2}').body['execution_id']

    arn = f'{SETTINGS["WORKFLOW_STATE_MACHINE_ARN"].replace("stateMachine", "execution")}:{started}'
    described = boto3.client('stepfunctions').describe_execution(executionArn=arn)
    assert forged.error == 'InvalidRequest'
    assert json.loads(described['input'])['caller']['sub'] == JANE.sub


@pytest.mark.parametrize('group', ODD_GROUPS)
def test_group_with_an_odd_name_gives_nothing(front: Front, group: str) -> None:
    odd = Actor(JANE.sub, (group, 'sales'))

    assert listed(odd, front) == sorted(SHARED | own_keys(JANE))
    assert found(odd, front, 'GROUP#finance') == 'RecordNotFound'
    assert found(odd, front, f'GROUP#{group}') == 'RecordNotFound'
    told = odd.ask(front, 'getMyAccess').body
    assert (told['groups'], told['groups_that_do_not_count']) == (['sales'], [group])


def test_group_that_somebody_left_is_closed_to_the_next_token(front: Front) -> None:
    assert found(JANE, front, 'GROUP#sales') == ['MEETING']
    without = Actor(JANE.sub, ('europe',))

    assert found(without, front, 'GROUP#sales') == 'RecordNotFound'
    assert 'groups/sales/targets.md' not in listed(without, front)
    assert without.ask(front, 'readDocument', key='groups/sales/targets.md').error


def test_person_is_told_of_their_own_access_only(front: Front) -> None:
    told = JANE.ask(front, 'getMyAccess').body
    access = {each['of']: each['allowed'] for each in told['access']}

    assert (told['sub'], told['groups']) == (JANE.sub, ['europe', 'sales'])
    assert access['documents'] == sorted(
        [
            *('groups/europe/', 'groups/sales/', 'invoices/', 'policies/'),
            *('reports/', 'shared/', f'people/{JANE.sub}/', f'uploads/{JANE.sub}/'),
        ]
    )
    assert access['records'] == [
        *('CUSTOMER#*', 'GROUP#europe', 'GROUP#sales', f'USER#{JANE.sub}'),
    ]
    assert not [hidden for hidden in ('finance', OMAR.sub) if hidden in json.dumps(told)]


def test_bug_in_the_code_meets_iam() -> None:
    """Without what our own code checks, and even without the session's policy, IAM says no."""

    def seen(self: Any) -> Any:
        return self._replace(folders=('',))

    documents_of = import_module('chalicelib.documents.bucket').Documents
    with being_served(JANE.caller):
        mine = seen(documents_of.seen_by(JANE.caller))
        dynamodb = aws.client('dynamodb')
    of_omar = f'people/{OMAR.sub}/notes.txt'

    def query() -> Any:
        return dynamodb.query(
            TableName=records.TABLE,
            KeyConditionExpression='#k = :k',
            ExpressionAttributeNames={'#k': 'owner'},
            ExpressionAttributeValues={':k': {'S': f'USER#{OMAR.sub}'}},
        )

    attempts: list[Callable[[], Any]] = [
        lambda: mine.find(of_omar),
        lambda: list(mine.under('')),
        lambda: list(mine.under(f'people/{OMAR.sub}/')),
        lambda: mine.find('groups/finance/budget.csv'),
        lambda: list(mine.under('groups/finance/')),
        lambda: mine.client.get_object(Bucket=mine.bucket, Key=of_omar),
        lambda: mine.client.put_object(Bucket=mine.bucket, Key=f'uploads/{OMAR.sub}/x', Body=b''),
        query,
    ]
    for attempt in attempts:
        with pytest.raises(Exception, match=r'Denied|permission|Not found'):
            attempt()


def test_role_that_is_not_to_be_had_leaves_nobody_the_function_s_own(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('PERSON_ROLE_ARN', SETTINGS['PERSON_ROLE_ARN'] + '-missing')
    asked: dict[str, dict[str, Any]] = {
        'listDocuments': {},
        'readDocument': {'key': 'shared/handbook.txt'},
        'getDocumentFiles': {'keys': ['shared/handbook.txt']},
        'findRecords': {'key': 'CUSTOMER#1'},
        'startWorkflow': {'input_json': '{}'},
        'getWorkflow': {'execution_id': f'{JANE.caller.owner}-{"0" * 32}'},
        'executeSqlStatement': {'sql_statement': 'SELECT 1'},
        'getSqlStatement': {'statement_id': NOBODYS_ID},
        'listTables': {},
    }

    answers = {name: JANE.ask(front, name, **given) for name, given in asked.items()}

    assert {answer.error for answer in answers.values()} == {'NotSetUp'}
    assert 'PERSON_ROLE_ARN' in answers['listDocuments'].body['Message']


def test_two_people_at_once_on_one_warm_function() -> None:
    def notes(actor: Actor) -> bool:
        key = f'people/{actor.sub}/notes.txt'
        text = actor.ask('HTTP', 'readDocument', key=key).body['text']
        records = found(actor, 'MCP', f'USER#{actor.sub}')
        foreign = found(actor, 'HTTP', f'USER#{({JANE, OMAR} - {actor}).pop().sub}')
        email = 'jane@' if actor == JANE else 'omar@'
        return email in text and records == ['VACATION'] and foreign == 'RecordNotFound'

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(notes, islice(cycle([JANE, OMAR, OMAR, JANE]), 40)))
