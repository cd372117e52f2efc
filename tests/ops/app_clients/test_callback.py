"""The callback URLs of the app client, and that nothing else of it is ever touched."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.sample.data import CALLBACK_URLS, CLIENT_NAME, POOL_ID
from emulator.server import Emulator
from tests.support.stages.ops_commands import cognito, create_client, local_stage, ops

CHATGPT = 'https://chatgpt.com/aip/g-1a2b/oauth/callback'
OPENAI = 'https://chat.openai.com/aip/g-1a2b/oauth/callback'
EVERY_SETTING = {
    'RefreshTokenValidity': 5,
    'AccessTokenValidity': 15,
    'IdTokenValidity': 20,
    'TokenValidityUnits': {'AccessToken': 'minutes', 'IdToken': 'minutes', 'RefreshToken': 'days'},
    'ReadAttributes': ['email', 'name'],
    'WriteAttributes': ['name'],
    'ExplicitAuthFlows': ['ALLOW_USER_SRP_AUTH'],
    'SupportedIdentityProviders': ['COGNITO'],
    'CallbackURLs': ['https://example.com/a', 'https://example.com/b'],
    'LogoutURLs': ['https://example.com/out'],
    'DefaultRedirectURI': 'https://example.com/a',
    'AllowedOAuthFlows': ['code'],
    'AllowedOAuthScopes': ['openid'],
    'AllowedOAuthFlowsUserPoolClient': True,
    'AnalyticsConfiguration': {
        'ApplicationArn': 'arn:aws:mobiletargeting:us-east-1:123456789012:apps/1',
        'UserDataShared': True,
    },
    'PreventUserExistenceErrors': 'ENABLED',
    'EnableTokenRevocation': False,
    'EnablePropagateAdditionalUserContextData': True,
    'AuthSessionValidity': 7,
    'RefreshTokenRotation': {'Feature': 'ENABLED', 'RetryGracePeriodSeconds': 30},
}


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An emulator whose UpdateUserPoolClient resets what is left out, as Cognito's does."""
    with local_stage() as emulator:
        yield emulator


def describe(emulator: Emulator, client_id: str) -> dict[str, Any]:
    """Return every setting of an app client."""
    described = cognito(emulator).describe_user_pool_client(UserPoolId=POOL_ID, ClientId=client_id)
    return dict(described['UserPoolClient'])


def test_add_registers_both_forms_of_chatgpt(emulator: Emulator) -> None:
    result = ops('callback', 'add', CHATGPT)

    assert (result.exit_code, result.stdout) == (
        0,
        f'Added to {CLIENT_NAME}: {CHATGPT}\nAdded to {CLIENT_NAME}: {OPENAI}\n',
    )
    assert describe(emulator, emulator.client_id)['CallbackURLs'] == [
        *CALLBACK_URLS,
        CHATGPT,
        OPENAI,
    ]


def test_add_twice_changes_nothing(emulator: Emulator) -> None:
    ops('callback', 'add', OPENAI)
    before = describe(emulator, emulator.client_id)

    result = ops('callback', 'add', CHATGPT)

    assert result.stdout.splitlines() == [
        f'Registered already with {CLIENT_NAME}: {CHATGPT}',
        f'Registered already with {CLIENT_NAME}: {OPENAI}',
    ]
    assert describe(emulator, emulator.client_id) == before


def test_add_completes_a_pair(emulator: Emulator) -> None:
    client = create_client(emulator, 'half', CallbackURLs=[OPENAI])

    result = ops('callback', 'add', CHATGPT, '--client', client)

    assert result.stdout == (f'Added to half: {CHATGPT}\nRegistered already with half: {OPENAI}\n')
    assert describe(emulator, client)['CallbackURLs'] == [OPENAI, CHATGPT]


@pytest.mark.parametrize(
    ('verb', 'url', 'left'),
    [
        ('add', CHATGPT, ['https://example.com/a', 'https://example.com/b', CHATGPT, OPENAI]),
        ('remove', 'https://example.com/b', ['https://example.com/a']),
    ],
)
def test_other_settings_stay(emulator: Emulator, verb: str, url: str, left: list[str]) -> None:
    update = cognito(emulator).meta.service_model.operation_model('UpdateUserPoolClient')
    identity = {'UserPoolId', 'ClientId', 'ClientName'}
    assert set(EVERY_SETTING) == set(update.input_shape.members) - identity  # type: ignore[union-attr]
    client = create_client(emulator, 'full', **EVERY_SETTING)
    before = describe(emulator, client)

    result = ops('callback', verb, url, '--client', 'full')

    assert result.exit_code == 0
    assert describe(emulator, client) == before | {'CallbackURLs': left}
    assert before.items() >= EVERY_SETTING.items()


def test_remove_takes_both_forms_of_chatgpt(emulator: Emulator) -> None:
    ops('callback', 'add', CHATGPT)

    result = ops('callback', 'remove', OPENAI)

    assert (result.exit_code, result.stdout) == (
        0,
        f'Removed from {CLIENT_NAME}: {CHATGPT}\nRemoved from {CLIENT_NAME}: {OPENAI}\n',
    )
    assert describe(emulator, emulator.client_id)['CallbackURLs'] == CALLBACK_URLS


@pytest.mark.usefixtures('emulator')
@pytest.mark.parametrize('url', [CHATGPT, 'http://['])
def test_removing_what_is_not_there_says_so(url: str) -> None:
    result = ops('callback', 'remove', url)

    assert result.exit_code == 0
    assert result.stdout == f'Not registered, so nothing to remove: {url}\n'


