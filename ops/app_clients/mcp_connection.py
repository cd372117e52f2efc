"""What an MCP client must know to sign people in and to call the operations as tools."""

from dataclasses import dataclass, field

from chalicelib import settings
from ops.app_clients import app_client
from ops.app_clients.connection import NotConnectable, domain_url, missing_of, scopes_of
from ops.stage.stage import Stage

# As OAuth's discovery documents name it; Cognito takes `client_secret_basic` as well.
TOKEN_ENDPOINT_AUTH_METHOD = 'client_secret_post'  # noqa: S105


@dataclass(frozen=True)
class McpConnection:
    """All that ChatGPT's form for a plugin asks for, and what belongs beside it."""

    server_url: str
    client_id: str
    client_secret: str = field(repr=False)
    token_endpoint_auth_method: str
    authorization_url: str
    token_url: str
    scope: str
    callback_urls: list[str]


def connect(stage: Stage, wanted: str | None) -> McpConnection:
    """Read from AWS how to connect to a stage over MCP, through the app client that is meant.

    People sign in where the API's metadata has it, at the user pool or through the API.
    Raises NotConnectable, StageNotUsable or AppClientNotFound.
    """
    stage.complete_environment()
    pool = stage.cognito().describe_user_pool(UserPoolId=stage.user_pool_id)['UserPool']
    client = app_client.of_stage(stage, wanted, app_client.MCP)
    scopes = [s for s in scopes_of(stage) if s in client.get('AllowedOAuthScopes', [])]
    sign_in_url = stage.endpoint_url or domain_url(stage, pool)
    if missing := list(missing_of(stage, sign_in_url, client, scopes)):
        raise NotConnectable('\n  '.join(['No MCP client can sign anybody in yet:', *missing]))
    if is_through_api(stage):
        sign_in_url = stage.api_url
    return McpConnection(
        server_url=f'{stage.api_url}/mcp',
        client_id=client['ClientId'],
        client_secret=client['ClientSecret'],
        token_endpoint_auth_method=TOKEN_ENDPOINT_AUTH_METHOD,
        authorization_url=f'{sign_in_url}/oauth2/authorize',
        token_url=f'{sign_in_url}/oauth2/token',
        scope=' '.join(scopes),
        callback_urls=client.get('CallbackURLs', []),
    )


def is_through_api(stage: Stage) -> bool:
    """Tell whether the API names itself as who gives tokens; raises NotConnectable."""
    stage.complete_environment()
    try:
        return settings.mcp_authorization_server() == 'api'
    except settings.MissingSetting as error:
        raise NotConnectable(str(error)) from error
