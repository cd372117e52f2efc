"""Cognito's tokens: the keys that sign them, what is in them, and how a pool publishes its keys.

https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-tokens-with-identity-providers.html
"""

import base64
import hashlib
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

from joserfc import jwe, jwt
from joserfc.jwk import OctKey, RSAKey

from emulator.cognito import people, user_pool
from emulator.cognito.people import Person
from emulator.cognito.user_pool import AppClient
from emulator.expiring import Clock, Expiring

API_SCOPE = 'aws.cognito.signin.user.admin'


def _uuid() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class SignIn:
    """One sign-in of a person through an app client: what all the tokens that follow share.

    ``nonce`` is repeated in the ID token; ``resource`` becomes the audience of the access token
    (RFC 8707); ``origin_jti`` is None where no refresh token follows.
    """

    client: AppClient
    person: Person
    scope: str
    auth_time: int
    nonce: str | None = None
    resource: str | None = None
    origin_jti: str | None = field(default_factory=_uuid)
    event_id: str = field(default_factory=_uuid)

    def check_client(self, client: AppClient) -> bool:
        """Tell whether the person signed in through this client (asked by authlib)."""
        return self.client.id == client.id

    def get_scope(self) -> str:
        """Return the scope that was granted (asked by authlib)."""
        return self.scope


class SigningKeys(NamedTuple):
    """The two private keys of a pool: access and ID tokens are not signed with the same one."""

    access: RSAKey
    id: RSAKey


_keys: dict[str, SigningKeys] = {}
_making_keys = threading.Lock()


def signing_keys(pool_id: str) -> SigningKeys:
    """Return the keys of a pool, the same ones for as long as this process runs."""
    with _making_keys:
        if pool_id not in _keys:
            _keys[pool_id] = SigningKeys(_new_key(), _new_key())
        return _keys[pool_id]


def sign(claims: Mapping[str, Any], key: RSAKey) -> str:
    """Return a token with these claims and a header as short as Cognito's: no ``typ``."""
    header = {'kid': key.kid, 'alg': 'RS256'}
    return jwt.encode(header, dict(claims), key, default_type=None)


def jwks(pool_id: str) -> dict[str, Any]:
    """Return the public keys of a pool."""
    return {'keys': [key.as_dict(private=False) for key in signing_keys(pool_id)]}


