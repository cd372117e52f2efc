"""`--mcp`: what to paste into ChatGPT's form for a plugin, and an operation called as a tool."""

import json
import os
import socket
import webbrowser
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from click.testing import Result
from werkzeug.wrappers import Request, Response

from app import app
from chalicelib import observability
from emulator.api_gateway import local_api
from emulator.sample.data import CLIENT_NAME, MCP_CALLBACK_URLS, MCP_CLIENT_NAME, POOL_ID
from emulator.server import Emulator
from ops.app_clients import app_client
from ops.trying import try_operation
from ops.trying.limits import Received
from ops.trying.mcp_client import McpClient, McpFailed
from tests.support.capability import needs
from tests.support.people.person import Browser
from tests.support.raw_http import serving
from tests.support.stages.ops_commands import cognito, create_client, local_stage, ops

SUCCESS = '{\n  "success": true\n}\n'
API = 'https://abc123.execute-api.us-east-1.amazonaws.com/dev'


@pytest.fixture(scope='module')
def emulator() -> Iterator[Emulator]:
    with local_stage() as emulator:
        os.environ['AWS_ENDPOINT_URL'] = emulator.url
        yield emulator


@pytest.fixture(scope='module')
def api_url(emulator: Emulator) -> Iterator[str]:
    """The app behind an API Gateway that knows the emulator's pool."""
    assert emulator
    # Its log goes to standard output, which elsewhere is another process's.
    with mock.patch.object(observability, '_write'), serving(local_api.gateway(app)) as url:
        yield url.replace('127.0.0.1', 'localhost')


@pytest.fixture(scope='module')
def mcp_client(emulator: Emulator) -> Any:
    """The app client of MCP clients."""
    return app_client.find(cognito(emulator), POOL_ID, MCP_CLIENT_NAME)


