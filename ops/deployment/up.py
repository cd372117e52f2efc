"""`ops up`: what a stage needs beside what `chalice deploy` makes, and what that can't set."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ops.cloudformation import stack
from ops.deployment import policy, resources, rollout
from ops.gateway import log_groups, rest_api
from ops.stage import json_file, options, variables
from ops.stage.stage import Stage, StageNotUsable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient


@click.command(epilog='Example: python -m ops up --stage dev -p AlarmEmail=ops@example.com')
@options.stage
@options.parameters
@options.allow_replacement
def up(stage: Stage, given: Mapping[str, str], *, allow_replacement: bool) -> None:
    """Deploy what a stage needs beside its function and its API, and set up the API.

    It writes what it made into the settings of the stage, for `chalice deploy`. Run it again after
    each `chalice deploy`: it then sets what that cannot.
    """
    if stage.is_local:
        raise StageNotUsable('The stage local has all it needs in the emulator: `make dev`.')
    stage.check_gateway_stage()
    cloudformation = stage.session().client('cloudformation', endpoint_url=stage.endpoint_url)
    _refuse_one_stack(stage, cloudformation)
    _make_log(stage)
    before = _settings(stage, cloudformation)
    _deploy_resources(stage, cloudformation, given, allow_replacement=allow_replacement)
    settings = _settings(stage, cloudformation)
    gone = _no_longer_set(stage, before, settings)
    switched_on = {'CAPABILITIES': None, **variables.of_capabilities(stage.switched_on)}
    has_written = [
        _write_settings(stage, {**settings, **switched_on, **dict.fromkeys(gone)}),
        _write_policy(stage, settings, gone),
    ]
    if stage.rest_api():
        rest_api.apply(stage)
    if any(has_written) or not stage.rest_api():
        click.echo(f'Next: chalice deploy --stage {stage.name}, and then this command again.')


def _refuse_one_stack(stage: Stage, cloudformation: 'CloudFormationClient') -> None:
    if stack.describe(cloudformation, stage.stack_name):
        raise StageNotUsable(
            f'The stage {stage.name} is deployed as one stack, {stage.stack_name}: update it with '
            f'`python -m ops deploy --stage {stage.name}`.'
        )


def _make_log(stage: Stage) -> None:
    """Make the log of the function, which saved queries name and the function can't make."""
    logs = stage.session().client('logs', endpoint_url=stage.endpoint_url)
    name, days = log_groups.of_function(stage), stage.config.log_retention_in_days
    if log_groups.ensure(logs, name, days):
        click.echo(f'The log {name} is now kept {f"for {days} days" if days else "for ever"}.')


def _deploy_resources(
    stage: Stage,
    cloudformation: 'CloudFormationClient',
    given: Mapping[str, str],
    *,
    allow_replacement: bool,
) -> None:
    name = stage.resources_stack_name
    change_set = rollout.plan(
        stage,
        cloudformation,
        resources.of_stage(stage),
        name,
        given,
        allow_replacement=allow_replacement,
    )
    rollout.execute(stage, cloudformation, name, change_set)


def _settings(stage: Stage, cloudformation: 'CloudFormationClient') -> dict[str, str]:
    return variables.of_outputs(stack.outputs(cloudformation, stage.resources_stack_name))


def _no_longer_set(
    stage: Stage, before: Mapping[str, str], settings: Mapping[str, str]
) -> list[str]:
    """Return the settings that the stack gave and gives no more, but for what a person wrote."""
    given = stage.config.environment_variables
    return [
        name for name, value in before.items() if name not in settings and given.get(name) == value
    ]


def _write_settings(stage: Stage, settings: Mapping[str, str | None]) -> bool:
    changed = variables.write(Path(stage.config.project_dir), stage.name, settings)
    for name, value in changed.items():
        change = f'{name} is taken out' if value is None else f'{name}={value}'
        click.echo(f'.chalice/config.json: {change}')
    if not changed:
        click.echo(f'.chalice/config.json has the settings of the stage {stage.name}.')
    return bool(changed)


def _write_policy(stage: Stage, settings: Mapping[str, str], gone: Collection[str]) -> bool:
    """Let the function's role reach what the settings name, and nothing else.

    Statements that are somebody's own stay in it.
    """
    file = Path(stage.config.project_dir) / '.chalice' / f'policy-{stage.name}.json'
    present = json_file.read(file) if file.exists() else {}
    identity = stage.session().client('sts', endpoint_url=stage.endpoint_url).get_caller_identity()
    place = policy.Place(identity['Arn'].split(':')[1], stage.region, identity['Account'])
    named = {**stage.config.environment_variables, **settings}
    wanted = policy.exact(
        stage.capabilities,
        {name: value for name, value in named.items() if name not in gone},
        stage.stack_name,
        place,
    )
    wanted['Statement'] += policy.own_statements(present)
    if stage.config.subnet_ids:
        wanted['Statement'] += policy.network_interfaces(stage.stack_name, place)
    if variables.name_policy(Path(stage.config.project_dir), stage.name, file.name):
        click.echo(f'.chalice/config.json names .chalice/{file.name} to Chalice.')
    if wanted == present:
        click.echo(f'.chalice/{file.name} allows what these settings name.')
        return False
    json_file.replace(file, wanted)
    click.echo(f'.chalice/{file.name}: allows what these settings name, and nothing else.')
    return True
