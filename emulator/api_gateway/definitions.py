"""REST APIs from Swagger 2.0, which Chalice uploads and moto refuses, and their deployments.

The functions are methods of moto's APIGatewayResponse and RestAPI while the emulator runs. What a
definition says can be asked of moto's API; served is the definition, as it was when deployed.
"""

import copy
import json
from typing import Any

from moto.apigateway.exceptions import BadRequestException
from moto.apigateway.models import APIGatewayBackend, Deployment, Resource, RestAPI
from moto.apigateway.responses import APIGatewayResponse
from moto.apigateway.utils import deserialize_body
from moto.core.common_types import TYPE_RESPONSE

Json = dict[str, Any]

_moto_apply_patch_operations = RestAPI.apply_patch_operations
_moto_to_dict = RestAPI.to_dict
_moto_update_stage = APIGatewayResponse.update_stage
_TLS = ('securityPolicy', 'endpointAccessMode')
_GATEWAY_RESPONSES = 'x-amazon-apigateway-gateway-responses'
_POLICY = 'x-amazon-apigateway-policy'


def definition_of(deployment: Deployment) -> Json:
    """Return the definition that a deployment serves; it is empty if none was imported."""
    definition: Json = vars(deployment).get('definition', {})
    return definition


def import_rest_api(response: APIGatewayResponse) -> TYPE_RESPONSE:
    """Create an API from a definition; it needs no description."""
    document = _document(response)
    info = document['info']
    api = response.backend.create_rest_api(info['title'], info.get('description', ''))
    endpoint_type = response._get_param('endpointConfigurationTypes')
    if endpoint_type:
        api.endpoint_configuration = {'types': [endpoint_type]}
    _define(response.backend, api, document)
    return 201, {'status': 201}, json.dumps(api.to_dict())


def put_rest_api(response: APIGatewayResponse) -> TYPE_RESPONSE:
    """Replace all that an API is but its endpoint, as the mode "overwrite" does."""
    if response._get_param('mode', 'merge') != 'overwrite':
        raise BadRequestException('Only the mode overwrite is emulated.')
    api = response.backend.get_rest_api(response.path.split('/')[2])
    _define(response.backend, api, _document(response))
    return 200, {}, json.dumps(api.to_dict())


def create_deployment(response: APIGatewayResponse) -> TYPE_RESPONSE:
    """Put the API as it is now into force; the settings of a stage that is there stay."""
    backend, api_id = response.backend, response.path.split('/')[2]
    api = backend.get_rest_api(api_id)
    name = response._get_param('stageName')
    stage = api.stages.get(name)
    deployment = backend.create_deployment(api_id, name, response._get_param('description') or '')
    if stage:
        stage.deployment_id = deployment.id
        api.stages[name] = stage
    tracing = response._get_param('tracingEnabled')
    if name and tracing is not None:
        api.stages[name].tracing_enabled = tracing
    vars(deployment)['definition'] = _current_definition(api)
    return 201, {'status': 201}, json.dumps(deployment.to_json())


def update_stage(response: APIGatewayResponse) -> str:
    """Refuse a log while API Gateway has no role to write it by."""
    operations = response._get_param('patchOperations') or []
    is_log = any(of['path'].startswith('/accessLogSettings/') for of in operations)
    if is_log and not response.backend.get_account().cloudwatch_role_arn:
        raise BadRequestException(
            'CloudWatch Logs role ARN must be set in account settings to enable logging'
        )
    return str(_moto_update_stage(response))


def apply_patch_operations(api: RestAPI, operations: list[Json]) -> None:
    """Change what an API says of TLS, too."""
    own = [of for of in operations if of['path'].strip('/') in _TLS]
    tls: Json = vars(api).setdefault('tls', {})
    tls.update({of['path'].strip('/'): of['value'] for of in own})
    _moto_apply_patch_operations(api, [of for of in operations if of not in own])


def to_dict(api: RestAPI) -> Json:
    """Return an API with what it says of TLS."""
    return {**_moto_to_dict(api), **vars(api).get('tls', {})}


