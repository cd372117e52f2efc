"""Tokens with Cognito's claims, signed with the pool's keys, from the pages and from the API."""

import base64
import hashlib
import re
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from emulator.cognito import tokens
from emulator.sample.data import POOL_ID
from tests.support.people.signing_in import PASSWORD, App, Cognito, running


@pytest.fixture(scope='module')
def cognito() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture(scope='module')
def app(cognito: Cognito) -> App:
    return cognito.add_app()


@pytest.fixture(scope='module')
def pool_id(cognito: Cognito) -> str:
    """Return a pool where people have names of their own and attributes of the pool's."""
    pool: str = cognito.api.create_user_pool(PoolName='names')['UserPool']['Id']
    cognito.api.add_custom_attributes(
        UserPoolId=pool, CustomAttributes=[{'Name': 'level', 'AttributeDataType': 'Number'}]
    )
    return pool


def api_tokens(cognito: Cognito, person: str) -> tuple[App, Any]:
    """Return an app and the tokens that it gets from the API, without any page."""
    app = cognito.add_app(GenerateSecret=False, ExplicitAuthFlows=['ALLOW_USER_PASSWORD_AUTH'])
    answer = cognito.api.initiate_auth(
        ClientId=app.id,
        AuthFlow='USER_PASSWORD_AUTH',
        AuthParameters={'USERNAME': person, 'PASSWORD': PASSWORD},
    )
    return app, answer['AuthenticationResult']


def test_access_token_has_cognitos_claims(cognito: Cognito, app: App) -> None:
    person = cognito.add_person()

    token = cognito.verify(cognito.tokens(app, person)['access_token'])

    claims = token.claims
    assert token.header == {'kid': token.header['kid'], 'alg': 'RS256'}
    sub = cognito.api.admin_get_user(UserPoolId=POOL_ID, Username=person)['Username']
    assert claims == {
        'sub': sub,
        'iss': f'{cognito.url}/{POOL_ID}',
        'version': 2,
        'client_id': app.id,
        'origin_jti': claims['origin_jti'],
        'event_id': claims['event_id'],
        'token_use': 'access',
        'scope': 'openid email',
        'auth_time': claims['auth_time'],
        'exp': claims['iat'] + 3600,
        'iat': claims['iat'],
        'jti': claims['jti'],
        'username': sub,
    }
    assert {type(claims[name]) for name in ('iat', 'exp', 'auth_time')} == {int}
    assert len({claims['jti'], claims['origin_jti'], claims['event_id'], sub}) == 4


def test_id_token_has_cognitos_claims(cognito: Cognito, app: App) -> None:
    person = cognito.add_person()

    issued = cognito.tokens(app, person, nonce='the-nonce')

    access, identity = (cognito.verify(issued[f'{kind}_token']) for kind in ('access', 'id'))
    claims = identity.claims
    left_half = hashlib.sha256(issued['access_token'].encode()).digest()[:16]
    shared = ('sub', 'iss', 'origin_jti', 'event_id', 'auth_time', 'iat', 'exp')
    assert claims == {
        **{name: access.claims[name] for name in shared},
        'aud': app.id,
        'token_use': 'id',
        'cognito:username': access.claims['sub'],
        'email': person,
        'email_verified': True,
        'nonce': 'the-nonce',
        'at_hash': base64.urlsafe_b64encode(left_half).decode().rstrip('='),
        'jti': claims['jti'],
    }
    assert identity.header['kid'] != access.header['kid']


def test_attributes_and_names_are_as_the_pool_has_them(cognito: Cognito, pool_id: str) -> None:
    app = cognito.add_app(pool_id)
    person = cognito.add_person(pool_id, **{'custom:level': '3', 'name': 'Ann'})

    issued = cognito.tokens(app, person, scope='openid profile')

    access, identity = (
        cognito.verify(issued[f'{kind}_token'], pool_id).claims for kind in ('access', 'id')
    )
    assert (access['username'], identity['cognito:username']) == (person, person)
    assert (identity['custom:level'], identity['name']) == ('3', 'Ann')
    assert access['sub'] == identity['sub'] != person


def test_groups_stand_in_both_tokens_the_first_in_precedence_first(
    cognito: Cognito, app: App
) -> None:
    person = cognito.add_person()
    role = 'arn:aws:iam::123456789012:role/readers'
    for name, settings in {
        'by-name': {},
        'second': {'Precedence': 2},
        'first': {'Precedence': 0, 'RoleArn': role},
    }.items():
        cognito.api.create_group(UserPoolId=POOL_ID, GroupName=name, **settings)  # type: ignore[arg-type]
        cognito.api.admin_add_user_to_group(UserPoolId=POOL_ID, Username=person, GroupName=name)

    issued = cognito.tokens(app, person)

    access, identity = (cognito.verify(issued[f'{kind}_token']).claims for kind in ('access', 'id'))
    assert access['cognito:groups'] == ['first', 'second', 'by-name']
    assert identity['cognito:groups'] == ['first', 'second', 'by-name']
    assert identity['cognito:roles'] == [role]
    assert identity['cognito:preferred_role'] == role
    assert 'cognito:roles' not in access


def test_lifetimes_are_the_app_clients(cognito: Cognito) -> None:
    app = cognito.add_app(
        AccessTokenValidity=10,
        IdTokenValidity=1,
        TokenValidityUnits={'AccessToken': 'minutes', 'IdToken': 'days'},
    )

    issued = cognito.tokens(app)

    access, identity = (cognito.verify(issued[f'{kind}_token']).claims for kind in ('access', 'id'))
    assert issued['expires_in'] == access['exp'] - access['iat'] == 600
    assert identity['exp'] - identity['iat'] == 86_400


