"""The role that the function assumes for each person, with the trust policy that is deployed."""

import json
from pathlib import Path
from typing import Any

from moto.core.models import DEFAULT_ACCOUNT_ID

from emulator.cloudformation.functions import Scope, resolve

NAME = 'sample-person'

_TEMPLATE = Path(__file__).parent.parent.parent / 'resources' / 'person.json'
_NAMES = {
    'AWS::AccountId': DEFAULT_ACCOUNT_ID,
    'AWS::Partition': 'aws',
    'AWS::StackName': 'local',
    'AppName': 'aws-middleware',
    'Stage': 'local',
}


def create(iam: Any, policy: dict[str, Any]) -> None:
    """Create the role with a policy of what people may do."""
    iam.create_role(RoleName=NAME, AssumeRolePolicyDocument=json.dumps(_trust()))
    if policy['Statement']:
        document = json.dumps(policy)
        iam.put_role_policy(RoleName=NAME, PolicyName='WhatIsTheirs', PolicyDocument=document)


def _trust() -> dict[str, Any]:
    template = json.loads(_TEMPLATE.read_text())
    role = template['Resources']['PersonRole']['Properties']
    trust: dict[str, Any] = resolve(
        role['AssumeRolePolicyDocument'], Scope(_NAMES, {}, {}, _no_resource)
    )
    return trust


def _no_resource(name: str, _: str | None) -> Any:
    raise LookupError(f'The trust policy names {name}, which is not here.')
