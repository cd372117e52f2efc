"""resources/: what it makes, under which names, and that no update loses people or data."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

import capabilities
from app import app
from ops.cloudformation import changes
from ops.stage import variables
from tests.support.people.verified_calls import call
from tests.support.stages import templates
from tests.support.stages.templates import (
    EXISTING,
    OIDC,
    REGION,
    SAML,
    properties,
    resolved,
)

TEMPLATE = templates.resources()
CLIENTS = ['UserPoolClient', 'McpUserPoolClient']
SEARCH = r"""SEARCH\('\{(.*)\} function="(.*)" MetricName="(.*)"', '(?:Sum|p95)', 300\)"""
QUERY_LANGUAGE = {
    *('fields', 'filter', 'sort', 'desc', 'limit', 'stats', 'by', 'as', 'or'),
    *('count', 'sum', 'max', 'pct', 'ispresent', 'like'),
}
POOL_IN_USE = {'ExistingUserPoolArn': EXISTING['ExistingUserPoolArn']}
DOMAIN_IN_USE = POOL_IN_USE | {'ExistingUserPoolDomain': EXISTING['ExistingUserPoolDomain']}
PROVIDER_IN_USE = POOL_IN_USE | {'ExistingProviderName': EXISTING['ExistingProviderName']}
OF_CAPABILITIES = {kind for each in capabilities.EVERY for kind in each.lost}
# Where people and data are, and what others have been told the name of.
LASTING = [
    *('UserPool', 'UserPoolDomain', 'OidcProvider', 'SamlProvider', *CLIENTS, 'AlarmTopic'),
    *(name for name, each in TEMPLATE['Resources'].items() if each['Type'] in OF_CAPABILITIES),
]
KEPT = {
    *(name for each in capabilities.of_a_stage() for name in each.kept),
}


@pytest.fixture(scope='module')
def new() -> dict[str, Any]:
    """Return what the template makes with no parameter given."""
    return resolved(TEMPLATE)


def schema(resource_type: str) -> dict[str, Any]:
    """Return AWS's schema of a type of resources."""
    found: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema(
        REGION, resource_type
    ).schema
    return found


def parameters_in(value: Any) -> Iterator[str]:
    """Yield the parameters that a value depends on, also by the condition of an Fn::If."""
    if isinstance(value, list):
        for item in value:
            yield from parameters_in(item)
    elif isinstance(value, dict):
        for name, argument in value.items():
            if name in ('Ref', 'Condition') and argument in TEMPLATE['Parameters']:
                yield argument
            elif name == 'Fn::If':
                yield from parameters_in([TEMPLATE['Conditions'][argument[0]], argument[1:]])
            elif name == 'Fn::Sub':
                text, own = argument if isinstance(argument, list) else (argument, {})
                yield from (p for p in TEMPLATE['Parameters'] if f'${{{p}}}' in text)
                yield from parameters_in(own)
            else:
                yield from parameters_in(argument)


# No update may lose people or data ------------------------------------------------------------


def test_logical_ids_of_lasting_resources_are_these() -> None:
    """Under another logical id it would be another thing, and this one removed."""
    types = {name: TEMPLATE['Resources'][name]['Type'] for name in LASTING[:7]}

    assert types == {
        'UserPool': 'AWS::Cognito::UserPool',
        'UserPoolDomain': 'AWS::Cognito::UserPoolDomain',
        'OidcProvider': 'AWS::Cognito::UserPoolIdentityProvider',
        'SamlProvider': 'AWS::Cognito::UserPoolIdentityProvider',
        'UserPoolClient': 'AWS::Cognito::UserPoolClient',
        'McpUserPoolClient': 'AWS::Cognito::UserPoolClient',
        'AlarmTopic': 'AWS::SNS::Topic',
    }


def test_update_that_loses_what_lasts_is_refused() -> None:
    types = {TEMPLATE['Resources'][name]['Type'] for name in LASTING}

    assert types - set(changes.LOST) == {'AWS::SNS::Topic'}


