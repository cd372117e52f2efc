"""The API itself as the authorization server that MCP clients ask for tokens.

The pool's own document leaves out `code_challenge_methods_supported`, and MCP has clients refuse
then. The endpoints are those of sign_in_proxy, so people and tokens stay the pool's.
https://datatracker.ietf.org/doc/html/rfc8414
"""

from typing import Any

from chalice.app import Request

from chalicelib import settings
from chalicelib.identity import authorizer
from chalicelib.sign_in import proxy
from chalicelib.sign_in.protected_resource import api_url


def metadata(request: Request) -> dict[str, Any]:
    """Return the metadata of this API as an authorization server."""
    settings.cognito_domain_url()  # without it the endpoints lead nowhere
    issuer = api_url(request)
    return {
        'issuer': issuer,
        'authorization_endpoint': f'{issuer}/oauth2/authorize',
        'token_endpoint': f'{issuer}/oauth2/token',
        'jwks_uri': f'{settings.cognito_issuer_url()}/.well-known/jwks.json',
        'scopes_supported': authorizer.scopes,
        'response_types_supported': ['code'],
        'grant_types_supported': list(proxy.GRANT_TYPES),
        'code_challenge_methods_supported': ['S256'],
        'token_endpoint_auth_methods_supported': ['client_secret_basic', 'client_secret_post'],
        'subject_types_supported': ['public'],
        'id_token_signing_alg_values_supported': ['RS256'],
    }
