"""What moto's cognito-idp API lacks about sign-in pages: branding, and which domains there can be.

The functions are methods of moto's CognitoIdpResponse while the emulator runs.
"""

import uuid
from typing import Any

from moto.cognitoidp.exceptions import InvalidParameterException, ResourceNotFoundError
from moto.cognitoidp.models import CognitoIdpUserPool, CognitoIdpUserPoolDomain
from moto.cognitoidp.responses import CognitoIdpResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow

_moto_create_user_pool_domain = CognitoIdpResponse.create_user_pool_domain
_moto_describe_user_pool_domain = CognitoIdpResponse.describe_user_pool_domain
_moto_update_user_pool_domain = CognitoIdpResponse.update_user_pool_domain


class ManagedLoginBrandingExists(ServiceException):
    """The app client has a branding."""

    code = 'ManagedLoginBrandingExistsException'


def create_user_pool_domain(response: CognitoIdpResponse) -> ActionResult:
    """Refuse a domain that is taken, and a second one of its kind for a pool."""
    asked = response.parameters
    if asked['Domain'] in response.backend.user_pool_domains:
        raise InvalidParameterException('Domain already associated with another user pool.')
    is_custom = 'CustomDomainConfig' in asked
    for domain in response.backend.user_pool_domains.values():
        if domain.user_pool_id == asked['UserPoolId'] and is_custom == bool(
            domain.custom_domain_config
        ):
            raise InvalidParameterException('User pool already has a domain configured.')
    result = _moto_create_user_pool_domain(response)
    return _with_version(response, result)


def update_user_pool_domain(response: CognitoIdpResponse) -> ActionResult:
    """Note which pages the domain has, too."""
    return _with_version(response, _moto_update_user_pool_domain(response))


def describe_user_pool_domain(response: CognitoIdpResponse) -> ActionResult:
    """Say which pages the domain has, too."""
    result = _moto_describe_user_pool_domain(response)
    domain = response.backend.user_pool_domains.get(response.parameters['Domain'])
    if not domain:
        return result
    described = {**domain.to_json(), 'ManagedLoginVersion': version_of(domain)}
    if domain.custom_domain_config:
        described['CustomDomainConfig'] = domain.custom_domain_config
    return ActionResult({'DomainDescription': described})


def version_of(domain: CognitoIdpUserPoolDomain) -> int:
    """Return which sign-in pages a domain has: 1 is the classic ones, 2 is managed login."""
    return int(vars(domain).get('managed_login_version', 1))


def brandings_of(pool: CognitoIdpUserPool) -> dict[str, dict[str, Any]]:
    """Return the brandings of a pool's app clients by their ids."""
    brandings: dict[str, dict[str, Any]] = vars(pool).setdefault('managed_login_brandings', {})
    return brandings


def create_managed_login_branding(response: CognitoIdpResponse) -> ActionResult:
    """Give an app client a branding; it must have none."""
    asked = response.parameters
    pool = response.backend.describe_user_pool(asked['UserPoolId'])
    response.backend.describe_user_pool_client(pool.id, asked['ClientId'])
    brandings = brandings_of(pool)
    if any(branding['ClientId'] == asked['ClientId'] for branding in brandings.values()):
        raise ManagedLoginBrandingExists('A branding already exists for this app client.')
    branding_id = str(uuid.uuid4())
    brandings[branding_id] = {
        **asked,
        'ManagedLoginBrandingId': branding_id,
        'CreationDate': utcnow(),
        'LastModifiedDate': utcnow(),
    }
    return ActionResult({'ManagedLoginBranding': brandings[branding_id]})


def describe_managed_login_branding(response: CognitoIdpResponse) -> ActionResult:
    """Describe a branding."""
    return ActionResult({'ManagedLoginBranding': _branding(response)})


def describe_managed_login_branding_by_client(response: CognitoIdpResponse) -> ActionResult:
    """Describe the branding of an app client."""
    asked = response.parameters
    pool = response.backend.describe_user_pool(asked['UserPoolId'])
    for branding in brandings_of(pool).values():
        if branding['ClientId'] == asked['ClientId']:
            return ActionResult({'ManagedLoginBranding': branding})
    raise ResourceNotFoundError('There is no branding for this app client.')


def update_managed_login_branding(response: CognitoIdpResponse) -> ActionResult:
    """Change a branding."""
    branding = _branding(response)
    for name in ('UseCognitoProvidedValues', 'Settings', 'Assets'):
        branding.pop(name, None)
    branding.update(response.parameters, LastModifiedDate=utcnow())
    return ActionResult({'ManagedLoginBranding': branding})


def delete_managed_login_branding(response: CognitoIdpResponse) -> ActionResult:
    """Delete a branding."""
    branding = _branding(response)
    pool = response.backend.describe_user_pool(branding['UserPoolId'])
    del brandings_of(pool)[branding['ManagedLoginBrandingId']]
    return EmptyResult()


def _branding(response: CognitoIdpResponse) -> dict[str, Any]:
    asked = response.parameters
    pool = response.backend.describe_user_pool(asked['UserPoolId'])
    branding = brandings_of(pool).get(asked['ManagedLoginBrandingId'])
    if not branding:
        raise ResourceNotFoundError('There is no such branding.')
    return branding


def _with_version(response: CognitoIdpResponse, result: ActionResult) -> ActionResult:
    domain = response.backend.user_pool_domains[response.parameters['Domain']]
    version = response.parameters.get('ManagedLoginVersion', 1)
    vars(domain)['managed_login_version'] = version
    answer: Any = result.result
    return ActionResult({**answer, 'ManagedLoginVersion': version})


METHODS = (
    create_user_pool_domain,
    update_user_pool_domain,
    describe_user_pool_domain,
    create_managed_login_branding,
    describe_managed_login_branding,
    describe_managed_login_branding_by_client,
    update_managed_login_branding,
    delete_managed_login_branding,
)
