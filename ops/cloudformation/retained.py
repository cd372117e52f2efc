"""What stays when a stack goes: people and data, and how they are used again or removed."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackResourceSummaryTypeDef

_RETAINING = ('Retain', 'RetainExceptOnCreate')
_OF_THE_ACCOUNT = 'it is for all APIs of the account and Region'


class _Kind(NamedTuple):
    what: str
    parameter: str = ''
    output: str = ''
    removal: str = ''


KINDS = {
    'UserPool': _Kind(
        'the people who may sign in',
        'ExistingUserPoolArn',
        'CognitoUserPoolArn',
        'aws cognito-idp update-user-pool --user-pool-id {id} --deletion-protection INACTIVE && '
        'aws cognito-idp delete-user-pool --user-pool-id {id}',
    ),
    'DocumentsBucket': _Kind(
        'the documents',
        'ExistingDocumentsBucketName',
        'DocumentsBucketName',
        'empty it in the S3 console, all versions, and then: aws s3 rb s3://{id}',
    ),
    'DocumentsBucketPolicy': _Kind('the documents are reached by TLS only'),
    'RecordsTable': _Kind(
        'the records',
        'ExistingRecordsTableName',
        'RecordsTableName',
        'aws dynamodb update-table --table-name {id} --no-deletion-protection-enabled && '
        'aws dynamodb delete-table --table-name {id}',
    ),
    'ApiGatewayLogRole': _Kind(_OF_THE_ACCOUNT),
    'ApiGatewayAccount': _Kind(_OF_THE_ACCOUNT),
}


def split(
    resources: 'Iterable[StackResourceSummaryTypeDef]', template: Mapping[str, Mapping[str, object]]
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the physical ids of what goes with a stack and of what stays, by logical id."""
    going: dict[str, str] = {}
    staying: dict[str, str] = {}
    for each in resources:
        logical_id, physical_id = each['LogicalResourceId'], each.get('PhysicalResourceId', '')
        if physical_id and each['ResourceStatus'] != 'DELETE_COMPLETE':
            policy = template.get(logical_id, {}).get('DeletionPolicy')
            (staying if policy in _RETAINING else going)[logical_id] = physical_id
    return going, staying


def describe(staying: Mapping[str, str]) -> Iterator[str]:
    """Yield a line for each thing that stays: what it is, and how it can be removed by hand."""
    for logical_id, physical_id in staying.items():
        kind = KINDS.get(logical_id, _Kind('retained'))
        yield f'{logical_id} {physical_id}: {kind.what}'
        if kind.removal:
            yield f'  to remove it for good: {kind.removal.format(id=physical_id)}'


def as_parameters(staying: Mapping[str, str], outputs: Mapping[str, str]) -> Iterator[str]:
    """Yield the options of `ops up` and `ops deploy` by which a new stack uses what stays."""
    for logical_id in staying:
        kind = KINDS.get(logical_id, _Kind(''))
        if kind.parameter and kind.output in outputs:
            yield f'-p {kind.parameter}={outputs[kind.output]}'
