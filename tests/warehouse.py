"""A warehouse for tests: the emulated Redshift Data API and moto's S3, both over HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from typing import Any, Literal

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from botocore.config import Config
from moto.server import ThreadedMotoServer
from urllib3 import HTTPResponse
from werkzeug.serving import WSGIRequestHandler, make_server

from chalicelib.identity import Caller
from chalicelib.redshift import Redshift
from emulator.redshift_data import RedshiftData

BUCKET = 'results'
CONNECTION = {'WorkgroupName': 'shop', 'Database': 'dev'}
JANE, JOE = (Caller(sub, sub, 'client', frozenset(), ()) for sub in ('jane', 'joe'))


class Clock:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.pauses: list[float] = []

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.pauses.append(seconds)


class _Silent(WSGIRequestHandler):
    protocol_version = 'HTTP/1.1'

    def log_request(self, *_: object) -> None:
        """Log nothing."""


@contextmanager
def running(clock: Callable[[], float] = time.time) -> Iterator[Redshift]:
    """Run a warehouse with the sample shop, and a bucket for results."""
    data = RedshiftData(clock=clock)
    server = make_server('localhost', 0, data, threaded=True, request_handler=_Silent)
    thread = Thread(target=server.serve_forever)
    thread.start()
    moto = ThreadedMotoServer(ip_address='localhost', port=0, verbose=False)
    moto.start()
    try:
        s3 = client('s3', 'http://{}:{}'.format(*moto.get_host_and_port()))
        s3.create_bucket(Bucket=BUCKET)
        data_api = client('redshift-data', f'http://localhost:{server.port}')
        yield Redshift(data_api, CONNECTION, s3, BUCKET)
    finally:
        moto.stop()
        server.shutdown()
        thread.join()
        server.server_close()
        data.close()


def client(service: Literal['redshift-data', 's3'], url: str) -> Any:
    """Return a client that gives up at once."""
    config = Config(
        retries={'total_max_attempts': 1},
        signature_version='s3v4' if service == 's3' else None,
    )
    return boto3.client(service, endpoint_url=url, region_name='us-east-1', config=config)


@contextmanager
def failing(
    database: Redshift, operation: str, fault: str | Exception, *, after: int = 0
) -> Iterator[None]:
    """Let an AWS operation fail: with an error code, or as the connection would.

    Its first calls, as many as ``after`` says, still succeed.
    """
    of_s3 = operation.endswith('Object')
    client, service = (database.s3, 's3') if of_s3 else (database.data_api, 'redshift-data')
    left = iter(range(after))

    def fail(request: Any, **_: object) -> AWSResponse | None:
        if next(left, None) is not None:
            return None
        if isinstance(fault, Exception):
            raise fault
        body = f'{{"__type": "{fault}", "message": "internals of AWS"}}'
        if of_s3:
            body = f'<Error><Code>{fault}</Code><Message>internals of AWS</Message></Error>'
        raw = HTTPResponse(BytesIO(body.encode()), preload_content=False)
        return AWSResponse(request.url, 400, HTTPHeaders(), raw)

    event = f'before-send.{service}.{operation}'
    client.meta.events.register(event, fail)
    try:
        yield
    finally:
        client.meta.events.unregister(event, fail)
