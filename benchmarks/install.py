"""`python -m benchmarks.install`: AWS's Lambda runtime for this machine, into .cache/lambda."""

import shutil
import subprocess
import sys
from pathlib import Path

from ops.packaging.lambda_runtime import CACHE, EMULATOR, RUNTIME_PACKAGES, architecture

HERE = Path(__file__).parent
# Wheels hold no bytecode for another Python.
PEERS = CACHE / 'bench' / str(sys.implementation.cache_tag)


def install_runtime() -> None:
    """Install the runtime interface emulator, and the packages that Lambda has for every zip."""
    pinned = HERE.parent / 'requirements-test.txt'
    installed = RUNTIME_PACKAGES / pinned.name
    if installed.exists() and installed.read_bytes() == pinned.read_bytes():
        return
    print(f"Installing AWS's Lambda runtime into {EMULATOR.parent} ...", flush=True)
    shutil.rmtree(RUNTIME_PACKAGES, ignore_errors=True)
    options = ['--target', str(RUNTIME_PACKAGES), '--constraint', str(pinned)]
    _pip('install', *options, 'awslambdaric', 'boto3')
    shutil.copy(_emulator_of_sam(), EMULATOR)
    EMULATOR.chmod(0o755)
    shutil.copyfile(pinned, installed)


def _emulator_of_sam() -> Path:
    """Return the emulator that SAM's command line carries for this machine."""
    rapid = 'lib/python*/site-packages/samcli/local/rapid'
    return next(
        (CACHE / 'validators' / 'aws-sam-cli').glob(f'{rapid}/aws-lambda-rie-{architecture()}')
    )


def install_peer(name: str) -> Path:
    """Return a folder with what benchmarks/requirements-<name>.txt pins, as a zip would hold it."""
    pinned, folder = HERE / f'requirements-{name}.txt', PEERS / name
    installed = folder / pinned.name
    if not installed.exists() or installed.read_text() != pinned.read_text():
        shutil.rmtree(folder, ignore_errors=True)
        _pip('install', '--no-compile', '--target', str(folder), '--requirement', str(pinned))
        shutil.copyfile(pinned, installed)
    return folder


def _pip(*arguments: str) -> None:
    pip = [sys.executable, '-m', 'pip', '-qq', '--disable-pip-version-check']
    subprocess.run([*pip, *arguments], check=True)


if __name__ == '__main__':
    install_runtime()
