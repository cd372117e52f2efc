"""The instructions for the model, put together from the parts of the capabilities.

Each capability has a part beside its code. What stands in it before its first heading comes at the
beginning, as some hosts show or keep only that.
"""

from collections.abc import Iterable
from pathlib import Path

from chalicelib.operation import Operation

_CODE = Path(__file__).parent.parent


def about(operations: Iterable[Operation]) -> str:
    """Return the instructions for these operations."""
    folders = dict.fromkeys(each.capability for each in operations if each.capability)
    beginning, _, general = _read(_CODE).partition('\n\n')
    first, parts = [beginning], [general]
    for folder in folders:
        before, heading, part = _read(_CODE / folder).partition('## ')
        first += [before.strip()] if before else []
        parts.append(heading + part)
    return '\n\n'.join([' '.join(first), *parts])


def _read(folder: Path) -> str:
    return (folder / 'instructions.md').read_text('utf-8').strip()
