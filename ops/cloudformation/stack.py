"""CloudFormation stacks: how to read, change and delete them."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

import click
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from ops.cloudformation import stack_events

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import (
        ChangeTypeDef,
        ParameterTypeDef,
        StackResourceSummaryTypeDef,
        StackTypeDef,
    )

# Commands that only look a stack up on their way fail soon where there is no network.
QUICKLY = Config(connect_timeout=5, read_timeout=20, retries={'total_max_attempts': 2})
# A stack in one of these was never complete: all that can be done with it is to delete it.
NEVER_COMPLETE = ('CREATE_FAILED', 'ROLLBACK_COMPLETE', 'ROLLBACK_FAILED')
# A change set was made for it, and never executed.
_PLANNED = 'REVIEW_IN_PROGRESS'
_NOTHING_TO_CHANGE = ("didn't contain changes", 'No updates are to be performed')
_SECONDS_BETWEEN_LOOKS = 2.0
_CAPABILITIES: list[Literal['CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND']] = [
    'CAPABILITY_NAMED_IAM',
    'CAPABILITY_AUTO_EXPAND',
]


class StackFailed(click.ClickException):
    """A change of a stack failed, or can't begin; the message says why."""


@dataclass(frozen=True)
class Change:
    """What a change set does to a resource."""

    action: str
    logical_id: str
    resource_type: str
    replacement: str


@dataclass(frozen=True)
class ChangeSet:
    """A change of a stack that was planned and waits to be executed."""

    id: str
    stack_id: str
    creates: bool
    changes: list[Change]


def describe(cloudformation: 'CloudFormationClient', name: str) -> 'StackTypeDef | None':
    """Return what there is to know of a stack, by name or id; None where there is none."""
    try:
        found = cloudformation.describe_stacks(StackName=name)['Stacks'][0]
    except ClientError as error:
        refusal = error.response['Error']
        if refusal['Code'] == 'ValidationError' and 'does not exist' in refusal['Message']:
            return None
        raise
    return found


def outputs(cloudformation: 'CloudFormationClient', name: str) -> dict[str, str]:
    """Return a stack's outputs; none where there is no stack."""
    found = describe(cloudformation, name)
    listed = found.get('Outputs', []) if found else []
    return {each['OutputKey']: each['OutputValue'] for each in listed}


def resources(
    cloudformation: 'CloudFormationClient', name: str
) -> 'list[StackResourceSummaryTypeDef]':
    """Return the resources of a stack."""
    pages = cloudformation.get_paginator('list_stack_resources').paginate(StackName=name)
    return [each for page in pages for each in page['StackResourceSummaries']]


def template(cloudformation: 'CloudFormationClient', name: str) -> dict[str, Any]:
    """Return a stack's template as it was given; empty where that was YAML."""
    # Without a stage, it is what transforms made of it.
    found = cloudformation.get_template(StackName=name, TemplateStage='Original')
    return dict(found['TemplateBody']) if isinstance(found['TemplateBody'], dict) else {}


def refuse_busy(found: 'StackTypeDef') -> None:
    """Raise StackFailed while somebody changes or deletes a stack."""
    status = found['StackStatus']
    if status.endswith('_IN_PROGRESS') and status != _PLANNED:
        raise StackFailed(
            f'The stack {found["StackName"]} is in {status}: wait until that has ended, then run '
            'this again.'
        )


def refuse_unfit(found: 'StackTypeDef') -> None:
    """Raise StackFailed for a stack that can't be changed as it is now."""
    refuse_busy(found)
    name, status = found['StackName'], found['StackStatus']
    remedies = {
        'UPDATE_ROLLBACK_FAILED': 'solve what its events name, then run '
        f'`aws cloudformation continue-update-rollback --stack-name {name}`',
        'DELETE_FAILED': 'finish with `python -m ops down`',
        **dict.fromkeys(NEVER_COMPLETE, 'delete it'),
    }
    if status in remedies:
        raise StackFailed(f'The stack {name} is in {status}: {remedies[status]}.')


