"""Cognito's OAuth endpoints: authlib's authorization server, with Cognito's way to refuse.

https://docs.aws.amazon.com/cognito/latest/developerguide/federation-endpoints.html
"""

# authlib has no types. What pyright infers from its code is narrower than what it takes.
# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
# pyright: reportAssignmentType=false

from typing import Any
from urllib.parse import urlencode

import flask
from authlib.common.urls import add_params_to_uri
from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidRequestError,
    InvalidScopeError,
    UnsupportedResponseTypeError,
)
from flask import Blueprint, abort, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from emulator.cognito import grants, people, user_pool
from emulator.cognito.sessions import Sessions
from emulator.cognito.tokens import SignIn, TokenIssuer
from emulator.cognito.user_pool import AppClient
from emulator.expiring import Expiring

# What Cognito says in the callback where authlib says something else: error and description.
_IN_CALLBACK = {
    InvalidScopeError: ('invalid_request', 'invalid_scope'),
    UnsupportedResponseTypeError: ('invalid_request', ''),
}


class CognitoServer(AuthorizationServer):  # type: ignore[misc]
    """authlib's authorization server with Cognito's clients, tokens, codes and errors."""

    def __init__(self, app: flask.Flask, issuer: TokenIssuer) -> None:
        super().__init__(app, user_pool.find_client, save_token=lambda *_: None)
        self.issuer = issuer
        self.codes: Expiring[grants.AuthorizationCode] = Expiring(issuer.clock)
        self.register_client_auth_method('form_or_basic', grants.authenticate_client)
        self.register_client_auth_method('name_only', grants.name_client)
        self.register_token_generator('default', self._issue)
        self.register_grant(grants.AuthorizationCodeGrant, [grants.CodeChallenge(required=False)])
        self.register_grant(grants.ImplicitGrant)
        self.register_grant(grants.RefreshTokenGrant)
        self.register_grant(grants.ClientCredentialsGrant)
        self.register_endpoint(grants.RevocationEndpoint)

    def validated_grant(self) -> Any:
        """Return the grant that an authorization request asks for, or abort with the refusal."""
        oauth_request = self.create_oauth2_request(request)
        refuse_untrusted_callback()
        try:
            grant = self.get_authorization_grant(oauth_request)
            grant.validate_authorization_request()
        except OAuth2Error as error:
            error.state = oauth_request.payload.state
            abort(self.handle_error_response(oauth_request, error))
        return grant

    def get_authorization_grant(self, asked: grants.Request) -> Any:
        """Return the grant of a response type; authlib can't refuse one that it can't quote."""
        try:
            return super().get_authorization_grant(asked)
        except ValueError as error:
            raise UnsupportedResponseTypeError(
                None, redirect_uri=asked.payload.redirect_uri
            ) from error

    def send_back(self, grant: Any, person: people.Person, auth_time: int) -> flask.Response:
        """Send a person who has signed in back to the app, with a code or with tokens."""
        asked = grant.request.payload.data
        sign_in = SignIn(
            grant.request.client,
            person,
            grant.request.scope,
            auth_time,
            nonce=asked.get('nonce'),
            resource=asked.get('resource'),
        )
        response: flask.Response = self.create_authorization_response(
            grant.request, grant_user=sign_in, grant=grant
        )
        return response

    def create_oauth2_request(self, _request: Any) -> grants.Request:
        """Read the request, for authlib."""
        return grants.Request(request)

    def handle_error_response(self, _request: Any, error: OAuth2Error) -> flask.Response:
        """Word a refusal as Cognito does: in the callback where one is trusted, else as JSON."""
        if error.redirect_uri:
            name, description = _IN_CALLBACK.get(type(error), (error.error, ''))
            said = {'error_description': description, 'state': error.state, 'error': name}
            parameters = [(key, value) for key, value in said.items() if value]
            return _redirect(
                add_params_to_uri(error.redirect_uri, parameters, error.redirect_fragment)
            )
        is_client_error = isinstance(error, InvalidClientError)
        body = {'error': error.error}
        if is_client_error and error.description:
            body['error_description'] = error.description
        at_revocation = request.path == '/oauth2/revoke'
        return self.handle_response(401 if is_client_error and at_revocation else 400, body, [])

    def handle_response(self, status: int, payload: Any, headers: Any) -> flask.Response:
        """Answer with Cognito's own content type, and never from a cache."""
        response: flask.Response = super().handle_response(status, payload, headers)
        if payload:
            response.headers['Content-Type'] = 'application/json;charset=UTF-8'
        response.headers['Cache-Control'] = 'no-store'
        return response

    def _issue(
        self,
        client: AppClient,
        user: SignIn | None,
        scope: str | None,
        *,
        include_refresh_token: bool,
        **_: Any,
    ) -> dict[str, str | int]:
        if user:
            return self.issuer.issue(user, with_refresh_token=include_refresh_token)
        granted = client.get_machine_scope(scope)
        if not granted:
            raise InvalidScopeError
        return {
            'access_token': self.issuer.machine_token(client, granted),
            'expires_in': client.lifetime_seconds('Access'),
            'token_type': 'Bearer',
        }


