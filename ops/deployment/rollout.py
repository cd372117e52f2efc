"""How a stage's stack gets what a template says; the same for both kinds of stack."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ops.cloudformation import changes, retained, stack
from ops.deployment import leftovers, parameters, switched_off
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
    """Plan a change of a stack that loses nothing; None if there is nothing to change.

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
            changes.refuse_losses(change_set.changes, switched_off.resources(stage, before))
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
    stage: Stage,
    cloudformation: 'CloudFormationClient',
    name: str,
    change_set: stack.ChangeSet | None,
) -> None:
    """Execute a change, if there is one, and print its progress; protect the stack from deletion.

    Raises StackFailed.
    """
    if change_set:
        staying, outputs = _let_go(stage, cloudformation, name, change_set)
        verb = ('Creating', 'created') if change_set.creates else ('Updating', 'updated')
        click.echo(f'{verb[0]} the stack {name}:')
        stack.execute(cloudformation, change_set)
        click.echo(f'The stack {name} is {verb[1]}.')
        switched_off.tell(staying, outputs)
    else:
        click.echo(f'The stack {name} needs no change.')
    stack.protect(cloudformation, name)


def _let_go(
    stage: Stage,
    cloudformation: 'CloudFormationClient',
    name: str,
    change_set: stack.ChangeSet,
) -> tuple[dict[str, str], dict[str, str]]:
    """Empty what a change takes away; return what of that stays, and the outputs that name it."""
    removed = {each.logical_id for each in change_set.changes if each.action == 'Remove'}
    if not removed:
        return {}, {}
    template = stack.template(cloudformation, name)['Resources']
    there = [
        each
        for each in stack.resources(cloudformation, name)
        if each['LogicalResourceId'] in removed
    ]
    going, staying = retained.split(there, template)
    switched_off.empty_buckets(stage, going)
    return staying, stack.outputs(cloudformation, name)