@pytest.fixture(scope='module')
def port(mcp_client: Any) -> int:
    """A port whose callback URL is registered with it."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
    url = f'http://localhost:{found}/callback'
    assert ops('callback', 'add', url, '--client', mcp_client['ClientId']).exit_code == 0
    return found


def test_json_is_all_that_a_plugin_asks_for(emulator: Emulator, mcp_client: Any) -> None:
    result = ops('chatgpt', '--mcp', '--json', '--url', 'http://localhost:8000')

    found = json.loads(result.stdout)
    assert set(MCP_CALLBACK_URLS) <= set(found.pop('callback_urls'))
    assert found == {
        'server_url': 'http://localhost:8000/mcp',
        'client_id': mcp_client['ClientId'],
        'client_secret': mcp_client['ClientSecret'],
        'token_endpoint_auth_method': 'client_secret_post',
        'authorization_url': f'{emulator.url}/oauth2/authorize',
        'token_url': f'{emulator.url}/oauth2/token',
        'scope': 'openid email profile',
    }


def test_text_has_the_fields_in_the_order_of_the_form(emulator: Emulator, mcp_client: Any) -> None:
    result = ops('chatgpt', '--mcp')

    lines = [line.strip() for line in result.stdout.splitlines()]
    assert lines[1:4] == [
        'Connection                  Server URL',
        'Server URL                  http://localhost:8000/mcp',
        'Authentication              OAuth',
    ]
    assert lines[5:13] == [
        'Registration method         User-Defined OAuth Client',
        f'OAuth Client ID             {mcp_client["ClientId"]}',
        'OAuth Client Secret         (add --show-secret)',
        'Token endpoint auth method  client_secret_post',
        'Default scopes              openid email profile',
        f'Auth URL                    {emulator.url}/oauth2/authorize',
        f'Token URL                   {emulator.url}/oauth2/token',
        'Resource                    http://localhost:8000/mcp',
    ]
    assert set(MCP_CALLBACK_URLS) <= set(lines)
    assert result.stderr.endswith('python -m ops try postSuccess --stage local --mcp\n')


def test_secret_is_shown_only_when_asked_for(emulator: Emulator, mcp_client: Any) -> None:
    assert emulator
    secret = mcp_client['ClientSecret']
    assert secret not in ops('chatgpt', '--mcp').output
    assert secret in ops('chatgpt', '--mcp', '--show-secret').stdout


def test_callback_is_registered_by_the_command_that_is_printed(emulator: Emulator) -> None:
    printed = ops('chatgpt', '--mcp').stdout.splitlines()[-1].split()
    command = printed[printed.index('ops') + 1 :]

    result = ops(*[word for word in command if word not in ('--stage', 'local')])

    url = command[2]
    client = app_client.find(cognito(emulator), POOL_ID, MCP_CLIENT_NAME)
    assert (result.exit_code, result.stdout) == (0, f'Added to {MCP_CLIENT_NAME}: {url}\n')
    assert url in client['CallbackURLs']


@pytest.mark.parametrize('path', ['connector/oauth/AbC-1_2', 'connector_platform_oauth_redirect'])
def test_callback_of_a_plugin_goes_to_the_app_client_for_mcp(path: str, emulator: Emulator) -> None:
    url = f'https://chatgpt.com/{path}'

    def registered(name: str) -> bool:
        return url in app_client.find(cognito(emulator), POOL_ID, name)['CallbackURLs']

    ops('callback', 'add', url)
    added = registered(MCP_CLIENT_NAME), registered(CLIENT_NAME)
    ops('callback', 'remove', url)

    assert (added, registered(MCP_CLIENT_NAME)) == ((True, False), False)


@pytest.mark.usefixtures('emulator')
def test_host_of_the_sign_in_may_be_any() -> None:
    # ChatGPT asks for one root domain in a GPT only.
    with mock.patch.dict(os.environ):
        os.environ.pop('COGNITO_DOMAIN_URL', None)
        os.environ['COGNITO_USER_POOL_ARN'] = (
            f'arn:aws:cognito-idp:us-east-1:123456789012:userpool/{POOL_ID}'
        )
        result = ops('chatgpt', '--mcp', '--json', '--url', API, stage='dev')

    assert (result.exit_code, result.stderr) == (0, '')
    assert json.loads(result.stdout)['server_url'] == f'{API}/mcp'


@pytest.mark.usefixtures('emulator')
def test_urls_are_those_of_the_api_where_it_gives_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('MCP_AUTHORIZATION_SERVER', 'api')

    found = json.loads(ops('chatgpt', '--mcp', '--json').stdout)

    assert (found['authorization_url'], found['token_url']) == (
        'http://localhost:8000/oauth2/authorize',
        'http://localhost:8000/oauth2/token',
    )


@pytest.mark.usefixtures('emulator')
def test_unknown_authorization_server_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv('MCP_AUTHORIZATION_SERVER', 'https://auth.example.com')

    result = ops('chatgpt', '--mcp')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr.startswith('Error: MCP_AUTHORIZATION_SERVER is not set: ')


def test_names_all_that_is_missing(emulator: Emulator) -> None:
    create_client(emulator, 'bare', GenerateSecret=False)

    result = ops('chatgpt', '--mcp', '--client', 'bare')

    assert (result.exit_code, result.stdout) == (1, '')
    assert 'No MCP client can sign anybody in yet' in result.stderr
    assert 'The app client bare has no secret' in result.stderr
    assert 'does not allow the authorization code grant' in result.stderr


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    browser = Browser()
    monkeypatch.setattr(webbrowser, 'open', browser.open)
    yield browser
    browser.close()


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which tokens are kept."""
    monkeypatch.setattr(try_operation, 'KEPT_TOKENS', tmp_path / 'tokens')
    return tmp_path / 'tokens'


@pytest.fixture
def call(api_url: str, port: int, tokens: Path, tmp_path: Path) -> Callable[..., Result]:
    """Call a tool with some options."""
    assert tokens

    def call(*options: str) -> Result:
        folder = ['--output-dir', str(tmp_path / 'files')]
        return ops('try', '--mcp', '--url', api_url, '--port', str(port), *folder, *options)

    return call


