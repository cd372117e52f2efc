"""What Chalice packages, whole and with bytecode: for `chalice deploy` as for `ops deploy`.

app.py installs this when the chalice command line imports it; main() is that command line for a
project whose app.py doesn't.
"""

import copy
import sys
from collections.abc import MutableMapping
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from chalice.config import Config
from chalice.deploy.packager import (
    LambdaDeploymentPackager,
    NoSuchPackageError,
    PackageDownloadError,
    SubprocessPip,
    UnsupportedPackageError,
)

from ops.packaging import bytecode, zip_contents, zip_proof
from ops.packaging.zip_contents import NotPackaged, Target

RUNTIMES = ('python3.11', 'python3.12', 'python3.13', 'python3.14')
SETTING = 'lambda_python_version'

_packaged_by_chalice = LambdaDeploymentPackager.create_deployment_package
_asked_of_pip = SubprocessPip.main


def install() -> None:
    """Make the chalice commands of this process package as this module does."""
    for owner, name, replacement in (
        (Config, 'lambda_python_version', property(runtime)),
        (LambdaDeploymentPackager, 'create_deployment_package', create_deployment_package),
        (SubprocessPip, 'main', ask_pip),
    ):
        setattr(owner, name, replacement)


def runtime(config: Config) -> str:
    """Return the runtime of a stage: its setting, else the Python that runs this.

    Raises NotPackaged.
    """
    on_disk = config.config_from_disk
    of_stage = on_disk.get('stages', {}).get(config.chalice_stage, {})
    found = of_stage.get(SETTING, on_disk.get(SETTING))
    if found not in (None, *RUNTIMES):
        raise NotPackaged(
            f'"{SETTING}" in .chalice/config.json is {found!r}, and not one of '
            f'{", ".join(RUNTIMES)}.'
        )
    return found or bytecode.this_python()


def create_deployment_package(
    packager: LambdaDeploymentPackager, project_dir: str, python_version: str
) -> str:
    """Return the path of a zip that is whole: the one of before, or a new one.

    Raises NotPackaged.
    """
    target = Target(Path(project_dir), python_version, packager._architecture)
    archive = Path(packager.deployment_package_filename(project_dir, python_version))
    if not zip_contents.is_whole(archive, target):
        _make(packager, archive, target)
    if reason := zip_proof.cannot_be_run(target):
        click.echo(f'The zip was not tried: {reason}.')
    if not target.can_compile:
        click.echo('The zip holds no bytecode: each cold start compiles what it imports.')
    return str(archive)


def ask_pip(
    pip: SubprocessPip,
    args: list[str],
    env_vars: MutableMapping[str, str] | None = None,
    shim: str | None = None,
) -> tuple[int, bytes, bytes]:
    """Run pip; where it is to look for another Python's wheels, tell it of which."""
    if '--abi' in args:
        version = args[args.index('--abi') + 1].removeprefix('cp')
        args = [args[0], '--python-version', version, *args[1:]]
    answer: tuple[int, bytes, bytes] = _asked_of_pip(pip, args, env_vars, shim)
    return answer


def _make(packager: LambdaDeploymentPackager, archive: Path, target: Target) -> None:
    """Make a zip; nobody sees any of it before it is whole, and nothing of before is in it."""
    with TemporaryDirectory() as folder:
        fresh, plain = copy.copy(packager), Path(folder) / archive.name
        vars(fresh)['deployment_package_filename'] = lambda *_: str(plain)
        try:
            _packaged_by_chalice(fresh, str(target.project), target.runtime)
        except (NoSuchPackageError, PackageDownloadError, UnsupportedPackageError) as error:
            raise NotPackaged(f'pip: {str(error).strip()}') from error
        files = zip_contents.complete(zip_contents.read(plain), target)
    found = sorted(zip_contents.problems(files, target))
    if found:
        more = f'; and {len(found) - 3} more' if len(found) > 3 else ''
        raise NotPackaged(
            f'The zip for {target.runtime} on {target.architecture} would not be whole: '
            f'{"; ".join(found[:3])}{more}. '
            'A requirement needs a wheel for that, or its files in vendor/.'
        )
    can_be_run = not zip_proof.cannot_be_run(target)
    if can_be_run and (failure := zip_proof.import_fails(files)):
        raise NotPackaged(f'The zip cannot be imported with what Lambda has: {failure}')
    archive.parent.mkdir(parents=True, exist_ok=True)
    zip_contents.write(archive, files)


def main() -> None:
    """Run the chalice command line."""
    install()
    from chalice.cli import main as chalice  # noqa: PLC0415 - it talks to the terminal

    sys.exit(chalice())
