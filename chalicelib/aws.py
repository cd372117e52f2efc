"""AWS from inside the function: clients made on first use, and their errors in callers' words.

boto3 is imported here and when it is first needed: at the top of a module it would be part of
every cold start, also of operations that need no AWS.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from chalice.app import ChaliceViewError

from chalicelib.errors import NotPermitted, ServiceBusy, ServiceUnavailable

Service = Literal['dynamodb', 'redshift-data', 's3', 'stepfunctions']

_BUSY = {
    'ActiveStatementsExceededException',
    'LimitExceededException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'SlowDown',
    'Throttling',
    'ThrottlingException',
    'TooManyRequestsException',
}
_DENIED = {'AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'}
_UNAVAILABLE = {
    'InternalError',
    'InternalServerError',
    'InternalServerException',
    'ServiceUnavailable',
}


@cache
def client(service: Service) -> Any:
    """Return the one client of an AWS service; a call of it fails within seconds, not minutes."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    return boto3.client(
        service,
        config=Config(
            # Twice both, and a pause between: a call has failed after 11 seconds (deadline.py).
            connect_timeout=1,
            read_timeout=4,
            retries={'mode': 'standard', 'total_max_attempts': 2},
            signature_version='s3v4' if service == 's3' else None,
        ),
    )


@contextmanager
def translated(known: Mapping[str, ChaliceViewError] | None = None) -> Iterator[None]:
    """Turn what boto3 raises inside into an error for the caller.

    ``known`` has the error to raise for an AWS error code that means something to this call; what
    nobody knows stays as it is, and becomes a plain 500.
    """
    from botocore.exceptions import (  # noqa: PLC0415
        ClientError,
        HTTPClientError,
        IncompleteReadError,
    )
    from botocore.exceptions import ConnectionError as NoConnection  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        code = error.response['Error']['Code']
        if known and code in known:
            # Raised before, it would carry all the frames it has ever passed through.
            raise known[code].with_traceback(None) from error
        if code in _DENIED:
            raise NotPermitted from error
        if code in _BUSY:
            raise ServiceBusy from error
        if code in _UNAVAILABLE:
            raise ServiceUnavailable from error
        raise
    except (HTTPClientError, IncompleteReadError, NoConnection) as error:
        raise ServiceUnavailable from error
