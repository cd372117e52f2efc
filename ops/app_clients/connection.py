"""What a client such as ChatGPT must know to sign people in and to call the API."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from chalicelib import settings
from openapi_lint import may_sign_in_at
from ops.app_clients import app_client
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef, UserPoolTypeTypeDef

# The label in ChatGPT's editor; Cognito takes the secret in the body as well as in a Basic header.
TOKEN_EXCHANGE_METHOD = 'Default (POST request)'  # noqa: S105


class NotConnectable(click.ClickException):
    """The app client can't sign anybody in; the message names all that is missing."""


@dataclass(frozen=True)
class Connection:
    """All that ChatGPT's editor asks for, and what belongs beside it."""

    client_id: str
    client_secret: str = field(repr=False)
    authorization_url: str
    token_url: str
    scope: str
    token_exchange_method: str
    callback_urls: list[str]
    api_url: str
    openapi_command: str


def connect(stage: Stage, wanted: str | None) -> Connection:
    """Read from AWS how to connect to a stage, through the app client that is wanted or meant.

    People sign in at the user pool, or where ChatGPT would not take its URLs, through the API.
    Raises NotConnectable, StageNotUsable or AppClientNotFound.
    """
    stage.complete_environment()
    pool = stage.cognito().describe_user_pool(UserPoolId=stage.user_pool_id)['UserPool']
    client = app_client.of_stage(stage, wanted)
    scopes = [s for s in scopes_of(stage) if s in client.get('AllowedOAuthScopes', [])]
    sign_in_url = stage.endpoint_url or domain_url(stage, pool)
    missing = [
        *_missing_for_actions(stage, sign_in_url),
        *missing_of(stage, sign_in_url, client, scopes),
    ]
    if missing:
        raise NotConnectable('\n  '.join(['ChatGPT cannot sign anybody in yet:', *missing]))
    if not may_sign_in_at(stage.api_url, str(sign_in_url)):
        sign_in_url = stage.api_url
    return Connection(
        client_id=client['ClientId'],
        client_secret=client['ClientSecret'],
        authorization_url=f'{sign_in_url}/oauth2/authorize',
        token_url=f'{sign_in_url}/oauth2/token',
        scope=' '.join(scopes),
        token_exchange_method=TOKEN_EXCHANGE_METHOD,
        callback_urls=client.get('CallbackURLs', []),
        api_url=stage.api_url,
        openapi_command=f'python openapi_export.py --stage {stage.name}'
        + (f' --url {stage.url}' if stage.url else ''),
    )


def scopes_of(stage: Stage) -> list[str]:
    """Return the scopes that the API's authorizers take, in their order."""
    authorizers = [route.authorizer for route in stage.import_operations() if route.authorizer]
    return list(dict.fromkeys(scope for each in authorizers for scope in each.scopes))


def domain_url(stage: Stage, pool: 'UserPoolTypeTypeDef') -> str | None:
    """Return scheme and host of a pool's sign-in pages; None while it has none."""
    domain = pool.get('CustomDomain') or pool.get('Domain')
    if not domain or '.' in domain:
        return f'https://{domain}' if domain else None
    return f'https://{domain}.auth.{stage.region}.amazoncognito.com'


def missing_of(
    stage: Stage,
    sign_in_url: str | None,
    client: 'UserPoolClientTypeTypeDef',
    scopes: list[str],
) -> Iterator[str]:
    """Yield what keeps an app client from signing people in, each with its remedy."""
    name, up = client['ClientName'], _up(stage)
    if not sign_in_url:
        yield f'The user pool has no domain, so there is no sign-in page. {up} gives it one.'
    if not client.get('ClientSecret'):
        yield f'The app client {name} has no secret, and none can be added. {up} makes one with it.'
    if not client.get('AllowedOAuthFlowsUserPoolClient') or 'code' not in client.get(
        'AllowedOAuthFlows', []
    ):
        yield (
            f'The app client {name} does not allow the authorization code grant. {up} makes one '
            'that does.'
        )
    if not scopes:
        yield f"The app client {name} allows none of the API's scopes. {up} makes one that does."


def _missing_for_actions(stage: Stage, sign_in_url: str | None) -> Iterator[str]:
    """Yield what else keeps ChatGPT from signing people in for a GPT."""
    if sign_in_url and not may_sign_in_at(stage.api_url, sign_in_url) and not _leads_to_sign_in():
        yield (
            f'ChatGPT takes no sign-in at {sign_in_url} for an API at {stage.api_url}, and the '
            f'API has no COGNITO_DOMAIN_URL to sign people in itself. {_up(stage)} sets it: then '
            'deploy.'
        )


def _up(stage: Stage) -> str:
    return '`make dev`' if stage.is_local else f'python -m ops up --stage {stage.name}'


def _leads_to_sign_in() -> bool:
    try:
        return bool(settings.cognito_domain_url())
    except settings.MissingSetting:
        return False
