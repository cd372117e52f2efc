"""OAuth's grants as Cognito has them: authlib does the protocol, and each departure is here.

https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
"""

# authlib has no types. What pyright infers from its code is narrower than what it takes.
# pyright: reportIncompatibleMethodOverride=false, reportArgumentType=false
# pyright: reportAssignmentType=false, reportAttributeAccessIssue=false
# pyright: reportOptionalMemberAccess=false

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import flask
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Request
from authlib.oauth2.rfc6749 import grants
from authlib.oauth2.rfc6749.errors import (
    InvalidClientError,
    InvalidGrantError,
    InvalidRequestError,
    UnauthorizedClientError,
    UnsupportedTokenTypeError,
)
from authlib.oauth2.rfc7009 import RevocationEndpoint as Rfc7009RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge as Rfc7636CodeChallenge

from emulator.cognito import people
from emulator.cognito.tokens import SignIn, TokenIssuer
from emulator.cognito.user_pool import AppClient

CODE_SECONDS = 300
_FORM_OR_BASIC = ['form_or_basic']


@dataclass(frozen=True)
class AuthorizationCode:
    """What an authorization code stands for and is bound to."""

    sign_in: SignIn
    redirect_uri: str
    code_challenge: str | None
    code_challenge_method: str | None

    def get_redirect_uri(self) -> str:
        """Return where the code was sent (asked by authlib)."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return the scope that was granted (asked by authlib)."""
        return self.sign_in.scope


class Request(FlaskOAuth2Request):  # type: ignore[misc]
    """A request whose parameters may stand in the query wherever a form is expected."""

    @property
    def form(self) -> Any:
        """The parameters."""
        return self._request.values


class AuthorizationCodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """Codes are UUIDs, and used up by whoever presents them, whatever comes of it."""

    TOKEN_ENDPOINT_AUTH_METHODS = _FORM_OR_BASIC

    def generate_authorization_code(self) -> str:
        """Return a new code."""
        return str(uuid4())

    def save_authorization_code(self, code: str, asked: Request) -> None:
        """Keep what a code stands for."""
        data = asked.payload.data
        kept = AuthorizationCode(
            asked.user,
            asked.payload.redirect_uri,
            data.get('code_challenge') or None,
            data.get('code_challenge_method') or None,
        )
        self.server.codes.put(code, kept, CODE_SECONDS)

    def query_authorization_code(self, code: str, client: AppClient) -> AuthorizationCode | None:
        """Return what a code stands for; Cognito blames another callback on the client."""
        kept: AuthorizationCode | None = self.server.codes.pop(code)
        redirect_uri = self.request.payload.redirect_uri
        if not redirect_uri:
            raise InvalidRequestError
        if not kept or not kept.sign_in.check_client(client):
            return None
        if kept.redirect_uri != redirect_uri:
            raise UnauthorizedClientError
        return kept if client.can_read_all_of(kept.sign_in.scope) else None

    def delete_authorization_code(self, _code: AuthorizationCode) -> None:
        """Do nothing: it is used up already."""

    def authenticate_user(self, code: AuthorizationCode) -> SignIn | None:
        """Return the sign-in that a code stands for, if the person may still have tokens."""
        return _if_still_allowed(code.sign_in)


class CodeChallenge(Rfc7636CodeChallenge):  # type: ignore[misc]
    """PKCE with S256 only, named in the request; every failure at the end is an invalid grant."""

    SUPPORTED_CODE_CHALLENGE_METHOD = ['S256']  # noqa: RUF012  authlib's

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        """Refuse a challenge without its method, and any method but S256."""
        data = grant.request.payload.data
        if data.get('code_challenge') and not data.get('code_challenge_method'):
            raise InvalidRequestError
        super().validate_code_challenge(grant, redirect_uri)

    def validate_code_verifier(self, grant: Any, result: Any) -> None:
        """Refuse a verifier that is missing, malformed, wrong or unasked for."""
        try:
            super().validate_code_verifier(grant, result)
        except InvalidRequestError as error:
            raise InvalidGrantError from error


