"""Where an MCP client learns whom to ask for tokens: OAuth 2.0 Protected Resource Metadata.

https://datatracker.ietf.org/doc/html/rfc9728
"""

import re
from typing import Any

from chalice.app import Request

from chalicelib import settings
from chalicelib.identity import authorizer

METADATA_PATH = '/.well-known/oauth-protected-resource'
MCP_PATH = '/mcp'
# API Gateway is there by TLS only.
THIS_MACHINE = re.compile(r'(localhost|127\.0\.0\.1|\[::1\])(:\d+)?')


def metadata(request: Request) -> dict[str, Any]:
    """Return the metadata of the MCP endpoint as a protected resource."""
    is_api = settings.mcp_authorization_server() == 'api'
    return {
        'resource': api_url(request) + MCP_PATH,
        'authorization_servers': [api_url(request) if is_api else settings.cognito_issuer_url()],
        'scopes_supported': authorizer.scopes,
        'bearer_methods_supported': ['header'],
        'resource_name': settings.function_name(),
    }


def challenge(request: Request, problem: str) -> str:
    """Return the WWW-Authenticate that leads a client to a new token."""
    description = problem.replace('\\', '').replace('"', "'")
    return (
        f'Bearer resource_metadata="{api_url(request)}{METADATA_PATH}", '
        f'error="invalid_token", error_description="{description}"'
    )


def api_url(request: Request) -> str:
    """Return the address under which the client has found this API, without a slash at the end.

    API Gateway says so: a header would say what a client likes. The path is the stage on an
    execute-api host, and the base path mapping of a custom domain.
    """
    context = request.context
    host, path = context['domainName'], context['path']
    scheme = 'http' if THIS_MACHINE.fullmatch(host) else 'https'
    return f'{scheme}://{host}{path.rstrip("/").removesuffix(context["resourcePath"])}'
