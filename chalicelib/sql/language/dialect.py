"""Redshift's SQL where sqlglot's dialect does not read all of it; importing it loads sqlglot."""

from typing import Any, ClassVar

from sqlglot import TokenType, exp
from sqlglot.dialects.redshift import Redshift
from sqlglot.parsers.redshift import RedshiftParser

# Names in Redshift, and words of other databases, or of other statements, for sqlglot.
_NO_WORDS = (
    *('GLOB', 'PARTITIONED_BY', 'REGEXP', 'RETURNING', 'RLIKE', 'TABLESAMPLE', 'UNCACHE'),
    *('VARIADIC', 'XOR'),
)
_ALSO_NAMES = (
    *(TokenType.ALTER, TokenType.COPY, TokenType.DROP, TokenType.FETCH, TokenType.INSERT),
    *(TokenType.REVOKE, TokenType.ROLLBACK),
)
_POSTGRESQL_TYPES = ('ABSTIME', 'ACLITEM', 'RELTIME')


class RedshiftSqlParser(RedshiftParser):
    """Reads what a query of Redshift may hold beyond sqlglot's knowledge."""

    ID_VAR_TOKENS: ClassVar = {*RedshiftParser.ID_VAR_TOKENS, *_ALSO_NAMES}
    PATH_TOKENS: ClassVar = {*ID_VAR_TOKENS, TokenType.IDENTIFIER}
    UNARY_PARSERS: ClassVar = {
        **RedshiftParser.UNARY_PARSERS,
        # @ -5: the absolute value
        TokenType.PARAMETER: lambda self: self.expression(exp.Abs(this=self._parse_unary())),
    }

    def _parse_column(self) -> exp.Expr | None:
        """Read a column; a cast may follow the mark of an outer join: ``b.x (+)::varchar``."""
        column = super()._parse_column()
        marked = isinstance(column, exp.Column) and column.args.get('join_mark')
        return self._parse_column_ops(column) if marked else column

    def _parse_table(self, *args: Any, **options: Any) -> exp.Expr | None:
        """Read a table, or a part of a SUPER value: ``UNPIVOT c.orders[0] AS v AT a``."""
        start = self._index
        unpivot = self._match(TokenType.UNPIVOT)
        if not self._at_path_with_brackets():
            self._retreat(start)
            return super()._parse_table(*args, **options)
        path = self.expression(exp.Unnest(expressions=[self._parse_column()]))
        if alias := self._parse_table_alias():
            path.set('alias', exp.TableAlias(columns=[alias.this]))
        if self._match_text_seq('AT'):
            path.set('offset', self._parse_id_var())
        return self.expression(exp.Pivot(this=path, unpivot=True)) if unpivot else path

    def _at_path_with_brackets(self) -> bool:
        """Return whether names with dots between them lead from here to an opening bracket."""
        position = self._index
        while position + 1 < len(self._tokens):
            name, following = self._tokens[position : position + 2]
            if name.token_type not in self.PATH_TOKENS:
                return False
            if following.token_type != TokenType.DOT:
                return bool(following.token_type == TokenType.L_BRACKET)
            position += 2
        return False


class RedshiftSql(Redshift):
    """The dialect."""

    Parser = RedshiftSqlParser

    class Tokenizer(Redshift.Tokenizer):
        """Knows Redshift's names, its types from PostgreSQL, and # as an operator."""

        KEYWORDS: ClassVar = {
            **{
                word: token
                for word, token in Redshift.Tokenizer.KEYWORDS.items()
                if word not in _NO_WORDS
            },
            **dict.fromkeys(_POSTGRESQL_TYPES, TokenType.OBJECT_IDENTIFIER),
        }
        SINGLE_TOKENS: ClassVar = {**Redshift.Tokenizer.SINGLE_TOKENS, '#': TokenType.HASH}
