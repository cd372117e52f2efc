"""Which files are meant by what was given: files, patterns, folders and standard input."""

import glob
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from openapi_lint.text.source import MAX_CHARACTERS

STDIN = '<stdin>'
_ENDINGS = {'.yaml', '.yml', '.json'}
_SKIPPED = {'node_modules', '__pycache__', 'venv'}
# A folder holds other YAML and JSON too: what is checked there says at its top what it is.
_IS_API = re.compile(rb'^[\s{]*["\']?(openapi|swagger|asyncapi)["\']?\s*:', re.MULTILINE)


class NotGiven(Exception):
    """What was given can't be read, or is nothing; the message names it."""


@dataclass(frozen=True)
class Given:
    """A text to check and the name under which it was given."""

    name: str
    text: bytes

    @property
    def path(self) -> Path | None:
        """The file that it is, if it is one."""
        return None if self.name == STDIN else Path(self.name)


def read_all(arguments: list[str]) -> Iterator[Given]:
    """Yield what is meant by each argument, each file once; raises NotGiven."""
    seen = set()
    for argument in arguments:
        if argument == '-':
            yield Given(STDIN, sys.stdin.buffer.read(MAX_CHARACTERS + 1))
            continue
        for path in _paths(argument):
            if path.resolve() not in seen:
                seen.add(path.resolve())
                yield Given(str(path), _read(path))


def _paths(argument: str) -> list[Path]:
    path = Path(argument)
    if path.is_dir():
        found = [each for each in sorted(path.rglob('*')) if _is_document(each, path)]
        if not found:
            raise NotGiven(f'{argument}: no OpenAPI document in this folder')
        return found
    if not path.exists() and glob.has_magic(argument):
        matches = sorted(Path(each) for each in glob.glob(argument, recursive=True))  # noqa: PTH207
        found = [each for each in matches if each.is_file()]
        if not found:
            raise NotGiven(f'{argument}: no file matches')
        return found
    return [path]


def _is_document(path: Path, folder: Path) -> bool:
    inside = path.relative_to(folder).parts
    if path.suffix.lower() not in _ENDINGS or not path.is_file():
        return False
    if any(part.startswith('.') or part in _SKIPPED for part in inside):
        return False
    return bool(_IS_API.search(_read(path)))


def _read(path: Path) -> bytes:
    try:
        with path.open('rb') as file:
            return file.read(MAX_CHARACTERS + 1)
    except OSError as error:
        raise NotGiven(f'{path}: {error.strerror}') from error
