"""What runs on Node.js, the official MCP clients and others, as `make test` installs it."""

from pathlib import Path

import pytest

from bootstrap.node import FOLDER, NODE

_PROGRAMS = FOLDER / 'node_modules' / '.bin'


def command(program: str) -> list[str | Path]:
    """Return the command line of a program, and skip the test where there is no Node.js."""
    if not NODE.exists():
        pytest.skip('Node.js is not installed, and PyPI has none for this machine')
    return [NODE, _PROGRAMS / program]


def package(*path: str) -> Path:
    """Return a file of a package that was installed, and skip the test where none is."""
    command(path[-1])
    return _PROGRAMS.parent.joinpath(*path)