class ImplicitGrant(grants.ImplicitGrant):  # type: ignore[misc]
    """Open to clients with a secret too; the tokens name no origin, since none can be revoked."""

    TOKEN_ENDPOINT_AUTH_METHODS = ['name_only']  # noqa: RUF012  authlib's

    def create_authorization_response(self, redirect_uri: str, sign_in: SignIn) -> Any:
        """Send the tokens in the fragment of the callback."""
        return super().create_authorization_response(
            redirect_uri, replace(sign_in, origin_jti=None)
        )

    def generate_token(self, **asked: Any) -> dict[str, str | int]:
        """Return the tokens; here, and only here, the type is in lower case."""
        tokens: dict[str, str | int] = super().generate_token(**asked)
        return tokens | {'token_type': 'bearer'}


class RefreshTokenGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """The sign-in goes on as it was; a new refresh token comes only where they are rotated."""

    TOKEN_ENDPOINT_AUTH_METHODS = _FORM_OR_BASIC

    def authenticate_refresh_token(self, refresh_token: str) -> SignIn | None:
        """Return the sign-in that goes on, if the person may still have tokens."""
        sign_in = self.server.issuer.refresh_tokens.get(refresh_token)
        return _if_still_allowed(sign_in) if sign_in else None

    def authenticate_user(self, sign_in: SignIn) -> SignIn:
        """Return the sign-in, which is who authlib's user is here."""
        return sign_in

    def issue_token(self, sign_in: SignIn, _refresh_token: SignIn) -> dict[str, str | int]:
        """Return new tokens for the scope asked for, which authlib lets be narrower only."""
        issuer: TokenIssuer = self.server.issuer
        scope = self.request.payload.scope or sign_in.scope
        answer = issuer.issue(replace(sign_in, scope=scope, nonce=None), with_refresh_token=False)
        successor = issuer.rotate(self.request.form['refresh_token'])
        return answer | ({'refresh_token': successor} if successor else {})

    def revoke_old_credential(self, _sign_in: SignIn) -> None:
        """Do nothing: rotation has seen to it."""


class ClientCredentialsGrant(grants.ClientCredentialsGrant):  # type: ignore[misc]
    """For a client itself, with custom scopes only."""

    TOKEN_ENDPOINT_AUTH_METHODS = _FORM_OR_BASIC


class RevocationEndpoint(Rfc7009RevocationEndpoint):  # type: ignore[misc]
    """Takes refresh tokens only, where the app client has revocation on, and answers nothing."""

    CLIENT_AUTH_METHODS = _FORM_OR_BASIC

    def check_params(self, asked: Request, client: AppClient) -> None:
        """Refuse a request without a token, or for a client without revocation."""
        if not asked.form.get('token') or not client.can_revoke:
            raise InvalidRequestError

    def query_token(self, token: str, _hint: str | None) -> SignIn | None:
        """Return the sign-in of a refresh token that is still good."""
        is_jws = token.count('.') == 2
        if is_jws:
            raise UnsupportedTokenTypeError
        sign_in: SignIn | None = self.server.issuer.refresh_tokens.get(token)
        return sign_in

    def revoke_token(self, sign_in: SignIn, _request: Request) -> None:
        """Take back what the sign-in led to."""
        self.server.issuer.revoke(sign_in)

    def create_endpoint_response(self, asked: Request) -> tuple[int, str, list[tuple[str, str]]]:
        """Revoke, and answer with an empty body."""
        super().create_endpoint_response(asked)
        return 200, '', []


def authenticate_client(
    query_client: Callable[[str], AppClient | None], asked: Request
) -> AppClient:
    """Return the client that a request proves to come from, be it by Basic header or by form."""
    basic = flask.request.authorization
    client_id, secret = asked.form.get('client_id', ''), asked.form.get('client_secret')
    if basic and basic.type == 'basic':
        if client_id not in ('', basic.username):
            raise InvalidClientError
        client_id, secret = basic.username or '', basic.password
    client = query_client(client_id)
    if not client:
        raise InvalidClientError
    if not client.has_secret(secret):
        raise InvalidClientError('invalid_client_secret')
    return client


def name_client(
    query_client: Callable[[str], AppClient | None], asked: Request
) -> AppClient | None:
    """Return the client that a request names, without proof."""
    return query_client(asked.payload.client_id)


def _if_still_allowed(sign_in: SignIn) -> SignIn | None:
    return sign_in if people.may_have_tokens(sign_in.client.pool, sign_in.person) else None
