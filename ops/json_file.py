"""Files of JSON in the project: what is wrong with one is told, and one is replaced as a whole."""

import json
from pathlib import Path
from typing import Any

import click


class FileRefused(click.ClickException):
    """A file of the project is not there or is no JSON; the message names it."""


def read(file: Path) -> Any:
    """Return what a file holds; raises FileRefused."""
    try:
        return json.loads(file.read_text('utf-8'))
    except (OSError, ValueError) as error:
        raise FileRefused(f'{file}: {error}') from error


def replace(file: Path, content: object) -> None:
    """Replace a file, so that no half of it is ever there."""
    new = file.with_suffix('.new')
    new.write_text(json.dumps(content, indent=2, ensure_ascii=False) + '\n', 'utf-8')
    new.replace(file)
