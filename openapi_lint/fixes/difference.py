"""A change of a document, as it is shown before it is made."""

import difflib
import sys

from openapi_lint.findings.finding import printable
from openapi_lint.text.files import Given


def difference(given: Given, text: bytes) -> str:
    """Return how a document would change, as ``patch`` and ``git apply`` take it."""
    old, new = (
        each.decode('utf-8', errors='replace').splitlines(keepends=True)
        for each in (given.text, text)
    )
    lines = difflib.unified_diff(old, new, given.name, given.name)
    return ''.join(
        line if line.endswith('\n') else f'{line}\n\\ No newline at end of file\n' for line in lines
    )


def is_wanted(given: Given, *, yes: bool) -> bool:
    """Return whether a change that was shown is to be made; on a terminal that is asked."""
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    sys.stderr.write(f'Write {printable(given.name)}? [y/N] ')
    sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ('y', 'yes')
