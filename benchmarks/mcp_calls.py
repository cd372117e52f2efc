"""MCP calls measured: listing the tools and calling one, cold and warm."""

import json
import statistics
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.measure import AS_DEPLOYED, WrongAnswer, elapsed_ms
from ops.packaging.lambda_runtime import EVENT, Function, gateway_event, serve

LIST, CALL = 'tools/list', 'tools/call'
WARM_CALLS = 100
_PARAMS: dict[str, dict[str, Any]] = {LIST: {}, CALL: {'name': 'postSuccess', 'arguments': {}}}
_HEADERS = {
    **EVENT['headers'],
    'Accept': 'application/json, text/event-stream',
    # The last revision that all of them take without a session and without `_meta`.
    'MCP-Protocol-Version': '2025-06-18',
}


class Times(NamedTuple):
    """How long one contender took for one method in one round, in milliseconds.

    As in measure.py: a first invocation, one with bytecode at hand, and a later one.
    """

    cold: float
    compiled: float
    warm: float


Measured = Mapping[str, Mapping[str, list[Times]]]


def measure(zips: Mapping[str, Path], rounds: Iterable[int], bytecode: Path) -> Measured:
    """Measure every contender once a round, for both methods; ``bytecode`` is an empty folder."""
    compiled = {
        **AS_DEPLOYED,
        'PYTHONDONTWRITEBYTECODE': '',
        'PYTHONPYCACHEPREFIX': str(bytecode),
    }
    times: dict[str, dict[str, list[Times]]] = {m: {name: [] for name in zips} for m in _PARAMS}
    for method in _PARAMS:
        for task_root in zips.values():
            _first_ms(task_root, compiled, method)
    for _ in rounds:
        for method in _PARAMS:
            for name, task_root in zips.items():
                cold, warm = _first_and_later_ms(task_root, method)
                with_bytecode = _first_ms(task_root, compiled, method)
                times[method][name].append(Times(cold, with_bytecode, warm))
    return times


def _first_and_later_ms(task_root: Path, method: str) -> tuple[float, float]:
    with serve(task_root, AS_DEPLOYED) as function:
        return _call_ms(function, method), statistics.median(
            _call_ms(function, method) for _ in range(WARM_CALLS)
        )


def _first_ms(task_root: Path, environment: Mapping[str, str], method: str) -> float:
    with serve(task_root, environment) as function:
        return _call_ms(function, method)


def _call_ms(function: Function, method: str) -> float:
    asked = {'jsonrpc': '2.0', 'id': 1, 'method': method, 'params': _PARAMS[method]}
    event = gateway_event(
        'POST',
        '/mcp',
        headers=_HEADERS,
        multiValueHeaders={name: [value] for name, value in _HEADERS.items()},
        body=json.dumps(asked),
    )
    answer, milliseconds = elapsed_ms(lambda: function.invoke(event))
    check(method, answer)
    return milliseconds


def check(method: str, answer: Mapping[str, Any]) -> None:
    """Raise WrongAnswer unless postSuccess is there to be called, or has been."""
    try:
        result = json.loads(answer['body'])['result']
        is_right = _lists_it(result) if method == LIST else _has_called_it(result)
    except (LookupError, TypeError, ValueError):
        is_right = False
    if not is_right:
        raise WrongAnswer(str(answer))


def _lists_it(result: Any) -> bool:
    (tool,) = (tool for tool in result['tools'] if tool['name'] == 'postSuccess')
    return bool(tool['description'] and tool['inputSchema']['type'] == 'object')


def _has_called_it(result: Any) -> bool:
    (content,) = result['content']
    answers = [json.loads(content['text']), result.get('structuredContent', {'success': True})]
    return not result.get('isError') and answers == [{'success': True}] * 2
