"""S3 on this machine, over HTTP, and the ways in which it fails."""

import io
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import boto3
import requests
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends

from tests.support.raw_http import serving

URL = 'https://s3.example'


@contextmanager
def running() -> Iterator[Any]:
    """Run S3 and yield a client of it that fails at once instead of trying again."""
    config = Config(signature_version='s3v4', retries={'total_max_attempts': 1})
    with (
        serving(DomainDispatcherApplication(create_backend_app)) as url,
        closing(boto3.client('s3', endpoint_url=url, config=config)) as client,
    ):
        yield client


def reset(client: Any, bucket: str) -> None:
    """Leave S3 with one empty bucket."""
    requests.post(f'{client.meta.endpoint_url}/moto-api/reset', timeout=10).raise_for_status()
    client.create_bucket(Bucket=bucket)


def fill(bucket: str, keys: Iterable[str]) -> None:
    """Put small objects into a bucket, without the way over HTTP: that is for a few of them."""
    for key in keys:
        s3_backends[DEFAULT_ACCOUNT_ID]['aws'].put_object(bucket, key, b'text')


class Body(io.BytesIO):
    """The body of an answer, as urllib3 hands it over."""

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        """Yield what there is."""
        yield self.read()


def refusal(status: int, code: str) -> Callable[[], AWSResponse]:
    """Return a fault: S3 refuses, with an error as it words it; none in the answer to a HEAD."""
    text = f'<Error><Code>{code}</Code><Message>internal</Message></Error>' if code else ''
    return lambda: AWSResponse(URL, status, HTTPHeaders(), Body(text.encode()))


def answer(content: bytes, size_bytes: int) -> Callable[[], AWSResponse]:
    """Return a fault: S3 promises so many bytes, and sends these."""
    headers = HTTPHeaders.from_dict({'Content-Length': str(size_bytes), 'ETag': '"x"'})
    return lambda: AWSResponse(URL, 200, headers, Body(content))


def no_connection() -> AWSResponse:
    """Fail as botocore does when nobody is there."""
    raise EndpointConnectionError(endpoint_url=URL)


def no_answer() -> AWSResponse:
    """Fail as botocore does when the answer takes too long."""
    raise ReadTimeoutError(endpoint_url=URL)


@contextmanager
def failing(client: Any, operation: str, fault: Callable[[], AWSResponse]) -> Iterator[None]:
    """Let one operation of S3 fail where its request would be sent."""

    def fail(request: AWSRequest, **_: object) -> AWSResponse:  # noqa: ARG001
        return fault()

    event = f'before-send.s3.{operation}'
    client.meta.events.register(event, fail)
    try:
        yield
    finally:
        client.meta.events.unregister(event, fail)


@contextmanager
def recorded(client: Any, operation: str) -> Iterator[list[dict[str, Any]]]:
    """Record the headers of each request for one operation of S3."""
    headers: list[dict[str, Any]] = []

    def record(params: dict[str, Any], **_: object) -> None:
        headers.append(params['headers'])

    event = f'before-call.s3.{operation}'
    client.meta.events.register(event, record)
    try:
        yield headers
    finally:
        client.meta.events.unregister(event, record)
