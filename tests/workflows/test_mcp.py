"""Workflows over MCP: an execution is for whoever began it."""

from collections.abc import Iterator

import pytest

from tests.support.mcp import local_stage
from tests.support.mcp.calls import call_tool, result


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """The settings and the data of the stage local."""
    with local_stage.running():
        yield


def test_execution_of_somebody_else_is_not_found() -> None:
    execution = call_tool('startWorkflow', {'input_json': '{"quantity": 2}'})
    execution_id = execution['structuredContent']['execution_id']

    local_stage.check_is_of_one_person('getWorkflow', execution_id, 'execution_id')


def test_starting_may_change_and_reach_anything() -> None:
    (tool,) = (each for each in result('tools/list')['tools'] if each['name'] == 'startWorkflow')

    annotations = tool['annotations']
    assert {name: value for name, value in annotations.items() if name.endswith('Hint')} == {
        'readOnlyHint': False,
        'destructiveHint': True,
        'idempotentHint': False,
        'openWorldHint': True,
    }
