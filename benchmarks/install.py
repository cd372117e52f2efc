"""`python -m benchmarks.install`: AWS's Lambda runtime for this machine, into .cache/lambda."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

from ops.packaging.lambda_runtime import CACHE, EMULATOR, RUNTIME_PACKAGES, architecture

HERE = Path(__file__).parent
# Its wheel carries the emulator. Installed, it would need other versions than the project does.
EMULATOR_WHEEL = 'aws-sam-cli==1.170.0'
# Wheels hold no bytecode for another Python.
PEERS = CACHE / 'bench' / str(sys.implementation.cache_tag)


def install_runtime() -> None:
    """Install the runtime interface emulator, and the packages that Lambda has for every zip."""
    shutil.rmtree(RUNTIME_PACKAGES, ignore_errors=True)
    constraint = ['--constraint', str(HERE.parent / 'requirements-dev.txt')]
    _pip('install', '--target', str(RUNTIME_PACKAGES), 'awslambdaric', 'boto3', *constraint)
    with TemporaryDirectory() as folder:
        _pip('download', '--no-deps', '--dest', folder, EMULATOR_WHEEL)
        (wheel,) = Path(folder).glob('*.whl')
        with zipfile.ZipFile(wheel) as packed:
            EMULATOR.write_bytes(packed.read(f'samcli/local/rapid/aws-lambda-rie-{architecture()}'))
    EMULATOR.chmod(0o755)


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
