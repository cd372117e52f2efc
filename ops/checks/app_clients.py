"""Checks of the app clients through which people sign in."""

from chalicelib import settings
from ops.app_clients.callback import CHATGPT_HOSTS, forms
from ops.inspection.check import UP_AND_DEPLOY, Findings, error, subject, warning
from ops.inspection.facts import Facts, NotApplicable
from ops.inspection.live import app_clients, domains, gpt_client, scopes

check = subject('App clients')


@check(
    'client-grant',
    'Does each app client allow the authorization code grant, and no other?',
    'Allow it in the Cognito console: App clients, Login pages, Edit.',
)
def _has_the_code_grant(facts: Facts) -> Findings:
    for client in app_clients(facts):
        flows = client.get('AllowedOAuthFlows', [])
        if not client.get('AllowedOAuthFlowsUserPoolClient') or 'code' not in flows:
            yield error(f'{client["ClientName"]} does not: nobody can sign in through it')
        elif 'implicit' in flows:
            yield warning(f'{client["ClientName"]} also puts tokens into addresses (implicit)')
    return 'code'


@check(
    'client-scopes',
    'Does each app client have the scopes that the API asks for?',
    'Allow them in the Cognito console: App clients, Login pages, Edit.',
)
def _has_the_scopes(facts: Facts) -> Findings:
    wanted = scopes(facts)
    for client in app_clients(facts):
        lacking = [s for s in wanted if s not in client.get('AllowedOAuthScopes', [])]
        if lacking:
            yield error(f'{client["ClientName"]} lacks {", ".join(lacking)}')
    return ' '.join(wanted)


@check(
    'client-accepted',
    'Does the API take the tokens of each app client (COGNITO_CLIENT_IDS)?',
    UP_AND_DEPLOY,
)
def _is_accepted(facts: Facts) -> Findings:
    facts.stage.complete_environment()
    accepted = settings.cognito_client_ids()
    for client in app_clients(facts):
        if accepted and client['ClientId'] not in accepted:
            yield error(f'{client["ClientName"]} is not in COGNITO_CLIENT_IDS')
    return f'{len(accepted)} app clients' if accepted else 'every app client of the pool'


@check(
    'client-secret',
    'Does each app client have a secret?',
    'Create an app client with a secret: that of an existing one cannot be added.',
)
def _has_a_secret(facts: Facts) -> Findings:
    for client in app_clients(facts):
        if not client.get('ClientSecret'):
            yield error(f'{client["ClientName"]} has none, so anybody may pose as it')
    return 'yes'


@check(
    'client-callbacks',
    'Are the callback URLs of ChatGPT registered, each under both of its hosts?',
    'python -m ops callback add URL --stage {stage}, with the URL that the GPT shows.',
)
def _has_both_callbacks(facts: Facts) -> Findings:
    registered = gpt_client(facts).get('CallbackURLs', [])
    of_chatgpt = [url for url in registered if len(forms(url)) > 1]
    for url in of_chatgpt:
        for form in forms(url):
            if form not in registered:
                yield error(
                    f'{url} is registered, {form} is not',
                    f'python -m ops callback add {url} --stage {facts.stage.name}',
                )
    if not of_chatgpt:
        yield warning('none is registered, so no GPT can sign anybody in yet')
    return f'{len(of_chatgpt) // len(CHATGPT_HOSTS)}, under {" and ".join(CHATGPT_HOSTS)}'


@check(
    'client-hardening',
    'Do the app clients hide who has an account, and let tokens be revoked?',
    'Switch both on in the Cognito console: App clients, Edit.',
)
def _is_hardened(facts: Facts) -> Findings:
    for client in app_clients(facts):
        if client.get('PreventUserExistenceErrors') != 'ENABLED':
            yield warning(f'{client["ClientName"]} tells strangers which accounts there are')
        if not client.get('EnableTokenRevocation'):
            yield warning(f'{client["ClientName"]} lets no token be revoked')
    return 'yes'


@check(
    'client-branding',
    'Has each app client the login pages that managed login needs?',
    'Create a style for it in the Cognito console: Managed login.',
)
def _has_login_pages(facts: Facts) -> Findings:
    cognito = facts.client('cognito-idp')
    described = cognito.describe_user_pool_domain(Domain=domains(facts)[0])
    if described['DomainDescription'].get('ManagedLoginVersion') != 2:
        raise NotApplicable('the classic sign-in pages need none')
    for client in app_clients(facts):
        asked = {'UserPoolId': client['UserPoolId'], 'ClientId': client['ClientId']}
        try:
            cognito.describe_managed_login_branding_by_client(**asked)
        except cognito.exceptions.ResourceNotFoundException:
            yield error(f'{client["ClientName"]} has none: people see "Login pages unavailable"')
    return 'yes'
