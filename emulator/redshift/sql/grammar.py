"""Redshift's grammar: what sqlglot's dialect takes and Redshift does not is a syntax error here.

Every call is read as it is written, a name and its arguments: what it means is not the grammar's
business, but that of the table of functions.
"""

from collections.abc import Callable, Collection
from typing import Any, ClassVar, TypeVar

from sqlglot import exp
from sqlglot.errors import ParseError
from sqlglot.tokenizer_core import Token, TokenType

from chalicelib.sql.dialect import RedshiftSql, RedshiftSqlParser
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.sql.reserved_words import RESERVED_WORDS

T = TypeVar('T')

_KEYWORD_CALLS = ('CAST', 'TRY_CAST', 'CONVERT', 'EXTRACT', 'TRIM', 'SUBSTRING', 'POSITION')
_NO_BRACKETS = {
    TokenType.CURRENT_DATE: 'current_date',
    TokenType.CURRENT_TIME: 'current_time',
    TokenType.CURRENT_TIMESTAMP: 'current_timestamp',
    TokenType.CURRENT_USER: 'current_user',
    TokenType.CURRENT_USER_ID: 'current_user_id',
    TokenType.LOCALTIME: 'localtime',
    TokenType.LOCALTIMESTAMP: 'localtimestamp',
    TokenType.SESSION_USER: 'session_user',
}
_ENDS_EARLY = 'at end of input'


class SyntaxRefused(ParseError):
    """A statement that is no Redshift SQL from ``token`` on."""

    def __init__(self, message: str, token: Token) -> None:
        super().__init__(message)
        self.token = token


def _constant(name: str) -> Callable[[], exp.Expr]:
    return lambda: exp.Anonymous(this=name)


def _without_brackets(name: str) -> Callable[['Parser'], exp.Expr]:
    return lambda _: exp.Anonymous(this=name)


def _operator(name: str) -> Callable[['Parser'], exp.Expr]:
    return lambda parser: exp.Anonymous(this=name, expressions=[parser._parse_unary()])


