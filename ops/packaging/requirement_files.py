"""What a zip must hold of requirements.txt: each requirement, what that requires, all their files.

Chalice leaves out what it finds no wheel of, prints so, and goes on. Every wheel lists its files.
https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

import csv
import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from email import message_from_bytes
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

_MACHINES = {'x86_64': 'x86_64', 'arm64': 'aarch64'}
_RECORD = re.compile(r'(?P<folder>[^/]+\.dist-info)/RECORD')
_INTO_THE_ROOT = re.compile(r'[^/]+\.data/(purelib|platlib)/')
# Of Chalice itself a zip gets two files, from where it runs; of what was installed into vendor/,
# neither programs nor bytecode.
_NOT_PACKAGED = re.compile(r'^(chalice|\.\.)/|__pycache__/')
_COMMENT = re.compile(r'(^|\s)#.*')


class Distribution(NamedTuple):
    """A wheel as it was unpacked: its files, each with the hash that it is listed with."""

    name: str
    version: str
    requires: list[Requirement]
    files: dict[str, str]


def distributions(files: Mapping[str, bytes]) -> list[Distribution]:
    """Return the wheels whose lists of files a zip holds."""
    found = (_RECORD.fullmatch(name) for name in files)
    return [_distribution(files, match['folder']) for match in found if match]


def problems(
    files: Mapping[str, bytes],
    requirements: Path,
    runtime: str,
    architecture: str,
    left_out: Collection[str],
) -> Iterator[str]:
    """Yield what a zip lacks of the requirements, for a runtime, but for what was left out."""
    there: dict[str, Distribution] = {
        canonicalize_name(each.name): each for each in distributions(files)
    }
    environment = _environment(runtime, architecture)
    wanted = [(requirements.name, requirement) for requirement in _lines(requirements)]
    wanted += [(each.name, requirement) for each in there.values() for requirement in each.requires]
    extras: dict[str, set[str]] = {requirements.name: {''}}
    for _, requirement in wanted:
        extras.setdefault(canonicalize_name(requirement.name), {''}).update(requirement.extras)
    for by, requirement in wanted:
        of_extras = extras.get(canonicalize_name(by), {''})
        if _applies(requirement, environment, of_extras):
            yield from _unmet(requirement, there, by)
    for each in there.values():
        for name, listed in each.files.items():
            if name not in files and name not in left_out:
                yield f'{each.name} {each.version} lacks {name}'
            elif name in files and listed and _hash(listed, files[name]) != listed:
                yield f'{name} is not as {each.name} {each.version} has it'


def _distribution(files: Mapping[str, bytes], folder: str) -> Distribution:
    metadata = message_from_bytes(files.get(f'{folder}/METADATA', b''))
    rows = csv.reader(files[f'{folder}/RECORD'].decode().splitlines())
    listed = {_INTO_THE_ROOT.sub('', row[0]): row[1] for row in rows if row}
    return Distribution(
        metadata.get('Name', folder),
        metadata.get('Version', ''),
        [*_parsed(metadata.get_all('Requires-Dist', []))],
        {name: hashed for name, hashed in listed.items() if not _NOT_PACKAGED.search(name)},
    )


def _lines(file: Path) -> Iterator[Requirement]:
    """Yield the requirements of a file that pip reads, and of those that it names."""
    if not file.exists():
        return
    for line in file.read_text('utf-8').replace('\\\n', ' ').splitlines():
        text = _COMMENT.sub('', line).strip()
        if other := re.fullmatch(r'(?:-r|--requirement)[\s=]*(.+)', text):
            yield from _lines(file.parent / other[1])
            continue
        # Without pip's options for one requirement.
        yield from _parsed([re.sub(r'\s--?\w.*', '', text)])


def _parsed(texts: Iterable[str]) -> Iterator[Requirement]:
    """Yield requirements; an option of pip, or a path, says nothing of a name."""
    for text in texts:
        with suppress(InvalidRequirement):
            yield Requirement(text)


def _applies(wanted: Requirement, environment: dict[str, str], extras: set[str]) -> bool:
    marker = wanted.marker
    return not marker or any(marker.evaluate(environment | {'extra': each}) for each in extras)


def _unmet(wanted: Requirement, there: Mapping[str, Distribution], by: str) -> Iterator[str]:
    found = there.get(canonicalize_name(wanted.name))
    if not found:
        yield f'{wanted} of {by} is not in it'
    elif not wanted.specifier.contains(found.version, prereleases=True):
        yield f'{wanted} of {by} is there as {found.version}'


def _environment(runtime: str, architecture: str) -> dict[str, str]:
    """Return what markers ask for, as it is in Lambda."""
    version = runtime.removeprefix('python')
    return {
        'implementation_name': 'cpython',
        'os_name': 'posix',
        'platform_machine': _MACHINES[architecture],
        'platform_system': 'Linux',
        'platform_python_implementation': 'CPython',
        'python_full_version': f'{version}.0',
        'python_version': version,
        'sys_platform': 'linux',
    }


def _hash(listed: str, content: bytes) -> str:
    algorithm = listed.partition('=')[0]
    digest = hashlib.new(algorithm, content).digest()
    return f'{algorithm}={urlsafe_b64encode(digest).rstrip(b"=").decode()}'
