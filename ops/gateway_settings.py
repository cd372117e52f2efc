"""What API Gateway is told beside the routes, set on a REST API that `chalice deploy` made.

.chalice/gateway.json has it, and .chalice/chatgpt_ip_ranges.json who may call, if not everybody.
"""

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ops import ip_ranges
from ops.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_apigateway import APIGatewayClient
    from mypy_boto3_apigateway.type_defs import PatchOperationTypeDef
    from mypy_boto3_logs import CloudWatchLogsClient

_HEADER = 'gatewayresponse.header.'


@dataclass(frozen=True)
class Gateway:
    """A REST API with one stage of it, and what both are to be set to."""

    api: 'APIGatewayClient'
    logs: 'CloudWatchLogsClient'
    api_id: str
    stage_name: str
    api_url: str
    log_group: str
    wanted: dict[str, Any]
    ranges: list[str]
    policy_is_set_elsewhere: bool


def apply(stage: Stage) -> None:
    """Set what `chalice deploy` cannot, and tell of each thing whether it was set or found so."""
    project, session = Path(stage.config.project_dir), stage.session()
    gateway = Gateway(
        api=session.client('apigateway', endpoint_url=stage.endpoint_url),
        logs=session.client('logs', endpoint_url=stage.endpoint_url),
        api_id=stage.rest_api()['rest_api_id'],
        stage_name=stage.config.api_gateway_stage,
        api_url=stage.deployed_url,
        log_group=log_group(stage),
        wanted=json.loads((project / '.chalice' / 'gateway.json').read_text('utf-8')),
        ranges=ip_ranges.kept(project),
        policy_is_set_elsewhere=bool(stage.config.api_gateway_policy_file),
    )
    click.echo(f'API {gateway.api_id}, stage {gateway.stage_name}:')
    changed = [_responses(gateway), _policy(gateway), _tls(gateway)]
    if any(changed):  # these come into force with a deployment, those of the stage at once
        gateway.api.create_deployment(
            restApiId=gateway.api_id,
            stageName=gateway.stage_name,
            tracingEnabled=bool(stage.config.xray_enabled),
        )
        click.echo('  deployed')
    _stage(gateway)
    _function_log(gateway, function_log_group(stage), stage.config.log_retention_in_days)


def log_group(stage: Stage) -> str:
    """Return the name of the log group of a stage's access log."""
    return f'/aws/apigateway/{stage.stack_name}'


def function_log_group(stage: Stage) -> str:
    """Return the name of the log group that a stage's function writes to.

    Chalice 1.34 makes one of another name, and the function's role may not make any.
    """
    return f'/aws/lambda/{stage.stack_name}'


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
    changed = []
    for kind, headers in gateway.wanted['responses'].items():
        parameters = {
            f'{_HEADER}{name}': f"'{value.replace('{api_url}', gateway.api_url)}'"
            for name, value in headers.items()
        }
        if found.get(kind) != parameters:
            changed.append(kind)
            gateway.api.put_gateway_response(
                restApiId=gateway.api_id, responseType=kind, responseParameters=parameters
            )
    kinds = changed or gateway.wanted['responses']
    return _tell(f'gateway responses {", ".join(kinds)}', was_set=bool(changed))


def _policy(gateway: Gateway) -> bool:
    """Set or remove the IP allow-list; a policy that is not one of those is left alone."""
    text = gateway.api.get_rest_api(restApiId=gateway.api_id).get('policy', '')
    allowed = allowed_in(text)
    if gateway.policy_is_set_elsewhere or (text and allowed is None):
        click.echo('  left alone: a resource policy of your own')
        return False
    ranges = gateway.ranges
    what = f'open to the addresses in {ip_ranges.KEPT_IN} only' if ranges else 'open to all'
    if set(ranges) == (allowed or set()):
        return _tell(what, was_set=False)
    policy = json.dumps(ip_ranges.resource_policy(ranges)) if ranges else ''
    _patch_api(gateway, {'policy': policy})
    return _tell(what, was_set=True)


def allowed_in(policy: str) -> set[str] | None:
    """Return the ranges of an IP allow-list; None for any other policy."""
    try:
        # API Gateway gives it back as JSON with its quotes escaped, and resources written out.
        document = json.loads(policy if policy.startswith('{"') else json.loads(f'"{policy}"'))
        statement = next(
            each for each in document['Statement'] if each.get('Sid') == ip_ranges.ALLOW_LIST
        )
        sources = statement['Condition']['IpAddress']['aws:SourceIp']
    except (ValueError, KeyError, TypeError, AttributeError, StopIteration):
        return None
    return {sources} if isinstance(sources, str) else set(sources)


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
    log_group_arn = _log_group(
        gateway.logs, gateway.log_group, gateway.wanted['access_log']['retention_days']
    )
    found = gateway.api.get_stage(restApiId=gateway.api_id, stageName=gateway.stage_name)
    methods: Any = found.get('methodSettings', {}).get('*/*', {})
    log = found.get('accessLogSettings') or {}
    throttling, access_log = gateway.wanted['throttling'], gateway.wanted['access_log']
    rate, burst = throttling['rate_limit'], throttling['burst_limit']
    form = json.dumps(access_log['format'])
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
        f'access log {gateway.log_group}, kept for {access_log["retention_days"]} days',
        {
            '/accessLogSettings/format': (log.get('format'), form),
            '/accessLogSettings/destinationArn': (log.get('destinationArn'), log_group_arn),
        },
    )


def _patch_stage(gateway: Gateway, what: str, settings: dict[str, tuple[Any, Any]]) -> None:
    patches: list[PatchOperationTypeDef] = [
        {'op': 'replace', 'path': path, 'value': str(wanted) if wanted else 'false'}
        for path, (found, wanted) in settings.items()
        if found != wanted
    ]
    if patches:
        gateway.api.update_stage(
            restApiId=gateway.api_id, stageName=gateway.stage_name, patchOperations=patches
        )
    _tell(what, was_set=bool(patches))


def _function_log(gateway: Gateway, name: str, days: int | None) -> None:
    found = _find_log_group(gateway.logs, name)
    was_set = not found or bool(days and found.get('retentionInDays') != days)
    _log_group(gateway.logs, name, days)
    kept = f'kept for {days} days' if days else 'kept for ever'
    _tell(f"the function's log {name}, {kept}", was_set=was_set)


def _log_group(logs: 'CloudWatchLogsClient', name: str, days: int | None) -> str:
    """Return the ARN of a log group, which is made if there is none, and kept for so long."""
    with suppress(logs.exceptions.ResourceAlreadyExistsException):
        logs.create_log_group(logGroupName=name)
    found = _find_log_group(logs, name)
    if days and found.get('retentionInDays') != days:
        logs.put_retention_policy(logGroupName=name, retentionInDays=days)
    return str(found['arn']).removesuffix(':*')


def _find_log_group(logs: 'CloudWatchLogsClient', name: str) -> dict[str, Any]:
    pages = logs.get_paginator('describe_log_groups').paginate(logGroupNamePrefix=name)
    found = (each for page in pages for each in page['logGroups'] if each['logGroupName'] == name)
    return dict(next(found, {}))
