"""Tokens that were forged, broken or stolen from elsewhere: none of them reaches the function."""

import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from chalice.app import Chalice
from joserfc import jwe
from joserfc.jwk import RSAKey

from chalicelib import observability
from chalicelib.identity import Caller, authorizer
from chalicelib.operation import operation
from chalicelib.success import Success
from emulator.api_gateway import local_api
from tests.support.people.pool import POOL_ID, SUB, Pool, encode, rsa_key, signed, user_pool
from tests.support.raw_http import post, serving

# What goes into the Authorization header, or the whole header lines.
Hostile = Callable[[Pool], str | bytes | list[str]]

ATTACKER = rsa_key('attacker-kid')
AWS = 'amazonaws.com/us-east-1_LocalPool'

app = Chalice('guarded', configure_logs=False)
observability.observe(app)
reached: list[str] = []


@app.route('/my_route', methods=['POST'], authorizer=authorizer)
@operation('postSuccess')
def post_success(caller: Caller) -> Success:
    """Counts who got here."""
    reached.append(caller.sub)
    return Success(success=True)


@app.route('/id_only', methods=['POST'], authorizer=authorizer.with_scopes([]))
def id_only() -> str:
    """Count who got here."""
    reached.append('with an ID token')
    return 'reached'


@pytest.fixture(scope='module')
def pool() -> Iterator[Pool]:
    with user_pool() as pool:
        yield pool


@pytest.fixture(scope='module')
def api(pool: Pool) -> Iterator[str]:
    assert pool.issuer
    with serving(local_api.gateway(app)) as url:
        yield url


@pytest.fixture(autouse=True)
def _nobody_has_reached_the_function() -> None:
    reached.clear()


def access(*, header: dict[str, Any] | None = None, **changes: Any) -> Hostile:
    """Return an access token that the pool itself signed, but not as it would."""
    return lambda pool: pool.access_token(header=header, **changes)


def issued_by(pattern: str) -> Hostile:
    """Return an access token that names a similar issuer."""
    return lambda pool: pool.access_token(iss=pattern.format(pool.issuer))


def like(pattern: str) -> Hostile:
    """Return a good token put differently: {t} is the token, {h}, {p} and {s} its segments."""

    def hostile(pool: Pool) -> str:
        token = pool.access_token()
        header, payload, signature = token.split('.')
        return pattern.format(t=token, h=header, p=payload, s=signature)

    return hostile


def forged(**header: Any) -> Hostile:
    """Return good claims signed with the attacker's key, which the header may bring along."""
    full = {'alg': 'RS256', 'kid': 'access-kid', **header}
    return lambda pool: signed(full, pool.access_claims(), ATTACKER)


def unsigned(header: object, signature: str = '') -> Hostile:
    """Return good claims without a signature."""
    return lambda pool: f'{encode(header)}.{encode(pool.access_claims())}.{signature}'


def keyed_with(public: Callable[[Pool], bytes]) -> Hostile:
    """Return a token signed with HS256, with what everybody knows for a secret."""

    def hostile(pool: Pool) -> str:
        header = encode({'alg': 'HS256', 'kid': 'access-kid'})
        content = f'{header}.{encode(pool.access_claims())}'
        return f'{content}.{encode(hmac.digest(public(pool), content.encode(), "sha256"))}'

    return hostile


def payload(data: bytes) -> Hostile:
    """Return anything at all, signed by the pool."""
    return lambda pool: signed({'alg': 'RS256', 'kid': 'access-kid'}, data, pool.access_key)


def tampered(pool: Pool) -> str:
    """Change the claims and keep the signature."""
    header, _, signature = pool.access_token().split('.')
    return f'{header}.{encode(pool.access_claims(sub="somebody-else"))}.{signature}'


def with_signature_of_another_token(pool: Pool) -> str:
    """Take the signature from the token of somebody else."""
    head = pool.access_token().rpartition('.')[0]
    return f'{head}.{pool.access_token(sub="somebody-else").rpartition(".")[2]}'


def encrypted(pool: Pool) -> str:
    """Encrypt good claims to the pool's own public key, which makes five segments."""
    header = {'alg': 'RSA-OAEP', 'enc': 'A256GCM', 'kid': 'access-kid'}
    claims = json.dumps(pool.access_claims()).encode()
    key = RSAKey.import_key(pool.access_key.as_pem(private=False))
    return jwe.encrypt_compact(header, claims, key)