class Parser(RedshiftSqlParser):
    """Sqlglot's parser of Redshift without the words of other databases."""

    FUNCTIONS: ClassVar[dict[str, Callable[..., exp.Expr]]] = {}
    FUNCTION_PARSERS: ClassVar = {
        name: parse
        for name, parse in RedshiftSqlParser.FUNCTION_PARSERS.items()
        if name in (*_KEYWORD_CALLS, 'OBJECT_TRANSFORM')
    }
    NO_PAREN_FUNCTIONS: ClassVar = {token: _constant(name) for token, name in _NO_BRACKETS.items()}
    NO_PAREN_FUNCTION_PARSERS: ClassVar = {
        'ANY': RedshiftSqlParser.NO_PAREN_FUNCTION_PARSERS['ANY'],
        'CASE': RedshiftSqlParser.NO_PAREN_FUNCTION_PARSERS['CASE'],
        'APPROXIMATE': lambda self: self._parse_approximate(),
        **{
            name.upper(): _without_brackets(name)
            for name in ('sysdate', 'current_aws_account', 'current_namespace')
        },
    }
    RANGE_PARSERS: ClassVar = {
        token: RedshiftSqlParser.RANGE_PARSERS[token]
        for token in (
            TokenType.BETWEEN,
            TokenType.ILIKE,
            TokenType.IN,
            TokenType.IRLIKE,
            TokenType.IS,
            TokenType.LIKE,
            TokenType.OPERATOR,
            TokenType.OVERLAPS,
            TokenType.RLIKE,
            TokenType.SIMILAR_TO,
        )
    }
    UNARY_PARSERS: ClassVar = {
        **RedshiftSqlParser.UNARY_PARSERS,
        TokenType.PARAMETER: _operator('abs'),
        TokenType.PIPE_SLASH: _operator('sqrt'),
        TokenType.DPIPE_SLASH: _operator('cbrt'),
    }
    COLUMN_OPERATORS: ClassVar = {
        token: RedshiftSqlParser.COLUMN_OPERATORS[token]
        for token in (TokenType.DOT, TokenType.DCOLON)
    }
    JSON_OPERATORS: ClassVar[dict[TokenType, Callable[..., exp.Expr]]] = {}
    LAMBDAS: ClassVar[dict[TokenType, Callable[..., exp.Expr]]] = {}
    JOIN_METHODS: ClassVar = {TokenType.NATURAL}
    JOIN_KINDS: ClassVar = {TokenType.INNER, TokenType.OUTER, TokenType.CROSS}
    QUERY_MODIFIER_PARSERS: ClassVar = {
        token: RedshiftSqlParser.QUERY_MODIFIER_PARSERS[token]
        for token in (
            TokenType.WHERE,
            TokenType.GROUP_BY,
            TokenType.HAVING,
            TokenType.QUALIFY,
            TokenType.ORDER_BY,
            TokenType.LIMIT,
            TokenType.FETCH,
            TokenType.OFFSET,
            TokenType.FOR,
        )
    }

    def raise_error(self, message: str, token: Token | None = None) -> None:
        """Refuse the statement at the token that doesn't fit."""
        at = token or self._curr or self._prev or Token.string('')
        if not self._curr and not token and ('Expect' in message or 'Required' in message):
            message = _ENDS_EARLY
        raise SyntaxRefused(message, at)

    def _parse_csv(
        self, parse_method: Callable[[], T | None], sep: TokenType = TokenType.COMMA
    ) -> list[T]:
        """Read a list; after a comma something must follow."""
        found = parse_method()
        items = [found] if found is not None else []
        while self._match(sep):
            found = parse_method()
            if found is None:
                self.raise_error('Expected an item after the comma')
            else:
                items.append(found)
        return items

    def _parse_select_query(self, *args: Any, **kwargs: Any) -> exp.Expr | None:
        if self._match(TokenType.FROM, advance=False):
            return None
        found = super()._parse_select_query(*args, **kwargs)
        if not isinstance(found, exp.Query | exp.DML | exp.DDL | None):
            self.raise_error('Not a statement of Redshift', self._prev)
        return found

    def _parse_window(self, this: exp.Expr | None, alias: bool = False) -> exp.Expr | None:
        if self._match_pair(TokenType.FILTER, TokenType.L_PAREN, advance=False):
            self.raise_error('FILTER')
        return super()._parse_window(this, alias)

    def _parse_is(self, this: exp.Expr | None) -> exp.Expr | None:
        index = self._index
        self._match(TokenType.NOT)
        if self._match_text_seq('DISTINCT', 'FROM', advance=False):
            self.raise_error('IS DISTINCT FROM')
        self._retreat(index)
        return super()._parse_is(this)

    def _parse_bracket(self, this: exp.Expr | None = None) -> exp.Expr | None:
        literal = this is None and self._match(TokenType.L_BRACKET, advance=False)
        if literal or self._match(TokenType.L_BRACE, advance=False):
            self.raise_error('No literal of Redshift')
        return super()._parse_bracket(this)

    def _parse_star_ops(self) -> exp.Expr | None:
        return self.expression(exp.Star()).update_positions(self._prev)

    def _parse_table_sample(self, *_: bool, **__: bool) -> exp.TableSample | None:
        return None

    def _is_reserved_here(self) -> bool:
        token = self._curr
        quoted = not token or token.token_type in (TokenType.IDENTIFIER, TokenType.STRING)
        return not quoted and token.text.upper() in RESERVED_WORDS

    def _parse_alias(self, this: exp.Expr | None, explicit: bool = False) -> exp.Expr | None:
        if self._is_reserved_here_but_as():
            return this
        start = self._index
        found = super()._parse_alias(this, explicit)
        if isinstance(found, exp.Alias) and isinstance(found.args['alias'], exp.Placeholder):
            self._retreat(start)
            self.raise_error('A parameter is no name')
        return found

    def _parse_join(self, *args: Any, **kwargs: Any) -> exp.Join | None:
        after_comma = self._match(TokenType.COMMA, advance=False)
        found = super()._parse_join(*args, **kwargs)
        if found and not after_comma:
            free = found.kind == 'CROSS' or found.method
            if not (free or found.args.get('on') or found.args.get('using')):
                self.raise_error('Expected ON or USING')
        return found

    def _is_reserved_here_but_as(self) -> bool:
        return self._is_reserved_here() and not self._match(TokenType.ALIAS, advance=False)

    def _parse_table_alias(
        self, alias_tokens: Collection[TokenType] | None = None
    ) -> exp.TableAlias | None:
        if self._is_reserved_here_but_as():
            return None
        return super()._parse_table_alias(alias_tokens)

    def _parse_limit(
        self, this: exp.Expr | None = None, top: bool = False, skip_limit_token: bool = False
    ) -> exp.Expr | None:
        found = super()._parse_limit(this, top, skip_limit_token)
        if isinstance(found, exp.Limit) and found.args.get('offset'):
            raise SqlError('ERROR: LIMIT #,# syntax is not supported')
        return found

    def _parse_approximate(self) -> exp.Expr | None:
        """Read APPROXIMATE before COUNT and PERCENTILE_DISC as what is exact."""
        if self._next and self._next.token_type != TokenType.L_PAREN:
            self._retreat(self._index - 1)
            return None
        found = self._parse_function()
        if found is None:
            self.raise_error('APPROXIMATE')
        else:
            found.meta['approximate'] = True
        return found


class Redshift(RedshiftSql):
    """Redshift's SQL; what the emulator reads."""

    Parser = Parser


def syntax_error(sql: str, error: SyntaxRefused) -> str:
    """Say where a statement stops being Redshift's SQL, as Redshift does."""
    if str(error) == _ENDS_EARLY:
        return f'ERROR: syntax error at end of input\n  Position: {len(sql) + 1}'
    text = sql[error.token.start : error.token.end + 1]
    return f'ERROR: syntax error at or near "{text}"\n  Position: {error.token.start + 1}'
