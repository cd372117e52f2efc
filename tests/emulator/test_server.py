"""One port for Cognito and the rest of AWS, whatever is sent to it."""

import json
import logging
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

import boto3
import pytest
import requests
from botocore.client import Config
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mypy_boto3_s3 import S3Client

from emulator.sample.data import EMAIL, POOL_ID, TEMPORARY_PASSWORD
from emulator.server import cognito_app
from tests.support.people.signing_in import CALLBACK, CHALLENGE, PASSWORD, App, Cognito, running
from tests.support.raw_http import send, sent

PATHS = [
    '/oauth2/authorize', '/oauth2/token', '/oauth2/userInfo', '/oauth2/revoke', '/login',
    '/newPassword', '/logout', '/error', f'/{POOL_ID}/.well-known/jwks.json',
    '/x/.well-known/openid-configuration',
]  # fmt: skip
NAMES = [
    'client_id', 'redirect_uri', 'response_type', 'scope', 'state', 'nonce', 'resource',
    'code_challenge', 'code_challenge_method', 'grant_type', 'code', 'code_verifier',
    'refresh_token', 'client_secret', 'token', 'token_type_hint', 'username', 'password', '_csrf',
    'new_password', 'new_password_again', 'logout_uri', 'login_hint', 'error',
]  # fmt: skip
VALUES = [
    '', CALLBACK, 'code', 'token', 'openid', 'openid email', CHALLENGE, 'S256', 'plain', EMAIL,
    'authorization_code', 'refresh_token', 'client_credentials', TEMPORARY_PASSWORD, PASSWORD,
    '\0', '\r\nX: y', 'ü', '\ud7ff', 'x' * 10_000, '%', '..', "' or 1=1 --", '{}', 'csrf',
]  # fmt: skip
Parameters = list[tuple[str, str]]


@pytest.fixture(scope='module')
def cognito() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture
def s3(cognito: Cognito) -> S3Client:
    """Return a client that calls S3 as one of this machine does, with the bucket in the path."""
    config = Config(s3={'addressing_style': 'path'}, signature_version='s3v4')
    return boto3.client('s3', region_name='us-east-1', endpoint_url=cognito.url, config=config)


def parameters(client_id: str) -> st.SearchStrategy[Parameters]:
    """Return parameters that Cognito knows and others, with values that fit and others."""
    values = st.one_of(st.just(client_id), st.sampled_from(VALUES), st.text(max_size=30))
    return st.lists(st.tuples(st.one_of(st.sampled_from(NAMES), st.text(max_size=5)), values))


@pytest.fixture
def site(cognito: Cognito) -> Flask:
    """Return what serves the pages and the OAuth endpoints, to be called without HTTP."""
    return cognito_app(cognito.emulator.tokens)


@pytest.fixture
def apps(cognito: Cognito) -> list[App]:
    """Return an app with a secret, and one without."""
    return [cognito.add_app(GenerateSecret=has_secret) for has_secret in (True, False)]


UNLIMITED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=200, deadline=None, suppress_health_check=UNLIMITED)
@given(data=st.data())
def test_no_request_is_an_internal_error(site: Flask, apps: list[App], data: st.DataObject) -> None:
    browser = site.test_client()
    app = data.draw(st.sampled_from(apps))
    sent = parameters(app.id)
    browser.set_cookie('XSRF-TOKEN', data.draw(st.sampled_from(['', 'csrf', 'x'])))
    authorization = st.sampled_from(['Basic', 'Basic !', 'Basic w7w6', 'Bearer', 'Bearer x', 'x'])
    usual: Parameters = list(app.asks.items())

    answer = browser.open(
        data.draw(st.sampled_from(PATHS)),
        method=data.draw(st.sampled_from(['GET', 'POST'])),
        query_string=urlencode(data.draw(st.sampled_from([[], usual])) + data.draw(sent)),
        data=urlencode(data.draw(sent)),
        content_type=data.draw(
            st.sampled_from(
                ['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data']
            )
        ),
        headers={'Authorization': data.draw(authorization)} if data.draw(st.booleans()) else {},
    )

    assert answer.status_code < 500
    # A redirect leads to a page here or to the app.
    assert urlsplit(answer.headers.get('Location', '')).netloc in {'', 'app.example'}


