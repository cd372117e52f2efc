"""A warehouse for tests: the emulated Redshift Data API and moto's S3, both over HTTP."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from unittest import mock

import boto3

from chalicelib.identity import Caller
from chalicelib.sql.redshift import Redshift
from emulator.redshift.endpoint import RedshiftData
from emulator.sample import people
from tests.support.aws import faults, s3_server
from tests.support.raw_http import serving

BUCKET = 'results'
CONNECTION = {'WorkgroupName': 'shop', 'Database': 'dev'}
JANE, OMAR = (
    Caller(person.sub, person.sub, 'client', frozenset(), person.groups)
    for person in (people.JANE, people.OMAR)
)


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
        # What the emulator has, and Redshift has not: the function is one's own, as in `make dev`.
        mock.patch.dict(os.environ, SQL_FUNCTIONS='pg_sleep'),
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


def forget_slots(database: Redshift) -> None:
    """Let nobody have a statement running that counts."""
    for each in database.s3.list_objects_v2(Bucket=BUCKET, Prefix='sql/').get('Contents', []):
        if '/slot-' in each['Key']:
            database.s3.delete_object(Bucket=BUCKET, Key=each['Key'])
