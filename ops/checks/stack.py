"""Checks of the stage's CloudFormation stack."""

import time
from collections.abc import Iterator
from typing import Any

from ops.inspection.check import UP, UP_AND_DEPLOY, Findings, error, subject, warning
from ops.inspection.facts import Facts, NotApplicable
from ops.inspection.live import is_one_stack, live_stack
from ops.stage import variables

check = subject('Stack')

_DRIFT_SECONDS = 60.0
_WHOLE = {'CREATE_COMPLETE', 'IMPORT_COMPLETE', 'UPDATE_COMPLETE'}
# `ops callback` changes these, and an update of the stack is given them as they are.
_CHANGED_BESIDE_IT = '/CallbackURLs'
# AWS finds these changed when they are not:
# https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1867
_TOLD_WRONGLY = 'AWS::Logs::QueryDefinition'


@check(
    'stack-state',
    'Is the stack whole, and its last update done?',
    f'Look at its events, then again: {UP}',
)
def _is_whole(facts: Facts) -> Findings:
    stack = live_stack(facts)
    status = stack['StackStatus']
    reason = stack.get('StackStatusReason')
    state = f'{stack["StackName"]} is {status}' + (f': {reason}' if reason else '')
    if status.endswith('_IN_PROGRESS'):
        yield warning(state, 'Wait until it is done.')
    elif status == 'UPDATE_ROLLBACK_COMPLETE':
        yield warning(f'the last update failed and was taken back: {state}')
    elif status not in _WHOLE:
        yield error(state)
    return state


@check(
    'stack-settings',
    "Are the stack's outputs the settings of the stage?",
    UP_AND_DEPLOY,
)
def _has_the_outputs_as_settings(facts: Facts) -> Findings:
    if is_one_stack(facts):
        raise NotApplicable('the one stack sets them by itself')
    outputs = {o['OutputKey']: o['OutputValue'] for o in live_stack(facts).get('Outputs', [])}
    wanted = variables.of_outputs(outputs)
    given = facts.stage.config.environment_variables
    wrong = [name for name, value in wanted.items() if given.get(name) != value]
    if wrong:
        yield error(f'.chalice/config.json has other values, or none: {", ".join(wrong)}')
    return f'{len(wanted)} settings'


@check(
    'stack-drift',
    'Are the resources still as the stack made them?',
    f'Change the template or its parameters, not what it made: {UP}',
)
def _is_as_it_was_made(facts: Facts) -> Findings:
    name = live_stack(facts)['StackName']
    if facts.stage.endpoint_url:
        raise NotApplicable('the emulator detects no drift')
    cloudformation = facts.client('cloudformation')
    state = _detect_drift(cloudformation, name)
    if state['DetectionStatus'] == 'DETECTION_IN_PROGRESS':
        yield warning(f'not known after {_DRIFT_SECONDS:g} s', 'Run this again later.')
    elif state['DetectionStatus'] == 'DETECTION_FAILED':
        yield warning(f'not known of all of it: {state.get("DetectionStatusReason", "")}')
    for resource in _drifts(cloudformation, name):
        changed = _changed(resource)
        if changed and resource['ResourceType'] != _TOLD_WRONGLY:
            yield warning(f'{resource["LogicalResourceId"]} is changed or gone: {changed}')
    return f'{name} is in sync'


def _detect_drift(cloudformation: Any, name: str) -> dict[str, Any]:
    detection = cloudformation.detect_stack_drift(StackName=name)['StackDriftDetectionId']
    deadline = time.monotonic() + _DRIFT_SECONDS
    while True:
        state: dict[str, Any] = cloudformation.describe_stack_drift_detection_status(
            StackDriftDetectionId=detection
        )
        if state['DetectionStatus'] != 'DETECTION_IN_PROGRESS' or time.monotonic() > deadline:
            return state
        time.sleep(2)


def _drifts(cloudformation: Any, name: str) -> Iterator[dict[str, Any]]:
    asked = {'StackName': name, 'StackResourceDriftStatusFilters': ['MODIFIED', 'DELETED']}
    while True:
        page = cloudformation.describe_stack_resource_drifts(**asked)
        yield from page['StackResourceDrifts']
        if not page.get('NextToken'):
            return
        asked['NextToken'] = page['NextToken']


def _changed(resource: dict[str, Any]) -> str:
    if resource['StackResourceDriftStatus'] == 'DELETED':
        return 'deleted'
    paths = [each['PropertyPath'] for each in resource.get('PropertyDifferences', [])]
    return ', '.join(path for path in paths if not path.startswith(_CHANGED_BESIDE_IT))
