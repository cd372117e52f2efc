"""The operations on stacks."""

import json
from collections.abc import Callable
from threading import Thread
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from emulator.cloudformation import changes, requests, update
from emulator.cloudformation.functions import Invalid
from emulator.cloudformation.resources.handler import Json, Where
from emulator.cloudformation.stack import Resource, Stack


class AlreadyExists(Invalid):
    """There is a stack or change set of that name."""

    code = 'AlreadyExistsException'


class StackOperations:
    """The stacks of a Region, and what can be asked of them."""

    def __init__(self, url: str, region: str) -> None:
        self._url = url
        self._region = region
        self._stacks: list[Stack] = []

    def create_stack(self, asked: Json) -> Json:
        """Begin to create a stack."""
        name, where = asked['StackName'], self.where(asked['StackName'])
        if self.find(name):
            raise AlreadyExists(f'Stack [{name}] already exists')
        template, parameters = requests.read(asked, where)
        stack = Stack(name, where, settings=requests.settings_of(asked))
        changes.preview(stack, template, parameters)  # or it can't be carried out
        self.add(stack)
        self.start(stack, 'CREATE_IN_PROGRESS', update.create, template, parameters)
        return {'StackId': stack.id}

    def update_stack(self, asked: Json) -> Json:
        """Begin to update a stack."""
        stack = self.get(asked['StackName'])
        check_updatable(stack)
        template, parameters = requests.read(asked, stack.where, stack)
        tags = asked.get('Tags') or stack.settings.get('Tags', [])
        if not changes.is_any(stack, template, parameters, tags):
            raise Invalid('No updates are to be performed.')
        stack.settings |= requests.settings_of(asked)
        self.start(stack, 'UPDATE_IN_PROGRESS', update.update, template, parameters)
        return {'StackId': stack.id}

    def delete_stack(self, asked: Json) -> Json:
        """Begin to delete a stack; there is nothing to say of one that is not there."""
        stack = self.find(asked['StackName'])
        if not stack or stack.is_deleted:
            return {}
        if stack.settings.get('EnableTerminationProtection'):
            raise Invalid(
                f'Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled'
            )
        if stack.status.endswith('IN_PROGRESS') and not stack.is_new:
            raise Invalid(f'Stack [{stack.name}] is in {stack.status} state and can not be deleted')
        retained = set(asked.get('RetainResources', []))
        if retained and stack.status != 'DELETE_FAILED':
            raise Invalid(
                'Invalid operation on stack. Specify RetainResources only when a previous attempt '
                'to delete it has failed'
            )
        self.start(stack, 'DELETE_IN_PROGRESS', update.delete, retained)
        return {}

    def describe_stacks(self, asked: Json) -> Json:
        """Describe a stack, or all that are not deleted."""
        name = asked.get('StackName')
        stacks = [self.get(name)] if name else [s for s in self._stacks if not s.is_deleted]
        return {'Stacks': [stack.described() for stack in stacks]}

    def list_stacks(self, asked: Json) -> Json:
        """List the stacks, those too that are deleted."""
        wanted = asked.get('StackStatusFilter', [])
        stacks = [s.described() for s in self._stacks if not wanted or s.status in wanted]
        return {'StackSummaries': stacks}

    def describe_stack_events(self, asked: Json) -> Json:
        """Describe what has happened to a stack, the last first."""
        return {'StackEvents': list(self.get(asked['StackName']).events)}

    def describe_stack_resources(self, asked: Json) -> Json:
        """Describe the resources of a stack, or one of them."""
        stack = self.get(asked['StackName'])
        logical_id = asked.get('LogicalResourceId')
        chosen = [r for r in _described(stack) if logical_id in (None, r['LogicalResourceId'])]
        return {'StackResources': chosen}

    def describe_stack_resource(self, asked: Json) -> Json:
        """Describe a resource of a stack."""
        found = self.describe_stack_resources(asked)['StackResources']
        if not found:
            raise Invalid(
                f'Resource {asked["LogicalResourceId"]} does not exist for stack '
                f'{asked["StackName"]}'
            )
        return {'StackResourceDetail': found[0]}

    def list_stack_resources(self, asked: Json) -> Json:
        """List the resources of a stack."""
        return {'StackResourceSummaries': _described(self.get(asked['StackName']))}

    def get_template(self, asked: Json) -> Json:
        """Return a stack's template as it was written, or else as it was carried out."""
        template = self.get(asked['StackName']).template
        text = template.text if template else ''
        if template and asked.get('TemplateStage') != 'Original':
            text = json.dumps(template.body)
        return {'TemplateBody': text, 'StagesAvailable': ['Original', 'Processed']}

    def get_template_summary(self, asked: Json) -> Json:
        """Return what a template asks for."""
        stack = self.get(asked['StackName']) if asked.get('StackName') else None
        template = (stack and stack.template) or requests.template_of(asked, self.where(''))
        needed = requests.capabilities_of(template)
        return {
            'Description': template.body.get('Description'),
            'Capabilities': [needed] if needed else [],
            'Parameters': [
                {
                    'ParameterKey': name,
                    'DefaultValue': declared.get('Default'),
                    'ParameterType': declared['Type'],
                    'NoEcho': declared.get('NoEcho', False),
                    'Description': declared.get('Description'),
                }
                for name, declared in template.declared.items()
            ],
            'ResourceTypes': [resource['Type'] for resource in template.resources.values()],
        }

    validate_template = get_template_summary

    def update_termination_protection(self, asked: Json) -> Json:
        """Protect a stack, or protect it no more."""
        stack = self.get(asked['StackName'])
        protected = asked['EnableTerminationProtection']
        stack.settings['EnableTerminationProtection'] = protected
        return {'StackId': stack.id}

    def where(self, stack_name: str) -> Where:
        """Return where a stack of that name is."""
        return Where(self._url, self._region, DEFAULT_ACCOUNT_ID, stack_name)

    def add(self, stack: Stack) -> Stack:
        """Note a new stack."""
        self._stacks.append(stack)
        return stack

    def all(self) -> list[Stack]:
        """Return all stacks, those too that are deleted."""
        return list(self._stacks)

    def find(self, name: str) -> Stack | None:
        """Return the stack of that name or id; a deleted one is known by its id only."""
        for stack in self._stacks:
            if name == stack.id or (name == stack.name and not stack.is_deleted):
                return stack
        return None

    def get(self, name: str) -> Stack:
        """Return the stack of that name or id; raises Invalid."""
        stack = self.find(name)
        if not stack:
            raise Invalid(f'Stack with id {name} does not exist')
        return stack

    def start(
        self, stack: Stack, status: str, operation: Callable[..., None], *arguments: Any
    ) -> None:
        """Run what takes its time; the stack has this status from now on."""
        stack.tell(status, 'User Initiated')
        stack.running = Thread(target=operation, args=(stack, *arguments))
        stack.running.start()

    def wait(self) -> None:
        """Wait for all that is running."""
        for stack in self._stacks:
            if stack.running:
                stack.running.join()


def check_updatable(stack: Stack) -> None:
    """Refuse to update a stack that is not whole."""
    if stack.status not in ('CREATE_COMPLETE', 'UPDATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE'):
        raise Invalid(f'Stack:{stack.id} is in {stack.status} state and can not be updated.')


def _described(stack: Stack) -> list[Json]:
    return [_described_resource(stack, resource) for resource in list(stack.resources.values())]


def _described_resource(stack: Stack, resource: Resource) -> Json:
    return {
        'StackName': stack.name,
        'StackId': stack.id,
        'LogicalResourceId': resource.logical_id,
        'PhysicalResourceId': resource.made.id if resource.made else None,
        'ResourceType': resource.type,
        'Timestamp': resource.updated,
        'LastUpdatedTimestamp': resource.updated,
        'ResourceStatus': resource.status,
        'ResourceStatusReason': resource.reason or None,
        'DriftInformation': {'StackResourceDriftStatus': 'NOT_CHECKED'},
    }
