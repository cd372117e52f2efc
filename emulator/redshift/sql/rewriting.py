"""A statement as DuckDB means it: each part that it would read in another way is rewritten."""

import re
from collections.abc import Callable, Mapping

from sqlglot import exp

from emulator.redshift.functions.becomes import call, type_of
from emulator.redshift.functions.catalogue import CATALOGUE, duckdb_name
from emulator.redshift.functions.comparable import COMPARISON_MACROS
from emulator.redshift.functions.dates import extracted, moment
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.functions.types import BOOL, SUPER, SqlType, of_data_type
from emulator.redshift.sql import comparisons, numbers

Rule = Callable[[exp.Expr], exp.Expr]
_DATES = ('date', 'timestamp', 'timestamptz')
_WINDOWS = {
    'first_value': exp.FirstValue,
    'lag': exp.Lag,
    'last_value': exp.LastValue,
    'lead': exp.Lead,
    'nth_value': exp.NthValue,
}


def rewrite(tree: exp.Expr) -> None:
    """Rewrite a statement, whose root stays what it is."""
    # The inner nodes first: what an outer one becomes is not looked into again.
    for node in reversed(list(tree.walk())):
        rule = _RULES.get(type(node))
        if rule:
            kind = type_of(node)
            becomes = rule(node)
            if becomes is not node:
                if kind:
                    becomes.meta['sql_type'] = kind
                node.replace(becomes)


def _call(node: exp.Expr) -> exp.Expr:
    name = node.name.lower()
    becomes = CATALOGUE.get(name)
    if not isinstance(node, exp.Anonymous) or becomes is None:
        return node
    if becomes.rule:
        made = becomes.rule(node)
        return made if isinstance(node.parent, exp.Window) else _as_declared(made, made)
    node.set('this', duckdb_name(name))
    return node


def _data_type(node: exp.Expr) -> exp.Expr:
    if node.this == exp.DType.SUPER:
        return exp.DataType.build('variant', dialect='duckdb')
    if isinstance(node.this, exp.Interval):
        return exp.DataType.build('interval', dialect='duckdb')
    if node.is_type('double'):
        return exp.DataType.build('double', dialect='duckdb')
    if node.is_type('decimal') and not node.expressions:
        return exp.DataType.build('decimal(18, 0)', dialect='duckdb')
    if node.is_type(*exp.DataType.TEXT_TYPES) and not isinstance(node.parent, exp.Cast):
        return exp.DataType.build('text', dialect='duckdb')
    return node


def _cast(node: exp.Expr) -> exp.Expr:
    value, to = node.this, node.args['to']
    given, wanted = type_of(value), of_data_type(to)
    if wanted is None:
        return node
    if wanted.name in ('varchar', 'bpchar'):
        return _text(node, given, wanted)
    if wanted.name in _DATES and (given is None or given.is_text):
        if wanted.name == 'date':
            value = exp.cast(_read_date(value, given), 'timestamp')
        else:
            value = _read_date(value, given)
        node.set('this', value)
    if wanted.name == 'super' and isinstance(value, exp.Null):
        return node
    if wanted.name == 'varbyte' and given and given.is_text:
        return call('encode', value)
    return node


def _read_date(value: exp.Expr, given: SqlType | None) -> exp.Expr:
    return call('redshift_iso', value) if given else call('redshift_moment', value)


def _text(node: exp.Expr, given: SqlType | None, wanted: SqlType) -> exp.Expr:
    """DuckDB forgets the length of a text type, to which Redshift cuts."""
    value = node.this
    if given == BOOL:
        raise SqlError(f'ERROR: cannot cast type boolean to {wanted.long_name}')
    if given == SUPER:
        value = call('redshift_super_text', value)
    elif given and given.name in ('float4', 'float8'):
        value = call('redshift_float_text', value)
    elif given and given.name == 'varbyte':
        value = call('decode', value)
    text = exp.cast(value, 'text', dialect='duckdb')
    if isinstance(node, exp.TryCast):
        text = exp.TryCast(this=value, to=text.to)
    length = wanted.precision or (1 if wanted.name == 'bpchar' and _is_char(node) else 0)
    return exp.Left(this=text, expression=exp.Literal.number(length)) if length else text


def _is_char(node: exp.Expr) -> bool:
    return bool(node.args['to'].is_type('char', 'nchar'))


def _collated(node: exp.Expr) -> exp.Expr:
    """Return the collation of a column, which is case-sensitive unless it says otherwise."""
    insensitive = node.this.name.lower() in ('case_insensitive', 'ci')
    return exp.CollateColumnConstraint(this=exp.var('NOCASE' if insensitive else 'POSIX'))


def _concat(node: exp.Expr) -> exp.Expr:
    """Texts that stand one after another are one."""
    return exp.Literal.string(''.join(part.name for part in node.expressions))


def _window(node: exp.Expr) -> exp.Expr:
    """DuckDB takes IGNORE NULLS within the brackets of the function."""
    function = node.this
    nulls: type[exp.Expr] | None = None
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        nulls, function = type(function), function.this
    arguments = getattr(function, 'expressions', None) or []
    if arguments and isinstance(arguments[0], exp.IgnoreNulls | exp.RespectNulls):
        nulls, arguments = type(arguments[0]), [arguments[0].this, *arguments[1:]]
    made = _WINDOWS.get(function.name.lower()) if nulls else None
    if nulls and made:
        keys = ('this', 'offset')
        built = made(**dict(zip(keys, arguments, strict=False)))
        node.set('this', nulls(this=built))
    return _as_declared(node, function)


