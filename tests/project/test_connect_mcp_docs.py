"""docs/connect_mcp.md is held against what it names, and its program is run."""

import re
import runpy
import webbrowser
from pathlib import Path

import pytest

from app import app
from chalicelib.operations.routes import operation_routes
from ops.checks import CHECKS
from tests.support.dev_process import free_ports
from tests.support.mcp import dev_server
from tests.support.people.person import Browser

PAGE = (Path(__file__).parent.parent.parent / 'docs' / 'connect_mcp.md').read_text()


def test_names_only_checks_that_the_doctor_makes() -> None:
    named = set(re.findall(r'`(mcp-\w+)`', PAGE))

    assert len(named) > 2
    assert named <= {check.name for check in CHECKS}


def test_program_signs_in_calls_a_tool_and_reads_its_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (program,) = re.findall(r'```python\n(.*?)```', PAGE, flags=re.DOTALL)
    port, _ = free_ports().values()
    person = Browser()
    monkeypatch.setattr(webbrowser, 'open', person.open)
    file = tmp_path / 'program.py'

    with dev_server.running() as dev:
        dev.register(f'http://localhost:{port}/callback')
        monkeypatch.setenv('MCP_CLIENT_ID', dev.client_id)
        monkeypatch.setenv('MCP_CLIENT_SECRET', dev.client_secret)
        file.write_text(
            program.replace('http://localhost:8000/mcp', dev.mcp_url).replace('8765', port)
        )
        runpy.run_path(str(file))
        person.close()

    address, tools, message, *printed = capsys.readouterr().out.splitlines()
    assert address.startswith('Sign in at: http://localhost:')
    assert tools.split() == [route.operation.id for route in operation_routes(app)]
    assert message == '1 row in 1 CSV file.'
    assert printed == ['result.csv orders', '1000', '']
    assert len(person.visited) == 1