def _document(response: APIGatewayResponse) -> Json:
    document: Json = deserialize_body(response.body)
    if document.get('swagger') != '2.0':
        raise BadRequestException('Only definitions in Swagger 2.0 are emulated.')
    return document


def _current_definition(api: RestAPI) -> Json:
    definition: Json = copy.deepcopy(vars(api).get('definition', {}))
    definition[_GATEWAY_RESPONSES] = {
        name: response.to_json() for name, response in api.gateway_responses.items()
    }
    definition[_POLICY] = api.policy
    return definition


def _define(backend: APIGatewayBackend, api: RestAPI, document: Json) -> None:
    """Make an API what a definition says, and nothing else."""
    vars(api)['definition'] = document
    api.name = document['info']['title']
    api.description = document['info'].get('description', '')
    api.binaryMediaTypes = document.get('x-amazon-apigateway-binary-media-types', [])
    policy = document.get(_POLICY)
    api.policy = json.dumps(policy) if policy else None
    api.gateway_responses = {}
    for response_type, of in document.get(_GATEWAY_RESPONSES, {}).items():
        api.put_gateway_response(
            response_type,
            of.get('statusCode'),
            of.get('responseParameters', {}),
            of.get('responseTemplates', {}),
        )
    api.resources = {}
    api.default = api.add_child('/')
    api.root_resource_id = api.default.id
    authorizers = _define_authorizers(backend, api, document)
    for path, methods in document['paths'].items():
        resource = _resource(api, path)
        for name, method in methods.items():
            _define_method(backend, api, resource, name.upper(), method, authorizers)


def _define_authorizers(backend: APIGatewayBackend, api: RestAPI, document: Json) -> dict[str, str]:
    """Return the ids of the authorizers of a definition by their names."""
    api.authorizers = {}
    ids: dict[str, str] = {}
    for name, scheme in document.get('securityDefinitions', {}).items():
        authorizer = scheme.get('x-amazon-apigateway-authorizer')
        if authorizer:
            made = backend.create_authorizer(
                api.id,
                name,
                authorizer['type'].upper(),
                provider_arns=authorizer.get('providerARNs'),
                auth_type=scheme.get('x-amazon-apigateway-authtype'),
                identity_source=f'method.request.header.{scheme["name"]}',
                authorizer_result_ttl=authorizer.get('authorizerResultTtlInSeconds', 300),
            )
            ids[name] = str(made.id)
    return ids


def _resource(api: RestAPI, path: str) -> Resource:
    """Return the resource of a path, made with all above it where it is not there."""
    resource = api.default
    for part in filter(None, path.split('/')):
        children = (r for r in api.resources.values() if r.parent_id == resource.id)
        found = next((child for child in children if child.path_part == part), None)
        resource = found or api.add_child(part, resource.id)
    return resource


def _define_method(  # noqa: PLR0913, PLR0917  each is needed once
    backend: APIGatewayBackend,
    api: RestAPI,
    resource: Resource,
    name: str,
    method: Json,
    authorizers: dict[str, str],
) -> None:
    security = [each for each in method.get('security', []) if next(iter(each)) in authorizers]
    authorizer, scopes = next(iter(security[0].items())) if security else (None, None)
    backend.put_method(
        api.id,
        resource.id,
        name,
        'COGNITO_USER_POOLS' if authorizer else 'NONE',
        authorizer_id=authorizers[authorizer] if authorizer else None,
        authorization_scopes=scopes or None,
    )
    for status in method.get('responses', {}):
        backend.put_method_response(api.id, resource.id, name, status, None, None)
    integration = method['x-amazon-apigateway-integration']
    kind = integration['type'].upper()
    backend.put_integration(
        api.id,
        resource.id,
        name,
        kind,
        integration.get('uri', ''),
        integration.get('httpMethod', ''),
        request_templates=integration.get('requestTemplates'),
        passthrough_behavior=integration.get('passthroughBehavior', '').upper(),
    )


METHODS = (import_rest_api, put_rest_api, create_deployment, update_stage)
API_METHODS = (apply_patch_operations, to_dict)
