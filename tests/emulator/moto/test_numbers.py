"""Numbers in DynamoDB, over HTTP."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from mypy_boto3_dynamodb import DynamoDBClient

from tests.support.people.signing_in import running


@pytest.fixture(scope='module')
def dynamodb() -> Iterator[DynamoDBClient]:
    with running() as cognito:
        session = boto3.Session('testing', 'testing', region_name='us-east-1')
        client: DynamoDBClient = session.client('dynamodb', endpoint_url=cognito.url)
        client.create_table(
            TableName='numbers',
            AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'N'}],
            KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}],
            BillingMode='PAY_PER_REQUEST',
        )
        yield client


@pytest.mark.parametrize(
    ('given', 'kept'),
    [
        ('.5', '0.5'), ('+5', '5'), ('007', '7'), ('-0', '0'), ('1.500', '1.5'), ('1E3', '1000'),
        ('-12.50e-3', '-0.0125'), ('5.', '5'), ('0.0', '0'), ('100', '100'),
        ('12345678901234567890123456789012345678', '12345678901234567890123456789012345678'),
    ],
)  # fmt: skip
def test_number_is_answered_as_dynamodb_writes_it(
    dynamodb: DynamoDBClient, given: str, kept: str
) -> None:
    item: dict[str, Any] = {
        'id': {'N': '1'},
        'one': {'N': given},
        'inner': {'M': {'list': {'L': [{'N': given}]}}},
        'some': {'NS': [given]},
        'text': {'S': given},
    }
    dynamodb.put_item(TableName='numbers', Item=item)
    found = dynamodb.get_item(TableName='numbers', Key={'id': {'N': '01.0'}})['Item']
    assert found == item | {
        'one': {'N': kept},
        'inner': {'M': {'list': {'L': [{'N': kept}]}}},
        'some': {'NS': [kept]},
    }


def test_key_and_sum_are_numbers_too(dynamodb: DynamoDBClient) -> None:
    dynamodb.put_item(TableName='numbers', Item={'id': {'N': '+2'}, 'n': {'N': '.50'}})
    changed = dynamodb.update_item(
        TableName='numbers',
        Key={'id': {'N': '2.0'}},
        UpdateExpression='SET n = n + :more',
        ExpressionAttributeValues={':more': {'N': '00.5'}},
        ReturnValues='ALL_NEW',
    )
    assert changed['Attributes'] == {'id': {'N': '2'}, 'n': {'N': '1'}}
