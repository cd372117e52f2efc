"""`python -m emulator` as `make dev` runs it, from the first port to the last signal."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
import requests

from emulator.sample.data import CALLBACK_URLS, POOL_ID, TEMPORARY_PASSWORD
from tests.support.dev_process import ROOT, banner, emulator, free_ports

PYTHON = (
    os.path.relpath(sys.executable, ROOT) if sys.prefix.startswith(str(ROOT)) else sys.executable
)


@pytest.fixture
def ports() -> dict[str, str]:
    return free_ports()


def refused(*options: str, **environment: str) -> str:
    """Return the one line that the command ends with when it can't start."""
    run = subprocess.run(
        [sys.executable, '-m', 'emulator', *options],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (run.returncode, run.stdout) == (1, '')
    return run.stderr


def test_banner_says_where_everything_is_and_all_of_it_answers(ports: dict[str, str]) -> None:
    with emulator('--api', ports=ports) as process:
        shown = banner(process)
        aws, api = (f'http://localhost:{port}' for port in ports.values())
        cognito = boto3.client('cognito-idp', region_name='us-east-1', endpoint_url=aws)
        clients = cognito.list_user_pool_clients(UserPoolId=POOL_ID, MaxResults=1)
        client_id = clients['UserPoolClients'][0]['ClientId']
        asked = {'client_id': client_id, 'response_type': 'code', 'redirect_uri': CALLBACK_URLS[0]}
        page = requests.get(f'{aws}/login', asked, timeout=10)
        call = requests.post(f'{api}/my_route', timeout=10)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=30)

    for line in (
        f'  API            {api}\n',
        f'  MCP server     {api}/mcp\n',
        f'  AWS endpoint   {aws}\n',
        f'  App client id  {client_id}\n',
        '  People         jane@example.com (sales, europe), omar@example.com (finance)\n',
        f'  Password       {TEMPORARY_PASSWORD} ',
        f'{PYTHON} -m ops try postSuccess --stage local\n',
        f'{PYTHON} openapi_export.py --stage local\n',
    ):
        assert line in shown
    assert '\x1b' not in shown
    assert (page.status_code, call.status_code) == (200, 401)
    assert process.returncode == 0
    assert re.fullmatch(r'\n?401 POST /my_route \d+ ms\n', out)
    listed = 'POST /AWSCognitoIdentityProviderService.ListUserPoolClients 200'
    assert err.splitlines() == [listed, 'GET /login 200']


@pytest.mark.parametrize('stop', [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize('options', [[], ['--api']])
def test_signal_to_it_alone_stops_everything(
    stop: signal.Signals, options: list[str], ports: dict[str, str]
) -> None:
    with emulator(*options, ports=ports) as process:
        banner(process)
        process.send_signal(stop)
        out, err = process.communicate(timeout=30)

    assert (process.returncode, out.strip(), err) == (0, '', '')
    for port in ports.values():
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(('127.0.0.1', int(port)))


@pytest.mark.parametrize('setting', ['EMULATOR_PORT', 'API_PORT'])
def test_port_in_use_is_named_before_anything_starts(setting: str, ports: dict[str, str]) -> None:
    with socket.create_server(('127.0.0.1', int(ports[setting]))):
        line = refused('--api', **ports)

    assert line == (
        f'Error: Port {ports[setting]} is in use. '
        f'Stop what listens there, or set {setting} to another port.\n'
    )


def test_one_port_is_not_enough_for_both(ports: dict[str, str]) -> None:
    line = refused('--api', **ports | {'API_PORT': ports['EMULATOR_PORT']})

    assert line == 'Error: EMULATOR_PORT and API_PORT are the same port. Choose two.\n'


@pytest.mark.parametrize('port', ['0', '65536', 'x'])
def test_invalid_port_is_refused(port: str, ports: dict[str, str]) -> None:
    with emulator(ports=ports | {'EMULATOR_PORT': port}) as process:
        _, err = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "'EMULATOR_PORT'" in err


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a project with an app of its own: its one route ends the process."""
    ignored = shutil.ignore_patterns('__pycache__', 'deployed', 'deployments')
    folders = ('emulator', '.chalice', 'capabilities', 'chalicelib', 'ops', 'resources')
    for folder in folders:
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    (tmp_path / 'app.py').write_text(
        'import os\n'
        'from chalice import Chalice\n'
        "app = Chalice('aws-middleware')\n"
        "@app.route('/end')\n"
        'def end():\n'
        "    print('its last words', flush=True)\n"
        '    os._exit(3)\n'
    )
    return tmp_path


def test_api_that_does_not_start_ends_everything_with_its_words(
    ports: dict[str, str], project: Path
) -> None:
    (project / 'app.py').write_text("raise RuntimeError('its last words')")

    with emulator('--api', ports=ports, project=project) as process:
        out, err = process.communicate(timeout=60)

    assert process.returncode == 1
    assert 'its last words' in out + err
    assert 'Stop with Ctrl-C.' not in out
    assert re.search(r'\nError: The API ended with status [1-9]\.\n$', err)


def test_api_that_ends_later_ends_everything_with_its_words(
    ports: dict[str, str], project: Path
) -> None:
    with emulator('--api', ports=ports, project=project) as process:
        banner(process)
        with pytest.raises(requests.ConnectionError):
            requests.get(f'http://localhost:{ports["API_PORT"]}/end', timeout=10)
        out, err = process.communicate(timeout=30)

    assert process.returncode == 1
    assert 'its last words\n' in out
    assert err.endswith('Error: The API ended with status 3.\n')
