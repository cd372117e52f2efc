"""Which tests are slow, so that nobody has to mark one: `make test FAST=1` leaves them out.

A test is slow when it uses what starts a process, a browser or a project with all of its stages, by
itself, through a function of its module or through a fixture.
"""

import inspect
from collections.abc import Iterator, Mapping
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

# A test of which takes seconds.
_STARTING = {
    'benchmarks.imports',
    'benchmarks.person',
    'benchmarks.services',
    'ops.deployment.package',
    'subprocess',
    'tests.support.dev_process',
    'tests.support.mcp.conformance',
    'tests.support.mcp.dev_server',
    'tests.support.mcp.node',
    'tests.support.openapi_tools',
    'tests.support.people.chromium',
    'tests.support.stages.checkout',
    'tests.support.stages.deployed_function',
    'tests.support.stages.deployed_stage',
    'tests.support.stages.stage_on_emulator',
    'tests.support.stages.validators',
}


def mark(items: list[pytest.Item]) -> None:
    """Mark the tests that are slow, and say which ones a worker takes together.

    Those of a module share its fixtures. A slow one that shares none may go anywhere.
    """
    for item in items:
        assert isinstance(item, pytest.Function)
        fixtures = [each[-1] for each in item._fixtureinfo.name2fixturedefs.values() if each]
        shared = [each for each in fixtures if each.scope != 'function' and _is_of(each, item)]
        if any(map(_starts, [item.function, *(each.func for each in fixtures)])):
            item.add_marker(pytest.mark.slow)
            if not shared:
                continue
        item.add_marker(pytest.mark.xdist_group(item.nodeid.partition('::')[0]))


def _is_of(fixture: Any, item: pytest.Item) -> bool:
    return str(fixture.baseid) == item.nodeid.partition('::')[0]


@cache
def _starts(function: Any) -> bool:
    """Tell whether a function uses one of _STARTING, or another of its module that does."""
    seen: set[FunctionType] = set()
    found = [inspect.unwrap(function)]
    while found:
        known = found.pop()
        if not isinstance(known, FunctionType) or known in seen or not _is_of_tests(known):
            continue
        seen.add(known)
        for used in map(inspect.unwrap, _used(known)):
            home = used.__name__ if isinstance(used, ModuleType) else _home(used)
            if home in _STARTING:
                return True
            if home == known.__module__:
                methods = vars(used).values() if isinstance(used, type) else [used]
                found.extend(map(inspect.unwrap, methods))
    return False


def _is_of_tests(function: FunctionType) -> bool:
    return function.__module__.startswith('tests.')


def _home(used: Any) -> str:
    return str(getattr(used, '__module__', ''))


def _used(function: FunctionType) -> Iterator[Any]:
    known: Mapping[str, Any] = function.__globals__
    yield from (known[name] for name in _names(function.__code__) if name in known)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
