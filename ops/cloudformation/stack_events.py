"""The events of CloudFormation while it works on a stack."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ops.cloudformation import retained
from ops.terminal import printable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackEventTypeDef

_WORDS = {
    'CREATE_COMPLETE': ('created', 'green'),
    'UPDATE_COMPLETE': ('updated', 'green'),
    'DELETE_COMPLETE': ('deleted', 'yellow'),
    'DELETE_SKIPPED': ('kept', 'yellow'),
}
# It ends the others when one fails; that is no reason.
_CANCELLED = 'cancelled'
_TAKEN = 'already exists'


def newest(cloudformation: 'CloudFormationClient', stack_id: str) -> str:
    """Return the id of a stack's newest event."""
    return next(_newest_first(cloudformation, stack_id))['EventId']


def since(
    cloudformation: 'CloudFormationClient', stack_id: str, before: str
) -> 'list[StackEventTypeDef]':
    """Return the events that came after one, in order."""
    events = []
    for event in _newest_first(cloudformation, stack_id):
        if event['EventId'] == before:
            break
        events.append(event)
    return events[::-1]


def _newest_first(
    cloudformation: 'CloudFormationClient', stack_id: str
) -> 'Iterator[StackEventTypeDef]':
    pages = cloudformation.get_paginator('describe_stack_events').paginate(StackName=stack_id)
    return (event for page in pages for event in page['StackEvents'])


def kept(cloudformation: 'CloudFormationClient', stack_id: str) -> 'Iterator[StackEventTypeDef]':
    """Yield the last event of each resource that a stack made, and lost, and that is there."""
    last: dict[str, StackEventTypeDef] = {}
    made: set[str] = set()
    for event in _newest_first(cloudformation, stack_id):
        last.setdefault(event['LogicalResourceId'], event)
        # One that could not be made may have the name of what somebody else made.
        if event['ResourceStatus'] == 'CREATE_COMPLETE':
            made.add(event['PhysicalResourceId'])
    for event in last.values():
        lost = event['ResourceStatus'] in ('DELETE_SKIPPED', 'DELETE_FAILED')
        if lost and event['PhysicalResourceId'] in made:
            yield event


def failure(event: 'StackEventTypeDef') -> str:
    """Return which resource failed and why, if the event is the failure of a single resource."""
    reason = event.get('ResourceStatusReason', '')
    if not event['ResourceStatus'].endswith('_FAILED') or _CANCELLED in reason:
        return ''
    logical_id = event['LogicalResourceId']
    return printable(f'{logical_id}: {" ".join(reason.split())}{_remedy(logical_id, reason)}')


def _remedy(logical_id: str, reason: str) -> str:
    """Return how to go on where something of an earlier stack has the name."""
    kind = retained.KEPT.get(logical_id)
    if not kind or not kind.parameter or _TAKEN not in reason:
        return ''
    return f'. If it is yours, use it with -p {kind.parameter}=...'


def tell(event: 'StackEventTypeDef') -> None:
    """Print a line for a resource that has finished or failed, and for a rollback."""
    status, logical_id = event['ResourceStatus'], event['LogicalResourceId']
    resource_type = event.get('ResourceType', '')
    if resource_type == 'AWS::CloudFormation::Stack':
        if status.endswith('ROLLBACK_IN_PROGRESS'):
            click.secho('  Rolling back', fg='red')
        return
    word, colour = _WORDS.get(status, ('failed', 'red'))
    if status in _WORDS or status.endswith('_FAILED'):
        click.echo(f'  {click.style(f"{word:<8}", fg=colour)} {logical_id} ({resource_type})')
