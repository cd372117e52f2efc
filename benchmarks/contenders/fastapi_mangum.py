"""FastAPI, served by Mangum."""

# Only `make bench` installs the peers.
# pyright: reportMissingImports=false
# mypy: disable-error-code="import-not-found,untyped-decorator,no-any-return"

from fastapi import FastAPI
from mangum import Mangum
from pydantic import BaseModel

api = FastAPI()


class Success(BaseModel):
    """A JSON object indicating success."""

    success: bool


@api.post('/my_route')
def my_route() -> Success:
    """Return a success message."""
    return Success(success=True)


app = Mangum(api, lifespan='off')
