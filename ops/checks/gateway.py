"""Checks of what API Gateway holds of the API: routes, authorizer, limits, logs and responses."""

import json
from importlib import import_module
from typing import Any

from ops.gateway import ip_allow_list
from ops.inspection.check import DEPLOY, UP, Findings, error, subject, warning
from ops.inspection.deployed import (
    gateway_stage,
    project,
    rest_api_id,
    retention_days,
    wanted_gateway,
    wanted_headers,
)
from ops.inspection.facts import Facts, fact
from ops.inspection.live import user_pool

check = subject('API Gateway')


@fact
def methods(facts: Facts) -> dict[str, dict[str, Any]]:
    """Return the methods that API Gateway holds, but for preflight, each by its route."""
    pages = facts.client('apigateway').get_paginator('get_resources')
    return {
        f'{name} {resource["path"]}': method
        for page in pages.paginate(restApiId=rest_api_id(facts), embed=['methods'])
        for resource in page['items']
        for name, method in resource.get('resourceMethods', {}).items()
        if name != 'OPTIONS'
    }


@fact
def scopes_by_route(facts: Facts) -> dict[str, set[str]]:
    """Return the scopes that each route of app.py asks for; none for an open one."""
    facts.stage.import_operations()  # it imports app.py as this stage sets it up
    routes = import_module('app').app.routes
    return {
        f'{name} {path}': set(entry.authorizer.scopes) if entry.authorizer else set()
        for path, entries in routes.items()
        for name, entry in entries.items()
    }


@check('routes', 'Are the deployed routes those of app.py?', DEPLOY)
def _are_those_of_the_app(facts: Facts) -> Findings:
    there, wanted = methods(facts).keys(), scopes_by_route(facts).keys()
    for route in sorted(wanted - there):
        yield error(f'{route} is not deployed')
    for route in sorted(there - wanted):
        yield error(f'{route} is deployed, and not in app.py')
    return f'{len(there)}, {len(facts.stage.import_operations())} of them operations'


@check('authorizer', 'Has each operation the Cognito authorizer, with its scopes?', DEPLOY)
def _is_before_each_operation(facts: Facts) -> Findings:
    gateway, api_id = facts.client('apigateway'), rest_api_id(facts)
    authorizers = {each['id']: each for each in gateway.get_authorizers(restApiId=api_id)['items']}
    for route, scopes in scopes_by_route(facts).items():
        method = methods(facts).get(route, {})
        if not scopes or not method:
            continue
        authorizer = authorizers.get(method.get('authorizerId', ''), {})
        if authorizer.get('type') != 'COGNITO_USER_POOLS':
            yield error(f'{route} has none: anybody may call it')
        elif authorizer.get('providerARNs') != [user_pool(facts)['Arn']]:
            yield error(f'{route} takes tokens of {", ".join(authorizer.get("providerARNs", []))}')
        if set(method.get('authorizationScopes', [])) != scopes:
            yield error(f'{route} asks for other scopes than {" ".join(sorted(scopes))}')
    return user_pool(facts)['Arn']


@fact
def settings(facts: Facts) -> dict[str, Any]:
    """Return the settings of all methods of the stage."""
    of_methods: dict[str, Any] = dict(gateway_stage(facts).get('methodSettings', {}))
    found: dict[str, Any] = of_methods.get('*/*', {})
    return found


@check('tls', 'Does the API take TLS only as .chalice/gateway.json says?', UP)
def _takes_current_tls(facts: Facts) -> Findings:
    there = facts.client('apigateway').get_rest_api(restApiId=rest_api_id(facts))
    wanted = wanted_gateway(facts)['tls']['security_policy']
    found = there.get('securityPolicy')
    if found != wanted:
        yield warning(f'it takes {found}, not {wanted}')
    return str(found)


@check('addresses', 'May only the addresses call that `ops ip-ranges` lets in?', UP)
def _lets_in_who_is_meant(facts: Facts) -> Findings:
    there = facts.client('apigateway').get_rest_api(restApiId=rest_api_id(facts))
    policy, wanted = there.get('policy', ''), set(ip_allow_list.kept(project(facts)))
    allowed = ip_allow_list.allowed_in(policy)
    if policy and allowed is None:
        return 'whom a resource policy of your own lets in'
    if (allowed or set()) != wanted:
        yield error(f'{_addresses(allowed)} may, not {_addresses(wanted)}')
    return _addresses(wanted)


def _addresses(ranges: set[str] | None) -> str:
    return f'{len(ranges)} ranges of addresses' if ranges else 'every address'


@check('throttling', 'Is the API throttled as .chalice/gateway.json says?', UP)
def _is_throttled(facts: Facts) -> Findings:
    there, wanted = settings(facts), wanted_gateway(facts)['throttling']
    rate, burst = there.get('throttlingRateLimit'), there.get('throttlingBurstLimit')
    if (rate, burst) != (wanted['rate_limit'], wanted['burst_limit']):
        yield warning(f'{rate or 0:g} a second, bursts of {burst or 0}')
    return f'{wanted["rate_limit"]} a second, bursts of {wanted["burst_limit"]}'


@check('access-log', 'Is each call logged, in the format of .chalice/gateway.json?', UP)
def _is_logged(facts: Facts) -> Findings:
    wanted, log = wanted_gateway(facts)['access_log'], gateway_stage(facts).get('accessLogSettings')
    if not log or not log.get('destinationArn'):
        yield warning('it is not')
        return ''
    if _as_json(log.get('format')) != wanted['format']:
        yield warning('the format is another, so it may hold personal data')
    group = log['destinationArn'].partition(':log-group:')[2].removesuffix(':*')
    days = retention_days(facts, group)
    if days != wanted['retention_days']:
        yield warning(f'{group} is kept {f"{days} days" if days else "for ever"}')
    return f'{group}, kept {days} days'


def _as_json(text: str | None) -> object:
    try:
        value: object = json.loads(text or '')
    except (ValueError, RecursionError):
        return None
    return value


@check(
    'data-trace',
    'Are requests and answers kept out of the execution log?',
    UP,
)
def _keeps_data_out(facts: Facts) -> Findings:
    of_methods: dict[str, Any] = dict(gateway_stage(facts).get('methodSettings', {}))
    for name, each in of_methods.items():
        if each.get('dataTraceEnabled'):
            yield error(f'{name} logs them whole, SQL, documents and all')
    return 'yes'


@check('gateway-responses', 'Are its own answers as .chalice/gateway.json says?', UP)
def _answers_as_it_should(facts: Facts) -> Findings:
    gateway, api_id = facts.client('apigateway'), rest_api_id(facts)
    pages = gateway.get_paginator('get_gateway_responses').paginate(restApiId=api_id)
    there = {
        each['responseType']: each.get('responseParameters', {})
        for page in pages
        for each in page.get('items', [])
    }
    for kind in wanted_gateway(facts)['responses']:
        for name, value in wanted_headers(facts, kind, facts.stage.deployed_url).items():
            found = there.get(kind, {}).get(f'gatewayresponse.header.{name}', 'missing')
            if found != f"'{value}'":
                yield error(f'{name} of {kind} is {found}')
    return ', '.join(wanted_gateway(facts)['responses'])
