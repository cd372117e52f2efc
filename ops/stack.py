"""CloudFormation stacks: what they hold, and how they are made to hold something else."""

from typing import TYPE_CHECKING

from botocore.config import Config
from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef

# Commands that only look a stack up on their way fail soon where there is no network.
QUICKLY = Config(connect_timeout=5, read_timeout=20, retries={'total_max_attempts': 2})


def describe(cloudformation: 'CloudFormationClient', name: str) -> 'StackTypeDef | None':
    """Return what there is to know of a stack, by name or id; None where there is none."""
    try:
        return cloudformation.describe_stacks(StackName=name)['Stacks'][0]
    except ClientError as error:
        told = error.response['Error']
        if told['Code'] == 'ValidationError' and 'does not exist' in told['Message']:
            return None
        raise


def outputs(cloudformation: 'CloudFormationClient', name: str) -> dict[str, str]:
    """Return a stack's outputs; none where there is no stack."""
    found = describe(cloudformation, name)
    told = found.get('Outputs', []) if found else []
    return {each['OutputKey']: each['OutputValue'] for each in told}
