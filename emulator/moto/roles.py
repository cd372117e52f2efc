"""AWS's own policies, which moto has either all at once, for every Region anew, or not at all.

The function is a method of moto's IAMBackend while the emulator runs.
"""

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, IAMBackend

_moto_attach_role_policy = IAMBackend.attach_role_policy


def attach_role_policy(backend: IAMBackend, policy_arn: str, role_name: str) -> None:
    """Make a policy of AWS's known when it is first attached."""
    name = policy_arn.rpartition('/')[2]
    if policy_arn not in backend.managed_policies and name in _policies():
        of = _policies()[name]
        policy = AWSManagedPolicy.from_data(name, backend.account_id, backend.region_name, of)
        backend.managed_policies[policy.arn] = policy
    _moto_attach_role_policy(backend, policy_arn, role_name)


@cache
def _policies() -> dict[str, Any]:
    policies: dict[str, Any] = json.loads(aws_managed_policies_data)
    return policies


METHODS = (attach_role_policy,)