def test_people_documents_and_records_stay_whatever_becomes_of_the_stack() -> None:
    kept = {
        name
        for name, resource in TEMPLATE['Resources'].items()
        if 'Retain' in (resource.get('DeletionPolicy'), resource.get('UpdateReplacePolicy'))
    }

    assert kept == KEPT
    for name in kept:
        resource = TEMPLATE['Resources'][name]
        assert (resource['DeletionPolicy'], resource['UpdateReplacePolicy']) == ('Retain', 'Retain')


@pytest.mark.parametrize(
    'fixed', ['UsernameAttributes', 'UsernameConfiguration', 'AliasAttributes', 'Schema']
)
def test_pool_is_fixed_where_an_update_would_fail(fixed: str) -> None:
    pool = properties(TEMPLATE, 'UserPool')

    assert list(parameters_in(pool.get(fixed))) == []
    assert (fixed in pool) == (fixed in ('UsernameAttributes', 'UsernameConfiguration'))


def test_people_and_groups_are_not_the_templates() -> None:
    """An update has been seen to delete a UserPoolUser."""
    types = {resource['Type'] for resource in TEMPLATE['Resources'].values()}

    assert {t for t in types if t.startswith('AWS::Cognito::')} == {
        'AWS::Cognito::UserPool',
        'AWS::Cognito::UserPoolClient',
        'AWS::Cognito::UserPoolDomain',
        'AWS::Cognito::ManagedLoginBranding',
        'AWS::Cognito::UserPoolIdentityProvider',
    }


@pytest.mark.parametrize('name', LASTING)
def test_only_another_name_replaces_a_resource(name: str) -> None:
    """A parameter that somebody may well change must not lead to a replacement."""
    resource = TEMPLATE['Resources'][name]
    fixed = (
        [path.split('/')[2] for path in schema(resource['Type'])['createOnlyProperties']]
        if ('createOnlyProperties' in schema(resource['Type']))
        else []
    )
    depends_on = {
        parameter for key in fixed for parameter in parameters_in(resource['Properties'].get(key))
    }

    naming = {p for p in TEMPLATE['Parameters'] if p.startswith('Existing') or p.endswith('Name')}
    assert depends_on <= naming | {'Stage', 'UserPoolDomainPrefix'}
    assert not depends_on & {'UserPoolName', 'UserPoolClientName', 'McpUserPoolClientName'}


@pytest.mark.parametrize('client', CLIENTS)
def test_client_is_confidential_whatever_is_given(client: str) -> None:
    """Another GenerateSecret would be another client, with another id."""
    assert properties(TEMPLATE, client)['GenerateSecret'] is True


def test_pool_refuses_to_be_deleted(new: dict[str, Any]) -> None:
    assert properties(new, 'UserPool')['DeletionProtection'] == 'ACTIVE'


@pytest.mark.parametrize(
    ('parameter', 'resource', 'key'),
    [
        ('UserPoolName', 'UserPool', 'UserPoolName'),
        ('UserPoolClientName', 'UserPoolClient', 'ClientName'),
        ('McpUserPoolClientName', 'McpUserPoolClient', 'ClientName'),
        ('UserPoolDomainPrefix', 'UserPoolDomain', 'Domain'),
    ],
)
def test_everything_is_named_by_a_parameter(parameter: str, resource: str, key: str) -> None:
    templates.check_is_named(parameter, resource, key)


@pytest.mark.parametrize(
    ('parameter', 'not_made', 'output'),
    [
        ('ExistingUserPoolArn', {'UserPool'}, 'CognitoUserPoolArn'),
        ('ExistingUserPoolDomain', {'UserPoolDomain'}, ''),
        ('ApiGatewayLogRoleArn', {'ApiGatewayLogRole'}, ''),
    ],
)
def test_what_exists_is_used_instead(parameter: str, not_made: set[str], output: str) -> None:
    templates.check_is_used_instead(parameter, not_made, output)