def test_first_call_signs_in_as_an_mcp_client_does(
    call: Callable[..., Result], browser: Browser, tokens: Path, api_url: str, mcp_client: Any
) -> None:
    result = call('postSuccess')
    again = call('postSuccess')

    (url,) = browser.visited
    asked = dict(parse_qsl(urlsplit(url).query))
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        SUCCESS,
        f'Sign in at:\n{url}\n',
    )
    assert asked['client_id'] == mcp_client['ClientId']
    assert asked['code_challenge_method'] == 'S256'
    assert asked['resource'] == f'{api_url}/mcp'
    assert (again.exit_code, again.output) == (0, SUCCESS)
    assert [file.name for file in tokens.iterdir()] == ['local-mcp.json']


@pytest.mark.parametrize('exchange', ['post', 'basic'])
def test_expired_token_is_refreshed(
    exchange: str, call: Callable[..., Result], browser: Browser, tokens: Path
) -> None:
    options = ['postSuccess', '--token-exchange', exchange]
    call(*options)
    file = tokens / 'local-mcp.json'
    kept = json.loads(file.read_text())
    kept['token'] |= {'access_token': 'too-old', 'expires_at': 1}
    file.write_text(json.dumps(kept))

    result = call(*options)

    assert (result.exit_code, result.output) == (0, SUCCESS)
    assert len(browser.visited) == 1


@needs('documents')
def test_files_that_are_linked_to_are_saved(
    call: Callable[..., Result], browser: Browser, tmp_path: Path
) -> None:
    result = call('getDocumentFiles', '--body', '{"keys": ["shared/handbook.txt"]}')

    assert browser.visited
    assert json.loads(result.stdout)['openaiFileResponse']
    assert result.stderr.endswith(f'Saved {tmp_path / "files" / "handbook.txt"}\n')
    assert (tmp_path / 'files' / 'handbook.txt').stat().st_size > 1000


@needs('documents')
def test_parameters_are_arguments_of_the_right_type(
    call: Callable[..., Result], browser: Browser
) -> None:
    result = call('readDocument', '--param', 'key=shared/handbook.txt', '--param', 'page=2')
    wrong = call('readDocument', '--param', 'key=shared/handbook.txt', '--param', 'page=two')

    assert len(browser.visited) == 1
    assert json.loads(result.stdout)['page'] == 2
    assert wrong.exit_code == 1
    assert 'page' in json.loads(wrong.stdout)['Message']
    assert wrong.stderr.endswith('Error: readDocument answered with an error.\n')


@needs('documents')
def test_error_of_a_tool_is_printed(call: Callable[..., Result], browser: Browser) -> None:
    result = call('readDocument', '--param', 'key=nowhere.txt')

    assert browser.visited
    assert result.exit_code == 1
    assert json.loads(result.stdout)['Code'] == 'DocumentNotFound'


