"""The sample table of records: customers and their orders, under one key each customer.

And what is a person's or a group's own, as RECORDS_KEYS of the stage local says.
"""

from typing import Any

from emulator.sample.people import PEOPLE

TABLE = 'sample-records'
CUSTOMERS = ('Ada Lovelace', 'Grace Hopper', 'Alan Turing', 'Hedy Lamarr', 'Noor Inayat Khan')
ORDERS_OF_EACH = 12


def seed(dynamodb: Any) -> None:
    """Create and fill the sample table through a DynamoDB client."""
    dynamodb.create_table(
        TableName=TABLE,
        BillingMode='PAY_PER_REQUEST',
        AttributeDefinitions=[
            {'AttributeName': 'owner', 'AttributeType': 'S'},
            {'AttributeName': 'item', 'AttributeType': 'S'},
        ],
        KeySchema=[
            {'AttributeName': 'owner', 'KeyType': 'HASH'},
            {'AttributeName': 'item', 'KeyType': 'RANGE'},
        ],
    )
    for number, name in enumerate(CUSTOMERS, start=1):
        puts = [{'PutRequest': {'Item': record}} for record in _records(number, name)]
        dynamodb.batch_write_item(RequestItems={TABLE: puts})
    for record in _own_records():
        dynamodb.put_item(TableName=TABLE, Item=record)


def _own_records() -> list[dict[str, Any]]:
    groups = sorted({group for person in PEOPLE for group in person.groups})
    return [
        {
            'owner': {'S': f'USER#{person.sub}'},
            'item': {'S': 'VACATION'},
            'person': {'S': person.email},
            'days_left': {'N': str(days)},
        }
        for days, person in enumerate(PEOPLE, start=11)
    ] + [
        {
            'owner': {'S': f'GROUP#{group}'},
            'item': {'S': 'MEETING'},
            'group': {'S': group},
            'weekday': {'S': 'Tuesday'},
        }
        for group in groups
    ]


def _records(number: int, name: str) -> list[dict[str, Any]]:
    owner: dict[str, Any] = {'owner': {'S': f'CUSTOMER#{number}'}}
    profile: dict[str, Any] = {
        'item': {'S': 'PROFILE'},
        'name': {'S': name},
        'points': {'N': str(number * 125)},
    }
    orders: list[dict[str, Any]] = [
        {
            'item': {'S': f'ORDER#2026-{month:02}-15'},
            'total': {'N': f'{number * month * 7.5:.2f}'},
            'paid': {'BOOL': month % 4 != 0},
            'articles': {'L': [{'S': 'tea'}, {'S': 'cups'}][: 1 + month % 2]},
        }
        for month in range(1, ORDERS_OF_EACH + 1)
    ]
    return [owner | record for record in [profile, *orders]]
