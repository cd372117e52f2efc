"""A call of every tool in its operation's scenario, whichever client makes it."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from app import app
from chalicelib.operations.routes import operation_routes
from tests.support import scenario

# The result of tools/call as it is sent.
Result = dict[str, Any]


def calls(results: Mapping[str, Result]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each tool with its arguments; those of one are made of the results before."""
    for name, each in scenario.every().items():
        seen = {name: result.get('structuredContent', {}) for name, result in results.items()}
        yield name, each.given(seen)


def content(result: Result) -> dict[str, Any]:
    """Return what a tool that worked has answered, which its text says too."""
    text = next(part['text'] for part in result['content'] if part['type'] == 'text')
    assert result['isError'] is False, text
    answer: dict[str, Any] = result['structuredContent']
    assert json.loads(text) == answer
    return answer


def files(result: Result) -> dict[str, bytes]:
    """Open the files that a tool hands over as a model's host does, without the token."""
    found = {}
    for link in (part for part in result['content'] if part['type'] == 'resource_link'):
        answer = requests.get(link['uri'], timeout=10)
        assert (answer.status_code, answer.headers['Content-Type']) == (200, link['mimeType'])
        assert link['name'] in answer.headers['Content-Disposition']
        found[link['name']] = answer.content
    return found


def check(results: Mapping[str, Result]) -> None:
    """Check what has come of every call."""
    assert set(results) == {route.operation.id for route in operation_routes(app)}
    for name, each in scenario.every().items():
        if each.refused:
            assert results[name]['isError'] is True
            assert each.refused in results[name]['content'][0]['text']
            continue
        each.check(content(results[name]))
        found = files(results[name])
        for file, beginning in each.files.items():
            assert found[file].startswith(beginning)