@pytest.mark.parametrize(
    ('given', 'lacking'),
    [
        (OIDC, 'OidcIssuerUrl'),
        (OIDC, 'OidcClientId'),
        (OIDC, 'OidcClientSecretArn'),
        (SAML, 'SamlMetadataUrl'),
        (DOMAIN_IN_USE, 'ExistingUserPoolArn'),
        (PROVIDER_IN_USE, 'ExistingUserPoolArn'),
    ],
)
def test_half_of_something_is_refused(given: dict[str, str], lacking: str) -> None:
    templates.check_is_refused_by_half(given, lacking)


# What it makes ----------------------------------------------------------------------------------


def test_pool_is_for_people_whom_an_administrator_lets_in(new: dict[str, Any]) -> None:
    assert properties(new, 'UserPool') == {
        'UserPoolName': 'MyCognitoUserPool',
        'UserPoolTier': 'ESSENTIALS',
        'DeletionProtection': 'ACTIVE',
        'UsernameAttributes': ['email'],
        'UsernameConfiguration': {'CaseSensitive': False},
        'AutoVerifiedAttributes': ['email'],
        'AdminCreateUserConfig': {'AllowAdminCreateUserOnly': True},
        'Policies': {
            'PasswordPolicy': {
                'MinimumLength': '12',
                'RequireLowercase': True,
                'RequireUppercase': True,
                'RequireNumbers': True,
                'RequireSymbols': True,
                'TemporaryPasswordValidityDays': 7,
            }
        },
        'MfaConfiguration': 'OPTIONAL',
        'EnabledMfas': ['SOFTWARE_TOKEN_MFA'],
        'AccountRecoverySetting': {
            'RecoveryMechanisms': [{'Name': 'verified_email', 'Priority': 1}]
        },
    }


@pytest.mark.parametrize(
    ('given', 'factors'),
    [('ON', ['SOFTWARE_TOKEN_MFA']), ('OPTIONAL', ['SOFTWARE_TOKEN_MFA']), ('OFF', None)],
)
def test_second_factor_is_a_parameter(given: str, factors: list[str] | None) -> None:
    pool = properties(resolved(TEMPLATE, {'MfaConfiguration': given}), 'UserPool')

    assert (pool['MfaConfiguration'], pool.get('EnabledMfas')) == (given, factors)


@pytest.mark.parametrize('client', CLIENTS)
def test_client_is_for_the_code_flow_and_nothing_else(new: dict[str, Any], client: str) -> None:
    found = properties(new, client)

    assert found['AllowedOAuthFlowsUserPoolClient'] is True
    assert found['AllowedOAuthFlows'] == ['code']
    assert found['AllowedOAuthScopes'] == ['openid', 'email', 'profile']
    assert found['ExplicitAuthFlows'] == ['ALLOW_REFRESH_TOKEN_AUTH']
    assert found['SupportedIdentityProviders'] == ['COGNITO']
    assert (found['PreventUserExistenceErrors'], found['EnableTokenRevocation']) == (
        'ENABLED',
        True,
    )
    assert found['CallbackURLs'] == ['http://localhost:8765/callback']
    assert found['TokenValidityUnits'].keys() == {'AccessToken', 'IdToken', 'RefreshToken'}


@pytest.mark.parametrize('client', CLIENTS)
def test_client_reads_what_its_scopes_are_about(new: dict[str, Any], client: str) -> None:
    """Cognito refuses a code where a client can't read all that a scope stands for.

    OpenID Connect Core 5.4 says what that is.
    """
    found = properties(new, client)

    assert set(found['ReadAttributes']) == {
        *('email', 'email_verified'),
        *('name', 'family_name', 'given_name', 'middle_name', 'nickname', 'preferred_username'),
        *('profile', 'picture', 'website', 'gender', 'birthdate', 'zoneinfo', 'locale'),
        'updated_at',
    }
    assert set(found['WriteAttributes']) == {'email', 'name', 'given_name', 'family_name'}


