"""A deployment's zip: what it must hold, and how it is written.

The same files give the same bytes. Chalice reuses a zip by its name, which is a hash of what the
app's files hold, whether or not it is whole.
"""

import os
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

import chalice.app
import click

from ops.packaging import bytecode, import_closure, requirement_files

Files = Mapping[str, bytes]


class NotPackaged(click.ClickException):
    """The package can't be made as it must be; the message says why."""


class Target(NamedTuple):
    """What a zip is made of, and for which Lambda."""

    project: Path
    runtime: str
    architecture: str

    @property
    def can_compile(self) -> bool:
        """Whether the Python that runs this is the runtime's."""
        return self.runtime == bytecode.this_python()


def complete(packed: Files, target: Target) -> dict[str, bytes]:
    """Return what a zip is to hold: of what Chalice packed what can be used, and its bytecode."""
    sources = {name: packed[name] for name in packed if not _is_bytecode(name)}
    unused = _unused(sources)
    kept = {name: content for name, content in sources.items() if name not in unused}
    return kept | (bytecode.compiled(kept) if target.can_compile else {})


def problems(files: Files, target: Target) -> Iterator[str]:
    """Yield what is wrong with the contents of a zip."""
    own = _own(target.project)
    for name, content in own.items():
        if files.get(name) != content:
            yield f'{name} is not in it as in the project'
    yield from requirement_files.problems(
        files,
        target.project / 'requirements.txt',
        target.runtime,
        target.architecture,
        _unused(files),
    )
    listed = {name for each in requirement_files.distributions(files) for name in each.files}
    for name in files.keys() - own.keys() - listed:
        if not _is_bytecode(name):
            yield f'{name} is in it, and nothing that was packaged has it'


def is_whole(archive: Path, target: Target) -> bool:
    """Tell whether a zip is there as it would be made now."""
    try:
        files = read(archive)
    except (OSError, BadZipFile, zlib.error, EOFError):
        return False
    return not any(problems(files, target)) and _is_compiled(files, target)


def read(archive: Path) -> dict[str, bytes]:
    """Return the files of a zip by name."""
    with ZipFile(archive) as packed:
        return {name: packed.read(name) for name in packed.namelist() if not name.endswith('/')}


def write(archive: Path, files: Files) -> None:
    """Write a zip, so that no half of it is ever there, with files that Lambda may read."""
    new = archive.with_suffix(f'.{os.getpid()}')
    with ZipFile(new, 'w') as packed:
        for name in sorted(files):
            entry = ZipInfo(name)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, files[name], ZIP_DEFLATED)
    new.replace(archive)


def _unused(files: Files) -> set[str]:
    listed = {name for each in requirement_files.distributions(files) for name in each.files}
    return import_closure.left_out(files, listed)


def _own(project: Path) -> dict[str, bytes]:
    """Return what does not come out of wheels, by its name in the zip."""
    of_chalice = Path(chalice.app.__file__)
    own = {f'chalice/{name}': of_chalice.with_name(name) for name in ('__init__.py', 'app.py')}
    own['app.py'] = project / 'app.py'
    for folder, root in (('chalicelib', project), ('vendor', project / 'vendor')):
        for file in _files_under(project / folder):
            own[file.relative_to(root).as_posix()] = file
    return {name: file.read_bytes() for name, file in own.items()}


def _files_under(folder: Path) -> Iterator[Path]:
    for path, _, names in os.walk(folder, followlinks=folder.name == 'vendor'):
        yield from (Path(path, name) for name in names if not _is_bytecode(f'{path}/{name}'))


def _is_bytecode(name: str) -> bool:
    """Tell whether a file is what Python keeps beside a source, or is about to."""
    return '__pycache__' in name.split('/')


def _is_compiled(files: Files, target: Target) -> bool:
    """Tell whether there is just the bytecode that there should be."""
    there = {name for name in files if _is_bytecode(name)}
    if not target.can_compile:
        return not there
    sources = {bytecode.name_of(name): name for name in files if name.endswith('.py')}
    return there <= sources.keys() and all(
        bytecode.is_of(files[source], files.get(name, b'')) or not bytecode.is_python(files[source])
        for name, source in sources.items()
    )
