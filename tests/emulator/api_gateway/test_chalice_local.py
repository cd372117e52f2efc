"""`chalice local` as a developer runs it, and the other commands as if nothing were there."""

import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from chalice.app import Chalice
from chalice.config import Config

from emulator import server
from emulator.api_gateway import chalice_local
from tests.support.raw_http import Answer, post, send

ROOT = Path(__file__).parent.parent.parent.parent
CHALICE = Path(sys.executable).with_name('chalice')
UNAUTHORIZED = (401, b'{"message":"Unauthorized"}')


@contextmanager
def chalice_serving(
    *options: str, project: Path = ROOT, **environment: str
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Run `chalice local` on a free port until it is interrupted; gives its URL and process."""
    # A process that ignores Ctrl-C, as those in the background do, hands that on to its children.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    with subprocess.Popen(
        [CHALICE, 'local', '--stage', 'local', '--port', '0', *options],
        cwd=project,
        env=os.environ | {'EMULATOR_PORT': '1'} | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield _url(process), process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.communicate(timeout=20)


def _url(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    for line in process.stdout:
        if line.startswith('Serving on '):
            return line.removeprefix('Serving on ').rstrip()
    raise AssertionError(process.stderr.read() if process.stderr else 'It ended.')


@pytest.fixture(scope='module')
def guarded() -> Iterator[str]:
    with chalice_serving('--no-autoreload') as (url, _):
        yield url


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project with what `chalice local` needs of it."""
    for folder in ('chalicelib', 'emulator', 'ops', '.chalice'):
        ignored = shutil.ignore_patterns('__pycache__', 'deployed', 'deployments')
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / 'app.py', tmp_path)
    return tmp_path


def options(url: str) -> Answer:
    """Send a preflight request."""
    return send(url, 'OPTIONS /my_route HTTP/1.1', 'Host: localhost', 'Origin: https://a.example')


@pytest.mark.parametrize(
    'headers',
    [[], ['Authorization: garbage'], ['Authorization: Bearer e30.e30.e30'], ['X-Api-Key: x']],
)
def test_plain_chalice_local_is_guarded(headers: list[str], guarded: str) -> None:
    answer = post(guarded, *headers)

    assert (answer.status, answer.body) == UNAUTHORIZED
    assert answer.headers['x-amzn-ErrorType'] == 'UnauthorizedException'


def test_refusal_has_what_the_project_adds_to_it(guarded: str) -> None:
    api_url = guarded.replace('127.0.0.1', 'localhost')
    headers = post(guarded).headers

    assert headers['WWW-Authenticate'].startswith('Bearer ')
    assert f'"{api_url}/.well-known/oauth-protected-resource"' in headers['WWW-Authenticate']
    assert headers['Access-Control-Allow-Origin'] == '*'
    assert post(guarded, path='/nowhere').headers['Access-Control-Allow-Origin'] == '*'


def test_plain_chalice_local_answers_preflight_and_unknown_paths(guarded: str) -> None:
    unknown = post(guarded, path='/nowhere')

    assert (options(guarded).status, options(guarded).body) == (200, b'')
    assert (unknown.status, unknown.body) == (403, b'{"message":"Missing Authentication Token"}')


def test_token_of_the_emulator_is_let_in() -> None:
    with server.run_in_thread() as emulator:
        answer = emulator.tokens.issue_for(
            emulator.client_id, 'jane@example.com', 'openid email profile'
        )
        port = emulator.url.rpartition(':')[2]
        with chalice_serving('--no-autoreload', EMULATOR_PORT=port, AWS_PROFILE='none') as (url, _):
            good = post(url, f'Authorization: Bearer {answer["access_token"]}')
            with_id_token = post(url, f'Authorization: Bearer {answer["id_token"]}')

    assert (good.status, good.json) == (200, {'success': True})
    assert (with_id_token.status, with_id_token.body) == UNAUTHORIZED


def test_interrupt_ends_it_silently_and_the_log_names_nobody() -> None:
    with chalice_serving('--no-autoreload') as (url, process):
        header = 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ'
        post(url, f'Authorization: {header}.e30.AAAA', path='/my_route?email=jane@example.com')
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)

    assert process.returncode == 0
    assert re.fullmatch(r'401 POST /my_route \d+ ms\n', out)
    assert err.count('\n') == 1
    assert 'http://localhost:1/us-east-1_LocalPool' in err
    assert 'make dev' in err