@pytest.mark.parametrize('client', CLIENTS)
def test_external_providers_are_offered_by_both_clients(client: str) -> None:
    both = resolved(TEMPLATE, OIDC | SAML)

    assert properties(both, client)['SupportedIdentityProviders'] == [
        'COGNITO',
        'OidcProvider',
        'SamlProvider',
    ]


def test_external_providers_are_set_up_without_their_secret_in_the_template() -> None:
    both = resolved(TEMPLATE, OIDC | SAML)
    oidc, saml = properties(both, 'OidcProvider'), properties(both, 'SamlProvider')

    assert (oidc['ProviderName'], oidc['ProviderType']) == ('Example-OIDC', 'OIDC')
    assert oidc['ProviderDetails'] == {
        'client_id': 'example',
        'client_secret': (
            f'{{{{resolve:secretsmanager:{OIDC["OidcClientSecretArn"]}:SecretString}}}}'
        ),
        'oidc_issuer': 'https://login.example.com/oidc',
        'authorize_scopes': 'openid email profile',
        'attributes_request_method': 'GET',
    }
    assert (saml['ProviderName'], saml['ProviderType']) == ('Example-SAML', 'SAML')
    assert saml['ProviderDetails'] == {'MetadataURL': 'https://login.example.com/saml'}
    for provider in (oidc, saml):
        writable = properties(both, 'UserPoolClient')['WriteAttributes']
        assert set(provider['AttributeMapping']) - {'email_verified'} <= set(writable)


def test_every_client_has_managed_login(new: dict[str, Any]) -> None:
    branded = {
        properties(new, name)['ClientId']
        for name, resource in new['Resources'].items()
        if resource['Type'] == 'AWS::Cognito::ManagedLoginBranding'
    }

    assert branded == set(CLIENTS)
    assert properties(new, 'UserPoolDomain')['ManagedLoginVersion'] == '2'


@pytest.mark.parametrize('kind', ['UserPoolClient', 'ManagedLoginBranding'])
def test_what_a_pool_has_two_of_is_changed_one_after_the_other(kind: str) -> None:
    """Cognito refuses a change while it makes another: ConcurrentModificationException."""
    twins = {
        name: resource.get('DependsOn')
        for name, resource in TEMPLATE['Resources'].items()
        if resource['Type'] == f'AWS::Cognito::{kind}'
    }

    first, second = twins
    assert twins == {first: None, second: first}


