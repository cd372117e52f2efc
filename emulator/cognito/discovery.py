"""What a pool publishes about itself: its discovery document and its public keys."""

from typing import Any

from flask import Blueprint, abort, jsonify
from flask.typing import ResponseReturnValue

from emulator.cognito import tokens, user_pool
from emulator.cognito.tokens import TokenIssuer


def document(issuer: TokenIssuer, pool_id: str) -> dict[str, Any]:
    """Return a pool's discovery document; the endpoints are those of its domain."""
    return {
        'authorization_endpoint': f'{issuer.url}/oauth2/authorize',
        'end_session_endpoint': f'{issuer.url}/logout',
        'id_token_signing_alg_values_supported': ['RS256'],
        'issuer': issuer.issuer(pool_id),
        'jwks_uri': f'{issuer.issuer(pool_id)}/.well-known/jwks.json',
        'response_types_supported': ['code', 'token'],
        'revocation_endpoint': f'{issuer.url}/oauth2/revoke',
        'scopes_supported': ['openid', 'email', 'phone', 'profile'],
        'subject_types_supported': ['public'],
        'token_endpoint': f'{issuer.url}/oauth2/token',
        'token_endpoint_auth_methods_supported': ['client_secret_basic', 'client_secret_post'],
        'userinfo_endpoint': f'{issuer.url}/oauth2/userInfo',
    }


def blueprint(issuer: TokenIssuer) -> Blueprint:
    """Return the endpoints under an issuer."""
    pages = Blueprint('discovery', __name__, url_prefix='/<pool_id>/.well-known')

    @pages.get('/openid-configuration')
    def openid_configuration(pool_id: str) -> ResponseReturnValue:
        if not user_pool.find_pool(pool_id):
            abort(404)
        return jsonify(document(issuer, pool_id))

    @pages.get('/jwks.json')
    def jwks(pool_id: str) -> ResponseReturnValue:
        if not user_pool.find_pool(pool_id):
            abort(404)
        return jsonify(tokens.jwks(pool_id))

    return pages
