"""package: what CloudFormation deploys, a zip and the template that names it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import boto3
import click

from ops.deployment.one_stack import ANY_POOL_ARN, one_stack
from ops.stage import import_failure, options
from ops.stage.stage import PROJECT, Stage

MAX_ZIP_BYTES = 3_000_000


class NotPackaged(click.ClickException):
    """The package can't be made as it must be; the message says why."""


@click.command(epilog='Example: python -m ops package --stage dev')
@options.stage
@click.option(
    '--out', metavar='FOLDER', type=click.Path(path_type=Path), help='Instead of out/<stage>.'
)
def package(stage: Stage, out: Path | None) -> None:
    """Make deployment.zip and sam.json, the template that deploys it, for a stage."""
    archive = build(stage, out or PROJECT / 'out' / stage.name)
    shown = Path(os.path.relpath(archive))
    click.echo(f'{shown}: {archive.stat().st_size:,} bytes')
    click.echo(shown.with_name('sam.json'))


def build(stage: Stage, out: Path) -> Path:
    """Package the app for a stage into a folder; return the path of deployment.zip.

    The same sources give the same bytes. Raises NotPackaged.
    """
    _run_chalice(stage, out)
    archive = out / 'deployment.zip'
    _normalize(archive)
    if archive.stat().st_size > MAX_ZIP_BYTES:
        raise NotPackaged(
            f'{archive} has {archive.stat().st_size:,} bytes, over {MAX_ZIP_BYTES:,}: '
            'leave out of requirements.txt what Lambda has already.'
        )
    template = out / 'sam.json'
    merged = one_stack(stage, json.loads(template.read_text()))
    template.write_text(json.dumps(merged, indent=2) + '\n')
    return archive


def _run_chalice(stage: Stage, out: Path) -> None:
    # Chalice asks for a region, and minds the endpoint, though nothing here depends on them.
    region = boto3.Session(profile_name=stage.config.profile).region_name or 'us-east-1'
    settings = {'COGNITO_USER_POOL_ARN': ANY_POOL_ARN, 'AWS_DEFAULT_REGION': region}
    inherited = {name: os.environ[name] for name in os.environ.keys() - {'AWS_ENDPOINT_URL'}}
    chalice = Path(sys.executable).with_name('chalice')
    run = subprocess.run(  # noqa: S603
        [chalice, 'package', '--stage', stage.name, out.resolve()],
        cwd=stage.config.project_dir,
        env=inherited | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        project = Path(stage.config.project_dir)
        why = import_failure.in_one_line(run.stderr.strip() or run.stdout, project)
        raise NotPackaged(f'chalice package ended with {run.returncode}: {why}')
    # It ends well without a wheel that Lambda's platform lacks.
    if 'Could not install dependencies' in run.stdout:
        raise NotPackaged(run.stdout.strip())


def _normalize(archive: Path) -> None:
    """Leave out bytecode, and make every file one that Lambda may read, whatever the umask."""
    with ZipFile(archive) as packed:
        files = {
            name: packed.read(name)
            for name in sorted(packed.namelist())
            if not name.endswith('.pyc')
        }
    with ZipFile(archive, 'w') as packed:
        for name, content in files.items():
            entry = ZipInfo(name)
            entry.external_attr = 0o644 << 16
            packed.writestr(entry, content, ZIP_DEFLATED)
