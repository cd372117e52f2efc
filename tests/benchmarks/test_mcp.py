"""The benchmarks of MCP calls: their arithmetic, and what counts as an answer."""

import json

import pytest

from benchmarks.mcp_calls import CALL, LIST, Times, check
from benchmarks.mcp_report import as_json, as_markdown, to_best
from benchmarks.measure import WrongAnswer
from benchmarks.report import Ratio
from benchmarks.zips import MCP_AWSLABS, MCP_SDK, THIS_APP

LISTED = {
    MCP_SDK: [Times(400, 200, 4), Times(500, 200, 4)],
    THIS_APP: [Times(100, 50, 1), Times(100, 50, 1)],
    MCP_AWSLABS: [Times(200, 100, 2), Times(1000, 100, 2)],
}
CALLED = {
    THIS_APP: [Times(120, 50, 1)],
    MCP_SDK: [Times(400, 200, 4)],
    MCP_AWSLABS: [Times(200, 100, 2)],
}
FOUR_TIMES = '4.00 x (4.00-4.00)'
MEASURED = {LIST: LISTED, CALL: CALLED}
TOOL = {'name': 'postSuccess', 'description': 'Succeeds.', 'inputSchema': {'type': 'object'}}
TEXT = {'type': 'text', 'text': '{"success": true}'}


def test_best_of_the_others_is_that_of_the_round() -> None:
    assert to_best(LISTED, 'cold') == Ratio(median=0.35, lowest=0.2, highest=0.5)


@pytest.mark.parametrize(
    'line',
    [
        'tools/list | cold | cold, compiled | warm',
        'this app | 100 ms | 50 ms | 1 ms',
        f'{MCP_SDK} | 450 ms, 4.50 x (4.00-5.00) | 200 ms, {FOUR_TIMES} | 4 ms, {FOUR_TIMES}',
        'tools/list, cold: at most 0.5 x the best of the others | 0.35 x (0.20-0.50) | yes',
        'tools/call, cold: at most 0.5 x the best of the others | 0.60 x (0.60-0.60) | no',
    ],
)
def test_tables_say_times_ratios_and_goals(line: str) -> None:
    shown = as_markdown(MEASURED).splitlines()

    assert line in [' | '.join(map(str.strip, row.strip('| ').split('|'))) for row in shown]


def test_json_has_every_single_time() -> None:
    found = as_json(MEASURED)

    assert json.loads(json.dumps(found))[CALL]['rounds'] == {
        name: [times._asdict() for times in rounds] for name, rounds in CALLED.items()
    }


def answer(result: object) -> dict[str, object]:
    """Return what a function answers."""
    return {'statusCode': 200, 'body': json.dumps({'jsonrpc': '2.0', 'id': 1, 'result': result})}


@pytest.mark.parametrize(
    ('method', 'result'),
    [
        (LIST, {'tools': [TOOL]}),
        (LIST, {'tools': [{'name': 'another'}, TOOL]}),
        (CALL, {'content': [TEXT]}),
        (CALL, {'content': [TEXT], 'isError': False, 'structuredContent': {'success': True}}),
    ],
)
def test_right_answer_is_taken(method: str, result: object) -> None:
    check(method, answer(result))


@pytest.mark.parametrize(
    ('method', 'wrong'),
    [
        (LIST, answer({'tools': []})),
        (LIST, answer({'tools': [TOOL | {'description': ''}]})),
        (LIST, answer({'tools': [TOOL | {'inputSchema': {'type': 'string'}}]})),
        (CALL, answer({'content': []})),
        (CALL, answer({'content': [TEXT | {'text': '{"success": false}'}]})),
        (CALL, answer({'content': [TEXT], 'isError': True})),
        (CALL, answer({'content': [TEXT], 'structuredContent': {}})),
        (CALL, {'statusCode': 401, 'body': '{"message": "Unauthorized"}'}),
        (CALL, {'statusCode': 202, 'body': ''}),
        (CALL, {'errorType': 'Runtime.ExitError'}),
    ],
)
def test_wrong_answer_ends_it(method: str, wrong: dict[str, object]) -> None:
    with pytest.raises(WrongAnswer):
        check(method, wrong)
