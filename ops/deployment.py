"""How a stage's stack becomes what a template says, whichever of the two it is."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ops import changes, leftovers, parameters, stack
from ops.stage import Stage

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import ParameterTypeDef, StackTypeDef


def plan(  # noqa: PLR0913 - three of them are choices of the person
    stage: Stage,
    cloudformation: 'CloudFormationClient',
    name: str,
    template: dict[str, Any],
    given: Mapping[str, str],
    *,
    template_url: str = '',
    allow_replacement: bool,
) -> stack.ChangeSet | None:
    """Work out a change of a stack that loses nothing; None if there is nothing to change.

    The template goes with the request, unless it is at a URL. Raises StackFailed, ChangeRefused or
    ParameterRefused.
    """
    existing = leftovers.clear(stage, cloudformation, stack.describe(cloudformation, name))
    if existing and existing['StackStatus'] == 'REVIEW_IN_PROGRESS':
        existing = None
    values = parameters.resolve(stage, template['Parameters'], existing, given)
    if existing and _is_so(cloudformation, existing, template, values):
        return None
    body = json.dumps(template, separators=(',', ':'))
    source = {'TemplateURL': template_url} if template_url else {'TemplateBody': body}
    change_set = stack.plan(cloudformation, name, source, values)
    if change_set and not allow_replacement:
        try:
            changes.refuse_losses(change_set.changes)
        except changes.ChangeRefused:
            stack.discard(cloudformation, change_set)
            raise
    return change_set


def _is_so(
    cloudformation: 'CloudFormationClient',
    existing: 'StackTypeDef',
    template: dict[str, Any],
    values: 'list[ParameterTypeDef]',
) -> bool:
    """Tell whether a stack has this template and these parameters.

    CloudFormation would tell too, but not of a template that deploys its API every time.
    """
    before = {each['ParameterKey']: each['ParameterValue'] for each in existing['Parameters']}
    now = {
        each['ParameterKey']: each.get('ParameterValue', before.get(each['ParameterKey']))
        for each in values
    }
    if any(before.get(name) != value for name, value in now.items()):
        return False
    told = cloudformation.get_template(StackName=existing['StackId'])
    return bool(told['TemplateBody'] == template)
