"""The types of resources that stacks can have here, and what their schemas say of them."""

from collections.abc import Iterable
from importlib import import_module
from typing import Any

from emulator import (
    cloudformation_cognito,
    cloudformation_compute,
    cloudformation_rest_api,
    cloudformation_storage,
    cloudformation_watching,
)
from emulator.cloudformation_functions import Invalid
from emulator.cloudformation_resources import Handler

_HANDLERS: dict[str, type[Handler]] = {
    'AWS::ApiGateway::Account': cloudformation_rest_api.Account,
    'AWS::ApiGateway::Deployment': cloudformation_rest_api.Deployment,
    'AWS::ApiGateway::RestApi': cloudformation_rest_api.RestApi,
    'AWS::ApiGateway::Stage': cloudformation_rest_api.Stage,
    'AWS::CloudWatch::Alarm': cloudformation_watching.Alarm,
    'AWS::CloudWatch::Dashboard': cloudformation_watching.Dashboard,
    'AWS::Cognito::ManagedLoginBranding': cloudformation_cognito.ManagedLoginBranding,
    'AWS::Cognito::UserPool': cloudformation_cognito.UserPool,
    'AWS::Cognito::UserPoolClient': cloudformation_cognito.UserPoolClient,
    'AWS::Cognito::UserPoolDomain': cloudformation_cognito.UserPoolDomain,
    'AWS::Cognito::UserPoolIdentityProvider': cloudformation_cognito.UserPoolIdentityProvider,
    'AWS::DynamoDB::Table': cloudformation_storage.Table,
    'AWS::IAM::Role': cloudformation_compute.Role,
    'AWS::Lambda::Function': cloudformation_compute.Function,
    'AWS::Lambda::Permission': cloudformation_compute.Permission,
    'AWS::Logs::LogGroup': cloudformation_watching.LogGroup,
    'AWS::Logs::QueryDefinition': cloudformation_watching.QueryDefinition,
    'AWS::S3::Bucket': cloudformation_storage.Bucket,
    'AWS::S3::BucketPolicy': cloudformation_storage.BucketPolicy,
    'AWS::SNS::Subscription': cloudformation_watching.Subscription,
    'AWS::SNS::Topic': cloudformation_watching.Topic,
    'AWS::StepFunctions::StateMachine': cloudformation_compute.StateMachine,
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
