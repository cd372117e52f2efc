"""The authorizer by itself: which token, which claims, which keys."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from werkzeug.wrappers import Response

from emulator.api_gateway.authorizer import CognitoAuthorizer, PoolKeys, TokenRefused
from tests.support.people.pool import SUB, Pool, rsa_key, user_pool

SCOPES = ['openid', 'email', 'profile']


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture(scope='module')
def pool() -> Iterator[Pool]:
    with user_pool() as pool:
        yield pool


@pytest.fixture(scope='module')
def authorizer(pool: Pool) -> CognitoAuthorizer:
    return CognitoAuthorizer('Authorization', [PoolKeys(pool.arn)], SCOPES)


def refusal(authorizer: CognitoAuthorizer, *values: str) -> str:
    """Return what a caller with these Authorization headers is told; fails if they are let in."""
    with pytest.raises(TokenRefused) as refused:
        authorizer.authorize([('Authorization', value) for value in values])
    return str(refused.value)


@pytest.mark.parametrize(
    ('scopes', 'token_use', 'scope', 'let_in'),
    [
        ([], 'id', None, True),
        ([], 'access', 'openid', False),
        (['openid', 'email'], 'id', None, False),
        (['openid', 'email'], 'access', 'phone email', True),
        (['openid', 'email'], 'id', 'openid email', False),
        (['openid', 'email'], 'access', 'phone', False),
    ],
)
def test_scopes_decide_which_kind_of_token_is_taken(
    scopes: list[str], token_use: str, scope: str | None, let_in: bool, pool: Pool
) -> None:
    authorizer = CognitoAuthorizer('Authorization', [PoolKeys(pool.arn)], scopes)
    changes: dict[str, Any] = {'scope': scope} if scope else {}
    token = pool.id_token(**changes) if token_use == 'id' else pool.access_token(**changes)

    if let_in:
        assert authorizer.authorize([('Authorization', token)])['token_use'] == token_use
    else:
        assert refusal(authorizer, token) == 'Unauthorized'


@pytest.mark.parametrize('scope', ['openid', 'a email b', 'phone profile', 'admin/x openid'])
def test_any_one_of_the_scopes_is_enough(
    scope: str, pool: Pool, authorizer: CognitoAuthorizer
) -> None:
    token = pool.access_token(scope=scope)

    assert authorizer.authorize([('Authorization', token)])['scope'] == scope


def test_access_token_claims_become_text_as_in_api_gateways_event(
    pool: Pool, authorizer: CognitoAuthorizer
) -> None:
    groups: dict[str, Any] = {'cognito:groups': ['a b', 'c']}
    token = pool.access_token(iat=1683085806, auth_time=1683085806, exp=4102444799, **groups)

    claims = authorizer.authorize([('Authorization', f'Bearer {token}')])

    assert claims == {
        'sub': SUB,
        'iss': pool.issuer,
        'version': '2',
        'client_id': 'the-app-client',
        'origin_jti': 'd5c1a2f4-6d1c-4a53-8a0b-0d5b1f2c3e4d',
        'event_id': '0c6f9f4e-95b4-4e8f-a7c1-3f2b1a0d9e8c',
        'token_use': 'access',
        'scope': 'openid profile email',
        'username': SUB,
        'auth_time': '1683085806',
        'iat': 'Wed May 03 03:50:06 UTC 2023',
        'exp': 'Thu Dec 31 23:59:59 UTC 2099',
        'jti': 'f1e2d3c4',
        'cognito:groups': 'a b,c',
    }


def test_id_token_claims_become_text_as_in_api_gateways_event(pool: Pool) -> None:
    authorizer = CognitoAuthorizer('Authorization', [PoolKeys(pool.arn)], [])
    token = pool.id_token(
        iat=1680629979, auth_time=1680629979, exp=4102444799, address={'formatted': 'Å 1'}
    )

    assert authorizer.authorize([('Authorization', token)]) == {
        'sub': SUB,
        'iss': pool.issuer,
        'aud': 'the-app-client',
        'cognito:username': SUB,
        'email': 'jane@example.com',
        'email_verified': 'true',
        'token_use': 'id',
        'auth_time': '1680629979',
        'iat': 'Tue Apr 04 17:39:39 UTC 2023',
        'exp': 'Thu Dec 31 23:59:59 UTC 2099',
        'jti': 'f1e2d3c4',
        'address': '{"formatted": "Å 1"}',
    }


def test_machines_token_has_no_username(pool: Pool, authorizer: CognitoAuthorizer) -> None:
    token = pool.access_token(username=..., event_id=..., origin_jti=...)

    claims = authorizer.authorize([('Authorization', token)])

    assert claims.keys().isdisjoint({'username', 'event_id', 'origin_jti'})


@pytest.mark.parametrize(
    ('seconds', 'date'),
    [
        (0, 'Thu Jan 01 00:00:00 UTC 1970'),
        (1709164800, 'Thu Feb 29 00:00:00 UTC 2024'),
        (1672531199, 'Sat Dec 31 23:59:59 UTC 2022'),
        (1683085806, 'Wed May 03 03:50:06 UTC 2023'),
    ],
)
def test_dates_are_as_java_writes_them(
    seconds: int, date: str, pool: Pool, authorizer: CognitoAuthorizer
) -> None:
    token = pool.access_token(iat=seconds)

    assert authorizer.authorize([('Authorization', token)])['iat'] == date


@pytest.mark.parametrize('name', ['X-Token', 'x-token', 'X-TOKEN'])
def test_identity_header_is_the_authorizers_own_in_any_case(name: str, pool: Pool) -> None:
    authorizer = CognitoAuthorizer('X-Token', [PoolKeys(pool.arn)], SCOPES)
    headers = [('Authorization', 'Bearer of nothing'), (name, pool.access_token())]

    assert authorizer.authorize(headers)['sub'] == SUB


def test_no_identity_header_is_refused(authorizer: CognitoAuthorizer) -> None:
    assert refusal(authorizer) == 'Unauthorized'


def test_any_of_several_pools_is_taken_but_none_in_the_others_name(pool: Pool) -> None:
    first = PoolKeys(pool.arn)
    with user_pool('us-east-1_Second', access_kid='second-kid') as second_pool:
        pools = [first, PoolKeys(second_pool.arn)]
        authorizer = CognitoAuthorizer('Authorization', pools, SCOPES)

        for own in (pool, second_pool):
            claims = authorizer.authorize([('Authorization', own.access_token())])
            assert claims['iss'] == own.issuer
        assert refusal(authorizer, pool.access_token(iss=second_pool.issuer)) == 'Unauthorized'
        assert refusal(authorizer, second_pool.access_token(iss=pool.issuer)) == 'Unauthorized'


def test_without_an_endpoint_the_issuer_is_cognito_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('AWS_ENDPOINT_URL')

    pool = PoolKeys('arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_AbC123')

    assert pool.issuer == 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbC123'


@pytest.mark.parametrize('endpoint', ['http://localhost:9400', 'http://localhost:9400/'])
def test_with_an_endpoint_the_issuer_is_there(
    endpoint: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', endpoint)

    assert PoolKeys(pool.arn).issuer == 'http://localhost:9400/us-east-1_LocalPool'


@pytest.mark.parametrize(
    'arn',
    ['', 'us-east-1_LocalPool', 'arn:aws:cognito-idp:us-east-1:1:userpool/x', 'arn:aws:s3:::b'],
)
def test_what_is_no_pool_is_named(arn: str) -> None:
    with pytest.raises(ValueError, match='is not the ARN of a Cognito user pool'):
        PoolKeys(arn)


def test_keys_are_fetched_once(pool: Pool) -> None:
    with user_pool() as fresh:
        authorizer = CognitoAuthorizer('Authorization', [PoolKeys(fresh.arn)], SCOPES)
        for _ in range(3):
            authorizer.authorize([('Authorization', fresh.access_token())])

    assert fresh.paths_asked_for == ['/us-east-1_LocalPool/.well-known/jwks.json']
    assert fresh.issuer != pool.issuer


def test_unknown_key_is_looked_for_but_not_every_time() -> None:
    clock = Clock()
    with user_pool() as fresh:
        authorizer = CognitoAuthorizer('Authorization', [PoolKeys(fresh.arn, clock)], SCOPES)
        for _ in range(3):
            refusal(authorizer, fresh.access_token(header={'kid': 'unknown'}))
        assert len(fresh.paths_asked_for) == 1
        clock.seconds += 60
        for _ in range(3):
            refusal(authorizer, fresh.access_token(header={'kid': 'unknown'}))
        assert len(fresh.paths_asked_for) == 2


def test_new_key_is_taken_up() -> None:
    clock = Clock()
    with user_pool() as fresh:
        authorizer = CognitoAuthorizer('Authorization', [PoolKeys(fresh.arn, clock)], SCOPES)
        authorizer.authorize([('Authorization', fresh.access_token())])
        fresh.access_key = rsa_key('new-kid')
        fresh.published = [fresh.access_key]
        clock.seconds += 60

        claims = authorizer.authorize([('Authorization', fresh.access_token())])

    assert claims['sub'] == SUB


def test_keys_out_of_reach_refuse_everything_and_say_what_to_start(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with user_pool() as gone:
        pool = PoolKeys(gone.arn)
    authorizer = CognitoAuthorizer('Authorization', [pool], SCOPES)

    assert refusal(authorizer, gone.access_token()) == 'Unauthorized'
    line = capsys.readouterr().err
    assert line.count('\n') == 1
    assert f'{gone.issuer}/.well-known/jwks.json (ConnectionError)' in line
    assert 'make dev' in line


@pytest.mark.parametrize(
    'answer',
    [
        Response(status=500),
        Response(status=302, headers={'Location': '/elsewhere'}),
        Response('<html>'),
        Response('{"keys": []}'),
        Response('{"keys": 1}'),
        Response('{"keys": [1, {}]}'),
        Response('{"keys": [{"kty": "RSA", "n": "!", "e": "AQAB"}]}'),
        Response('[]'),
        Response('null'),
    ],
    ids=lambda answer: answer.get_data(as_text=True) or answer.status,
)
def test_answer_that_holds_no_keys_is_as_good_as_none(
    answer: Response, capsys: pytest.CaptureFixture[str]
) -> None:
    with user_pool() as fresh:
        fresh.broken_answer = answer
        authorizer = CognitoAuthorizer('Authorization', [PoolKeys(fresh.arn)], SCOPES)

        assert refusal(authorizer, fresh.access_token()) == 'Unauthorized'
        assert capsys.readouterr().err.startswith(f'No keys at {fresh.issuer}/')

        fresh.broken_answer = None
        assert authorizer.authorize([('Authorization', fresh.access_token())])


def test_key_that_is_not_published_is_refused() -> None:
    with user_pool() as fresh:
        fresh.published = [fresh.id_key]
        authorizer = CognitoAuthorizer('Authorization', [PoolKeys(fresh.arn)], SCOPES)

        assert refusal(authorizer, fresh.access_token()) == 'Unauthorized'


@given(st.text())
def test_no_text_is_a_token(authorizer: CognitoAuthorizer, text: str) -> None:
    assert refusal(authorizer, text) == 'Unauthorized'


@given(st.text(alphabet='ey.AQJ0-_=9 ', max_size=60).map('Bearer eyJ'.__add__))
def test_nothing_that_looks_like_a_token_is_one(authorizer: CognitoAuthorizer, text: str) -> None:
    assert refusal(authorizer, text) == 'Unauthorized'


@given(st.data())
def test_no_change_to_a_good_token_is_let_in(
    pool: Pool, authorizer: CognitoAuthorizer, data: st.DataObject
) -> None:
    good = f'Bearer {pool.access_token()}'
    start = data.draw(st.integers(0, len(good)))
    end = data.draw(st.integers(start, min(len(good), start + 3)))
    inserted = data.draw(st.one_of(st.text(max_size=3), st.text('AQgw-_. ', max_size=3)))
    changed = good[:start] + inserted + good[end:]
    assume(changed.strip(' \t') not in {good, good.removeprefix('Bearer ')})

    assert refusal(authorizer, changed) == 'Unauthorized'
