"""An operation called as a tool: over MCP, as a plugin of ChatGPT does."""

import json
from dataclasses import dataclass, replace
from typing import Any

from ops.app_clients import mcp_connection
from ops.app_clients.mcp_connection import McpConnection
from ops.stage.stage import Stage
from ops.trying.front import CallRefused, Preview, print_answer
from ops.trying.mcp_client import McpClient, limits_of_mcp, linked_files, text_of
from ops.trying.signed_in_call import SignedInCall


@dataclass(frozen=True)
class Tool:
    """A tool of the server at ``server_url``, and the arguments of the call."""

    name: str
    arguments: dict[str, Any]
    server_url: str
    token_file: str

    def preview(self) -> Preview:
        """Return the name and the arguments."""
        return Preview(f'the tool {self.name}', json.dumps(self.arguments, ensure_ascii=False))

    def connect(self, stage: Stage, wanted: str | None) -> McpConnection:
        """Read how an MCP client signs people in."""
        return mcp_connection.connect(stage, wanted)

    def call(self, send: SignedInCall) -> object:
        """Call the tool; the files are those that its result links to."""
        client = McpClient(self.server_url, replace(send, limits=limits_of_mcp(send.limits)))
        result = client.call_tool(self.name, self.arguments)
        if result.get('isError'):
            print_answer(text_of(result))
            raise CallRefused(f'{self.name} answered with an error.')
        print_answer(json.dumps(result.get('structuredContent')))
        return linked_files(result)