def rules(bucket: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rules of a bucket's life cycle."""
    found: list[dict[str, Any]] = bucket['LifecycleConfiguration']['Rules']
    return found


# Names, what is there already, and outputs ------------------------------------------------------


@pytest.mark.parametrize('prefix', ['my-aws-login', 'amazon', 'xcognito', 'Upper', '-a', 'a' * 64])
def test_domain_prefix_that_cognito_would_refuse_is_refused(prefix: str) -> None:
    with pytest.raises(Exception, match='without aws, amazon or cognito'):
        resolved(TEMPLATE, {'UserPoolDomainPrefix': prefix})


def test_existing_pool_gets_the_clients() -> None:
    given = {name: value for name, value in EXISTING.items() if name in TEMPLATE['Parameters']}
    used = resolved(TEMPLATE, given)

    pools = {properties(used, client)['UserPoolId'] for client in CLIENTS}
    assert pools == {f'{REGION}_Example01'}
    assert used['Outputs']['CognitoDomainUrl']['Value'] == 'https://login.example.com'


@pytest.mark.parametrize('client', CLIENTS)
def test_people_of_an_existing_pool_sign_in_as_they_are_used_to(client: str) -> None:
    """Cognito asks for write access to what the pool requires and its providers map."""
    used = properties(resolved(TEMPLATE, PROVIDER_IN_USE), client)

    assert used['SupportedIdentityProviders'] == ['COGNITO', 'Example']
    assert 'WriteAttributes' not in used


def test_outputs_are_the_functions_settings(new: dict[str, Any]) -> None:
    of_capabilities = {variables.output_of(n) for n in variables.names(capabilities.EVERY)}
    values = {
        name: output['Value']
        for name, output in new['Outputs'].items()
        if name not in of_capabilities
    }

    assert values == {
        'CognitoUserPoolArn': 'UserPool.Arn',
        'CognitoClientIds': 'UserPoolClient,McpUserPoolClient',
        'CognitoDomainUrl': f'https://UserPoolDomain.auth.{REGION}.amazoncognito.com',
        'UserPoolClientId': 'UserPoolClient',
        'McpUserPoolClientId': 'McpUserPoolClient',
        'AlarmTopicArn': 'AlarmTopic',
    }
    settings = variables.names(capabilities.of_a_stage())
    assert {variables.output_of(name) for name in settings} <= set(TEMPLATE['Outputs'])


# Watching ---------------------------------------------------------------------------------------


def test_every_alarm_is_armed(new: dict[str, Any]) -> None:
    alarms = {
        n: r['Properties'] for n, r in new['Resources'].items() if r['Type'].endswith('Alarm')
    }

    assert set(alarms) == {
        *('ServerErrorsAlarm', 'FunctionErrorsAlarm', 'ThrottlesAlarm', 'DurationAlarm'),
        'SignInFailuresAlarm',
    }
    for alarm in alarms.values():
        assert alarm['AlarmActions'] == ['AlarmTopic']
        assert alarm['TreatMissingData'] == 'notBreaching'
        assert alarm['AlarmName'].startswith('aws-middleware-dev-')


def test_alarms_watch_the_stages_own_api_function_and_clients(new: dict[str, Any]) -> None:
    by_api = [
        {'Name': 'ApiName', 'Value': 'aws-middleware'},
        {'Name': 'Stage', 'Value': 'dev'},
    ]
    by_function = [{'Name': 'FunctionName', 'Value': 'aws-middleware-dev'}]

    watched = {
        name: (properties(new, name)['MetricName'], properties(new, name)['Dimensions'])
        for name in ('ServerErrorsAlarm', 'FunctionErrorsAlarm', 'ThrottlesAlarm', 'DurationAlarm')
    }
    assert watched == {
        'ServerErrorsAlarm': ('5XXError', by_api),
        'FunctionErrorsAlarm': ('Errors', by_function),
        'ThrottlesAlarm': ('Throttles', by_function),
        'DurationAlarm': ('Duration', by_function),
    }
    metrics = [
        query['MetricStat']['Metric']['Dimensions']
        for query in properties(new, 'SignInFailuresAlarm')['Metrics']
        if 'MetricStat' in query
    ]
    assert metrics == [
        [{'Name': 'UserPool', 'Value': 'UserPool'}, {'Name': 'UserPoolClient', 'Value': client}]
        for client in CLIENTS
        for _ in ('tried', 'done')
    ]


def test_alarms_count_what_they_are_about(new: dict[str, Any]) -> None:
    for name, threshold in (
        ('ServerErrorsAlarm', 5),
        ('FunctionErrorsAlarm', 1),
        ('ThrottlesAlarm', 1),
    ):
        alarm = properties(new, name)
        assert (alarm['Statistic'], alarm['Period'], alarm['Threshold']) == ('Sum', 300, threshold)
        assert alarm['ComparisonOperator'] == 'GreaterThanOrEqualToThreshold'
    alarm = properties(new, 'SignInFailuresAlarm')
    watched, *asked = alarm['Metrics']
    assert (alarm['Threshold'], watched['ReturnData']) == (10, True)
    assert alarm['ComparisonOperator'] == 'GreaterThanOrEqualToThreshold'
    # Of every attempt one sample, which is 1 if it succeeded.
    assert watched['Expression'] == (
        '(FILL(tried1, 0) - FILL(done1, 0)) + (FILL(tried2, 0) - FILL(done2, 0))'
    )
    assert {each['Id']: each['MetricStat']['Stat'] for each in asked} == {
        **dict.fromkeys(['tried1', 'tried2'], 'SampleCount'),
        **dict.fromkeys(['done1', 'done2'], 'Sum'),
    }
    assert {each['MetricStat']['Metric']['MetricName'] for each in asked} == {'SignInSuccesses'}


def test_duration_alarm_is_between_what_a_call_may_take_and_what_ends_it(
    new: dict[str, Any],
) -> None:
    alarm = properties(new, 'DurationAlarm')

    assert alarm['ExtendedStatistic'] == 'p95'
    assert 25_000 < alarm['Threshold'] < 29_000


def test_alarms_reach_somebody_when_an_address_is_given() -> None:
    resources = resolved(TEMPLATE, {'AlarmEmail': 'somebody@example.com'})

    assert properties(resources, 'AlarmSubscription') == {
        'TopicArn': 'AlarmTopic',
        'Protocol': 'email',
        'Endpoint': 'somebody@example.com',
    }
    assert 'AlarmSubscription' not in resolved(TEMPLATE)['Resources']


@pytest.fixture
def log_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the line that the function writes of a call."""
    capsys.readouterr()
    call(app, 'POST', '/my_route')
    line: dict[str, Any] = json.loads(capsys.readouterr().out)
    return line


def test_dashboard_shows_the_metrics_that_the_function_writes(
    new: dict[str, Any], log_line: dict[str, Any]
) -> None:
    dashboard = properties(new, 'Dashboard')
    widgets = [widget['properties'] for widget in json.loads(dashboard['DashboardBody'])['widgets']]
    (written,) = log_line['_aws']['CloudWatchMetrics']
    schema = ','.join([f'"{written["Namespace"]}"', *written['Dimensions'][0]])

    assert dashboard['DashboardName'] == 'aws-middleware-dev'
    assert {widget['region'] for widget in widgets} == {REGION}
    searches = [
        found.groups()
        for widget in widgets
        for metric in widget['metrics']
        if isinstance(metric[0], dict) and (found := re.fullmatch(SEARCH, metric[0]['expression']))
    ]
    assert {(a, function) for a, function, _ in searches} == {(schema, 'aws-middleware-dev')}
    assert [metric for _, _, metric in searches] == [
        *('Calls', 'Duration', 'ClientErrors', 'ServerErrors')
    ]
    assert {metric for _, _, metric in searches} == {m['Name'] for m in written['Metrics']}


@pytest.mark.parametrize(
    'line',
    [
        '2026-11-22T10:00:00.000Z 3f5d Task timed out after 45.00 seconds',
        "[ERROR] Runtime.ImportModuleError: Unable to import module 'app'",
        'RequestId: 3f5d Error: Runtime exited with error: signal: killed',
    ],
)
def test_failures_that_lambda_tells_are_found_too(new: dict[str, Any], line: str) -> None:
    query = properties(new, 'FailuresQuery')['QueryString']
    (pattern,) = re.findall(r'@message like /(.*)/', query)

    assert re.search(pattern, line)


def test_saved_queries_ask_for_what_a_log_line_has(
    new: dict[str, Any], log_line: dict[str, Any]
) -> None:
    queries = [
        resource['Properties']
        for resource in new['Resources'].values()
        if resource['Type'] == 'AWS::Logs::QueryDefinition'
    ]

    assert {query['Name'] for query in queries} == {
        f'aws-middleware-dev/{name}' for name in ('failures', 'slow calls', 'operations', 'callers')
    }
    for query in queries:
        assert query['LogGroupNames'] == ['/aws/lambda/aws-middleware-dev']
        text = re.sub(r"'[^']*'|/.*/", '', query['QueryString'])
        aliases = set(re.findall(r' as (\w+)', text))
        words = set(re.findall(r'(?<![@\w])[A-Za-z_]\w*', text)) - aliases - QUERY_LANGUAGE
        assert words <= set(log_line), query['Name']
