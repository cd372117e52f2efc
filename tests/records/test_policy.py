"""What the function may not do, of records."""

import pytest

from emulator.iam import policy as iam_policy
from emulator.iam.policy import Permission
from tests.resources.test_policy import of_stage
from tests.support.every_operation import AS_ITSELF


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('dynamodb:Scan', 'arn:aws:dynamodb:us-east-1:123456789012:table/sample-records'),
        ('dynamodb:Query', 'arn:aws:dynamodb:us-east-1:123456789012:table/another'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(of_stage(AS_ITSELF), Permission(action, resource))
