"""A user pool to test authorizers with: its keys over HTTP, and tokens of any shape."""

import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import KeySet, RSAKey
from werkzeug.wrappers import Request, Response

from tests.support.raw_http import serving

POOL_ID = 'us-east-1_LocalPool'
SUB = '7e6f0a52-2b0f-4a2e-9d6a-5a2f6a3f1c11'


@cache
def rsa_key(kid: str) -> RSAKey:
    """Return a key pair, the same one for an id each time: making one is slow."""
    return RSAKey.generate_key(2048, {'kid': kid, 'use': 'sig', 'alg': 'RS256'})


def encode(part: object) -> str:
    """Return a segment of a token; bytes are taken as they are."""
    data = part if isinstance(part, bytes) else json.dumps(part).encode()
    return urlsafe_b64encode(data).rstrip(b'=').decode()


def signed(header: object, payload: object, key: RSAKey) -> str:
    """Return a token signed with RS256, whatever the header says."""
    assert key.private_key
    content = f'{encode(header)}.{encode(payload)}'
    return f'{content}.{encode(key.private_key.sign(content.encode(), PKCS1v15(), SHA256()))}'


class Pool:
    """A user pool: what it signs with, what of that it publishes, and who asked for it."""

    def __init__(self, pool_id: str, access_kid: str) -> None:
        self.arn = f'arn:aws:cognito-idp:us-east-1:123456789012:userpool/{pool_id}'
        self.issuer = pool_id
        self.access_key = rsa_key(access_kid)
        self.id_key = rsa_key('id-kid')
        self.published = [self.access_key, self.id_key]
        self.broken_answer: Response | None = None
        self.paths_asked_for: list[str] = []

    def access_claims(self, **changes: Any) -> dict[str, Any]:
        """Return the claims of an access token; one that is changed to ``...`` is left out."""
        claims = {
            'sub': SUB,
            'iss': self.issuer,
            'version': 2,
            'client_id': 'the-app-client',
            'origin_jti': 'd5c1a2f4-6d1c-4a53-8a0b-0d5b1f2c3e4d',
            'event_id': '0c6f9f4e-95b4-4e8f-a7c1-3f2b1a0d9e8c',
            'token_use': 'access',
            'scope': 'openid profile email',
            'username': SUB,
            **_times(),
        }
        return _changed(claims, changes)

    def access_token(self, *, header: dict[str, Any] | None = None, **changes: Any) -> str:
        """Return an access token, with a changed header or changed claims."""
        header = {'kid': self.access_key.kid, 'alg': 'RS256', **(header or {})}
        return signed(header, self.access_claims(**changes), self.access_key)

    def id_token(self, **changes: Any) -> str:
        """Return an ID token; a claim that is changed to ``...`` is left out."""
        claims = {
            'sub': SUB,
            'iss': self.issuer,
            'aud': 'the-app-client',
            'cognito:username': SUB,
            'email': 'jane@example.com',
            'email_verified': True,
            'token_use': 'id',
            **_times(),
        }
        return signed({'kid': 'id-kid', 'alg': 'RS256'}, _changed(claims, changes), self.id_key)


def _times() -> dict[str, Any]:
    now = int(time.time())
    return {'auth_time': now, 'iat': now, 'exp': now + 3600, 'jti': 'f1e2d3c4'}


def _changed(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (claims | changes).items() if value is not ...}


@contextmanager
def user_pool(pool_id: str = POOL_ID, *, access_kid: str = 'access-kid') -> Iterator[Pool]:
    """Publish a pool's keys, and make its issuer what AWS_ENDPOINT_URL leads to."""
    pool = Pool(pool_id, access_kid)

    @Request.application
    def key_server(request: Request) -> Response:
        pool.paths_asked_for.append(request.path)
        if pool.broken_answer and request.path.endswith('/jwks.json'):
            return pool.broken_answer
        keys = KeySet(list(pool.published)).as_dict(private=False)
        return Response(json.dumps(keys), content_type='application/json')

    with serving(key_server) as url, pytest.MonkeyPatch.context() as patch:
        patch.setenv('AWS_ENDPOINT_URL', url)
        pool.issuer = f'{url}/{pool_id}'
        yield pool
