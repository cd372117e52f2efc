"""JSON files of the project: read with a clear error for a wrong one, and replaced as a whole."""

import json
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import click


class FileRefused(click.ClickException):
    """A file of the project can't be read, is no JSON object or can't be written; it is named."""


def read(file: Path) -> dict[str, Any]:
    """Return the object that a file holds; raises FileRefused."""
    try:
        content = json.loads(file.read_text('utf-8'))
    except (OSError, ValueError) as error:
        raise FileRefused(f'{file}: {error}') from error
    if not isinstance(content, dict):
        raise FileRefused(f'{file}: there is no JSON object in it')
    return content


def replace(file: Path, content: object) -> None:
    """Replace what a file holds, so that no half of it is ever there; raises FileRefused."""
    file = file.resolve()  # a link to it stays one
    new = file.with_suffix('.new')
    try:
        new.write_text(json.dumps(content, indent=2, ensure_ascii=False) + '\n', 'utf-8')
        if file.exists():
            shutil.copymode(file, new)
        new.replace(file)
    except OSError as error:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise FileRefused(f'{file}: {error}') from error
