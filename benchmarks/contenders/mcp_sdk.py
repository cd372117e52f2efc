"""The official SDK's server: Streamable HTTP, stateless, with JSON answers, through Mangum."""

# Only `make bench` installs the peers.
# pyright: reportMissingImports=false
# mypy: disable-error-code="import-not-found,untyped-decorator,no-any-return"

import asyncio

from mangum import Mangum
from mcp.server import MCPServer
from pydantic import BaseModel

server = MCPServer('aws-middleware')


class Success(BaseModel):
    """A JSON object indicating success."""

    success: bool


@server.tool(name='postSuccess')
def post_success() -> Success:
    """Return a success message."""
    return Success(success=True)


# A host other than localhost: the check of the Host header is API Gateway's.
http = server.streamable_http_app(json_response=True, stateless_http=True, host='0.0.0.0')

# Its task group can be entered only once, so it stays open between invocations.
loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
sessions = server.session_manager.run()
loop.run_until_complete(sessions.__aenter__())

app = Mangum(http, lifespan='off')
