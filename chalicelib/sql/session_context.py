"""What goes before a caller's query, in the transaction of the two: who asks, and its limits.

Policies of row-level security read the person and the groups (docs/row_level_security.md). All of
it is local to the transaction. The values are literals, after a match that leaves nothing to
escape: the parameters of a batch would be replaced in the caller's query as well.
"""

import re
from collections.abc import Iterator

from chalicelib import observability
from chalicelib.identity import Caller
from chalicelib.sql import settings
from chalicelib.sql.errors import PersonNotSupported

_PERSON = re.compile(r'[0-9A-Za-z-]{8,64}')


def first_statement(caller: Caller) -> str:
    """Return the statement that tells the database who asks; raises PersonNotSupported."""
    return 'SELECT ' + ', '.join(
        f"set_config('{name}', '{value}', TRUE)" for name, value in _values(caller)
    )


def statement_name(caller: Caller) -> str:
    """Return what a statement is known by to operators: the ids of the person and of the call."""
    return f'{caller.sub}/{observability.request_id() or "no-call"}'


def _values(caller: Caller) -> Iterator[tuple[str, str]]:
    if not _PERSON.fullmatch(caller.sub):
        raise PersonNotSupported
    yield 'statement_timeout', str(settings.statement_timeout_seconds() * 1000)
    # It is shared between users, and no document says that a context variable is part of its key.
    yield 'enable_result_cache_for_session', 'off'
    yield settings.person_variable(), caller.sub
    yield (
        settings.groups_variable(),
        ''.join(f'|{group}' for group in caller.groups_that_count) + '|',
    )
