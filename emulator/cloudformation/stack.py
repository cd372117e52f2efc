"""Stacks as CloudFormation describes them: what they hold and what has happened to them."""

import secrets
import string
import threading
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from emulator.cloudformation.functions import Invalid, resolve
from emulator.cloudformation.resources.handler import Json, Made, Where
from emulator.cloudformation.template import Template

STACK_TYPE = 'AWS::CloudFormation::Stack'


@dataclass
class Resource:
    """A resource of a stack: its entry in the template, and what has become of it."""

    logical_id: str
    body: Json
    status: str = ''
    reason: str = ''
    made: Made | None = None
    properties: Json = field(default_factory=dict)
    updated: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def type(self) -> str:
        """The type."""
        return str(self.body['Type'])

    @property
    def is_kept(self) -> bool:
        """Whether the resource is left alone when the stack loses it."""
        return self.body.get('DeletionPolicy') in ('Retain', 'RetainExceptOnCreate')

    @property
    def is_kept_when_replaced(self) -> bool:
        """Whether the resource is left alone when another takes its place."""
        return self.body.get('UpdateReplacePolicy') == 'Retain'


@dataclass
class Stack:
    """A stack."""

    name: str
    where: Where
    status: str = ''
    reason: str = ''
    template: Template | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    outputs: list[Json] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    events: list[Json] = field(default_factory=list)
    change_sets: dict[str, Any] = field(default_factory=dict)
    settings: Json = field(default_factory=dict)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    updated: datetime | None = None
    deleted: datetime | None = None
    running: threading.Thread | None = None

    def __post_init__(self) -> None:
        self.id = arn(self.where, f'stack/{self.name}/{uuid.uuid4()}')

    @property
    def is_deleted(self) -> bool:
        """Whether nothing but the memory of it is left."""
        return self.status == 'DELETE_COMPLETE'

    @property
    def is_new(self) -> bool:
        """Whether a change set is to create it."""
        return self.status == 'REVIEW_IN_PROGRESS'

    @property
    def pseudo_parameters(self) -> dict[str, str]:
        """What names with AWS:: in front stand for."""
        return {
            'AWS::AccountId': self.where.account,
            'AWS::Partition': 'aws',
            'AWS::Region': self.where.region,
            'AWS::StackId': self.id,
            'AWS::StackName': self.name,
            'AWS::URLSuffix': 'amazonaws.com',
        }

    def of_resource(self, logical_id: str, attribute: str | None) -> str:
        """Return what Ref gives of a resource that is there, or Fn::GetAtt."""
        made = self.resources[logical_id].made if logical_id in self.resources else None
        if not made:
            raise Invalid(f'Unresolved resource dependencies [{logical_id}]')
        if attribute is None:
            return made.id
        if attribute not in made.attributes:
            kind = self.resources[logical_id].type
            raise Invalid(f'Requested attribute {attribute} does not exist in schema for {kind}')
        return made.attributes[attribute]

    def physical_name(self, logical_id: str) -> str:
        """Return a name for a resource that has none of its own."""
        letters = string.ascii_letters + string.digits
        random = ''.join(secrets.choice(letters) for _ in range(12))
        return f'{self.name}-{logical_id}-{random}'

    def tell(self, status: str, reason: str = '') -> None:
        """Note what has become of the stack."""
        self.status, self.reason = status, reason
        self._note(self.name, self.id, STACK_TYPE, status, reason)

    def tell_resource(self, resource: Resource, status: str, reason: str = '') -> None:
        """Note what has become of a resource."""
        resource.status, resource.reason = status, reason
        resource.updated = datetime.now(UTC)
        made = resource.made.id if resource.made else ''
        self._note(resource.logical_id, made, resource.type, status, reason)

    def _note(self, logical_id: str, physical_id: str, kind: str, status: str, reason: str) -> None:
        event = {
            'StackId': self.id,
            'EventId': str(uuid.uuid4()),
            'StackName': self.name,
            'LogicalResourceId': logical_id,
            'PhysicalResourceId': physical_id,
            'ResourceType': kind,
            'Timestamp': datetime.now(UTC),
            'ResourceStatus': status,
            'ResourceStatusReason': reason or None,
        }
        self.events.insert(0, event)

    def compute_outputs(self, template: Template, parameters: dict[str, str]) -> list[Json]:
        """Return the outputs of a template with the resources that there are."""
        scope = template.scope(parameters, self.pseudo_parameters, self.of_resource)
        return [
            {
                'OutputKey': name,
                'OutputValue': str(resolve(output['Value'], scope)),
                'Description': output.get('Description'),
            }
            for name, output in template.outputs.items()
            if scope.conditions.get(output.get('Condition', ''), True)
        ]

    def described(self) -> Json:
        """Return the stack as DescribeStacks has it."""
        return {
            'StackId': self.id,
            'StackName': self.name,
            'Description': self.template.body.get('Description') if self.template else None,
            'Parameters': self._described_parameters(),
            'CreationTime': self.created,
            'LastUpdatedTime': self.updated,
            'DeletionTime': self.deleted,
            'StackStatus': self.status,
            'StackStatusReason': self.reason or None,
            'Outputs': self.outputs,
            'DisableRollback': False,
            'EnableTerminationProtection': False,
            'DriftInformation': {'StackDriftStatus': 'NOT_CHECKED'},
            **self.settings,
        }

    def _described_parameters(self) -> list[Json]:
        declared = self.template.declared if self.template else {}
        hidden = {name for name, of in declared.items() if str(of.get('NoEcho')).lower() == 'true'}
        return [
            {'ParameterKey': name, 'ParameterValue': '****' if name in hidden else value}
            for name, value in self.parameters.items()
        ]


def arn(where: Where, what: str) -> str:
    """Return an ARN of CloudFormation's."""
    return f'arn:aws:cloudformation:{where.region}:{where.account}:{what}'
