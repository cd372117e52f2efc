"""CloudFormation templates: parameters, conditions, and what depends on what."""

import copy
import json
import re
from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from emulator.cloudformation.functions import (
    Invalid,
    Scope,
    condition_names,
    function_names,
    references,
    resolve,
    text_of,
)
from emulator.cloudformation.resources.handler import Json
from emulator.cloudformation.transform import transformed

_LISTS = ('CommaDelimitedList', 'List<')
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-rules.html
_OF_RULES = {
    'Fn::And',
    'Fn::Contains',
    'Fn::EachMemberEquals',
    'Fn::EachMemberIn',
    'Fn::Equals',
    'Fn::Not',
    'Fn::Or',
    'Fn::RefAll',
    'Fn::ValueOf',
    'Fn::ValueOfAll',
    'Ref',
}


class Template:
    """A template as its text says it."""

    def __init__(self, text: str, region: str) -> None:
        try:
            self.body = json.loads(text)
        except ValueError as error:
            raise Invalid(f'Template format error: JSON not well-formed. {error}') from error
        if not isinstance(self.body, dict) or not self.body.get('Resources'):
            raise Invalid('Template format error: At least one Resources member must be defined.')
        self.text = text
        self._region = region
        self.declared: dict[str, Json] = self.body.get('Parameters', {})

    @property
    def resources(self) -> dict[str, Json]:
        """The resources by their names."""
        resources: dict[str, Json] = self.body['Resources']
        return resources

    @property
    def outputs(self) -> dict[str, Json]:
        """The outputs by their names."""
        outputs: dict[str, Json] = self.body.get('Outputs', {})
        return outputs

    def processed(self, parameters: dict[str, str]) -> 'Template':
        """Return the template as it is carried out: transformed and checked; raises Invalid."""
        template = copy.copy(self)
        if 'Transform' in self.body:
            template.body = transformed(self.body, parameters, self._region)
        template._check_references()
        template._check_rules(parameters)
        return template

    def _check_references(self) -> None:
        known = set(self.resources) | set(self.declared)
        conditions = self.body.get('Conditions', {})
        for block in ('Resources', 'Outputs'):
            for part in self.body.get(block, {}).values():
                unknown = sorted(
                    n for n in references(part) if n not in known and not n.startswith('AWS::')
                )
                if unknown:
                    raise Invalid(
                        f'Template format error: Unresolved resource dependencies '
                        f'[{", ".join(unknown)}] in the {block} block of the template'
                    )
                used = {part['Condition']} if 'Condition' in part else set()
                for name in used.union(condition_names(part)) - set(conditions):
                    raise Invalid(f'Template error: unresolved condition dependency {name}')

    def _check_rules(self, parameters: dict[str, str]) -> None:
        scope = self.scope(parameters, {'AWS::Region': self._region}, _no_resource)
        rules = self.body.get('Rules', {})
        if unknown := sorted(set(function_names(rules)) - _OF_RULES):
            raise Invalid(
                'Template format error: Following functions are not supported in the Rules block '
                f'of the template: [{", ".join(unknown)}]'
            )
        for name, rule in rules.items():
            if 'RuleCondition' in rule and not self._holds(rule['RuleCondition'], scope):
                continue
            for assertion in rule['Assertions']:
                if not self._holds(assertion['Assert'], scope):
                    described = assertion.get('AssertDescription', '')
                    raise Invalid(f'Rule {name} failed: {described}')

    def parameters(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return the value of every parameter as text; raises Invalid."""
        unknown = sorted(set(given) - set(self.declared))
        if unknown:
            raise Invalid(f'Parameters: [{", ".join(unknown)}] do not exist in the template')
        values = {
            name: given.get(name, text_of(declared.get('Default')))
            for name, declared in self.declared.items()
        }
        missing = sorted(name for name, value in values.items() if value is None)
        if missing:
            raise Invalid(f'Parameters: [{", ".join(missing)}] must have values')
        for name, value in values.items():
            _check_parameter(name, str(value), self.declared[name])
        return {name: str(value) for name, value in values.items()}

    def scope(
        self,
        parameters: Mapping[str, str],
        pseudo: Mapping[str, str],
        resource: Callable[[str, str | None], Any],
    ) -> Scope:
        """Return what names stand for, with these parameters and resources."""
        names: dict[str, Any] = {
            name: _parameter_value(value, self.declared[name]['Type'])
            for name, value in parameters.items()
        }
        conditions: dict[str, bool] = {}
        scope = Scope(names | dict(pseudo), conditions, self.body.get('Mappings', {}), resource)
        for name, condition in self.body.get('Conditions', {}).items():
            conditions[name] = self._holds(condition, scope)
        return scope

    def _holds(self, condition: Json, scope: Scope) -> bool:
        ((operator, operands),) = condition.items()
        if operator == 'Condition':
            return self._holds(self.body['Conditions'][operands], scope)
        if operator == 'Fn::Equals':
            one, other = (text_of(resolve(operand, scope)) for operand in operands)
            return bool(one == other)
        if operator == 'Fn::Contains':
            values, value = (resolve(operand, scope) for operand in operands)
            return value in values
        if operator not in ('Fn::And', 'Fn::Not', 'Fn::Or'):
            raise Invalid(f'Template format error: {operator} is no condition function')
        held = [self._holds(operand, scope) for operand in operands]
        if operator == 'Fn::Not':
            return not held[0]
        return all(held) if operator == 'Fn::And' else any(held)

    def active(self, scope: Scope) -> dict[str, Json]:
        """Return the resources whose condition holds, those that others need before them."""
        active = {
            name: resource
            for name, resource in self.resources.items()
            if scope.conditions.get(resource.get('Condition', ''), True)
        }
        needs = {name: self._needs(resource, scope) for name, resource in active.items()}
        for name, needed in needs.items():
            if absent := needed - set(active):
                raise Invalid(
                    f'Template error: {name} needs {", ".join(sorted(absent))}, '
                    'whose condition does not hold'
                )
        try:
            return {name: active[name] for name in TopologicalSorter(needs).static_order()}
        except CycleError as error:
            cycle = ', '.join(sorted(set(error.args[1])))
            raise Invalid(f'Circular dependency between resources: [{cycle}]') from error

    def _needs(self, resource: Json, scope: Scope) -> set[str]:
        before = resource.get('DependsOn', [])
        depends_on = {before} if isinstance(before, str) else set(before)
        used = set(references(resource.get('Properties', {}), scope.conditions))
        return (used & set(self.resources)) | (depends_on & set(self.resources))


def _no_resource(name: str, _: str | None) -> Any:
    raise Invalid(f'Template error: {name} is no parameter')


def _parameter_value(text: str, kind: str) -> str | list[str]:
    if kind.startswith(_LISTS):
        return [item.strip() for item in text.split(',')]
    return text


def _check_parameter(name: str, value: str, declared: Json) -> None:
    items = value.split(',') if declared['Type'].startswith(_LISTS) else [value]
    for item in map(str.strip, items):
        if problem := _parameter_problem(item, declared):
            described = declared.get('ConstraintDescription')
            if described:
                raise Invalid(f'Parameter {name} failed to satisfy constraint: {described}')
            raise Invalid(f"Parameter '{name}' {problem}")


def _parameter_problem(value: str, declared: Json) -> str | None:
    allowed = [str(text_of(one)) for one in declared.get('AllowedValues', [])]
    if allowed and value not in allowed:
        return 'must be one of AllowedValues'
    if not re.fullmatch(declared.get('AllowedPattern', '(?s:.*)'), value):
        return f'must match pattern {declared["AllowedPattern"]}'
    if len(value) < int(declared.get('MinLength', 0)):
        return f'must contain at least {declared["MinLength"]} characters'
    if len(value) > int(declared.get('MaxLength', len(value))):
        return f'must contain at most {declared["MaxLength"]} characters'
    if declared['Type'] in ('Number', 'List<Number>'):
        return _number_problem(value, declared)
    return None


def _number_problem(value: str, declared: Json) -> str | None:
    try:
        number = float(value)
    except ValueError:
        return 'must be a number'
    if number < float(declared.get('MinValue', number)):
        return f'must be a number not less than {declared["MinValue"]}'
    if number > float(declared.get('MaxValue', number)):
        return f'must be a number not greater than {declared["MaxValue"]}'
    return None