def in_json(pool: Pool) -> str:
    """Write a good token in JWS JSON serialization."""
    header, payload, signature = pool.access_token().split('.')
    return json.dumps({'protected': header, 'payload': payload, 'signature': signature})


def in_two_headers(first: str, second: str) -> Hostile:
    """Send the header twice."""
    return lambda pool: [
        f'Authorization: {first.format(t=pool.access_token())}',
        f'authorization: {second.format(t=pool.access_token())}',
    ]


NEVER: dict[str, Hostile] = {
    # the header is not a token
    'empty': like(''),
    'scheme alone': like('Bearer'),
    'scheme and space': like('Bearer '),
    'garbage': like('Bearer garbage'),
    'lower-case scheme': like('bearer {t}'),
    'upper-case scheme': like('BEARER {t}'),
    'other scheme': like('Token {t}'),
    'basic': like('Basic amFuZUBleGFtcGxlLmNvbTpzZWNyZXQ='),
    'scheme twice': like('Bearer Bearer {t}'),
    'scheme with colon': like('Bearer: {t}'),
    'two spaces': like('Bearer  {t}'),
    'tab': like('Bearer\t{t}'),
    'space in the token': like('Bearer {h}. {p}.{s}'),
    'text after the token': like('Bearer {t} and more'),
    'folded line': like('Bearer\r\n {t}'),
    'folded token': like('Bearer {h}.\r\n\t{p}.{s}'),
    'line feed': like('Bearer\n{t}'),
    'NUL before': like('Bearer \0{t}'),
    'NUL after': like('Bearer {t}\0'),
    'quoted': like('Bearer "{t}"'),
    'two tokens by comma': like('Bearer {t},{t}'),
    'two tokens by comma and space': like('Bearer {t}, Bearer {t}'),
    'two tokens by space': like('Bearer {t} {t}'),
    'non-ASCII after': like('Bearer {t}é'),
    'full-width letters': like('\uff22earer {t}'),
    'not UTF-8': lambda pool: b'Bearer \xff\xfe' + pool.access_token().encode(),
    'header twice': in_two_headers('Bearer {t}', 'Bearer {t}'),
    'header twice, second bad': in_two_headers('Bearer {t}', 'garbage'),
    'header twice, first bad': in_two_headers('garbage', 'Bearer {t}'),
    'header twice, first empty': in_two_headers('', 'Bearer {t}'),
    'token in another header': lambda pool: [f'X-Authorization: Bearer {pool.access_token()}'],
    '20 kB, signed by the pool': access(username='x' * 15_000),
    '20 kB of garbage': like('Bearer ' + 'x' * 20_000),
    # the token is not whole
    'one segment': like('{h}'),
    'two segments': like('{h}.{p}'),
    'no header': like('.{p}.{s}'),
    'no payload': like('{h}..{s}'),
    'empty signature': like('{h}.{p}.'),
    'dots only': like('..'),
    'fourth segment': like('{t}.{s}'),
    'fourth segment, empty': like('{t}.'),
    'truncated signature': lambda pool: pool.access_token()[:-8],
    'padded': like('{t}=='),
    'plain base64': like('{h}.{p}.+/+/'),
    'JSON serialization': in_json,
    'encrypted, five segments': encrypted,
    # the signature is not the pool's
    'alg none': unsigned({'alg': 'none', 'kid': 'access-kid'}),
    'alg None': unsigned({'alg': 'None', 'kid': 'access-kid'}, 'AAAA'),
    'alg nOnE': unsigned({'alg': 'nOnE', 'kid': 'access-kid'}, 'AAAA'),
    'alg none, signed all the same': forged(alg='none'),
    'alg empty': forged(alg=''),
    'alg missing': unsigned({'kid': 'access-kid'}, 'AAAA'),
    'alg null': unsigned({'alg': None, 'kid': 'access-kid'}, 'AAAA'),
    'alg list': unsigned({'alg': ['RS256'], 'kid': 'access-kid'}, 'AAAA'),
    'alg RS512 named, RS256 used': access(header={'alg': 'RS512'}),
    'alg PS256 named, RS256 used': access(header={'alg': 'PS256'}),
    'HS256 keyed with the public PEM': keyed_with(
        lambda pool: pool.access_key.as_pem(private=False)
    ),
    'HS256 keyed with the JWK': keyed_with(
        lambda pool: json.dumps(pool.access_key.as_dict(private=False)).encode()
    ),
    'HS256 keyed with n': keyed_with(
        lambda pool: str(pool.access_key.as_dict(private=False)['n']).encode()
    ),
    'HS256 keyed with nothing': keyed_with(lambda _: b''),
    'header a list': unsigned(['alg', 'kid'], 'AAAA'),
    'header a text': unsigned('alg', 'AAAA'),
    'header deep': unsigned(b'[' * 300, 'AAAA'),
    "attacker's key, known kid": forged(),
    "attacker's key, own kid": forged(kid='attacker-kid'),
    'kid missing': lambda pool: signed({'alg': 'RS256'}, pool.access_claims(), pool.access_key),
    'kid null': access(header={'kid': None}),
    'kid a number': access(header={'kid': 1}),
    'kid of the other key': access(header={'kid': 'id-kid'}),
    'kid in other case': access(header={'kid': 'ACCESS-KID'}),
    'kid a path': access(header={'kid': '../../dev/null'}),
    'kid a URL': forged(kid='https://attacker.example/jwks.json'),
    'jku': forged(jku='https://attacker.example/jwks.json'),
    'x5u': forged(x5u='https://attacker.example/cert.pem'),
    'x5c': forged(x5c=[encode(ATTACKER.as_der(private=False))]),
    'jwk': forged(jwk=ATTACKER.as_dict(private=False)),
    'jwk, own kid': forged(jwk=ATTACKER.as_dict(private=False), kid='attacker-kid'),
    'jku, signed by the pool': access(header={'jku': 'https://attacker.example/jwks.json'}),
    'jwk, signed by the pool': access(header={'jwk': ATTACKER.as_dict(private=False)}),
    'crit': access(header={'crit': ['exp'], 'exp': 0}),
    'crit not a list': access(header={'crit': 1}),
    'b64 false': access(header={'b64': False, 'crit': ['b64']}),
    'b64 false, not critical': access(header={'b64': False}),
    'zip': access(header={'zip': 'DEF'}),
    'tampered payload': tampered,
    'signature of another token': with_signature_of_another_token,
    'signature all zero': like('{h}.{p}.' + 'A' * 342),
    # the pool did not issue it, or not for this
    'issuer with slash': issued_by('{}/'),
    'issuer in capitals': lambda pool: pool.access_token(iss=pool.issuer.upper()),
    'issuer by https': lambda pool: pool.access_token(iss=pool.issuer.replace('http', 'https')),
    'issuer without scheme': lambda pool: pool.access_token(iss=pool.issuer.partition('//')[2]),
    'issuer a prefix': lambda pool: pool.access_token(iss=pool.issuer[:-1]),
    'issuer of another pool': lambda pool: pool.access_token(
        iss=pool.issuer.replace(POOL_ID, 'us-east-1_OtherPool')
    ),
    'issuer on AWS': issued_by(f'https://cognito-idp.us-east-1.{AWS}'),
    'issuer on AWS, updated form': issued_by(f'https://issuer-cognito-idp.us-east-1.{AWS}'),
    'issuer a list': lambda pool: pool.access_token(iss=[pool.issuer]),
    'issuer missing': access(iss=...),
    'ID token': lambda pool: pool.id_token(),
    'ID token with scopes': lambda pool: pool.id_token(scope='openid'),
    'token_use missing': access(token_use=...),
    'token_use in capitals': access(token_use='ACCESS'),
    'token_use refresh': access(token_use='refresh'),
    'token_use a list': access(token_use=['access']),
    'scope missing': access(scope=...),
    'scope empty': access(scope=''),
    'scope null': access(scope=None),
    'scope a list': access(scope=['openid', 'email']),
    'scope an object': access(scope={'openid': True}),
    'scope for the API of Cognito': access(scope='aws.cognito.signin.user.admin'),
    'scope longer': access(scope='openidx emails profiles'),
    'scope shorter': access(scope='openi emai profil'),
    'scope in capitals': access(scope='OPENID EMAIL PROFILE'),
    'scope in two words': access(scope='open id e mail'),
    'scope of a resource server': access(scope='admin/openid orders/email'),
    'scope by commas': access(scope='openid,email,profile'),
    'scope by tabs': access(scope='openid\temail\tprofile'),
    'scope quoted': access(scope='"openid"'),
    'sub missing': access(sub=...),
    'sub a number': access(sub=7),
    # its time is wrong, and not because it has passed
    'not yet valid': lambda pool: pool.access_token(nbf=int(time.time()) + 3600),
    'nbf a text': access(nbf='0'),
    'issued in the future': lambda pool: pool.access_token(iat=int(time.time()) + 3600),
    'iat missing': access(iat=...),
    'iat a text': access(iat='1700000000'),
    'exp missing': access(exp=...),
    'exp null': access(exp=None),
    'exp a text': access(exp='9999999999'),
    'exp a fraction': access(exp=9999999999.5),
    'exp true': access(exp=True),
    'exp negative': access(exp=-1),
    'exp a list': access(exp=[9999999999]),
    'exp huge': access(exp=10**30),
    'exp infinite': access(exp=float('inf')),
    'exp not a number': access(exp=float('nan')),
    'expired and of another pool': lambda pool: pool.access_token(exp=1, iss='https://a.example'),
    'expired and no scope': access(exp=1, scope=''),
    'expired and forged': lambda pool: signed(
        {'alg': 'RS256', 'kid': 'access-kid'}, pool.access_claims(exp=1), ATTACKER
    ),
    # its payload is no set of claims
    'payload empty object': payload(b'{}'),
    'payload a list': payload(b'[]'),
    'payload a text': payload(b'"claims"'),
    'payload null': payload(b'null'),
    'payload not JSON': payload(b'{'),
    'payload not UTF-8': payload(b'{"sub": "\xff"}'),
    'payload in UTF-16': payload('{}'.encode('utf-16')),
    'payload deep': payload(b'[' * 5000),
    'payload deep in a claim': payload(b'{"sub":' * 1000 + b'1' + b'}' * 1000),
    'payload with a huge number': payload(b'{"exp": ' + b'9' * 5000 + b'}'),
}


