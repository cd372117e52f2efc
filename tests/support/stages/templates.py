"""The templates as CloudFormation sees them, with parameters and conditions applied."""

import copy
import json
from pathlib import Path
from typing import Any

from emulator.cloudformation.functions import Invalid, resolve
from emulator.cloudformation.template import Template

ROOT = Path(__file__).parent.parent.parent.parent
ACCOUNT = '123456789012'
REGION = 'eu-west-1'
PSEUDO_PARAMETERS = {
    'AWS::AccountId': ACCOUNT,
    'AWS::Partition': 'aws',
    'AWS::Region': REGION,
    'AWS::StackName': 'aws-middleware-dev',
    'AWS::URLSuffix': 'amazonaws.com',
}
SECRET = f'arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example-a1b2c3'
EXISTING = {
    'ExistingUserPoolArn': f'arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{REGION}_Example01',
    'ExistingUserPoolDomain': 'login.example.com',
    'ExistingProviderName': 'Example',
    'ExistingDocumentsBucketName': 'example-documents',
    'ExistingResultsBucketName': 'example-results',
    'ExistingRecordsTableName': 'example-records',
    'ExistingStateMachineArn': f'arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:example',
    'ApiGatewayLogRoleArn': f'arn:aws:iam::{ACCOUNT}:role/example-logs',
}
OIDC = {
    'OidcProviderName': 'Example-OIDC',
    'OidcIssuerUrl': 'https://login.example.com/oidc',
    'OidcClientId': 'example',
    'OidcClientSecretArn': SECRET,
}
SAML = {
    'SamlProviderName': 'Example-SAML',
    'SamlMetadataUrl': 'https://login.example.com/saml',
}
CLUSTER = {
    'RedshiftClusterIdentifier': 'shop',
    'RedshiftDatabase': 'dev',
    'RedshiftDbUser': 'gpt_reader',
}
WORKGROUP = {
    'RedshiftWorkgroupName': 'shop',
    'RedshiftDatabase': 'dev',
    'RedshiftSecretArn': SECRET,
}
VPC = {'VpcSubnetIds': 'subnet-1a2b3c4d,subnet-5e6f7a8b', 'VpcSecurityGroupIds': 'sg-1a2b3c4d'}
FUNCTION = {'MemorySize': '1024', 'ReservedConcurrency': '20', 'ApiUrl': 'https://api.example.com'}
NAMES = {
    'UserPoolName': 'people',
    'UserPoolClientName': 'actions',
    'McpUserPoolClientName': 'mcp',
    'UserPoolDomainPrefix': 'example',
    'DocumentsBucketName': 'example-documents',
    'ResultsBucketName': 'example-results',
    'RecordsTableName': 'example-records',
    'WorkflowStateMachineName': 'example-workflow',
    'AlarmEmail': 'somebody@example.com',
}
# What a stack can be: the parameters of resources.json, and those that only the one stack has.
VARIANTS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    'new, no Redshift': ({}, {}),
    'existing': (EXISTING, {}),
    'existing pool without domain': (
        {'ExistingUserPoolArn': EXISTING['ExistingUserPoolArn'], 'ManagedLoginVersion': '1'},
        {},
    ),
    'named': (NAMES | {'MfaConfiguration': 'ON'}, FUNCTION),
    'OIDC': (OIDC, {}),
    'SAML': (SAML | {'MfaConfiguration': 'OFF'}, {}),
    'workgroup': (WORKGROUP, {}),
    'cluster in a VPC': (CLUSTER | OIDC | SAML, VPC | FUNCTION),
}


def read(name: str) -> Any:
    """Return what a JSON file of the project holds."""
    return json.loads((ROOT / name).read_text())


def resolved(template: dict[str, Any], given: dict[str, str] | None = None) -> dict[str, Any]:
    """Return what a template comes to with these parameters: no condition or function is left.

    What AWS would choose, such as an id, is named for the resource: ``UserPool.Arn``.
    """
    parsed = Template(json.dumps(template), REGION)
    scope = parsed.scope(parsed.parameters(given or {}), PSEUDO_PARAMETERS, _chosen_by_aws)
    active = parsed.active(scope)
    return {
        'Resources': {
            name: {key: part for key, part in resource.items() if key != 'Condition'}
            | {'Properties': resolve(resource.get('Properties', {}), scope)}
            for name, resource in active.items()
        },
        'Outputs': {
            name: {'Value': resolve(output['Value'], scope)}
            for name, output in parsed.outputs.items()
            if scope.conditions.get(output.get('Condition', ''), True)
        },
    }


def translated(template: dict[str, Any], given: dict[str, str]) -> dict[str, Any]:
    """Return what AWS SAM makes of a template whose code has been uploaded.

    Raises Invalid as CloudFormation does, before it makes anything.
    """
    uploaded = copy.deepcopy(template)
    if function := uploaded['Resources'].get('APIHandler'):
        function['Properties']['CodeUri'] = 's3://example/deployment.zip'
    parsed = Template(json.dumps(uploaded), REGION)
    made: dict[str, Any] = parsed.processed(parsed.parameters(given)).body
    return made


def refusal(template: dict[str, Any], given: dict[str, str]) -> str:
    """Return why CloudFormation refuses parameters; nothing if it takes them."""
    try:
        translated(template, given)
    except Invalid as error:
        return str(error.message)
    return ''


def properties(template: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the properties of a resource."""
    found: dict[str, Any] = template['Resources'][name]['Properties']
    return found


def _chosen_by_aws(name: str, attribute: str | None) -> str:
    if name == 'WorkflowStateMachine' and not attribute:
        return f'arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}'
    return f'{name}.{attribute}' if attribute else name
