"""How a stage's stack becomes what a template says, whichever of the two it is."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ops.cloudformation import changes, stack
from ops.deployment import leftovers, parameters
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef


def plan(  # noqa: PLR0913 - two of them are choices of a person
    stage: Stage,
    cloudformation: 'CloudFormationClient',
    template: dict[str, Any],
    name: str,
    given: Mapping[str, str],
    *,
    template_url: str = '',
    allow_replacement: bool,
) -> stack.ChangeSet | None:
    """Work out a change of a stack that loses nothing; None if there is nothing to change.

    The template goes with the request, unless it is at a URL. Raises StackFailed, ChangeRefused or
    ParameterRefused.
    """
    existing = leftovers.clear(stage, cloudformation, stack.describe(cloudformation, name))
    if existing:
        stack.refuse_unfit(existing)
    before = stack.template(cloudformation, name) if existing else {}
    values = parameters.resolve(stage, template, existing, before, given)
    if existing and template == before and _are_so(existing, values):
        return None  # CloudFormation can't tell, of a template that deploys its API every time
    body = json.dumps(template, separators=(',', ':'))
    source = {'TemplateURL': template_url} if template_url else {'TemplateBody': body}
    change_set = stack.plan(cloudformation, name, source, values)
    if change_set and not allow_replacement:
        try:
            changes.refuse_losses(change_set.changes)
        except changes.ChangeRefused:
            stack.discard(cloudformation, change_set)
            raise
    return change_set


def _are_so(existing: 'StackTypeDef', values: 'list[ParameterTypeDef]') -> bool:
    """Tell whether a stack with the same template has these parameters already."""
    before = {
        each['ParameterKey']: each['ParameterValue'] for each in existing.get('Parameters', [])
    }
    return all(
        each.get('UsePreviousValue') or each['ParameterValue'] == before.get(each['ParameterKey'])
        for each in values
    )


def execute(
    cloudformation: 'CloudFormationClient', name: str, change_set: stack.ChangeSet | None
) -> None:
    """Execute a change, if there is one, and tell how it goes; nobody deletes it by mistake.

    Raises StackFailed.
    """
    if change_set:
        verb = ('Creating', 'created') if change_set.creates else ('Updating', 'updated')
        click.echo(f'{verb[0]} the stack {name}:')
        stack.execute(cloudformation, change_set)
        click.echo(f'The stack {name} is {verb[1]}.')
    else:
        click.echo(f'The stack {name} is as it should be.')
    stack.protect(cloudformation, name)
