"""The AWS calls that the function makes, recorded as they are made, and what IAM asks for each."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import boto3
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from chalicelib import aws

ACCOUNT, REGION = '123456789012', 'us-east-1'
FUNCTION = 'aws-middleware-local'
SESSION = {
    'aws:userid': f'AROAEXAMPLE:{FUNCTION}',
    'lambda:SourceFunctionArn': f'arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}',
}
# What Redshift Serverless adds to the name of a workgroup in its ARN is an id of its own.
WORKGROUP_ID = '0b5e8e3a-4c1d-4f6e-9a51-7f3a2f9d1c11'


@dataclass
class ApiCall:
    """One call, with the status of its answer; that of a presigned URL is not known."""

    service: str
    operation: str
    parameters: Mapping[str, Any]
    status: int | None = None


@dataclass(frozen=True)
class Permission:
    """What IAM is asked: whether the function's session may do an action on a resource."""

    action: str
    resource: str
    circumstances: Mapping[str, str] = field(default_factory=SESSION.copy, hash=False)


@contextmanager
def recorded() -> Iterator[list[ApiCall]]:
    """Record each call of a client that chalicelib makes, and each URL that one presigns."""
    calls: list[ApiCall] = []

    def begin(
        params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: object
    ) -> None:
        calls.append(ApiCall(model.service_model.signing_name, model.name, dict(params)))
        context['recorded'] = calls[-1]

    def end(http_response: AWSResponse, context: dict[str, Any], **_: object) -> None:
        context['recorded'].status = http_response.status_code

    session = boto3.Session()
    session.events.register('provide-client-params', begin)
    session.events.register('after-call', end)
    aws.client.cache_clear()
    with mock.patch.object(boto3, 'DEFAULT_SESSION', session):
        yield calls
    aws.client.cache_clear()


def permissions(call: ApiCall) -> Iterator[Permission]:
    """Yield what IAM must allow for a call to end as it did.

    https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    given = call.parameters
    match call.service, call.operation:
        case 's3', 'GetObject' | 'HeadObject':
            yield Permission('s3:GetObject', f'arn:aws:s3:::{given["Bucket"]}/{given["Key"]}')
            if call.status == 404:
                # Without it S3 says 403: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
                yield Permission('s3:ListBucket', f'arn:aws:s3:::{given["Bucket"]}')
        case 's3', 'PutObject':
            yield Permission('s3:PutObject', f'arn:aws:s3:::{given["Bucket"]}/{given["Key"]}')
        case 's3', 'ListObjectsV2':
            yield Permission('s3:ListBucket', f'arn:aws:s3:::{given["Bucket"]}')
        case 'dynamodb', 'DescribeTable' | 'Query':
            table = _arn('dynamodb', f'table/{given["TableName"]}')
            yield Permission(f'dynamodb:{call.operation}', table)
        case 'states', 'StartExecution':
            yield Permission('states:StartExecution', given['stateMachineArn'])
        case 'states', 'DescribeExecution':
            yield Permission('states:DescribeExecution', given['executionArn'])
        case 'redshift-data', 'ExecuteStatement':
            yield Permission('redshift-data:ExecuteStatement', _database(given))
            yield from _sign_in(given)
        case 'redshift-data', 'DescribeStatement' | 'GetStatementResultV2':
            # One action for both versions: https://docs.aws.amazon.com/redshift/latest/mgmt/data-api-iam.html
            owner = {'redshift-data:statement-owner-iam-userid': SESSION['aws:userid']}
            action = f'redshift-data:{call.operation.removesuffix("V2")}'
            yield Permission(action, '*', SESSION | owner)
        case _:
            raise LookupError(f'Say here what IAM asks for {call.service} {call.operation}.')


def _sign_in(given: Mapping[str, Any]) -> Iterator[Permission]:
    """Yield what the Data API does in the caller's name to sign in to the database.

    https://docs.aws.amazon.com/redshift-data/latest/APIReference/API_ExecuteStatement.html
    """
    if 'SecretArn' in given:
        yield Permission('secretsmanager:GetSecretValue', given['SecretArn'])
    elif 'WorkgroupName' in given:
        yield Permission('redshift-serverless:GetCredentials', _database(given))
    else:
        cluster = given['ClusterIdentifier']
        name = _arn('redshift', f'dbname:{cluster}/{given["Database"]}')
        if 'DbUser' in given:
            user = _arn('redshift', f'dbuser:{cluster}/{given["DbUser"]}')
            yield Permission('redshift:GetClusterCredentials', user)
            yield Permission('redshift:GetClusterCredentials', name)
        else:
            yield Permission('redshift:GetClusterCredentialsWithIAM', name)


def _database(given: Mapping[str, Any]) -> str:
    if 'WorkgroupName' in given:
        return _arn('redshift-serverless', f'workgroup/{WORKGROUP_ID}')
    return _arn('redshift', f'cluster:{given["ClusterIdentifier"]}')


def _arn(service: str, resource: str) -> str:
    return f'arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}'