@pytest.mark.parametrize('hostile', NEVER.values(), ids=NEVER.keys())
def test_is_refused_and_reaches_nothing(hostile: Hostile, pool: Pool, api: str) -> None:
    sent = hostile(pool)
    lines = sent if isinstance(sent, list) else [_header_line(sent)]

    answer = post(api, *lines)

    assert (answer.status, answer.body) == (401, b'{"message":"Unauthorized"}')
    assert answer.headers['x-amzn-ErrorType'] == 'UnauthorizedException'
    assert 'WWW-Authenticate' not in answer.headers
    assert reached == []


def _header_line(value: str | bytes) -> bytes:
    return b'Authorization: ' + (value if isinstance(value, bytes) else value.encode())


@pytest.mark.parametrize('seconds_ago', [0, 1, 3600, 10**9])
def test_expired_token_is_named_as_such_and_reaches_nothing(
    seconds_ago: int, pool: Pool, api: str
) -> None:
    token = pool.access_token(exp=int(time.time()) - seconds_ago)

    answer = post(api, f'Authorization: Bearer {token}')

    assert (answer.status, answer.body) == (401, b'{"message":"The incoming token has expired"}')
    assert answer.headers['x-amzn-ErrorType'] == 'UnauthorizedException'
    assert reached == []


