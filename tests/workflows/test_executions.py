"""Workflows: started once a request, followed to their end, and seen only by who started them."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from chalicelib import errors
from chalicelib.identity import Caller
from chalicelib.workflows import executions
from chalicelib.workflows.errors import ExecutionNotFound, RequestIdReused
from chalicelib.workflows.executions import Execution, GetWorkflowRequest, StartWorkflowRequest
from emulator.sample import workflow
from tests.support.aws.faults import AT_ONCE, FAULTS, failing

ANN = Caller('sub-of-ann', 'ann', 'client', frozenset(), ())
BOB = Caller('sub-of-bob', 'bob', 'client', frozenset(), ())
MACHINE = 'arn:aws:states:us-east-1:123456789012:stateMachine:sample-order'
ORDER = '{"quantity": 2}'


@pytest.fixture
def states() -> Iterator[Any]:
    """Return a client of Step Functions in which the sample state machine really executes."""
    with mock_aws(config={'stepfunctions': {'execute_state_machine': True}}):
        client = boto3.client('stepfunctions', config=AT_ONCE)
        assert workflow.seed() == MACHINE
        yield client


def start(client: Any, caller: Caller = ANN, order: str = ORDER, request_id: str = '') -> Execution:
    """Start the sample workflow."""
    request = StartWorkflowRequest(input_json=order, request_id=request_id)
    return executions.start_workflow(client, MACHINE, request, caller)


def get(client: Any, execution_id: str, caller: Caller = ANN) -> Execution:
    """Look at an execution."""
    request = GetWorkflowRequest(execution_id=execution_id)
    return executions.get_workflow(client, MACHINE, request, caller)


def followed(client: Any, execution: Execution) -> Execution:
    """Look at an execution until it has ended."""
    while execution.status == 'running':
        execution = get(client, execution.execution_id)
    return execution


def test_workflow_is_started_and_followed_to_its_end(states: Any) -> None:
    started = start(states)
    ended = followed(states, started)

    assert (started.status, started.output_json, started.stopped_at) == ('running', None, None)
    assert (ended.status, ended.error) == ('succeeded', None)
    assert ended.execution_id == started.execution_id
    assert json.loads(ended.output_json or '') == {
        'order': {
            'quantity': 2,
            'caller': {'sub': 'sub-of-ann', 'client_id': 'client', 'groups': []},
        },
        'price': {'currency': 'EUR', 'each': 19.9},
        'message': '2 on their way',
    }
    assert started.started_at == ended.started_at <= (ended.stopped_at or '')


@pytest.mark.parametrize(
    ('order', 'error'),
    [
        ('{"quantity": 101}', 'OutOfStock: There are 100 left.'),
        ('{}', 'InvalidOrder: The input needs a quantity that is a number.'),
        ('{"quantity": "two"}', 'InvalidOrder: The input needs a quantity that is a number.'),
    ],
)
def test_failure_is_reported(states: Any, order: str, error: str) -> None:
    ended = followed(states, start(states, order=order))

    assert (ended.status, ended.error, ended.output_json) == ('failed', error, None)


def test_same_request_is_one_execution(states: Any) -> None:
    first = start(states, request_id='order 7')
    again = start(states, request_id='order 7')
    ended = followed(states, first)
    after_its_end = start(states, order='{ "quantity" : 2 }', request_id='order 7')

    assert again == first
    assert after_its_end == ended
    assert len(states.list_executions(stateMachineArn=MACHINE)['executions']) == 1


@pytest.mark.parametrize(
    ('first', 'second'),
    [
        (ORDER, '{"quantity": 3}'),
        ('{"quantity": 1}', '{"quantity": true}'),
        ('{"quantity": 0, "gift": [false]}', '{"quantity": 0, "gift": [0]}'),
        ('{"quantity": 2, "gift": null}', ORDER),
    ],
)
def test_same_request_with_another_input_is_refused(states: Any, first: str, second: str) -> None:
    start(states, order=first, request_id='order 7')

    with pytest.raises(RequestIdReused):
        start(states, order=second, request_id='order 7')


def test_same_input_may_be_written_in_another_way(states: Any) -> None:
    first = start(states, order='{"quantity": 2, "to": {"a": 1, "b": "\u00e9"}}', request_id='7')
    ended = followed(states, first)

    assert start(states, order='{"to":{"b":"é","a":1},"quantity":2}', request_id='7') == ended


def input_of(client: Any, execution: Execution) -> str:
    """Return what an execution was started with."""
    arn = f'{MACHINE.replace("stateMachine", "execution")}:{execution.execution_id}'
    return str(client.describe_execution(executionArn=arn)['input'])


def test_process_is_told_who_asks_and_all_else_as_it_was_written(states: Any) -> None:
    member = Caller('sub-of-ann', 'ann', 'client', frozenset(), ('a,b', 'sales'))
    started = start(states, caller=member, order='{"quantity": 2.50, "n": 12345678901234567890}')

    assert input_of(states, started) == (
        '{"quantity":2.50,"n":12345678901234567890,'
        '"caller":{"sub":"sub-of-ann","client_id":"client","groups":["a,b","sales"]}}'
    )


@pytest.mark.parametrize(
    'order',
    [
        '{"caller": {"sub": "sub-of-bob"}}',
        '{"quantity": 2, "caller": null}',
        '{"c\\u0061ller": "bob"}',
        '{"caller": 1, "caller": 2, "quantity": 2}',
    ],
)
def test_caller_can_not_be_forged(states: Any, order: str) -> None:
    with pytest.raises(errors.InvalidRequest, match='`caller`'):
        start(states, order=order)


def test_request_is_repeated_by_somebody_who_left_a_group_meanwhile(states: Any) -> None:
    member = Caller('sub-of-ann', 'ann', 'client', frozenset(), ('sales',))

    first = start(states, caller=member, request_id='7')

    assert start(states, request_id='7').execution_id == first.execution_id


def test_request_ids_of_two_people_are_two(states: Any) -> None:
    ann, bob = start(states, request_id='1'), start(states, caller=BOB, request_id='1')

    assert ann.execution_id != bob.execution_id


def test_calls_without_request_id_are_several(states: Any) -> None:
    assert start(states).execution_id != start(states).execution_id


def test_execution_of_somebody_else_does_not_exist(states: Any) -> None:
    execution_id = start(states).execution_id

    with pytest.raises(ExecutionNotFound) as somebody_elses:
        get(states, execution_id, caller=BOB)
    with pytest.raises(ExecutionNotFound) as unknown:
        get(states, execution_id[:-1] + ('0' if execution_id[-1] != '0' else '1'))
    assert str(somebody_elses.value) == str(unknown.value)


@pytest.mark.parametrize('execution_id', ['', 'x', '../x', '*', 'a' * 10_000, 'é', 'x:y', '\x00'])
def test_garbage_is_no_execution(states: Any, execution_id: str) -> None:
    with pytest.raises(ExecutionNotFound):
        get(states, execution_id)


@pytest.mark.parametrize('order', ['', 'x', '[]', '"x"', 'null', '{', '[' * 50_000, '{"a": 1} {}'])
def test_input_must_be_a_json_object(states: Any, order: str) -> None:
    with pytest.raises(errors.InvalidRequest, match='input_json'):
        start(states, order=order)


@pytest.mark.parametrize(
    ('output', 'kept'), [('"' + 'x' * 79_000 + '"', True), ('"' + '\\\\' * 45_000 + '"', False)]
)
def test_output_that_fits_no_answer_is_reported(states: Any, output: str, *, kept: bool) -> None:
    name = start(states).execution_id
    described = states.describe_execution(
        executionArn=MACHINE.replace('stateMachine', 'execution') + f':{name}'
    )
    described = {k: v for k, v in described.items() if k != 'ResponseMetadata'}
    with Stubber(states) as stub:
        stub.add_response(
            'describe_execution', described | {'status': 'SUCCEEDED', 'output': output}
        )
        execution = get(states, name)

    assert execution.output_json == (output if kept else None)
    assert bool(execution.error) is not kept


@pytest.mark.parametrize('operation', ['StartExecution', 'DescribeExecution'])
@pytest.mark.parametrize(('fault', 'error'), FAULTS)
def test_failure_of_step_functions_is_reported(
    states: Any, operation: str, fault: str | Exception, error: type[Exception]
) -> None:
    execution_id = start(states).execution_id
    with failing(states, operation, fault), pytest.raises(error) as refusal:
        start(states) if operation == 'StartExecution' else get(states, execution_id)

    assert 'internal' not in str(refusal.value)


def test_state_machine_that_does_not_exist_is_reported(states: Any) -> None:
    request = StartWorkflowRequest(input_json=ORDER)

    with pytest.raises(errors.NotSetUp, match='WORKFLOW_STATE_MACHINE_ARN'):
        executions.start_workflow(states, MACHINE + '-missing', request, ANN)
