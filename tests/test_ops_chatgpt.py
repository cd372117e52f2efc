"""What to paste into ChatGPT, and what the commands say when something is missing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import click
import pytest
from click.testing import CliRunner

from emulator.sample_data import CALLBACK_URLS, POOL_ID
from emulator.server import Emulator
from ops.__main__ import main
from tests.ops_commands import cognito, create_client, local_stage, ops

DOCUMENTATION = (Path(__file__).parent.parent / 'docs' / 'ops.md').read_text()


def commands(command: click.Command, *words: str) -> Iterator[tuple[str, ...]]:
    """Yield the words of a command and of those under it."""
    yield words
    if isinstance(command, click.Group):
        for name, child in command.commands.items():
            yield from commands(child, *words, name)


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    with local_stage() as emulator:
        yield emulator


def secret_of(emulator: Emulator) -> str:
    """Return the secret of the sample app client."""
    described = cognito(emulator).describe_user_pool_client(
        UserPoolId=POOL_ID, ClientId=emulator.client_id
    )
    return described['UserPoolClient']['ClientSecret']


def test_json_is_all_that_chatgpt_asks_for(emulator: Emulator) -> None:
    result = ops('chatgpt', '--json')

    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        'client_id': emulator.client_id,
        'client_secret': secret_of(emulator),
        'authorization_url': f'{emulator.url}/oauth2/authorize',
        'token_url': f'{emulator.url}/oauth2/token',
        'scope': 'openid email profile',
        'token_exchange_method': 'Default (POST request)',
        'callback_urls': CALLBACK_URLS,
        'api_url': 'http://localhost:8000',
        'openapi_command': 'python openapi_export.py --stage local',
    }


def test_text_has_the_fields_in_the_order_of_the_editor(emulator: Emulator) -> None:
    lines = ops('chatgpt').stdout.splitlines()

    assert [line.strip() for line in lines[1:8]] == [
        'Authentication type    OAuth',
        f'Client ID              {emulator.client_id}',
        'Client Secret          (add --show-secret)',
        f'Authorization URL      {emulator.url}/oauth2/authorize',
        f'Token URL              {emulator.url}/oauth2/token',
        'Scope                  openid email profile',
        'Token Exchange Method  Default (POST request)',
    ]
    assert '  python openapi_export.py --stage local' in lines
    assert {f'  {url}' for url in CALLBACK_URLS} < set(lines)
    assert lines[-1].startswith('  python -m ops callback add https://chatgpt.com/aip/g-')


def test_secret_is_shown_only_when_asked_for(emulator: Emulator) -> None:
    assert secret_of(emulator) not in ops('chatgpt').output
    assert f'Client Secret          {secret_of(emulator)}' in ops('chatgpt', '--show-secret').stdout


def test_scope_is_what_the_client_allows_of_the_api(emulator: Emulator) -> None:
    client = create_client(
        emulator,
        'narrow',
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=['code'],
        AllowedOAuthScopes=['phone', 'email', 'openid'],
    )

    result = ops('chatgpt', '--json', '--client', client)

    assert json.loads(result.stdout)['scope'] == 'openid email'


def test_names_all_that_is_missing(emulator: Emulator) -> None:
    create_client(emulator, 'bare', GenerateSecret=False)

    result = ops('chatgpt', '--client', 'bare')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'The app client bare has no secret' in result.stderr
    assert 'does not allow the authorization code grant' in result.stderr
    assert "allows none of the API's scopes" in result.stderr


@pytest.fixture
def deployed(emulator: Emulator) -> Iterator[Emulator]:
    """A stage dev whose AWS is reached as any AWS is, with the emulator answering for it."""
    arn = f'arn:aws:cognito-idp:us-east-1:123456789012:userpool/{POOL_ID}'
    with mock.patch.dict(
        os.environ, AWS_ENDPOINT_URL=emulator.url, COGNITO_USER_POOL_ARN=arn, AWS_REGION='us-east-1'
    ):
        yield emulator


API = 'https://abc123.execute-api.us-east-1.amazonaws.com/dev'


@pytest.mark.usefixtures('deployed')
def test_on_aws_people_sign_in_at_the_domain_of_the_pool() -> None:
    result = ops('chatgpt', '--json', '--url', API, stage='dev')

    connection = json.loads(result.stdout)
    domain = 'https://middleware-local.auth.us-east-1.amazoncognito.com'
    assert connection['authorization_url'] == f'{domain}/oauth2/authorize'
    assert connection['token_url'] == f'{domain}/oauth2/token'
    assert connection['api_url'] == API
    assert connection['openapi_command'] == f'python openapi_export.py --stage dev --url {API}'


def test_custom_domain_goes_first(deployed: Emulator) -> None:
    admin = cognito(deployed)
    admin.delete_user_pool_domain(UserPoolId=POOL_ID, Domain='middleware-local')
    certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/1'
    admin.create_user_pool_domain(
        UserPoolId=POOL_ID,
        Domain='auth.example.com',
        CustomDomainConfig={'CertificateArn': certificate},
    )

    result = ops('chatgpt', '--json', '--url', 'https://api.example.com', stage='dev')

    connection = json.loads(result.stdout)
    assert connection['authorization_url'] == 'https://auth.example.com/oauth2/authorize'
    assert result.stderr == ''


def test_pool_without_a_domain_is_told(deployed: Emulator) -> None:
    cognito(deployed).delete_user_pool_domain(UserPoolId=POOL_ID, Domain='middleware-local')

    result = ops('chatgpt', '--url', API, stage='dev')

    assert result.exit_code == 1
    assert 'aws cognito-idp create-user-pool-domain' in result.stderr


@pytest.mark.usefixtures('deployed')
def test_warns_when_domains_differ() -> None:
    result = ops('chatgpt', '--json', '--url', API, stage='dev')

    assert result.exit_code == 0
    assert 'amazonaws.com' in result.stderr
    assert 'amazoncognito.com' in result.stderr
    assert json.loads(result.stdout)['api_url'] == API


@pytest.mark.parametrize('words', list(commands(main)), ids=' '.join)
def test_help_has_an_example_and_the_documentation_too(words: tuple[str, ...]) -> None:
    result = CliRunner().invoke(main, [*words, '--help'])

    command = ' '.join(['python -m ops', *words])
    assert result.exit_code == 0
    assert f'Example: {command}' in ' '.join(result.stdout.split())
    assert command in DOCUMENTATION


@pytest.mark.parametrize('command', [['chatgpt'], ['callback', 'list'], ['user', 'add', 'a@b.org']])
def test_says_that_nothing_answers(command: list[str]) -> None:
    with mock.patch.dict(os.environ, EMULATOR_PORT='9'):
        result = ops(*command)

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr == 'Error: Nothing answers at http://localhost:9: start `make dev`.\n'


def test_unknown_stage_is_one_clear_line() -> None:
    result = ops('chatgpt', stage='staging')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr.startswith('Error: There is no stage staging in .chalice/config.json')
    assert len(result.stderr.splitlines()) == 1
