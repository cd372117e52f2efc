"""What the function may not do, of workflows."""

import pytest

from tests.resources.test_policy import of_stage
from tests.support.aws import iam_policy
from tests.support.aws.calls import Permission
from tests.support.every_operation import SETTINGS

MACHINE = SETTINGS['WORKFLOW_STATE_MACHINE_ARN']


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('states:StartExecution', f'{MACHINE}-of-another'),
        ('states:StopExecution', f'{MACHINE.replace(":stateMachine:", ":execution:")}:1'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(of_stage(SETTINGS), Permission(action, resource))
