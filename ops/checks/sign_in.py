"""Checks of signing in at the user pool: what it publishes, its pages and its token endpoint."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ops.inspection import oauth
from ops.inspection.check import UP_AND_DEPLOY, Findings, Problem, error, subject, warning
from ops.inspection.facts import Facts, NotApplicable, fact
from ops.inspection.live import (
    app_clients,
    domain_setting,
    domain_urls,
    domains,
    gpt_client,
    issuer,
    scopes,
    sign_in_url,
)
from ops.inspection.probe import probe

if TYPE_CHECKING:
    from mypy_boto3_cognito_idp.type_defs import UserPoolClientTypeTypeDef

check = subject('Sign-in')


@check(
    'domain',
    'Has the user pool a domain, and does the API lead there?',
    UP_AND_DEPLOY,
)
def _is_set(facts: Facts) -> Findings:
    cognito, urls = facts.client('cognito-idp'), domain_urls(facts)
    for name in domains(facts):
        status = cognito.describe_user_pool_domain(Domain=name)['DomainDescription'].get('Status')
        if status not in (None, 'ACTIVE'):
            yield warning(f'{name} is {status}', 'Wait until it is active.')
    if facts.stage.is_local:
        return f'{domains(facts)[0]}, served at {sign_in_url(facts)}'
    if domain_setting(facts) not in urls:
        yield error(f'COGNITO_DOMAIN_URL is {domain_setting(facts)}, and the domain is {urls[0]}')
    return domain_setting(facts)


@fact
def discovery_document(facts: Facts) -> dict[str, Any]:
    """Return what the issuer publishes about itself."""
    return probe('GET', f'{issuer(facts)}/.well-known/openid-configuration').json


@check(
    'discovery',
    'Does the issuer publish itself and the endpoints of the domain?',
    'Look at COGNITO_USER_POOL_ARN. The endpoints of a new domain need some minutes.',
)
def _publishes_itself(facts: Facts) -> Findings:
    url = issuer(facts)
    published = discovery_document(facts)
    pages = [sign_in_url(facts)] if facts.stage.endpoint_url else domain_urls(facts)
    expected = {
        'issuer': [url],
        'jwks_uri': [f'{url}/.well-known/jwks.json'],
        'authorization_endpoint': [f'{page}/oauth2/authorize' for page in pages],
        'token_endpoint': [f'{page}/oauth2/token' for page in pages],
    }
    for name, values in expected.items():
        if published.get(name) not in values:
            yield error(f'{name} is {published.get(name, "missing")}, not {values[0]}')
    return url


@check(
    'signing-keys',
    'Does the issuer publish the two keys that tokens are signed with?',
    'Try again later: without them API Gateway refuses every token.',
)
def _publishes_its_keys(facts: Facts) -> Findings:
    url = f'{issuer(facts)}/.well-known/jwks.json'
    keys = probe('GET', url).json.get('keys')
    ids = {
        str(key.get('kid'))
        for key in (keys if isinstance(keys, list) else [])
        if isinstance(key, dict) and key.get('alg') == 'RS256'
    }
    if len(ids) < 2:
        yield error(f'{url} has {len(ids)} for RS256')
    return 'RS256: one for access tokens, one for ID tokens'


@check(
    'sign-in-page',
    'Does signing in, with a callback URL that is registered, begin at the sign-in page?',
    'See what is found about the app clients.',
)
def _leads_to_the_page(facts: Facts) -> Findings:
    page = f'{sign_in_url(facts)}/login'
    clients = [client for client in app_clients(facts) if oauth.signs_in_here(client)]
    if not clients:
        raise NotApplicable('people sign in at another identity provider')
    for client in clients:
        for callback in client.get('CallbackURLs', [])[:1]:
            redirect = oauth.authorize(
                f'{sign_in_url(facts)}/oauth2/authorize', client, scopes(facts), callback
            )
            if not redirect.leads_to(page):
                yield error(f'{client["ClientName"]} with {callback} {redirect}')
    return page


@check(
    'foreign-callback',
    'Is nobody sent to a callback URL that is not registered?',
    'Remove what is not yours: python -m ops callback list --stage {stage}.',
)
def _keeps_codes(facts: Facts) -> Findings:
    url = sign_in_url(facts)
    for client in app_clients(facts):
        redirect = oauth.authorize(
            f'{url}/oauth2/authorize', client, scopes(facts), oauth.FOREIGN_CALLBACK
        )
        if not redirect.is_refused_at(url):
            yield error(f'{client["ClientName"]} with {oauth.FOREIGN_CALLBACK} {redirect}')
    return 'refused'


@check(
    'token-refusals',
    'Does the token endpoint refuse a missing secret and a wrong code, each in its way?',
    'Compare the app client with what ChatGPT was given: python -m ops chatgpt --stage {stage}.',
)
def _refuses_as_it_should(facts: Facts) -> Findings:
    url = f'{sign_in_url(facts)}/oauth2/token'
    yield from token_refusals(url, gpt_client(facts), with_secret=True)
    return 'invalid_client, invalid_grant'


def token_refusals(
    url: str, client: 'UserPoolClientTypeTypeDef', *, with_secret: bool
) -> Iterator[Problem]:
    """Yield how a token endpoint refuses otherwise than Cognito's."""
    callback = next(iter(client.get('CallbackURLs', [])), oauth.FOREIGN_CALLBACK)
    asked = {'without the secret': ('', oauth.NO_SECRET)}
    if with_secret:
        asked['with a wrong code'] = (client.get('ClientSecret', ''), oauth.NO_SUCH_CODE)
    for what, (secret, expected) in asked.items():
        answer = oauth.exchange(url, client, callback, secret)
        if (answer.status, answer.json) != (400, expected):
            yield error(f'{what} it answers {answer}')
