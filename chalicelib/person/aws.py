"""AWS from inside the function: clients made on first use, and their errors in callers' words.

What an operation does it does as the person who calls, where PERSON_ROLE_ARN names a role for it.

boto3 is imported here and when it is first needed: at the top of a module it would be part of
every cold start, also of operations that need no AWS.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, Literal

from chalice.app import ChaliceViewError

from chalicelib import settings
from chalicelib.errors import (
    NotPermitted,
    NotSetUp,
    NotSignedIn,
    ServiceBusy,
    ServiceUnavailable,
)
from chalicelib.observability import current_call
from chalicelib.person import role

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
_NOT_ASSUMED = NotSetUp('PERSON_ROLE_ARN names a role that can not be assumed for this person')
_UNAVAILABLE = {
    'InternalError',
    'InternalServerError',
    'InternalServerException',
    'ServiceUnavailable',
}


def client(service: Service) -> Any:
    """Return the client of an AWS service for the person whose call is being served.

    Without PERSON_ROLE_ARN it is the function's own; with it there is no way back to that. Raises
    NotSignedIn when nobody is known to call, and NotSetUp when the role can't be assumed.
    """
    role_arn = settings.person_role_arn()
    if not role_arn:
        return own_client(service)
    caller = current_call().caller
    if caller is None:
        raise NotSignedIn('Nobody is signed in. Sign in again, then repeat the call.')
    with translated(otherwise=_NOT_ASSUMED):
        return _sessions.client(role.of(caller, role_arn), service)


@cache
def own_client(service: Service) -> Any:
    """Return the one client of an AWS service that works as the function itself."""
    return _made(service)


def forget_clients() -> None:
    """Have clients made anew from now on."""
    own_client.cache_clear()
    _sessions.clear()


def _made(service: str, **credentials: str) -> Any:
    """Make a client; a call of it fails within seconds, not minutes."""
    import boto3  # noqa: PLC0415
    from botocore.config import Config  # noqa: PLC0415

    # boto3's one session, which has read the models of the services, also for other credentials.
    make: Any = boto3.client
    return make(
        service,
        config=Config(
            # Twice both, and a pause between: a call has failed after 11 seconds (deadline.py).
            connect_timeout=1,
            read_timeout=4,
            retries={'mode': 'standard', 'total_max_attempts': 2},
            signature_version='s3v4' if service == 's3' else None,
        ),
        **credentials,
    )


_sessions = role.Sessions(_made)


def not_there(error: ChaliceViewError, *codes: str) -> dict[str, ChaliceViewError]:
    """Return what translated() must know of an S3 object that is not there, with these codes.

    The person's role may list a folder but not the bucket. So S3 doesn't tell it what is missing:
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    refused = ('403', 'AccessDenied') if settings.person_role_arn() else ()
    return dict.fromkeys((*codes, *refused), error)


@contextmanager
def translated(
    known: Mapping[str, ChaliceViewError] | None = None,
    *,
    otherwise: ChaliceViewError | None = None,
) -> Iterator[None]:
    """Turn what boto3 raises inside into an error for the caller.

    ``known`` has the error to raise for an AWS error code that means something to this call, and
    ``otherwise`` is the one for a refusal of any other. Without that, what nobody knows stays as it
    is, and becomes a plain 500.
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
        if code in _BUSY:
            raise ServiceBusy from error
        if code in _UNAVAILABLE:
            raise ServiceUnavailable from error
        if otherwise:
            raise otherwise.with_traceback(None) from error
        if code in _DENIED:
            raise NotPermitted from error
        raise
    except (HTTPClientError, IncompleteReadError, NoConnection) as error:
        raise ServiceUnavailable from error
