"""Resources of AWS::IAM, AWS::StepFunctions and AWS::Lambda."""

import json
from typing import Any

from emulator.cloudformation.resources.handler import Failed, Handler, Json, Made, refuse


class Role(Handler):
    """AWS::IAM::Role."""

    service = 'iam'

    def create(self) -> Made:
        """Create the role with its policies."""
        name = self.properties.get('RoleName', self.name[:64])
        trust = json.dumps(self.properties['AssumeRolePolicyDocument'])
        given = self.without(
            'RoleName', 'AssumeRolePolicyDocument', 'Policies', 'ManagedPolicyArns'
        )
        role = self.call('create_role', RoleName=name, AssumeRolePolicyDocument=trust, **given)[
            'Role'
        ]
        self._set_policies(name, self.properties, {})
        return Made(name, {'Arn': role['Arn'], 'RoleId': role['RoleId']})

    def update(self) -> Made:
        """Update the role and its policies."""
        name = self.made.id
        trust = json.dumps(self.properties['AssumeRolePolicyDocument'])
        self.call('update_assume_role_policy', RoleName=name, PolicyDocument=trust)
        described, longest = (
            self.properties.get(of) for of in ('Description', 'MaxSessionDuration')
        )
        self.call('update_role', RoleName=name, Description=described, MaxSessionDuration=longest)
        self._set_policies(name, self.properties, self.before)
        return self.made

    def delete(self) -> None:
        """Delete the role and its policies."""
        self._set_policies(self.made.id, {}, self.properties)
        self.call('delete_role', RoleName=self.made.id)

    def _set_policies(self, name: str, wanted: Json, present: Json) -> None:
        inline = _by_name(wanted)
        for gone in _by_name(present).keys() - inline.keys():
            self.call('delete_role_policy', RoleName=name, PolicyName=gone)
        for policy, document in inline.items():
            text = json.dumps(document)
            self.call('put_role_policy', RoleName=name, PolicyName=policy, PolicyDocument=text)
        managed = set(wanted.get('ManagedPolicyArns', []))
        attached = set(present.get('ManagedPolicyArns', []))
        for arn in attached - managed:
            self.call('detach_role_policy', RoleName=name, PolicyArn=arn)
        for arn in managed - attached:
            self.call('attach_role_policy', RoleName=name, PolicyArn=arn)


def _by_name(properties: Json) -> Json:
    policies = properties.get('Policies', [])
    return {policy['PolicyName']: policy['PolicyDocument'] for policy in policies}


class StateMachine(Handler):
    """AWS::StepFunctions::StateMachine."""

    service = 'stepfunctions'

    def create(self) -> Made:
        """Create the state machine."""
        name = self.properties.get('StateMachineName', self.name)
        kind = self.properties.get('StateMachineType')
        answer = self.call('create_state_machine', name=name, type=kind, **self._settings())
        arn = answer['stateMachineArn']
        return Made(arn, {'Arn': arn, 'Name': name})

    def update(self) -> Made:
        """Update the state machine."""
        self.call('update_state_machine', stateMachineArn=self.made.id, **self._settings())
        return self.made

    def delete(self) -> None:
        """Delete the state machine."""
        self.call('delete_state_machine', stateMachineArn=self.made.id)

    def _settings(self) -> dict[str, Any]:
        refuse(
            self.without(
                *('StateMachineName', 'StateMachineType', 'RoleArn'),
                *('Definition', 'DefinitionString', 'DefinitionSubstitutions'),
                'TracingConfiguration',
            )
        )
        definition = self.properties.get('DefinitionString') or json.dumps(
            self.properties['Definition']
        )
        for name, value in self.properties.get('DefinitionSubstitutions', {}).items():
            definition = definition.replace(f'${{{name}}}', str(value))
        tracing = self.properties.get('TracingConfiguration')
        return {
            'definition': definition,
            'roleArn': self.properties['RoleArn'],
            'tracingConfiguration': tracing and {'enabled': tracing['Enabled']},
        }


class Function(Handler):
    """AWS::Lambda::Function, whose code is in a bucket."""

    service = 'lambda'

    def create(self) -> Made:
        """Create the function."""
        name = self.properties.get('FunctionName', self.name[:64])
        given = self.without('FunctionName', 'Tags', 'ReservedConcurrentExecutions')
        answer = self.call('create_function', FunctionName=name, Tags=self._tags(), **given)
        self._set_concurrency(name)
        return Made(name, {'Arn': answer['FunctionArn']})

    def update(self) -> Made:
        """Update the code and the settings, whichever differ."""
        name = self.made.id
        if self.changed & {'Code', 'Architectures'}:
            code = dict(self.properties['Code'])
            architectures = self.properties.get('Architectures')
            self.call(
                'update_function_code', FunctionName=name, Architectures=architectures, **code
            )
        given = self.without(
            'FunctionName', 'Tags', 'ReservedConcurrentExecutions', 'Code', 'Architectures'
        )
        self.call('update_function_configuration', FunctionName=name, **given)
        if 'Tags' in self.changed:
            self.call('tag_resource', Resource=self.made.attributes['Arn'], Tags=self._tags())
        self._set_concurrency(name)
        return self.made

    def delete(self) -> None:
        """Delete the function."""
        self.call('delete_function', FunctionName=self.made.id)

    def _tags(self) -> dict[str, str]:
        return {tag['Key']: tag['Value'] for tag in self.properties.get('Tags', [])}

    def _set_concurrency(self, name: str) -> None:
        reserved = self.properties.get('ReservedConcurrentExecutions')
        if reserved is not None:
            self.call(
                'put_function_concurrency',
                FunctionName=name,
                ReservedConcurrentExecutions=reserved,
            )
        elif 'ReservedConcurrentExecutions' in self.before:
            self.call('delete_function_concurrency', FunctionName=name)


class Permission(Handler):
    """AWS::Lambda::Permission."""

    service = 'lambda'

    def create(self) -> Made:
        """Add the permission."""
        self.call('add_permission', StatementId=self.name, **self.properties)
        return Made(self.name, {'Id': self.name})

    def update(self) -> Made:
        """Refuse: every change needs another permission in its place."""
        raise Failed(f'Updates are not allowed for property - {min(self.changed)}.')

    def delete(self) -> None:
        """Remove the permission."""
        function = self.properties['FunctionName']
        self.call('remove_permission', FunctionName=function, StatementId=self.made.id)
