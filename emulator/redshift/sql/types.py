"""The type of each part of a statement as Redshift's documentation says it, leaves first."""

from collections.abc import Callable, Mapping, Sequence

from sqlglot import exp

from emulator.redshift.functions.becomes import type_of
from emulator.redshift.functions.catalogue import CATALOGUE
from emulator.redshift.functions.types import (
    BOOL,
    SUPER,
    UNKNOWN,
    SqlType,
    common,
    of_data_type,
    product,
    quotient,
    total,
)

_MOMENTS = ('date', 'timestamp', 'timestamptz')


def set_type(node: exp.Expr) -> None:
    """Note the type of a node, whose parts have theirs."""
    if 'sql_type' in node.meta:
        return
    rule = _RULES.get(type(node))
    found = rule(node) if rule else None
    if found is None and isinstance(node, exp.Predicate | exp.Connector | exp.Not):
        found = BOOL
    if found:
        node.meta['sql_type'] = found


def arguments_of(node: exp.Anonymous) -> list[SqlType | None]:
    """Return the types of a call's arguments."""
    found = []
    for argument in node.expressions:
        inner = argument
        while isinstance(inner, exp.Distinct | exp.IgnoreNulls | exp.RespectNulls | exp.Order):
            inner = inner.expressions[0] if inner.expressions else inner.this
        found.append(type_of(inner))
    return found


def _literal(node: exp.Expr) -> SqlType:
    text = node.name
    if node.is_string:
        return UNKNOWN
    if not text.replace('.', '', 1).isdigit():
        return SqlType('float8')
    whole, _, fraction = text.partition('.')
    if '.' in text:
        return SqlType('numeric', max(len(whole.lstrip('0')) + len(fraction), 1), len(fraction))
    value = int(whole)
    for name, bits in (('int4', 31), ('int8', 63)):
        if value < 2**bits:
            return SqlType(name)
    return SqlType('numeric', len(whole))


def _call(node: exp.Expr) -> SqlType | None:
    becomes = CATALOGUE.get(node.name.lower())
    if not isinstance(node, exp.Anonymous) or not becomes or not becomes.returns:
        return None
    return becomes.returns(arguments_of(node))


def _inner(node: exp.Expr) -> SqlType | None:
    return type_of(node.this)


def _arithmetic(of: Callable[[SqlType, SqlType], SqlType]) -> Callable[[exp.Expr], SqlType | None]:
    def rule(node: exp.Expr) -> SqlType | None:
        left, right = type_of(node.this), type_of(node.expression)
        if not left or not right:
            return None
        if SUPER in (left, right):
            return SUPER
        widest = common(left, right)
        decimals = left.as_numeric, right.as_numeric
        if widest and widest.name == 'numeric' and decimals[0] and decimals[1]:
            return of(decimals[0], decimals[1])
        return widest

    return rule


def _sum(node: exp.Expr) -> SqlType | None:
    left, right = type_of(node.this), type_of(node.expression)
    if left and right and left.name in _MOMENTS:
        if right.name == 'interval':
            return SqlType('timestamp') if left.name == 'date' else left
        if right.name in _MOMENTS and isinstance(node, exp.Sub):
            return SqlType('int4' if left.name == right.name == 'date' else 'interval')
        return left
    if right and right.name in _MOMENTS:
        return right
    return _arithmetic(total)(node)


def _case(node: exp.Expr) -> SqlType | None:
    results = [branch.args.get('true') for branch in node.args['ifs']]
    if node.args.get('default') is not None:
        results.append(node.args['default'])
    return common(*(type_of(result) for result in results))


def _within_group(node: exp.Expr) -> SqlType | None:
    if node.this.name.lower() == 'percentile_disc' and node.expression.expressions:
        return type_of(node.expression.expressions[0].this)
    return type_of(node.this)


def _at_time_zone(node: exp.Expr) -> SqlType:
    given = type_of(node.this)
    return SqlType('timestamp' if given and given.name == 'timestamptz' else 'timestamptz')


def _subquery(node: exp.Expr) -> SqlType | None:
    query = node.this
    projections: Sequence[exp.Expr] = query.selects if isinstance(query, exp.Query) else ()
    return type_of(projections[0]) if projections else None


def _always(name: str) -> Callable[[exp.Expr], SqlType]:
    found = SqlType(name)
    return lambda _: found


def _step(node: exp.Expr) -> SqlType | None:
    return SUPER if type_of(node.this) == SUPER else None


def _cast(node: exp.Expr) -> SqlType | None:
    to = node.args['to']
    return of_data_type(to) if isinstance(to, exp.DataType) else None


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], SqlType | None]] = {
    exp.Add: _sum,
    exp.Alias: _inner,
    exp.Anonymous: _call,
    exp.AtTimeZone: _at_time_zone,
    exp.BitwiseAnd: _inner,
    exp.BitwiseNot: _inner,
    exp.BitwiseOr: _inner,
    exp.BitwiseXor: _inner,
    exp.Boolean: lambda _: BOOL,
    exp.Bracket: _step,
    exp.Case: _case,
    exp.Cast: _cast,
    exp.Concat: _always('varchar'),
    exp.DPipe: _always('varchar'),
    exp.Distinct: lambda node: type_of(node.expressions[0]) if node.expressions else None,
    exp.Div: _arithmetic(quotient),
    exp.Dot: _step,
    exp.Extract: _always('int4'),
    exp.IgnoreNulls: _inner,
    exp.Interval: _always('interval'),
    exp.Literal: _literal,
    exp.Mod: _arithmetic(lambda left, _: left),
    exp.Mul: _arithmetic(product),
    exp.Neg: _inner,
    exp.Null: lambda _: UNKNOWN,
    exp.Paren: _inner,
    exp.RespectNulls: _inner,
    exp.StrPosition: _always('int4'),
    exp.Sub: _sum,
    exp.Subquery: _subquery,
    exp.Substring: _always('varchar'),
    exp.Trim: _always('varchar'),
    exp.TryCast: _cast,
    exp.Window: _inner,
    exp.WithinGroup: _within_group,
}
