"""A warehouse for tests: the emulated Redshift Data API and moto's S3, both over HTTP."""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager

import boto3

from chalicelib.identity import Caller
from chalicelib.sql.redshift import Redshift
from emulator.redshift.endpoint import RedshiftData
from tests.support.aws import faults, s3_server
from tests.support.raw_http import serving

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


@contextmanager
def running(clock: Callable[[], float] = time.time) -> Iterator[Redshift]:
    """Run a warehouse with the sample shop, and a bucket for results."""
    with (
        closing(RedshiftData(clock=clock)) as data,
        serving(data) as redshift_data,
        s3_server.running() as s3,
    ):
        s3.create_bucket(Bucket=BUCKET)
        data_api = boto3.client('redshift-data', endpoint_url=redshift_data, config=faults.AT_ONCE)
        yield Redshift(data_api, CONNECTION, s3, BUCKET)


def failing(
    database: Redshift, operation: str, fault: str | Exception, *, after: int = 0
) -> AbstractContextManager[None]:
    """Let an AWS operation fail, be it the Data API's or S3's."""
    client = database.s3 if operation.endswith('Object') else database.data_api
    return faults.failing(client, operation, fault, after=after)
