"""User pools and their app clients as moto holds them.

Nothing is copied: what boto3 does to a pool is what the sign-in pages and the token endpoint see.
"""

from dataclasses import dataclass
from secrets import compare_digest
from typing import Any

from moto.cognitoidp.models import (
    CognitoIdpUserPool,
    CognitoIdpUserPoolClient,
    cognitoidp_backends,
)
from moto.core.models import DEFAULT_ACCOUNT_ID

from emulator.cognito import domains

UserPool = CognitoIdpUserPool

_SECONDS = {'seconds': 1, 'minutes': 60, 'hours': 3600, 'days': 86400}
# Lifetime and unit of a token kind whose validity the app client does not set.
_DEFAULT_LIFETIMES = {'Access': (1, 'hours'), 'Id': (1, 'hours'), 'Refresh': (30, 'days')}
# The attributes that a scope asks for; openid alone asks for all there are.
SCOPE_ATTRIBUTES = {
    'email': {'email', 'email_verified'},
    'phone': {'phone_number', 'phone_number_verified'},
}
_SYSTEM_SCOPES = {'openid', 'email', 'phone', 'profile', 'aws.cognito.signin.user.admin'}
_FLOW_OF_RESPONSE_TYPE = {'code': 'code', 'token': 'implicit'}
_FLOW_OF_GRANT_TYPE = {'authorization_code': 'code', 'client_credentials': 'client_credentials'}


@dataclass(frozen=True)
class AppClient:
    """An app client of a pool, with the questions that authlib asks of an OAuth client."""

    pool: UserPool
    held: CognitoIdpUserPoolClient

    @property
    def id(self) -> str:
        """The client id."""
        return self.held.id

    @property
    def name(self) -> str:
        """The name that a person reads on the sign-in page."""
        return str(self._setting('ClientName', self.id))

    @property
    def callback_urls(self) -> list[str]:
        """Where a sign-in may lead; matched byte for byte."""
        return list(self._setting('CallbackURLs', []))

    @property
    def logout_urls(self) -> list[str]:
        """Where a sign-out may lead; matched byte for byte."""
        return list(self._setting('LogoutURLs', []))

    @property
    def scopes(self) -> list[str]:
        """The scopes that the client may ask for, in its own order."""
        return list(self._setting('AllowedOAuthScopes', []))

    @property
    def has_sign_in_pages(self) -> bool:
        """Whether there is something to show: managed login needs a branding for each client."""
        domain = self.pool.domain
        if not domain or domains.version_of(domain) == 1:
            return True
        brandings = domains.brandings_of(self.pool).values()
        return self.id in [branding['ClientId'] for branding in brandings]

    @property
    def takes_part_in_oauth(self) -> bool:
        """Whether the OAuth settings are in force at all."""
        return bool(self._setting('AllowedOAuthFlowsUserPoolClient', False))

    @property
    def can_revoke(self) -> bool:
        """Whether its refresh tokens can be revoked, and so name their origin."""
        return bool(self._setting('EnableTokenRevocation', True))

    @property
    def challenge_seconds(self) -> int:
        """How long a person may take over a challenge such as choosing a new password."""
        return int(self._setting('AuthSessionValidity', 3)) * 60

    @property
    def rotation_grace_seconds(self) -> int | None:
        """How long a rotated refresh token is still good; None when they are not rotated."""
        rotation = self._setting('RefreshTokenRotation', {})
        if rotation.get('Feature') != 'ENABLED':
            return None
        return int(rotation.get('RetryGracePeriodSeconds') or 0)

    def lifetime_seconds(self, kind: str) -> int:
        """Return how long an ``Access``, ``Id`` or ``Refresh`` token lives."""
        default, default_unit = _DEFAULT_LIFETIMES[kind]
        unit = self._setting('TokenValidityUnits', {}).get(f'{kind}Token', default_unit)
        return int(self._setting(f'{kind}TokenValidity', 0) or default) * _SECONDS[unit]

    def can_read(self, attribute: str) -> bool:
        """Tell whether the client may see an attribute; without a list it sees them all."""
        readable = self._setting('ReadAttributes', [])
        return not readable or attribute == 'sub' or attribute in readable

    def can_read_all_of(self, scope: str) -> bool:
        """Tell whether the client may see every attribute that a scope asks for by name."""
        return all(
            self.can_read(attribute)
            for name in scope.split()
            for attribute in SCOPE_ATTRIBUTES.get(name, ())
        )

    def has_secret(self, secret: str | None) -> bool:
        """Tell whether this is the client's secret; None is right for a public client only."""
        if not self.held.generate_secret or secret is None:
            return secret is None and not self.held.generate_secret
        return compare_digest(self.held.secret.encode(), secret.encode())

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Tell whether a sign-in may lead there."""
        return redirect_uri in self.callback_urls

    def get_default_redirect_uri(self) -> None:
        """Return none: Cognito wants it named in every request."""

    def check_response_type(self, response_type: str) -> bool:
        """Tell whether the client has the flow of this response type."""
        return self._has_flow(_FLOW_OF_RESPONSE_TYPE.get(response_type))

    def check_grant_type(self, grant_type: str) -> bool:
        """Tell whether the client has the flow of this grant; any client may refresh."""
        if grant_type == 'client_credentials' and not self.held.generate_secret:
            return False
        return grant_type == 'refresh_token' or self._has_flow(_FLOW_OF_GRANT_TYPE.get(grant_type))

    def check_endpoint_auth_method(self, _method: str, _endpoint: str) -> bool:
        """Allow both ways of sending the secret everywhere, as Cognito does."""
        return True

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scope that is granted, or None if any of it is not the client's to ask."""
        if not scope or not scope.split():
            return ' '.join(self.scopes)
        asked = list(dict.fromkeys(scope.split()))
        return ' '.join(asked) if set(asked) <= set(self.scopes) else None

    def get_machine_scope(self, scope: str | None) -> str | None:
        """Return the scope that the client is granted for itself: custom scopes only."""
        custom = [name for name in self.scopes if name not in _SYSTEM_SCOPES]
        asked = list(dict.fromkeys((scope or '').split())) or custom
        return ' '.join(asked) if asked and set(asked) <= set(custom) else None

    def _has_flow(self, flow: str | None) -> bool:
        return flow in self._setting('AllowedOAuthFlows', []) and self.takes_part_in_oauth

    def _setting(self, name: str, default: Any) -> Any:
        value = self.held.extended_config.get(name)
        return default if value is None else value


def find_pool(pool_id: str) -> UserPool | None:
    """Return the pool of that id, whatever its Region."""
    return next((pool for pool in _pools() if pool.id == pool_id), None)


def find_client(client_id: str) -> AppClient | None:
    """Return the app client of that id; it identifies the pool too."""
    for pool in _pools():
        if client_id in pool.clients:
            return AppClient(pool, pool.clients[client_id])
    return None


def _pools() -> list[UserPool]:
    regions = list(cognitoidp_backends[DEFAULT_ACCOUNT_ID].values())
    return [pool for region in regions for pool in list(region.user_pools.values())]
