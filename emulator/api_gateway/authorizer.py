"""The COGNITO_USER_POOLS authorizer of a REST API: from the identity header to claims, or not.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
"""

import json
import os
import re
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import requests
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import GuestProtocol, Key, KeySet
from joserfc.jws import JWSRegistry
from joserfc.registry import JWS_HEADER_REGISTRY

_POOL_ARN = re.compile(r'arn:aws[a-z-]*:cognito-idp:([a-z0-9-]+):\d{12}:userpool/([\w-]+)')
_BEARER_OR_BARE = re.compile(r'(?:Bearer )?([\w-]+\.[\w-]+\.[\w-]+)', re.ASCII)
# All header values together have no more on API Gateway:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
_MAX_CHARACTERS = 10_240
_REFETCH_SECONDS = 5
_END_OF_YEAR_9999 = 253_402_300_799
# What Cognito's own header has, and so no key and no extension that a token brings along.
_COGNITO_JWS = JWSRegistry(algorithms=['RS256'])
_COGNITO_JWS.header_registry = {name: JWS_HEADER_REGISTRY[name] for name in ('alg', 'kid')}


class TokenRefused(Exception):
    """The token is not accepted; the message is the one that API Gateway answers with."""


class PoolKeys:
    """A user pool as API Gateway knows it: the issuer, and the public keys published there."""

    def __init__(
        self, arn: str, clock: Callable[[], float] = time.monotonic, endpoint: str | None = None
    ) -> None:
        parts = _POOL_ARN.fullmatch(arn)
        if not parts:
            raise ValueError(f'{arn!r} is not the ARN of a Cognito user pool.')
        region, pool_id = parts.groups()
        cognito = f'https://cognito-idp.{region}.amazonaws.com'
        endpoint = endpoint or os.environ.get('AWS_ENDPOINT_URL') or cognito
        self.issuer = f'{endpoint.rstrip("/")}/{pool_id}'
        self._clock = clock
        self._keys: dict[str | None, Key] = {}
        self._fetched_at = -float('inf')
        self._fetching = threading.Lock()

    def key(self, kid: str) -> Key | None:
        """Return the pool's key of that id; looks for new keys, but not for every unknown id."""
        with self._fetching:
            if kid not in self._keys and self._clock() >= self._fetched_at + _REFETCH_SECONDS:
                self._fetch()
        return self._keys.get(kid)

    def _fetch(self) -> None:
        url = f'{self.issuer}/.well-known/jwks.json'
        try:
            answer = requests.get(url, timeout=5, allow_redirects=False)
            answer.raise_for_status()
            self._keys = {key.kid: key for key in KeySet.import_key_set(answer.json())}
            self._fetched_at = self._clock()
        except (requests.RequestException, JoseError, LookupError, TypeError, ValueError) as error:
            sys.stderr.write(
                f'No keys at {url} ({type(error).__name__}), so every token of this pool is '
                'refused. Start the emulator (make dev), or see that the pool can be reached.\n'
            )


class CognitoAuthorizer:
    """The authorizer of one method.

    With scopes, the method takes access tokens that have any of them; without, only ID tokens.
    """

    def __init__(self, header: str, pools: Sequence[PoolKeys], scopes: Sequence[str]) -> None:
        self._header = header.lower()
        self._pools = pools
        self._scopes = frozenset(scopes)

    def authorize(self, headers: Iterable[tuple[str, str]]) -> dict[str, str]:
        """Return the claims as they stand in the function's event; raises TokenRefused."""
        try:
            claims, issuer = self._verify(
                [v for name, v in headers if name.lower() == self._header]
            )
            if not self._is_good(claims, issuer):
                raise TokenRefused('Unauthorized')
            if claims['exp'] <= time.time():
                raise TokenRefused('The incoming token has expired')
            return {name: _in_event(name, value) for name, value in claims.items()}
        except (JoseError, LookupError, RecursionError, TypeError, ValueError) as error:
            raise TokenRefused('Unauthorized') from error

    def _verify(self, values: Sequence[str]) -> tuple[dict[str, Any], str]:
        """Return the claims of the one token there is, and the issuer whose key signed it."""
        (value,) = values
        fits = len(value) <= _MAX_CHARACTERS
        sent = _BEARER_OR_BARE.fullmatch(value.strip(' \t')) if fits else None
        if not sent:
            raise ValueError('There is no token in the header.')
        token = jwt.decode(sent[1], self._key_of, registry=_COGNITO_JWS)
        pool, _ = self._find(token.header['kid'])
        return token.claims, pool.issuer

    def _key_of(self, token: GuestProtocol) -> Key:
        return self._find(token.headers()['kid'])[1]

    def _find(self, kid: str) -> tuple[PoolKeys, Key]:
        for pool in self._pools:
            key = pool.key(kid)
            if key:
                return pool, key
        raise InvalidKeyIdError

    def _is_good(self, claims: dict[str, Any], issuer: str) -> bool:
        """Tell whether everything but the expiry allows the call."""
        now = time.time()
        return (
            claims['iss'] == issuer
            and isinstance(claims['sub'], str)
            and all(_is_time(claims[name]) for name in ('exp', 'iat'))
            and claims['iat'] <= now
            and claims.get('nbf', 0) <= now
            and claims['token_use'] == ('access' if self._scopes else 'id')
            and (not self._scopes or self._has_scope(claims['scope']))
        )

    def _has_scope(self, scope: object) -> bool:
        return isinstance(scope, str) and not self._scopes.isdisjoint(scope.split(' '))


def _is_time(value: object) -> bool:
    return type(value) is int and 0 <= value <= _END_OF_YEAR_9999


def _in_event(name: str, value: Any) -> str:
    """Return a claim as text, which all are in the event, whatever they were in the token."""
    if name in ('exp', 'iat'):
        return _java_date(value)
    return ','.join(map(_text, value)) if isinstance(value, list) else _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _java_date(seconds: int) -> str:
    """Return a time as Java's Date.toString does in UTC, whatever the locale here."""
    weekday, month, day, clock, year = time.asctime(time.gmtime(seconds)).split()
    return f'{weekday} {month} {int(day):02} {clock} UTC {year}'
