"""What applies to a person's SQL, which the database itself is told of by each statement."""

from chalicelib.access import Reach
from chalicelib.identity import Caller
from chalicelib.sql import settings


def reach(_caller: Caller) -> Reach:
    """Tell a caller where SQL may read, and how much at once."""
    minutes = settings.statement_timeout_seconds() / 60
    return Reach(
        of='SQL',
        allowed=None,
        notes=[
            'listTables names the schemas and tables that may be read. A table may show each '
            'person other rows: the database knows who asks, and their groups.',
            f'A statement may take {minutes:g} minutes, and '
            f'{settings.statements_per_person()} of the person may run at once.',
        ],
    )
