"""AWS Labs' MCP handler for Lambda, without sessions."""

# Only `make bench` installs the peers.
# pyright: reportMissingImports=false
# mypy: disable-error-code="import-not-found,untyped-decorator,no-any-return"

import json
from typing import Any

from awslabs.mcp_lambda_handler import MCPLambdaHandler

server = MCPLambdaHandler('aws-middleware')


@server.tool()
def postSuccess() -> str:  # noqa: N802 - the tool's name is the function's
    """Return a success message."""
    return json.dumps({'success': True})


def app(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer API Gateway."""
    return server.handle_request(event, context)
