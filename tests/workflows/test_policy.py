"""What the function may not do, of workflows."""

import pytest

from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from tests.resources.test_policy import of_stage
from tests.support.every_operation import AS_ITSELF

MACHINE = AS_ITSELF['WORKFLOW_STATE_MACHINE_ARN']


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('states:StartExecution', f'{MACHINE}-of-another'),
        ('states:StopExecution', f'{MACHINE.replace(":stateMachine:", ":execution:")}:1'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(of_stage(AS_ITSELF), Permission(action, resource))
