"""A session of a role gets AccessDenied as on AWS, for what its policies do not allow."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from unittest import mock

import boto3
import pytest
import requests
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.utils import utcnow

from emulator.iam import sessions
from emulator.sample import documents, records
from emulator.sample.people import JANE, OMAR
from emulator.sample.person_role import NAME
from emulator.server import Emulator, run_in_thread

ROLE = f'arn:aws:iam::123456789012:role/{NAME}'
NOW = Config(retries={'total_max_attempts': 1})
STATEMENT = {'Database': 'dev', 'WorkgroupName': 'sample', 'Sqls': ['SELECT 1', 'SELECT 2']}


@pytest.fixture(scope='module')
def emulator() -> Iterator[Emulator]:
    with run_in_thread() as running:
        yield running


@pytest.fixture(scope='module')
def sts(emulator: Emulator) -> Any:
    return boto3.client('sts', endpoint_url=emulator.url, config=NOW)


def asked(sub: str, **changes: Any) -> dict[str, Any]:
    """Return what the role is assumed with for a person; what is changed to None is left out."""
    whole = {
        'RoleArn': ROLE,
        'RoleSessionName': sub,
        'SourceIdentity': sub,
        'Tags': [{'Key': 'sub', 'Value': sub}, {'Key': 'owner', 'Value': 'f' * 32}],
        **changes,
    }
    return {name: value for name, value in whole.items() if value is not None}


def client(
    emulator: Emulator,
    sts: Any,
    service: str,
    sub: str = JANE.sub,
    signature: str | None = None,
    **given: Any,
) -> Any:
    """Return a client of somebody."""
    keys = sts.assume_role(**asked(sub, **given))['Credentials']
    make: Any = boto3.client
    return make(
        service,
        endpoint_url=emulator.url,
        config=NOW.merge(Config(signature_version=signature)),
        aws_access_key_id=keys['AccessKeyId'],
        aws_secret_access_key=keys['SecretAccessKey'],
        aws_session_token=keys['SessionToken'],
    )


def code(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, int]:
    answer = error.value.response
    return answer['Error']['Code'], answer['ResponseMetadata']['HTTPStatusCode']


def test_session_says_whose_it_is(sts: Any) -> None:
    answer = sts.assume_role(**asked(JANE.sub))

    assert answer['SourceIdentity'] == JANE.sub
    assert answer['AssumedRoleUser']['AssumedRoleId'].endswith(f':{JANE.sub}')


@pytest.mark.parametrize(
    'changes',
    [
        {'RoleSessionName': OMAR.sub},
        {'SourceIdentity': OMAR.sub},
        {'SourceIdentity': None},
        {'Tags': None},
        {'Tags': [{'Key': 'sub', 'Value': JANE.sub}]},
        {'Tags': [{'Key': 'sub', 'Value': OMAR.sub}, {'Key': 'owner', 'Value': 'f'}]},
        {'Tags': [{'Key': k, 'Value': JANE.sub} for k in ('sub', 'owner', 'admin')]},
        {'RoleArn': f'{ROLE}-of-others'},
    ],
)
def test_role_is_assumed_for_nobody_else(sts: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**asked(JANE.sub, **changes))

    assert code(refused)[0] == 'AccessDenied'


@pytest.mark.parametrize(
    'changes',
    [
        {'RoleSessionName': 'a b', 'SourceIdentity': 'a b'},
        {'Tags': [{'Key': 'sub', 'Value': 'a*'}, {'Key': 'owner', 'Value': 'f'}]},
        {'Policy': json.dumps({'Statement': ['x' * 2048]})},
    ],
)
def test_what_aws_does_not_take_is_refused(sts: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        sts.assume_role(**asked(JANE.sub, **changes))

    assert code(refused)[0] == 'ValidationError'


def test_objects_are_those_of_the_policy(emulator: Emulator, sts: Any) -> None:
    s3 = client(emulator, sts, 's3')
    notes, bucket = f'people/{JANE.sub}/notes.txt', documents.BUCKET

    assert b'jane@' in s3.get_object(Bucket=bucket, Key=notes)['Body'].read()
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key=f'people/{OMAR.sub}/notes.txt')
    assert code(refused) == ('AccessDenied', 403)
    with pytest.raises(ClientError) as refused:
        s3.head_object(Bucket=bucket, Key=f'people/{OMAR.sub}/notes.txt')
    assert code(refused) == ('403', 403)
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key=notes, Body=b'')
    assert code(refused) == ('AccessDenied', 403)
    s3.put_object(Bucket=bucket, Key=f'uploads/{JANE.sub}/é ü.txt', Body=b'x')
    assert s3.get_object(Bucket=bucket, Key=f'uploads/{JANE.sub}/é ü.txt')['ContentLength'] == 1


def test_what_is_not_there_may_not_be_known(emulator: Emulator, sts: Any) -> None:
    s3 = client(emulator, sts, 's3')

    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=documents.BUCKET, Key='shared/missing')
    assert code(refused) == ('AccessDenied', 403)


@pytest.mark.parametrize(
    ('listed', 'allowed'),
    [
        ({'Prefix': 'shared/'}, True),
        ({'Prefix': f'people/{JANE.sub}/'}, True),
        ({'Prefix': f'people/{OMAR.sub}/'}, False),
        ({'Prefix': 'people/'}, False),
        ({'Prefix': ''}, False),
        ({}, False),
    ],
)
def test_lists_are_those_of_the_policy(
    emulator: Emulator, sts: Any, listed: dict[str, str], *, allowed: bool
) -> None:
    s3 = client(emulator, sts, 's3')
    if allowed:
        found = s3.list_objects_v2(Bucket=documents.BUCKET, **listed)['Contents']
        assert {each['Key'].startswith(listed['Prefix']) for each in found} == {True}
        return
    with pytest.raises(ClientError) as refused:
        s3.list_objects_v2(Bucket=documents.BUCKET, **listed)
    assert code(refused) == ('AccessDenied', 403)


@pytest.mark.parametrize('signature', ['s3', 's3v4'])
def test_presigned_url_is_of_the_session_that_signed_it(
    emulator: Emulator, sts: Any, signature: str
) -> None:
    s3 = client(emulator, sts, 's3', signature=signature)

    def fetched(key: str) -> requests.Response:
        named = {'Bucket': documents.BUCKET, 'Key': key}
        return requests.get(s3.generate_presigned_url('get_object', named), timeout=10)

    assert fetched(f'people/{JANE.sub}/notes.txt').status_code == 200
    refused = fetched(f'people/{OMAR.sub}/notes.txt')
    assert (refused.status_code, '<Code>AccessDenied</Code>' in refused.text) == (403, True)


def test_records_are_those_of_the_policy(emulator: Emulator, sts: Any) -> None:
    dynamodb = client(emulator, sts, 'dynamodb')

    def query(key: str) -> int:
        found = dynamodb.query(
            TableName=records.TABLE,
            KeyConditionExpression='#k = :k AND begins_with(#s, :s)',
            ExpressionAttributeNames={'#k': 'owner', '#s': 'item'},
            ExpressionAttributeValues={':k': {'S': key}, ':s': {'S': 'V'}},
        )
        return int(found['Count'])

    assert query(f'USER#{JANE.sub}') == 1
    for call in (
        lambda: query(f'USER#{OMAR.sub}'),
        lambda: dynamodb.scan(TableName=records.TABLE),
        lambda: dynamodb.describe_table(TableName=records.TABLE),
        lambda: dynamodb.query(
            TableName=records.TABLE,
            KeyConditionExpression='#k = :k AND #s = :s',
            ExpressionAttributeNames={'#k': 'owner', '#s': 'item'},
            ExpressionAttributeValues={':k': {'S': 'CUSTOMER#1'}, ':s': {'S': 'V'}},
        ),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert code(refused) == ('AccessDeniedException', 400)


def test_statement_is_of_the_session_that_started_it(emulator: Emulator, sts: Any) -> None:
    hers, his = (client(emulator, sts, 'redshift-data', person.sub) for person in (JANE, OMAR))
    statement_id = hers.batch_execute_statement(**STATEMENT)['Id']

    assert hers.describe_statement(Id=statement_id)['Id'] == statement_id
    with pytest.raises(ClientError) as refused:
        his.describe_statement(Id=statement_id)
    assert code(refused) == ('AccessDeniedException', 400)
    with pytest.raises(ClientError) as refused:
        hers.list_statements()
    assert code(refused) == ('AccessDeniedException', 400)


def test_policy_of_the_session_takes_away_and_gives_nothing(emulator: Emulator, sts: Any) -> None:
    everything = {'Effect': 'Allow', 'Action': '*', 'Resource': '*'}
    less = {**everything, 'Action': 'dynamodb:*'}

    for statement, key, allowed in [
        (everything, 'shared/welcome.html', True),
        (everything, f'people/{OMAR.sub}/notes.txt', False),
        (less, 'shared/welcome.html', False),
    ]:
        policy = json.dumps({'Version': '2012-10-17', 'Statement': [statement]})
        s3 = client(emulator, sts, 's3', Policy=policy)
        if allowed:
            s3.head_object(Bucket=documents.BUCKET, Key=key)
        else:
            with pytest.raises(ClientError):
                s3.head_object(Bucket=documents.BUCKET, Key=key)


def test_session_may_assume_no_role(emulator: Emulator, sts: Any) -> None:
    with pytest.raises(ClientError) as refused:
        client(emulator, sts, 'sts').assume_role(**asked(OMAR.sub))
    assert code(refused) == ('AccessDenied', 403)


def test_session_ends(emulator: Emulator, sts: Any) -> None:
    s3 = client(emulator, sts, 's3')
    later = utcnow() + timedelta(hours=1, seconds=1)

    with (
        mock.patch.object(sessions, 'utcnow', return_value=later),
        pytest.raises(ClientError) as over,
    ):
        s3.list_objects_v2(Bucket=documents.BUCKET, Prefix='shared/')
    assert code(over)[0] == 'ExpiredToken'


def test_all_other_access_keys_may_do_everything(emulator: Emulator) -> None:
    s3 = boto3.client('s3', endpoint_url=emulator.url, config=NOW)

    assert s3.list_objects_v2(Bucket=documents.BUCKET)['KeyCount'] > 5
