"""What IAM asks for each call that the function makes.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from emulator.iam.policy import Circumstances, Permission

# What Redshift Serverless adds to the name of a workgroup in its ARN is an id of its own.
WORKGROUP_ID = '0b5e8e3a-4c1d-4f6e-9a51-7f3a2f9d1c11'

_EQUAL = re.compile(r'(?<![<>!=])=\s*(:\w+)')


class UnknownCall(LookupError):
    """It is not said here what IAM asks for a call."""


@dataclass
class ApiCall:
    """One call, with the status of its answer; that of a presigned URL is not known.

    ``of_a_session`` tells whether it is made with the credentials of an assumed role.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    status: int | None = None
    of_a_session: bool = False


@dataclass(frozen=True)
class Identity:
    """Who calls: where, and what IAM knows of them in every request."""

    account: str
    region: str
    circumstances: Circumstances

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something of the caller's account and Region."""
        return f'arn:aws:{service}:{self.region}:{self.account}:{resource}'


def permissions(
    call: ApiCall, identity: Identity, statement_owner: str | None = None
) -> Iterator[Permission]:
    """Yield what IAM must allow for a call to end as it did.

    ``statement_owner`` is whose the statement is that the call names. Raises UnknownCall.
    """
    given, known = call.parameters, identity.circumstances
    match call.service, call.operation:
        case 's3', _:
            yield from _of_s3(call, known)
        case 'dynamodb', 'DescribeTable':
            table = identity.arn('dynamodb', f'table/{given["TableName"]}')
            yield Permission('dynamodb:DescribeTable', table, known)
        case 'dynamodb', 'Query':
            table = identity.arn('dynamodb', f'table/{given["TableName"]}')
            leading = {'dynamodb:LeadingKeys': _leading_keys(given)}
            yield Permission('dynamodb:Query', table, {**known, **leading})
        case 'states', 'StartExecution':
            yield Permission('states:StartExecution', given['stateMachineArn'], known)
        case 'states', 'DescribeExecution' | 'StopExecution':
            yield Permission(f'states:{call.operation}', given['executionArn'], known)
        case 'sts', 'AssumeRole':
            for action in ('AssumeRole', 'TagSession', 'SetSourceIdentity'):
                yield Permission(f'sts:{action}', given['RoleArn'], known)
        case 'redshift-data', 'ExecuteStatement' | 'BatchExecuteStatement':
            database = _database(given, identity)
            yield Permission(f'redshift-data:{call.operation}', database, known)
            yield from _sign_in(given, identity)
        case (
            'redshift-data',
            'DescribeStatement' | 'GetStatementResult' | 'GetStatementResultV2' | 'CancelStatement',
        ):
            # One action for both versions: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html
            action = f'redshift-data:{call.operation.removesuffix("V2")}'
            owner = {'redshift-data:statement-owner-iam-userid': statement_owner or ''}
            yield Permission(action, '*', {**known, **owner})
        case _:
            raise UnknownCall(f'Say here what IAM asks for {call.service} {call.operation}.')


def _of_s3(call: ApiCall, known: Circumstances) -> Iterator[Permission]:
    given = call.parameters
    bucket = f'arn:aws:s3:::{given.get("Bucket")}'
    match call.operation:
        case 'GetObject' | 'HeadObject':
            yield Permission('s3:GetObject', f'{bucket}/{given["Key"]}', known)
            if call.status == 404:
                # Without it S3 says 403: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
                yield Permission('s3:ListBucket', bucket, known)
        case 'PutObject':
            yield Permission('s3:PutObject', f'{bucket}/{given["Key"]}', known)
        case 'ListObjectsV2':
            prefix = {'s3:prefix': given['Prefix']} if given.get('Prefix') is not None else {}
            yield Permission('s3:ListBucket', bucket, {**known, **prefix})
        case _:
            raise UnknownCall(f'Say here what IAM asks for s3 {call.operation}.')


def _leading_keys(given: Mapping[str, Any]) -> list[str]:
    """Return the partition key that a query is about; it is the one thing that must be equal."""
    names = _EQUAL.findall(given['KeyConditionExpression'])
    if len(names) != 1:
        raise UnknownCall('Say here which partition key such a query is about.')
    ((_, value),) = given['ExpressionAttributeValues'][names[0]].items()
    return [str(value)]


def _sign_in(given: Mapping[str, Any], identity: Identity) -> Iterator[Permission]:
    """Yield what the Data API does in the caller's name to sign in to the database.

    https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
    """
    known = identity.circumstances
    if 'SecretArn' in given:
        yield Permission('secretsmanager:GetSecretValue', given['SecretArn'], known)
    elif 'WorkgroupName' in given:
        workgroup = _database(given, identity)
        yield Permission('redshift-serverless:GetCredentials', workgroup, known)
    else:
        cluster = given['ClusterIdentifier']
        name = identity.arn('redshift', f'dbname:{cluster}/{given["Database"]}')
        if 'DbUser' in given:
            user = identity.arn('redshift', f'dbuser:{cluster}/{given["DbUser"]}')
            yield Permission('redshift:GetClusterCredentials', user, known)
            yield Permission('redshift:GetClusterCredentials', name, known)
        else:
            yield Permission('redshift:GetClusterCredentialsWithIAM', name, known)


def _database(given: Mapping[str, Any], identity: Identity) -> str:
    if 'WorkgroupName' in given:
        return identity.arn('redshift-serverless', f'workgroup/{WORKGROUP_ID}')
    return identity.arn('redshift', f'cluster:{given["ClusterIdentifier"]}')
