"""The official TypeScript client, the MCP Inspector's command line, against `make dev`."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from app import app
from chalicelib.operations.routes import operation_routes
from tests.support.mcp import dev_server, every_tool
from tests.support.mcp.dev_server import Dev
from tests.support.mcp.every_tool import Result, content
from tests.support.mcp.node import command

TOOL_HAS_FAILED = 5

_SIGN_IN_PAGE = re.compile(r'http://localhost:\d+/oauth2/authorize\S+')


@pytest.fixture(scope='module')
def server() -> Iterator[Dev]:
    with dev_server.running() as dev:
        yield dev


@pytest.fixture
def dev(server: Dev) -> Dev:
    """The server with somebody whom no other test knows."""
    return server.with_somebody()


@pytest.fixture
def token(dev: Dev) -> str:
    return dev.access_token()


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home of its own: the Inspector keeps what it learns there."""
    return {
        'PATH': os.defpath,
        'HOME': str(tmp_path),
        'MCP_INSPECTOR_SECRET_STORE': 'memory',
        'MCP_AUTO_OPEN_ENABLED': 'false',
    }


def inspector(dev: Dev, *options: str) -> list[str | Path]:
    """Return the command line that asks a server something."""
    asked = ['--cli', '--server-url', dev.mcp_url, '--format', 'json', *options]
    return [*command('mcp-inspector'), *asked]


@pytest.fixture
def ask(dev: Dev, token: str, environment: dict[str, str]) -> Callable[..., Result]:
    """Ask with a token that somebody has got before."""

    def ask(*options: str) -> Result:
        bearer = ['--header', f'Authorization: Bearer {token}', '--stored-auth-only']
        run = subprocess.run(
            inspector(dev, *bearer, *options),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert run.returncode in (0, TOOL_HAS_FAILED), run.stderr
        result: Result = json.loads(run.stdout)['result']
        assert (run.returncode == TOOL_HAS_FAILED) == result.get('isError', False)
        return result

    return ask


def test_every_tool_is_called(ask: Callable[..., Result]) -> None:
    results: dict[str, Result] = {}
    for name, arguments in every_tool.calls(results):
        call = ['tools/call', '--tool-name', name, '--tool-args-json', json.dumps(arguments)]
        results[name] = ask('--method', *call)

    every_tool.check(results)


@pytest.mark.parametrize('era', ['legacy', 'modern'])
def test_tools_are_listed_and_their_schemas_are_portable(
    era: str, ask: Callable[..., Result]
) -> None:
    listed = ask('--method', 'tools/list', '--strict', '--protocol-era', era)

    operations = {route.operation.id for route in operation_routes(app)}
    assert {tool['name'] for tool in listed['tools']} == operations


@pytest.fixture
def port(dev: Dev) -> int:
    """A port whose callback URL is registered."""
    with socket.create_server(('127.0.0.1', 0)) as listener:
        found: int = listener.getsockname()[1]
    dev.register(f'http://localhost:{found}/callback')
    return found


def go_on(dev: Dev, process: subprocess.Popen[str]) -> list[str]:
    """Sign in wherever a program asks for it; return the pages that it has sent the person to."""
    assert process.stderr
    pages = []
    for line in process.stderr:
        if page := _SIGN_IN_PAGE.search(line):
            pages.append(page[0])
            back = dev.sign_in_page(page[0]).headers['Location']
            assert requests.get(back, timeout=10).status_code == 200
    return pages


@pytest.mark.parametrize('era', ['legacy', 'modern'])
def test_it_signs_somebody_in(era: str, dev: Dev, port: int, environment: dict[str, str]) -> None:
    app_client = ['--client-id', dev.client_id, '--client-secret', dev.client_secret]
    call = ['--method', 'tools/call', '--tool-name', 'postSuccess', '--protocol-era', era]
    callback = ['--callback-url', f'http://localhost:{port}/callback']
    # It asks nobody to sign in without a terminal.
    _, terminal = os.openpty()

    with subprocess.Popen(
        inspector(dev, *app_client, *callback, *call),
        env=environment,
        stdin=terminal,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        pages = go_on(dev, process)
        assert process.stdout
        answer: dict[str, Any] = json.loads(process.stdout.read())

    assert process.returncode == 0
    assert len(pages) == 1
    assert 'code_challenge_method=S256' in pages[0]
    assert content(answer['result']) == {'success': True}
