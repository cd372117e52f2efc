"""What a stack's resources are once they are made, changed and deleted: asked of their services."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError

from emulator.lambda_.process import RUNTIME
from emulator.server import run_in_thread
from tests.support.stages.deployed_function import ECHO, REGION, Json, definition, packed
from tests.support.stages.stacks import Stacks, outputs, parameters

ACCOUNT = '123456789012'
POOL: Json = {
    'Type': 'AWS::Cognito::UserPool',
    'Properties': {
        'UserPoolName': 'pool',
        'UsernameAttributes': ['email'],
        'UsernameConfiguration': {'CaseSensitive': False},
        'AdminCreateUserConfig': {'AllowAdminCreateUserOnly': 'true'},
        'Policies': {'PasswordPolicy': {'MinimumLength': '12'}},
        'MfaConfiguration': 'OPTIONAL',
        'EnabledMfas': ['SOFTWARE_TOKEN_MFA'],
    },
}
CLIENT: Json = {
    'Type': 'AWS::Cognito::UserPoolClient',
    'Properties': {
        'UserPoolId': {'Ref': 'Pool'},
        'ClientName': 'client',
        'GenerateSecret': True,
        'CallbackURLs': ['https://app.example/callback'],
    },
}
ROLE: Json = {
    'Type': 'AWS::IAM::Role',
    'Properties': {
        'AssumeRolePolicyDocument': {
            'Version': '2012-10-17',
            'Statement': [
                {
                    'Effect': 'Allow',
                    'Principal': {'Service': ['lambda.amazonaws.com', 'states.amazonaws.com']},
                    'Action': 'sts:AssumeRole',
                }
            ],
        }
    },
}
CAPABLE: Json = {'Capabilities': ['CAPABILITY_IAM']}


@pytest.fixture(scope='module')
def stacks() -> Iterator[Stacks]:
    with run_in_thread() as emulator:
        yield Stacks(emulator)


@pytest.fixture
def name() -> str:
    return f'stack-{uuid.uuid4().hex[:12]}'


def changed(resource: Json, **properties: Any) -> Json:
    """Return a resource with other properties; those that are ... are left out."""
    merged = {**resource['Properties'], **properties}
    return resource | {'Properties': {k: v for k, v in merged.items() if v is not ...}}


def template(**resources: Json) -> Json:
    """Return a template whose outputs are what Ref gives of each resource."""
    refs = {name: {'Value': {'Ref': name}} for name in resources}
    return {'Resources': resources, 'Outputs': refs}


def complete(stack: Any) -> dict[str, str]:
    """Return the outputs of a stack that is complete."""
    assert stack['StackStatus'] in ('CREATE_COMPLETE', 'UPDATE_COMPLETE'), stack
    return outputs(stack)


def test_pool_keeps_its_people_through_an_update(stacks: Stacks, name: str) -> None:
    cognito = stacks.client('cognito-idp')
    pool_id = complete(stacks.create(name, template(Pool=POOL)))['Pool']
    cognito.admin_create_user(UserPoolId=pool_id, Username='joe@example.com')
    before = cognito.describe_user_pool(UserPoolId=pool_id)['UserPool']

    after_update = changed(
        POOL,
        Policies={'PasswordPolicy': {'MinimumLength': 16}},
        AdminCreateUserConfig=...,
        Schema=[{'Name': 'team', 'AttributeDataType': 'String', 'Mutable': True}],
    )
    again = complete(stacks.update(name, template(Pool=after_update)))['Pool']

    after = cognito.describe_user_pool(UserPoolId=pool_id)['UserPool']
    assert again == pool_id
    assert before['Policies']['PasswordPolicy']['MinimumLength'] == 12
    assert before['AdminCreateUserConfig']['AllowAdminCreateUserOnly'] is True
    assert after['Policies']['PasswordPolicy']['MinimumLength'] == 16
    assert after['AdminCreateUserConfig']['AllowAdminCreateUserOnly'] is False
    assert after['UsernameAttributes'] == ['email']
    assert 'custom:team' in [attribute['Name'] for attribute in after['SchemaAttributes']]
    assert cognito.admin_get_user(UserPoolId=pool_id, Username='joe@example.com')
    mfa = cognito.get_user_pool_mfa_config(UserPoolId=pool_id)
    assert (mfa['MfaConfiguration'], mfa['SoftwareTokenMfaConfiguration']) == (
        'OPTIONAL',
        {'Enabled': True},
    )


@pytest.mark.parametrize(
    ('properties', 'problem'),
    [
        ({'UsernameAttributes': ['phone_number']}, 'not allowed for property - UsernameAttributes'),
        ({'UsernameConfiguration': {'CaseSensitive': True}}, 'property - UsernameConfiguration'),
        ({'Schema': []}, 'Existing schema attributes cannot be modified or deleted'),
        ({'EnabledMfas': ['SMS_MFA']}, 'unsupported value in EnabledMfas: SMS_MFA'),
        ({'NoSuchProperty': 'x'}, 'NoSuchProperty'),
    ],
)
def test_update_that_would_cost_people_fails_and_goes_back(
    properties: Json, problem: str, stacks: Stacks, name: str
) -> None:
    cognito = stacks.client('cognito-idp')
    schema = [{'Name': 'team', 'AttributeDataType': 'String', 'Mutable': True}]
    pool = changed(POOL, Schema=schema)
    pool_id = complete(stacks.create(name, template(Pool=pool)))['Pool']
    before = cognito.describe_user_pool(UserPoolId=pool_id)['UserPool']

    stack = stacks.update(name, template(Pool=changed(pool, **properties)))

    after = cognito.describe_user_pool(UserPoolId=pool_id)['UserPool']
    assert stack['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    assert problem in stacks.why(name, 'Pool')
    assert {k: v for k, v in after.items() if k != 'LastModifiedDate'} == {
        k: v for k, v in before.items() if k != 'LastModifiedDate'
    }


def test_protected_pool_outlives_its_stack(stacks: Stacks, name: str) -> None:
    protected = changed(POOL, DeletionProtection='ACTIVE')
    stack = stacks.create(name, template(Pool=protected))

    assert stacks.delete(name)['StackStatus'] == 'DELETE_FAILED'
    assert 'deletion protection is activated' in stacks.why(stack['StackId'], 'Pool')
    assert stacks.client('cognito-idp').describe_user_pool(UserPoolId=complete(stack)['Pool'])


def test_client_is_reset_by_an_update_and_replaced_for_its_secret(
    stacks: Stacks, name: str
) -> None:
    cognito = stacks.client('cognito-idp')
    made = complete(stacks.create(name, template(Pool=POOL, Client=CLIENT)))
    which = {'UserPoolId': made['Pool'], 'ClientId': made['Client']}
    cognito.update_user_pool_client(**which, AllowedOAuthFlows=['code'], ClientName='by hand')

    updated = changed(CLIENT, CallbackURLs=['https://app.example/new'])
    same = complete(stacks.update(name, template(Pool=POOL, Client=updated)))['Client']
    described = cognito.describe_user_pool_client(**which)['UserPoolClient']
    change_set = stacks.change_set(
        name, template(Pool=POOL, Client=changed(CLIENT, GenerateSecret=False))
    )
    replaced = complete(stacks.execute(change_set))['Client']

    assert same == made['Client']
    assert described['CallbackURLs'] == ['https://app.example/new']
    assert described['ClientName'] == 'client'
    assert 'AllowedOAuthFlows' not in described
    assert change_set['Changes'][0]['ResourceChange']['Replacement'] == 'True'
    assert replaced != made['Client']
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.describe_user_pool_client(**which)


def test_attributes_of_cognito_can_be_got(stacks: Stacks, name: str) -> None:
    resources = template(Pool=POOL, Client=CLIENT)
    got = {
        'Arn': ['Pool', 'Arn'],
        'Provider': ['Pool', 'ProviderName'],
        'Url': ['Pool', 'ProviderURL'],
        'ClientId': ['Client', 'ClientId'],
        'Secret': ['Client', 'ClientSecret'],
    }
    resources['Outputs'] |= {of: {'Value': {'Fn::GetAtt': path}} for of, path in got.items()}

    made = complete(stacks.create(name, resources))

    pool_id, client_id = made['Pool'], made['Client']
    host = f'cognito-idp.{REGION}.amazonaws.com'
    described = stacks.client('cognito-idp').describe_user_pool_client(
        UserPoolId=pool_id, ClientId=client_id
    )['UserPoolClient']
    assert made == {
        'Pool': pool_id,
        'Client': client_id,
        'ClientId': client_id,
        'Secret': described['ClientSecret'],
        'Arn': f'arn:aws:cognito-idp:{REGION}:{ACCOUNT}:userpool/{pool_id}',
        'Provider': f'{host}/{pool_id}',
        'Url': f'https://{host}/{pool_id}',
    }


def test_domain_and_branding_are_there_and_a_second_domain_is_refused(
    stacks: Stacks, name: str
) -> None:
    cognito = stacks.client('cognito-idp')
    domain = {
        'Type': 'AWS::Cognito::UserPoolDomain',
        'Properties': {'UserPoolId': {'Ref': 'Pool'}, 'Domain': name, 'ManagedLoginVersion': '2'},
    }
    branding = {
        'Type': 'AWS::Cognito::ManagedLoginBranding',
        'Properties': {
            'UserPoolId': {'Ref': 'Pool'},
            'ClientId': {'Ref': 'Client'},
            'UseCognitoProvidedValues': True,
        },
    }
    before = template(Pool=POOL, Client=CLIENT, Domain=domain, Branding=branding)
    made = complete(stacks.create(name, before))

    described = cognito.describe_user_pool_domain(Domain=name)['DomainDescription']
    of_client = cognito.describe_managed_login_branding_by_client(
        UserPoolId=made['Pool'], ClientId=made['Client']
    )['ManagedLoginBranding']
    other = changed(domain, Domain=f'{name}-2')
    after = template(Pool=POOL, Client=CLIENT, Domain=other, Branding=branding)
    failed = stacks.update(name, after)

    assert (described['UserPoolId'], described['ManagedLoginVersion']) == (made['Pool'], 2)
    assert of_client['ManagedLoginBrandingId'] == made['Branding']
    assert of_client['UseCognitoProvidedValues'] is True
    assert failed['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    assert 'already has a domain configured' in stacks.why(name, 'Domain')
    classic = changed(domain, ManagedLoginVersion=1)
    complete(stacks.update(name, template(Pool=POOL, Client=CLIENT, Domain=classic)))
    described = cognito.describe_user_pool_domain(Domain=name)['DomainDescription']
    assert described['ManagedLoginVersion'] == 1
    with pytest.raises(cognito.exceptions.ResourceNotFoundException):
        cognito.describe_managed_login_branding(
            UserPoolId=made['Pool'], ManagedLoginBrandingId=made['Branding']
        )
    with pytest.raises(ClientError, match='Domain already associated'):
        cognito.create_user_pool_domain(UserPoolId=made['Pool'], Domain=name)
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_branding_is_one_for_a_client_and_can_be_changed(stacks: Stacks, name: str) -> None:
    cognito = stacks.client('cognito-idp')
    made = complete(stacks.create(name, template(Pool=POOL, Client=CLIENT)))
    which = {'UserPoolId': made['Pool'], 'ClientId': made['Client']}
    branding = cognito.create_managed_login_branding(**which, UseCognitoProvidedValues=True)
    branding_id = branding['ManagedLoginBranding']['ManagedLoginBrandingId']

    with pytest.raises(cognito.exceptions.ManagedLoginBrandingExistsException):
        cognito.create_managed_login_branding(**which, UseCognitoProvidedValues=True)
    cognito.update_managed_login_branding(
        UserPoolId=made['Pool'],
        ManagedLoginBrandingId=branding_id,
        Settings={'components': {'form': {}}},
    )
    described = cognito.describe_managed_login_branding_by_client(**which)['ManagedLoginBranding']

    assert described['Settings'] == {'components': {'form': {}}}
    assert 'UseCognitoProvidedValues' not in described


def test_managed_login_has_no_pages_for_a_client_without_branding(
    stacks: Stacks, name: str
) -> None:
    client = changed(
        CLIENT,
        AllowedOAuthFlowsUserPoolClient=True,
        AllowedOAuthFlows=['code'],
        AllowedOAuthScopes=['openid'],
    )
    domain = {
        'Type': 'AWS::Cognito::UserPoolDomain',
        'Properties': {'UserPoolId': {'Ref': 'Pool'}, 'Domain': name, 'ManagedLoginVersion': 2},
    }
    made = complete(stacks.create(name, template(Pool=POOL, Client=client, Domain=domain)))
    asked = {
        'client_id': made['Client'],
        'redirect_uri': 'https://app.example/callback',
        'response_type': 'code',
    }

    without = requests.get(f'{stacks.url}/login', asked, timeout=10)
    stacks.client('cognito-idp').create_managed_login_branding(
        UserPoolId=made['Pool'], ClientId=made['Client'], UseCognitoProvidedValues=True
    )

    assert without.status_code == 400
    assert 'Login pages unavailable. Please contact an administrator.' in without.text
    assert requests.get(f'{stacks.url}/login', asked, timeout=10).status_code == 200


def test_identity_provider_has_to_be_there_before_a_client_uses_it(
    stacks: Stacks, name: str
) -> None:
    cognito = stacks.client('cognito-idp')
    provider = {
        'Type': 'AWS::Cognito::UserPoolIdentityProvider',
        'Properties': {
            'UserPoolId': {'Ref': 'Pool'},
            'ProviderName': 'Okta',
            'ProviderType': 'OIDC',
            'ProviderDetails': {'client_id': 'x', 'oidc_issuer': 'https://okta.example'},
        },
    }
    using = changed(CLIENT, SupportedIdentityProviders=['COGNITO', {'Ref': 'Provider'}])
    made = complete(stacks.create(name, template(Client=using, Pool=POOL, Provider=provider)))
    which = {'UserPoolId': made['Pool'], 'ProviderName': 'Okta'}

    updated = changed(provider, AttributeMapping={'email': 'mail'})
    complete(stacks.update(name, template(Client=using, Pool=POOL, Provider=updated)))
    described = cognito.describe_identity_provider(**which)['IdentityProvider']
    unknown = changed(CLIENT, SupportedIdentityProviders=['Unknown'])
    stack = stacks.update(name, template(Client=unknown, Pool=POOL, Provider=updated))

    assert (described['ProviderType'], described['AttributeMapping']) == ('OIDC', {'email': 'mail'})
    assert stack['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    assert 'The provider Unknown does not exist' in stacks.why(name, 'Client')


def test_bucket_is_set_up_changed_and_deleted(stacks: Stacks, name: str) -> None:
    s3 = stacks.client('s3')
    bucket = {
        'Type': 'AWS::S3::Bucket',
        'Properties': {
            'BucketName': name,
            'BucketEncryption': {
                'ServerSideEncryptionConfiguration': [
                    {'ServerSideEncryptionByDefault': {'SSEAlgorithm': 'AES256'}}
                ]
            },
            'OwnershipControls': {'Rules': [{'ObjectOwnership': 'BucketOwnerEnforced'}]},
            'PublicAccessBlockConfiguration': {'BlockPublicAcls': 'true'},
            'VersioningConfiguration': {'Status': 'Enabled'},
            'LifecycleConfiguration': {
                'Rules': [{'Id': 'a', 'Status': 'Enabled', 'ExpirationInDays': '3', 'Prefix': 'x/'}]
            },
            'Tags': [{'Key': 'a', 'Value': 'b'}],
        },
    }
    statement = {'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*', 'Resource': '*'}
    policy = {
        'Type': 'AWS::S3::BucketPolicy',
        'Properties': {
            'Bucket': {'Ref': 'Bucket'},
            'PolicyDocument': {'Version': '2012-10-17', 'Statement': [statement]},
        },
    }
    complete(stacks.create(name, template(Bucket=bucket, Policy=policy)))
    which = {'Bucket': name}
    encryption = s3.get_bucket_encryption(**which)['ServerSideEncryptionConfiguration']['Rules']
    rule = s3.get_bucket_lifecycle_configuration(**which)['Rules'][0]
    assert encryption[0]['ApplyServerSideEncryptionByDefault'] == {'SSEAlgorithm': 'AES256'}
    assert (rule['Expiration'], rule['Filter']) == ({'Days': 3}, {'Prefix': 'x/'})
    assert s3.get_bucket_versioning(**which)['Status'] == 'Enabled'
    assert s3.get_bucket_ownership_controls(**which)['OwnershipControls']['Rules'] == [
        {'ObjectOwnership': 'BucketOwnerEnforced'}
    ]
    block = s3.get_public_access_block(**which)['PublicAccessBlockConfiguration']
    assert block['BlockPublicAcls'] is True
    assert s3.get_bucket_tagging(**which)['TagSet'] == [{'Key': 'a', 'Value': 'b'}]
    assert json.loads(s3.get_bucket_policy(**which)['Policy'])['Statement'] == [statement]

    less = changed(bucket, VersioningConfiguration=..., LifecycleConfiguration=..., Tags=...)
    other = changed(policy, PolicyDocument={'Version': '2012-10-17', 'Statement': []})
    complete(stacks.update(name, template(Bucket=less, Policy=other)))
    assert s3.get_bucket_versioning(**which)['Status'] == 'Suspended'
    assert json.loads(s3.get_bucket_policy(**which)['Policy'])['Statement'] == []
    with pytest.raises(ClientError, match='NoSuchLifecycleConfiguration'):
        s3.get_bucket_lifecycle_configuration(**which)
    stack = stacks.update(name, template(Bucket=changed(less, WebsiteConfiguration={})))
    assert stack['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    assert 'unsupported property WebsiteConfiguration' in stacks.why(name, 'Bucket')

    assert stacks.create(f'{name}-2', template(Bucket=less))['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert f'{name} already exists' in stacks.why(f'{name}-2', 'Bucket')
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'
    with pytest.raises(ClientError):
        s3.head_bucket(**which)


def test_table_is_changed_in_place_and_protected(stacks: Stacks, name: str) -> None:
    dynamodb = stacks.client('dynamodb')
    table = {
        'Type': 'AWS::DynamoDB::Table',
        'Properties': {
            'TableName': name,
            'BillingMode': 'PAY_PER_REQUEST',
            'DeletionProtectionEnabled': True,
            'PointInTimeRecoverySpecification': {'PointInTimeRecoveryEnabled': True},
            'AttributeDefinitions': [{'AttributeName': 'key', 'AttributeType': 'S'}],
            'KeySchema': [{'AttributeName': 'key', 'KeyType': 'HASH'}],
        },
    }
    complete(stacks.create(name, template(Table=table)))
    backups = dynamodb.describe_continuous_backups(TableName=name)['ContinuousBackupsDescription']
    recovery = backups['PointInTimeRecoveryDescription']
    assert recovery['PointInTimeRecoveryStatus'] == 'ENABLED'
    assert stacks.delete(name)['StackStatus'] == 'DELETE_FAILED'

    stack_2 = f'{name}-2'
    assert stacks.create(stack_2, template(Table=table))['StackStatus'] == 'ROLLBACK_COMPLETE'
    dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'

    name_3 = f'{name}-3'
    table = changed(table, TableName=name_3)
    complete(stacks.create(name_3, template(Table=table)))
    open_table = changed(
        table, DeletionProtectionEnabled=False, PointInTimeRecoverySpecification=...
    )
    complete(stacks.update(name_3, template(Table=open_table)))
    described = dynamodb.describe_table(TableName=name_3)['Table']
    assert described['DeletionProtectionEnabled'] is False
    keys = [{'AttributeName': 'other', 'KeyType': 'HASH'}]
    stack = stacks.update(name_3, template(Table=changed(open_table, KeySchema=keys)))
    assert stack['StackStatus'] == 'UPDATE_ROLLBACK_COMPLETE'
    assert stacks.delete(name_3)['StackStatus'] == 'DELETE_COMPLETE'


def test_role_and_state_machine(stacks: Stacks, name: str) -> None:
    iam, machines = stacks.client('iam'), stacks.client('stepfunctions')
    statement = {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': '*'}
    document = {'Version': '2012-10-17', 'Statement': [statement]}
    managed = 'arn:aws:iam::aws:policy/ReadOnlyAccess'
    role = changed(
        ROLE,
        Policies=[{'PolicyName': 'own', 'PolicyDocument': document}],
        ManagedPolicyArns=[managed],
    )
    machine = {
        'Type': 'AWS::StepFunctions::StateMachine',
        'Properties': {
            'StateMachineName': name,
            'RoleArn': {'Fn::GetAtt': ['Role', 'Arn']},
            'DefinitionString': '{"StartAt": "A", "States": {"A": {"Type": "${Kind}"}}}',
            'DefinitionSubstitutions': {'Kind': 'Succeed'},
        },
    }
    made = complete(stacks.create(name, template(Role=role, Machine=machine), **CAPABLE))
    described = machines.describe_state_machine(stateMachineArn=made['Machine'])
    assert (
        iam.get_role_policy(RoleName=made['Role'], PolicyName='own')['PolicyDocument'] == document
    )
    attached = iam.list_attached_role_policies(RoleName=made['Role'])['AttachedPolicies']
    assert [policy['PolicyArn'] for policy in attached] == [managed]
    assert json.loads(described['definition'])['States']['A'] == {'Type': 'Succeed'}

    new = {'StartAt': 'B', 'States': {'B': {'Type': 'Succeed'}}}
    after = template(
        Role=changed(ROLE, Description='New'),
        Machine=changed(machine, DefinitionString=..., DefinitionSubstitutions=..., Definition=new),
    )
    complete(stacks.update(name, after, **CAPABLE))
    assert iam.list_role_policies(RoleName=made['Role'])['PolicyNames'] == []
    assert iam.list_attached_role_policies(RoleName=made['Role'])['AttachedPolicies'] == []
    assert iam.get_role(RoleName=made['Role'])['Role']['Description'] == 'New'
    described = machines.describe_state_machine(stateMachineArn=made['Machine'])
    assert json.loads(described['definition']) == new
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=made['Role'])


def test_what_watches(stacks: Stacks, name: str) -> None:
    watch, logs, sns = (stacks.client(of) for of in ('cloudwatch', 'logs', 'sns'))
    alarm = {
        'Type': 'AWS::CloudWatch::Alarm',
        'Properties': {
            'AlarmName': name,
            'Namespace': 'AWS/Lambda',
            'MetricName': 'Errors',
            'Statistic': 'Sum',
            'Period': '60',
            'EvaluationPeriods': 1,
            'Threshold': '1',
            'ComparisonOperator': 'GreaterThanThreshold',
            'AlarmActions': [{'Ref': 'Topic'}],
        },
    }
    topic = {'Type': 'AWS::SNS::Topic', 'Properties': {'TopicName': name}}
    dashboard = {
        'Type': 'AWS::CloudWatch::Dashboard',
        'Properties': {'DashboardName': name, 'DashboardBody': '{"widgets": []}'},
    }
    group = {
        'Type': 'AWS::Logs::LogGroup',
        'Properties': {'LogGroupName': f'/x/{name}', 'RetentionInDays': 30},
    }
    query = {
        'Type': 'AWS::Logs::QueryDefinition',
        'Properties': {
            'Name': f'{name}/q',
            'QueryString': 'fields @message',
            'LogGroupNames': [{'Ref': 'Group'}],
        },
    }
    parts = {'Alarm': alarm, 'Topic': topic, 'Dashboard': dashboard, 'Group': group, 'Query': query}
    made = complete(stacks.create(name, template(**parts)))

    def described() -> tuple[Any, ...]:
        (of_alarm,) = watch.describe_alarms(AlarmNames=[name])['MetricAlarms']
        (of_query,) = logs.describe_query_definitions(queryDefinitionNamePrefix=name)[
            'queryDefinitions'
        ]
        (of_group,) = logs.describe_log_groups(logGroupNamePrefix=f'/x/{name}')['logGroups']
        return (
            (of_alarm['Threshold'], of_alarm['Period'], of_alarm['AlarmActions']),
            (of_query['queryString'], of_query['logGroupNames'], of_query['queryDefinitionId']),
            of_group.get('retentionInDays'),
            json.loads(watch.get_dashboard(DashboardName=name)['DashboardBody']),
        )

    query_id = made['Query']
    assert described() == (
        (1.0, 60, [made['Topic']]),
        ('fields @message', [f'/x/{name}'], query_id),
        30,
        {'widgets': []},
    )
    for part, taken in (('Alarm', name), ('Dashboard', name), ('Topic', name)):
        failed = stacks.create(
            f'{name}-{part}',
            template(
                **{part: changed(parts[part], **({'AlarmActions': []} if part == 'Alarm' else {}))}
            ),
        )
        assert failed['StackStatus'] == 'ROLLBACK_COMPLETE'
        assert f'{taken} already exists' in stacks.why(f'{name}-{part}', part)

    parts |= {
        'Alarm': changed(alarm, Threshold=2),
        'Dashboard': changed(dashboard, DashboardBody='{"widgets": [1]}'),
        'Group': changed(group, RetentionInDays=...),
        'Query': changed(query, QueryString='fields @timestamp'),
    }
    complete(stacks.update(name, template(**parts)))
    assert described() == (
        (2.0, 60, [made['Topic']]),
        ('fields @timestamp', [f'/x/{name}'], query_id),
        None,
        {'widgets': [1]},
    )
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'
    assert watch.describe_alarms(AlarmNames=[name])['MetricAlarms'] == []
    assert logs.describe_log_groups(logGroupNamePrefix=f'/x/{name}')['logGroups'] == []
    assert logs.describe_query_definitions(queryDefinitionNamePrefix=name)['queryDefinitions'] == []
    assert name not in str(sns.list_topics()['Topics'])
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.delete_query_definition(queryDefinitionId=query_id)
    with pytest.raises(logs.exceptions.ResourceNotFoundException):
        logs.put_query_definition(name='x', queryString='x', queryDefinitionId=query_id)


def serving(name: str, key: str, **of_stage: Any) -> dict[str, Json]:
    """Return a function in a bucket, an API in front of it, and their stage."""
    arn = f'arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}'
    stage = {
        'TracingEnabled': True,
        'MethodSettings': [
            {
                'HttpMethod': '*',
                'ResourcePath': '/*',
                'ThrottlingRateLimit': 7,
                'LoggingLevel': 'OFF',
            }
        ],
    }
    return {
        'Role': ROLE,
        'Function': {
            'Type': 'AWS::Lambda::Function',
            'Properties': {
                'FunctionName': name,
                'Runtime': RUNTIME,
                'Handler': 'function.handler',
                'Role': {'Fn::GetAtt': ['Role', 'Arn']},
                'Code': {'S3Bucket': 'code', 'S3Key': key},
                'Environment': {'Variables': {'KEY': key}},
                'MemorySize': '256',
                'ReservedConcurrentExecutions': 2,
                'Tags': [{'Key': 'a', 'Value': key}],
            },
        },
        'Api': {
            'Type': 'AWS::ApiGateway::RestApi',
            'Properties': {
                'Body': definition(arn),
                'EndpointConfiguration': {'Types': ['REGIONAL']},
                'SecurityPolicy': 'SecurityPolicy_TLS13_1_2_2021_06',
            },
        },
        'Permission': {
            'Type': 'AWS::Lambda::Permission',
            'Properties': {
                'FunctionName': {'Ref': 'Function'},
                'Action': 'lambda:InvokeFunction',
                'Principal': 'apigateway.amazonaws.com',
                'SourceArn': {
                    'Fn::Sub': 'arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'
                },
            },
        },
        f'Deployment{key}': {
            'Type': 'AWS::ApiGateway::Deployment',
            'Properties': {'RestApiId': {'Ref': 'Api'}},
        },
        'Stage': {
            'Type': 'AWS::ApiGateway::Stage',
            'Properties': {
                'RestApiId': {'Ref': 'Api'},
                'StageName': 'live',
                'DeploymentId': {'Ref': f'Deployment{key}'},
                **stage,
                **of_stage,
            },
        },
    }


def test_api_and_function_of_a_stack_are_served(stacks: Stacks, name: str) -> None:
    s3, functions, gateway = (stacks.client(of) for of in ('s3', 'lambda', 'apigateway'))
    s3.create_bucket(Bucket='code', CreateBucketConfiguration={'LocationConstraint': REGION})
    s3.put_object(Bucket='code', Key='one', Body=packed(ECHO))
    two = (
        "import os\n\ndef handler(e, c):\n    return {'statusCode': 202, 'body': os.environ['KEY']}"
    )
    s3.put_object(Bucket='code', Key='two', Body=packed(two))

    made = complete(stacks.create(name, template(**serving(name, 'one')), **CAPABLE))
    url = f'{stacks.url}/execute-api/{made["Api"]}/live/open'
    first = requests.get(url, timeout=60)
    stage = gateway.get_stage(restApiId=made['Api'], stageName='live')
    updated = complete(stacks.update(name, template(**serving(name, 'two')), **CAPABLE))
    second = requests.get(url, timeout=60)

    assert (first.status_code, first.json()['requestContext']['stage']) == (200, 'live')
    assert (stage['tracingEnabled'], stage['methodSettings']['*/*']['throttlingRateLimit']) == (
        True,
        7,
    )
    api = gateway.get_rest_api(restApiId=made['Api'])
    assert api['securityPolicy'] == 'SecurityPolicy_TLS13_1_2_2021_06'
    assert api['endpointConfiguration']['types'] == ['REGIONAL']
    assert (second.status_code, second.text) == (202, 'two')
    assert updated['Api'] == made['Api']
    deployments = gateway.get_deployments(restApiId=made['Api'])['items']
    assert [deployment['id'] for deployment in deployments] == [updated['Deploymenttwo']]
    function = functions.get_function(FunctionName=name)
    assert function['Configuration']['MemorySize'] == 256
    assert function['Concurrency'] == {'ReservedConcurrentExecutions': 2}
    assert function['Tags'] == {'a': 'two'}
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'
    assert requests.get(url, timeout=10).json() == {'message': 'Forbidden'}


def test_access_log_needs_the_accounts_role(stacks: Stacks, name: str) -> None:
    s3 = stacks.client('s3')
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={'LocationConstraint': REGION})
    s3.put_object(Bucket=name, Key='one', Body=packed(ECHO))
    log = {'DestinationArn': 'arn:aws:logs:eu-west-1:123456789012:log-group:x', 'Format': '{}'}
    resources = serving(name, 'one', AccessLogSetting=log)
    resources['Function']['Properties']['Code']['S3Bucket'] = name
    account = {
        'Type': 'AWS::ApiGateway::Account',
        'Properties': {'CloudWatchRoleArn': {'Fn::GetAtt': ['Role', 'Arn']}},
    }

    failed = stacks.create(f'{name}-1', template(**resources), **CAPABLE)
    resources |= {'Account': account, 'Stage': resources['Stage'] | {'DependsOn': 'Account'}}
    made = complete(stacks.create(name, template(**resources), **CAPABLE))

    assert failed['StackStatus'] == 'ROLLBACK_COMPLETE'
    assert 'role ARN must be set in account settings' in stacks.why(f'{name}-1', 'Stage')
    stage = stacks.client('apigateway').get_stage(restApiId=made['Api'], stageName='live')
    assert stage['accessLogSettings'] == {
        'destinationArn': log['DestinationArn'],
        'format': '{}',
    }
    assert stacks.delete(name)['StackStatus'] == 'DELETE_COMPLETE'


def test_template_for_sam_is_transformed(stacks: Stacks, name: str) -> None:
    s3 = stacks.client('s3')
    bucket = f'{name}-sam'
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={'LocationConstraint': REGION})
    s3.put_object(Bucket=bucket, Key='one', Body=packed(ECHO))
    sam = {
        'AWSTemplateFormatVersion': '2010-09-09',
        'Transform': 'AWS::Serverless-2016-10-31',
        'Parameters': {'Memory': {'Type': 'Number', 'Default': 256}},
        'Resources': {
            'Function': {
                'Type': 'AWS::Serverless::Function',
                'Properties': {
                    'Runtime': RUNTIME,
                    'Handler': 'function.handler',
                    'CodeUri': f's3://{bucket}/one',
                    'MemorySize': {'Ref': 'Memory'},
                },
            }
        },
        'Outputs': {'Arn': {'Value': {'Fn::GetAtt': ['Function', 'Arn']}}},
    }

    change_set = stacks.change_set(name, sam, 'CREATE', **CAPABLE)
    arn = complete(stacks.execute(change_set))['Arn']

    types = {c['ResourceChange']['ResourceType'] for c in change_set['Changes']}
    assert types == {'AWS::IAM::Role', 'AWS::Lambda::Function'}
    function = stacks.client('lambda').get_function_configuration(FunctionName=arn)
    assert function['MemorySize'] == 256
    processed = stacks.api.get_template(StackName=name, TemplateStage='Processed')['TemplateBody']
    original = stacks.api.get_template(StackName=name, TemplateStage='Original')['TemplateBody']
    assert stacks.api.get_template(StackName=name)['TemplateBody'] == processed
    assert original == sam
    assert 'Transform' not in processed
    with pytest.raises(ClientError, match='No transform named AWS::Include'):
        stacks.change_set(f'{name}-2', sam | {'Transform': 'AWS::Include'}, 'CREATE', **CAPABLE)
    broken = {**sam, 'Resources': {'Function': {'Type': 'AWS::Serverless::Function'}}}
    with pytest.raises(ClientError, match='Transform AWS::Serverless-2016-10-31 failed'):
        stacks.change_set(f'{name}-2', broken, 'CREATE', **CAPABLE)


def test_rule_of_a_template_is_kept(stacks: Stacks, name: str) -> None:
    ruled = {
        'Parameters': {
            'A': {'Type': 'String', 'Default': ''},
            'B': {'Type': 'String', 'Default': ''},
        },
        'Rules': {
            'Whole': {
                'RuleCondition': {'Fn::Not': [{'Fn::Equals': [{'Ref': 'A'}, '']}]},
                'Assertions': [
                    {
                        'Assert': {'Fn::Contains': [['x', 'y'], {'Ref': 'B'}]},
                        'AssertDescription': 'A needs B.',
                    }
                ],
            }
        },
        'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}},
    }

    def create(**values: str) -> Any:
        given = [{'ParameterKey': k, 'ParameterValue': v} for k, v in values.items()]
        return stacks.create(f'{name}-{len(values)}', ruled, Parameters=given)

    with pytest.raises(ClientError, match='Rule Whole failed: A needs B'):
        create(A='a')
    assert complete(create(A='a', B='x')) == {}
    assert complete(create()) == {}


@pytest.mark.parametrize(
    'rule',
    [
        {'Fn::Equals': [{'Fn::Join': ['', {'Ref': 'List'}]}, '']},
        {'Fn::Not': [{'Fn::Equals': [{'Fn::Sub': '${List}'}, '']}]},
    ],
)
def test_rule_takes_no_function_but_its_own(stacks: Stacks, name: str, rule: Json) -> None:
    ruled = {
        'Parameters': {'List': {'Type': 'CommaDelimitedList', 'Default': ''}},
        'Rules': {'Whole': {'RuleCondition': rule, 'Assertions': [{'Assert': rule}]}},
        'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}},
    }

    with pytest.raises(
        ClientError, match=r'not supported in the Rules block .* \[Fn::(Join|Sub)\]'
    ):
        stacks.create(name, ruled)


def test_list_that_is_empty_has_one_item_to_a_rule(stacks: Stacks, name: str) -> None:
    holds = {'Fn::Contains': [{'Ref': 'List'}, '']}
    ruled = {
        'Parameters': {'List': {'Type': 'CommaDelimitedList', 'Default': ''}},
        'Rules': {'Empty': {'Assertions': [{'Assert': holds, 'AssertDescription': 'Empty.'}]}},
        'Resources': {'Topic': {'Type': 'AWS::SNS::Topic'}},
    }

    assert complete(stacks.create(name, ruled)) == {}
    with pytest.raises(ClientError, match='Rule Empty failed: Empty'):
        stacks.create(f'{name}-2', ruled, Parameters=parameters(List='a,b'))
