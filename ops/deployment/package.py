"""package: what CloudFormation deploys, a zip and the template that names it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import click

from ops.deployment.one_stack import ANY_POOL_ARN, one_stack
from ops.packaging import chalice_commands, zip_contents, zip_proof
from ops.packaging.lambda_runtime import RuntimeNotUsable
from ops.packaging.zip_contents import NotPackaged, Target
from ops.stage import import_failure, options, variables
from ops.stage.stage import PROJECT, Stage

MAX_ZIP_BYTES = 4_000_000
# The project that is packaged may be another than this one, with a chalicelib of its own.
_CHALICE = """if True:
    import sys
    sys.path.insert(0, sys.argv.pop(1))
    from ops.packaging import chalice_commands
    del sys.path[0]
    chalice_commands.main()
"""


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
    if archive.stat().st_size > MAX_ZIP_BYTES:
        raise NotPackaged(
            f'{archive} has {archive.stat().st_size:,} bytes, over {MAX_ZIP_BYTES:,}: '
            'leave out of requirements.txt what Lambda has already.'
        )
    template = out / 'sam.json'
    merged = one_stack(stage, json.loads(template.read_text()))
    template.write_text(json.dumps(merged, indent=2) + '\n')
    return archive


def prove(stage: Stage, archive: Path) -> None:
    """Let the packaged function answer a request in Lambda's own runtime, if that is here.

    Raises NotPackaged when it doesn't.
    """
    config = stage.config
    target = Target(
        Path(config.project_dir), chalice_commands.runtime(config), config.lambda_architecture
    )
    settings = {'COGNITO_USER_POOL_ARN': ANY_POOL_ARN, **config.environment_variables}
    # The request is an app client's that no stage knows.
    settings.pop('COGNITO_CLIENT_IDS', None)
    reason, failure = zip_proof.cannot_be_run(target), None
    try:
        if not reason:
            failure = zip_proof.request_fails(zip_contents.read(archive), settings)
    except RuntimeNotUsable as error:
        reason = str(error).rstrip('.')
    if failure:
        raise NotPackaged(f"The function does not answer in Lambda's runtime: {failure}")
    click.echo(
        f"The function was not tried in Lambda's runtime: {reason}."
        if reason
        else "The function answers in Lambda's runtime."
    )


def _run_chalice(stage: Stage, out: Path) -> None:
    # Chalice asks for a region, and minds the endpoint, though nothing here depends on them.
    region = boto3.Session(profile_name=stage.config.profile).region_name or 'us-east-1'
    settings = {
        'COGNITO_USER_POOL_ARN': ANY_POOL_ARN,
        'AWS_DEFAULT_REGION': region,
        **variables.of_capabilities(stage.switched_on),
    }
    inherited = {name: os.environ[name] for name in os.environ.keys() - {'AWS_ENDPOINT_URL'}}
    run = subprocess.run(  # noqa: S603
        [sys.executable, '-c', _CHALICE, PROJECT, 'package', '--stage', stage.name, out.resolve()],
        cwd=stage.config.project_dir,
        env=inherited | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise NotPackaged(_told(run, Path(stage.config.project_dir)))
    for line in run.stdout.splitlines():
        if line.startswith('The zip '):
            click.echo(line)


def _told(run: subprocess.CompletedProcess[str], project: Path) -> str:
    """Return why there is no package, in one line."""
    said = run.stderr.strip() or run.stdout.strip()
    if said.startswith('Error: '):
        return said.removeprefix('Error: ')
    why = import_failure.in_one_line(said, project)
    return f'chalice package ended with {run.returncode}: {why}'
