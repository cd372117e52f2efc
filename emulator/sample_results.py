"""The bucket that the results of SQL statements go to; the emulator starts with it empty."""

from typing import Any

BUCKET = 'sample-results'


def seed(s3: Any) -> None:
    """Create the bucket through an S3 client."""
    s3.create_bucket(Bucket=BUCKET)