class TokenIssuer:
    """Issues the tokens of every pool, and knows which are still good for Cognito itself.

    API Gateway takes an access token until it expires; userInfo and a refresh ask here.
    """

    def __init__(self, url: str, clock: Clock) -> None:
        self.url = url
        self.clock = clock
        self.access_tokens: Expiring[SignIn] = Expiring(clock)
        self.refresh_tokens: Expiring[SignIn] = Expiring(clock)

    def issuer(self, pool_id: str) -> str:
        """Return a pool's issuer, under which its discovery document and its keys are found."""
        return f'{self.url}/{pool_id}'

    def issue(self, sign_in: SignIn, *, with_refresh_token: bool = True) -> dict[str, str | int]:
        """Return the answer of the token endpoint: an ID token comes with the scope openid only."""
        access_token = self.access_token(sign_in, version=2)
        answer: dict[str, str | int] = {}
        if 'openid' in sign_in.scope.split():
            answer['id_token'] = self.id_token(sign_in, access_token)
        answer['access_token'] = access_token
        if with_refresh_token:
            answer['refresh_token'] = self.refresh_token(sign_in)
        lifetime = sign_in.client.lifetime_seconds('Access')
        return answer | {'token_type': 'Bearer', 'expires_in': lifetime}

    def issue_for(self, client_id: str, name: str, scope: str) -> dict[str, str | int]:
        """Return the tokens that a sign-in on the pages would lead to; raises LookupError."""
        client = user_pool.find_client(client_id)
        person = people.find(client.pool, name) if client else None
        if not client or not person:
            raise LookupError(f'There is no app client {client_id} with a person {name}.')
        return self.issue(SignIn(client, person, scope, int(self.clock())))

    def access_token(self, sign_in: SignIn, **claims: str | int) -> str:
        """Return an access token; it says what may be done, and nothing about the person."""
        client, person = sign_in.client, sign_in.person
        token = sign(
            self._common_claims(sign_in, 'access')
            | {'client_id': client.id, 'scope': sign_in.scope, 'username': person.username}
            | ({'aud': sign_in.resource} if sign_in.resource else {})
            | claims,
            signing_keys(client.pool.id).access,
        )
        self.access_tokens.put(token, sign_in, client.lifetime_seconds('Access'))
        if API_SCOPE in sign_in.scope.split():
            client.pool.access_tokens[token] = (client.id, person.username)
        return token

    def id_token(self, sign_in: SignIn, access_token: str | None = None) -> str:
        """Return an ID token, bound to the access token that it comes with."""
        client, person = sign_in.client, sign_in.person
        claims = self._common_claims(sign_in, 'id')
        claims |= {'aud': client.id, 'cognito:username': person.username}
        claims |= _identity_claims(people.attributes(client, person, sign_in.scope))
        roles = [group.role_arn for group in people.groups(person) if group.role_arn]
        if roles:
            claims |= {'cognito:roles': roles, 'cognito:preferred_role': roles[0]}
        if access_token:
            claims['at_hash'] = _half_hash(access_token)
        if sign_in.nonce:
            claims['nonce'] = sign_in.nonce
        return sign(claims, signing_keys(client.pool.id).id)

    def refresh_token(self, sign_in: SignIn, seconds: float | None = None) -> str:
        """Return a refresh token; it looks encrypted, as Cognito's is, and means nothing."""
        header = {'cty': 'JWT', 'enc': 'A256GCM', 'alg': 'dir'}
        token = jwe.encrypt_compact(header, secrets.token_bytes(1024), OctKey.generate_key(256))
        lifetime = sign_in.client.lifetime_seconds('Refresh') if seconds is None else seconds
        self.refresh_tokens.put(token, sign_in, lifetime)
        return token

    def rotate(self, refresh_token: str) -> str | None:
        """Return a successor for as long as the refresh token was good; that one soon is not.

        None where the app client does not have its refresh tokens rotated.
        """
        sign_in = self.refresh_tokens.get(refresh_token)
        grace = sign_in.client.rotation_grace_seconds if sign_in else None
        if not sign_in or grace is None:
            return None
        seconds_left = self.refresh_tokens.seconds_left(refresh_token)
        self.refresh_tokens.put(refresh_token, sign_in, min(grace, seconds_left))
        return self.refresh_token(sign_in, seconds_left)

    def machine_token(self, client: AppClient, scope: str) -> str:
        """Return an access token for an app client that acts for itself, not for a person."""
        claims = self._lifetime_claims(client, 'access')
        claims |= {'sub': client.id, 'client_id': client.id, 'scope': scope, 'version': 2}
        claims['auth_time'] = claims['iat']
        return sign(claims, signing_keys(client.pool.id).access)

    def revoke(self, sign_in: SignIn) -> None:
        """Take back every token of a sign-in."""
        self._forget(lambda other: other.origin_jti == sign_in.origin_jti)

    def sign_out(self, person: Person) -> None:
        """Take back every token of a person, as GlobalSignOut does."""
        self._forget(lambda sign_in: sign_in.person is person)

    def _forget(self, unwanted: Callable[[SignIn], bool]) -> None:
        self.refresh_tokens.pop_all(unwanted)
        for token, sign_in in self.access_tokens.pop_all(unwanted).items():
            sign_in.client.pool.access_tokens.pop(token, None)

    def _common_claims(self, sign_in: SignIn, token_use: str) -> dict[str, Any]:
        claims = self._lifetime_claims(sign_in.client, token_use)
        claims |= {
            'sub': sign_in.person.id,
            'event_id': sign_in.event_id,
            'auth_time': sign_in.auth_time,
        }
        names = [group.group_name for group in people.groups(sign_in.person)]
        if names:
            claims['cognito:groups'] = names
        if sign_in.origin_jti and sign_in.client.can_revoke:
            claims['origin_jti'] = sign_in.origin_jti
        return claims

    def _lifetime_claims(self, client: AppClient, token_use: str) -> dict[str, Any]:
        now = int(self.clock())
        return {
            'iss': self.issuer(client.pool.id),
            'token_use': token_use,
            'iat': now,
            'exp': now + client.lifetime_seconds(token_use.title()),
            'jti': _uuid(),
        }


def _new_key() -> RSAKey:
    # Cognito's key ids are SHA-256 digests in Base64, with its "+", "/" and "=".
    kid = base64.b64encode(secrets.token_bytes(32)).decode()
    return RSAKey.generate_key(2048, {'kid': kid, 'use': 'sig', 'alg': 'RS256'})


def _identity_claims(attributes: Mapping[str, str]) -> dict[str, str | bool]:
    """Return attributes as an ID token has them: text, but for the two that are verified or not."""
    return {
        name: value.lower() == 'true' if name.endswith('_verified') else value
        for name, value in attributes.items()
    }


def _half_hash(token: str) -> str:
    """Return the at_hash of an access token (OpenID Connect Core, 3.1.3.6)."""
    left_half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(left_half).rstrip(b'=').decode()
