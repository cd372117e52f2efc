"""findRecords: the records of one partition key in the company's DynamoDB table.

Of the keys a caller may ask for those that RECORDS_KEYS gives them, or all without it; every other
key is one that no record has.
"""

import re
from base64 import b64decode, b64encode
from functools import cache
from typing import Annotated, Any, NamedTuple, Self

import msgspec
from msgspec import Meta, Raw, Struct
from msgspec.structs import replace

from chalicelib import paging
from chalicelib.errors import InvalidRequest, NotSetUp
from chalicelib.http_request import Request
from chalicelib.identity import Caller
from chalicelib.person import aws, patterns
from chalicelib.records import access, settings
from chalicelib.records.errors import RecordNotFound

# DynamoDB keeps 38 digits (AWS, "Naming rules and data types").
_NUMBER = re.compile(r'-?\d{1,38}(\.\d{1,38})?')


class FindRecordsRequest(Request):
    """Which records to find."""

    key: Annotated[
        str,
        Meta(description='The partition key, for example CUSTOMER#17.', min_length=1),
    ]
    prefix: Annotated[
        str,
        Meta(description='Only records whose sort key begins with this, for example ORDER#.'),
    ] = ''
    limit: Annotated[int, Meta(description='At most so many records.', ge=1, le=100)] = 25
    cursor: Annotated[
        str, Meta(description='The cursor of the answer before, to go on where it stopped.')
    ] = ''


class Record(Struct):
    """A record: its key, and its other attributes, which every record may have its own of."""

    key: Annotated[str, Meta(description='Its partition key.')]
    sort_key: Annotated[str | None, Meta(description='Its sort key, if the table has one.')]
    attributes_json: Annotated[
        str, Meta(description='Its other attributes by name: a JSON object as text.')
    ]
    attributes_left_out: Annotated[
        int, Meta(description='How many attributes are not here, as no answer could hold them.')
    ] = 0


class Records(Struct):
    """The records found, in the order of their sort key."""

    records: Annotated[list[Record], Meta(description='The records.')]
    cursor: Annotated[
        str | None, Meta(description='Ask again with it for the next records; null after the last.')
    ]


class Key(NamedTuple):
    """A key attribute of a table: its name, and its type as DynamoDB writes it: S, N or B."""

    name: str
    type: str


class Table(NamedTuple):
    """A table as a caller sees it.

    ``keys`` are the partition keys that the caller may ask for, as RECORDS_KEYS has them; None
    means all. ``describing`` is a client that need not be the caller's: it reads no record.
    """

    dynamodb: Any
    name: str
    describing: Any
    keys: tuple[str, ...] | None = None

    @classmethod
    def seen_by(cls, caller: Caller) -> Self:
        """Return the table that the settings name, as a caller sees it."""
        name, own = settings.records_table_name(), aws.own_client('dynamodb')
        return cls(aws.client('dynamodb'), name, own, access.keys(caller))


def find_records(table: Table, request: FindRecordsRequest) -> Records:
    """Find the records of a partition key, as many as an answer holds.

    Numbers keep every digit; binary values and keys are base64. Raises RecordNotFound when the key
    has no record or is not the caller's, and InvalidCursor for the cursor of another question.
    """
    partition, sort = _keys(table.describing, table.name)
    if table.keys is not None:
        if partition.type != 'S':
            raise NotSetUp('RECORDS_KEYS is for tables whose partition key is text')
        if not patterns.allows(table.keys, request.key):
            raise RecordNotFound
    scope = ('findRecords', table.name, request.key, request.prefix)
    query = _query(partition, sort, request)
    if request.cursor:
        # The partition key is always the one asked for: a cursor only names a place within it.
        place = paging.position_of(request.cursor, str, *scope)
        query['ExclusiveStartKey'] = {partition.name: _typed(partition, request.key)}
        if sort:
            query['ExclusiveStartKey'][sort.name] = _typed(sort, place)
    refused = InvalidRequest('No record of this table can have such a key: look at it again.')
    with aws.translated({'ValidationException': refused}):
        page = table.dynamodb.query(TableName=table.name, Limit=request.limit, **query)
    items = page['Items']
    if not items and not request.prefix and not request.cursor:
        raise RecordNotFound
    records = paging.fit(_record(item, partition, sort) for item in items)
    if items and not records:
        records = [_shortened(_record(items[0], partition, sort))]
    if sort is None or (len(records) == len(items) and 'LastEvaluatedKey' not in page):
        return Records(records=records, cursor=None)
    place = _text(items[len(records) - 1][sort.name])
    return Records(records=records, cursor=paging.cursor_to(place, *scope))


