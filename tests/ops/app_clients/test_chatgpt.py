"""What to paste into ChatGPT, and what the commands say when something is missing."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import boto3
import click
import pytest
from click.testing import CliRunner

from emulator.sample.data import CALLBACK_URLS, POOL_ID
from emulator.server import Emulator
from openapi_lint import lint
from ops.__main__ import main
from tests.support.stages.ops_commands import cognito, create_client, local_stage, ops

DOCUMENTATION = (Path(__file__).parent.parent.parent.parent / 'docs' / 'ops.md').read_text()


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


@pytest.mark.usefixtures('emulator')
def test_says_that_chatgpt_cannot_reach_this_machine() -> None:
    assert 'python -m ops try postSuccess --stage local' in ops('chatgpt').stderr
    assert ops('chatgpt', '--json').stderr == ''


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


@pytest.mark.usefixtures('emulator')
@pytest.mark.parametrize('command', [('chatgpt',), ('callback', 'list'), ('doctor',)])
def test_setting_that_cannot_be_used_is_named(command: tuple[str, ...]) -> None:
    os.environ['COGNITO_CLIENT_IDS'] = ','

    result = ops(*command)

    assert result.exit_code == 1
    assert 'COGNITO_CLIENT_IDS is not set: it has a value that names no app client' in result.output
    assert 'this check itself failed' not in result.output


def test_names_all_that_is_missing(emulator: Emulator) -> None:
    create_client(emulator, 'bare', GenerateSecret=False)

    result = ops('chatgpt', '--client', 'bare')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'The app client bare has no secret' in result.stderr
    assert 'does not allow the authorization code grant' in result.stderr
    assert "allows none of the API's scopes" in result.stderr


API = 'https://abc123.execute-api.us-east-1.amazonaws.com/dev'
DOMAIN = 'https://middleware-local.auth.us-east-1.amazoncognito.com'
ARN = f'arn:aws:cognito-idp:us-east-1:123456789012:userpool/{POOL_ID}'


@pytest.fixture
def on_aws(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A stage dev on AWS, as far as it can tell, with the emulator answering as Cognito."""
    monkeypatch.setenv('AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER', emulator.url)
    monkeypatch.setenv('COGNITO_USER_POOL_ARN', ARN)
    monkeypatch.setenv('COGNITO_DOMAIN_URL', DOMAIN)
    return emulator


def use_custom_domain(emulator: Emulator, domain: str) -> None:
    """Give the pool a domain of one's own."""
    admin = cognito(emulator)
    admin.delete_user_pool_domain(UserPoolId=POOL_ID, Domain='middleware-local')
    certificate = 'arn:aws:acm:us-east-1:123456789012:certificate/1'
    admin.create_user_pool_domain(
        UserPoolId=POOL_ID, Domain=domain, CustomDomainConfig={'CertificateArn': certificate}
    )


@pytest.mark.parametrize(
    ('api', 'domain', 'sign_in'),
    [
        (API, None, API),
        ('https://api.example.com', None, 'https://api.example.com'),
        ('https://api.example.com', 'auth.example.com', 'https://auth.example.com'),
        ('https://api.example.co.uk/v1', 'auth.example.co.uk', 'https://auth.example.co.uk'),
        ('https://api.example.com', 'auth.example.org', 'https://api.example.com'),
        (API, 'auth.example.com', API),
    ],
)
def test_people_sign_in_where_chatgpt_takes_it(
    on_aws: Emulator, api: str, domain: str | None, sign_in: str
) -> None:
    if domain:
        use_custom_domain(on_aws, domain)

    result = ops('chatgpt', '--json', '--url', f'{api}/', stage='dev')

    connection = json.loads(result.stdout)
    assert connection['authorization_url'] == f'{sign_in}/oauth2/authorize'
    assert connection['token_url'] == f'{sign_in}/oauth2/token'
    assert connection['api_url'] == api
    assert connection['openapi_command'] == f'python openapi_export.py --stage dev --url {api}/'
    document = {'servers': [{'url': api}]}
    urls = {'authorization_url': connection['authorization_url'], 'token_url': sign_in}
    assert 'oauth-domain' not in [finding.rule for finding in lint(document, **urls)]


@pytest.mark.usefixtures('on_aws')
@pytest.mark.parametrize('value', [None, '', 'middleware-local'])
def test_api_that_cannot_sign_people_in_is_reported(
    value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('COGNITO_DOMAIN_URL')
    if value is not None:
        monkeypatch.setenv('COGNITO_DOMAIN_URL', value)

    result = ops('chatgpt', '--url', API, stage='dev')

    assert (result.exit_code, result.stdout) == (1, '')
    assert f'no sign-in at {DOMAIN} for an API at {API}' in result.stderr
    assert 'COGNITO_DOMAIN_URL' in result.stderr
    assert 'python -m ops up --stage dev sets it: then deploy.' in result.stderr


def test_custom_domains_need_no_setting(on_aws: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('COGNITO_DOMAIN_URL')
    use_custom_domain(on_aws, 'auth.example.com')

    result = ops('chatgpt', '--url', 'https://api.example.com', stage='dev')

    assert result.exit_code == 0
    assert 'Authorization URL      https://auth.example.com/oauth2/authorize' in result.stdout
    assert result.stderr == ''


def test_pool_without_a_domain_is_reported(on_aws: Emulator) -> None:
    cognito(on_aws).delete_user_pool_domain(UserPoolId=POOL_ID, Domain='middleware-local')

    result = ops('chatgpt', '--url', API, stage='dev')

    assert result.exit_code == 1
    assert 'has no domain' in result.stderr
    assert 'python -m ops up --stage dev gives it one' in result.stderr


def test_app_client_of_the_stack_is_meant_whatever_its_name(
    on_aws: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        'AllowedOAuthFlowsUserPoolClient': True,
        'AllowedOAuthFlows': ['code'],
        'AllowedOAuthScopes': ['openid'],
    }
    ids = [create_client(on_aws, name, **settings) for name in ('Ours', 'Theirs')]
    monkeypatch.setenv('COGNITO_CLIENT_IDS', ','.join(ids))
    monkeypatch.setenv('AWS_ENDPOINT_URL_CLOUDFORMATION', on_aws.url)
    cloudformation = boto3.client('cloudformation', endpoint_url=on_aws.url)
    unclear = ops('chatgpt', '--json', '--url', API, stage='dev')
    template = {
        'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}},
        'Outputs': {'UserPoolClientId': {'Value': ids[1]}},
    }
    cloudformation.create_stack(
        StackName='aws-middleware-dev-resources', TemplateBody=json.dumps(template)
    )
    cloudformation.get_waiter('stack_create_complete').wait(
        StackName='aws-middleware-dev-resources', WaiterConfig={'Delay': 0, 'MaxAttempts': 1_000}
    )

    result = ops('chatgpt', '--json', '--url', API, stage='dev')

    assert (unclear.exit_code, 'pass --client ID_OR_NAME' in unclear.stderr) == (1, True)
    assert json.loads(result.stdout)['client_id'] == ids[1]


@pytest.mark.usefixtures('on_aws')
def test_emulated_stage_signs_in_at_the_emulator(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('AWS_ENDPOINT_URL', emulator.url)
    api = f'{emulator.url}/execute-api/abc123/dev'

    connection = json.loads(ops('chatgpt', '--json', '--url', api, stage='dev').stdout)

    assert connection['authorization_url'] == f'{emulator.url}/oauth2/authorize'
    assert connection['api_url'] == api


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
