"""The types of resources that stacks can have here, and what their schemas say of them."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from emulator.cloudformation.functions import Invalid
from emulator.cloudformation.resources import cognito, compute, rest_api, storage, watching
from emulator.cloudformation.resources.handler import Handler

_HANDLERS: dict[str, type[Handler]] = {
    'AWS::ApiGateway::Account': rest_api.Account,
    'AWS::ApiGateway::Deployment': rest_api.Deployment,
    'AWS::ApiGateway::RestApi': rest_api.RestApi,
    'AWS::ApiGateway::Stage': rest_api.Stage,
    'AWS::CloudWatch::Alarm': watching.Alarm,
    'AWS::CloudWatch::Dashboard': watching.Dashboard,
    'AWS::Cognito::ManagedLoginBranding': cognito.ManagedLoginBranding,
    'AWS::Cognito::UserPool': cognito.UserPool,
    'AWS::Cognito::UserPoolClient': cognito.UserPoolClient,
    'AWS::Cognito::UserPoolDomain': cognito.UserPoolDomain,
    'AWS::Cognito::UserPoolIdentityProvider': cognito.UserPoolIdentityProvider,
    'AWS::DynamoDB::Table': storage.Table,
    'AWS::IAM::Role': compute.Role,
    'AWS::Lambda::Function': compute.Function,
    'AWS::Lambda::Permission': compute.Permission,
    'AWS::Logs::LogGroup': watching.LogGroup,
    'AWS::Logs::QueryDefinition': watching.QueryDefinition,
    'AWS::S3::Bucket': storage.Bucket,
    'AWS::S3::BucketPolicy': storage.BucketPolicy,
    'AWS::SNS::Subscription': watching.Subscription,
    'AWS::SNS::Topic': watching.Topic,
    'AWS::StepFunctions::StateMachine': compute.StateMachine,
}


def handler(resource_type: str) -> type[Handler]:
    """Return how resources of a type are made."""
    return _HANDLERS[resource_type]


def check(resource_types: Iterable[str]) -> None:
    """Raise Invalid when there are types that aren't served here."""
    unknown = sorted(set(resource_types) - set(_HANDLERS))
    if unknown:
        raise Invalid(f'Template format error: Unrecognized resource types: [{", ".join(unknown)}]')


def need_replacement(resource_type: str, changed: Iterable[str]) -> set[str]:
    """Return which of the changed properties can't be changed without another resource."""
    create_only = _schema(resource_type).get('createOnlyProperties', [])
    return {path.split('/')[2] for path in create_only}.intersection(changed)


def _schema(resource_type: str) -> Any:
    # Takes a second to import, and only updates need it.
    manager = import_module('cfnlint.schema.manager').PROVIDER_SCHEMA_MANAGER
    return manager.get_resource_schema('us-east-1', resource_type).schema