def _query(partition: Key, sort: Key | None, request: FindRecordsRequest) -> dict[str, Any]:
    condition = '#partition = :partition'
    names = {'#partition': partition.name}
    values = {':partition': _typed(partition, request.key)}
    if request.prefix:
        if sort is None or sort.type != 'S':
            raise InvalidRequest('The sort key of these records is no text: leave prefix out.')
        condition += ' AND begins_with(#sort, :prefix)'
        names['#sort'] = sort.name
        values[':prefix'] = _typed(sort, request.prefix)
    return {
        'KeyConditionExpression': condition,
        'ExpressionAttributeNames': names,
        'ExpressionAttributeValues': values,
    }


def _record(item: dict[str, Any], partition: Key, sort: Key | None) -> Record:
    keys = {key.name for key in (partition, sort) if key}
    attributes = {name: _plain(value) for name, value in item.items() if name not in keys}
    return Record(
        key=_text(item[partition.name]),
        sort_key=_text(item[sort.name]) if sort else None,
        attributes_json=_json(attributes),
    )


def _shortened(record: Record) -> Record:
    """Return a record that is too large with as many of its attributes as fit, smallest first."""
    attributes = msgspec.json.decode(record.attributes_json, type=dict[str, Raw])
    kept: dict[str, Raw] = {}
    left = paging.MAX_LIST_CHARACTERS - paging.size_of([replace(record, attributes_json='{}')]) - 9
    for name, value in sorted(attributes.items(), key=lambda item: len(bytes(item[1]))):
        left -= paging.size_of(_json({name: value}))
        if left < 0:
            break
        kept[name] = value
    left_out = len(attributes) - len(kept)
    return replace(record, attributes_json=_json(kept), attributes_left_out=left_out)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


@cache
def _keys(dynamodb: Any, table: str) -> tuple[Key, Key | None]:
    """Read the names and types of a table's partition key and, if it has one, sort key."""
    missing = NotSetUp('RECORDS_TABLE_NAME names a table that does not exist')
    with aws.translated({'ResourceNotFoundException': missing}):
        described = dynamodb.describe_table(TableName=table)['Table']
    types = {a['AttributeName']: a['AttributeType'] for a in described['AttributeDefinitions']}
    names = {k['KeyType']: k['AttributeName'] for k in described['KeySchema']}
    sort = names.get('RANGE')
    return Key(names['HASH'], types[names['HASH']]), sort and Key(sort, types[sort])


def _typed(key: Key, text: str) -> dict[str, Any]:
    """Return a key's value as DynamoDB takes it."""
    if key.type == 'S':
        return {'S': text}
    if key.type == 'N' and not _NUMBER.fullmatch(text):
        raise InvalidRequest(f'The key {key.name} must be a number, such as 17.')
    try:
        return {'N': text} if key.type == 'N' else {'B': b64decode(text, validate=True)}
    except ValueError as error:
        raise InvalidRequest(f'The key {key.name} must be base64.') from error


def _text(value: dict[str, Any]) -> str:
    """Return a key's value as text, the inverse of _typed()."""
    ((kind, inner),) = value.items()
    return b64encode(inner).decode() if kind == 'B' else str(inner)


def _plain(value: dict[str, Any]) -> Any:
    """Return an attribute's value as JSON has it; a number is passed on digit by digit."""
    ((kind, inner),) = value.items()
    match kind:
        case 'M':
            return {name: _plain(part) for name, part in inner.items()}
        case 'L':
            return [_plain(part) for part in inner]
        case 'N':
            return Raw(inner.encode())
        case 'B':
            return b64encode(inner).decode()
        case 'NS' | 'BS' | 'SS':
            return [_plain({kind[0]: part}) for part in inner]
        case 'NULL':
            return None
        case _:
            return inner
