"""Facts of what API Gateway and Lambda hold of a stage, and of what they are to hold."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ops.checks.facts import Facts, NotApplicable, fact
from ops.checks.live import deployed_only

if TYPE_CHECKING:
    from mypy_boto3_apigateway.type_defs import StageResponseTypeDef


@fact
def rest_api_id(facts: Facts) -> str:
    """Return the id of the deployed REST API."""
    deployed_only(facts)
    stage = facts.stage
    found = stage.rest_api().get('rest_api_id') or stage.outputs().get('RestApiId')
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
def published_urls(facts: Facts) -> list[str]:
    """Return the URLs under which the API is found: its own, and those of custom domains."""
    api_id, name = rest_api_id(facts), gateway_stage(facts)['stageName']
    if facts.stage.endpoint_url:
        own = f'{facts.stage.endpoint_url}/execute-api/{api_id}/{name}'
    else:
        own = f'https://{api_id}.execute-api.{facts.stage.region}.amazonaws.com/{name}'
    return [own, *_custom_urls(facts.client('apigateway'), api_id, name)]


def _custom_urls(gateway: Any, api_id: str, stage_name: str) -> Iterator[str]:
    for page in gateway.get_paginator('get_domain_names').paginate():
        for domain in page.get('items', []):
            mappings = gateway.get_base_path_mappings(domainName=domain['domainName'])
            for mapping in mappings.get('items', []):
                if (mapping['restApiId'], mapping.get('stage')) == (api_id, stage_name):
                    path = mapping.get('basePath', '(none)')
                    yield f'https://{domain["domainName"]}' + (
                        '' if path == '(none)' else f'/{path}'
                    )


@fact
def wanted_gateway(facts: Facts) -> dict[str, Any]:
    """Return what API Gateway is to hold beside the routes."""
    file = Path(facts.stage.config.project_dir) / '.chalice' / 'gateway.json'
    wanted: dict[str, Any] = json.loads(file.read_text('utf-8'))
    return wanted


def wanted_headers(facts: Facts, response_type: str) -> dict[str, str]:
    """Return the headers that a refusal of a type is to have."""
    headers = wanted_gateway(facts)['responses'].get(response_type, {})
    return {
        name: value.replace('{api_url}', facts.stage.api_url) for name, value in headers.items()
    }


@fact
def function(facts: Facts) -> dict[str, Any]:
    """Return the settings of the deployed function."""
    deployed_only(facts)
    stage = facts.stage
    name = f'{stage.config.app_name}-{stage.name}'
    found: dict[str, Any] = facts.client('lambda').get_function_configuration(FunctionName=name)
    return found


def retention_days(facts: Facts, log_group: str) -> int | None:
    """Return how long a log is kept; None for ever."""
    groups = facts.client('logs').describe_log_groups(logGroupNamePrefix=log_group)['logGroups']
    found = [group for group in groups if group['logGroupName'] == log_group]
    if not found:
        raise NotApplicable(f'there is no log {log_group} yet')
    days: int | None = found[0].get('retentionInDays')
    return days
