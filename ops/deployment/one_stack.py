"""One template of all: Chalice's, resources/, .chalice/overlay.json and .chalice/gateway.json.

Each of them says a thing once. What has to be said of one in another's words is added here.
"""

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from chalice.package import TemplateDeepMerger

from ops.deployment import policy, resources
from ops.deployment.policy import NO_VALUE
from ops.deployment.resources import Template
from ops.stage import json_file, project_files, variables
from ops.stage.project_files import Gateway
from ops.stage.stage import Stage

# app.py needs a pool to be imported; the template names the one that it is deployed for.
ANY_POOL_ARN = 'arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_AnyPool'


def one_stack(stage: Stage, of_chalice: Template) -> Template:
    """Return the template of all that a stage has; raises FileRefused, StageNotUsable."""
    stage.check_gateway_stage()
    project = Path(stage.config.project_dir)
    gateway = project_files.gateway(project)
    needed = resources.of_stage(stage)
    function, api, role = (
        of_chalice['Resources'][name] for name in ('APIHandler', 'RestAPI', 'ApiHandlerRole')
    )
    vpc = function['Properties'].pop('VpcConfig', {})
    reserved = function['Properties'].pop('ReservedConcurrentExecutions', '')
    given = function['Properties'].get('Environment', {}).get('Variables', {})
    settings = {
        **resources.settings(stage.capabilities, needed['Outputs']),
        **variables.of_capabilities(stage.switched_on),
    }
    added = {
        'Parameters': {
            'AppName': {'AllowedValues': [stage.config.app_name]},
            'Stage': {'AllowedValues': [stage.name]},
            'MemorySize': {'Default': function['Properties']['MemorySize']},
            'ReservedConcurrency': {'Default': str(reserved)},
            'VpcSubnetIds': {'Default': ','.join(vpc.get('SubnetIds', []))},
            'VpcSecurityGroupIds': {'Default': ','.join(vpc.get('SecurityGroupIds', []))},
        },
        'Resources': {
            'APIHandler': {
                'Properties': {
                    'FunctionName': stage.stack_name,
                    'Environment': {'Variables': settings},
                }
            },
            'ApiHandlerRole': {
                'Properties': {'Policies': [_policy(stage, role, given | settings)]}
            },
            'AccessLogGroup': {
                'Properties': {'RetentionInDays': gateway['access_log']['retention_days']}
            },
            **_after_the_log(needed['Resources']),
            'RestAPI': {
                'Properties': {
                    **_stage_settings(gateway),
                    'DefinitionBody': {
                        'securityDefinitions': _authorizers(
                            api,
                            {ANY_POOL_ARN, given.get('COGNITO_USER_POOL_ARN')},
                            settings['COGNITO_USER_POOL_ARN'],
                        ),
                        'x-amazon-apigateway-gateway-responses': _responses(gateway),
                    },
                }
            },
        },
    }
    # Its own outputs differ in nothing but letters' case from those in the overlay.
    template = {name: part for name, part in of_chalice.items() if name != 'Outputs'}
    for layer in (needed, json_file.read(project / '.chalice' / 'overlay.json'), added):
        template = TemplateDeepMerger().merge(layer, template)
    return template


def _after_the_log(resources: Template) -> Template:
    """Return that saved queries come after the log which they name."""
    return {
        name: {'DependsOn': 'ApiHandlerLogGroup'}
        for name, resource in resources.items()
        if resource['Type'] == 'AWS::Logs::QueryDefinition'
    }


def _policy(stage: Stage, role: Template, settings: Template) -> Template:
    (given,) = role['Properties']['Policies']
    document = policy.exact(stage.capabilities, settings, stage.stack_name)
    document['Statement'] += policy.own_statements(given['PolicyDocument'])
    document['Statement'] += [
        {'Fn::If': ['HasVpc', statement, NO_VALUE]}
        for statement in policy.network_interfaces(stage.stack_name)
    ]
    return {**given, 'PolicyDocument': document}


def _authorizers(api: Template, own: Collection[str], pool: Any) -> Template:
    """Return the authorizers that are there, with the stack's pool for the app's own."""
    defined = api['Properties']['DefinitionBody'].get('securityDefinitions', {})
    key = 'x-amazon-apigateway-authorizer'
    return {
        name: {key: {'providerARNs': [pool if arn in own else arn for arn in arns]}}
        for name, definition in defined.items()
        if (arns := definition.get(key, {}).get('providerARNs'))
    }


def _stage_settings(gateway: Gateway) -> Template:
    log = 'arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${AccessLogGroup}'
    throttling = gateway['throttling']
    return {
        'AccessLogSetting': {
            'DestinationArn': {'Fn::Sub': log},
            'Format': json.dumps(gateway['access_log']['format']),
        },
        'MethodSettings': [
            {
                'HttpMethod': '*',
                'ResourcePath': '/*',
                'ThrottlingRateLimit': throttling['rate_limit'],
                'ThrottlingBurstLimit': throttling['burst_limit'],
                'LoggingLevel': 'OFF',
                'DataTraceEnabled': False,
            }
        ],
        'SecurityPolicy': gateway['tls']['security_policy'],
        'EndpointAccessMode': gateway['tls']['endpoint_access_mode'],
    }


def _responses(gateway: Gateway) -> Template:
    return {
        kind: {
            'responseParameters': {
                f'gatewayresponse.header.{name}': _header(value) for name, value in headers.items()
            }
        }
        for kind, headers in gateway['responses'].items()
    }


def _header(value: str) -> Any:
    """Return a header's value as a gateway response has it; what its URL stands in may go."""
    if '{api_url}' not in value:
        return f"'{value}'"
    known = {'Fn::Sub': f"'{value.replace('{api_url}', '${ApiUrl}')}'"}
    return {'Fn::If': ['HasApiUrl', known, f"'{value.partition(' ')[0]}'"]}
