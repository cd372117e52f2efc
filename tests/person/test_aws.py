"""AWS that does not answer, or refuses, told to the caller."""

import socket
from collections.abc import Iterator

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from chalicelib import errors
from chalicelib.person import aws


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Return a port that takes connections and never answers."""
    with socket.create_server(('localhost', 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize('service', ['dynamodb', 'redshift-data', 's3', 'stepfunctions'])
def test_client_is_made_once_and_fails_within_seconds(service: aws.Service) -> None:
    client = aws.client(service)
    config = client.meta.config

    assert aws.client(service) is client
    assert (config.connect_timeout, config.read_timeout) == (1, 4)
    assert config.retries['total_max_attempts'] == 2


def test_slow_answer_is_reported(silent_port: int) -> None:
    config = Config(read_timeout=0.05, retries={'total_max_attempts': 1})
    url = f'http://localhost:{silent_port}'
    slow = boto3.client('s3', endpoint_url=url, config=config)

    with pytest.raises(errors.ServiceUnavailable), aws.translated():
        slow.list_buckets()


def test_no_connection_is_reported() -> None:
    with socket.create_server(('localhost', 0)) as server:
        port = server.getsockname()[1]
    config = Config(retries={'total_max_attempts': 1})
    closed = boto3.client('s3', endpoint_url=f'http://localhost:{port}', config=config)

    with pytest.raises(errors.ServiceUnavailable), aws.translated():
        closed.list_buckets()


@pytest.mark.parametrize(
    ('code', 'error'),
    [
        ('AccessDenied', errors.NotPermitted),
        ('AccessDeniedException', errors.NotPermitted),
        ('Throttling', errors.ServiceBusy),
        ('ThrottlingException', errors.ServiceBusy),
        ('SlowDown', errors.ServiceBusy),
        ('ActiveStatementsExceededException', errors.ServiceBusy),
        ('InternalServerException', errors.ServiceUnavailable),
        ('NoSuchKey', errors.InvalidCursor),
        ('SomethingElse', ClientError),
    ],
)
def test_refusal_is_reported_by_its_code(code: str, error: type[Exception]) -> None:
    refusal = ClientError({'Error': {'Code': code, 'Message': 'internal'}}, 'Operation')

    with pytest.raises(error), aws.translated({'NoSuchKey': errors.InvalidCursor()}):
        raise refusal


def test_error_that_is_raised_again_does_not_grow() -> None:
    known = {'NoSuchKey': errors.InvalidCursor()}
    refusal = ClientError({'Error': {'Code': 'NoSuchKey', 'Message': 'internal'}}, 'Operation')
    lengths = set()
    for _ in range(3):
        with pytest.raises(errors.InvalidCursor) as raised, aws.translated(known):
            raise refusal
        lengths.add(len(raised.traceback))

    assert len(lengths) == 1
