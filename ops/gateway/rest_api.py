"""Settings of API Gateway beside the routes, set on a REST API that `chalice deploy` made.

.chalice/gateway.json has it, and .chalice/ip_allow_list.json who may call, if not everybody.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from ops.gateway import ip_allow_list, log_groups
from ops.stage import project_files
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigateway.literals import GatewayResponseTypeType
    from mypy_boto3_apigateway.type_defs import PatchOperationTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient

    Responses = dict[GatewayResponseTypeType, dict[str, str]]

_HEADER = 'gatewayresponse.header.'


@dataclass(frozen=True)
class Gateway:
    """A REST API with one stage of it, and what both are to be set to."""

    api: 'APIGatewayClient'
    logs: 'CloudWatchLogsClient'
    api_id: str
    stage_name: str
    api_url: str
    log_group_arn: str
    wanted: project_files.Gateway
    ranges: list[str]
    policy_is_set_elsewhere: bool


def apply(stage: Stage) -> None:
    """Set what `chalice deploy` cannot, and print of each setting whether it was new."""
    project, session = Path(stage.config.project_dir), stage.session()
    identity = session.client('sts', endpoint_url=stage.endpoint_url).get_caller_identity()
    partition, account = identity['Arn'].split(':')[1], identity['Account']
    name = log_groups.of_access(stage)
    gateway = Gateway(
        api=session.client('apigateway', endpoint_url=stage.endpoint_url),
        logs=session.client('logs', endpoint_url=stage.endpoint_url),
        api_id=stage.rest_api()['rest_api_id'],
        stage_name=stage.config.api_gateway_stage,
        api_url=stage.deployed_url,
        log_group_arn=f'arn:{partition}:logs:{stage.region}:{account}:log-group:{name}',
        wanted=project_files.gateway(project),
        ranges=ip_allow_list.kept(project),
        policy_is_set_elsewhere=ip_allow_list.is_own_policy(stage.config.api_gateway_policy_file),
    )
    click.echo(f'API {gateway.api_id}, stage {gateway.stage_name}:')
    _stage(gateway)
    changed = [_responses(gateway), _policy(gateway), _tls(gateway)]
    if any(changed) or not _is_deployed(gateway):  # the others came into force at once
        gateway.api.create_deployment(
            restApiId=gateway.api_id,
            stageName=gateway.stage_name,
            description=_mark(gateway),
            tracingEnabled=bool(stage.config.xray_enabled),
        )
        click.echo('  deployed')


def _is_deployed(gateway: Gateway) -> bool:
    """Tell whether the stage serves these settings: an earlier run may have stopped too soon."""
    which = {'restApiId': gateway.api_id}
    stage = gateway.api.get_stage(**which, stageName=gateway.stage_name)
    deployment = gateway.api.get_deployment(**which, deploymentId=stage['deploymentId'])
    return deployment.get('description') == _mark(gateway)


def _mark(gateway: Gateway) -> str:
    """Return the description of a deployment, which differs with the settings that it brings."""
    brings = [gateway.wanted['responses'], gateway.wanted['tls'], gateway.api_url, gateway.ranges]
    return f'ops up {hashlib.sha256(json.dumps(brings).encode()).hexdigest()[:16]}'


def _tell(what: str, *, was_set: bool) -> bool:
    click.echo(f'  {"set" if was_set else "as it should be"}: {what}')
    return was_set


def _responses(gateway: Gateway) -> bool:
    pages = gateway.api.get_paginator('get_gateway_responses').paginate(restApiId=gateway.api_id)
    found = {
        each['responseType']: each.get('responseParameters', {})
        for page in pages
        for each in page.get('items', [])
    }
    changed, wanted = [], cast('Responses', gateway.wanted['responses'])
    for kind, headers in wanted.items():
        parameters = {
            f'{_HEADER}{name}': f"'{value.replace('{api_url}', gateway.api_url)}'"
            for name, value in headers.items()
        }
        if found.get(kind) != parameters:
            changed.append(kind)
            gateway.api.put_gateway_response(
                restApiId=gateway.api_id, responseType=kind, responseParameters=parameters
            )
    kinds = changed or wanted
    return _tell(f'gateway responses {", ".join(kinds)}', was_set=bool(changed))


def _policy(gateway: Gateway) -> bool:
    """Set or remove the IP allow-list; a policy that is not one of those is left alone."""
    text = gateway.api.get_rest_api(restApiId=gateway.api_id).get('policy', '')
    allowed = ip_allow_list.allowed_in(text)
    if gateway.policy_is_set_elsewhere or (text and allowed is None):
        click.echo('  left alone: a resource policy of your own')
        return False
    ranges = gateway.ranges
    what = f'open to the addresses in {ip_allow_list.KEPT_IN} only' if ranges else 'open to all'
    if set(ranges) == (allowed or set()):
        return _tell(what, was_set=False)
    policy = ip_allow_list.resource_policy(ranges) if ranges else None
    text = json.dumps(policy, separators=(',', ':')) if policy else ''
    _patch_api(gateway, {'policy': text})
    return _tell(what, was_set=True)


def _tls(gateway: Gateway) -> bool:
    wanted = gateway.wanted['tls']
    names = {
        'securityPolicy': wanted['security_policy'],
        'endpointAccessMode': wanted['endpoint_access_mode'],
    }
    found = gateway.api.get_rest_api(restApiId=gateway.api_id)
    what = f'TLS by {names["securityPolicy"]}'
    if {name: found.get(name) for name in names} == names:
        return _tell(what, was_set=False)
    answer = _patch_api(gateway, names)
    if {name: answer.get(name) for name in names} != names:
        click.echo(f'  not possible here: {what}')
        return False
    return _tell(what, was_set=True)


def _patch_api(gateway: Gateway, changes: dict[str, str]) -> dict[str, Any]:
    answer = gateway.api.update_rest_api(
        restApiId=gateway.api_id,
        patchOperations=[
            {'op': 'replace', 'path': f'/{name}', 'value': value} for name, value in changes.items()
        ],
    )
    return dict(answer)


def _stage(gateway: Gateway) -> None:
    found = gateway.api.get_stage(restApiId=gateway.api_id, stageName=gateway.stage_name)
    methods: Any = found.get('methodSettings', {}).get('*/*', {})
    log = found.get('accessLogSettings') or {}
    throttling, access_log = gateway.wanted['throttling'], gateway.wanted['access_log']
    rate, burst = throttling['rate_limit'], throttling['burst_limit']
    name, days = gateway.log_group_arn.partition(':log-group:')[2], access_log['retention_days']
    log_was_set = log_groups.ensure(gateway.logs, name, days)
    _patch_stage(
        gateway,
        f'at most {rate} calls a second, and {burst} at once',
        {
            '/*/*/throttling/rateLimit': (methods.get('throttlingRateLimit'), rate),
            '/*/*/throttling/burstLimit': (methods.get('throttlingBurstLimit'), burst),
        },
    )
    _patch_stage(
        gateway,
        'no trace of what is sent',
        {'/*/*/logging/dataTrace': (methods.get('dataTraceEnabled', False), False)},
    )
    _patch_stage(
        gateway,
        f'access log {name}, kept for {days} days',
        {
            '/accessLogSettings/format': (log.get('format'), json.dumps(access_log['format'])),
            '/accessLogSettings/destinationArn': (log.get('destinationArn'), gateway.log_group_arn),
        },
        was_set=log_was_set,
    )


def _patch_stage(
    gateway: Gateway, what: str, settings: dict[str, tuple[Any, Any]], *, was_set: bool = False
) -> None:
    patches: list[PatchOperationTypeDef] = [
        {'op': 'replace', 'path': path, 'value': _text(wanted)}
        for path, (found, wanted) in settings.items()
        if found != wanted
    ]
    if patches:
        gateway.api.update_stage(
            restApiId=gateway.api_id, stageName=gateway.stage_name, patchOperations=patches
        )
    _tell(what, was_set=was_set or bool(patches))


def _text(value: str | int | bool) -> str:
    return value if isinstance(value, str) else json.dumps(value)
