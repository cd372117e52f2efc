"""How many statements of a person run at once, counted in S3 without a race.

A slot is an object that a statement is written into. Conditional writes let one call only take a
slot: a new one (If-None-Match), or one whose statement has ended (If-Match). So there is nothing
to repair after a call that dies.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import time
from contextlib import suppress
from io import BytesIO
from uuid import uuid4

import msgspec
from chalice.app import ChaliceViewError

from chalicelib.errors import NotPermitted
from chalicelib.identity import Caller
from chalicelib.person import aws
from chalicelib.sql import redshift
from chalicelib.sql.errors import StatementNotFound, TooManyStatements
from chalicelib.sql.redshift import Redshift
from chalicelib.sql.results import NO_BUCKET

# By then a call that was to start a statement has done so, or failed (aws.py).
_SECONDS_TO_START = 30


class Occupant(msgspec.Struct, frozen=True):
    """What is in a slot; ``statement_id`` is None until the statement has started."""

    by: str
    since: float
    statement_id: str | None = None


class _Lost(ChaliceViewError):
    """Another call wrote into the slot first."""


class Slot:
    """One of a person's slots."""

    def __init__(self, database: Redshift, caller: Caller, number: int) -> None:
        self._database = database
        self._key = f'sql/{caller.sub}/slot-{number}'
        self._etag: str | None = None

    def read(self) -> Occupant | None:
        """Return what is in it; None if nothing ever was."""
        self._etag = None
        s3, bucket = self._database.s3, self._database.bucket
        missing = aws.not_there(_Lost(), 'NoSuchKey')
        with suppress(_Lost), aws.translated({'NoSuchBucket': NO_BUCKET, **missing}):
            found = s3.get_object(Bucket=bucket, Key=self._key)
            self._etag = found['ETag']
            return msgspec.json.decode(found['Body'].read(), type=Occupant)
        return None

    def write(self, occupant: Occupant) -> bool:
        """Write into it; tell if nobody else has since it was read."""
        condition = {'IfMatch': self._etag} if self._etag else {'IfNoneMatch': '*'}
        lost = ('PreconditionFailed', 'ConditionalRequestConflict', 'NoSuchKey')
        known = {'NoSuchBucket': NO_BUCKET} | dict.fromkeys(lost, _Lost())
        with suppress(_Lost), aws.translated(known):
            written = self._database.s3.put_object(
                Bucket=self._database.bucket,
                Key=self._key,
                Body=BytesIO(msgspec.json.encode(occupant)),
                ContentType='application/json',
                **condition,
            )
            self._etag = written['ETag']
            return True
        return False

    def occupy(self, statement_id: str) -> None:
        """Say which statement is in it."""
        self.write(Occupant('', time.time(), statement_id))

    def release(self) -> None:
        """Free it, as far as that can be done: it becomes free by itself."""
        with suppress(ChaliceViewError):
            self.write(Occupant('', 0.0))


def take(database: Redshift, caller: Caller, limit: int) -> Slot:
    """Take a slot for a statement that is to start; raises TooManyStatements when none is free."""
    mine = Occupant(uuid4().hex, time.time())
    running: list[str | None] = []
    for number in range(1, limit + 1):
        slot = Slot(database, caller, number)
        while True:
            occupant = slot.read()
            # It can be there already: a write is repeated when its answer gets lost.
            if occupant and occupant.by == mine.by:
                return slot
            if occupant and not _has_ended(database, occupant):
                running.append(occupant.statement_id)
                break
            if slot.write(mine):
                return slot
    raise TooManyStatements(running)


def _has_ended(database: Redshift, occupant: Occupant) -> bool:
    if occupant.statement_id is None:
        return time.time() - occupant.since > _SECONDS_TO_START
    try:
        return redshift.has_ended(redshift.describe(database, occupant.statement_id))
    except (NotPermitted, StatementNotFound):
        return True  # or it was started by whom this is no more, such as the function itself
