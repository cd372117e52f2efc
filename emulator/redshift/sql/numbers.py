"""NUMERIC as Redshift computes it: a quotient has the scale that its documentation says."""

from sqlglot import exp

from emulator.redshift.functions.becomes import call, type_of
from emulator.redshift.functions.types import SUPER, SqlType

_WHOLE = ('int2', 'int4', 'int8')
NUMBER_MACROS = {
    'redshift_super_number': """
        (x) AS CASE WHEN x = trunc(x) AND abs(x) < 1e15 THEN x::BIGINT::VARIANT ELSE x::VARIANT END
    """,
    'redshift_divided': "(a, b) AS CASE WHEN b = 0 THEN error('division by zero') ELSE a / b END",
    # The digits of a quotient, as a whole number: exact, where a DOUBLE has only 15 of them.
    'redshift_quotient': """
        (number, divisor, ten) AS CASE WHEN divisor = 0 THEN error('division by zero')::HUGEINT
            ELSE (number // divisor) * ten + ((number % divisor) * ten) // divisor END
    """,
    'redshift_float': """
        (x) AS CASE WHEN isnan(x) THEN 'NaN' WHEN isfinite(x) THEN x::VARCHAR
            WHEN x > 0 THEN 'Infinity' WHEN x < 0 THEN '-Infinity' END
    """,
    'redshift_float_text': """
        (x FLOAT) AS CASE WHEN isfinite(x) THEN printf('%.6g', x::DOUBLE)
            ELSE redshift_float(x) END,
        (x) AS CASE WHEN isfinite(x) THEN printf('%.15g', x::DOUBLE) ELSE redshift_float(x) END
    """,
}


def divide(node: exp.Expr) -> exp.Expr:
    """Return a division; of whole numbers it is DuckDB's too."""
    left, right, result = type_of(node.this), type_of(node.expression), type_of(node)
    if SUPER in (left, right):
        divided = call('redshift_divided', as_float(node.this), as_float(node.expression))
        return call('redshift_super_number', divided)
    if left and right and left.name in _WHOLE and right.name in _WHOLE:
        return exp.IntDiv(this=exp.paren(node.this), expression=exp.paren(node.expression))
    first, second = left and left.as_numeric, right and right.as_numeric
    if first and second and result and result.name == 'numeric':
        return _quotient(node.this, first, node.expression, second, result)
    return call('redshift_divided', node.this, node.expression)


def as_float(value: exp.Expr) -> exp.Expr:
    """Return what a SUPER holds as a number."""
    if type_of(value) != SUPER:
        return value
    return exp.TryCast(this=value, to=exp.DataType.build('double', dialect='duckdb'))


def arithmetic(node: exp.Expr) -> exp.Expr:
    """Return ``+``, ``-``, ``*`` or ``%``, with what a SUPER holds; VARBYTEs are joined."""
    if isinstance(node, exp.Add) and type_of(node.this) == type_of(node.expression) == SqlType(
        'varbyte'
    ):
        return exp.DPipe(this=node.this, expression=node.expression, safe=True)
    with_super = SUPER in (type_of(node.this), type_of(node.expression))
    node.set('this', as_float(node.this))
    node.set('expression', as_float(node.expression))
    return call('redshift_super_number', node.copy()) if with_super else node


_BITWISE: dict[type[exp.Expr], str] = {
    exp.BitwiseAnd: 'and',
    exp.BitwiseNot: 'not',
    exp.BitwiseOr: 'or',
    exp.BitwiseXor: 'xor',
}


def bitwise(node: exp.Expr) -> exp.Expr:
    """Return an operation on bits; VARBYTEs have theirs byte by byte."""
    if type_of(node.this) != SqlType('varbyte'):
        return node
    operands = [node.this, *filter(None, [node.args.get('expression')])]
    return call(f'redshift_bytes_{_BITWISE[type(node)]}', *operands)


def _quotient(
    number: exp.Expr, first: SqlType, divisor: exp.Expr, second: SqlType, result: SqlType
) -> exp.Expr:
    scale = max(first.scale, second.scale)
    digits = call(
        'redshift_quotient',
        _digits(number, scale),
        _digits(divisor, scale),
        exp.cast(exp.Literal.number(10**result.scale), 'hugeint', dialect='duckdb'),
    )
    whole = exp.cast(digits, 'decimal(38, 0)', dialect='duckdb')
    unit = exp.cast(
        exp.Literal.string(f'{10**-result.scale:.{result.scale}f}'),
        f'decimal({result.scale + 1}, {result.scale})',
        dialect='duckdb',
    )
    exact = exp.Mul(this=whole, expression=unit)
    return exp.cast(exact, f'decimal({result.precision}, {result.scale})', dialect='duckdb')


def _digits(value: exp.Expr, scale: int) -> exp.Expr:
    if isinstance(value, exp.Literal) and not value.is_string:
        # The literal is exact, whatever DuckDB would make of it.
        value = exp.cast(value, f'decimal(38, {scale})', dialect='duckdb')
    shifted = exp.Mul(this=exp.paren(value), expression=exp.Literal.number(10**scale))
    return exp.cast(shifted, 'hugeint', dialect='duckdb')