@pytest.mark.parametrize('option', ['--no-autoreload', '--autoreload'])
def test_port_in_use_is_one_line_that_names_it(option: str) -> None:
    with socket.create_server(('127.0.0.1', 0)) as taken:
        port = taken.getsockname()[1]
        run = subprocess.run(
            [CHALICE, 'local', '--stage', 'local', '--port', str(port), option],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert (run.stdout, run.stderr) == (
        '',
        f'Cannot listen on 127.0.0.1:{port}: Address already in use.\n',
    )
    # The autoreloader keeps the status of its worker to itself.
    assert run.returncode == (1 if option == '--no-autoreload' else 0)


def test_autoreloader_serves_what_was_changed_guarded_again(project: Path) -> None:
    with chalice_serving(project=project) as (url, process):
        assert (post(url).status, options(url).status) == (401, 200)
        code = (project / 'app.py').read_text()
        (project / 'app.py').write_text(code.replace("'/my_route'", "'/changed'"))
        new_url = _url_after_touching(project / 'app.py', process)

        assert post(new_url, path='/my_route').status == 403
        assert (post(new_url, path='/changed').status, post(new_url, path='/changed').body) == (
            UNAUTHORIZED
        )


def _url_after_touching(file: Path, process: subprocess.Popen[str]) -> str:
    """Return where it serves again; the watcher may not have looked at the file the first time."""
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        for seconds in range(1, 20):
            changed_at = time.time() + seconds
            os.utime(file, (changed_at, changed_at))
            if selector.select(2):
                return _url(process)
    raise AssertionError('It was not reloaded.')


def test_package_is_made_as_if_nothing_were_there(project: Path) -> None:
    shutil.copy(ROOT / 'requirements.txt', project)
    subprocess.run(
        [CHALICE, 'package', '--stage', 'local', 'out'],
        cwd=project,
        env=os.environ | {'AWS_DEFAULT_REGION': 'us-east-1'},
        capture_output=True,
        timeout=120,
        check=True,
    )

    packed = zipfile.ZipFile(project / 'out' / 'deployment.zip').namelist()
    assert 'app.py' in packed
    assert [name for name in packed if name.startswith('emulator')] == []


def test_where_the_emulator_is_not_deployed_the_switch_fails_closed(tmp_path: Path) -> None:
    shutil.copytree(ROOT / 'chalicelib', tmp_path / 'chalicelib')
    shutil.copy(ROOT / 'app.py', tmp_path)

    run = subprocess.run(
        [sys.executable, '-c', 'import app'],
        cwd=tmp_path,
        env=os.environ | {'AWS_CHALICE_CLI_MODE': 'true'},
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 1
    assert "ModuleNotFoundError: No module named 'emulator'" in run.stderr


def test_guarding_loads_and_changes_nothing_but_the_local_server() -> None:
    program = (
        'import os, sys; from chalice import local; before = dict(vars(local)); '
        'environment = dict(os.environ); import app; '
        'print(*(name for name in vars(local) if vars(local)[name] is not before.get(name))); '
        'print(*sys.modules); '
        'print({n for n, v in os.environ.items() if environment.get(n) != v})'
    )
    run = subprocess.run(
        [sys.executable, '-c', program],
        cwd=ROOT,
        env=os.environ | {'AWS_CHALICE_CLI_MODE': 'true'},
        capture_output=True,
        text=True,
        check=True,
    )

    changed, loaded, environment = run.stdout.splitlines()
    assert changed == 'create_local_server'
    assert 'emulator.api_gateway.chalice_local' in loaded.split()
    assert not set(loaded.split()) & {'werkzeug', 'joserfc', 'requests', 'moto', 'flask', 'boto3'}
    assert environment == "{'AWS_EXECUTION_ENV'}"  # which Chalice itself sets


@contextmanager
def local_server(app: Chalice, stage: str, **stage_settings: Any) -> Iterator[str]:
    """Serve an app in this process as `chalice local --stage` does; gives its URL."""
    on_disk = {'stages': {stage: stage_settings}}
    given = {'project_dir': str(ROOT), 'api_gateway_stage': 'api'}
    config = Config(stage, config_from_disk=on_disk, default_params=given)
    running = chalice_local.create_local_server(app, config, '127.0.0.1', 0)
    thread = threading.Thread(target=running.serve_forever, kwargs={'poll_interval': 0.01})
    thread.start()
    try:
        yield f'http://127.0.0.1:{running.port}'
    finally:
        running.shutdown()
        thread.join()


def app_that_tells_where_boto3_goes() -> Chalice:
    """Return an app whose one route says what a new boto3 client would use."""
    app = Chalice('teller', configure_logs=False, env={})

    @app.route('/', methods=['POST'])
    def tell() -> dict[str, Any]:
        session = boto3.Session()
        client, credentials = session.client('s3'), session.get_credentials()
        return {
            'endpoint': client.meta.endpoint_url,
            'region': client.meta.region_name,
            'key': credentials and credentials.access_key,
            'token': credentials and credentials.token,
        }

    return app


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[None]:
    """Pretend a machine that is set up for a real account."""
    (tmp_path / 'config').write_text('[profile work]\nregion = eu-central-1\n')
    with patch.dict(
        os.environ,
        AWS_CONFIG_FILE=str(tmp_path / 'config'),
        AWS_PROFILE='work',
        AWS_ACCESS_KEY_ID='AKIAREAL',
        AWS_SECRET_ACCESS_KEY='real',
        AWS_SESSION_TOKEN='real',
        AWS_DEFAULT_REGION='eu-west-1',
    ):
        os.environ.pop('AWS_ENDPOINT_URL', None)
        os.environ.pop('EMULATOR_PORT', None)
        yield


@pytest.mark.parametrize(
    ('environment', 'settings', 'endpoint', 'region'),
    [
        ({}, {}, 'http://localhost:9400', 'us-east-1'),
        ({'EMULATOR_PORT': '9999'}, {}, 'http://localhost:9999', 'us-east-1'),
        ({'AWS_ENDPOINT_URL': 'http://localhost:4566'}, {}, 'http://localhost:4566', 'us-east-1'),
        ({}, {'AWS_DEFAULT_REGION': 'eu-north-1'}, 'http://localhost:9400', 'eu-north-1'),
    ],
)
@pytest.mark.usefixtures('machine')
def test_stage_local_reaches_the_emulator_and_never_a_real_account(
    environment: dict[str, str], settings: dict[str, str], endpoint: str, region: str
) -> None:
    os.environ.update(environment)
    app = app_that_tells_where_boto3_goes()

    with local_server(app, 'local', environment_variables=settings) as url:
        answer = post(url, path='/').json

    assert answer == {'endpoint': endpoint, 'region': region, 'key': 'local', 'token': None}


@pytest.mark.usefixtures('machine')
def test_other_stages_reach_what_the_machine_is_set_up_for() -> None:
    before = dict(os.environ)

    with local_server(app_that_tells_where_boto3_goes(), 'dev') as url:
        answer = post(url, path='/').json

    assert answer == {
        'endpoint': 'https://s3.eu-west-1.amazonaws.com',
        'region': 'eu-west-1',
        'key': 'AKIAREAL',
        'token': 'real',
    }
    assert dict(os.environ) == before


def test_requests_at_the_same_time_do_not_see_each_other() -> None:
    app = Chalice('threads', configure_logs=False)
    both_are_here = threading.Barrier(2, timeout=20)

    @app.route('/', methods=['POST'])
    def who() -> Any:
        both_are_here.wait()
        assert app.current_request
        return app.current_request.query_params

    with local_server(app, 'dev') as url, ThreadPoolExecutor(2) as clients:
        answers = clients.map(lambda name: post(url, path=f'/?name={name}').json, ['a', 'b'])

        assert list(answers) == [{'name': 'a'}, {'name': 'b'}]


def test_stage_and_timeout_of_the_settings_are_the_functions() -> None:
    app = Chalice('context', configure_logs=False)

    @app.route('/', methods=['POST'])
    def context() -> Any:
        assert app.current_request
        return [
            app.current_request.context['stage'],
            round(app.lambda_context.get_remaining_time_in_millis() / 1000),
        ]

    with local_server(app, 'prod', api_gateway_stage='v1', lambda_timeout=45) as url:
        assert post(url, path='/').json == ['v1', 45]
