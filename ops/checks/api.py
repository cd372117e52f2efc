"""Checks of the API as the network reaches it, and of its description for ChatGPT."""

import re

from openapi_lint import lint
from ops.inspection.check import DEPLOY_AND_UP, UP, Findings, Problem, error, subject
from ops.inspection.deployed import call, custom_urls, own_url, wanted_headers
from ops.inspection.facts import Facts, fact
from ops.inspection.live import connection, document
from ops.inspection.probe import Answer

check = subject('API')

_UNAUTHORIZED = b'{"message":"Unauthorized"}'
_NO_SUCH_ROUTE = b'{"message":"Missing Authentication Token"}'


@check(
    'openapi-document',
    'Does the exported document keep the rules of ChatGPT?',
    'python openapi_export.py --stage {stage} lists them.',
)
def _keeps_the_rules(facts: Facts) -> Findings:
    for finding in lint(document(facts)):
        if not (facts.stage.endpoint_url and finding.rule == 'server-localhost'):
            yield Problem(finding.severity, f'{finding.place}: {finding.problem}', finding.remedy)
    return f'{len(facts.stage.import_operations())} operations'


@check(
    'server-url',
    'Is the server of the exported document where the API is deployed?',
    'python openapi_export.py --stage {stage}, and paste it into the GPT again.',
)
def _names_the_deployed_server(facts: Facts) -> Findings:
    exported = document(facts)['servers'][0]['url']
    if exported != own_url(facts) and exported not in custom_urls(facts):
        yield error(
            f'{exported} is not: it is at {", ".join([own_url(facts), *custom_urls(facts)])}'
        )
    return str(exported)


@check(
    'root-domain',
    'Do the URLs of the API and of the sign-in that ChatGPT gets have one root domain?',
    'Give both a custom domain under the same root, or sign in through the API.',
)
def _shares_the_root_domain(facts: Facts) -> Findings:
    connected = connection(facts)
    findings = lint(
        document(facts),
        authorization_url=connected.authorization_url,
        token_url=connected.token_url,
    )
    for finding in findings:
        if finding.rule == 'oauth-domain':
            yield error(finding.problem)
    return connected.authorization_url


@fact
def without_token(facts: Facts) -> dict[str, Answer]:
    """Return what each operation answers to somebody without a token."""
    return {
        f'{route.method} {route.path}': call(facts, route.method, re.sub('{.*?}', 'x', route.path))
        for route in facts.stage.import_operations()
    }


@check('no-token', 'Is a call without a token refused by API Gateway?', DEPLOY_AND_UP)
def _refuses_calls_without_token(facts: Facts) -> Findings:
    others: dict[int, list[str]] = {}
    for operation, answer in without_token(facts).items():
        if (answer.status, answer.content) != (401, _UNAUTHORIZED):
            others.setdefault(answer.status, []).append(operation)
    for operations in others.values():
        answer = without_token(facts)[operations[0]]
        more = f' and {len(operations) - 1} more' if operations[1:] else ''
        yield error(f'{operations[0]}{more}: {answer}')
    return f'{len(without_token(facts))} operations answer 401 {_UNAUTHORIZED.decode()}'


@check('bad-token', 'Is a call with garbage for a token refused by API Gateway?', DEPLOY_AND_UP)
def _refuses_garbage(facts: Facts) -> Findings:
    answer = call(facts, 'POST', '/my_route', 'Bearer not.a.token')
    if (answer.status, answer.content) != (401, _UNAUTHORIZED):
        yield error(f'POST /my_route answers {answer}')
    return f'401 {_UNAUTHORIZED.decode()}'


@check(
    'unknown-path', 'Does API Gateway itself answer for a path that does not exist?', DEPLOY_AND_UP
)
def _has_no_such_path(facts: Facts) -> Findings:
    answer = call(facts, 'GET', '/there-is-no-such-path')
    if (answer.status, answer.content) != (403, _NO_SUCH_ROUTE):
        yield error(f'GET /there-is-no-such-path answers {answer}')
    return f'403 {_NO_SUCH_ROUTE.decode()}'


@check(
    'refusal-headers',
    'Have refusals of API Gateway the headers of .chalice/gateway.json?',
    UP,
)
def _has_the_headers(facts: Facts) -> Findings:
    refused = {
        'UNAUTHORIZED': next(iter(without_token(facts).values())),
        'DEFAULT_4XX': call(facts, 'GET', '/there-is-no-such-path'),
    }
    for kind, answer in refused.items():
        for name, value in wanted_headers(facts, kind, facts.stage.api_url).items():
            found = answer.headers.get(name)
            if found != value:
                yield error(f'{name} of {answer.status} is {found or "missing"}, not {value}')
    return ', '.join(wanted_headers(facts, 'UNAUTHORIZED', facts.stage.api_url))
