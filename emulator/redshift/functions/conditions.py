"""Conditional expressions."""

from collections.abc import Sequence

from sqlglot import exp

from emulator.redshift.functions.becomes import Becomes, call, first, macro, rule, same, type_of
from emulator.redshift.functions.comparable import comparable
from emulator.redshift.functions.types import SqlType, common


def _decode(node: exp.Anonymous) -> exp.Expr:
    """NULL equals NULL in DECODE."""
    value, *rest = node.expressions
    default = rest.pop() if len(rest) % 2 else None
    cases = [
        exp.If(
            this=exp.NullSafeEQ(
                this=comparable(value.copy(), found), expression=comparable(found, value)
            ),
            true=result,
        )
        for found, result in zip(rest[::2], rest[1::2], strict=True)
    ]
    return exp.Case(ifs=cases, default=default)


def _nullif(node: exp.Anonymous) -> exp.Expr:
    value, other = node.expressions
    same_value = exp.EQ(this=comparable(value.copy(), other), expression=comparable(other, value))
    return exp.Case(ifs=[exp.If(this=same_value, true=exp.Null())], default=value)


def _one_of(name: str) -> Becomes:
    """Read a number as a text beside a text that is no number."""

    def becomes(node: exp.Anonymous) -> exp.Expr:
        arguments = node.expressions
        texts = [part for part in arguments if part.is_string and not _is_number(part.name)]
        numbers = [part for part in arguments if (kind := type_of(part)) and kind.as_numeric]
        if texts and numbers:
            arguments = [exp.cast(part, 'text', dialect='duckdb') for part in arguments]
        return call(name, *arguments)

    return rule(becomes, _any)


def _is_number(text: str) -> bool:
    return text.strip().lstrip('+-').replace('.', '', 1).isdigit()


def _any(types: Sequence[SqlType | None]) -> SqlType | None:
    return common(*types)


def _decoded(types: Sequence[SqlType | None]) -> SqlType | None:
    results = list(types[2::2])
    return common(*results, *(types[-1:] if len(types) % 2 == 0 else ()))


CONDITIONS: dict[str, Becomes] = {
    'coalesce': _one_of('coalesce'),
    'decode': rule(_decode, _decoded),
    'greatest': same(_any),
    'isnull': _one_of('coalesce'),
    'least': same(_any),
    'nullif': rule(_nullif, first),
    'nvl': _one_of('coalesce'),
    'nvl2': macro(
        '(x, given, absent) AS CASE WHEN x IS NOT NULL THEN given ELSE absent END',
        lambda types: common(*types[1:]),
    ),
}
