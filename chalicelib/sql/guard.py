"""SQL that only reads: the check that a statement passes before Redshift gets it.

It is the first of two: the database user that runs the statement can only read (docs/sql.md).
What is sent is the text that was checked, so the check must read it as Redshift does:

1. The text is cut into tokens; what two readers could cut in two ways is refused.
2. Tokens alone show most of what acts: a second statement, INTO, a function that is not known to
   only read.
3. A parser makes a tree of them, which has the queries, the relations and the names.
4. Tokens and tree are compared: each word is a name in the tree, a function that was checked, or
   grammar. So nothing is in the text that the parser dropped or misread.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from chalicelib.sql import settings
from chalicelib.sql.errors import StatementRefused
from chalicelib.sql.functions import FUNCTIONS
from chalicelib.sql.language import parsing, relations, rules, tokens, words
from chalicelib.sql.language.tokens import NotUnderstood, Token

# AWS, "Considerations when calling the Amazon Redshift Data API".
MAX_STATEMENT_BYTES = 100_000
MAX_DEPTH = 50

_CLOSING = {'(': ')', '[': ']'}
_NOTHING = Token('', '', -1, '')
_NAME = '(?:"|[A-Z_][^ ]*)'
_SHOW = re.compile(
    f'SHOW (DATABASES|SCHEMAS FROM DATABASE {_NAME}|TABLES FROM SCHEMA {_NAME}( [.] {_NAME})?'
    f"|COLUMNS FROM TABLE {_NAME}( [.] {_NAME}){{1,2}})( LIKE ')?( LIMIT [0-9]+)?"
)


def check(sql: str) -> str:
    """Return the text of the one query that ``sql`` is, without the semicolon at its end.

    Raises StatementRefused, which says what is not allowed and what is.
    """
    if len(sql.encode()) > MAX_STATEMENT_BYTES:
        raise StatementRefused(f'A statement over {MAX_STATEMENT_BYTES:,} bytes is not allowed')
    try:
        return _checked(sql)
    except NotUnderstood as error:
        raise StatementRefused(str(error)) from error


def _checked(sql: str) -> str:
    statement = list(tokens.read(sql))
    end = len(sql)
    while statement and statement[-1].word == ';':
        end = statement.pop().start
    if not statement:
        raise StatementRefused('There is no statement')
    if any(token.word == ';' for token in statement):
        raise StatementRefused('More than one statement is not allowed')
    if statement[0].word == 'SHOW':
        _check_show(statement)
    else:
        _check_query(sql[:end], _explained(statement))
    return sql[:end].strip()


def _check_show(statement: Sequence[Token]) -> None:
    shape = ' '.join(token.word or token.text[0] for token in statement)
    if not _SHOW.fullmatch(shape):
        raise StatementRefused(
            'SHOW is allowed as SHOW DATABASES, SHOW SCHEMAS FROM DATABASE, SHOW TABLES FROM '
            'SCHEMA and SHOW COLUMNS FROM TABLE, with LIKE and LIMIT'
        )


def _explained(statement: Sequence[Token]) -> Sequence[Token]:
    """Return what EXPLAIN explains, or else the whole statement."""
    if statement[0].word != 'EXPLAIN':
        return statement
    return statement[2 if statement[1:2] and statement[1].word == 'VERBOSE' else 1 :]


def _check_query(sql: str, query: Sequence[Token]) -> None:
    first = (query[0].word or query[0].text) if query else 'EXPLAIN OF NOTHING'
    if first not in ('SELECT', 'WITH', '('):
        raise StatementRefused(f'{first[:40]} is not allowed')
    _check_brackets(query)
    _check_pairs(query)
    # Spaces stand for what is before, so that both readers count from the same start.
    start = query[0].start
    tree = parsing.parse(' ' * start + sql[start:])
    if not {token.start for token in query}.issuperset(tree.tokens):
        raise StatementRefused('This can be read in more than one way')
    if tree.acts:
        raise StatementRefused(f'{tree.acts} is not allowed')
    for schema, name in tree.relations:
        if not relations.is_readable(schema, name):
            raise StatementRefused(
                f'The system table {name[:40]} is not allowed: it tells what others ran or may do. '
                'Write the schema before the name of a table of your own'
            )
    _check_calls(query, tree)
    _check_words(query, tree)


def _check_brackets(query: Sequence[Token]) -> None:
    expected: list[str] = []
    for token in query:
        if closing := _CLOSING.get(token.word):
            expected.append(closing)
        elif token.word in _CLOSING.values() and (not expected or expected.pop() != token.word):
            raise StatementRefused(f'A `{token.word}` closes nothing')
        if len(expected) > MAX_DEPTH:
            raise StatementRefused('A statement nested so deeply is not allowed')
    if expected:
        raise StatementRefused(f'A `{expected[-1]}` is missing')


def _check_pairs(query: Sequence[Token]) -> None:
    """Refuse what two words in a row say, whatever a parser makes of it."""
    for token, following in pairwise([*query, _NOTHING]):
        if 'INTO' in (token.word, following.word):
            what = 'INSERT' if token.word == 'INSERT' else 'SELECT'
            raise StatementRefused(f'{what} INTO is not allowed')
        if token.word == 'FOR' and following.word in ('UPDATE', 'SHARE'):
            raise StatementRefused('FOR UPDATE and FOR SHARE are not allowed')


def _check_calls(query: Sequence[Token], tree: parsing.Tree) -> None:
    """Refuse each function that is not known to only read.

    A name before a bracket is one, unless the tree has it as a table's, before the table's columns,
    or the bracket holds the plus of an outer join.
    """
    for position, (token, following) in enumerate(pairwise(query)):
        if following.word != '(' or token.kind not in ('word', 'name'):
            continue
        if token.start in tree.tables_with_columns or _is_outer_join(
            query[position + 2 : position + 4]
        ):
            continue
        path = tuple(_path_before(query, position))
        if path or not _is_grammar(token, query[position + 2], tree):
            _check_call(path, token.name)


def _is_outer_join(within: Sequence[Token]) -> bool:
    return [token.word for token in within] == ['+', ')']


def _path_before(query: Sequence[Token], position: int) -> Iterator[str]:
    """Yield the names before a name, with dots between them, from right to left."""
    while position >= 2 and query[position - 1].word == '.':
        position -= 2
        yield query[position].name


def _is_grammar(token: Token, within: Token, tree: parsing.Tree) -> bool:
    """Return whether a bracket after a word opens no call, but a list or the length of a type."""
    if token.word in words.TYPES_WITH_LENGTH:
        return within.word == 'MAX' or within.word.isdigit()
    return token.word in words.BEFORE_BRACKETS and token.start not in tree.names


def _check_call(path: tuple[str, ...], name: str) -> None:
    builtin = FUNCTIONS.get(name) if path[:1] in ((), ('pg_catalog',)) else None
    effect = builtin.effect if builtin else 'unknown'
    if effect == 'reads':
        return
    if effect == 'acts':
        raise StatementRefused(f'The function {name} is not allowed: it acts')
    schema = path[0] if path else ''
    if {f'{schema}.{name}' if schema else name, f'{schema}.*'} & settings.sql_functions():
        return
    if effect == 'tells':
        raise StatementRefused(f'The function {name} is not allowed: it tells what others did')
    written = '.'.join([*reversed(path), name])
    own = "If it is the company's own, whoever runs this API can allow it with SQL_FUNCTIONS"
    raise StatementRefused(
        f"The function {written[:80]} is not allowed: it is none of Redshift's that only read. "
        + next(rules.about(f'function {written}('), own)
    )


def _check_words(query: Sequence[Token], tree: parsing.Tree) -> None:
    """Refuse a word that is neither a name in the tree nor grammar: the parser has dropped it.

    And refuse a name that can't be one: the parser has misread it.
    """
    before, opened_by = _NOTHING, ''
    for token, following in pairwise([*query, _NOTHING]):
        in_tree = token.start in tree.names
        if in_tree and token.word in words.RESERVED and before.word not in ('AS', '.'):
            raise StatementRefused(f'{token.word} is not allowed here; a name, write in quotes')
        is_name = token.kind in ('word', 'name') and not token.text[0].isdigit()
        is_read = in_tree or token.word in words.GRAMMAR or opened_by == 'EXTRACT'
        if is_name and not is_read and following.word != '(':
            raise StatementRefused(f'`{token.text[:40]}` is not understood where it stands')
        opened_by = before.word if token.word == '(' else ''
        before = token
