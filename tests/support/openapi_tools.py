"""What others make of an OpenAPI document, and of SARIF: each as its command says it."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from tests.support.mcp import node
from tests.support.stages import validators

# They ask nobody for anything, and tell nobody.
_ENVIRONMENT = {
    **os.environ,
    'REDOCLY_TELEMETRY': 'off',
    'REDOCLY_SUPPRESS_UPDATE_NOTICE': 'true',
    'NO_COLOR': '1',
}
_SARIF_SCHEMA = ('@microsoft', 'jest-sarif', 'lib', 'schemas', 'sarif-2.1.0-rtm.5.json')


def redocly(document: Path) -> list[str]:
    """Return the errors that Redocly finds by its recommended rules."""
    said = _run(
        [
            *node.command('redocly'),
            'lint',
            '--format',
            'json',
            '--extends',
            'recommended',
            document,
        ],
        document.parent,
    )
    problems = json.loads(said.stdout)['problems']
    return [each['message'] for each in problems if each['severity'] == 'error']


def spectral(document: Path) -> list[str]:
    """Return the errors that Spectral finds by its rules of OpenAPI."""
    rules = document.parent / 'spectral.yaml'
    rules.write_text('extends: ["spectral:oas"]\n')
    said = _run(
        [*node.command('spectral'), 'lint', '--format', 'json', '--ruleset', rules, document],
        document.parent,
    )
    problems = json.loads(said.stdout)
    return [each['message'] for each in problems if each['severity'] == 0]


def openapi_typescript(document: Path) -> str:
    """Return the types that openapi-typescript makes of a document."""
    made = document.with_suffix('.ts')
    said = _run([*node.command('openapi-typescript'), document, '--output', made], document.parent)
    assert said.returncode == 0, said.stderr
    return made.read_text()


def openapi_python_client(document: Path) -> Path:
    """Return the package that openapi-python-client makes of a document, without a warning."""
    made = document.parent / 'client'
    settings = document.parent / 'client.yaml'
    # Formatting the code is no part of making it.
    settings.write_text('post_hooks: []\n')
    program = validators.tool('openapi-python-client', 'openapi-python-client')
    paths = ['--path', document, '--output-path', made, '--config', settings]
    said = _run(
        [program, 'generate', *paths, '--meta', 'none', '--fail-on-warning'], document.parent
    )
    assert said.returncode == 0, said.stdout + said.stderr
    return made


def schemathesis(document: Path, url: str, *options: str) -> str:
    """Run Schemathesis against an API and return what it says; it has to find nothing."""
    program = validators.tool('schemathesis', 'schemathesis')
    said = _run([program, 'run', document, '--url', url, *options], document.parent)
    assert said.returncode == 0, said.stdout + said.stderr
    return said.stdout


def sarif_schema() -> dict[str, Any]:
    """Return the JSON Schema of SARIF 2.1.0, as Microsoft's package for tests of it has it."""
    schema: dict[str, Any] = json.loads(node.package(*_SARIF_SCHEMA).read_text('utf-8'))
    return schema


def _run(command: list[Any], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=_ENVIRONMENT, capture_output=True, text=True, check=False
    )