@pytest.mark.usefixtures('emulator')
def test_list_prints_one_a_line() -> None:
    assert ops('callback', 'list').stdout.splitlines() == CALLBACK_URLS


def test_last_one_stays_while_people_sign_in(emulator: Emulator) -> None:
    url = 'https://example.com/only'
    on = {'AllowedOAuthFlowsUserPoolClient': True, 'AllowedOAuthFlows': ['code']}
    client = create_client(emulator, 'only', CallbackURLs=[url], **on)

    result = ops('callback', 'remove', url, '--client', client)

    assert result.exit_code == 1
    assert 'It is the last one' in result.stderr
    assert describe(emulator, client)['CallbackURLs'] == [url]


def test_default_stays(emulator: Emulator) -> None:
    client = create_client(emulator, 'full', **EVERY_SETTING)

    result = ops('callback', 'remove', 'https://example.com/a', '--client', client)

    assert result.exit_code == 1
    assert 'https://example.com/a is the default redirect URI' in result.stderr
    assert describe(emulator, client)['CallbackURLs'] == EVERY_SETTING['CallbackURLs']


def test_takes_a_hundred_and_no_more(emulator: Emulator) -> None:
    urls = [f'https://example.com/{i}' for i in range(98)]
    client = create_client(emulator, 'many', CallbackURLs=urls)

    assert ops('callback', 'add', CHATGPT, '--client', client).exit_code == 0
    result = ops('callback', 'add', 'https://example.com/more', '--client', client)

    assert result.exit_code == 1
    assert 'at most 100 callback URLs and 100 are registered' in result.stderr


@pytest.mark.parametrize(
    ('url', 'problem'),
    [
        ('http://example.com/callback', 'must begin with https://'),
        ('http://127.0.0.2:8765/callback', 'must begin with https://'),
        ('http://127.0.0.1.example.com/callback', 'must begin with https://'),
        ('chatgpt.com/aip/g-1/oauth/callback', 'must begin with https://'),
        ('javascript:alert(1)', 'must begin with https://'),
        ('https://', 'names no host'),
        ('https://example.com/callback#top', 'has a fragment'),
        ('https://example.com/callback#', 'has a fragment'),
        ('https://*.example.com/callback', 'has a wildcard'),
        ('https://exämple.com/callback', 'is not plain ASCII'),
        ('https://example.com/a b', 'holds a space'),
        ('https://example.com/a\nb', 'holds a space'),
        ('https://jane:secret@example.com/', 'holds a name or password'),
        ('https://Example.com/callback', 'has capitals in the host'),
        ('https://example.com:99999/', 'is not a URL'),
        ('https://[::1/', 'is not a URL'),
        (f'https://example.com/{"a" * 1005}', 'is longer than 1024 characters'),
        ('https://chatgpt.com/g/g-1a2b-my-gpt', 'is a page of ChatGPT'),
        ('https://chatgpt.com/gpts/editor/g-1a2b', 'is a page of ChatGPT'),
        ('https://chat.openai.com/aip/g-1a2b/oauth/callback/', 'is a page of ChatGPT'),
    ],
)
def test_refuses_url(url: str, problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('EMULATOR_PORT', '9')  # where nothing answers

    result = ops('callback', 'add', url)

    assert (result.exit_code, result.stdout) == (1, '')
    assert problem in result.stderr


@pytest.mark.parametrize(
    'url',
    [
        'http://localhost:9000/callback',
        'http://127.0.0.1:33418',
        'http://[::1]:8080/callback',
        'https://example.com',
        f'https://example.com/{"a" * 1004}',
    ],
)
def test_registers_any_other_callback_once(emulator: Emulator, url: str) -> None:
    result = ops('callback', 'add', url)

    assert (result.exit_code, result.stdout) == (0, f'Added to {CLIENT_NAME}: {url}\n')
    assert describe(emulator, emulator.client_id)['CallbackURLs'] == [*CALLBACK_URLS, url]


def test_app_client_is_the_one_that_the_api_takes(emulator: Emulator) -> None:
    other = create_client(emulator, 'other', CallbackURLs=['https://example.com/other'])
    assert ops('callback', 'list').stdout.splitlines() == CALLBACK_URLS

    os.environ['COGNITO_CLIENT_IDS'] = other

    assert ops('callback', 'list').stdout == 'https://example.com/other\n'


def test_only_app_client_needs_no_name(emulator: Emulator) -> None:
    admin = cognito(emulator)
    for client in admin.list_user_pool_clients(UserPoolId=POOL_ID)['UserPoolClients']:
        admin.delete_user_pool_client(UserPoolId=POOL_ID, ClientId=client['ClientId'])
    create_client(emulator, 'other', CallbackURLs=['https://example.com/other'])

    assert ops('callback', 'list').stdout == 'https://example.com/other\n'


def test_lists_the_app_clients_when_it_cannot_tell(emulator: Emulator) -> None:
    cognito(emulator).delete_user_pool_client(UserPoolId=POOL_ID, ClientId=emulator.client_id)
    one, two = create_client(emulator, 'one'), create_client(emulator, 'two')

    for arguments in (['callback', 'list'], ['callback', 'list', '--client', 'three']):
        result = ops(*arguments)

        assert result.exit_code == 1
        assert 'pass --client ID_OR_NAME' in result.stderr
        assert f'one ({one})' in result.stderr
        assert f'two ({two})' in result.stderr
