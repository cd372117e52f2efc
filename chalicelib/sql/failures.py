"""What a person is told when Redshift ends a statement with an error.

The class of the error is decided by what Redshift writes around the values of a statement: the
severity, and the beginning of the message. What stands further back may be data.
"""

import re

from chalice.app import ChaliceViewError

from chalicelib.errors import NotSetUp
from chalicelib.sql import settings
from chalicelib.sql.errors import DataNotPermitted, QueryFailed
from chalicelib.sql.language import rules

MAX_ERROR_CHARACTERS = 1_000

NO_DATABASE = NotSetUp('The REDSHIFT_ settings do not lead to a database')
# A statement of a batch is named by its number: the first tells the database who asks.
_SEVERITY = re.compile(r'\s*(?:Query #(?P<query>\d+) failed with )?(?P<severity>[A-Z]+):')
_NOT_PERMITTED = re.compile('permission denied for ')
_STOPPED = re.compile(
    r"Query (\(?\d+\)? )?cancelled on user's request|canceling statement due to statement timeout"
)
# What Redshift adds to its messages for those who run it.
_INTERNALS = re.compile(
    r'-{5,}|\[ErrorId:[^\]]*\]|^\s*(code|query|location|process):.*$', re.MULTILINE
)


def failure(error: str) -> ChaliceViewError:
    """Return the error for what the Data API says of a statement that failed."""
    found = _SEVERITY.match(error)
    if found and found['severity'] in ('FATAL', 'PANIC'):
        return NO_DATABASE
    if found and found['query'] == '1':
        return NotSetUp('Redshift does not take what tells it who asks')
    said = error[found.end() :] if found else error
    words = ' '.join(_INTERNALS.sub('', said).split())
    if _STOPPED.match(words):
        return stopped()
    if _NOT_PERMITTED.match(words):
        return DataNotPermitted(f'Redshift says: {_shortened(words)}')
    return QueryFailed('. '.join([f'Redshift says: {_shortened(words)}', *rules.about(words)]))


def stopped() -> QueryFailed:
    """Return the error for a statement that was ended before it was done."""
    return QueryFailed(
        'The statement was stopped: somebody cancelled it, or it took longer than the '
        f'{settings.statement_timeout_seconds():,} seconds that it may, or it ran over another '
        'limit. It may have asked for too much'
    )


def _shortened(words: str) -> str:
    return words[:MAX_ERROR_CHARACTERS].rstrip('.') or 'it failed'
