"""What an AWS service answers when it can't or won't, as an error that a caller may be told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from chalice.app import ChaliceViewError

from chalicelib.errors import NotPermitted, ServiceBusy, ServiceUnavailable

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
_UNAVAILABLE = {'InternalServerError', 'InternalServerException', 'ServiceUnavailable'}


@contextmanager
def told(known: Mapping[str, ChaliceViewError] | None = None) -> Iterator[None]:
    """Turn what boto3 raises inside into an error for the caller.

    ``known`` has the error to raise for an AWS error code that means something to this call; what
    nobody knows stays as it is, and becomes a plain 500.
    """
    # Loaded by whoever made the client; at the top it would be part of every cold start.
    from botocore.exceptions import (  # noqa: PLC0415
        ClientError,
        ConnectionError as NoConnection,
        HTTPClientError,
    )

    try:
        yield
    except ClientError as error:
        code = error.response['Error']['Code']
        if known and code in known:
            raise known[code] from error
        if code in _DENIED:
            raise NotPermitted from error
        if code in _BUSY:
            raise ServiceBusy from error
        if code in _UNAVAILABLE:
            raise ServiceUnavailable from error
        raise
    except (HTTPClientError, NoConnection) as error:
        raise ServiceUnavailable from error
