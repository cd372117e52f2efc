"""Pages of documentation as text: rows and commands about what is gone are taken out."""

import re
from collections.abc import Collection


def without(page: str, names: Collection[str], gone: Collection[str]) -> str:
    """Return a page without the rows of tables and the commands that are about these names.

    A link to a page, or into a folder, that is ``gone`` leaves its words; a parameter of a command
    goes.
    """
    lines = []
    for line in page.splitlines(keepends=True):
        kept = _row(line, names) if line.startswith('| `') else line
        if line.startswith('python -m ops try ') and line.split()[4] in names:
            kept = ''
        lines.append(kept)
    text = ''.join(lines)
    for name in names:
        text = re.sub(rf' -p {re.escape(name)}=\S+', '', text)
    for file in gone:
        text = re.sub(rf'\[([^\]]+)\]\([^)\s]*\b{re.escape(file)}(?:/[^)]*|#[^)]*)?\)', r'\1', text)
    return text


def _row(line: str, names: Collection[str]) -> str:
    """Return a row without those of its subjects that are gone; nothing if all of them are."""
    first, separator, rest = line[2:].partition(' |')
    subjects = first.split(', ')
    kept = [each for each in subjects if each.strip('`') not in names]
    return f'| {", ".join(kept)}{separator}{rest}' if kept else ''
