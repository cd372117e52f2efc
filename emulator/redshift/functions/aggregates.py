"""Aggregate functions, bit-wise ones and window functions."""

from collections.abc import Sequence

from sqlglot import exp

from emulator.redshift.functions.becomes import (
    AGGREGATES,
    Becomes,
    call,
    first,
    macro,
    rule,
    same,
    type_of,
)
from emulator.redshift.functions.types import MAX_PRECISION, SUPER, SqlType

# https://docs.aws.amazon.com/redshift/latest/dg/c_Window_functions.html: with ORDER BY, these
# need a frame.
NEED_A_FRAME = AGGREGATES - {'listagg', 'median', 'percentile_cont', 'percentile_disc'} | {
    'first_value',
    'last_value',
    'nth_value',
}
# A DECIMAL must meet a parameter without a type: one with a type would round it.
AGGREGATE_MACROS = {
    'redshift_sum': '(x SMALLINT) AS sum(x)::BIGINT, (x INTEGER) AS sum(x)::BIGINT, (x) AS sum(x)',
    'redshift_avg': '(x BIGINT) AS trunc(avg(x))::BIGINT, (x) AS avg(x)',
}


def _over_macro(name: str) -> Becomes:
    """Use a macro, but where none can stand: with DISTINCT, and over other aggregates."""

    def becomes(node: exp.Anonymous) -> exp.Expr:
        argument = node.expressions[0] if node.expressions else exp.Null()
        inner_argument = argument.expressions[0] if isinstance(argument, exp.Distinct) else argument
        whole = type_of(inner_argument)
        if whole == SUPER:
            number = exp.DataType.build('double', dialect='duckdb')
            return call(name, exp.TryCast(this=argument, to=number))
        if name == 'avg' and whole and whole.name == 'numeric':
            average = call('avg', *node.expressions)
            average.meta['cast_to'] = f'decimal({MAX_PRECISION}, {whole.scale})'
            return average
        inner = {part.name.lower() for part in argument.find_all(exp.Anonymous)}
        nested = (
            node.find_ancestor(exp.Pivot)
            or inner & {*AGGREGATES, *AGGREGATE_MACROS}
            or argument.find(exp.Distinct)
        )
        if (
            name == 'avg'
            and nested
            and _is_whole(whole)
            and not isinstance(node.parent, exp.Window)
        ):
            return exp.cast(call('trunc', call('avg', *node.expressions)), 'bigint')
        return call(name if nested else f'redshift_{name}', *node.expressions)

    return rule(becomes, _TOTALS[name])


def _is_whole(kind: SqlType | None) -> bool:
    return kind is not None and kind.name in ('int2', 'int4', 'int8')


def _sum(types: Sequence[SqlType | None]) -> SqlType | None:
    given = types[0] if types else None
    if given and given.name in ('int2', 'int4'):
        return SqlType('int8')
    if given and given.name in ('numeric', 'int8'):
        return SqlType('numeric', MAX_PRECISION, given.scale)
    return SqlType('float8') if given and given.name == 'float4' else given


def _avg(types: Sequence[SqlType | None]) -> SqlType | None:
    given = types[0] if types else None
    if _is_whole(given):
        return SqlType('int8')
    return _sum(types)


_TOTALS = {'sum': _sum, 'avg': _avg}


def _listagg(node: exp.Anonymous) -> exp.Expr:
    """Sqlglot takes the separator after DISTINCT for a second value."""
    value, separator = [*node.expressions, exp.Literal.string('')][:2]
    if isinstance(value, exp.Distinct) and len(value.expressions) == 2:
        value, separator = exp.Distinct(expressions=[value.expressions[0]]), value.expressions[1]
    return call('string_agg', value, separator)


def _count_types(_: Sequence[SqlType | None]) -> SqlType:
    return SqlType('int8')


AGGREGATE_FUNCTIONS: dict[str, Becomes] = {
    'any_value': same(first),
    'avg': _over_macro('avg'),
    'bit_and': same(first),
    'bit_or': same(first),
    'bool_and': same('bool'),
    'bool_or': same('bool'),
    'count': same(_count_types),
    'grouping': same('int4'),
    'grouping_id': same('int4'),
    'listagg': rule(_listagg, 'varchar'),
    'max': same(first),
    'median': same('float8'),
    'min': same(first),
    'percentile_cont': same('float8'),
    'percentile_disc': same(),
    'stddev': same('float8'),
    'stddev_pop': same('float8'),
    'stddev_samp': same('float8'),
    'sum': _over_macro('sum'),
    'var_pop': same('float8'),
    'var_samp': same('float8'),
    'variance': same('float8'),
}
WINDOW_FUNCTIONS: dict[str, Becomes] = {
    'cume_dist': same('float8'),
    'dense_rank': same('int8'),
    'first_value': same(first),
    'lag': same(first),
    'last_value': same(first),
    'lead': same(first),
    'nth_value': same(first),
    'ntile': same('int8'),
    'percent_rank': same('float8'),
    'rank': same('int8'),
    'ratio_to_report': macro('(x) AS x::DOUBLE / sum(x)', 'float8'),
    'row_number': same('int8'),
}
