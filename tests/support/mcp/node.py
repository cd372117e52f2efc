"""The official MCP clients that run on Node.js, as `make test` installs them."""

from pathlib import Path

import pytest

_PROGRAMS = Path(__file__).parent.parent.parent.parent / '.cache' / 'node' / 'node_modules' / '.bin'


def command(program: str) -> list[str | Path]:
    """Return the command line of a program, and fail the test where it is not installed."""
    node = _PROGRAMS / 'node'
    if not node.exists():
        pytest.fail('The MCP clients are not installed: `make test` does it, and needs npm.')
    return [node, _PROGRAMS / program]
