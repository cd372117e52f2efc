"""A value as it is compared: a text without the blanks at its end, a SUPER by what it holds."""

from sqlglot import exp

from emulator.redshift.functions.becomes import call, is_aggregated, type_of
from emulator.redshift.functions.types import BOOL, SUPER, SqlType

COMPARISON_MACROS = {
    'redshift_blanks': "(x VARCHAR) AS rtrim(x, ' '), (x) AS x",
    'redshift_super_string': "(x) AS CASE WHEN variant_typeof(x) = 'VARCHAR' THEN x::VARCHAR END",
}
_NUMBERS = ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8')
_MAY_HAVE_BLANKS = (None, 'varchar', 'bpchar', 'unknown')


def comparable(value: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Return a value as it is compared with another."""
    kind, beside = type_of(value), type_of(other)
    if value.is_string:
        return exp.Literal.string(value.name.rstrip(' '))
    if kind == SUPER:
        return _scalar(value, beside)
    if kind is None and is_aggregated(value):
        return value
    blank = beside.name if beside else None
    if (kind.name if kind else None) in _MAY_HAVE_BLANKS and blank in _MAY_HAVE_BLANKS:
        return value if isinstance(value, exp.Null) else call('redshift_blanks', value)
    return value


def _scalar(value: exp.Expr, beside: SqlType | None) -> exp.Expr:
    if beside and beside.name in _NUMBERS:
        return exp.TryCast(this=value, to=exp.DataType.build('double', dialect='duckdb'))
    if beside and beside.is_text:
        return call('redshift_super_string', value)
    if beside == BOOL:
        return exp.TryCast(this=value, to=exp.DataType.build('boolean', dialect='duckdb'))
    return value
