"""Stacks in an emulator, as an operator makes them."""

import json
from typing import Any

from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cloudformation.type_defs import StackTypeDef

from emulator.server import Emulator
from tests.support.stages.deployed_function import Json, client


class Stacks:
    """The stacks of a Region."""

    def __init__(self, emulator: Emulator) -> None:
        self.url = emulator.url
        self.api: CloudFormationClient = self.client('cloudformation')

    def client(self, service: str) -> Any:
        """Return an operator's client of a service."""
        return client(self.url, service)

    def create(self, name: str, template: Json, **asked: Any) -> StackTypeDef:
        """Create a stack, and return how it ended."""
        self.api.create_stack(StackName=name, TemplateBody=_text(template), **asked)
        return self.ended(name)

    def update(self, name: str, template: Json, **asked: Any) -> StackTypeDef:
        """Update a stack, and return how it ended."""
        self.api.update_stack(StackName=name, TemplateBody=_text(template), **asked)
        return self.ended(name)

    def change_set(self, name: str, template: Json, kind: str = 'UPDATE', **asked: Any) -> Any:
        """Create a change set, and describe it."""
        number = (
            len(self.api.list_change_sets(StackName=name)['Summaries']) if kind == 'UPDATE' else 0
        )
        made = self.api.create_change_set(
            StackName=name,
            ChangeSetName=f'change-{number}',
            ChangeSetType=kind,  # type: ignore[arg-type]
            TemplateBody=_text(template),
            **asked,
        )
        return self.api.describe_change_set(ChangeSetName=made['Id'])

    def execute(self, change_set: Any) -> StackTypeDef:
        """Execute a change set, and return how the stack ended."""
        self.api.execute_change_set(ChangeSetName=change_set['ChangeSetId'])
        return self.ended(change_set['StackId'])

    def delete(self, name: str, **asked: Any) -> StackTypeDef:
        """Delete a stack, and return how it ended."""
        stack_id = self.api.describe_stacks(StackName=name)['Stacks'][0]['StackId']
        self.api.delete_stack(StackName=name, **asked)
        return self.ended(stack_id)

    def ended(self, name: str) -> StackTypeDef:
        """Return a stack once nothing is in progress."""
        while True:
            stack = self.api.describe_stacks(StackName=name)['Stacks'][0]
            if not stack['StackStatus'].endswith('IN_PROGRESS'):
                return stack

    def events(self, name: str) -> list[tuple[str, str]]:
        """Return what happened to the resources of a stack, the first first."""
        events = self.api.describe_stack_events(StackName=name)['StackEvents']
        return [(e['LogicalResourceId'], e['ResourceStatus']) for e in reversed(events)]

    def why(self, name: str, logical_id: str) -> str:
        """Return the last reason that was given for what happened to a resource."""
        for event in self.api.describe_stack_events(StackName=name)['StackEvents']:
            if event['LogicalResourceId'] == logical_id and 'ResourceStatusReason' in event:
                return event['ResourceStatusReason']
        raise AssertionError(f'Nothing was said about {logical_id}.')


def outputs(stack: StackTypeDef) -> dict[str, str]:
    """Return the outputs of a stack."""
    return {output['OutputKey']: output['OutputValue'] for output in stack.get('Outputs', [])}


def parameters(**values: str) -> list[dict[str, str]]:
    """Return parameters as the API takes them."""
    return [{'ParameterKey': name, 'ParameterValue': value} for name, value in values.items()]


def _text(template: Json) -> str:
    """Return a template as the commands send it, which fits into a request."""
    return json.dumps(template, separators=(',', ':'))
