"""A query parsed, with no more work than its length explains; importing this loads sqlglot.

sqlglot may try one reading, go back and try another. Where such tries hold each other, every level
doubles the work: ``date(date(date(…``. So what is read again is counted.
"""

import gc
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar, NamedTuple

from sqlglot import exp
from sqlglot.errors import SqlglotError

from chalicelib.sql.language.dialect import RedshiftSql, RedshiftSqlParser
from chalicelib.sql.language.tokens import NotUnderstood

# Beside one for each token, which flat statements need at most; those of people need a few dozen.
MAX_TOKENS_READ_AGAIN = 5_000

# Most of a tree, and nothing to look at.
_HARMLESS = (exp.Identifier, exp.Column, exp.Literal)
# Functions with words between their arguments: all others are read alike.
_WITH_GRAMMAR = (
    *('CAST', 'CONVERT', 'EXTRACT', 'OBJECT_TRANSFORM', 'POSITION', 'SUBSTRING', 'TRIM'),
    'TRY_CAST',
)


class _ReadTooOften(Exception):
    """Tokens were read again and again."""


class _Parser(RedshiftSqlParser):
    """Leaves functions as they are written, and gives up in time."""

    FUNCTIONS: ClassVar = {
        name: RedshiftSqlParser.FUNCTIONS[name] for name in ('COUNT', 'PERCENTILE_DISC')
    }
    FUNCTION_PARSERS: ClassVar = {
        name: RedshiftSqlParser.FUNCTION_PARSERS[name] for name in _WITH_GRAMMAR
    }
    SUPPORTS_IMPLICIT_UNNEST = False

    def reset(self) -> None:
        """Count from the start."""
        super().reset()
        self._read_again = 0

    def _retreat(self, index: int) -> None:
        self._read_again += self._index - index
        if self._read_again > MAX_TOKENS_READ_AGAIN + self._tokens_size:
            raise _ReadTooOften
        super()._retreat(index)


class _Dialect(RedshiftSql):
    Parser = _Parser


class Tree(NamedTuple):
    """What a query is, and where in its text.

    ``acts`` says what in it is no query, if anything is. ``relations`` are schemas and names.
    ``names`` are the starts of the names and values in the tree, ``tables_with_columns`` those of
    the names of tables that columns are listed after, ``tokens`` those of all that was parsed.
    """

    acts: str
    relations: list[tuple[str, str]]
    names: set[int]
    tables_with_columns: set[int]
    tokens: set[int]


def parse(sql: str) -> Tree:
    """Return what a query is.

    Raises NotUnderstood for what is not understood, or not with little work.
    """
    # It would log the text of what it does not know.
    logging.getLogger('sqlglot').setLevel(logging.CRITICAL)
    dialect = _Dialect()
    try:
        with _nothing_collected():
            tokens = dialect.tokenize(sql)
            root = dialect.parser().parse(tokens, sql)[0]
    except (RecursionError, _ReadTooOften) as error:
        raise NotUnderstood('A statement nested so deeply is not allowed') from error
    except SqlglotError as error:
        raise NotUnderstood(f'This is not understood as Redshift SQL{_place(error)}') from error
    if root is None:
        raise NotUnderstood('This is not understood as Redshift SQL')
    return _tree(root, {token.start for token in tokens})


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Let no garbage be looked for: a large tree has none, and that takes half as long again."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tree(root: exp.Expr, tokens: set[int]) -> Tree:
    tree = Tree('', [], set(), set(), tokens)
    if not isinstance(root, exp.Query):
        return tree._replace(acts=root.key.upper())
    for node in root.walk():
        if (start := node.meta_get('start')) is not None:
            tree.names.add(start)
        if isinstance(node, _HARMLESS):
            continue
        if acts := _acts(node):
            return tree._replace(acts=acts)
        if isinstance(node, exp.TableAlias) and node.this and _has_columns(node):
            tree.tables_with_columns.add(node.this.meta['start'])
        tree.relations.extend(_relations(node))
    return tree


def _acts(node: exp.Expr) -> str:
    """Say what a node is, if it is no part of a query that only reads."""
    if isinstance(node, exp.Into):
        return 'SELECT INTO'
    if isinstance(node, exp.Lock):
        return 'FOR UPDATE'
    if isinstance(node, exp.CTE) and not isinstance(node.this, exp.Query):
        return 'Anything but a query after WITH'
    if isinstance(node, exp.Table) and not isinstance(node.this, (exp.Identifier, exp.Func)):
        return 'A table without a name'
    if isinstance(node, (exp.DDL, exp.DML, exp.Command)):
        return node.key.upper()
    return ''


def _has_columns(alias: exp.TableAlias) -> bool:
    columns = alias.columns
    return bool(columns) and all(isinstance(c, (exp.Identifier, exp.ColumnDef)) for c in columns)


def _relations(node: exp.Expr) -> Iterator[tuple[str, str]]:
    """Yield the relations that a node names, each as schema and name, as Redshift folds them."""
    if isinstance(node, exp.Table) and isinstance(node.this, exp.Identifier):
        yield node.db.lower(), node.name.lower()
    elif isinstance(node, (exp.Unnest, exp.AtIndex)):
        for column in node.find_all(exp.Column):
            path = [part.name.lower() for part in column.parts]
            yield '', path[0]


def _place(error: Exception) -> str:
    """Say where sqlglot stopped, in the words of the statement."""
    for problem in getattr(error, 'errors', []):
        if problem.get('highlight'):
            at = f'line {problem["line"]}, column {problem["col"]}'
            return f', at `{problem["highlight"][:40]}` ({at})'
    return ''
