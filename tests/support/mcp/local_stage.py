"""The operations of this process over MCP, with the settings and the data of the stage local."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from emulator.server import run_in_thread
from tests.support.every_operation import SETTINGS
from tests.support.mcp.calls import call_tool
from tests.support.people.verified_calls import JANE

JOE = JANE | {'sub': '99999999-7d52-4a6e-9a57-0c1d2f3a4b5c', 'username': 'joe'}


@contextmanager
def running() -> Iterator[None]:
    """Run an emulator, with the settings of the stage local."""
    with run_in_thread() as emulator, pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        patch.setenv('AWS_ENDPOINT_URL', emulator.url)
        yield


def refusal(result: dict[str, Any]) -> str:
    """Return the text of a tool that failed."""
    assert result['isError'] is True
    (content,) = result['content']
    return str(content['text'])


def check_is_of_one_person(tool: str, known: str, argument: str) -> None:
    """Check that what Jane has begun is for Joe as if it were not there."""
    unknown = known[:-1] + ('0' if known[-1] != '0' else '1')

    assert call_tool(tool, {argument: known})['isError'] is False
    foreign = call_tool(tool, {argument: known}, claims=JOE)
    assert refusal(foreign) == refusal(call_tool(tool, {argument: unknown}))
