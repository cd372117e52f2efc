"""The app client through which ChatGPT signs people in: found, and its callback URLs changed."""

from collections.abc import Collection
from typing import TYPE_CHECKING, NamedTuple

import click

from chalicelib import settings
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp import CognitoIdentityProviderClient
    from mypy_boto3_cognito_idp.type_defs import (
        UserPoolClientDescriptionTypeDef,
        UserPoolClientTypeTypeDef,
    )


class Usual(NamedTuple):
    """The app client to use where nobody names one: its name, and the output with its id."""

    name: str
    output: str


# As OpenAI's "GPT Action Library (Middleware): AWS Lambda" names it.
ACTIONS = Usual('MyCognitoUserPoolClient', 'UserPoolClientId')
MCP = Usual('MyCognitoMcpClient', 'McpUserPoolClientId')


class AppClientNotFound(click.ClickException):
    """No app client fits what was asked for, or several do."""


def of_stage(
    stage: Stage, wanted: str | None, usual: Usual = ACTIONS
) -> 'UserPoolClientTypeTypeDef':
    """Return all settings of the app client of a stage: the one that is wanted, else the usual one.

    The usual one is what `find` says, else the one that the stage's stack made. Raises
    AppClientNotFound or StageNotUsable.
    """
    stage.complete_environment()
    cognito, pool_id = stage.cognito(), stage.user_pool_id
    try:
        return find(cognito, pool_id, wanted, usual.name)
    except AppClientNotFound:
        made = None if wanted else stage.outputs().get(usual.output)
        if not made:
            raise
        return find(cognito, pool_id, made)


def find(
    cognito: 'CognitoIdentityProviderClient',
    user_pool_id: str,
    wanted: str | None,
    usual_name: str = ACTIONS.name,
) -> 'UserPoolClientTypeTypeDef':
    """Return all settings of the app client that is wanted by id or name, else of the usual one.

    The usual one is, of those whose tokens the API takes (COGNITO_CLIENT_IDS), the only one, else
    the one with the usual name. Raises AppClientNotFound.
    """
    pages = cognito.get_paginator('list_user_pool_clients').paginate(UserPoolId=user_pool_id)
    there = [client for page in pages for client in page['UserPoolClients']]
    found = _choose(there, wanted, usual_name, settings.cognito_client_ids())
    if len(found) != 1:
        listed = ', '.join(f'{client["ClientName"]} ({client["ClientId"]})' for client in there)
        problem = (
            f'No single app client is called {wanted}'
            if wanted
            else 'No single app client is the usual one'
        )
        raise AppClientNotFound(
            f'{problem}: pass --client ID_OR_NAME. '
            f'The user pool {user_pool_id} has: {listed or "none"}.'
        )
    described = cognito.describe_user_pool_client(
        UserPoolId=user_pool_id, ClientId=found[0]['ClientId']
    )
    return described['UserPoolClient']


def _choose(
    there: list['UserPoolClientDescriptionTypeDef'],
    wanted: str | None,
    usual_name: str,
    taken_by_api: Collection[str],
) -> list['UserPoolClientDescriptionTypeDef']:
    if wanted:
        by_id = [client for client in there if client['ClientId'] == wanted]
        return by_id or [client for client in there if client['ClientName'] == wanted]
    meant = [client for client in there if not taken_by_api or client['ClientId'] in taken_by_api]
    if len(meant) == 1:
        return meant
    return [client for client in meant if client['ClientName'] == usual_name]


def set_callback_urls(
    cognito: 'CognitoIdentityProviderClient',
    app_client: 'UserPoolClientTypeTypeDef',
    urls: list[str],
) -> None:
    """Replace the callback URLs of an app client and nothing else.

    UpdateUserPoolClient resets every setting that is left out, so all that can be set goes back:
    https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_UpdateUserPoolClient.html
    """
    update = cognito.meta.service_model.operation_model('UpdateUserPoolClient')
    settable = update.input_shape.members  # type: ignore[union-attr]
    kept = {name: value for name, value in app_client.items() if name in settable}
    cognito.update_user_pool_client(**kept | {'CallbackURLs': urls})  # type: ignore[arg-type]
