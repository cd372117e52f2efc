"""Facts of what API Gateway and Lambda hold of a stage, and of what they are to hold."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.gateway import ip_allow_list
from ops.inspection.facts import Facts, NotApplicable, fact
from ops.inspection.live import NothingThere, deployed_only, outputs
from ops.inspection.probe import Answer, probe
from ops.stage import project_files

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import StageResponseTypeDef


# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
_CLOSED = b'is not authorized to perform: execute-api:Invoke'


def project(facts: Facts) -> Path:
    """Return the folder that the stage is deployed from."""
    return Path(facts.stage.config.project_dir)


@fact
def rest_api_id(facts: Facts) -> str:
    """Return the id of the deployed REST API."""
    deployed_only(facts)
    stage = facts.stage
    found = stage.rest_api().get('rest_api_id') or outputs(facts).get('RestApiId')
    if not found:
        raise NotApplicable('no REST API is recorded here')
    return str(found)


@fact
def gateway_stage(facts: Facts) -> 'StageResponseTypeDef':
    """Return the stage of the REST API."""
    name = facts.stage.config.api_gateway_stage
    found: StageResponseTypeDef = facts.client('apigateway').get_stage(
        restApiId=rest_api_id(facts), stageName=name
    )
    return found


@fact
def own_url(facts: Facts) -> str:
    """Return the URL under which the API is found without a domain of its own."""
    api_id, name = rest_api_id(facts), gateway_stage(facts)['stageName']
    if facts.stage.endpoint_url:
        return f'{facts.stage.endpoint_url}/execute-api/{api_id}/{name}'
    return f'https://{api_id}.execute-api.{facts.stage.region}.amazonaws.com/{name}'


@fact
def custom_urls(facts: Facts) -> list[str]:
    """Return the URLs of custom domains under which the API is found."""
    gateway, stage_name = facts.client('apigateway'), gateway_stage(facts)['stageName']
    urls = []
    for page in gateway.get_paginator('get_domain_names').paginate():
        for domain in page.get('items', []):
            mappings = gateway.get_base_path_mappings(domainName=domain['domainName'])
            for mapping in mappings.get('items', []):
                if (mapping['restApiId'], mapping.get('stage')) == (rest_api_id(facts), stage_name):
                    path = mapping.get('basePath', '(none)').replace('(none)', '')
                    urls.append(f'https://{domain["domainName"]}/{path}'.rstrip('/'))
    return urls


def call(facts: Facts, method: str, path: str, authorization: str = '') -> Answer:
    """Return what the API answers to a call without a body.

    Raises NotApplicable where the API is closed to whoever asks, and is meant to be.
    """
    headers = {'Authorization': authorization} if authorization else None
    answer = probe(method, facts.stage.api_url + path, headers=headers)
    if answer.status == 403 and _CLOSED in answer.content and ip_allow_list.kept(project(facts)):
        raise NotApplicable('the API is closed to this address, as `ops ip-ranges` has it')
    return answer


@fact
def wanted_gateway(facts: Facts) -> project_files.Gateway:
    """Return what API Gateway is to hold beside the routes."""
    return project_files.gateway(project(facts))


def wanted_headers(facts: Facts, response_type: str, api_url: str) -> dict[str, str]:
    """Return the headers that a refusal of a type is to have, with the API at a URL."""
    headers = wanted_gateway(facts)['responses'].get(response_type, {})
    return {name: value.replace('{api_url}', api_url) for name, value in headers.items()}


@fact
def function(facts: Facts) -> dict[str, Any]:
    """Return the settings of the deployed function."""
    deployed_only(facts)
    stage = facts.stage
    name = f'{stage.config.app_name}-{stage.name}'
    lambda_ = facts.client('lambda')
    try:
        found: dict[str, Any] = lambda_.get_function_configuration(FunctionName=name)
    except lambda_.exceptions.ResourceNotFoundException as error:
        raise NothingThere(
            f'There is no function {name}: chalice deploy --stage {stage.name} makes it.'
        ) from error
    return found


def retention_days(facts: Facts, log_group: str) -> int | None:
    """Return how long a log is kept; None for ever."""
    pages = facts.client('logs').get_paginator('describe_log_groups')
    for page in pages.paginate(logGroupNamePrefix=log_group):
        for group in page['logGroups']:
            if group['logGroupName'] == log_group:
                days: int | None = group.get('retentionInDays')
                return days
    raise NothingThere(
        f'There is no log group {log_group}, so nothing is logged: '
        f'python -m ops up --stage {facts.stage.name} makes it.'
    )