def plan(
    cloudformation: 'CloudFormationClient',
    name: str,
    template: Mapping[str, Any],
    parameters: 'Sequence[ParameterTypeDef]',
) -> ChangeSet | None:
    """Plan how a stack gets what a template says; None if it has that already.

    ``template`` is a TemplateBody or a TemplateURL. Raises StackFailed.
    """
    creates = _is_to_be_created(describe(cloudformation, name))
    made = cloudformation.create_change_set(
        StackName=name,
        ChangeSetName=f'ops-{uuid4()}',
        ChangeSetType='CREATE' if creates else 'UPDATE',
        Parameters=parameters,
        Capabilities=_CAPABILITIES,
        **template,
    )
    change_set = ChangeSet(made['Id'], made['StackId'], creates, [])
    try:
        cloudformation.get_waiter('change_set_create_complete').wait(
            ChangeSetName=change_set.id,
            WaiterConfig={'Delay': 2, 'MaxAttempts': 300},
        )
    except WaiterError as error:
        discard(cloudformation, change_set)
        reason = str(error.last_response.get('StatusReason', error))
        if any(phrase in reason for phrase in _NOTHING_TO_CHANGE):
            return None
        raise StackFailed(f'The stack {name} cannot be changed so: {reason}') from error
    change_set.changes.extend(_changes(cloudformation, change_set.id))
    return change_set


def _is_to_be_created(found: 'StackTypeDef | None') -> bool:
    if not found or found['StackStatus'] == _PLANNED:
        return True
    refuse_unfit(found)
    return False


def _changes(cloudformation: 'CloudFormationClient', change_set_id: str) -> Iterator[Change]:
    pages = cloudformation.get_paginator('describe_change_set').paginate(
        ChangeSetName=change_set_id
    )
    for page in pages:
        for each in page.get('Changes', []):
            if 'ResourceChange' in each:
                yield _change(each)


def _change(described: 'ChangeTypeDef') -> Change:
    resource = described['ResourceChange']
    return Change(
        action=resource['Action'],
        logical_id=resource['LogicalResourceId'],
        resource_type=resource['ResourceType'],
        replacement=resource.get('Replacement', 'False'),
    )


def discard(cloudformation: 'CloudFormationClient', change_set: ChangeSet) -> None:
    """Delete a change set that is not to be executed, and the empty stack it was to create."""
    cloudformation.delete_change_set(ChangeSetName=change_set.id)
    found = describe(cloudformation, change_set.stack_id) if change_set.creates else None
    if found and found['StackStatus'] == _PLANNED:  # nobody else began to create it
        cloudformation.delete_stack(StackName=change_set.stack_id)


def execute(cloudformation: 'CloudFormationClient', change_set: ChangeSet) -> None:
    """Execute a change set and print its progress to the end; raises StackFailed."""
    before = stack_events.newest(cloudformation, change_set.stack_id)
    cloudformation.execute_change_set(ChangeSetName=change_set.id)
    _wait(cloudformation, change_set.stack_id, before, ('CREATE_COMPLETE', 'UPDATE_COMPLETE'))


def protect(cloudformation: 'CloudFormationClient', name: str, *, on: bool = True) -> None:
    """Switch a stack's protection against deletion on or off."""
    cloudformation.update_termination_protection(StackName=name, EnableTerminationProtection=on)


def delete(cloudformation: 'CloudFormationClient', stack_id: str) -> None:
    """Delete a stack, by id, and print the progress to the end; raises StackFailed."""
    before = stack_events.newest(cloudformation, stack_id)
    cloudformation.delete_stack(StackName=stack_id)
    _wait(cloudformation, stack_id, before, ('DELETE_COMPLETE',))


def _wait(
    cloudformation: 'CloudFormationClient', stack_id: str, before: str, wanted: tuple[str, ...]
) -> None:
    name = stack_id.split('/')[1]
    first_failure, pause, has_begun = '', 0.1, False
    try:
        while True:
            # Asked before the events, so that none is missed when it has ended. Until the first
            # of them, the status may still be the one from before.
            found = describe(cloudformation, stack_id)
            status = found['StackStatus'] if found else 'DELETE_COMPLETE'
            is_over = has_begun and not status.endswith('_IN_PROGRESS')
            for event in stack_events.since(cloudformation, stack_id, before):
                has_begun, before = True, event['EventId']
                first_failure = first_failure or stack_events.failure(event)
                stack_events.tell(event)
            if is_over or status == 'DELETE_COMPLETE':
                break
            time.sleep(pause)
            pause = min(2 * pause, _SECONDS_BETWEEN_LOOKS)
    except (KeyboardInterrupt, BotoCoreError, ClientError):
        click.echo(
            f'CloudFormation goes on with the stack {name} by itself. See how it goes with '
            f'`aws cloudformation describe-stack-events --stack-name {name}`.',
            err=True,
        )
        raise
    if status not in wanted:
        raise StackFailed(f'The stack {name} ended in {status}. {first_failure}'.rstrip())
