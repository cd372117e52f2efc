"""The types of resources that stacks can have here, and what can't be changed of them."""

from collections.abc import Iterable

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
TYPES = frozenset(_HANDLERS)
# "Update requires: Replacement", as the types' schemas have it. The tests compare with cfn-lint's,
# which are 35 MB and take a second to load.
_CREATE_ONLY = {
    'AWS::ApiGateway::Deployment': {'DeploymentCanarySettings', 'RestApiId'},
    'AWS::ApiGateway::Stage': {'RestApiId', 'StageName'},
    'AWS::CloudWatch::Alarm': {'AlarmName'},
    'AWS::CloudWatch::Dashboard': {'DashboardName'},
    'AWS::Cognito::ManagedLoginBranding': {'ClientId', 'UserPoolId'},
    'AWS::Cognito::UserPoolClient': {'GenerateSecret', 'UserPoolId'},
    'AWS::Cognito::UserPoolDomain': {'Domain', 'UserPoolId'},
    'AWS::Cognito::UserPoolIdentityProvider': {'ProviderName', 'ProviderType', 'UserPoolId'},
    'AWS::DynamoDB::Table': {'ImportSourceSpecification', 'TableName'},
    'AWS::IAM::Role': {'Path', 'RoleName'},
    'AWS::Lambda::Function': {'FunctionName', 'PackageType', 'TenancyConfig'},
    'AWS::Lambda::Permission': {
        'Action',
        'EventSourceToken',
        'FunctionName',
        'FunctionUrlAuthType',
        'InvokedViaFunctionUrl',
        'Principal',
        'PrincipalOrgID',
        'SourceAccount',
        'SourceArn',
    },
    'AWS::Logs::LogGroup': {'LogGroupName'},
    'AWS::S3::Bucket': {'BucketName', 'BucketNamePrefix', 'BucketNamespace'},
    'AWS::S3::BucketPolicy': {'Bucket'},
    'AWS::SNS::Subscription': {'Endpoint', 'Protocol', 'TopicArn'},
    'AWS::SNS::Topic': {'FifoTopic', 'TopicName'},
    'AWS::StepFunctions::StateMachine': {'StateMachineName', 'StateMachineType'},
}


def handler(resource_type: str) -> type[Handler]:
    """Return how resources of a type are made."""
    return _HANDLERS[resource_type]


def check(resource_types: Iterable[str]) -> None:
    """Raise Invalid when there are types that aren't served here."""
    unknown = sorted(set(resource_types) - TYPES)
    if unknown:
        raise Invalid(f'Template format error: Unrecognized resource types: [{", ".join(unknown)}]')


def need_replacement(resource_type: str, changed: Iterable[str]) -> set[str]:
    """Return which of the changed properties can't be changed without another resource."""
    return _CREATE_ONLY.get(resource_type, set()).intersection(changed)
