"""The statements of row-level security, which sqlglot does not know: read, and told apart.

https://docs.aws.amazon.com/redshift/latest/dg/t_rls.html
"""

import re
from collections.abc import Callable
from typing import NamedTuple, TypeVar

from sqlglot import exp, tokenize
from sqlglot.errors import TokenError
from sqlglot.tokenizer_core import Token, TokenType

from emulator.redshift.session.refused import Refused

# A protected table is kept under a name that begins so, and a view has its own.
HIDDEN = 'rls:'
SECURITY_VIEWS = ('svv_rls_policy', 'svv_rls_attached_policy', 'svv_rls_relation')

_BEGINNING = re.compile(
    r'(CREATE|ALTER|DROP|ATTACH|DETACH)\s+RLS\s+POLICY|ALTER\s+TABLE\s.*\sROW\s+LEVEL\s+SECURITY',
    re.IGNORECASE | re.DOTALL,
)
_IN_EACH = re.compile(r'\bRLS\b|\bSECURITY\b', re.IGNORECASE)
_Item = TypeVar('_Item')


class Name(NamedTuple):
    """The name of a table, with its schema if that is said."""

    schema: str
    table: str


class Grantee(NamedTuple):
    """To whom a policy is attached: a ``user``, a ``role`` or the ``public``."""

    name: str
    kind: str


class CreatePolicy(NamedTuple):
    """CREATE RLS POLICY."""

    name: str
    columns: tuple[tuple[str, str], ...]
    alias: str
    predicate: str


class AlterPolicy(NamedTuple):
    """ALTER RLS POLICY."""

    name: str
    predicate: str


class DropPolicy(NamedTuple):
    """DROP RLS POLICY."""

    name: str
    if_exists: bool
    cascade: bool


class AttachPolicy(NamedTuple):
    """ATTACH RLS POLICY, or DETACH."""

    name: str
    tables: tuple[Name, ...]
    grantees: tuple[Grantee, ...]
    attach: bool


class RowLevelSecurity(NamedTuple):
    """ALTER TABLE … ROW LEVEL SECURITY."""

    table: Name
    on: bool
    conjunction: str


Command = CreatePolicy | AlterPolicy | DropPolicy | AttachPolicy | RowLevelSecurity


def read(sql: str) -> Command | None:
    """Return what a statement of row-level security says; None for any other."""
    if not _IN_EACH.search(sql):
        return None
    try:
        tokens = tokenize(sql, read='redshift')
    except TokenError:
        return None
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        tokens.pop()
    if not tokens or not _BEGINNING.match(' '.join(token.text for token in tokens)):
        return None
    return _Reader(sql, tokens).command()


def refuse_hidden(tree: exp.Expr) -> None:
    """Refuse a statement that names a protected table as only the emulator may."""
    for identifier in tree.find_all(exp.Identifier):
        if identifier.name.lower().startswith(HIDDEN):
            raise Refused(f'relation "{identifier.name}" does not exist')


