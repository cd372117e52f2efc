"""How a stack becomes what a template says, or stays what it was when that fails."""

import json
import re
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Never

from botocore.exceptions import BotoCoreError, ClientError

from emulator.cloudformation import types
from emulator.cloudformation.functions import Invalid, resolve
from emulator.cloudformation.resources.handler import Failed, Handler, Json, Where, changed
from emulator.cloudformation.stack import Resource, Stack
from emulator.cloudformation.template import Template

_FAILURES = (BotoCoreError, ClientError, Failed, Invalid, LookupError, TypeError, ValueError)
_SECRET = re.compile(
    r'\{\{resolve:secretsmanager:(arn:[^:}]+:secretsmanager:[^:}]+:\d+:secret:[^:}]+|[^:}]+)'
    r'(?::SecretString(?::([^:}]*))?)?[:}]*\}'
)


class _Stopped(Exception):
    """An update can't go on: this resource failed."""


def create(stack: Stack, template: Template, parameters: dict[str, str]) -> None:
    """Create a stack, or roll back."""
    stack.template, stack.parameters = template, parameters
    run = _Run(stack)
    try:
        run.settle(template, parameters)
    except _Stopped as stopped:
        reason = f'The following resource(s) failed to create: [{stopped}]. '
        stack.tell('ROLLBACK_IN_PROGRESS', f'{reason}Rollback requested by user.')
        is_undone = run.undo()
        stack.tell('ROLLBACK_COMPLETE' if is_undone else 'ROLLBACK_FAILED')
    else:
        stack.tell('CREATE_COMPLETE')


def update(stack: Stack, template: Template, parameters: dict[str, str]) -> None:
    """Update a stack, or roll back."""
    stack.updated = datetime.now(UTC)
    run = _Run(stack)
    try:
        run.settle(template, parameters)
    except _Stopped as stopped:
        reason = f'The following resource(s) failed to update: [{stopped}]. '
        stack.tell('UPDATE_ROLLBACK_IN_PROGRESS', reason)
        is_undone = run.undo()
        stack.tell('UPDATE_ROLLBACK_COMPLETE' if is_undone else 'UPDATE_ROLLBACK_FAILED')
    else:
        stack.tell('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS')
        run.clean_up()
        stack.tell('UPDATE_COMPLETE')


def delete(stack: Stack, retained: set[str]) -> None:
    """Delete a stack and its resources but for those that are to be kept."""
    failed = []
    for resource in reversed(list(stack.resources.values())):
        if resource.logical_id not in retained and not _delete_or_keep(stack, resource):
            failed.append(resource.logical_id)
        else:
            del stack.resources[resource.logical_id]
    if failed:
        names = ', '.join(sorted(failed))
        stack.tell('DELETE_FAILED', f'The following resource(s) failed to delete: [{names}]. ')
    else:
        stack.deleted = datetime.now(UTC)
        stack.tell('DELETE_COMPLETE')


