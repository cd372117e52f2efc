"""Where Redshift and DuckDB differ in what a parsed statement means, beyond what sqlglot knows."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from emulator.redshift.system_catalog import DB_USER

_FUNCTION_NAMES = {
    'datediff': 'date_diff',
    'dateadd': 'date_add',
    'extract': 'date_part',
    'trim': 'btrim',
    'length': 'len',
}
_TYPE_NAMES = {
    'bigint': 'int8',
    'boolean': 'bool',
    'char': 'bpchar',
    'decimal': 'numeric',
    'double precision': 'float8',
    'integer': 'int4',
    'real': 'float4',
    'smallint': 'int2',
    'timestamp with time zone': 'timestamptz',
}
_UNNAMED = '?column?'

Rule = Callable[[exp.Expr], exp.Expr]


def name_columns(tree: exp.Expr) -> None:
    """Give every computed column the name that Redshift gives it."""
    for select in tree.find_all(exp.Select):
        for column in select.expressions:
            if not isinstance(column, exp.Alias | exp.Column | exp.Star):
                column.replace(exp.alias_(column.copy(), _column_name(column), quoted=True))


def _column_name(node: exp.Expr) -> str:
    name = _UNNAMED
    match node:
        case exp.Column() | exp.Alias():
            name = node.alias_or_name
        case exp.Cast():
            name = _column_name(node.this)
            if name == _UNNAMED:
                type_name = node.to.sql('redshift').partition('(')[0].lower()
                name = _TYPE_NAMES.get(type_name, type_name)
        case exp.Paren() | exp.Window() | exp.WithinGroup():
            name = _column_name(node.this)
        case exp.Case() | exp.DecodeCase():
            name = 'case'
        case exp.Concat():
            name = 'concat'
        case exp.Subquery() if isinstance(node.this, exp.Select) and node.this.expressions:
            name = _column_name(node.this.expressions[0])
        case exp.Func() if not isinstance(node, exp.Binary):
            found = re.match(r'(?:approximate )?(\w+)', node.sql('redshift').lower())
            name = _FUNCTION_NAMES.get(found[1], found[1]) if found else _UNNAMED
    return name


def rewrite(tree: exp.Expr) -> None:
    """Rewrite a statement, whose root stays what it is."""
    # The inner nodes first: what an outer one becomes is not looked into again.
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule:
            node.replace(rule(node))


def _call(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _aggregate(name: str) -> Rule:
    """Use a macro, but where none can stand: with DISTINCT, and over other aggregates."""

    def rule(node: exp.Expr) -> exp.Expr:
        argument = node.this
        inner = [part.name for part in argument.find_all(exp.Anonymous)]
        nested = argument.find(exp.AggFunc) or {'redshift_sum', 'redshift_avg'} & set(inner)
        return node if nested or isinstance(argument, exp.Distinct) else _call(name, argument)

    return rule


def _cast(node: exp.Expr) -> exp.Expr:
    """DuckDB forgets the length of a text type, to which Redshift cuts."""
    length = node.args['to'].expressions
    if node.is_type(*exp.DataType.TEXT_TYPES) and length and length[0].name.isdigit():
        text = exp.cast(node.this, 'text', dialect='duckdb')
        return exp.Left(this=text, expression=exp.Literal.number(length[0].name))
    return node


def _concat(node: exp.Expr) -> exp.Expr:
    """DuckDB's concat skips NULL, Redshift's is NULL then."""
    joined: exp.Expr = node.expressions[0]
    for part in node.expressions[1:]:
        joined = exp.DPipe(this=joined, expression=part, safe=True)
    return joined


def _current_timestamp(node: exp.Expr) -> exp.Expr:
    return _call('redshift_sysdate' if node.args.get('sysdate') else 'getdate')


def _data_type(node: exp.Expr) -> exp.Expr:
    if node.this == exp.DType.SUPER:
        return exp.DataType.build('json', dialect='duckdb')
    if node.is_type('decimal') and not node.expressions:
        return exp.DataType.build('decimal(18, 0)', dialect='duckdb')
    if node.is_type(*exp.DataType.TEXT_TYPES) and not isinstance(node.parent, exp.Cast):
        return exp.DataType.build('text', dialect='duckdb')
    return node


def _extract(node: exp.Expr) -> exp.Expr:
    return exp.cast(node, 'bigint', copy=True) if node.name.upper() == 'EPOCH' else node


def _isnull(node: exp.Expr) -> exp.Expr:
    if node.name.upper() == 'ISNULL' and node.expressions:
        return exp.Coalesce(this=node.expressions[0], expressions=node.expressions[1:])
    return node


def _last_day(node: exp.Expr) -> exp.Expr:
    node.set('this', exp.cast(node.this, 'date'))
    return node


def _listagg(node: exp.Expr) -> exp.Expr:
    """Sqlglot takes the separator after DISTINCT for a second value."""
    if isinstance(node.this, exp.Distinct) and len(node.this.expressions) == 2:
        value, separator = node.this.expressions
        return exp.GroupConcat(this=exp.Distinct(expressions=[value]), separator=separator)
    return node


def _regexp_replace(node: exp.Expr) -> exp.Expr:
    """DuckDB replaces only the first match by default."""
    node.set('modifiers', exp.Literal.string('g'))
    return node


def _similar_to(node: exp.Expr) -> exp.Expr:
    if node.expression.is_string:
        pattern = node.expression.name.replace('%', '.*').replace('_', '.')
        node.set('expression', exp.Literal.string(pattern))
    return node


def _user(_: exp.Expr) -> exp.Expr:
    return exp.Literal.string(DB_USER)


_RULES: Mapping[type[exp.Expr], Rule] = {
    exp.Anonymous: _isnull,
    exp.Avg: _aggregate('redshift_avg'),
    exp.Cast: _cast,
    exp.Concat: _concat,
    exp.CurrentTimestamp: _current_timestamp,
    exp.CurrentUser: _user,
    exp.DataType: _data_type,
    exp.Extract: _extract,
    exp.GroupConcat: _listagg,
    exp.LastDay: _last_day,
    exp.RegexpReplace: _regexp_replace,
    exp.SessionUser: _user,
    exp.SimilarTo: _similar_to,
    exp.Sum: _aggregate('redshift_sum'),
    exp.Trunc: lambda node: _call('redshift_trunc', *filter(None, node.args.values())),
}