def blueprint(server: CognitoServer, sessions: Sessions) -> Blueprint:
    """Return the endpoints under /oauth2."""
    endpoints = Blueprint('oauth', __name__, url_prefix='/oauth2')

    @endpoints.get('/authorize')
    def authorize() -> ResponseReturnValue:
        grant = server.validated_grant()
        session = sessions.find(grant.request.client.pool)
        if session:
            return server.send_back(grant, session.person, session.auth_time)
        return redirect_with_query('/login')

    @endpoints.post('/token')
    def token() -> ResponseReturnValue:
        if has_repeated_parameter() or not request.values.get('grant_type'):
            return server.handle_error_response(None, InvalidRequestError())
        response: ResponseReturnValue = server.create_token_response()
        return response

    @endpoints.post('/revoke')
    def revoke() -> ResponseReturnValue:
        if has_repeated_parameter():
            return server.handle_error_response(None, InvalidRequestError())
        response: ResponseReturnValue = server.create_endpoint_response('revocation')
        return response

    @endpoints.get('/userInfo')
    def user_info() -> ResponseReturnValue:
        sent = request.authorization
        token = sent.token if sent and sent.type == 'bearer' else None
        sign_in = server.issuer.access_tokens.get(token or '')
        if not sign_in or not people.may_have_tokens(sign_in.client.pool, sign_in.person):
            return _invalid_token(
                'Access token is expired, disabled, or deleted, '
                'or the user has globally signed out.'
            )
        if 'openid' not in sign_in.scope.split():
            return _invalid_token('Access token does not contain openid scope')
        attributes = people.attributes(sign_in.client, sign_in.person, sign_in.scope)
        return jsonify(attributes | {'username': sign_in.person.username})

    return endpoints


def redirect_with_query(path: str) -> flask.Response:
    """Send the person to another page here, with everything that the app asked for."""
    return _redirect(f'{path}?{urlencode(list(request.args.items(multi=True)))}')


def refuse_untrusted_callback() -> None:
    """Abort to the error page where nothing may be sent to the callback that a request names."""
    values = request.values
    client = user_pool.find_client(values.get('client_id', ''))
    if has_repeated_parameter():
        problem = {'error': 'invalid_request'}
    elif not values.get('client_id'):
        problem = {'error': missing('client_id')}
    elif not client:
        problem = {'error': 'Client does not exist.'}
    elif not client.takes_part_in_oauth:
        problem = {'error': 'Client is not enabled for OAuth2.0 flows.'}
    elif not values.get('redirect_uri'):
        problem = {'error': missing('redirect_uri')}
    elif not client.check_redirect_uri(values['redirect_uri']):
        problem = {'error': 'redirect_mismatch', 'client_id': client.id}
    else:
        return
    abort(to_error_page(**problem))


def to_error_page(**problem: str) -> flask.Response:
    """Send the person to the page that says what is wrong."""
    return _redirect(f'/error?{urlencode(problem)}')


def missing(parameter: str) -> str:
    """Return how the error page names a parameter that is required."""
    return f"Required String parameter '{parameter}' is not present"


def has_repeated_parameter() -> bool:
    """Tell whether any parameter is sent twice; only ``resource`` may be (RFC 8707)."""
    return any(len(sent) > 1 for name, sent in request.values.lists() if name != 'resource')


def _redirect(location: str) -> flask.Response:
    response = redirect(location)
    response.headers['Cache-Control'] = 'no-store'
    return response  # type: ignore[return-value]


def _invalid_token(description: str) -> ResponseReturnValue:
    refused = {'error': 'invalid_token', 'error_description': description}
    challenge = ', '.join(f'{name}="{value}"' for name, value in refused.items())
    return jsonify(refused), 401, {'WWW-Authenticate': challenge}
