"""Who may call: claims that API Gateway verified, of an app client and a group that are allowed."""

import pytest
from chalice.app import Request

from app import app
from chalicelib.identity import Caller, caller_of
from tests.support import example_app
from tests.support.people.verified_calls import JANE, invoke, proxy_event, token_with


@pytest.mark.parametrize(
    'claims',
    [
        None,
        {},
        {'sub': 'somebody'},
        JANE | {'sub': ''},
        JANE | {'client_id': ''},
        JANE | {'token_use': 'id'},
        {name: value for name, value in JANE.items() if name != 'token_use'},
    ],
)
def test_refuses_claims_of_nobody(claims: dict[str, str] | None) -> None:
    status, body = invoke(app, claims)

    assert (status, body['Code']) == (401, 'NotSignedIn')


@pytest.mark.parametrize(
    ('claims', 'caller'),
    [
        (
            JANE,
            Caller(
                sub=JANE['sub'],
                username=JANE['username'],
                client_id=JANE['client_id'],
                scopes=frozenset({'openid', 'email', 'profile'}),
                groups=(),
            ),
        ),
        (
            {'sub': 'machine', 'client_id': 'machine', 'token_use': 'access', 'scope': 'api/read'},
            Caller(
                sub='machine',
                username='machine',
                client_id='machine',
                scopes=frozenset({'api/read'}),
                groups=(),
            ),
        ),
    ],
)
def test_caller_is_who_the_claims_name(claims: dict[str, str], caller: Caller) -> None:
    assert caller_of(Request(proxy_event(claims))) == caller


def test_only_listed_app_clients_may_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('COGNITO_CLIENT_IDS', f'other, {JANE["client_id"]}')
    assert invoke(app, JANE)[0] == 200

    monkeypatch.setenv('COGNITO_CLIENT_IDS', 'other')
    status, body = invoke(app, JANE)
    assert (status, body['Code']) == (401, 'NotSignedIn')
    assert 'app client' in str(body['Message'])


@pytest.mark.parametrize(
    ('groups', 'status'),
    [
        ([], 403),
        (['admins'], 200),
        (['staff', 'admins'], 200),
        (['Admins'], 403),
        (['staff,admins'], 403),
        (['admins,staff'], 403),
    ],
)
def test_only_members_of_the_group_may_call(groups: list[str], status: int) -> None:
    claims = JANE | {'cognito:groups': ','.join(groups)}
    token = token_with({**JANE, 'cognito:groups': groups})

    assert invoke(example_app.app, claims, path='/admin', token=token)[0] == status


@pytest.mark.parametrize(
    'token',
    [
        '',
        'not-a-token',
        'e30.###.x',
        'e30.W10.x',
        f'e30.{"W1tb" * 20_000}.x',
        token_with({**JANE}),
        token_with({**JANE, 'cognito:groups': 'admins'}),
        token_with({**JANE, 'cognito:groups': ['staff']}),
        token_with({**JANE, 'cognito:groups': [['admins']]}),
        token_with({**JANE, 'cognito:groups': ['admins'], 'jti': 'of another token'}),
    ],
)
def test_groups_that_the_token_does_not_bear_out_are_refused(token: str) -> None:
    claims = JANE | {'cognito:groups': 'admins'}

    assert invoke(example_app.app, claims, path='/admin', token=token)[0] == 401
