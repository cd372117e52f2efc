"""What is switched off is not there: no route, no tool, no word of it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import capabilities
from app import app
from chalicelib import settings
from chalicelib.operations.routes import operation_routes

ROOT = Path(__file__).parents[2]
PROGRAM = """if True:
    import json
    from app import app
    from chalicelib.mcp import tools
    from chalicelib.operations.routes import operation_routes
    print(*(route.operation.id for route in operation_routes(app)))
    print(*(tool['name'] for tool in json.loads(bytes(tools.page(app, None)['tools']))))
    print(*(route for route in app.routes))
"""
EVERY = operation_routes(app)


def started(switched_on: str) -> list[list[str]]:
    """Return the operations, tools and paths of an app that is started so."""
    done = subprocess.run(
        [sys.executable, '-c', PROGRAM],
        cwd=ROOT,
        env=os.environ | {'CAPABILITIES': switched_on},
        check=True,
        capture_output=True,
        text=True,
    )
    return [line.split() for line in done.stdout.splitlines()]


@pytest.mark.parametrize('off', [[name] for name in capabilities.NAMES] + [capabilities.NAMES])
def test_operations_of_what_is_off_are_not_there(off: list[str]) -> None:
    on = ' '.join(name for name in capabilities.NAMES if name not in off) or 'none'
    left = [route for route in EVERY if route.operation.capability not in off]

    operations, tools, paths = started(on)

    assert operations == tools == [route.operation.id for route in left]
    gone = {route.path for route in EVERY} - {route.path for route in left}
    assert gone.isdisjoint(paths)
    assert {'/my_route', '/mcp'} <= set(paths)


@pytest.mark.parametrize(
    ('value', 'read'),
    [
        (None, None),
        ('', None),
        (' ', None),
        ('none', {'none'}),
        ('sql', {'sql'}),
        ('sql, documents', {'sql', 'documents'}),
    ],
)
def test_setting_is_read(
    value: str | None, read: set[str] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv('CAPABILITIES', raising=False)
    if value is not None:
        monkeypatch.setenv('CAPABILITIES', value)

    assert settings.capabilities() == read