def test_refresh_token_is_opaque(cognito: Cognito, app: App) -> None:
    refresh_token = cognito.tokens(app)['refresh_token']

    assert refresh_token.startswith('eyJjdHkiOiJKV1Qi')
    assert refresh_token.count('.') == 4


def test_pool_publishes_two_keys_and_no_private_part(cognito: Cognito) -> None:
    keys = requests.get(f'{cognito.url}/{POOL_ID}/.well-known/jwks.json', timeout=10).json()['keys']

    assert len(keys) == 2
    for key in keys:
        assert key.keys() == {'alg', 'e', 'kid', 'kty', 'n', 'use'}
        assert (key['alg'], key['e'], key['kty'], key['use']) == ('RS256', 'AQAB', 'RSA', 'sig')
        assert re.fullmatch(r'[\w+/]{43}=', key['kid'])


def test_each_pool_has_keys_of_its_own(pool_id: str) -> None:
    assert tokens.signing_keys(POOL_ID) == tokens.signing_keys(POOL_ID)
    kids = {key.kid for pool in (POOL_ID, pool_id) for key in tokens.signing_keys(pool)}
    assert len(kids) == 4


def test_discovery_document_names_the_endpoints(cognito: Cognito) -> None:
    issuer = f'{cognito.url}/{POOL_ID}'

    document = requests.get(f'{issuer}/.well-known/openid-configuration', timeout=10).json()

    assert document == {
        'authorization_endpoint': f'{cognito.url}/oauth2/authorize',
        'end_session_endpoint': f'{cognito.url}/logout',
        'id_token_signing_alg_values_supported': ['RS256'],
        'issuer': issuer,
        'jwks_uri': f'{issuer}/.well-known/jwks.json',
        'response_types_supported': ['code', 'token'],
        'revocation_endpoint': f'{cognito.url}/oauth2/revoke',
        'scopes_supported': ['openid', 'email', 'phone', 'profile'],
        'subject_types_supported': ['public'],
        'token_endpoint': f'{cognito.url}/oauth2/token',
        'token_endpoint_auth_methods_supported': ['client_secret_basic', 'client_secret_post'],
        'userinfo_endpoint': f'{cognito.url}/oauth2/userInfo',
    }


@pytest.mark.parametrize('document', ['openid-configuration', 'jwks.json', 'other'])
def test_pool_that_does_not_exist_publishes_nothing(document: str, cognito: Cognito) -> None:
    url = f'{cognito.url}/us-east-1_Nowhere/.well-known/{document}'

    assert requests.get(url, timeout=10).status_code == 404


def test_tokens_of_the_api_are_the_pools_too_with_its_own_scope_only(cognito: Cognito) -> None:
    app, issued = api_tokens(cognito, cognito.add_person())

    access, identity = (cognito.verify(issued[f'{kind}Token']).claims for kind in ('Access', 'Id'))
    assert access['scope'] == 'aws.cognito.signin.user.admin'
    assert access['iss'] == identity['iss'] == f'{cognito.url}/{POOL_ID}'
    assert (access['client_id'], identity['aud']) == (app.id, app.id)
    assert 'version' not in access
    assert access['origin_jti'] == identity['origin_jti']


def test_tokens_of_the_api_ask_the_api_who_the_person_is(cognito: Cognito) -> None:
    person = cognito.add_person()
    _, issued = api_tokens(cognito, person)

    user = cognito.api.get_user(AccessToken=issued['AccessToken'])

    assert {'Name': 'email', 'Value': person} in user['UserAttributes']


def test_tokens_of_the_pages_ask_the_api_if_they_have_its_scope(cognito: Cognito) -> None:
    app = cognito.add_app(AllowedOAuthScopes=['openid', 'aws.cognito.signin.user.admin'])
    with_scope = cognito.tokens(app, scope='openid aws.cognito.signin.user.admin')
    without = cognito.tokens(app, scope='openid')

    assert cognito.api.get_user(AccessToken=with_scope['access_token'])
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException):
        cognito.api.get_user(AccessToken=without['access_token'])


def test_revocation_ends_what_the_api_takes(cognito: Cognito) -> None:
    app = cognito.add_app(AllowedOAuthScopes=['openid', 'aws.cognito.signin.user.admin'])
    issued = cognito.tokens(app, scope=None)

    app.revoke(issued['refresh_token'])

    with pytest.raises(cognito.api.exceptions.NotAuthorizedException):
        cognito.api.get_user(AccessToken=issued['access_token'])


def test_global_sign_out_ends_them_all(cognito: Cognito, app: App) -> None:
    person = cognito.add_person()
    issued = cognito.tokens(app, person)
    _, of_api = api_tokens(cognito, person)

    cognito.api.global_sign_out(AccessToken=of_api['AccessToken'])

    assert app.user_info(issued['access_token']).status_code == 401
    assert app.refresh(issued['refresh_token']).json() == {'error': 'invalid_grant'}
    with pytest.raises(cognito.api.exceptions.NotAuthorizedException):
        cognito.api.get_user(AccessToken=of_api['AccessToken'])


def test_tokens_can_be_issued_without_a_page(cognito: Cognito, app: App) -> None:
    person = cognito.add_person()

    issued = cognito.emulator.tokens.issue_for(app.id, person, 'openid')

    assert app.user_info(str(issued['access_token'])).json()['email'] == person
    with pytest.raises(LookupError):
        cognito.emulator.tokens.issue_for(app.id, 'nobody', 'openid')
