"""Checks of signing in under the API's own domain, whose URLs ChatGPT may have."""

from ops.checks.sign_in import token_refusals
from ops.inspection import oauth
from ops.inspection.check import UP_AND_DEPLOY, Findings, error, subject
from ops.inspection.deployed import call
from ops.inspection.facts import Facts
from ops.inspection.live import app_clients, gpt_client, scopes, sign_in_url

check = subject('Sign-in through the API')


@check(
    'api-authorize',
    'Does it send people on to the sign-in page, with the same parameters?',
    UP_AND_DEPLOY,
)
def _sends_on(facts: Facts) -> Findings:
    pages = f'{sign_in_url(facts)}/oauth2/authorize'
    for client in app_clients(facts):
        for callback in client.get('CallbackURLs', [])[:1]:
            redirect = oauth.authorize(
                f'{facts.stage.api_url}/oauth2/authorize', client, scopes(facts), callback
            )
            if not redirect.leads_to(pages):
                yield error(f'{client["ClientName"]} {redirect}')
    return f'to {pages}'


@check(
    'api-foreign-callback',
    'Does it send nobody to a callback that is not registered?',
    UP_AND_DEPLOY,
)
def _leaves_refusing_to_the_pool(facts: Facts) -> Findings:
    url = f'{facts.stage.api_url}/oauth2/authorize'
    redirect = oauth.authorize(url, gpt_client(facts), scopes(facts), oauth.FOREIGN_CALLBACK)
    pages = f'{sign_in_url(facts)}/oauth2/authorize'
    if not redirect.leads_to(pages) and not redirect.is_refused_at(facts.stage.api_url):
        yield error(str(redirect))
    return 'only to the sign-in page, which refuses it'


@check(
    'api-token', 'Does its token endpoint refuse as the one of the user pool does?', UP_AND_DEPLOY
)
def _forwards_token_requests(facts: Facts) -> Findings:
    path = '/oauth2/token'
    call(facts, 'POST', path)  # which tells where the API is closed to this machine
    url = facts.stage.api_url + path
    # The secret is not sent to an address that somebody typed in.
    with_secret = facts.stage.url is None
    yield from token_refusals(url, gpt_client(facts), with_secret=with_secret)
    return 'invalid_client' + (', invalid_grant' if with_secret else '')
