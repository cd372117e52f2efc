"""Facts of a stage that several checks ask about."""

from typing import TYPE_CHECKING, Any

import click

from chalicelib import settings
from openapi_export import stage_document
from ops.app_clients import app_client
from ops.app_clients.connection import Connection, connect, scopes_of
from ops.cloudformation import stack
from ops.inspection.facts import Facts, NotApplicable, fact
from ops.stage.stage import StageNotUsable

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_cognito_idp.type_defs import (
        UserPoolClientTypeTypeDef,
        UserPoolTypeTypeDef,
    )


class NothingThere(click.ClickException):
    """The stage lacks what the others rest on; the message says what to do."""


def deployed_only(facts: Facts) -> None:
    """Raise NotApplicable for a stage that is served on this machine."""
    if facts.stage.is_local:
        raise NotApplicable('not on this machine')


def user_pool_arn() -> str:
    """Return the ARN of the pool as far as it is set; empty while it is not."""
    try:
        return settings.cognito_user_pool_arn()
    except settings.MissingSetting:
        return ''


@fact
def live_stack(facts: Facts) -> 'StackTypeDef':
    """Return the stack of the stage: the one that holds all, else that of the resources."""
    deployed_only(facts)
    cloudformation, stage = facts.client('cloudformation'), facts.stage
    for name in (stage.stack_name, stage.resources_stack_name):
        if found := stack.describe(cloudformation, name):
            return found
    if not user_pool_arn():
        raise NothingThere(
            f'There is neither a stack of the stage nor a COGNITO_USER_POOL_ARN: begin with '
            f'python -m ops up --stage {stage.name} or python -m ops deploy --stage {stage.name}.'
        )
    raise NotApplicable(f'no stack {stage.resources_stack_name}: the settings name what is used')


@fact
def is_one_stack(facts: Facts) -> bool:
    """Tell whether one stack holds all of the stage, the API and the function included."""
    try:
        return live_stack(facts)['StackName'] == facts.stage.stack_name
    except NotApplicable:
        return False


@fact
def user_pool(facts: Facts) -> 'UserPoolTypeTypeDef':
    """Return the pool whose people may call."""
    described = facts.client('cognito-idp').describe_user_pool(UserPoolId=facts.stage.user_pool_id)
    pool: UserPoolTypeTypeDef = described['UserPool']
    return pool


@fact
def outputs(facts: Facts) -> dict[str, str]:
    """Return the outputs of the stage's stack; none where it can't be read, as others find."""
    try:
        return facts.stage.outputs()
    except StageNotUsable:
        return {}


@fact
def gpt_client(facts: Facts) -> 'UserPoolClientTypeTypeDef':
    """Return the app client of the GPT, with its secret."""
    cognito, pool_id = facts.client('cognito-idp'), facts.stage.user_pool_id
    wanted = facts.wanted_client or outputs(facts).get(app_client.ACTIONS.output)
    return app_client.find(cognito, pool_id, wanted)


@fact
def mcp_client(facts: Facts) -> 'UserPoolClientTypeTypeDef':
    """Return the app client of MCP clients, with its secret."""
    cognito, pool_id = facts.client('cognito-idp'), facts.stage.user_pool_id
    wanted = outputs(facts).get(app_client.MCP.output) or app_client.MCP.name
    return app_client.find(cognito, pool_id, wanted)


@fact
def app_clients(facts: Facts) -> 'list[UserPoolClientTypeTypeDef]':
    """Return the app clients there are: that of the GPT, and that of MCP clients if any."""
    try:
        return [gpt_client(facts), mcp_client(facts)]
    except app_client.AppClientNotFound:
        return [gpt_client(facts)]


@fact
def scopes(facts: Facts) -> list[str]:
    """Return the scopes that the API's authorizers take."""
    return scopes_of(facts.stage)


@fact
def domains(facts: Facts) -> list[str]:
    """Return the domains of the pool: its own one, as a host, and the prefix of Cognito's."""
    pool = user_pool(facts)
    found = [name for name in (pool.get('CustomDomain'), pool.get('Domain')) if name]
    if not found:
        raise NothingThere(
            'The user pool has no domain, so there is no sign-in page: '
            f'python -m ops up --stage {facts.stage.name} gives it one.'
        )
    return found


@fact
def domain_urls(facts: Facts) -> list[str]:
    """Return scheme and host of the pool's sign-in pages at each of its domains, as AWS has it."""
    suffix = f'.auth.{facts.stage.region}.amazoncognito.com'
    return [f'https://{name}{"" if "." in name else suffix}' for name in domains(facts)]


@fact
def sign_in_url(facts: Facts) -> str:
    """Return scheme and host of the sign-in pages that the API leads to, if it leads to any."""
    urls = domain_urls(facts)
    return facts.stage.endpoint_url or next(
        (u for u in urls if u == domain_setting(facts)), urls[0]
    )


def domain_setting(facts: Facts) -> str:
    """Return what COGNITO_DOMAIN_URL is, if it is anything good."""
    facts.stage.complete_environment()
    try:
        return settings.cognito_domain_url()
    except settings.MissingSetting:
        return 'not set'


@fact
def issuer(facts: Facts) -> str:
    """Return the URL that the pool's tokens name, under which it publishes its keys."""
    pool, stage = user_pool(facts), facts.stage
    if stage.endpoint_url:
        return f'{stage.endpoint_url}/{pool["Id"]}'
    updated = pool.get('IssuerConfiguration', {}).get('Type') == 'UPDATED'
    host = 'issuer-cognito-idp' if updated else 'cognito-idp'
    return f'https://{host}.{stage.region}.amazonaws.com/{pool["Id"]}'


@fact
def connection(facts: Facts) -> Connection:
    """Return the settings by which ChatGPT connects."""
    gpt_client(facts)  # which is asked for once, and not for long
    return connect(facts.stage, facts.wanted_client)


@fact
def document(facts: Facts) -> dict[str, Any]:
    """Return the OpenAPI document that is exported for the stage."""
    return stage_document(facts.stage)
