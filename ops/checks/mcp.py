"""Checks of the MCP endpoint: how clients find out whom to ask for tokens, and their app client."""

from ops.app_clients.app_client import AppClientNotFound
from ops.app_clients.mcp_connection import is_through_api
from ops.checks.sign_in import discovery_document
from ops.inspection import oauth
from ops.inspection.check import DEPLOY_AND_UP, UP, UP_AND_DEPLOY, Findings, error, subject, warning
from ops.inspection.deployed import call
from ops.inspection.facts import Facts, NotApplicable
from ops.inspection.live import issuer, mcp_client, scopes, sign_in_url

check = subject('MCP')

_METADATA = '/.well-known/oauth-protected-resource'
_DISCOVERY = '/.well-known/openid-configuration'
_CONNECTOR = 'https://chatgpt.com/connector'
# As RFC 7636 has it in its appendix B.
_CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'


@check(
    'mcp-metadata',
    'Does the API say which server gives tokens, and for which scopes?',
    DEPLOY_AND_UP,
)
def _says_whom_to_ask(facts: Facts) -> Findings:
    resource = f'{facts.stage.api_url}/mcp'
    server = facts.stage.api_url if is_through_api(facts.stage) else issuer(facts)
    for path in (_METADATA, f'{_METADATA}/mcp'):
        answer = call(facts, 'GET', path)
        if answer.status != 200:
            yield error(f'{path} answers {answer}')
            continue
        metadata = answer.json
        if metadata.get('resource') != resource:
            yield error(f'{path} is about {metadata.get("resource")}, not {resource}')
        if metadata.get('authorization_servers') != [server]:
            yield error(f'{path} names {metadata.get("authorization_servers")}, not {server}')
        if metadata.get('scopes_supported') != scopes(facts):
            yield error(f'{path} has the scopes {metadata.get("scopes_supported")}')
    return f'{resource}, tokens from {server}'


@check(
    'mcp-discovery',
    'Does the server that it names publish its endpoints, and PKCE as strict clients want it?',
    UP_AND_DEPLOY,
)
def _publishes_pkce(facts: Facts) -> Findings:
    if not is_through_api(facts.stage):
        if 'S256' in discovery_document(facts).get('code_challenge_methods_supported', []):
            return 'the user pool, S256'
        return 'the user pool, without S256: strict clients want MCP_AUTHORIZATION_SERVER=api'
    url, answer = facts.stage.api_url, call(facts, 'GET', _DISCOVERY)
    wanted = {
        'issuer': url,
        'authorization_endpoint': f'{url}/oauth2/authorize',
        'token_endpoint': f'{url}/oauth2/token',
        'code_challenge_methods_supported': ['S256'],
    }
    if answer.status != 200:
        yield error(f'{_DISCOVERY} answers {answer}')
        return ''
    for name, value in wanted.items():
        if answer.json.get(name) != value:
            yield error(f'{name} is {answer.json.get(name, "missing")}, not {value}')
    return 'the API, S256'


@check('mcp-challenge', 'Does a refusal name the URL where MCP clients read that?', DEPLOY_AND_UP)
def _refuses_with_a_challenge(facts: Facts) -> Findings:
    wanted = f'Bearer resource_metadata="{facts.stage.api_url}{_METADATA}"'
    answer = call(facts, 'POST', '/mcp')
    if answer.status != 401:
        yield error(f'POST /mcp answers {answer}')
    elif answer.headers.get('WWW-Authenticate') != wanted:
        found = answer.headers.get('WWW-Authenticate', 'missing')
        yield error(f'WWW-Authenticate of POST /mcp is {found}, not {wanted}')
    return wanted


@check('mcp-get', 'Does GET /mcp say that it has no stream to listen to?', DEPLOY_AND_UP)
def _has_no_stream(facts: Facts) -> Findings:
    answer = call(facts, 'GET', '/mcp')
    if answer.status not in (401, 405):
        yield error(f'it answers {answer}')
    return f'{answer.status}'


@check(
    'mcp-client',
    'Is there an app client for MCP, with the callback URL of a connector of ChatGPT?',
    'python -m ops callback add URL --stage {stage} --client ID, with the URL that ChatGPT shows.',
)
def _has_a_connector(facts: Facts) -> Findings:
    try:
        client = mcp_client(facts)
    except AppClientNotFound as absent:
        yield warning(absent.message, f'{UP} creates it.')
        return ''
    connectors = [url for url in client.get('CallbackURLs', []) if url.startswith(_CONNECTOR)]
    if not connectors:
        yield warning(
            f'{client["ClientName"]} has none, so ChatGPT cannot sign anybody in yet',
            'python -m ops callback add URL --stage {stage} --client '
            f'{client["ClientId"]}, with the URL that ChatGPT shows.',
        )
    return f'{client["ClientName"]} ({client["ClientId"]}): {", ".join(connectors)}'


@check(
    'mcp-sign-in',
    'Does a sign-in with PKCE and for a resource begin at the sign-in page?',
    'See what is found about the app clients.',
)
def _signs_in_with_pkce(facts: Facts) -> Findings:
    client, pages = mcp_client(facts), sign_in_url(facts)
    if not oauth.signs_in_here(client):
        raise NotApplicable('people sign in at another identity provider')
    for callback in client.get('CallbackURLs', [])[:1]:
        redirect = oauth.authorize(
            f'{pages}/oauth2/authorize',
            client,
            scopes(facts),
            callback,
            code_challenge=_CHALLENGE,
            code_challenge_method='S256',
            resource=f'{facts.stage.api_url}/mcp',
        )
        if not redirect.leads_to(f'{pages}/login'):
            yield error(f'{client["ClientName"]} with {callback} {redirect}')
    return 'S256'