@pytest.mark.parametrize(
    'hostile',
    [access(), access(scope=''), access(scope=...), lambda pool: pool.id_token(token_use='access')],
    ids=['access token', 'access token, scope empty', 'access token, no scope', 'ID token misused'],
)
def test_method_for_id_tokens_takes_no_other(hostile: Hostile, pool: Pool, api: str) -> None:
    answer = post(api, f'Authorization: Bearer {hostile(pool)!s}', path='/id_only')

    assert (answer.status, answer.body) == (401, b'{"message":"Unauthorized"}')
    assert reached == []


def test_token_of_an_app_client_that_is_not_listed_is_refused_by_the_app(
    pool: Pool, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', 'another-app-client')

    answer = post(api, f'Authorization: Bearer {pool.access_token()}')

    assert (answer.status, answer.json) == (
        401,
        {
            'Code': 'NotSignedIn',
            'Message': 'This app client may not call. Sign in through the one set up for this API.',
        },
    )
    assert reached == []


@pytest.mark.parametrize('pattern', ['Bearer {t}', '{t}', '  Bearer {t} '])
def test_good_token_reaches_the_function(pattern: str, pool: Pool, api: str) -> None:
    answer = post(api, f'Authorization: {pattern.format(t=pool.access_token())}')

    assert (answer.status, answer.json) == (200, {'success': True})
    assert reached == [SUB]
