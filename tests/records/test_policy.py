"""What the function may not do, of records."""

import pytest

from tests.resources.test_policy import of_stage
from tests.support.aws import iam_policy
from tests.support.aws.calls import Permission
from tests.support.every_operation import SETTINGS


@pytest.mark.parametrize(
    ('action', 'resource'),
    [
        ('dynamodb:Scan', 'arn:aws:dynamodb:us-east-1:123456789012:table/sample-records'),
        ('dynamodb:Query', 'arn:aws:dynamodb:us-east-1:123456789012:table/another'),
    ],
)
def test_nothing_else_is_allowed(action: str, resource: str) -> None:
    assert not iam_policy.allows(of_stage(SETTINGS), Permission(action, resource))
