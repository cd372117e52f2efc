"""Powertools for AWS Lambda: its REST resolver, with validation of what goes in and out."""

# Only `make bench` installs the peers.
# pyright: reportMissingImports=false
# mypy: disable-error-code="import-not-found,untyped-decorator,no-any-return"

from typing import Any

from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from pydantic import BaseModel

resolver = APIGatewayRestResolver(enable_validation=True)


class Success(BaseModel):
    """A JSON object indicating success."""

    success: bool


@resolver.post('/my_route')
def my_route() -> Success:
    """Return a success message."""
    return Success(success=True)


def app(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer API Gateway."""
    return resolver.resolve(event, context)
