"""An operation called as ChatGPT would, from the sign-in page to the answer."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import Result

from app import app
from chalicelib import observability
from chalicelib.operations.routes import operation_routes
from emulator.api_gateway import local_api
from emulator.server import Emulator
from openapi_document import build
from ops.__main__ import main
from ops.trying import person, try_operation
from tests.support import example_app
from tests.support.people.person import Browser
from tests.support.raw_http import serving
from tests.support.stages.ops_commands import local_stage, ops

ROOT = Path(__file__).parent.parent.parent.parent
SUCCESS = '{\n  "success": true\n}\n'


class Clock:
    """The emulator's clock, which may be slow."""

    def __init__(self) -> None:
        self.slow_seconds = 0

    def __call__(self) -> float:
        return time() - self.slow_seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def emulator(clock: Clock) -> Iterator[Emulator]:
    with local_stage(clock) as emulator:
        os.environ['AWS_ENDPOINT_URL'] = emulator.url
        yield emulator


@pytest.fixture
def api_url(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The app behind an API Gateway that knows the emulator's pool."""
    assert emulator
    # Its log goes to standard output, which elsewhere is another process's.
    monkeypatch.setattr(observability, '_write', lambda _: None)
    with serving(local_api.gateway(app)) as url:
        yield url.replace('127.0.0.1', 'localhost')


@pytest.fixture
def port(emulator: Emulator) -> int:
    """A port whose callback URL is registered."""
    assert emulator
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
    assert ops('callback', 'add', f'http://localhost:{found}/callback').exit_code == 0
    return found


@pytest.fixture
def browser(monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    browser = Browser()
    monkeypatch.setattr(webbrowser, 'open', browser.open)
    yield browser
    browser.close()


@pytest.fixture
def token_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the token is kept."""
    monkeypatch.setattr(try_operation, 'KEPT_TOKENS', tmp_path / 'tokens')
    return tmp_path / 'tokens' / 'local.json'


@pytest.fixture
def call(api_url: str, port: int, token_file: Path) -> Callable[..., Result]:
    """Call postSuccess with some options."""
    assert token_file

    def call(*options: str) -> Result:
        return ops('try', 'postSuccess', '--url', api_url, '--port', str(port), *options)

    return call


def change_kept_token(file: Path, **changes: Any) -> None:
    """Change the token that is kept."""
    kept = json.loads(file.read_text())
    kept['token'] |= changes
    file.write_text(json.dumps(kept))


def test_first_call_signs_in_through_the_pages(
    call: Callable[..., Result], browser: Browser, token_file: Path, port: int
) -> None:
    result = call()

    assert (result.exit_code, result.stdout) == (0, SUCCESS)
    (url,) = browser.visited
    asked = dict(parse_qsl(urlsplit(url).query))
    assert asked['redirect_uri'] == f'http://localhost:{port}/callback'
    assert 'code_challenge' not in asked
    assert result.stderr == f'Sign in at:\n{url}\n'
    assert stat.S_IMODE(token_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(token_file.parent.stat().st_mode) == 0o700


def test_second_call_needs_no_sign_in(call: Callable[..., Result], browser: Browser) -> None:
    call()

    result = call()

    assert (result.exit_code, result.output) == (0, SUCCESS)
    assert len(browser.visited) == 1


def test_sign_in_again_when_asked_to(call: Callable[..., Result], browser: Browser) -> None:
    call()

    result = call('--sign-in')

    assert (result.exit_code, result.stdout) == (0, SUCCESS)
    assert len(browser.visited) == 2


def test_secret_may_go_in_a_header(call: Callable[..., Result], browser: Browser) -> None:
    assert call('--token-exchange', 'basic').stdout == SUCCESS
    assert len(browser.visited) == 1


def test_expired_token_is_refreshed(
    call: Callable[..., Result], browser: Browser, token_file: Path
) -> None:
    call()
    change_kept_token(token_file, access_token='too-old', expires_at=time() - 1)

    result = call()

    assert (result.exit_code, result.output) == (0, SUCCESS)
    assert len(browser.visited) == 1
    assert json.loads(token_file.read_text())['token']['refresh_token']


def test_token_that_the_api_calls_expired_is_refreshed(
    call: Callable[..., Result], browser: Browser, clock: Clock
) -> None:
    clock.slow_seconds = 2 * 3600
    refused = call()
    assert (refused.exit_code, refused.stderr.splitlines()[-1]) == (
        1,
        'Error: postSuccess answered 401.',
    )
    assert json.loads(refused.stdout) == {'message': 'The incoming token has expired'}

    clock.slow_seconds = 0
    result = call()

    assert (result.exit_code, result.output) == (0, SUCCESS)
    assert len(browser.visited) == 1


def test_tokens_of_another_start_lead_to_a_sign_in(
    call: Callable[..., Result], browser: Browser, token_file: Path
) -> None:
    call()
    change_kept_token(token_file, access_token='a.b.c', refresh_token='unknown')

    result = call()

    assert (result.exit_code, result.stdout) == (0, SUCCESS)
    assert result.stderr.startswith('The last sign-in is over: sign in again.\n')
    assert len(browser.visited) == 2


@pytest.mark.parametrize('content', ['', '{', '[]', '{"client_id": "other", "token": {}}'])
def test_useless_token_file_is_replaced(
    call: Callable[..., Result], browser: Browser, token_file: Path, content: str
) -> None:
    token_file.parent.mkdir()
    token_file.write_text(content)

    assert call().stdout == SUCCESS
    assert call().output == SUCCESS
    assert len(browser.visited) == 1


def test_port_in_use_is_named(
    call: Callable[..., Result], browser: Browser, token_file: Path, port: int
) -> None:
    with socket.create_server(('127.0.0.1', port)):
        result = call()

    assert result.exit_code == 1
    assert result.stderr.startswith(f'Error: Cannot listen on port {port} (')
    assert browser.visited == []
    assert not token_file.exists()


def test_callback_has_to_be_registered(
    call: Callable[..., Result], browser: Browser, port: int
) -> None:
    url = f'http://localhost:{port}/callback'
    ops('callback', 'remove', url)

    result = call()

    assert result.exit_code == 1
    assert f'python -m ops callback add {url} --stage local --client ' in result.stderr
    assert browser.visited == []


def test_no_browser_prints_the_url_only(
    call: Callable[..., Result], browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed: list[str] = []

    def copy_into_browser(url: str) -> None:
        printed.append(url)
        browser.open(url)

    monkeypatch.setattr(person, '_print_url', copy_into_browser)
    monkeypatch.setattr(webbrowser, 'open', lambda _: pytest.fail('a browser was opened'))

    assert call('--no-browser').stdout == SUCCESS
    assert printed == browser.visited


@pytest.mark.parametrize(
    ('arguments', 'status', 'said'),
    [
        (['deleteAll'], 1, 'No operation deleteAll. There are: postSuccess'),
        (['postSuccess', '--param', 'a=b'], 1, 'No parameter a. There are: none.'),
        (['postSuccess', '--body', '{}'], 1, 'The operation takes no body'),
        (['postSuccess', '--body', '{'], 2, 'it is not JSON'),
        (['postSuccess', '--body', '[1]'], 2, 'it is not a JSON object'),
        (['postSuccess', '--body', r'{"a": "\ud800"}'], 2, 'it is not JSON'),
        (['postSuccess', '--body', '[' * 100_000], 2, 'it is not JSON'),
        (['postSuccess', '--param', 'a'], 2, 'give it as name=value'),
    ],
)
def test_wrong_call_is_reported_before_anything_is_asked(
    arguments: list[str], status: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv('EMULATOR_PORT', '9')  # where nothing answers

    result = ops('try', *arguments)

    assert (result.exit_code, result.stdout) == (status, '')
    assert said in result.stderr


@pytest.fixture
def with_notes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that has an operation which changes something."""
    document = build({}, 'http://localhost:9', operation_routes(example_app.app))
    monkeypatch.setattr(try_operation, 'stage_document', lambda _: document)
    monkeypatch.setenv('EMULATOR_PORT', '9')


ADD_NOTE = ['try', 'addNote', '--body', '{"title": "a"}', '--stage', 'local']


@pytest.mark.usefixtures('with_notes')
def test_consequential_operation_needs_somebody_to_allow_it() -> None:
    result = ops(*ADD_NOTE)

    assert result.exit_code == 1
    assert 'This may change something: POST http://localhost:9/notes' in result.stderr
    assert '{"title": "a"}' in result.stderr
    assert 'Nobody is there to allow it: pass --yes.' in result.stderr


@pytest.mark.usefixtures('with_notes')
@pytest.mark.parametrize(
    ('answer', 'said'),
    [('n', 'Not allowed, so not called.'), ('y', 'Nothing answers at http://localhost:9')],
)
def test_person_allows_it_or_not(
    answer: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ours, theirs = os.openpty()
    with open(ours, 'w') as keyboard, open(theirs) as terminal:  # noqa: PTH123 - descriptors
        monkeypatch.setattr(sys, 'stdin', terminal)
        keyboard.write(f'{answer}\n')
        keyboard.flush()
        with pytest.raises(SystemExit) as ended:
            main(ADD_NOTE)

    assert ended.value.code == 1
    assert said in capsys.readouterr().err


def test_ctrl_c_ends_it_with_one_line(emulator: Emulator) -> None:
    with socket.create_server(('127.0.0.1', 0)) as listener:
        port = listener.getsockname()[1]
    ops('callback', 'add', f'http://localhost:{port}/callback')
    command = [sys.executable, '-m', 'ops', 'try', 'postSuccess', '--stage', 'local', '--sign-in']
    with subprocess.Popen(
        [*command, '--no-browser', '--port', str(port)],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr
        shown = [process.stderr.readline(), process.stderr.readline()]
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()

    assert shown[0] == 'Sign in at:\n'
    assert shown[1].startswith(f'{emulator.url}/oauth2/authorize?')
    assert (process.returncode, rest) == (130, 'Stopped.\n')
