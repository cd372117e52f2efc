"""The AWS calls that the function makes, recorded as they are made."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest import mock

import boto3
from botocore.awsrequest import AWSResponse
from botocore.model import OperationModel

from chalicelib.person import aws
from emulator.iam import calls
from emulator.iam.calls import ApiCall, Identity
from emulator.iam.policy import Permission

ACCOUNT, REGION = '123456789012', 'us-east-1'
FUNCTION = 'aws-middleware-local'
SESSION = {
    'aws:userid': f'AROAEXAMPLE:{FUNCTION}',
    'lambda:SourceFunctionArn': f'arn:aws:lambda:{REGION}:{ACCOUNT}:function:{FUNCTION}',
}
IDENTITY = Identity(ACCOUNT, REGION, SESSION)


@contextmanager
def recorded() -> Iterator[list[ApiCall]]:
    """Record each call of a client that chalicelib makes, and each URL that one presigns."""
    made: list[ApiCall] = []
    make: Any = boto3.client

    def watched(service: str, **given: Any) -> Any:
        client = make(service, **given)

        def begin(
            params: Mapping[str, Any], model: OperationModel, context: dict[str, Any], **_: object
        ) -> None:
            of_a_session = 'aws_session_token' in given
            name = model.service_model.signing_name
            made.append(ApiCall(name, model.name, dict(params), of_a_session=of_a_session))
            context['recorded'] = made[-1]

        client.meta.events.register('provide-client-params', begin)
        client.meta.events.register('after-call', end)
        return client

    def end(http_response: AWSResponse, context: dict[str, Any], **_: object) -> None:
        context['recorded'].status = http_response.status_code

    aws.forget_clients()
    with mock.patch.object(boto3, 'client', watched):
        yield made
    aws.forget_clients()


def permissions(call: ApiCall, identity: Identity = IDENTITY) -> Iterator[Permission]:
    """Yield what IAM must allow for a call to end as it did, made by who owns its statements."""
    owner = str(identity.circumstances['aws:userid'])
    return calls.permissions(call, identity, statement_owner=owner)
