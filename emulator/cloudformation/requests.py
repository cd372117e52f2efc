"""What the requests that bring a template have in common: the template, its parameters, consent."""

import re
from collections.abc import Mapping
from typing import Any

from emulator.cloudformation import types
from emulator.cloudformation.functions import Invalid
from emulator.cloudformation.resources.handler import Json, Where
from emulator.cloudformation.stack import Stack
from emulator.cloudformation.template import Template

_MAX_BODY_BYTES = 51_200
_IN_HOST = re.compile(r'https?://([^./]+(?:\.[^./]+)*)\.s3[.-][^/]*/([^?]+)')
_IN_PATH = re.compile(r'https?://[^/]+/([^/]+)/([^?]+)')


class InsufficientCapabilities(Invalid):
    """The template makes roles, and nobody has said that it may."""

    code = 'InsufficientCapabilitiesException'


def read(
    asked: Mapping[str, Any], where: Where, stack: Stack | None = None
) -> tuple[Template, dict[str, str]]:
    """Return the template of a request, ready to be carried out, and the value of each parameter.

    Raises Invalid.
    """
    template = template_of(asked, where, stack)
    parameters = _parameters_of(asked, template, stack)
    template = template.processed(parameters)
    types.check(resource['Type'] for resource in template.resources.values())
    _check_capabilities(asked, template)
    return template, parameters


def template_of(asked: Mapping[str, Any], where: Where, stack: Stack | None = None) -> Template:
    """Return the template of a request as it was written; raises Invalid."""
    if asked.get('UsePreviousTemplate') and stack and stack.template:
        return Template(stack.template.text, where.region)
    text = asked.get('TemplateBody')
    if asked.get('TemplateURL'):
        text = _fetched(asked['TemplateURL'], where)
    elif not text:
        raise Invalid('Either Template URL or Template Body must be specified.')
    elif len(text.encode()) > _MAX_BODY_BYTES:
        raise Invalid(
            "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: "
            f'Member must have length less than or equal to {_MAX_BODY_BYTES}'
        )
    return Template(text, where.region)


def _check_capabilities(asked: Mapping[str, Any], template: Template) -> None:
    """Refuse a template that makes roles unless the request says that it may."""
    if needed := capabilities_of(template):
        given = asked.get('Capabilities', [])
        if needed not in given and 'CAPABILITY_NAMED_IAM' not in given:
            raise InsufficientCapabilities(f'Requires capabilities : [{needed}]')


def capabilities_of(template: Template) -> str | None:
    """Return the capability that a template needs."""
    roles = [of for of in template.resources.values() if of['Type'].startswith('AWS::IAM::')]
    if any('RoleName' in of.get('Properties', {}) for of in roles):
        return 'CAPABILITY_NAMED_IAM'
    return 'CAPABILITY_IAM' if roles else None


def _parameters_of(
    asked: Mapping[str, Any], template: Template, stack: Stack | None = None
) -> dict[str, str]:
    """Return the value of every parameter of a request's template; raises Invalid."""
    previous = stack.parameters if stack else {}
    given = {}
    for parameter in asked.get('Parameters', []):
        name = parameter['ParameterKey']
        if not parameter.get('UsePreviousValue'):
            given[name] = parameter.get('ParameterValue', '')
        elif name in previous:
            given[name] = previous[name]
        else:
            raise Invalid(
                f'Invalid input for parameter key {name}. Cannot specify usePreviousValue as true '
                'for a parameter key not in the previous template'
            )
    return template.parameters(given)


def settings_of(asked: Mapping[str, Any]) -> Json:
    """Return what a request says of the stack beside its template."""
    names = ('Tags', 'Capabilities', 'NotificationARNs', 'RoleARN')
    return {name: asked[name] for name in names if asked.get(name)}


def _fetched(url: str, where: Where) -> str:
    found = _IN_HOST.fullmatch(url) or _IN_PATH.fullmatch(url)
    if not found:
        raise Invalid('TemplateURL must be a supported URL.')
    s3 = where.client('s3')
    try:
        answer = s3.get_object(Bucket=found[1], Key=found[2])
    except s3.exceptions.ClientError as error:
        raise Invalid(f'S3 error: {error.response["Error"]["Message"]}') from error
    return str(answer['Body'].read().decode())
