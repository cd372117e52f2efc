"""What applies to a person's SQL, which the database itself is told of by each statement."""

from chalicelib.identity import Caller
from chalicelib.person.rights import Reach
from chalicelib.sql import settings


def reach(_caller: Caller) -> Reach:
    """Tell a caller where SQL may read, and how much at once."""
    minutes, at_once = settings.statement_timeout_seconds() / 60, settings.statements_per_person()
    tables = 'listTables names the schemas and tables. Of a table, others may see other rows.'
    limits = f'A statement may take {minutes:g} minutes; {at_once} of the person may run at once.'
    return Reach(of='SQL', allowed=None, notes=[tables, limits])