@pytest.mark.parametrize(
    'line',
    [
        'GET /login?client_id=%00%ff&redirect_uri=%zz HTTP/1.1',
        b'GET /login?client_id=\xff\xfe HTTP/1.1',
        'GET /%2e%2e/.well-known/jwks.json HTTP/1.1',
        b'GET /\xff/.well-known/jwks.json HTTP/1.1',
        'GET //evil.example/login HTTP/1.1',
        'GET http://evil.example/login HTTP/1.1',
        f'GET /login?state={"s" * 70_000} HTTP/1.1',
        'POST /oauth2/token HTTP/1.1',
        'DELETE /oauth2/token HTTP/1.1',
        'BREW /login HTTP/1.1',
        'nonsense',
    ],
)
def test_odd_request_gets_an_answer(line: str | bytes, cognito: Cognito) -> None:
    answer = send(cognito.url, line, 'Host: localhost', 'Connection: close')

    assert 300 <= answer.status < 500


@pytest.mark.parametrize('path', ['/error', '/.well-known/x'])
def test_connection_ends_with_the_answer_whatever_else_comes(path: str, cognito: Cognito) -> None:
    lines = [f'GET {path} HTTP/1.1', 'Host: localhost']

    with sent(cognito.url, *lines, body=b'x' * 20_000) as connection:
        answer = connection.makefile('rb').read()

    assert b'Connection: close' in answer


@pytest.mark.parametrize('host', ['evil.example', 'localhost.evil.example', 'x' * 1000, '[', ''])
def test_other_host_name_is_refused(host: str, cognito: Cognito) -> None:
    answer = requests.get(f'{cognito.url}/error', headers={'Host': host}, timeout=10)

    assert answer.status_code == 400
    assert 'An error was encountered' not in answer.text


@pytest.mark.parametrize(
    ('headers', 'status'),
    [
        ({'Host': 'evil.example'}, 403),
        ({'Origin': 'https://evil.example'}, 403),
        ({'Origin': 'https://localhost.evil.example'}, 403),
        ({'Origin': 'null'}, 403),
        ({'Host': 'documents.localhost'}, 200),
        ({'Origin': 'http://localhost:3000'}, 200),
    ],
)
def test_page_elsewhere_cannot_ask_moto(
    headers: dict[str, str], status: int, cognito: Cognito
) -> None:
    answer = requests.get(f'{cognito.url}/moto-api/data.json', headers=headers, timeout=10)

    assert answer.status_code == status
    assert (TEMPORARY_PASSWORD in answer.text) is (status == 200)


def test_log_has_method_path_and_status_and_nothing_secret(
    cognito: Cognito, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app, person = cognito.add_app(), cognito.add_person()
    caplog.clear()

    tokens = cognito.tokens(app, person)
    app.user_info(tokens['access_token'])
    send(cognito.url, f'GET /x\u2028\x1b[31m?{person} HTTP/1.1'.encode(), 'Host: localhost')
    send(cognito.url, f'not HTTP {person} {tokens["access_token"]}')

    lines = [record.getMessage() for record in caplog.records if record.name == 'emulator.server']
    assert lines == [
        'GET /login 200',
        'POST /login 302',
        'POST /oauth2/token 200',
        'GET /oauth2/userInfo 200',
        'GET /x%C3%A2%C2%80%C2%A8%1B%5B31m 400',
        'A request that could not be read 400',
    ]


def test_presigned_url_is_served_with_the_name_that_was_signed(s3: S3Client) -> None:
    for bucket in ('documents', 'login'):
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key='a b/ü.csv', Body=b'1,2', ContentType='text/csv')
        url = s3.generate_presigned_url(
            'get_object',
            {
                'Bucket': bucket,
                'Key': 'a b/ü.csv',
                'ResponseContentDisposition': 'attachment; filename="u.csv"',
                'ResponseContentType': 'text/csv; charset=utf-8',
            },
            ExpiresIn=300,
        )

        answer = requests.get(url, timeout=10)

        assert (answer.status_code, answer.content) == (200, b'1,2')
        assert answer.headers['Content-Disposition'] == 'attachment; filename="u.csv"'
        assert answer.headers['Content-Type'] == 'text/csv; charset=utf-8'