def _as_declared(node: exp.Expr, function: exp.Expr) -> exp.Expr:
    """Return a call with the type that its function has in Redshift, where DuckDB's is another."""
    wanted = function.meta.get('cast_to')
    return exp.cast(node.copy(), wanted, dialect='duckdb') if wanted else node


def _within_group(node: exp.Expr) -> exp.Expr:
    """Return a percentile with its column as the first argument, as DuckDB has it."""
    name = {'percentile_cont': 'quantile_cont', 'percentile_disc': 'quantile_disc'}.get(
        node.this.name.lower()
    )
    if not name:
        return node
    ordered, (fraction,) = node.expression.expressions[0], node.this.expressions
    if ordered.args.get('desc'):
        one = exp.Literal.number(1)
        fraction = exp.Paren(this=exp.Sub(this=one, expression=fraction))
    return call(name, ordered.this, fraction)


def _at_time_zone(node: exp.Expr) -> exp.Expr:
    return call('timezone', node.args['zone'], moment(node.this))


def _bracket(node: exp.Expr) -> exp.Expr:
    """Count from 0 in a SUPER, where DuckDB counts from 1."""
    index = node.expressions[0]
    return call('redshift_element', node.this, index)


def _dot(node: exp.Expr) -> exp.Expr:
    if isinstance(node.expression, exp.Anonymous):
        return node.expression
    return call('variant_extract', node.this, exp.Literal.string(node.expression.name))


def _unnest(node: exp.Expr) -> exp.Expr:
    node.set('expressions', [call('redshift_items', part) for part in node.expressions])
    alias = node.args.get('alias')
    if isinstance(alias, exp.TableAlias) and alias.columns and not alias.this:
        alias.set('this', alias.columns[0].copy())
    return node


def _joined(node: exp.Expr) -> exp.Expr:
    for key in ('this', 'expression'):
        if type_of(node.args[key]) == SUPER:
            node.set(key, call('redshift_super_text', node.args[key]))
    return node


def _interval(node: exp.Expr) -> exp.Expr:
    if not node.this or not node.this.is_string:
        return node
    if isinstance(node.args.get('unit'), exp.IntervalSpan):
        written = _SPAN.sub(r'\1 years \2 months', node.this.name)
        written = _DAYS.sub(r'\1 days \2', written)
        return exp.cast(exp.Literal.string(written), 'interval', dialect='duckdb')
    unit = node.args.get('unit')
    if isinstance(unit, exp.Anonymous):  # SECOND (3)
        node.set('unit', exp.var(unit.name))
    if not unit:
        return exp.cast(exp.Literal.string(node.this.name), 'interval', dialect='duckdb')
    return node


# INTERVAL '1-2' YEAR TO MONTH, INTERVAL '3 04:05' DAY TO MINUTE
_SPAN = re.compile(r'^\s*(-?\d+)-(\d+)\s*$')
_DAYS = re.compile(r'^\s*(-?\d+) (-?\d+:.*)$')
REWRITING_MACROS = {
    'redshift_element': """
        (x, i) AS CASE WHEN starts_with(variant_typeof(x), 'ARRAY') AND i >= 0
            THEN (x::VARIANT[])[i + 1] END
    """,
    **COMPARISON_MACROS,
    **numbers.NUMBER_MACROS,
}
_RULES: Mapping[type[exp.Expr], Rule] = {
    **dict.fromkeys(
        (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ), comparisons.compare
    ),
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Mod), numbers.arithmetic),
    exp.Anonymous: _call,
    exp.AtTimeZone: _at_time_zone,
    exp.Between: comparisons.compare_between,
    **dict.fromkeys(
        (exp.BitwiseAnd, exp.BitwiseNot, exp.BitwiseOr, exp.BitwiseXor), numbers.bitwise
    ),
    exp.Bracket: _bracket,
    exp.CollateColumnConstraint: _collated,
    exp.Cast: _cast,
    exp.Concat: _concat,
    exp.DPipe: _joined,
    exp.DataType: _data_type,
    exp.Div: numbers.divide,
    exp.Dot: _dot,
    exp.Escape: comparisons.escaped,
    exp.Extract: lambda node: extracted(node.this, node.expression),
    exp.ILike: comparisons.like,
    exp.In: comparisons.compare_in,
    exp.Interval: _interval,
    exp.Like: comparisons.like,
    exp.Overlaps: comparisons.overlaps,
    exp.SimilarTo: comparisons.similar_to,
    exp.StrPosition: lambda node: call('redshift_position', node.args['substr'], node.this),
    exp.Substring: lambda node: call(
        'redshift_substring',
        *filter(None, (node.this, node.args.get('start'), node.args.get('length'))),
    ),
    exp.TryCast: _cast,
    exp.WithinGroup: _within_group,
    exp.Unnest: _unnest,
    exp.Window: _window,
}
