"""The operations on change sets: what an update would do, and doing it."""

import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime

from emulator.cloudformation import changes, requests, update
from emulator.cloudformation.functions import Invalid
from emulator.cloudformation.operations import AlreadyExists, StackOperations, check_updatable
from emulator.cloudformation.resources.handler import Json
from emulator.cloudformation.stack import Stack, arn
from emulator.cloudformation.template import Template

_NO_CHANGES = (
    "The submitted information didn't contain changes. "
    'Submit different information to create a change set.'
)


class NoSuchChangeSet(Invalid):
    """There is no change set of that name."""

    code = 'ChangeSetNotFound'


class NotExecutable(Invalid):
    """The change set has no changes, or has been executed."""

    code = 'InvalidChangeSetStatus'


@dataclass
class ChangeSet:
    """A change set."""

    name: str
    stack: Stack
    template: Template
    parameters: dict[str, str]
    settings: Json
    changes: list[Json]
    description: str | None
    is_empty: bool
    executed: bool = False
    created: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __post_init__(self) -> None:
        self.id = arn(self.stack.where, f'changeSet/{self.name}/{uuid.uuid4()}')

    def described(self) -> Json:
        """Return the change set as DescribeChangeSet has it."""
        execution = 'EXECUTE_COMPLETE' if self.executed else 'AVAILABLE'
        return {
            'ChangeSetName': self.name,
            'ChangeSetId': self.id,
            'StackId': self.stack.id,
            'StackName': self.stack.name,
            'Description': self.description,
            'Parameters': [
                {'ParameterKey': name, 'ParameterValue': value}
                for name, value in self.parameters.items()
            ],
            'CreationTime': self.created,
            'ExecutionStatus': 'UNAVAILABLE' if self.is_empty else execution,
            'Status': 'FAILED' if self.is_empty else 'CREATE_COMPLETE',
            'StatusReason': _NO_CHANGES if self.is_empty else None,
            'Changes': self.changes,
            **self.settings,
        }


class ChangeSetOperations(StackOperations):
    """The stacks of a Region with their change sets."""

    def create_change_set(self, asked: Json) -> Json:
        """Create a change set, and the stack if it is to create one."""
        stack, name = self._stack_for(asked), asked['ChangeSetName']
        if name in stack.change_sets:
            raise AlreadyExists(f'ChangeSet {name} cannot be created: it already exists')
        template, parameters = requests.read(asked, stack.where, stack)
        tags = asked.get('Tags') or stack.settings.get('Tags', [])
        change_set = ChangeSet(
            name,
            stack,
            template,
            parameters,
            requests.settings_of(asked),
            changes.preview(stack, template, parameters),
            asked.get('Description'),
            not changes.is_any(stack, template, parameters, tags),
        )
        stack.change_sets[name] = change_set
        if not stack.status:
            self.add(stack).tell('REVIEW_IN_PROGRESS', 'User Initiated')
        return {'Id': change_set.id, 'StackId': stack.id}

    def describe_change_set(self, asked: Json) -> Json:
        """Describe a change set."""
        return self._change_set(asked).described()

    def list_change_sets(self, asked: Json) -> Json:
        """List the change sets of a stack."""
        stack = self.get(asked['StackName'])
        return {'Summaries': [of.described() for of in stack.change_sets.values()]}

    def execute_change_set(self, asked: Json) -> Json:
        """Begin to do what a change set says."""
        change_set = self._change_set(asked)
        status = change_set.described()['ExecutionStatus']
        if status != 'AVAILABLE':
            raise NotExecutable(
                f'ChangeSet [{change_set.id}] cannot be executed in its current execution status '
                f'of [{status}]'
            )
        stack = change_set.stack
        change_set.executed = True
        # The others are about a stack that is no more.
        stack.change_sets = {change_set.name: change_set}
        stack.settings |= change_set.settings
        verb = 'CREATE' if stack.is_new else 'UPDATE'
        operation = update.create if stack.is_new else update.update
        made_of = change_set.template, change_set.parameters
        self.start(stack, f'{verb}_IN_PROGRESS', operation, *made_of)
        return {}

    def delete_change_set(self, asked: Json) -> Json:
        """Delete a change set."""
        change_set = self._change_set(asked)
        del change_set.stack.change_sets[change_set.name]
        return {}

    def _stack_for(self, asked: Json) -> Stack:
        """Return the stack that a change set is for: one to create has no status yet."""
        name = asked['StackName']
        stack = self.find(name)
        if asked.get('ChangeSetType', 'UPDATE') == 'CREATE':
            if stack and not stack.is_new:
                raise Invalid(
                    f'Stack [{name}] already exists and cannot be created again with the '
                    f'changeSet [{asked["ChangeSetName"]}].'
                )
            return stack or Stack(name, self.where(name))
        if not stack or stack.is_new:
            raise Invalid(f'Stack [{name}] does not exist')
        check_updatable(stack)
        return stack

    def _change_set(self, asked: Json) -> ChangeSet:
        wanted, stack_name = asked['ChangeSetName'], asked.get('StackName')
        stacks = [self.get(stack_name)] if stack_name else self.all()
        for stack in stacks:
            change_sets: list[ChangeSet] = list(stack.change_sets.values())
            for change_set in change_sets:
                if wanted == change_set.id or (stack_name and wanted == change_set.name):
                    return change_set
        raise NoSuchChangeSet(f'ChangeSet [{wanted}] does not exist')
