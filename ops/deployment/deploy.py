"""`ops deploy`: a stage as one stack."""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops import terminal
from ops.cloudformation import changes, stack
from ops.deployment import rollout
from ops.deployment.bucket import CodeBucket
from ops.deployment.package import build, prove
from ops.stage import options
from ops.stage.stage import Stage, StageNotUsable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

# What the package calls the function's code.
_ZIP = './deployment.zip'


@click.command(epilog='Example: python -m ops deploy --stage prod -p AlarmEmail=ops@example.com')
@options.stage
@options.parameters
@click.option('--bucket', metavar='NAME', help='The bucket to upload to; else one is made.')
@options.allow_replacement
@options.yes
def deploy(
    stage: Stage,
    given: Mapping[str, str],
    bucket: str | None,
    *,
    allow_replacement: bool,
    yes: bool,
) -> None:
    """Deploy all of a stage as one stack: its function, its API and what they need.

    It shows what would change and asks before it changes that.
    """
    if stage.is_local:
        raise StageNotUsable('The stage local runs on this machine: `make dev`.')
    cloudformation = stage.session().client('cloudformation', endpoint_url=stage.endpoint_url)
    _refuse_two_stacks(stage, cloudformation)
    template, url = _upload(stage, CodeBucket(stage, bucket))
    plan = partial(
        rollout.plan,
        stage,
        cloudformation,
        template,
        template_url=url,
        allow_replacement=allow_replacement,
    )
    if change_set := plan(stage.stack_name, given):
        _confirm(cloudformation, change_set, yes=yes)
    rollout.execute(stage, cloudformation, stage.stack_name, change_set)
    api_url = _unknown_api_url(cloudformation, stage.stack_name)
    if api_url and (change_set := plan(stage.stack_name, {'ApiUrl': api_url})):
        click.echo("The API's address is known now; a second update writes it into its answers.")
        rollout.execute(stage, cloudformation, stage.stack_name, change_set)
    for name, value in stack.outputs(cloudformation, stage.stack_name).items():
        click.echo(f'  {name:<25} {value}')


def _refuse_two_stacks(stage: Stage, cloudformation: 'CloudFormationClient') -> None:
    """Refuse a stage that is deployed the other way: names would be taken."""
    if stage.rest_api():
        raise StageNotUsable(
            f'The stage {stage.name} is deployed by Chalice. Use `python -m ops up` and `chalice '
            f'deploy` for it, or first run `chalice delete --stage {stage.name}`.'
        )
    if stack.describe(cloudformation, stage.resources_stack_name):
        raise StageNotUsable(
            f'The stage {stage.name} has the stack {stage.resources_stack_name}. Use `python -m '
            f'ops up` for it, or first run `python -m ops down --stage {stage.name}`.'
        )


def _upload(stage: Stage, bucket: CodeBucket) -> tuple[dict[str, Any], str]:
    """Package the app and upload it; return the template and where that is."""
    click.echo('Packaging the app.')
    archive = build(stage, Path(stage.config.project_dir) / 'out' / stage.name)
    prove(stage, archive)
    bucket.ensure()
    code = f's3://{bucket.name}/{bucket.upload(archive.read_bytes(), ".zip")}'
    text = archive.with_name('sam.json').read_text('utf-8').replace(_ZIP, code)
    template = json.dumps(json.loads(text), separators=(',', ':'))
    return json.loads(text), bucket.url(bucket.upload(template.encode(), '.json'))


def _confirm(
    cloudformation: 'CloudFormationClient', change_set: stack.ChangeSet, *, yes: bool
) -> None:
    for line in changes.table(change_set.changes):
        click.echo(line)
    try:
        if not yes:
            terminal.confirm('Deploy this?')
    except click.Abort:
        stack.discard(cloudformation, change_set)
        click.echo('Nothing was changed.', err=True)
        raise


def _unknown_api_url(cloudformation: 'CloudFormationClient', name: str) -> str:
    """Return the API's URL, if the stack does not have it as a parameter yet."""
    found = stack.describe(cloudformation, name)
    parameters = found['Parameters'] if found else []
    if any(each['ParameterKey'] == 'ApiUrl' and each['ParameterValue'] for each in parameters):
        return ''
    return stack.outputs(cloudformation, name).get('ApiUrl', '')
