"""findRecords: whole partitions in pages, nothing of another key, every digit of a number."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import boto3
import msgspec
import pytest
from botocore.stub import Stubber
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from moto import mock_aws

from chalicelib import errors, paging
from chalicelib.person import patterns
from chalicelib.records import lookup
from chalicelib.records.errors import RecordNotFound
from chalicelib.records.lookup import FindRecordsRequest, Table
from tests.support.aws.faults import AT_ONCE, FAULTS, failing

TABLE = 'records'
DIGITS = '12345678901234567890123456789012345678'


@pytest.fixture
def client() -> Iterator[Any]:
    """Return a client of DynamoDB with an empty table of customers and what belongs to them."""
    with mock_aws():
        made = boto3.client('dynamodb', config=AT_ONCE)
        create_table(made, TABLE)
        yield made


def create_table(client: Any, name: str, sort_type: str = 'S') -> None:
    """Create a table with the keys customer and item."""
    client.create_table(
        TableName=name,
        BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[
            {'AttributeName': 'customer', 'AttributeType': 'S'},
            {'AttributeName': 'item', 'AttributeType': sort_type},
        ],
        KeySchema=[
            {'AttributeName': 'customer', 'KeyType': 'HASH'},
            {'AttributeName': 'item', 'KeyType': 'RANGE'},
        ],
    )


def put(client: Any, customer: str, item: str, **attributes: dict[str, Any]) -> None:
    """Put a record into the table."""
    keys = {'customer': {'S': customer}, 'item': {'S': item}}
    client.put_item(TableName=TABLE, Item=keys | attributes)


def find(client: Any, key: str, table: str = TABLE, **request: Any) -> dict[str, Any]:
    """Return the answer as the caller reads it."""
    answer = lookup.find_records(
        Table(client, table, client), FindRecordsRequest(key=key, **request)
    )
    encoded = msgspec.json.encode(answer).decode()
    assert len(encoded) < paging.MAX_ANSWER_CHARACTERS
    decoded: dict[str, Any] = msgspec.json.decode(encoded)
    return decoded


def pages(client: Any, key: str, **request: Any) -> Iterator[dict[str, Any]]:
    """Yield every record of a key, following the cursors."""
    answer = find(client, key, **request)
    yield from answer['records']
    while answer['cursor']:
        answer = find(client, key, cursor=answer['cursor'], **request)
        yield from answer['records']


def record(key: str, sort_key: str, attributes_json: str, left_out: int = 0) -> dict[str, Any]:
    """Return a record as the caller reads it."""
    return {
        'key': key,
        'sort_key': sort_key,
        'attributes_json': attributes_json,
        'attributes_left_out': left_out,
    }


def test_finds_what_belongs_to_the_key(client: Any) -> None:
    put(client, 'ann', 'ORDER#2', total={'N': '7.50'})
    put(client, 'ann', 'ORDER#1')
    put(client, 'ann', 'PROFILE')
    put(client, 'bob', 'ORDER#3')

    assert find(client, 'ann') == {
        'records': [
            record('ann', 'ORDER#1', '{}'),
            record('ann', 'ORDER#2', '{"total":7.50}'),
            record('ann', 'PROFILE', '{}'),
        ],
        'cursor': None,
    }
    assert [r['sort_key'] for r in find(client, 'ann', prefix='ORDER#')['records']] == [
        'ORDER#1',
        'ORDER#2',
    ]
    assert find(client, 'ann', prefix='INVOICE#') == {'records': [], 'cursor': None}


def test_every_type_becomes_json(client: Any) -> None:
    put(
        client,
        'ann',
        'all',
        text={'S': 'Grüße, "you"'},
        truth={'BOOL': True},
        nothing={'NULL': True},
        raw={'B': b'\x00\xff'},
        words={'SS': ['a']},
        numbers={'NS': ['1.10']},
        nested={'M': {'list': {'L': [{'N': '1'}, {'M': {}}]}}},
    )

    (found,) = find(client, 'ann')['records']
    assert msgspec.json.decode(found['attributes_json']) == {
        'text': 'Grüße, "you"',
        'truth': True,
        'nothing': None,
        'raw': 'AP8=',
        'words': ['a'],
        'numbers': [1.1],
        'nested': {'list': [1, {}]},
    }


@pytest.mark.parametrize('number', [DIGITS, f'-0.{DIGITS}', '1E+20', '0.1', '-0'])
def test_number_keeps_every_digit(client: Any, number: str) -> None:
    with Stubber(client) as stub:
        stub.add_response('describe_table', described('S'))
        item = {'customer': {'S': 'ann'}, 'item': {'S': 'x'}, 'n': {'N': number}}
        stub.add_response('query', {'Items': [item], 'Count': 1})
        answer = lookup.find_records(Table(client, number, client), FindRecordsRequest(key='ann'))

    text = answer.records[0].attributes_json
    assert text == f'{{"n":{number}}}'
    assert msgspec.json.decode(text, type=dict[str, Decimal]) == {'n': Decimal(number)}


def described(sort_type: str) -> dict[str, Any]:
    """Return what DescribeTable answers."""
    return {
        'Table': {
            'AttributeDefinitions': [
                {'AttributeName': 'customer', 'AttributeType': 'S'},
                {'AttributeName': 'item', 'AttributeType': sort_type},
            ],
            'KeySchema': [
                {'AttributeName': 'customer', 'KeyType': 'HASH'},
                {'AttributeName': 'item', 'KeyType': 'RANGE'},
            ],
        }
    }


def test_pages_put_together_are_the_whole(client: Any) -> None:
    for number in range(30):
        put(client, 'ann', f'{number:02}', text={'S': 'ü' * 20_000})

    found = list(pages(client, 'ann', limit=7))

    assert [each['sort_key'] for each in found] == [f'{number:02}' for number in range(30)]
    assert {each['attributes_json'] for each in found} == {'{"text":"' + 'ü' * 20_000 + '"}'}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    records=st.dictionaries(
        st.text(min_size=1, max_size=10), st.text(max_size=50_000), max_size=8
    ).filter(bool),
    limit=st.integers(1, 100),
)
def test_whatever_the_records_pages_fit_and_make_the_whole(
    client: Any, records: dict[str, str], limit: int
) -> None:
    key = msgspec.json.encode([records, limit]).hex()[:400]
    for item, text in records.items():
        put(client, key, item, text={'S': text})

    found = {
        each['sort_key']: msgspec.json.decode(each['attributes_json'])
        for each in pages(client, key, limit=limit)
        if not each['attributes_left_out']
    }

    whole = {item: {'text': text} for item, text in records.items()}
    assert found == {item: whole[item] for item in whole if item in found}
    assert all(
        len(msgspec.json.encode(whole[item])) > 30_000 for item in whole if item not in found
    )


def test_record_too_large_for_an_answer_is_shortened(client: Any) -> None:
    put(client, 'ann', '1', small={'S': 'kept'}, big={'S': 'x' * 100_000}, more={'S': 'é' * 79_990})
    put(client, 'ann', '2')

    assert list(pages(client, 'ann')) == [
        record('ann', '1', '{"small":"kept"}', left_out=2),
        record('ann', '2', '{}'),
    ]


def test_unknown_key_is_reported(client: Any) -> None:
    with pytest.raises(RecordNotFound):
        find(client, 'nobody')


def test_cursor_leads_nowhere_else(client: Any) -> None:
    create_table(client, 'others')
    for customer in ('ann', 'bob'):
        for number in range(3):
            put(client, customer, f'{number}')
    cursor = find(client, 'ann', limit=1)['cursor']

    for wrong in (
        {'key': 'bob'},
        {'key': 'ann', 'prefix': '1'},
        {'key': 'ann', 'table': 'others'},
    ):
        with pytest.raises(errors.InvalidCursor):
            find(client, cursor=cursor, **wrong)


@pytest.mark.parametrize('cursor', ['x', '=', 'A' * 5000, 'é', '\x00', 'e30', '../..'])
def test_garbage_is_no_cursor(client: Any, cursor: str) -> None:
    put(client, 'ann', '1')

    with pytest.raises(errors.InvalidCursor):
        find(client, 'ann', cursor=cursor)


def test_forged_cursor_stays_within_the_key(client: Any) -> None:
    for customer in ('ann', 'bob'):
        put(client, customer, '5')
    forged = paging.cursor_to('1', 'findRecords', TABLE, 'ann', '')

    assert find(client, 'ann', cursor=forged)['records'] == [record('ann', '5', '{}')]


@pytest.mark.parametrize(
    ('sort_type', 'request_', 'message'),
    [
        ('N', {'prefix': '1'}, 'leave prefix out'),
        ('B', {'prefix': '1'}, 'leave prefix out'),
    ],
)
def test_prefix_needs_a_text(
    client: Any, sort_type: str, request_: dict[str, Any], message: str
) -> None:
    create_table(client, sort_type, sort_type)

    with pytest.raises(errors.InvalidRequest, match=message):
        find(client, 'ann', table=sort_type, **request_)


def test_table_that_does_not_exist_is_reported(client: Any) -> None:
    with pytest.raises(errors.NotSetUp, match='RECORDS_TABLE_NAME'):
        find(client, 'ann', table='missing')


@pytest.mark.parametrize('operation', ['DescribeTable', 'Query'])
@pytest.mark.parametrize(('fault', 'error'), FAULTS)
def test_failure_of_dynamodb_is_reported(
    client: Any, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    with failing(client, operation, fault), pytest.raises(error) as refusal:
        find(client, 'ann')

    assert 'internal' not in str(refusal.value)


def test_key_that_dynamodb_refuses_is_reported(client: Any) -> None:
    with Stubber(client) as stub:
        stub.add_response('describe_table', described('S'))
        stub.add_client_error('query', 'ValidationException', 'One or more parameter values …')
        with pytest.raises(errors.InvalidRequest):
            lookup.find_records(
                Table(client, 'refusing', client), FindRecordsRequest(key='x' * 3000)
            )


KEYS = ('CUSTOMER#*', 'USER#ann')


@pytest.mark.parametrize(
    ('key', 'is_found'),
    [
        ('CUSTOMER#1', True),
        ('USER#ann', True),
        ('USER#anna', False),
        ('USER#bob', False),
        ('customer#1', False),
        ('CUSTOMER#2', False),
    ],
)
def test_record_under_another_key_is_as_one_that_is_not_there(
    client: Any, key: str, *, is_found: bool
) -> None:
    for each in ('CUSTOMER#1', 'USER#ann', 'USER#anna', 'USER#bob', 'customer#1'):
        put(client, each, 'a')
    table = Table(client, TABLE, client, KEYS)

    for prefix in ('', 'a'):
        request = FindRecordsRequest(key=key, prefix=prefix)
        if is_found:
            assert [each.key for each in lookup.find_records(table, request).records] == [key]
        elif not prefix or not patterns.allows(KEYS, key):
            with pytest.raises(RecordNotFound):
                lookup.find_records(table, request)


def test_person_without_keys_finds_nothing(client: Any) -> None:
    put(client, 'CUSTOMER#1', 'a')

    with pytest.raises(RecordNotFound):
        lookup.find_records(Table(client, TABLE, client, ()), FindRecordsRequest(key='CUSTOMER#1'))


def test_keys_that_are_no_text_can_not_be_told_apart(client: Any) -> None:
    client.create_table(
        TableName='numbers',
        BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'N'}],
        KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}],
    )

    with pytest.raises(errors.NotSetUp, match='RECORDS_KEYS'):
        lookup.find_records(Table(client, 'numbers', client, KEYS), FindRecordsRequest(key='1'))
