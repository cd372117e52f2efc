"""Checks of the Lambda function: its settings, its environment and its log."""

import re

from ops.inspection.check import DEPLOY, UP, Findings, error, subject, warning
from ops.inspection.deployed import function, retention_days
from ops.inspection.facts import Facts, fact
from ops.inspection.live import is_one_stack, live_stack, outputs
from ops.stage import variables

check = subject('Function')

# A name of a secret, unless it is the name of where the secret is.
_NAMES_A_SECRET = re.compile(
    r'(SECRET|PASSWORD|TOKEN|CREDENTIAL|(API|PRIVATE)_?KEY)(?!.*_(ARN|URL|NAME)$)'
)
# A key pair of AWS, a JWT, a private key, a URL with a password.
_IS_A_SECRET = re.compile(
    r'\b(AKIA|ASIA)[A-Z0-9]{16}\b|\beyJ[\w-]+\.|-----BEGIN|://[^/\s:@]+:[^/\s@]+@'
)


@fact
def parameters(facts: Facts) -> dict[str, str]:
    """Return the parameters of the one stack; none where the stage is not one stack."""
    given = live_stack(facts).get('Parameters', []) if is_one_stack(facts) else []
    return {each['ParameterKey']: each['ParameterValue'] for each in given}


@check('function-settings', 'Is the function as it was configured?', DEPLOY)
def _is_as_configured(facts: Facts) -> Findings:
    there, config = function(facts), facts.stage.config
    version = re.fullmatch(r'python3\.(\d+)', there.get('Runtime', ''))
    if not version or int(version[1]) < 11:
        yield error(f'it runs on {there.get("Runtime")}; the code needs python3.11 or newer')
    memory = int(parameters(facts).get('MemorySize') or config.lambda_memory_size or 128)
    tracing = 'Active' if config.xray_enabled else 'PassThrough'
    pairs = {
        'Timeout': (there.get('Timeout'), config.lambda_timeout or 60),
        'MemorySize': (there.get('MemorySize'), memory),
        'Architectures': (there.get('Architectures'), [config.lambda_architecture or 'x86_64']),
        'TracingConfig': (there.get('TracingConfig', {}).get('Mode'), tracing),
    }
    for name, (found, wanted) in pairs.items():
        if found != wanted:
            yield warning(f'{name} is {found}, not {wanted}')
    return f'{there.get("Runtime")}, {there.get("Timeout")} s, {memory} MB'


@check('function-concurrency', 'Is as much concurrency reserved as was configured?', DEPLOY)
def _may_run(facts: Facts) -> Findings:
    name = function(facts)['FunctionName']
    found = facts.client('lambda').get_function_concurrency(FunctionName=name)
    there = found.get('ReservedConcurrentExecutions')
    given = parameters(facts).get('ReservedConcurrency') or facts.stage.config.reserved_concurrency
    wanted = int(given) if given else None
    if there == 0:
        remedy = f'aws lambda delete-function-concurrency --function-name {name}'
        yield error('no call may run: the function is switched off', remedy)
    elif there != wanted:
        yield warning(f'{there or "none"} is reserved, not {wanted or "none"}')
    return str(there or 'none, so calls may take what the account has')


@check('function-environment', 'Has the function the settings of the stage?', DEPLOY)
def _has_the_settings(facts: Facts) -> Findings:
    there, wanted = _environment(facts), dict(facts.stage.config.environment_variables)
    if parameters(facts):
        wanted = variables.of_outputs(outputs(facts)) | wanted
    if other := [name for name, value in wanted.items() if there.get(name) != value]:
        yield error(f'it lacks these settings, or has other values: {", ".join(other)}')
    if more := sorted(there.keys() - wanted.keys()):
        yield warning(f'it has settings that the stage does not have: {", ".join(more)}')
    return f'{len(there)} settings'


@check(
    'function-secrets',
    'Is no secret in the environment of the function?',
    'Put it into Secrets Manager, and its ARN here.',
)
def _has_no_secret(facts: Facts) -> Findings:
    for name, value in _environment(facts).items():
        if _NAMES_A_SECRET.search(name.upper()) or _IS_A_SECRET.search(value):
            yield error(
                f'{name} looks like a secret: everybody who may see the function can read it'
            )
    return 'none'


def _environment(facts: Facts) -> dict[str, str]:
    return dict(function(facts).get('Environment', {}).get('Variables', {}))


@check('function-log', 'Is the log of the function there, kept as long as was configured?', UP)
def _keeps_its_log(facts: Facts) -> Findings:
    group = f'/aws/lambda/{function(facts)["FunctionName"]}'
    days, wanted = retention_days(facts, group), facts.stage.config.log_retention_in_days
    if days != wanted:
        yield warning(f'{group} is kept {f"{days} days" if days else "for ever"}, not {wanted}')
    return f'{group}, {days} days'
