"""`python -m bootstrap.packages FOLDER FILE...`: a virtual environment with what the files pin.

Nothing is installed yet when this runs: it has the standard library only.
"""

import argparse
import platform
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

# Each file is complete, so pip has nothing to resolve. A module is compiled when it is first used:
# compiling all of them would take longer than the rest.
_INSTALL = ['install', '--no-deps', '--no-compile', '--disable-pip-version-check']
# Where distributions keep the wheel of pip that Python otherwise has with itself.
WHEEL_FOLDERS = (sysconfig.get_config_var('WHEEL_PKG_DIR'), '/usr/share/python-wheels')


class NotInstalled(Exception):
    """Packages can't be installed; the message says why, and what to do."""


def install(folder: Path, files: Sequence[Path]) -> None:
    """Make the environment for this Python, unless it is there, and install what has changed."""
    python = str(folder / 'bin' / 'python')
    pinned_pip = next((pin for pin in _pins(files[0]) if pin.startswith('pip==')), None)
    if not _is_of_this_python(folder):
        print(f'Making {folder} with Python {platform.python_version()} ...', flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        venv.create(folder, symlinks=True)
        if pinned_pip:
            _install_pip(python, pinned_pip)
        (folder / 'installed').mkdir()
    # An environment that has no pip is filled by that of the Python that runs this.
    pip = [python, '-m', 'pip'] if pinned_pip else [sys.executable, '-m', 'pip', '--python', python]
    for file in files:
        installed = folder / 'installed' / file.name
        if not installed.exists() or installed.read_bytes() != file.read_bytes():
            _install(pip, file)
            shutil.copyfile(file, installed)


def _is_of_this_python(folder: Path) -> bool:
    """Tell whether an environment is complete, and made by a Python of this version."""
    if Path(sys.prefix) == folder.absolute():
        return True
    settings = folder / 'pyvenv.cfg'
    if not (folder / 'installed').exists() or not settings.exists():
        return False
    lines = (line.partition('=') for line in settings.read_text().splitlines())
    values = {name.strip(): value.strip() for name, _, value in lines}
    return values.get('version') == platform.python_version() and (folder / 'bin/python').exists()


def _install_pip(python: str, pin: str) -> None:
    """Install the pip that is pinned. It is faster than Python's own, which installs it."""
    bundled = next(_pips_of_python(), None)
    if bundled is None:
        raise NotInstalled(
            'This Python has no pip to begin with. Debian and Ubuntu have it in a package of '
            'their own: apt-get install python3-venv'
        )
    command = [python, str(bundled / 'pip'), *_INSTALL, '-qq', pin]
    if subprocess.run(command, check=False).returncode:
        raise NotInstalled('pip could not be installed; it says why, above.')


def _pips_of_python() -> Iterator[Path]:
    """Yield the wheels of pip that a Python carries to make environments with."""
    ensurepip = find_spec('ensurepip')
    own = Path(ensurepip.origin).parent / '_bundled' if ensurepip and ensurepip.origin else None
    for folder in filter(None, (own, *WHEEL_FOLDERS)):
        yield from Path(folder).glob('pip-*.whl')


def _install(pip: Sequence[str], file: Path) -> None:
    """Install what a file pins, and show how far that is."""
    started, total, done = time.monotonic(), len(list(_pins(file))), 0
    show = _Progress(f'Installing {file.name}')
    said: list[str] = []
    with subprocess.Popen(
        [*pip, *_INSTALL, '--requirement', str(file)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            said.append(line)
            if line.startswith('Ignoring '):  # it is for another machine
                total -= 1
            elif line.startswith(('Collecting ', 'Requirement already satisfied: ')):
                done += 1
                show(f'{done} of {total} packages')
            elif line.startswith('Installing collected '):
                show('unpacking')
    if process.returncode:
        why = [line for line in said if line.startswith('ERROR: ')] or said[-20:]
        raise NotInstalled(f'\n{"".join(why)}What {file} pins could not be installed.')
    show(f'{total} packages in {time.monotonic() - started:.0f} s', last=True)


class _Progress:
    """A line that is written over on a terminal; elsewhere, its last state only."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._is_terminal = sys.stdout.isatty()

    def __call__(self, state: str, *, last: bool = False) -> None:
        if self._is_terminal:
            end = '\n' if last else ''
            print(f'\r\033[K{self._title}: {state}', end=end, flush=True)
        elif last:
            print(f'{self._title}: {state}', flush=True)


def _pins(file: Path) -> Iterator[str]:
    """Yield what a file pins, for this machine and for others."""
    for line in file.read_text().splitlines():
        pin, _, _ = line.partition('#')
        if pin.strip():
            yield pin.strip()


def main() -> None:
    """Install, or end with one line that says why not."""
    parser = argparse.ArgumentParser(prog='python -m bootstrap.packages', description=__doc__)
    parser.add_argument('folder', type=Path)
    parser.add_argument('files', type=Path, nargs='+')
    asked = parser.parse_args()
    try:
        install(asked.folder, asked.files)
    except NotInstalled as error:
        sys.exit(str(error))


if __name__ == '__main__':
    main()
