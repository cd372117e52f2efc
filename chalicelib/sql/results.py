"""Where the results of SQL statements are kept: a folder in S3 for each, in that of its caller.

The folder says who owns a statement: its name contains the caller's `sub`, which comes from a
verified token. A request of anybody else looks in another folder and finds nothing there, as for a
statement that never existed; Redshift is not even asked.
"""

from typing import IO, Any, NamedTuple

from chalicelib.errors import NotSetUp
from chalicelib.identity import Caller
from chalicelib.person import aws
from chalicelib.sql.errors import StatementNotFound

NO_BUCKET = NotSetUp('RESULTS_BUCKET_NAME names a bucket that does not exist')


class Folder(NamedTuple):
    """Where in S3 the result of one statement is kept."""

    s3: Any
    bucket: str
    prefix: str

    def key(self, name: str) -> str:
        """Return the key of an object of this statement."""
        return f'{self.prefix}/{name}'

    def put(self, name: str, body: bytes | IO[bytes], content_type: str) -> None:
        """Write an object."""
        with aws.translated({'NoSuchBucket': NO_BUCKET}):
            self.s3.put_object(
                Bucket=self.bucket, Key=self.key(name), Body=body, ContentType=content_type
            )

    def get(self, name: str, into: IO[bytes]) -> None:
        """Read an object; raises StatementNotFound when there is none."""
        missing = aws.not_there(StatementNotFound(), 'NoSuchKey')
        with aws.translated({'NoSuchBucket': NO_BUCKET, **missing}):
            body = self.s3.get_object(Bucket=self.bucket, Key=self.key(name))['Body']
            for chunk in body.iter_chunks(1_000_000):
                into.write(chunk)


def folder_of(s3: Any, bucket: str, caller: Caller, statement_id: str) -> Folder:
    """Return the folder of a caller's statement."""
    return Folder(s3, bucket, f'sql/{caller.sub}/{statement_id}')
