"""What boto3 does to a pool is what signing in sees."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from emulator.cognito import people, user_pool
from emulator.sample.data import CALLBACK_URLS, CLIENT_NAME, EMAIL, POOL_ID, SCOPES
from tests.support.people.signing_in import (
    CALLBACK,
    PASSWORD,
    App,
    Browser,
    Cognito,
    parameters,
    running,
)


@pytest.fixture(scope='module')
def cognito() -> Iterator[Cognito]:
    with running() as cognito:
        yield cognito


@pytest.fixture
def app(cognito: Cognito) -> App:
    return cognito.add_app()


def pool_with(cognito: Cognito, **settings: Any) -> user_pool.UserPool:
    """Return a new pool."""
    pool_id = cognito.api.create_user_pool(PoolName='pool', **settings)['UserPool']['Id']
    pool = user_pool.find_pool(pool_id)
    assert pool
    return pool


def test_sample_pool_client_and_person_are_there(cognito: Cognito) -> None:
    api = cognito.api
    pool = api.describe_user_pool(UserPoolId=POOL_ID)['UserPool']
    client = api.describe_user_pool_client(UserPoolId=POOL_ID, ClientId=cognito.emulator.client_id)[
        'UserPoolClient'
    ]
    person = api.admin_get_user(UserPoolId=POOL_ID, Username=EMAIL)
    domain = api.describe_user_pool_domain(Domain='middleware-local')['DomainDescription']

    assert pool['Arn'] == f'arn:aws:cognito-idp:us-east-1:123456789012:userpool/{POOL_ID}'
    assert pool['Domain'] == 'middleware-local'
    assert domain['UserPoolId'] == POOL_ID
    assert client['ClientName'] == CLIENT_NAME
    assert client['ClientSecret']
    assert client['CallbackURLs'] == CALLBACK_URLS
    assert client['AllowedOAuthScopes'] == SCOPES
    assert client['AllowedOAuthFlows'] == ['code']
    assert person['UserStatus'] == 'FORCE_CHANGE_PASSWORD'


def test_change_of_a_client_is_in_force_at_once(cognito: Cognito, app: App) -> None:
    new_callback = 'https://app.example/new'
    before = Browser().open(app, redirect_uri=new_callback)
    cognito.api.update_user_pool_client(
        UserPoolId=POOL_ID,
        ClientId=app.id,
        CallbackURLs=[CALLBACK, new_callback],
        AllowedOAuthScopes=['phone'],
        AllowedOAuthFlows=['code'],
        AllowedOAuthFlowsUserPoolClient=True,
    )
    after = Browser().open(app, redirect_uri=new_callback, scope='phone')

    assert parameters(before)['error'] == 'redirect_mismatch'
    assert after.headers['Location'].startswith('/login?')


def test_deleted_client_is_not_known_any_more(cognito: Cognito, app: App) -> None:
    cognito.api.delete_user_pool_client(UserPoolId=POOL_ID, ClientId=app.id)

    assert parameters(Browser().open(app)) == {'error': 'Client does not exist.'}


def test_password_that_an_administrator_sets_is_in_force_at_once(
    cognito: Cognito, app: App
) -> None:
    person = cognito.add_person()
    cognito.api.admin_set_user_password(
        UserPoolId=POOL_ID, Username=person, Password='Another-1', Permanent=True
    )

    assert Browser().log_in(app, person, PASSWORD).status_code == 401
    assert 'code' in parameters(Browser().log_in(app, person, 'Another-1'))


def test_pools_of_every_region_are_there(cognito: Cognito) -> None:
    api = boto3.client('cognito-idp', region_name='eu-west-1', endpoint_url=cognito.url)
    pool_id = api.create_user_pool(PoolName='europe')['UserPool']['Id']

    pool = user_pool.find_pool(pool_id)

    assert pool
    assert pool.id.startswith('eu-west-1_')


def test_pool_and_client_that_do_not_exist_are_not_found() -> None:
    assert user_pool.find_pool('us-east-1_Nowhere') is None
    assert user_pool.find_client('nobody') is None


@pytest.mark.parametrize(
    ('settings', 'name', 'is_found'),
    [
        ({}, 'jane', True),
        ({}, 'Jane', False),
        ({}, 'jane@example.com', False),
        ({'UsernameConfiguration': {'CaseSensitive': False}}, 'JANE', True),
        ({'AliasAttributes': ['email', 'preferred_username']}, 'jane@example.com', True),
        ({'AliasAttributes': ['phone_number']}, '', False),
    ],
)
def test_person_is_found_by_the_names_that_the_pool_allows(
    settings: dict[str, Any], name: str, is_found: bool, cognito: Cognito
) -> None:
    pool = pool_with(cognito, **settings)
    cognito.api.admin_create_user(
        UserPoolId=pool.id,
        Username='jane',
        UserAttributes=[{'Name': 'email', 'Value': 'jane@example.com'}],
    )

    assert (people.find(pool, name) is not None) == is_found


@pytest.mark.parametrize(
    ('policy', 'password', 'unmet'),
    [
        ({'MinimumLength': 12}, 'Short-1', ['at least 12 characters']),
        ({'MinimumLength': 6, 'RequireSymbols': False}, 'Short1', []),
        ({'RequireNumbers': False}, 'Long-enough', []),
        ({'RequireUppercase': False, 'RequireNumbers': False}, 'long-enough', []),
        ({}, 'Übergröße1!', ['an uppercase letter']),
        ({}, 'Long enough 1', []),
    ],
)
def test_password_is_judged_by_the_pools_policy(
    policy: dict[str, Any], password: str, unmet: list[str], cognito: Cognito
) -> None:
    pool = pool_with(cognito, Policies={'PasswordPolicy': policy})

    assert people.unmet_rules(pool, password) == unmet


def test_resent_invitation_is_for_the_same_person(cognito: Cognito) -> None:
    person = cognito.add_person()
    before = cognito.api.admin_get_user(UserPoolId=POOL_ID, Username=person)

    cognito.api.admin_create_user(
        UserPoolId=POOL_ID, Username=person, TemporaryPassword='Another-1', MessageAction='RESEND'
    )

    after = cognito.api.admin_get_user(UserPoolId=POOL_ID, Username=person)
    assert after['Username'] == before['Username']


def test_update_of_a_client_resets_what_it_leaves_out(cognito: Cognito, app: App) -> None:
    api = cognito.api
    api.update_user_pool_client(UserPoolId=POOL_ID, ClientId=app.id, RefreshTokenValidity=9)

    described = api.describe_user_pool_client(UserPoolId=POOL_ID, ClientId=app.id)['UserPoolClient']

    assert described['RefreshTokenValidity'] == 9
    assert described['AllowedOAuthFlowsUserPoolClient'] is False
    assert 'CallbackURLs' not in described
    assert described['ClientName']
    assert described['ClientSecret'] == app.secret


def test_update_of_a_pool_keeps_how_people_sign_in_and_resets_the_rest(cognito: Cognito) -> None:
    pool = pool_with(
        cognito,
        UsernameAttributes=['email'],
        UsernameConfiguration={'CaseSensitive': False},
        DeletionProtection='ACTIVE',
        Policies={'PasswordPolicy': {'MinimumLength': 20}},
    )

    cognito.api.update_user_pool(UserPoolId=pool.id, MfaConfiguration='OPTIONAL', PoolName='new')

    described = cognito.api.describe_user_pool(UserPoolId=pool.id)['UserPool']
    assert described['UsernameAttributes'] == ['email']
    assert described['UsernameConfiguration'] == {'CaseSensitive': False}
    assert (described['Name'], described['MfaConfiguration']) == ('new', 'OPTIONAL')
    assert described['Policies']['PasswordPolicy']['MinimumLength'] == 8
    assert 'DeletionProtection' not in described


def test_protected_pool_and_one_with_a_domain_cannot_be_deleted(cognito: Cognito) -> None:
    api = cognito.api
    pool = pool_with(cognito, DeletionProtection='ACTIVE')
    refused = api.exceptions.InvalidParameterException
    with pytest.raises(refused, match='deletion protection is activated'):
        api.delete_user_pool(UserPoolId=pool.id)

    api.update_user_pool(UserPoolId=pool.id, DeletionProtection='INACTIVE')
    api.create_user_pool_domain(UserPoolId=pool.id, Domain='to-be-deleted')
    with pytest.raises(refused, match='has a domain configured'):
        api.delete_user_pool(UserPoolId=pool.id)

    api.delete_user_pool_domain(UserPoolId=pool.id, Domain='to-be-deleted')
    api.delete_user_pool(UserPoolId=pool.id)
    assert user_pool.find_pool(pool.id) is None
