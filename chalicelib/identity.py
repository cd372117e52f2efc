"""Who is asking: the authorizer before every operation, and the Caller whom it verified."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import msgspec
from chalice.app import CognitoUserPoolAuthorizer, Request

from chalicelib import settings
from chalicelib.errors import NotSignedIn

authorizer = CognitoUserPoolAuthorizer(
    'cognito',
    provider_arns=[settings.cognito_user_pool_arn()],
    scopes=['openid', 'email', 'profile'],
)

# Cognito takes any other character too, such as / and *, which have a meaning where names are used.
_COUNTING_GROUP = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.@+=-]{0,63}')


class Caller(msgspec.Struct, frozen=True):
    """The signed-in person, as the access token names them.

    ``sub`` is stable for life and is what ownership is keyed by; an access token holds no e-mail
    address. ``username`` is the ``sub`` again for a machine's token, which has none.
    """

    sub: str
    username: str
    client_id: str
    scopes: frozenset[str]
    groups: tuple[str, ...]

    @property
    def owner(self) -> str:
        """What the names of the caller's executions begin with: a hash of the `sub`."""
        return sha256(self.sub.encode()).hexdigest()[:32]

    @property
    def groups_that_count(self) -> tuple[str, ...]:
        """The groups whose names are nothing but names, whatever they are put into."""
        return tuple(dict.fromkeys(each for each in self.groups if counts(each)))


def counts(group: str) -> bool:
    """Tell whether membership in a group gives access to what is the group's."""
    return _COUNTING_GROUP.fullmatch(group) is not None


def caller_of(request: Request) -> Caller:
    """Return the caller of a request that API Gateway let through.

    Raises NotSignedIn when there are no verified claims, when they are not an access token's, or
    when COGNITO_CLIENT_IDS is set and leaves the app client out: API Gateway takes them all.
    """
    claims = (request.context.get('authorizer') or {}).get('claims') or {}
    sub, client_id = claims.get('sub'), claims.get('client_id')
    if not sub or not client_id or claims.get('token_use') != 'access':
        raise NotSignedIn('Nobody is signed in. Sign in again, then repeat the call.')
    allowed = settings.cognito_client_ids()
    if allowed and client_id not in allowed:
        raise NotSignedIn(
            'This app client may not call. Sign in through the one set up for this API.'
        )
    return Caller(
        sub=sub,
        username=claims.get('username') or sub,
        client_id=client_id,
        scopes=frozenset(claims.get('scope', '').split()),
        groups=_groups(claims, request.headers),
    )


def _groups(claims: Mapping[str, str], headers: Mapping[str, str]) -> tuple[str, ...]:
    """Read the groups from the token that was verified.

    API Gateway hands them on as one text joined by commas, and a group's name may hold a comma:
    splitting it could make somebody a member of a group that they are not in.
    """
    if not claims.get('cognito:groups'):
        return ()
    try:
        payload = headers['authorization'].split('.')[1]
        token: dict[str, Any] = msgspec.json.decode(urlsafe_b64decode(payload + '=='))
        groups = tuple(token['cognito:groups'])
        verified = ','.join(groups) == claims['cognito:groups'] and token['jti'] == claims['jti']
    except (LookupError, RecursionError, TypeError, ValueError) as error:
        raise NotSignedIn('The access token is not readable. Sign in again.') from error
    if not verified:
        raise NotSignedIn('The access token is not the one that was verified. Sign in again.')
    return groups
