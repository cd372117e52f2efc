"""What AWS answers when it can't or won't, as one line that says what to do."""

import os
import re
from urllib.parse import urlsplit

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError

_DENIED = {'AccessDenied', 'AccessDeniedException', 'UnauthorizedOperation'}
_NOT_ACCEPTED = {
    'ExpiredToken',
    'ExpiredTokenException',
    'InvalidClientTokenId',
    'InvalidSignatureException',
    'UnrecognizedClientException',
}
# Gone, in another account, or of an emulator that has ended.
_NO_POOL = re.compile(r'^User pool \S+ does not exist\.$')
_SIGN_IN = 'run `aws configure` or `aws sso login`, or set AWS_PROFILE'


def in_one_line(error: BotoCoreError | ClientError | ResponseParserError) -> str:
    """Tell an error of boto3: what happened, and the remedy where there is one."""
    if isinstance(error, ClientError):
        return _refusal(error)
    if isinstance(error, ResponseParserError):  # which has all of the answer
        return 'What answers is not AWS: check AWS_ENDPOINT_URL, and the network.'
    if isinstance(error, EndpointConnectionError):
        return nothing_answers(error.kwargs['endpoint_url'])
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        return f'No AWS credentials: {_SIGN_IN}.'
    if isinstance(error, ProfileNotFound):
        profile = ' '.join(error.kwargs['profile'].split())
        return f'There is no AWS profile {profile} on this machine: correct AWS_PROFILE.'
    if isinstance(error, NoRegionError):
        return 'No AWS region: set AWS_DEFAULT_REGION.'
    return ' '.join(str(error).split())


def nothing_answers(url: str) -> str:
    """Tell that nothing listens at a URL."""
    place = urlsplit(url)
    remedy = 'start `make dev`' if place.hostname == 'localhost' else 'check the network'
    if place.netloc == urlsplit(os.environ.get('AWS_ENDPOINT_URL', '')).netloc:
        remedy = 'start the emulator there, or unset AWS_ENDPOINT_URL to reach AWS'
    host = place.netloc.rpartition('@')[2]
    return f'Nothing answers at {place.scheme}://{host}: {remedy}.'


def _refusal(error: ClientError) -> str:
    described = error.response.get('Error', {})
    code, message = (
        described.get('Code', 'Unknown'),
        ' '.join(described.get('Message', '').split())[:500],
    )
    if code in _DENIED:
        return f'AWS refuses {error.operation_name}: {message} Ask for that permission.'
    if code in _NOT_ACCEPTED:
        return f'AWS does not accept these credentials ({code}): {_SIGN_IN}.'
    if _NO_POOL.search(message):
        return f'{message} Correct COGNITO_USER_POOL_ARN in .chalice/config.json, or take it out.'
    return f'{error.operation_name}: {message} ({code})'
