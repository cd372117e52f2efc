"""The OAuth endpoints, as Cognito answers: recorded of AWS, documented or seen, if not chosen."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import uuid4

import pytest
import requests

from emulator.sample.data import POOL_ID
from tests.support.people.signing_in import (
    CALLBACK,
    CHALLENGE,
    PASSWORD,
    PKCE,
    VERIFIER,
    App,
    Browser,
    Cognito,
    parameters,
    running,
)

OTHER_CALLBACK = 'https://app.example/other'
UUID = re.compile(r'[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}')
REVOKED = {
    'error': 'invalid_token',
    'error_description': 'Access token is expired, disabled, or deleted, '
    'or the user has globally signed out.',
}


@pytest.fixture(scope='module')
def emulator() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture
def cognito(emulator: Cognito) -> Iterator[Cognito]:
    yield emulator
    emulator.clock.seconds = 0


@pytest.fixture
def app(cognito: Cognito) -> App:
    return cognito.add_app(CallbackURLs=[CALLBACK, OTHER_CALLBACK])


@pytest.fixture
def public_app(cognito: Cognito) -> App:
    return cognito.add_app(GenerateSecret=False)


@pytest.fixture
def implicit_app(cognito: Cognito) -> App:
    return cognito.add_app(AllowedOAuthFlows=['implicit'])


@pytest.fixture
def machine(cognito: Cognito) -> App:
    """Return an app client that acts for itself."""
    server = str(uuid4())
    cognito.api.create_resource_server(
        UserPoolId=POOL_ID,
        Identifier=server,
        Name=server,
        Scopes=[{'ScopeName': name, 'ScopeDescription': name} for name in ('read', 'write')],
    )
    return cognito.add_app(
        AllowedOAuthFlows=['client_credentials'],
        AllowedOAuthScopes=[f'{server}/read', f'{server}/write', 'openid'],
    )


def query(response: requests.Response) -> list[tuple[str, str]]:
    """Return the parameters of where a redirect leads, in their order."""
    assert response.status_code == 302
    return parse_qsl(urlsplit(response.headers['Location']).query)


def fragment(response: requests.Response) -> dict[str, str]:
    """Return what stands in the fragment of where a redirect leads."""
    assert response.status_code == 302
    return dict(parse_qsl(urlsplit(response.headers['Location']).fragment))


# /oauth2/authorize


def test_nobody_signed_in_is_sent_to_the_sign_in_page_with_the_same_parameters(app: App) -> None:
    answer = Browser().open(app, identity_provider='COGNITO', nonce='n', **PKCE)

    assert urlsplit(answer.headers['Location']).path == '/login'
    assert parameters(answer) == app.asks | PKCE | {'identity_provider': 'COGNITO', 'nonce': 'n'}


def test_somebody_signed_in_is_sent_straight_to_the_callback(cognito: Cognito, app: App) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)

    answer = browser.open(app, state='another')

    assert answer.headers['Location'].startswith(f'{CALLBACK}&code=')
    (_, (name, code), state) = query(answer)
    assert (name, state) == ('code', ('state', 'another'))
    assert UUID.fullmatch(code)


def test_session_is_shared_by_the_app_clients_of_the_pool_only(cognito: Cognito, app: App) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)
    pool = cognito.api.create_user_pool(PoolName='another')['UserPool']['Id']

    in_same_pool = browser.open(cognito.add_app())
    in_another = browser.open(cognito.add_app(pool))

    assert 'code' in parameters(in_same_pool)
    assert in_another.headers['Location'].startswith('/login?')


def test_session_ends_after_an_hour(cognito: Cognito, app: App) -> None:
    browser = Browser()
    browser.log_in(app, cognito.add_person(), PASSWORD)

    cognito.clock.seconds = 3599
    within = browser.open(app)
    cognito.clock.seconds = 3601
    after = browser.open(app)

    assert 'code' in parameters(within)
    assert after.headers['Location'].startswith('/login?')


@pytest.mark.parametrize('what', ['disable', 'delete', 'new temporary password'])
def test_session_is_of_no_use_to_who_may_not_sign_in(what: str, cognito: Cognito, app: App) -> None:
    browser, person = Browser(), cognito.add_person()
    browser.log_in(app, person, PASSWORD)

    who = {'UserPoolId': POOL_ID, 'Username': person}
    match what:
        case 'disable':
            cognito.api.admin_disable_user(**who)
        case 'delete':
            cognito.api.admin_delete_user(**who)
        case _:
            cognito.api.admin_set_user_password(**who, Password=PASSWORD, Permanent=False)

    assert browser.open(app).headers['Location'].startswith('/login?')


@pytest.mark.parametrize(
    'state', ['', 'a b&c=d', '%0d%0aSet-Cookie: x=y', '\r\nX: y', '\0', 'ü€😀', 's' * 20_000]
)
def test_state_is_sent_back_as_it_was(state: str, cognito: Cognito, app: App) -> None:
    answer = Browser().log_in(app, cognito.add_person(), PASSWORD, state=state)

    assert parameters(answer).get('state', '') == state
    assert 'X' not in answer.headers


def test_state_that_was_not_sent_is_not_sent_back(cognito: Cognito, app: App) -> None:
    answer = Browser().log_in(app, cognito.add_person(), PASSWORD, state=None)

    assert [name for name, _ in query(answer)] == ['from', 'code']


@pytest.mark.parametrize('path', ['/oauth2/authorize', '/login', '/newPassword'])
@pytest.mark.parametrize(
    ('changes', 'problem'),
    [
        ({'client_id': None}, "Required String parameter 'client_id' is not present"),
        ({'client_id': ''}, "Required String parameter 'client_id' is not present"),
        ({'client_id': 'nobody'}, 'Client does not exist.'),
        ({'client_id': '\0'}, 'Client does not exist.'),
        ({'redirect_uri': None}, "Required String parameter 'redirect_uri' is not present"),
        ({'redirect_uri': f'{CALLBACK}/'}, 'redirect_mismatch'),
        ({'redirect_uri': CALLBACK.replace('app', 'APP')}, 'redirect_mismatch'),
        ({'redirect_uri': CALLBACK.replace('https', 'http')}, 'redirect_mismatch'),
        ({'redirect_uri': f'{CALLBACK}&more=1'}, 'redirect_mismatch'),
        ({'redirect_uri': 'https://evil.example/'}, 'redirect_mismatch'),
        ({'redirect_uri': '//evil.example'}, 'redirect_mismatch'),
        ({'redirect_uri': f'{CALLBACK}\r\nX: y'}, 'redirect_mismatch'),
        ({'client_id': ['a', 'b']}, 'invalid_request'),
        ({'state': ['a', 'b']}, 'invalid_request'),
    ],
)
def test_problem_is_shown_to_the_person_where_no_callback_may_learn_it(
    path: str, changes: dict[str, Any], problem: str, app: App
) -> None:
    answer = Browser().open(app, path, **changes)

    location = urlsplit(answer.headers['Location'])
    assert (location.netloc, location.path) == ('', '/error')
    also = {'client_id': app.id} if problem == 'redirect_mismatch' else {}
    assert parameters(answer) == {'error': problem} | also


def test_client_without_oauth_flows_is_refused_on_a_page(cognito: Cognito) -> None:
    app = cognito.add_app(AllowedOAuthFlowsUserPoolClient=False)

    assert parameters(Browser().open(app)) == {'error': 'Client is not enabled for OAuth2.0 flows.'}


@pytest.mark.parametrize('path', ['/oauth2/authorize', '/login', '/newPassword'])
@pytest.mark.parametrize(
    ('changes', 'refusal'),
    [
        (
            {'scope': 'openid phone'},
            [
                ('error_description', 'invalid_scope'),
                ('state', 'the-state'),
                ('error', 'invalid_request'),
            ],
        ),
        (
            {'scope': 'OpenID', 'state': None},
            [('error_description', 'invalid_scope'), ('error', 'invalid_request')],
        ),
        ({'response_type': None}, [('state', 'the-state'), ('error', 'invalid_request')]),
        ({'response_type': 'id_token'}, [('state', 'the-state'), ('error', 'invalid_request')]),
        ({'response_type': 'code token'}, [('state', 'the-state'), ('error', 'invalid_request')]),
        ({'response_type': 'c\x1bödé"'}, [('state', 'the-state'), ('error', 'invalid_request')]),
        (
            {'code_challenge': CHALLENGE},
            [('state', 'the-state'), ('error', 'invalid_request')],
        ),
        (
            {'code_challenge': CHALLENGE, 'code_challenge_method': 'plain'},
            [('state', 'the-state'), ('error', 'invalid_request')],
        ),
        (
            {'code_challenge': CHALLENGE, 'code_challenge_method': 's256'},
            [('state', 'the-state'), ('error', 'invalid_request')],
        ),
        ({'code_challenge_method': 'S256'}, [('state', 'the-state'), ('error', 'invalid_request')]),
        (
            {'code_challenge': 'short', 'code_challenge_method': 'S256'},
            [('state', 'the-state'), ('error', 'invalid_request')],
        ),
    ],
)
def test_refusal_goes_to_the_callback(
    path: str, changes: dict[str, Any], refusal: list[tuple[str, str]], app: App
) -> None:
    answer = Browser().open(app, path, **changes)

    assert answer.headers['Location'].startswith(f'{CALLBACK}&')
    assert query(answer)[1:] == refusal


def test_flow_that_the_client_does_not_have_is_refused_at_the_callback(
    app: App, implicit_app: App
) -> None:
    code = Browser().open(implicit_app)
    token = Browser().open(app, response_type='token')

    assert query(code)[1:] == [('state', 'the-state'), ('error', 'unauthorized_client')]
    assert fragment(token) == {'state': 'the-state', 'error': 'unauthorized_client'}


@pytest.mark.parametrize(
    ('asked', 'granted'),
    [
        (None, 'openid email profile'),
        ('', 'openid email profile'),
        ('email', 'email'),
        ('email openid', 'email openid'),
        ('email  openid email', 'email openid'),
    ],
)
def test_scope_is_what_was_asked_for_or_all_there_is(
    asked: str | None, granted: str, cognito: Cognito, app: App
) -> None:
    token = cognito.tokens(app, scope=asked)['access_token']

    assert cognito.verify(token).claims['scope'] == granted


def test_plus_and_percent_twenty_both_separate_scopes(cognito: Cognito, app: App) -> None:
    for separator in ('+', '%20'):
        url = f'{cognito.url}/login?response_type=code&client_id={app.id}'
        page = Browser().get(
            f'{url}&redirect_uri={CALLBACK.replace("?", "%3f")}&scope=openid{separator}email',
            allow_redirects=False,
        )
        assert page.status_code == 200


def test_tokens_of_the_implicit_flow_stand_in_the_fragment(
    cognito: Cognito, implicit_app: App
) -> None:
    person = cognito.add_person()

    answer = Browser().log_in(implicit_app, person, PASSWORD, response_type='token', nonce='n')

    assert answer.headers['Location'].startswith(f'{CALLBACK}#id_token=')
    tokens = fragment(answer)
    access = cognito.verify(tokens.pop('access_token')).claims
    identity = cognito.verify(tokens.pop('id_token')).claims
    assert tokens == {'token_type': 'bearer', 'expires_in': '3600', 'state': 'the-state'}
    assert 'origin_jti' not in access
    assert (identity['nonce'], identity['sub']) == ('n', access['sub'])


def test_implicit_flow_without_openid_has_no_id_token(cognito: Cognito, implicit_app: App) -> None:
    answer = Browser().log_in(
        implicit_app, cognito.add_person(), PASSWORD, response_type='token', scope='email'
    )

    assert 'id_token' not in fragment(answer)


# /oauth2/token


def test_code_is_exchanged_for_tokens(cognito: Cognito, app: App) -> None:
    answer = app.exchange(cognito.sign_in(app))

    assert answer.status_code == 200
    assert answer.headers['Content-Type'] == 'application/json;charset=UTF-8'
    assert answer.headers['Cache-Control'] == 'no-store'
    tokens = answer.json()
    assert tokens.keys() == {
        'access_token', 'id_token', 'refresh_token', 'token_type', 'expires_in'
    }  # fmt: skip
    assert (tokens['token_type'], tokens['expires_in']) == ('Bearer', 3600)


def test_code_without_openid_brings_no_id_token(cognito: Cognito, app: App) -> None:
    assert cognito.tokens(app, scope='email').keys() == {
        'access_token', 'refresh_token', 'token_type', 'expires_in'
    }  # fmt: skip


def test_secret_may_stand_in_the_form(cognito: Cognito, app: App) -> None:
    code, secret = cognito.sign_in(app), app.secret
    app.secret = None

    assert app.exchange(code, client_secret=secret).status_code == 200


def test_parameters_may_stand_in_the_query(cognito: Cognito, app: App) -> None:
    answer = requests.post(
        f'{cognito.url}/oauth2/token',
        params={
            'grant_type': 'authorization_code',
            'code': cognito.sign_in(app),
            'redirect_uri': CALLBACK,
        },
        auth=app.auth,
        timeout=10,
    )

    assert answer.status_code == 200


def test_public_client_needs_no_secret_and_no_challenge(cognito: Cognito, public_app: App) -> None:
    assert public_app.exchange(cognito.sign_in(public_app)).status_code == 200


@pytest.mark.parametrize('has_secret', [True, False])
def test_challenge_is_met_by_its_verifier(
    has_secret: bool, cognito: Cognito, app: App, public_app: App
) -> None:
    its_app = app if has_secret else public_app

    code = cognito.sign_in(its_app, **PKCE)

    assert its_app.exchange(code, code_verifier=VERIFIER).status_code == 200


@pytest.mark.parametrize('verifier', [None, '', f'{VERIFIER}x', 'short', CHALLENGE, 'ü' * 43])
def test_challenge_is_met_by_nothing_else(verifier: str | None, cognito: Cognito, app: App) -> None:
    code = cognito.sign_in(app, **PKCE)

    refused = app.exchange(code, code_verifier=verifier)
    again = app.exchange(code, code_verifier=VERIFIER)

    for answer in (refused, again):
        assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_grant'})


def test_verifier_without_challenge_is_refused(cognito: Cognito, app: App) -> None:
    answer = app.exchange(cognito.sign_in(app), code_verifier=VERIFIER)

    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_grant'})


@pytest.mark.parametrize(
    ('changes', 'refusal'),
    [
        ({'code': None}, 'invalid_request'),
        ({'redirect_uri': None}, 'invalid_request'),
        ({'grant_type': None}, 'invalid_request'),
        ({'grant_type': ''}, 'invalid_request'),
        ({'grant_type': 'password'}, 'unsupported_grant_type'),
        ({'grant_type': 'Authorization_Code'}, 'unsupported_grant_type'),
        ({'grant_type': 'client_credentials'}, 'unauthorized_client'),
        ({'code': ''}, 'invalid_grant'),
        ({'code': 'unknown'}, 'invalid_grant'),
        ({'code': 'x' * 20_000}, 'invalid_grant'),
        ({'code': 'ü\0'}, 'invalid_grant'),
        ({'redirect_uri': OTHER_CALLBACK}, 'unauthorized_client'),
        ({'redirect_uri': 'https://evil.example/'}, 'unauthorized_client'),
        ({'code': ['a', 'b']}, 'invalid_request'),
        ({'grant_type': ['authorization_code'] * 2}, 'invalid_request'),
        ({'grant_type': 'refresh_token'}, 'invalid_request'),
        ({'grant_type': 'refresh_token', 'refresh_token': 'unknown'}, 'invalid_grant'),
        ({'client_id': 'another'}, 'invalid_client'),
    ],
)
def test_token_endpoint_refuses(
    changes: dict[str, Any], refusal: str, cognito: Cognito, app: App
) -> None:
    answer = app.exchange(cognito.sign_in(app), **changes)

    assert (answer.status_code, answer.json()) == (400, {'error': refusal})
    assert answer.headers['Content-Type'] == 'application/json;charset=UTF-8'


@pytest.mark.parametrize('secret', [None, '', 'wrong', 'ü€', 's' * 20_000])
@pytest.mark.parametrize('by_header', [True, False])
def test_wrong_secret_is_refused(
    secret: str | None, by_header: bool, cognito: Cognito, app: App
) -> None:
    code, right_secret = cognito.sign_in(app), app.secret
    app.secret = secret if by_header else None
    changes = {} if by_header else {'client_secret': secret}
    refused = app.exchange(code, **changes)

    app.secret = right_secret
    assert (refused.status_code, refused.json()) == (
        400,
        {'error': 'invalid_client', 'error_description': 'invalid_client_secret'},
    )
    assert app.exchange(code).status_code == 200


@pytest.mark.parametrize('secret', ['', 'any'])
def test_public_client_has_no_secret_to_send(secret: str, public_app: App) -> None:
    answer = public_app.exchange('a-code', client_secret=secret)

    assert (answer.status_code, answer.json()['error']) == (400, 'invalid_client')


@pytest.mark.parametrize(
    'header', ['Basic', 'Basic !', 'Basic w7zDvA==', 'Basic bm9ib2R5OnNlY3JldA==', 'Bearer x', 'x']
)
def test_unknown_client_is_refused(header: str, cognito: Cognito) -> None:
    answer = requests.post(
        f'{cognito.url}/oauth2/token',
        {'grant_type': 'authorization_code', 'code': 'x', 'redirect_uri': CALLBACK},
        headers={'Authorization': header},
        timeout=10,
    )

    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_client'})


def test_code_is_good_once(cognito: Cognito, app: App) -> None:
    code = cognito.sign_in(app)

    assert app.exchange(code).status_code == 200
    assert app.exchange(code).json() == {'error': 'invalid_grant'}


def test_code_is_good_for_five_minutes(cognito: Cognito, app: App) -> None:
    early, late = cognito.sign_in(app), cognito.sign_in(app)

    cognito.clock.seconds = 298
    assert app.exchange(early).status_code == 200
    cognito.clock.seconds = 301
    assert app.exchange(late).json() == {'error': 'invalid_grant'}


def test_code_is_good_for_its_client_only(cognito: Cognito, app: App, public_app: App) -> None:
    code = cognito.sign_in(app)

    assert public_app.exchange(code).json() == {'error': 'invalid_grant'}
    assert app.exchange(code).json() == {'error': 'invalid_grant'}


@pytest.mark.parametrize('changes', [{'redirect_uri': OTHER_CALLBACK}, {'redirect_uri': None}])
def test_failed_exchange_uses_the_code_up(
    changes: dict[str, str | None], cognito: Cognito, app: App
) -> None:
    code = cognito.sign_in(app)
    app.exchange(code, **changes)

    assert app.exchange(code).json() == {'error': 'invalid_grant'}


def test_code_is_of_no_use_once_the_person_is_disabled(cognito: Cognito, app: App) -> None:
    person = cognito.add_person()
    code = cognito.sign_in(app, person)
    cognito.api.admin_disable_user(UserPoolId=POOL_ID, Username=person)

    assert app.exchange(code).json() == {'error': 'invalid_grant'}


def test_client_that_cannot_read_what_the_scope_asks_for_gets_no_tokens(cognito: Cognito) -> None:
    app = cognito.add_app(ReadAttributes=['email'])

    assert app.exchange(cognito.sign_in(app)).json() == {'error': 'invalid_grant'}
    assert app.exchange(cognito.sign_in(app, scope='openid')).status_code == 200


def test_resource_becomes_the_audience_of_the_access_token(cognito: Cognito, app: App) -> None:
    resource = 'https://api.example/mcp'
    code = cognito.sign_in(app, resource=resource)

    tokens = app.exchange(code, resource=resource).json()

    assert cognito.verify(tokens['access_token']).claims['aud'] == resource


def test_get_of_the_token_endpoint_is_refused(cognito: Cognito) -> None:
    assert requests.get(f'{cognito.url}/oauth2/token', timeout=10).status_code == 405


def test_body_that_is_no_form_is_refused(cognito: Cognito, app: App) -> None:
    answer = requests.post(
        f'{cognito.url}/oauth2/token', json={'grant_type': 'x'}, auth=app.auth, timeout=10
    )

    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_request'})


def test_huge_body_is_refused(app: App) -> None:
    assert app.exchange('x' * 1_000_000).status_code == 413


# Refresh


def test_refresh_brings_new_tokens_of_the_same_sign_in(cognito: Cognito, app: App) -> None:
    tokens = cognito.tokens(app, nonce='n')
    cognito.clock.seconds = 1800

    answer = app.refresh(tokens['refresh_token'])

    assert answer.json().keys() == {'access_token', 'id_token', 'token_type', 'expires_in'}
    before, after = (
        cognito.verify(token).claims
        for token in (tokens['access_token'], answer.json()['access_token'])
    )
    assert before['jti'] != after['jti']
    assert after['iat'] - before['iat'] >= 1800
    assert {name for name in before if before[name] != after[name]} == {'jti', 'iat', 'exp'}


def test_refresh_may_narrow_the_scope_but_not_widen_it(cognito: Cognito, app: App) -> None:
    refresh_token = cognito.tokens(app)['refresh_token']

    narrower = app.refresh(refresh_token, scope='openid').json()
    wider = app.refresh(refresh_token, scope='openid profile')

    assert cognito.verify(narrower['access_token']).claims['scope'] == 'openid'
    assert (wider.status_code, wider.json()) == (400, {'error': 'invalid_scope'})


def test_refresh_token_is_good_for_its_client_only(
    cognito: Cognito, app: App, public_app: App
) -> None:
    refresh_token = cognito.tokens(app)['refresh_token']

    assert public_app.refresh(refresh_token).json() == {'error': 'invalid_grant'}


def test_refresh_token_is_good_for_as_long_as_the_client_says(cognito: Cognito) -> None:
    app = cognito.add_app(RefreshTokenValidity=90, TokenValidityUnits={'RefreshToken': 'minutes'})
    refresh_token = cognito.tokens(app)['refresh_token']

    cognito.clock.seconds = 89 * 60
    assert app.refresh(refresh_token).status_code == 200
    cognito.clock.seconds = 91 * 60
    assert app.refresh(refresh_token).json() == {'error': 'invalid_grant'}


@pytest.mark.parametrize('what', ['disable', 'delete', 'sign out'])
def test_refresh_token_is_of_no_use_after_an_administrator_says_so(
    what: str, cognito: Cognito, app: App
) -> None:
    person = cognito.add_person()
    refresh_token = cognito.tokens(app, person)['refresh_token']

    calls = {
        'disable': cognito.api.admin_disable_user,
        'delete': cognito.api.admin_delete_user,
        'sign out': cognito.api.admin_user_global_sign_out,
    }
    calls[what](UserPoolId=POOL_ID, Username=person)

    assert app.refresh(refresh_token).json() == {'error': 'invalid_grant'}


def test_refresh_token_is_rotated_where_the_client_says_so(cognito: Cognito) -> None:
    app = cognito.add_app(
        RefreshTokenRotation={'Feature': 'ENABLED', 'RetryGracePeriodSeconds': 30}
    )
    first = cognito.tokens(app)['refresh_token']

    second = app.refresh(first).json()['refresh_token']
    cognito.clock.seconds = 29
    assert app.refresh(first).status_code == 200
    cognito.clock.seconds = 60
    assert app.refresh(first).json() == {'error': 'invalid_grant'}
    assert app.refresh(second).status_code == 200


def test_rotation_does_not_prolong_a_sign_in(cognito: Cognito) -> None:
    app = cognito.add_app(RefreshTokenRotation={'Feature': 'ENABLED'}, RefreshTokenValidity=1)
    first = cognito.tokens(app)['refresh_token']
    cognito.clock.seconds = 80_000
    second = app.refresh(first).json()['refresh_token']

    cognito.clock.seconds = 90_000
    assert app.refresh(second).json() == {'error': 'invalid_grant'}


# Client credentials


@pytest.mark.parametrize(('asked', 'granted'), [(None, ['read', 'write']), (['write'], ['write'])])
def test_machine_gets_an_access_token_for_itself(
    asked: list[str] | None, granted: list[str], cognito: Cognito, machine: App
) -> None:
    scopes = _custom_scopes(cognito, machine)
    scope = ' '.join(scopes[name] for name in asked) if asked else None

    answer = machine.token(grant_type='client_credentials', scope=scope).json()

    assert answer.keys() == {'access_token', 'expires_in', 'token_type'}
    claims = cognito.verify(answer['access_token']).claims
    assert claims.keys() == {
        'sub', 'client_id', 'token_use', 'scope', 'auth_time', 'iss', 'exp', 'iat', 'version', 'jti'
    }  # fmt: skip
    assert claims['sub'] == claims['client_id'] == machine.id
    assert claims['scope'] == ' '.join(scopes[name] for name in granted)
    assert claims['version'] == 2


@pytest.mark.parametrize('scope', ['openid', 'nothing/there'])
def test_machine_gets_custom_scopes_only(scope: str, machine: App) -> None:
    answer = machine.token(grant_type='client_credentials', scope=scope)

    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_scope'})


def test_machine_needs_a_secret(cognito: Cognito) -> None:
    app = cognito.add_app(GenerateSecret=False, AllowedOAuthFlows=['client_credentials'])

    answer = app.token(grant_type='client_credentials')

    assert (answer.status_code, answer.json()) == (400, {'error': 'unauthorized_client'})


def _custom_scopes(cognito: Cognito, machine: App) -> dict[str, str]:
    client = cognito.api.describe_user_pool_client(UserPoolId=POOL_ID, ClientId=machine.id)
    scopes = client['UserPoolClient']['AllowedOAuthScopes']
    return {scope.rpartition('/')[2]: scope for scope in scopes}


# /oauth2/userInfo


def test_user_info_with_openid_alone_is_every_attribute(cognito: Cognito, app: App) -> None:
    person = cognito.add_person(given_name='Ann', family_name='Ö')
    access_token = cognito.tokens(app, person, scope='openid')['access_token']

    answer = app.user_info(access_token)

    sub = cognito.verify(access_token).claims['sub']
    assert answer.status_code == 200
    assert answer.json() == {
        'sub': sub,
        'username': sub,
        'email': person,
        'email_verified': 'true',
        'given_name': 'Ann',
        'family_name': 'Ö',
    }


def test_user_info_is_what_the_scope_and_the_client_allow(cognito: Cognito, app: App) -> None:
    person = cognito.add_person(given_name='Ann', name='Ann B')
    reader = cognito.add_app(ReadAttributes=['name'])

    by_scope = app.user_info(cognito.tokens(app, person)['access_token']).json()
    by_client = reader.user_info(
        cognito.tokens(reader, person, scope='openid profile')['access_token']
    ).json()

    assert by_scope.keys() == {'sub', 'username', 'email', 'email_verified'}
    assert by_client.keys() == {'sub', 'username', 'name'}


def test_user_info_needs_openid(cognito: Cognito, app: App) -> None:
    answer = app.user_info(cognito.tokens(app, scope='email')['access_token'])

    assert answer.status_code == 401
    assert answer.json() == {
        'error': 'invalid_token',
        'error_description': 'Access token does not contain openid scope',
    }


@pytest.mark.parametrize('what', ['expired', 'revoked', 'signed out', 'disabled'])
def test_user_info_refuses_a_token_that_is_over(what: str, cognito: Cognito, app: App) -> None:
    person = cognito.add_person()
    tokens = cognito.tokens(app, person)
    who = {'UserPoolId': POOL_ID, 'Username': person}
    assert app.user_info(tokens['access_token']).status_code == 200

    match what:
        case 'expired':
            cognito.clock.seconds = 3601
        case 'revoked':
            app.revoke(tokens['refresh_token'])
        case 'signed out':
            cognito.api.admin_user_global_sign_out(**who)
        case _:
            cognito.api.admin_disable_user(**who)
    answer = app.user_info(tokens['access_token'])

    assert (answer.status_code, answer.json()) == (401, REVOKED)
    assert answer.headers['WWW-Authenticate'] == ', '.join(
        f'{name}="{value}"' for name, value in REVOKED.items()
    )


@pytest.mark.parametrize('header', [None, 'Bearer', 'Bearer x.y.z', 'Basic eDp5', 'ü', 'Bearer ü'])
def test_user_info_refuses_what_is_no_token(header: str | None, cognito: Cognito) -> None:
    headers = {'Authorization': header.encode()} if header else {}
    answer = requests.get(f'{cognito.url}/oauth2/userInfo', headers=headers, timeout=10)

    assert (answer.status_code, answer.json()) == (401, REVOKED)


def test_user_info_takes_a_bearer_token_only(cognito: Cognito, app: App) -> None:
    token = cognito.tokens(app)['access_token']

    for scheme, status in (('Bearer', 200), ('bearer', 200), ('Token', 401), ('Basic', 401)):
        headers = {'Authorization': f'{scheme} {token}'}
        answer = requests.get(f'{cognito.url}/oauth2/userInfo', headers=headers, timeout=10)
        assert answer.status_code == status


def test_user_info_refuses_an_id_token(cognito: Cognito, app: App) -> None:
    assert app.user_info(cognito.tokens(app)['id_token']).json() == REVOKED


# /oauth2/revoke


def test_revoked_refresh_token_is_of_no_use(cognito: Cognito, app: App) -> None:
    refresh_token = cognito.tokens(app)['refresh_token']

    answers = [app.revoke(refresh_token), app.revoke(refresh_token), app.revoke('unknown')]

    assert [(answer.status_code, answer.content) for answer in answers] == [(200, b'')] * 3
    assert app.refresh(refresh_token).json() == {'error': 'invalid_grant'}


def test_revocation_leaves_the_session_and_other_sign_ins_alone(cognito: Cognito, app: App) -> None:
    browser = Browser()
    code = parameters(browser.log_in(app, cognito.add_person(), PASSWORD))['code']
    refresh_token = app.exchange(code).json()['refresh_token']
    other = app.exchange(parameters(browser.open(app))['code']).json()

    app.revoke(refresh_token)

    assert app.refresh(other['refresh_token']).status_code == 200
    assert 'code' in parameters(browser.open(app))


def test_public_client_revokes_without_a_secret(cognito: Cognito, public_app: App) -> None:
    refresh_token = cognito.tokens(public_app)['refresh_token']

    assert public_app.revoke(refresh_token).status_code == 200
    assert public_app.refresh(refresh_token).json() == {'error': 'invalid_grant'}


@pytest.mark.parametrize('kind', ['access_token', 'id_token'])
def test_only_refresh_tokens_can_be_revoked(kind: str, cognito: Cognito, app: App) -> None:
    answer = app.revoke(cognito.tokens(app)[kind])

    assert (answer.status_code, answer.json()) == (400, {'error': 'unsupported_token_type'})


def test_revocation_needs_a_token(app: App) -> None:
    for token in (None, ''):
        answer = app.revoke(token)
        assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_request'})


def test_revocation_can_be_off(cognito: Cognito) -> None:
    app = cognito.add_app(EnableTokenRevocation=False)
    tokens = cognito.tokens(app)

    answer = app.revoke(tokens['refresh_token'])

    assert (answer.status_code, answer.json()) == (400, {'error': 'invalid_request'})
    assert 'origin_jti' not in cognito.verify(tokens['access_token']).claims


def test_revocation_by_the_wrong_client_is_refused(
    cognito: Cognito, app: App, public_app: App
) -> None:
    refresh_token = cognito.tokens(app)['refresh_token']
    secret, app.secret = app.secret, 'wrong'

    badly = app.revoke(refresh_token)
    by_another = public_app.revoke(refresh_token)

    app.secret = secret
    assert (badly.status_code, badly.json()['error']) == (401, 'invalid_client')
    assert (by_another.status_code, by_another.json()) == (400, {'error': 'invalid_grant'})
    assert app.refresh(refresh_token).status_code == 200
