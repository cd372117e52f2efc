"""SQL that only reads: the check that a statement passes before Redshift gets it.

It is the first of two: the database user that runs the statement can only read (docs/sql.md).
What is sent is the text that was checked, so the check must read it as Redshift does. Text that
two parsers could read differently, such as a backslash before a quote, is therefore refused.
"""

import logging
import re
from collections.abc import Iterator
from itertools import pairwise

from chalicelib.sql.errors import StatementRefused

# AWS, "Considerations when calling the Amazon Redshift Data API".
MAX_STATEMENT_BYTES = 100_000

# Groups that repeat are atomic, (?>(?:...)*): before 3.11.5, Python finds too little for (?:...)*+.
_TOKEN = re.compile(
    r"""
      (?P<skipped> [ \t\r\n]++ | --[^\r\n]*+ | /\*(?>(?:[^*/]++|\*(?!/)|/(?!\*))*)\*/ )
    | (?P<string> '(?>(?:[^'\\]++|''|\\[^'])*)' )
    | (?P<word> \w++ | "(?>(?:[^"]++|"")*)" )
    | (?P<end> ; )
    | (?P<other> [+*<>=~!@\#%^&|?.,:()\[\]] | -(?!-) | /(?!\*) )
    """,
    re.VERBOSE,
)
_CONTROL_CHARACTER = re.compile(r'[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]')
_WITH_SIDE_EFFECTS = re.compile(
    'change_query_priority|change_session_priority|change_user_priority|dblink|lo_|nextval$|'
    'pg_(try_)?advisory_|pg_(cancel|create|drop|export|import|ls|notify|read|reload|rotate|'
    'start|stat_reset|stop|switch|terminate|write)_|pg_notify$|set_config$|setval$'
)


def check(sql: str) -> str:
    """Return the text of the one query that ``sql`` is, without the semicolon at its end.

    Raises StatementRefused, which says what is not allowed and what is.
    """
    if len(sql.encode()) > MAX_STATEMENT_BYTES:
        raise StatementRefused(f'A statement over {MAX_STATEMENT_BYTES:,} bytes is not allowed')
    tokens = list(_tokens(sql))
    end = len(sql)
    while tokens and tokens[-1].lastgroup == 'end':
        end = tokens.pop().start()
    if not tokens:
        raise StatementRefused('There is no statement')
    if any(token.lastgroup == 'end' for token in tokens):
        raise StatementRefused('More than one statement is not allowed')
    if tokens[0][0].upper() != 'SHOW':
        _check_functions(tokens)
        _check_query(sql, tokens[_words_of_explain(tokens) :], end)
    return sql[:end].strip()


def _tokens(sql: str) -> Iterator[re.Match[str]]:
    """Yield the words, strings and signs of a statement, without its spaces and comments."""
    position = 0
    if _CONTROL_CHARACTER.search(sql):
        raise StatementRefused('A control character is not allowed')
    while position < len(sql):
        token = _TOKEN.match(sql, position)
        if token is None:
            raise StatementRefused(
                f'`{sql[position : position + 20]}` can be read in more than one way. Write a '
                "quote within a text as '', close every text, name and comment, and use no $, `, "
                '{, }, \\ or comment within a comment outside of a text'
            )
        position = token.end()
        if token.lastgroup != 'skipped':
            yield token


def _words_of_explain(tokens: list[re.Match[str]]) -> int:
    words = [token[0].upper() for token in tokens[:2]]
    return 2 if words == ['EXPLAIN', 'VERBOSE'] else int(words[0] == 'EXPLAIN')


def _check_functions(tokens: list[re.Match[str]]) -> None:
    for name, after in pairwise(tokens):
        called = name[0].strip('"').lower()
        if after[0] == '(' and _WITH_SIDE_EFFECTS.match(called):
            raise StatementRefused(f'The function {called[:40]} is not allowed')


def _check_query(sql: str, tokens: list[re.Match[str]], end: int) -> None:
    first = tokens[0][0].upper() if tokens else 'EXPLAIN of nothing'
    if first not in ('SELECT', 'WITH', '('):
        raise StatementRefused(f'{first[:40]} is not allowed')
    # Loaded with the first statement: importing it takes longer than all the rest of a cold start.
    import sqlglot  # noqa: PLC0415
    from sqlglot import exp  # noqa: PLC0415
    from sqlglot.errors import SqlglotError  # noqa: PLC0415

    # It would log the text of what it does not know.
    logging.getLogger('sqlglot').setLevel(logging.CRITICAL)
    try:
        query = sqlglot.parse_one(sql[tokens[0].start() : end], dialect='redshift')
    except RecursionError as error:
        raise StatementRefused('A statement nested so deeply is not allowed') from error
    except SqlglotError as error:
        raise StatementRefused(f'This is not understood as Redshift SQL{_place(error)}') from error
    if not isinstance(query, exp.Query):
        raise StatementRefused(f'{query.key.upper()} is not allowed')
    changes = (exp.DDL, exp.DML, exp.Command)  # pyright: ignore[reportPrivateImportUsage]
    for part in query.walk():
        if isinstance(part, exp.Into):
            raise StatementRefused('SELECT INTO is not allowed')
        if isinstance(part, exp.Lock):
            raise StatementRefused('FOR UPDATE and FOR SHARE are not allowed')
        if isinstance(part, exp.CTE) and not isinstance(part.this, exp.Query):
            raise StatementRefused('Anything but a query after WITH is not allowed')
        if isinstance(part, changes):
            raise StatementRefused(f'{part.key.upper()} within a query is not allowed')


def _place(error: Exception) -> str:
    """Say where sqlglot stopped, in the words of the statement."""
    for problem in getattr(error, 'errors', []):
        if problem.get('highlight'):
            at = f'line {problem["line"]}, column {problem["col"]}'
            return f', at `{problem["highlight"][:40]}` ({at})'
    return ''
