"""The parameters that a stage's stack is created or updated with."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from capabilities.capability import MAX_FOLDERS
from chalicelib.person.patterns import InvalidPattern, of_documents, of_records
from ops.app_clients.connection import domain_url
from ops.stage.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
MAX_CHARACTERS = 4096
# An app client's callback URLs are a parameter, and which client it is an output.
CALLBACKS = {'CallbackUrls': 'UserPoolClientId', 'McpCallbackUrls': 'McpUserPoolClientId'}


class ParameterRefused(click.ClickException):
    """A parameter is not one of the template's, or can't have that value."""


def resolve(
    stage: Stage,
    template: Mapping[str, Any],
    existing: 'StackTypeDef | None',
    template_before: Mapping[str, Any],
    given: Mapping[str, str],
) -> 'list[ParameterTypeDef]':
    """Return a template's parameters: as given, as they live, else as they were.

    What nobody ever chose is left to the template. ``existing`` is the stack if there is one.
    Raises ParameterRefused.
    """
    declared = template['Parameters']
    _refuse_unknown(declared, given)
    fixed = {'AppName': stage.config.app_name, 'Stage': stage.name}
    for name, value in fixed.items():
        if given.get(name, value) != value:
            raise ParameterRefused(f'The parameter {name} is {value} for this stage.')
    _refuse_patterns(given)
    values = dict(given)
    if existing:
        values |= _live_callbacks(stage, existing, given)
    else:
        values = dict(_in_use(stage)) | values
        values |= _domain_in_use(stage, values) | _log_role_in_use(stage, values)
    values |= fixed
    before = template_before.get('Parameters', {})
    chosen = set(_chosen(existing, before)) if existing else set()
    return [
        {'ParameterKey': name, 'ParameterValue': values[name]}
        if name in values
        else {'ParameterKey': name, 'UsePreviousValue': True}
        for name in declared
        if name in values or name in chosen
    ]


def _chosen(existing: 'StackTypeDef', declared: Mapping[str, Any]) -> Iterator[str]:
    """Yield the parameters that a stack has other than as its template would have had them."""
    for each in existing.get('Parameters', []):
        name = each['ParameterKey']
        if each['ParameterValue'] != str(declared.get(name, {}).get('Default')):
            yield name


def _refuse_unknown(declared: Mapping[str, Any], given: Mapping[str, str]) -> None:
    if unknown := ', '.join(name for name in given if name not in declared):
        raise ParameterRefused(
            f'There is no parameter {unknown}. There are: {", ".join(sorted(declared))}.'
        )


def _refuse_patterns(given: Mapping[str, str]) -> None:
    """Refuse what the template can't look into: the function would have to refuse everybody."""
    for name, read in (('DocumentsPrefixes', of_documents), ('RecordsKeys', of_records)):
        try:
            found = read(given.get(name, ''))
        except InvalidPattern as error:
            raise ParameterRefused(f'{name}: {error}.') from error
        if name == 'DocumentsPrefixes' and len(found) > MAX_FOLDERS:
            raise ParameterRefused(
                f'{name} has {len(found)} folders, and the role of a person has room for '
                f'{MAX_FOLDERS}.'
            )


def _in_use(stage: Stage) -> Iterator[tuple[str, str]]:
    """Yield what the settings of a stage without a stack name: it stays in use."""
    settings = stage.config.environment_variables
    in_use = [pair for each in stage.capabilities for pair in each.in_use.items()]
    for name, setting in in_use:
        if value := settings.get(setting):
            click.echo(f'{name}={value}, which is {setting} of the stage {stage.name}')
            yield name, value


def _domain_in_use(stage: Stage, values: Mapping[str, str]) -> dict[str, str]:
    """Return the domain of an existing pool: it can have only one that is not its own."""
    arn = values.get('ExistingUserPoolArn')
    if not arn or 'ExistingUserPoolDomain' in values:
        return {}
    pool = stage.cognito().describe_user_pool(UserPoolId=arn.rpartition('/')[2])['UserPool']
    host = (domain_url(stage, pool) or '').removeprefix('https://')
    return {'ExistingUserPoolDomain': host} if host else {}


def _log_role_in_use(stage: Stage, values: Mapping[str, str]) -> dict[str, str]:
    """Return the role by which API Gateway writes logs already: an account has one a Region."""
    if 'ApiGatewayLogRoleArn' in values:
        return {}
    api_gateway = stage.session().client('apigateway', endpoint_url=stage.endpoint_url)
    arn = api_gateway.get_account().get('cloudwatchRoleArn')
    return {'ApiGatewayLogRoleArn': arn} if arn else {}


def _live_callbacks(
    stage: Stage, existing: 'StackTypeDef', given: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the callback URLs that the app clients have by now, and those that are given."""
    outputs = {each['OutputKey']: each['OutputValue'] for each in existing.get('Outputs', [])}
    before = {p['ParameterKey']: p['ParameterValue'] for p in existing.get('Parameters', [])}
    cognito, pool = stage.cognito(), outputs.get('CognitoUserPoolArn', '').rpartition('/')[2]
    for name, output in CALLBACKS.items():
        if output not in outputs:
            continue
        try:
            client = cognito.describe_user_pool_client(UserPoolId=pool, ClientId=outputs[output])
        except cognito.exceptions.ResourceNotFoundException:
            continue
        live = client['UserPoolClient'].get('CallbackURLs', [])
        if unlisted := [url for url in live if ',' in url]:
            raise ParameterRefused(
                f'The callback URL {unlisted[0]} has a comma, which no update can keep: remove it '
                f'with `python -m ops callback remove`, and add it again afterwards.'
            )
        added = [url.strip() for url in given.get(name, '').split(',') if url.strip()]
        # Cognito keeps them in no order; that is no change.
        known = [url for url in before.get(name, '').split(',') if url in live]
        value = ','.join(dict.fromkeys([*known, *live, *added]))
        if len(value) > MAX_CHARACTERS:
            raise ParameterRefused(
                f'{name} would have {len(value):,} characters, and CloudFormation takes '
                f'{MAX_CHARACTERS:,}: remove some with `python -m ops callback remove`.'
            )
        yield name, value
