"""SQL over MCP: a statement is for whoever began it."""

from collections.abc import Iterator

import pytest

from tests.support.mcp import local_stage
from tests.support.mcp.calls import call_tool


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """The settings and the data of the stage local."""
    with local_stage.running():
        yield


def test_statement_of_somebody_else_is_as_if_it_were_not() -> None:
    statement = call_tool('executeSqlStatement', {'sql_statement': 'SELECT 1'})
    statement_id = statement['structuredContent']['statement_id']

    local_stage.check_is_of_one_person('getSqlStatement', statement_id, 'statement_id')