@pytest.mark.parametrize('signature_version', ['s3v4', 's3'])
def test_bucket_with_the_name_of_a_page_is_reached_by_who_signs(
    signature_version: str, cognito: Cognito
) -> None:
    config = Config(s3={'addressing_style': 'path'}, signature_version=signature_version)
    s3 = boto3.client('s3', region_name='us-east-1', endpoint_url=cognito.url, config=config)
    s3.create_bucket(Bucket='logout')
    s3.put_object(Bucket='logout', Key='key', Body=b'whole')

    url = s3.generate_presigned_url('list_objects_v2', {'Bucket': 'logout'})

    assert [found['Key'] for found in s3.list_objects_v2(Bucket='logout')['Contents']] == ['key']
    assert '<Key>key</Key>' in requests.get(url, timeout=10).text


def test_dynamodb_keeps_items(cognito: Cognito) -> None:
    table = boto3.resource('dynamodb', 'us-east-1', endpoint_url=cognito.url).create_table(
        TableName='records',
        KeySchema=[{'AttributeName': 'key', 'KeyType': 'HASH'}],
        AttributeDefinitions=[{'AttributeName': 'key', 'AttributeType': 'S'}],
        BillingMode='PAY_PER_REQUEST',
    )

    table.put_item(Item={'key': 'a', 'value': 1})

    assert table.get_item(Key={'key': 'a'})['Item'] == {'key': 'a', 'value': 1}


def test_state_machine_is_really_executed(cognito: Cognito) -> None:
    client = boto3.client('stepfunctions', 'us-east-1', endpoint_url=cognito.url)
    table = boto3.client('dynamodb', 'us-east-1', endpoint_url=cognito.url)
    definition = {
        'StartAt': 'Choose',
        'States': {
            'Choose': {
                'Type': 'Choice',
                'Choices': [{'Variable': '$.n', 'NumericGreaterThan': 1, 'Next': 'List'}],
                'Default': 'Refuse',
            },
            'Refuse': {'Type': 'Fail', 'Error': 'TooSmall', 'Cause': 'n is at most 1'},
            'List': {
                'Type': 'Task',
                'Resource': 'arn:aws:states:::aws-sdk:dynamodb:listTables',
                'End': True,
            },
        },
    }
    arn = client.create_state_machine(
        name='machine',
        definition=json.dumps(definition),
        roleArn='arn:aws:iam::123456789012:role/machine',
    )['stateMachineArn']

    good, bad = (_executed(client, arn, {'n': n}) for n in (2, 1))

    assert good['status'] == 'SUCCEEDED'
    assert json.loads(good['output']) == {'TableNames': table.list_tables()['TableNames']}
    assert (bad['status'], bad['error']) == ('FAILED', 'TooSmall')


def _executed(client: Any, arn: str, given_input: dict[str, int]) -> Any:
    """Start an execution; return it once it has ended."""
    started = client.start_execution(
        stateMachineArn=arn, name=f'n-{given_input["n"]}', input=json.dumps(given_input)
    )
    while True:
        execution = client.describe_execution(executionArn=started['executionArn'])
        if execution['status'] != 'RUNNING':
            return execution
