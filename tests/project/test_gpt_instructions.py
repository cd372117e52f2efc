"""The instructions for the GPT fit the field that they are pasted into, and name what there is."""

import re
from pathlib import Path

import pytest

from app import app
from chalicelib.routes import operation_routes

PAGE = (Path(__file__).parent.parent.parent / 'docs' / 'gpt_instructions.md').read_text()
INSTRUCTIONS = PAGE.partition('\n---\n')[2].strip()
OPERATIONS = {route.operation.id for route in operation_routes(app)}


def test_they_fit_the_field() -> None:
    assert 0 < len(INSTRUCTIONS) < 8_000


def test_their_beginning_stands_alone() -> None:
    assert len(INSTRUCTIONS.partition('\n\n')[0]) <= 512


def test_what_holds_for_all_operations_is_within_what_claude_code_keeps() -> None:
    assert len(INSTRUCTIONS.partition('\n\n## Questions about tables')[0]) <= 2_048


@pytest.mark.parametrize('operation_id', sorted(OPERATIONS - {'postSuccess'}))
def test_they_tell_when_to_call_an_operation(operation_id: str) -> None:
    assert operation_id in INSTRUCTIONS


def test_they_name_no_operation_that_is_not_there() -> None:
    named = re.findall(r'\b(?:[a-z]+[A-Z]\w+)\b', INSTRUCTIONS)

    assert set(named) - OPERATIONS == set()