class _Run:
    """An update on its way: what it has done can be undone while it is not complete."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self._before = dict(stack.resources)
        self._undo: list[Callable[[], bool]] = []
        self._left_over: list[tuple[Resource, bool]] = []

    def settle(self, template: Template, parameters: dict[str, str]) -> None:
        """Make the resources what the template says; raises _Stopped."""
        stack = self.stack
        scope = template.scope(parameters, stack.pseudo_parameters, stack.of_resource)
        active = template.active(scope)
        for name, body in active.items():
            try:
                properties = resolve(body.get('Properties', {}), scope)
            except _FAILURES as error:
                resource = stack.resources.setdefault(name, Resource(name, body))
                self._stop(resource, 'UPDATE' if resource.made else 'CREATE', error)
            self._settle_one(Resource(name, body, properties=properties))
        try:
            outputs = stack.compute_outputs(template, parameters)
        except _FAILURES as error:
            raise _Stopped(f'Outputs: {_reason(error)}') from error
        gone = [stack.resources[name] for name in stack.resources if name not in active]
        self._left_over += [(resource, resource.is_kept) for resource in gone]
        stack.resources = {name: stack.resources[name] for name in active}
        stack.template, stack.parameters, stack.outputs = template, parameters, outputs

    def undo(self) -> bool:
        """Undo everything, the last first; tell whether that worked."""
        undone = [step() for step in reversed(self._undo)]
        self.stack.resources = self._before
        return all(undone)

    def clean_up(self) -> None:
        """Delete what the stack has no more; what can't be deleted is left behind."""
        for resource, is_kept in reversed(self._left_over):
            if is_kept:
                self.stack.tell_resource(resource, 'DELETE_SKIPPED')
            else:
                _delete(self.stack, resource)

    def _settle_one(self, wanted: Resource) -> None:
        present = self.stack.resources.get(wanted.logical_id)
        if not present:
            self._create(wanted, 'CREATE', '')
            return
        different = changed(present.properties, wanted.properties)
        is_another = present.type != wanted.type
        if is_another or types.need_replacement(present.type, different):
            why = 'Requested update requires the creation of a new physical resource; hence '
            self._create(wanted, 'UPDATE', f'{why}creating one.')
            self._left_over.append((present, present.is_kept_when_replaced))
        elif different:
            self._update(present, replace(wanted, made=present.made))
        else:
            self.stack.resources[wanted.logical_id] = replace(present, body=wanted.body)

    def _create(self, wanted: Resource, verb: str, why: str) -> None:
        stack = self.stack
        present = stack.resources.get(wanted.logical_id)
        stack.tell_resource(wanted, f'{verb}_IN_PROGRESS', why)
        try:
            made = _handler(stack, wanted).create()
        except _FAILURES as error:
            self._stop(wanted, verb, error)
        wanted.made = made
        stack.resources[wanted.logical_id] = wanted
        stack.tell_resource(wanted, f'{verb}_COMPLETE')
        # A replacement goes whatever its policy says: what it replaced comes back.
        undo = _delete if present else _delete_or_keep
        self._undo.append(lambda: undo(stack, wanted))

    def _update(self, present: Resource, wanted: Resource) -> None:
        self.stack.tell_resource(wanted, 'UPDATE_IN_PROGRESS')
        try:
            wanted.made = _handler(self.stack, wanted, present.properties).update()
        except _FAILURES as error:
            self._stop(wanted, 'UPDATE', error)
        self.stack.resources[wanted.logical_id] = wanted
        self.stack.tell_resource(wanted, 'UPDATE_COMPLETE')
        self._undo.append(lambda: self._take_back(present, wanted))

    def _take_back(self, present: Resource, wanted: Resource) -> bool:
        self.stack.tell_resource(present, 'UPDATE_IN_PROGRESS')
        try:
            present.made = _handler(self.stack, present, wanted.properties).update()
        except _FAILURES as error:
            self.stack.tell_resource(present, 'UPDATE_FAILED', _reason(error))
            return False
        self.stack.tell_resource(present, 'UPDATE_COMPLETE')
        return True

    def _stop(self, resource: Resource, verb: str, error: Exception) -> Never:
        self.stack.tell_resource(resource, f'{verb}_FAILED', _reason(error))
        raise _Stopped(resource.logical_id) from error


def _delete_or_keep(stack: Stack, resource: Resource) -> bool:
    """Delete a resource unless its policy keeps it; tell whether nothing went wrong."""
    if resource.is_kept:
        stack.tell_resource(resource, 'DELETE_SKIPPED')
        return True
    return _delete(stack, resource)


def _delete(stack: Stack, resource: Resource) -> bool:
    """Delete a resource; tell whether it is gone, if only because it was gone already."""
    stack.tell_resource(resource, 'DELETE_IN_PROGRESS')
    try:
        _handler(stack, resource).delete()
    except _FAILURES as error:
        code = error.response['Error']['Code'] if isinstance(error, ClientError) else ''
        if not re.search('NotFound|NoSuch|DoesNotExist', code):
            stack.tell_resource(resource, 'DELETE_FAILED', _reason(error))
            return False
    stack.tell_resource(resource, 'DELETE_COMPLETE')
    return True


def _handler(stack: Stack, resource: Resource, before: Json | None = None) -> Handler:
    return types.handler(resource.type)(
        stack.where,
        stack.physical_name(resource.logical_id),
        _with_secrets(resource.properties, stack.where),
        resource.made,
        _with_secrets(before, stack.where),
    )


def _with_secrets(value: Any, where: Where) -> Any:
    """Return properties with the secrets in them that dynamic references name."""
    if isinstance(value, dict):
        return {name: _with_secrets(member, where) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_secrets(item, where) for item in value]
    if not isinstance(value, str) or '{{resolve:' not in value:
        return value

    def secret_of(found: re.Match[str]) -> str:
        client = where.client('secretsmanager')
        text = str(client.get_secret_value(SecretId=found[1])['SecretString'])
        return str(json.loads(text)[found[2]]) if found[2] else text

    resolved = _SECRET.sub(secret_of, value)
    if '{{resolve:' in resolved:
        raise Failed('Only dynamic references to Secrets Manager are emulated.')
    return resolved


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f'Properties validation failed: required key [{error.args[0]}] not found'
    message = error.message if isinstance(error, Invalid) else str(error)
    return f'Resource handler returned message: "{message}" (RequestToken: {uuid.uuid4()})'
