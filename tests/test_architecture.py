"""Imports run one way, and a cold start loads nothing that it does not need."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NEVER_DEPLOYED = {
    *('emulator', 'ops', 'benchmarks', 'tests'),
    *('openapi_document', 'openapi_export', 'openapi_lint'),
}


def imports_of(file: Path) -> Iterator[str]:
    """Yield the top-level packages that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name.partition('.')[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition('.')[0]


@pytest.mark.parametrize('file', sorted((ROOT / 'chalicelib').rglob('*.py')), ids=lambda f: f.name)
def test_chalicelib_imports_neither_app_nor_a_tool(file: Path) -> None:
    assert not set(imports_of(file)) & (NEVER_DEPLOYED | {'app'})


def test_app_imports_only_what_is_deployed() -> None:
    assert not set(imports_of(ROOT / 'app.py')) & NEVER_DEPLOYED


@pytest.mark.parametrize('file', sorted((ROOT / 'emulator').rglob('*.py')), ids=lambda f: f.name)
def test_emulator_does_not_import_the_app_it_serves(file: Path) -> None:
    assert not set(imports_of(file)) & {'app', 'chalicelib', 'ops', 'tests'}


def test_environment_is_read_in_settings_only() -> None:
    readers = [
        file.name for file in (ROOT / 'chalicelib').rglob('*.py') if 'environ' in file.read_text()
    ]

    assert readers == ['settings.py']


def test_cold_start_loads_nothing_that_postsuccess_does_not_need() -> None:
    heavy = {'boto3', 'botocore', 'sqlglot', 'asyncio', 'urllib.request', 'tempfile', 'csv'}
    program = """if True:
        import sys, app
        print(*(n for n, m in sys.modules.items() if type(m).__name__ != '_LazyModule'))
    """
    loaded = subprocess.run(
        [sys.executable, '-c', program],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {'AWS_LAMBDA_RUNTIME_API': 'localhost:1'},
    ).stdout.split()

    assert {name for name in loaded if name.startswith('chalicelib.')} == {
        'chalicelib.deadline',
        'chalicelib.errors',
        'chalicelib.http_request',
        'chalicelib.identity',
        'chalicelib.json_text',
        'chalicelib.lazy_import',
        'chalicelib.observability',
        'chalicelib.operation',
        'chalicelib.settings',
        'chalicelib.success',
    }
    assert not set(loaded) & heavy
