"""Presigned URLs over HTTP, as ChatGPT and a browser fetch them."""

import json
import time
import uuid
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.client import Config
from mypy_boto3_s3 import S3Client
from mypy_boto3_sts import STSClient

from emulator.moto import presigned
from tests.support.people.signing_in import Cognito, running

KEY = 'reports/2024 été & more+.txt'


@pytest.fixture(scope='module')
def cognito() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


def role_that_may_use_s3(iam: Any) -> str:
    name, principal = f'person-{uuid.uuid4()}', {'AWS': 'arn:aws:iam::123456789012:root'}
    trust = {'Effect': 'Allow', 'Principal': principal, 'Action': 'sts:AssumeRole'}
    role = iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': [trust]}),
    )
    allowed = {'Effect': 'Allow', 'Action': 's3:*', 'Resource': '*'}
    document = json.dumps({'Version': '2012-10-17', 'Statement': [allowed]})
    iam.put_role_policy(RoleName=name, PolicyName='s3', PolicyDocument=document)
    return str(role['Role']['Arn'])


@pytest.fixture(params=['key', 'assumed role'])
def s3(cognito: Cognito, request: pytest.FixtureRequest) -> S3Client:
    """Return a client with a key of this machine, or of a role that it assumed."""
    session = boto3.Session('testing', 'testing', region_name='us-east-1')
    session.client('s3', endpoint_url=cognito.url).create_bucket(Bucket='presigned')
    if request.param == 'assumed role':
        made = role_that_may_use_s3(session.client('iam', endpoint_url=cognito.url))
        sts: STSClient = session.client('sts', endpoint_url=cognito.url)
        role = sts.assume_role(RoleArn=made, RoleSessionName='person')['Credentials']
        session = boto3.Session(
            role['AccessKeyId'], role['SecretAccessKey'], role['SessionToken'], 'us-east-1'
        )
    config = Config(s3={'addressing_style': 'path'}, signature_version='s3v4')
    client: S3Client = session.client('s3', endpoint_url=cognito.url, config=config)
    client.put_object(Bucket='presigned', Key=KEY, Body=b'text')
    return client


def link(s3: S3Client, seconds: int = 300) -> str:
    return s3.generate_presigned_url(
        'get_object',
        Params={
            'Bucket': 'presigned',
            'Key': KEY,
            'ResponseContentDisposition': 'attachment; filename="été.txt"',
        },
        ExpiresIn=seconds,
    )


def test_link_works_until_it_ends(s3: S3Client, monkeypatch: pytest.MonkeyPatch) -> None:
    url = link(s3)
    now = time.time()
    monkeypatch.setattr('time.time', lambda: now + 290)
    assert requests.get(url, timeout=10).content == b'text'

    monkeypatch.setattr('time.time', lambda: now + 310)
    answer = requests.get(url, timeout=10)
    assert (answer.status_code, '<Code>AccessDenied</Code>' in answer.text) == (403, True)
    assert 'Request has expired' in answer.text


@pytest.mark.parametrize(
    ('given', 'changed'),
    [
        ('X-Amz-Expires=300', 'X-Amz-Expires=3000'),
        ('2024%20', '2025%20'),
        ('attachment', 'inline'),
        ('X-Amz-Signature=', 'X-Amz-Signature=0'),
    ],
)
def test_link_that_was_changed_is_refused(s3: S3Client, given: str, changed: str) -> None:
    url = link(s3)
    assert given in url
    answer = requests.get(url.replace(given, changed), timeout=10)
    assert (answer.status_code, '<Code>SignatureDoesNotMatch</Code>' in answer.text) == (403, True)


@pytest.mark.parametrize('s3', ['key'], indirect=True)
def test_link_for_more_than_a_week_or_half_a_link_is_refused(s3: S3Client) -> None:
    for url in (link(s3, presigned.WEEK_SECONDS + 1), link(s3).replace('X-Amz-Date', 'X-Date')):
        answer = requests.get(url, timeout=10)
        assert answer.status_code == 400
        assert '<Code>AuthorizationQueryParametersError</Code>' in answer.text


def test_link_uploads_what_it_is_for(s3: S3Client) -> None:
    url = s3.generate_presigned_url('put_object', Params={'Bucket': 'presigned', 'Key': 'new'})
    assert requests.put(url, data=b'new', timeout=10).status_code == 200
    assert requests.get(url, timeout=10).status_code == 403
    assert s3.get_object(Bucket='presigned', Key='new')['Body'].read() == b'new'
