"""What an update would do to a stack, as a change set tells it beforehand."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from emulator.cloudformation import types
from emulator.cloudformation.functions import Invalid, Scope, resolve
from emulator.cloudformation.resources.handler import Json, changed
from emulator.cloudformation.stack import Resource, Stack
from emulator.cloudformation.template import Template

_UNKNOWN = '{{changeSet:KNOWN_AFTER_APPLY}}'
_POLICIES = ('DeletionPolicy', 'UpdateReplacePolicy')


def preview(stack: Stack, template: Template, parameters: dict[str, str]) -> list[Json]:
    """Return the changes of resources that an update to this template would make."""
    unknown: set[str] = set()
    scope = template.scope(parameters, stack.pseudo_parameters, _as_known(stack, unknown))
    active = template.active(scope)
    changes = []
    for name, body in active.items():
        resource = stack.resources.get(name)
        change = _modified(resource, body, scope) if resource else _added(name, body)
        if not resource or change.get('Replacement') == 'True':
            unknown.add(name)
        if change:
            changes.append(change)
    gone = [resource for name, resource in stack.resources.items() if name not in active]
    changes += [_removed(resource) for resource in gone]
    return [{'Type': 'Resource', 'ResourceChange': change} for change in changes]


def is_any(stack: Stack, template: Template, parameters: dict[str, str], tags: list[Json]) -> bool:
    """Tell whether an update would change anything at all."""
    return bool(
        preview(stack, template, parameters)
        or not stack.template
        or template.outputs != stack.template.outputs
        or stack.compute_outputs(template, parameters) != stack.outputs
        or tags != stack.settings.get('Tags', [])
    )


def _as_known(stack: Stack, unknown: set[str]) -> Callable[[str, str | None], Any]:
    def of_resource(logical_id: str, attribute: str | None) -> str:
        if logical_id in unknown or logical_id not in stack.resources:
            return _UNKNOWN
        return stack.of_resource(logical_id, attribute)

    return of_resource


def _added(name: str, body: Json) -> Json:
    return {
        'Action': 'Add',
        'LogicalResourceId': name,
        'ResourceType': body['Type'],
        'Scope': [],
        'Details': [],
    }


def _removed(resource: Resource) -> Json:
    return _present(resource) | {
        'Action': 'Remove',
        'PolicyAction': 'Retain' if resource.is_kept else 'Delete',
        'Scope': [],
        'Details': [],
    }


def _present(resource: Resource) -> Json:
    return {
        'LogicalResourceId': resource.logical_id,
        'PhysicalResourceId': resource.made.id if resource.made else None,
        'ResourceType': resource.type,
    }


def _modified(resource: Resource, body: Json, scope: Scope) -> Json:
    """Return the change of a resource, empty if there is none."""
    properties = dict(_resolved(body.get('Properties', {}), scope))
    different = changed(resource.properties, properties)
    policies = [name for name in _POLICIES if body.get(name) != resource.body.get(name)]
    if not different and not policies and body['Type'] == resource.type:
        return {}
    recreating = types.need_replacement(resource.type, different)
    return _present(resource) | {
        'Action': 'Modify',
        'Replacement': _replacement(recreating, properties)
        if body['Type'] == resource.type
        else 'True',
        'Scope': [*policies, *(['Properties'] if different else [])],
        'Details': list(_details(different, recreating, properties)),
    }


def _resolved(properties: Json, scope: Scope) -> Iterator[tuple[str, Any]]:
    for name, value in properties.items():
        try:
            resolved = resolve(value, scope)
        except Invalid:  # a function of what is not known yet
            resolved = _UNKNOWN
        if resolved is not None:
            yield name, resolved


def _replacement(recreating: set[str], properties: Mapping[str, Any]) -> str:
    if not recreating:
        return 'False'
    known = [name for name in recreating if _UNKNOWN not in str(properties.get(name))]
    return 'True' if known else 'Conditional'


def _details(
    different: set[str], recreating: set[str], properties: Mapping[str, Any]
) -> Iterator[Json]:
    for name in sorted(different):
        is_known = _UNKNOWN not in str(properties.get(name))
        target = {
            'Attribute': 'Properties',
            'Name': name,
            'RequiresRecreation': 'Always' if name in recreating else 'Never',
        }
        yield {'Target': target, 'Evaluation': 'Static' if is_known else 'Dynamic'}
