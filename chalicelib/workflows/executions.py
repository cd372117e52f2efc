"""startWorkflow and getWorkflow: executions of the company's state machine.

An execution's name begins with a hash of who started it, so no table has to say who owns it: a
caller can neither guess nor forge a name that belongs to somebody else. Its input says as `caller`
who that is: the function writes it there, so the process can rely on it.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Annotated, Any
from uuid import uuid4

import msgspec
from msgspec import Meta, Raw, Struct

from chalicelib import json_text, paging
from chalicelib.errors import InvalidRequest, NotSetUp
from chalicelib.http_request import Request
from chalicelib.identity import Caller
from chalicelib.person import aws
from chalicelib.workflows.errors import ExecutionNotFound, RequestIdReused

MAX_ERROR_CHARACTERS = 1_000
CALLER = 'caller'

_NAME = re.compile(r'[0-9a-f]{32}-[0-9a-f]{32}')
_NO_MACHINE = NotSetUp('WORKFLOW_STATE_MACHINE_ARN names a state machine that does not exist')


class StartWorkflowRequest(Request):
    """What to start."""

    input_json: Annotated[
        str,
        Meta(
            description='The input of the process: a JSON object as text. Leave out `caller`, '
            'which is filled in with the person.'
        ),
    ]
    request_id: Annotated[
        str,
        Meta(
            description='A name for this request, chosen by you. Repeat it when you repeat the '
            'call, so that the process is not started twice.',
            max_length=200,
        ),
    ] = ''


class GetWorkflowRequest(Request):
    """Which execution to look at."""

    execution_id: Annotated[str, Meta(description='The execution_id that startWorkflow gave.')]


class Execution(Struct):
    """One run of the process, as it stands now."""

    execution_id: Annotated[str, Meta(description='Give it to getWorkflow to follow the process.')]
    status: Annotated[
        str,
        Meta(
            description='running, succeeded, failed, timed_out or aborted.',
            extra_json_schema={'enum': ['running', 'succeeded', 'failed', 'timed_out', 'aborted']},
        ),
    ]
    output_json: Annotated[str | None, Meta(description='What it made, once it has succeeded.')]
    error: Annotated[str | None, Meta(description='Why it failed, if it did.')]
    started_at: Annotated[str, Meta(description='When it began, ISO 8601 in UTC.')]
    stopped_at: Annotated[str | None, Meta(description='When it ended, ISO 8601 in UTC.')]


def start_workflow(
    states: Any, state_machine_arn: str, request: StartWorkflowRequest, caller: Caller
) -> Execution:
    """Start an execution; the same request_id of one caller is one execution.

    Raises InvalidRequest when the input is not a JSON object or names a caller, RequestIdReused
    when the request_id has been used with another input.
    """
    given = _members(request.input_json)
    if CALLER in given:
        raise InvalidRequest('`caller` in input_json is filled in with the person: leave it out.')
    name = _owner(caller) + (_digest(request.request_id) if request.request_id else uuid4().hex)
    with aws.translated({'StateMachineDoesNotExist': _NO_MACHINE}):
        try:
            started = states.start_execution(
                stateMachineArn=state_machine_arn, name=name, input=_input(given, caller)
            )
        except states.exceptions.ExecutionAlreadyExists as error:
            described = _describe(states, state_machine_arn, name)
            if _canonical(_members(described['input'])) != _canonical(given):
                raise RequestIdReused from error
            return _execution(described)
    return _execution({'name': name, 'status': 'RUNNING', 'startDate': started['startDate']})


def get_workflow(
    states: Any, state_machine_arn: str, request: GetWorkflowRequest, caller: Caller
) -> Execution:
    """Return an execution as it stands; raises ExecutionNotFound unless the caller started it."""
    name = request.execution_id
    if not _NAME.fullmatch(name) or not name.startswith(_owner(caller)):
        raise ExecutionNotFound
    return _execution(_describe(states, state_machine_arn, name))


def _describe(states: Any, state_machine_arn: str, name: str) -> dict[str, Any]:
    arn = f'{state_machine_arn.replace(":stateMachine:", ":execution:")}:{name}'
    known = {'ExecutionDoesNotExist': ExecutionNotFound(), 'InvalidArn': ExecutionNotFound()}
    with aws.translated(known):
        described: dict[str, Any] = states.describe_execution(executionArn=arn)
    return described


def _execution(described: dict[str, Any]) -> Execution:
    output = described.get('output')
    error = ': '.join(described[part] for part in ('error', 'cause') if described.get(part))
    if output and paging.size_of(output) > paging.MAX_LIST_CHARACTERS:
        error = f'The output has {len(output):,} characters: too many for an answer.'
        output = None
    stopped = described.get('stopDate')
    return Execution(
        execution_id=described['name'],
        status=described['status'].lower(),
        output_json=output,
        error=error[:MAX_ERROR_CHARACTERS] or None,
        started_at=_utc(described['startDate']),
        stopped_at=_utc(stopped) if stopped else None,
    )


def _members(text: str) -> dict[str, Raw]:
    """Return the members of a JSON object, each as it is written."""
    try:
        json_text.decode(text, type=dict[str, Any])  # which looks into the members, as Raw does not
        return msgspec.json.decode(text, type=dict[str, Raw])
    except ValueError as error:
        raise InvalidRequest('input_json must be a JSON object, written as text.') from error


def _input(given: dict[str, Raw], caller: Caller) -> str:
    who = {'sub': caller.sub, 'client_id': caller.client_id, 'groups': caller.groups}
    return msgspec.json.encode({**given, CALLER: who}).decode()


def _canonical(members: dict[str, Raw]) -> bytes:
    """Return an input, whoever's it is, as it is written in one way only, which tells 1 from true.

    Of a request that is repeated the groups may have changed.
    """
    values = {name: msgspec.json.decode(each) for name, each in members.items() if name != CALLER}
    return msgspec.json.encode(values, order='deterministic')


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec='seconds')


def _owner(caller: Caller) -> str:
    return f'{caller.owner}-'


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]
