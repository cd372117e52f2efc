"""What moto has to do differently: its pools are the ones one signs in to.

Each patch is for as long as the emulator runs, and rests on moto 5.2's models.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from moto.apigateway.models import RestAPI
from moto.apigateway.responses import APIGatewayResponse
from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import (
    CognitoIdpBackend,
    CognitoIdpUser,
    CognitoIdpUserPool,
    CognitoIdpUserPoolClient,
)
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.utils import utcnow
from moto.dynamodb.models.dynamo_type import DynamoType
from moto.iam.models import IAMBackend
from moto.logs.responses import LogsResponse
from moto.s3.models import FakeBucket
from moto.sts.responses import TokenResponse

from emulator.api_gateway import definitions
from emulator.cognito import domains, people
from emulator.cognito.tokens import API_SCOPE, SignIn, TokenIssuer
from emulator.cognito.user_pool import AppClient
from emulator.iam import sessions
from emulator.moto import buckets, logs, numbers, roles

_moto_sign_out = CognitoIdpUserPool.sign_out
_moto_admin_create_user = CognitoIdpBackend.admin_create_user
_moto_delete_user_pool = CognitoIdpBackend.delete_user_pool
# What UpdateUserPool has no parameter for stays as it was created.
_CREATE_ONLY = ('UsernameAttributes', 'AliasAttributes', 'UsernameConfiguration')


@contextmanager
def applied(issuer: TokenIssuer) -> Iterator[None]:
    """Apply the patches, with an issuer for the tokens that the API hands out."""

    def create_jwt(
        pool: CognitoIdpUserPool,
        client_id: str,
        username: str,
        token_use: str,
        extra_data: dict[str, Any],
    ) -> tuple[str, int]:
        """Sign InitiateAuth's tokens with the pool's own keys; moto has one well-known key."""
        client = AppClient(pool, pool.clients[client_id])
        sign_in = SignIn(
            client,
            pool._get_user(username),
            API_SCOPE,
            int(issuer.clock()),
            origin_jti=extra_data['origin_jti'],
        )
        is_access_token = token_use == 'access'  # noqa: S105
        token = issuer.access_token(sign_in) if is_access_token else issuer.id_token(sign_in)
        return token, client.lifetime_seconds(token_use.title())

    def sign_out(pool: CognitoIdpUserPool, username: str) -> None:
        """Sign out under every name that the person goes by; moto does so under the one sent."""
        person = people.find(pool, username)
        if person:
            issuer.sign_out(person)
            for name in {username, person.username, *person.attribute_lookup.values()}:
                _moto_sign_out(pool, name)

    with ExitStack() as stack:
        for api, functions in (*_WITHOUT_ISSUER, (CognitoIdpUserPool, (create_jwt, sign_out))):
            for function in functions:
                stack.enter_context(patch.object(api, function.__name__, function, create=True))
        yield


def admin_create_user(  # noqa: PLR0913, PLR0917  the arguments are moto's
    backend: CognitoIdpBackend,
    user_pool_id: str,
    username: str,
    message_action: str,
    temporary_password: str,
    attributes: list[dict[str, str]],
) -> CognitoIdpUser:
    """Hold a temporary password to the policy, and on RESEND give it to the person there is.

    moto would take any password, and make a second person.
    """
    if temporary_password:
        backend._validate_password(user_pool_id, temporary_password)
    if message_action != 'RESEND':
        return _moto_admin_create_user(
            backend, user_pool_id, username, message_action, temporary_password, attributes
        )
    person = backend.admin_get_user(user_pool_id, username)
    person.password = temporary_password
    person.create_date = utcnow()
    return person


def update_user_pool(
    backend: CognitoIdpBackend, user_pool_id: str, settings: dict[str, Any]
) -> None:
    """Keep what can't be changed, and reset all else that is left out; moto loses the former."""
    pool = backend.describe_user_pool(user_pool_id)
    kept = {
        name: pool.extended_config[name] for name in _CREATE_ONLY if name in pool.extended_config
    }
    changed = {name: value for name, value in settings.items() if name != 'UserPoolId'}
    pool.name = changed.pop('PoolName', pool.name)
    pool.mfa_config = changed.get('MfaConfiguration', 'OFF')
    pool.update_extended_config(changed | kept)
    pool.last_modified_date = utcnow()


def delete_user_pool(backend: CognitoIdpBackend, user_pool_id: str) -> None:
    """Refuse where the pool is protected or has a domain; moto deletes it all the same."""
    pool = backend.describe_user_pool(user_pool_id)
    if pool.extended_config.get('DeletionProtection') == 'ACTIVE':
        raise InvalidParameterException(
            'The user pool cannot be deleted because deletion protection is activated. '
            'Deletion protection must be inactivated first.'
        )
    if pool.domain:
        raise InvalidParameterException(
            'User pool cannot be deleted. It has a domain configured that should be deleted first.'
        )
    _moto_delete_user_pool(backend, user_pool_id)


def update_user_pool_client(
    backend: CognitoIdpBackend, user_pool_id: str, client_id: str, settings: dict[str, Any]
) -> CognitoIdpUserPoolClient:
    """Reset what is left out, as AWS documents; moto keeps it."""
    client = backend.describe_user_pool_client(user_pool_id, client_id)
    kept: dict[str, Any] = vars(client)
    named = {'ClientName': kept['extended_config'].get('ClientName')}
    fresh = CognitoIdpUserPoolClient(user_pool_id, client.generate_secret, named | settings)
    kept['extended_config'] = vars(fresh)['extended_config']
    return client


# Methods of moto's classes, each under its own name; those of applied() need the issuer as well.
_WITHOUT_ISSUER: tuple[tuple[type, tuple[Callable[..., Any], ...]], ...] = (
    (APIGatewayResponse, definitions.METHODS),
    (RestAPI, definitions.API_METHODS),
    (CognitoIdpResponse, domains.METHODS),
    (
        CognitoIdpBackend,
        (admin_create_user, delete_user_pool, update_user_pool, update_user_pool_client),
    ),
    (DynamoType, numbers.METHODS),
    (FakeBucket, (buckets.get_permission,)),
    (IAMBackend, roles.METHODS),
    (LogsResponse, logs.METHODS),
    (TokenResponse, sessions.METHODS),
)
