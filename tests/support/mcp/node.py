"""What runs on Node.js, the official MCP clients and others, as `make test` installs it."""

from pathlib import Path

import pytest

_PROGRAMS = Path(__file__).parent.parent.parent.parent / '.cache' / 'node' / 'node_modules' / '.bin'


def command(program: str) -> list[str | Path]:
    """Return the command line of a program, and fail the test where it is not installed."""
    node = _PROGRAMS / 'node'
    if not node.exists():
        pytest.fail('The MCP clients are not installed: `make test` does it, and needs npm.')
    return [node, _PROGRAMS / program]


def package(*path: str) -> Path:
    """Return a file of a package that was installed, and fail the test where none is."""
    command(path[-1])
    return _PROGRAMS.parent.joinpath(*path)
