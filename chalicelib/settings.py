"""Every environment variable the app knows, read when it is asked for."""

import os
import re

from chalice.app import ChaliceViewError


class MissingSetting(ChaliceViewError):
    """A setting that is needed is not there."""

    STATUS_CODE = 503

    def __init__(self, name: str, purpose: str) -> None:
        super().__init__(
            f'{name} is not set: {purpose}. Whoever runs this API sets it among the '
            "stage's environment_variables in .chalice/config.json; trying again does not help."
        )


def cognito_user_pool_arn() -> str:
    """Return the ARN of the user pool whose people may call."""
    purpose = 'the ARN of the user pool whose people may call, which `python -m ops up` sets'
    return required('COGNITO_USER_POOL_ARN', purpose)


def cognito_client_ids() -> frozenset[str]:
    """Return the app clients whose tokens are taken; empty means every client of the pool."""
    value = os.environ.get('COGNITO_CLIENT_IDS', '')
    ids = frozenset(value.replace(',', ' ').split())
    if value.strip() and not ids:
        raise MissingSetting('COGNITO_CLIENT_IDS', 'it has a value that names no app client')
    return ids


def cognito_domain_url() -> str:
    """Return the scheme and host of the user pool's sign-in pages."""
    name = 'COGNITO_DOMAIN_URL'
    url = required(name, "the address of the user pool's sign-in pages").rstrip('/')
    if not re.fullmatch(r'(https://[a-zA-Z0-9.-]+|http://localhost)(:[0-9]{1,5})?', url):
        raise MissingSetting(name, 'it has a value that is not https:// and a host')
    return url


def cognito_issuer_url() -> str:
    """Return the pool's issuer: its discovery document is under it, and its tokens name it."""
    stated = optional('COGNITO_ISSUER_URL').rstrip('/')
    if stated:
        return stated
    _, partition, _, region, _, pool = cognito_user_pool_arn().split(':')
    domain = 'amazonaws.com.cn' if partition == 'aws-cn' else 'amazonaws.com'
    endpoint = os.environ.get('AWS_ENDPOINT_URL') or f'https://cognito-idp.{region}.{domain}'
    return f'{endpoint.rstrip("/")}/{pool.removeprefix("userpool/")}'


def capabilities() -> frozenset[str] | None:
    """Return the capabilities that are switched on, such as `sql`; None means all of them."""
    named = optional('CAPABILITIES')
    return frozenset(named.replace(',', ' ').split()) if named else None


def mcp_authorization_server() -> str:
    """Return whom MCP clients ask for tokens: the `pool`, or this `api` in its place."""
    name = 'MCP_AUTHORIZATION_SERVER'
    value = optional(name) or 'pool'
    if value not in ('pool', 'api'):
        raise MissingSetting(name, 'it has a value that is neither pool nor api')
    return value


def person_role_arn() -> str:
    """Return the role that is assumed for each person; empty means the function's own works."""
    arn = optional('PERSON_ROLE_ARN')
    if arn and not re.fullmatch(r'arn:[\w-]+:iam::[0-9]{12}:role/[\w+=,.@/-]{1,576}', arn):
        raise MissingSetting('PERSON_ROLE_ARN', "it has a value that is no role's ARN")
    return arn


def function_name() -> str:
    """Return the Lambda function's name, the dimension under which its metrics are kept."""
    return os.environ.get('AWS_LAMBDA_FUNCTION_NAME', 'local')


def optional(name: str) -> str:
    """Return the value of a setting without the blanks around it; empty where it is not set."""
    return os.environ.get(name, '').strip()


def required(name: str, purpose: str) -> str:
    """Return the value of a setting; raises MissingSetting, which tells what it is for."""
    value = optional(name)
    if not value:
        raise MissingSetting(name, purpose)
    return value
