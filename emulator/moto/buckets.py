"""What moto's S3 has to do differently: its bucket policies know no conditions.

Rests on moto 5.2's FakeBucket.
"""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def get_permission(bucket: FakeBucket, action: str, resource: str) -> Any:
    """Return what the statements without a condition say.

    moto takes the others as if they had none, and so a bucket that is for TLS only as one for
    nobody.
    """
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy['Statement']
    listed = statements if isinstance(statements, list) else [statements]
    policy['Statement'] = [each for each in listed if 'Condition' not in each]
    return IAMPolicy(json.dumps(policy)).is_action_permitted(action, resource)
