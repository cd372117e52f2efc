"""The MCP endpoint and people: a batch is of one person, and no log tells what was asked."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support import scenario
from tests.support.mcp import local_stage
from tests.support.mcp.calls import BATCHING, call_tool, message, send
from tests.support.mcp.local_stage import JOE

SECRET = 'hunter2'


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """The settings and the data of the stage local."""
    with local_stage.running():
        yield


def with_secret(value: Any) -> Any:
    """Return arguments with the secret at the end of every text in them."""
    if isinstance(value, dict):
        return {name: with_secret(each) for name, each in value.items()}
    if isinstance(value, list):
        return [with_secret(each) for each in value]
    return f'{value} {SECRET}' if isinstance(value, str) else value


def test_batch_is_of_one_person(capsys: pytest.CaptureFixture[str]) -> None:
    calls = [message('tools/call', {'name': 'postSuccess'}, number) for number in range(2)]

    answers = send(json.dumps(calls), {'MCP-Protocol-Version': BATCHING}, claims=JOE).json

    assert [answer['id'] for answer in answers] == [0, 1]
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {line['sub'] for line in lines if line['operation'] == 'postSuccess'} == {JOE['sub']}


def test_nothing_of_a_call_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    seen: dict[str, dict[str, Any]] = {}
    for name, each in scenario.every().items():
        arguments = each.given(seen)
        seen[name] = call_tool(name, arguments).get('structuredContent', {})
        call_tool(name, with_secret(arguments))

    written = capsys.readouterr()
    assert written.out.count('"operation":') == 2 * len(seen)
    lines = [json.loads(line) for line in written.out.splitlines()]
    # By these an operator finds what was begun; they stand where they belong and nowhere else.
    said = written.err + str([{**line, 'statement_id': '', 'execution_id': ''} for line in lines])
    ids = {
        value for answer in seen.values() for name, value in answer.items() if name.endswith('_id')
    }
    assert not [hidden for hidden in [SECRET, *ids] if hidden in said]
