"""The templates as CloudFormation sees them, with parameters and conditions applied."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from emulator.cloudformation.functions import Invalid, resolve
from emulator.cloudformation.template import Template
from ops.deployment import resources as composed

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
PERSON = {
    'AssumePersonRole': 'on',
    'DocumentsPrefixes': 'shared/, people/{sub}/, groups/{group}/',
    'RecordsKeys': 'CUSTOMER#*, USER#{sub}',
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
# What a stack can be: the parameters of resources/, and those that only the one stack has.
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
    'workgroup, each person': (WORKGROUP | PERSON, {}),
    'cluster in a VPC': (CLUSTER | OIDC | SAML, VPC | FUNCTION),
}


def resources(app_name: str = 'aws-middleware') -> dict[str, Any]:
    """Return the template of what a stage of this project needs beside its function."""
    whole = composed.template(ROOT)
    whole['Parameters']['AppName']['Default'] = app_name
    return whole


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


def check_is_named(parameter: str, resource: str, key: str) -> None:
    """Check that a resource has the name that a parameter gives it."""
    named = resolved(resources(), {parameter: 'another-name'})

    assert properties(named, resource)[key] == 'another-name'


def check_is_used_instead(parameter: str, not_made: set[str], output: str) -> None:
    """Check that what a parameter names is used, and nothing made in its place."""
    value = EXISTING[parameter]
    new, used = resolved(resources()), resolved(resources(), {parameter: value})

    assert set(new['Resources']) - set(used['Resources']) == not_made
    if output:
        assert used['Outputs'][output]['Value'] == value


def check_is_refused_by_half(given: dict[str, str], lacking: str) -> None:
    """Check that parameters which go together are taken together only."""
    half = {name: value for name, value in given.items() if name != lacking}

    assert refusal(resources(), given) == ''
    assert refusal(resources(), half).endswith(f'needs {lacking}.')


def check_name_is_checked(parameter: str) -> None:
    """Check that a name which AWS would refuse is refused before anything is made."""
    for name in ('arn:aws:s3:::ours', 'ab', 'our papers', 'n' * 256):
        with pytest.raises(Exception, match='must be the name of a'):
            resolved(resources(), {parameter: name})


def check_bucket_is_private(bucket: str) -> None:
    """Check that nobody but the account reaches a bucket, and by TLS only."""
    new = resolved(resources())
    found, policy = properties(new, bucket), properties(new, f'{bucket}Policy')
    (statement,) = policy['PolicyDocument']['Statement']

    assert set(found['PublicAccessBlockConfiguration'].values()) == {True}
    assert found['OwnershipControls'] == {'Rules': [{'ObjectOwnership': 'BucketOwnerEnforced'}]}
    (encryption,) = found['BucketEncryption']['ServerSideEncryptionConfiguration']
    assert encryption == {'ServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}
    assert policy['Bucket'] == bucket
    assert statement == {
        'Sid': 'TlsOnly',
        'Effect': 'Deny',
        'Principal': '*',
        'Action': 's3:*',
        'Resource': [f'{bucket}.Arn', f'{bucket}.Arn/*'],
        'Condition': {'Bool': {'aws:SecureTransport': 'false'}},
    }


def _chosen_by_aws(name: str, attribute: str | None) -> str:
    if name == 'WorkflowStateMachine' and not attribute:
        return f'arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:{name}'
    return f'{name}.{attribute}' if attribute else name