class _Reader:
    """The words of one statement, taken one after another."""

    def __init__(self, sql: str, tokens: list[Token]) -> None:
        self._sql = sql
        self._tokens = tokens
        self._at = 0

    def command(self) -> Command:
        """Read the statement whole."""
        verb = self._word('CREATE', 'ALTER', 'DROP', 'ATTACH', 'DETACH')
        if verb == 'ALTER' and self._has('TABLE'):
            found: Command = self._row_level_security()
        else:
            self._word('RLS')
            self._word('POLICY')
            readers: dict[str, Callable[[], Command]] = {
                'CREATE': self._create,
                'ALTER': self._alter,
                'DROP': self._drop,
                'ATTACH': lambda: self._attach(attach=True),
                'DETACH': lambda: self._attach(attach=False),
            }
            found = readers[verb]()
        if self._at < len(self._tokens):
            raise self._unexpected()
        return found

    def _create(self) -> Command:
        name, columns, alias = self._identifier(), [], ''
        if self._has('WITH'):
            self._word('(')
            columns = self._list(self._column)
            self._word(')')
            if self._has('AS') or not self._is_at('USING'):
                alias = self._identifier()
        self._word('USING')
        return CreatePolicy(name, tuple(columns), alias, self._parenthesis())

    def _alter(self) -> Command:
        name = self._identifier()
        self._word('USING')
        return AlterPolicy(name, self._parenthesis())

    def _drop(self) -> Command:
        if_exists = self._has('IF')
        if if_exists:
            self._word('EXISTS')
        name = self._identifier()
        cascade = self._has('CASCADE')
        if not cascade:
            self._has('RESTRICT')
        return DropPolicy(name, if_exists, cascade)

    def _attach(self, *, attach: bool) -> Command:
        name = self._identifier()
        self._word('ON')
        self._has('TABLE')
        tables = self._list(self._table)
        self._word('TO' if attach else 'FROM')
        return AttachPolicy(name, tuple(tables), tuple(self._list(self._grantee)), attach)

    def _row_level_security(self) -> Command:
        table = self._table()
        for word in ('ROW', 'LEVEL', 'SECURITY'):
            self._word(word)
        on = self._word('ON', 'OFF') == 'ON'
        conjunction = 'AND'
        if self._has('CONJUNCTION'):
            self._word('TYPE')
            conjunction = self._word('AND', 'OR')
        if self._has('FOR'):
            raise Refused('ROW LEVEL SECURITY FOR DATASHARES is not available in the emulator')
        return RowLevelSecurity(table, on, conjunction)

    def _column(self) -> tuple[str, str]:
        name, start, depth = self._identifier(), self._at, 0
        while depth or not (self._is_at(',') or self._is_at(')')):
            depth += self._is_at('(') - self._is_at(')')
            self._next()
        if self._at == start:
            raise self._unexpected()
        return name, self._text(start, self._at)

    def _grantee(self) -> Grantee:
        if self._has('ROLE'):
            return Grantee(self._identifier(), 'role')
        if self._has('PUBLIC'):
            return Grantee('public', 'public')
        return Grantee(self._identifier(), 'user')

    def _table(self) -> Name:
        names = [self._identifier()]
        while self._has('.'):
            names.append(self._identifier())
        if len(names) > 2:
            raise Refused('Cross-database reference is not supported')
        return Name(names[-2] if len(names) > 1 else '', names[-1])

    def _parenthesis(self) -> str:
        """Take a parenthesis, and return what is within it."""
        self._word('(')
        start, depth = self._at, 1
        while depth:
            depth += self._is_at('(') - self._is_at(')')
            self._next()
        if self._at - 1 == start:
            self._at -= 1
            raise self._unexpected()
        return self._text(start, self._at - 1)

    def _list(self, item: Callable[[], _Item]) -> list[_Item]:
        items = [item()]
        while self._has(','):
            items.append(item())
        return items

    def _identifier(self) -> str:
        token = self._next()
        if token.token_type == TokenType.IDENTIFIER:
            return token.text.lower()
        if token.token_type == TokenType.STRING or not re.fullmatch(r'[^\W\d]\w*', token.text):
            self._at -= 1
            raise self._unexpected()
        return token.text.lower()

    def _word(self, *words: str) -> str:
        for word in words:
            if self._has(word):
                return word
        raise self._unexpected()

    def _has(self, word: str) -> bool:
        found = self._is_at(word)
        self._at += found
        return found

    def _is_at(self, word: str) -> bool:
        if self._at == len(self._tokens):
            return False
        token = self._tokens[self._at]
        is_word = token.token_type not in (TokenType.IDENTIFIER, TokenType.STRING)
        return is_word and token.text.upper() == word

    def _next(self) -> Token:
        if self._at == len(self._tokens):
            raise self._unexpected()
        self._at += 1
        return self._tokens[self._at - 1]

    def _text(self, start: int, end: int) -> str:
        return self._sql[self._tokens[start].start : self._tokens[end - 1].end + 1]

    def _unexpected(self) -> Refused:
        if self._at == len(self._tokens):
            return Refused('syntax error at end of input')
        token = self._tokens[self._at]
        return Refused(f'syntax error at or near "{token.text}"\n  Position: {token.start + 1}')