@pytest.mark.usefixtures('tokens')
@pytest.mark.parametrize(
    ('arguments', 'said'),
    [
        (['deleteAll'], 'No operation deleteAll. There are: postSuccess'),
        (['postSuccess', '--param', 'a=b'], 'No parameter a. There are: none.'),
        pytest.param(['readDocument'], 'The parameter key is missing', marks=needs('documents')),
        pytest.param(
            ['startWorkflow', '--body', '{"input_json": "{}"}'],
            'pass --yes',
            marks=needs('workflows'),
        ),
    ],
)
def test_wrong_call_is_reported_before_anybody_signs_in(
    arguments: list[str], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('EMULATOR_PORT', '9')  # where nothing answers

    result = ops('try', *arguments, '--mcp')

    assert (result.exit_code, result.stdout) == (1, '')
    assert said in result.stderr


@needs('workflows')
@pytest.mark.usefixtures('tokens', 'emulator')
def test_tool_and_its_arguments_are_shown_before_something_changes() -> None:
    result = ops('try', 'startWorkflow', '--mcp', '--body', '{"input_json": "{}"}')

    assert (result.exit_code, result.stdout) == (1, '')
    assert result.stderr.startswith(
        'This may change something: the tool startWorkflow\n{"input_json": "{}"}\n'
    )


@pytest.mark.usefixtures('tokens')
def test_callback_has_to_be_registered(emulator: Emulator, mcp_client: Any) -> None:
    assert emulator

    result = ops('try', 'postSuccess', '--mcp', '--port', '9')

    assert result.exit_code == 1
    assert result.stderr.endswith(
        'python -m ops callback add http://localhost:9/callback --stage local '
        f'--client {mcp_client["ClientId"]}\n'
    )


def result_of(result: object) -> str:
    """Return the answer that holds a result."""
    return json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': result})


@pytest.fixture(scope='module')
def odd_server() -> Iterator[tuple[str, list[Response]]]:
    """A server that shakes hands and then gives the last of the answers."""
    answers: list[Response] = []

    @Request.application
    def server(request: Request) -> Response:
        method = request.get_json()['method']
        if method == 'initialize':
            return Response(result_of({'protocolVersion': '2025-11-25'}))
        return answers[-1] if method == 'tools/call' else Response(status=202)

    with serving(server) as url:
        yield url.replace('127.0.0.1', 'localhost'), answers


def send(request: requests.Request) -> tuple[Received, str]:
    """Send a request without a token."""
    with requests.Session() as session:
        answer = session.send(request.prepare(), timeout=10)
        return Received(answer.status_code, Message(), answer.content), answer.text


@pytest.mark.parametrize(
    ('body', 'status', 'said'),
    [
        ('<html>', 200, 'The answer to tools/call is no JSON-RPC: <html>'),
        ('', 200, 'is no JSON-RPC'),
        ('[]', 200, 'is no JSON-RPC'),
        ('[' * 100_000, 200, 'is no JSON-RPC'),
        ('{"jsonrpc": "2.0"}', 200, 'is no JSON-RPC'),
        ('{"error": "x"}', 200, 'is no JSON-RPC'),
        ('{"error": {"code": 1}}', 200, 'is no JSON-RPC'),
        (result_of([]), 200, 'holds no result'),
        ('{"jsonrpc": "2.0", "error": {"message": "Unknown tool"}}', 404, 'refused: Unknown tool'),
        ('{"message": "Forbidden"}', 403, '/mcp answered 403: {"message": "Forbidden"}'),
        ('event: message', 500, '/mcp answered 500: event: message'),
    ],
)
def test_odd_answer_is_reported(
    body: str, status: int, said: str, odd_server: tuple[str, list[Response]]
) -> None:
    url, answers = odd_server
    answers.append(Response(body, status))

    with pytest.raises(McpFailed) as failed:
        McpClient(f'{url}/mcp', send).call_tool('postSuccess', {})

    assert said in failed.value.message
    assert len(failed.value.message) < 400


@pytest.fixture
def answered(
    odd_server: tuple[str, list[Response]], emulator: Emulator, tokens: Path, mcp_client: Any
) -> Callable[[str], Result]:
    """Call a tool with a token that is kept, of a server that answers oddly."""
    assert emulator
    tokens.mkdir()
    kept = {'access_token': 'kept', 'expires_at': 10**11}
    (tokens / 'local-mcp.json').write_text(
        json.dumps({'client_id': mcp_client['ClientId'], 'token': kept})
    )
    url, answers = odd_server

    def answered(body: str) -> Result:
        answers.append(Response(body))
        return ops('try', 'postSuccess', '--mcp', '--url', url)

    return answered


LINK = {'type': 'resource_link'}


@pytest.mark.parametrize(
    ('body', 'said'),
    [
        ('{"error": {"message": "\\u001b[31m"}}', r'refused: \u001b[31m'),
        (result_of({'content': [], 'isError': True}), 'postSuccess answered with an error.'),
        (
            result_of({'content': [LINK | {'uri': 'http://a.example/'}]}),
            'file 1 of 1 has no https URL.',
        ),
        (result_of({'content': [LINK]}), 'file 1 of 1 is neither a URL nor an object'),
    ],
)
def test_odd_answer_ends_it_with_one_clear_line(
    body: str, said: str, answered: Callable[[str], Result]
) -> None:
    result = answered(body)

    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize('result', [{}, {'content': 1}, {'content': [1, {'type': 'x'}]}])
def test_result_without_content_is_printed_as_nothing(
    result: object, answered: Callable[[str], Result]
) -> None:
    printed = answered(result_of(result))

    assert (printed.exit_code, printed.output) == (0, 'null\n')
