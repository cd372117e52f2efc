"""`ops down`: a stage is removed from AWS, but for its people and its data."""

import re
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops import terminal
from ops.cloudformation import retained, stack
from ops.deployment import leftovers, switched_off
from ops.deployment.bucket import CodeBucket
from ops.gateway import log_groups
from ops.stage import options, variables
from ops.stage.stage import Stage, StageNotUsable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef


@click.command(epilog='Example: python -m ops down --stage dev')
@options.stage
@options.yes
def down(stage: Stage, *, yes: bool) -> None:
    """Remove a stage from AWS, but for its people and its data.

    It says what is kept, how to use that again and how to remove it.
    """
    if stage.is_local:
        raise StageNotUsable('The stage local is gone when `make dev` ends.')
    if stage.rest_api():
        raise StageNotUsable(
            f'The stage {stage.name} is deployed by Chalice: run `chalice delete --stage '
            f'{stage.name}` first, then this again.'
        )
    cloudformation = stage.session().client('cloudformation', endpoint_url=stage.endpoint_url)
    for command, name in (('deploy', stage.stack_name), ('up', stage.resources_stack_name)):
        if found := stack.describe(cloudformation, name):
            stack.refuse_busy(found)
            click.echo(f'The stack {name} is {found["StackStatus"]}.')
            if not yes:
                terminal.confirm(f'Remove the stage {stage.name}?')
            _remove(stage, cloudformation, found, command)
        else:
            click.echo(f'There is no stack {name}.')
    _remove_logs(stage)
    if CodeBucket(stage, None).remove():
        click.echo('Removed the bucket of code and templates.')


def _remove(
    stage: Stage, cloudformation: 'CloudFormationClient', found: 'StackTypeDef', command: str
) -> None:
    name = found['StackName']
    if not leftovers.clear(stage, cloudformation, found):
        return
    template: dict[str, Any] = dict(cloudformation.get_template(StackName=name)['TemplateBody'])
    going, staying = retained.split(stack.resources(cloudformation, name), template['Resources'])
    outputs = stack.outputs(cloudformation, name)
    switched_off.empty_buckets(stage, going)
    stack.protect(cloudformation, name, on=False)
    click.echo(f'Deleting the stack {name}:')
    stack.delete(cloudformation, found['StackId'])
    click.echo(f'The stack {name} is deleted.')
    # A bucket's policy goes by the name of the bucket, which may stay.
    _forget_settings(stage, set(going.values()) - set(staying.values()))
    if staying:
        click.echo('Kept:')
        for line in retained.describe(staying):
            click.echo(f'  {line}')
    if again := ' '.join(retained.as_parameters(staying, outputs)):
        click.echo('To use it again:')
        click.echo(f'  python -m ops {command} --stage {stage.name} {again}')


def _forget_settings(stage: Stage, gone: Collection[str]) -> None:
    """Take the settings out of .chalice/config.json that name what is gone."""
    names = {physical_id.rpartition('|')[2] for physical_id in gone} | set(gone)
    settings = stage.config.environment_variables
    lost: dict[str, str | None] = {
        name: None
        for name in variables.names(stage.capabilities)
        if not names.isdisjoint(
            {settings.get(name, ''), *re.split('[,./]+', settings.get(name, ''))}
        )
    }
    for name in variables.write(Path(stage.config.project_dir), stage.name, lost):
        click.echo(f'.chalice/config.json: {name} is taken out')


def _remove_logs(stage: Stage) -> None:
    """Remove the logs that no stack had."""
    logs = stage.session().client('logs', endpoint_url=stage.endpoint_url)
    for name in (log_groups.of_access(stage), log_groups.of_function(stage)):
        with suppress(logs.exceptions.ResourceNotFoundException):
            logs.delete_log_group(logGroupName=name)
            click.echo(f'Removed the log {name}.')
