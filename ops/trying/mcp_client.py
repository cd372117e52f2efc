"""A small client of MCP: it calls one tool as ChatGPT does, over requests that carry a token.

https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import click
import requests

from openapi_lint.text.document import Document, Node
from ops.trying.limits import Limits, Received

REVISION = '2025-11-25'
Result = dict[str, Any]


class McpFailed(click.ClickException):
    """The server refused a message, or answered with something else than MCP."""


@dataclass(frozen=True)
class McpClient:
    """Calls tools of the server at ``url``; ``send`` sends a request and returns the answer."""

    url: str
    send: Callable[[requests.Request], tuple[Received, str]]

    def call_tool(self, name: str, arguments: Mapping[str, Any]) -> Result:
        """Shake hands and call a tool; return its result, which may be an error of the tool's own.

        Raises McpFailed.
        """
        hello = {
            'protocolVersion': REVISION,
            'capabilities': {},
            'clientInfo': {'name': 'ops try', 'version': '1'},
        }
        agreed = self._ask('initialize', hello).get('protocolVersion')
        headers = {'MCP-Protocol-Version': str(agreed)}
        self._post({'method': 'notifications/initialized'}, headers)
        return self._ask('tools/call', {'name': name, 'arguments': dict(arguments)}, headers)

    def _ask(
        self, method: str, params: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> Result:
        text = self._post({'id': 1, 'method': method, 'params': params}, headers or {})
        try:
            answer = json.loads(text)
            if 'error' in answer:
                raise McpFailed(f'{method} was refused: {str(answer["error"]["message"])[:300]}')
            result = answer['result']
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise McpFailed(f'The answer to {method} is no JSON-RPC: {text[:300]}') from error
        if not isinstance(result, dict):
            raise McpFailed(f'The answer to {method} holds no result: {text[:300]}')
        return result

    def _post(self, message: Mapping[str, Any], headers: Mapping[str, str]) -> str:
        """Send a message; return what stands in the answer."""
        received, text = self.send(
            requests.Request(
                'POST',
                self.url,
                data=json.dumps({'jsonrpc': '2.0', **message}, ensure_ascii=False).encode(),
                headers={
                    'Content-Type': 'application/json',
                    'Accept': 'application/json, text/event-stream',
                    **headers,
                },
            )
        )
        if received.status >= 400 and 'jsonrpc' not in text:
            raise McpFailed(f'{self.url} answered {received.status}: {text[:300]}')
        return text


def limits_of_mcp(limits: Limits) -> Limits:
    """Return the limits of a call over MCP: OpenAI names none, and Lambda answers with 6 MB."""
    return replace(limits, characters=6_000_000)


def arguments_of(
    document: Document,
    operation: Node,
    parameters: Mapping[str, str],
    body: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """Return the arguments of a tool for what an HTTP request of its operation would hold."""
    declared = {node['name'].text: node for node in document.parameters(operation)}
    return {
        **{
            name: _typed(document.resolve(declared[name]['schema'])['type'].value, text)
            for name, text in parameters.items()
        },
        **(body or {}),
    }


def _typed(type_: Any, text: str) -> Any:
    """Return a text of the command line as JSON has it, or as it is where it doesn't fit."""
    if type_ == 'string':
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def linked_files(result: Result) -> dict[str, list[Any]]:
    """Return the files that a result links to, as an answer over HTTP names them."""
    links = [part for part in _content(result) if part.get('type') == 'resource_link']
    return {'openaiFileResponse': [link.get('uri') for link in links]}


def text_of(result: Result) -> str:
    """Return what a result says to the model."""
    return '\n'.join(str(p.get('text')) for p in _content(result) if p.get('type') == 'text')


def _content(result: Result) -> list[dict[str, Any]]:
    content = result.get('content')
    return [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
