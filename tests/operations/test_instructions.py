"""The instructions fit the places that take them, and name the operations that there are."""

import re

import pytest

import capabilities
from app import app
from chalicelib.operation import Operation
from chalicelib.operations import instructions
from chalicelib.operations.routes import operation_routes

EVERY = [route.operation for route in operation_routes(app)]
INSTRUCTIONS = instructions.about(EVERY)
OPERATIONS = {operation.id for operation in EVERY}


def test_they_fit_the_field() -> None:
    assert 0 < len(INSTRUCTIONS) < 8_000


def test_their_beginning_stands_alone() -> None:
    assert len(INSTRUCTIONS.partition('\n\n')[0]) <= 512


def test_what_holds_for_all_operations_is_within_what_claude_code_keeps() -> None:
    assert len(instructions.about([])) <= 2_048
    assert len(INSTRUCTIONS.partition('\n\n')[0] + instructions.about([])) <= 2_048


@pytest.mark.parametrize('operation', EVERY, ids=lambda each: each.id)
def test_they_tell_when_to_call_an_operation_of_a_capability(operation: Operation) -> None:
    """One of no capability has its description alone."""
    assert operation.id in INSTRUCTIONS or operation.capability is None, (
        f'Say in chalicelib/{operation.capability}/instructions.md when to call {operation.id}.'
    )


@pytest.mark.parametrize('left_out', capabilities.NAMES)
def test_they_name_no_operation_that_is_not_there(left_out: str) -> None:
    there = [each for each in EVERY if each.capability != left_out]
    named = re.findall(r'\b(?:[a-z]+[A-Z]\w+)\b', instructions.about(there))

    assert set(named) - {each.id for each in there} == set()
