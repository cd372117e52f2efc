"""The ways in which a function of Redshift becomes one of DuckDB."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlglot import exp

from emulator.redshift.functions.types import SqlType

_AGGREGATES = """
    any_value avg bit_and bit_or bool_and bool_or count listagg max median min percentile_cont
    percentile_disc stddev stddev_pop stddev_samp sum var_pop var_samp variance quantile_cont
    quantile_disc redshift_avg redshift_sum string_agg
"""
AGGREGATES = frozenset(_AGGREGATES.split())
Returns = Callable[[Sequence[SqlType | None]], SqlType | None]
Rule = Callable[[exp.Anonymous], exp.Expr]


@dataclass(frozen=True)
class Becomes:
    """What a call becomes: another name, a macro of that name, or what a rule makes of it.

    ``missing`` is the reason why there is none on this machine.
    """

    how: str
    name: str = ''
    macro: str = ''
    rule: Rule | None = None
    missing: str = ''
    returns: Returns | None = None


def same(returns: str | Returns | None = None) -> Becomes:
    """Leave it, as DuckDB has it under the same name."""
    return Becomes('same', returns=_returns(returns))


def renamed(name: str, returns: str | Returns | None = None) -> Becomes:
    """Rename it, as DuckDB has it under another name."""
    return Becomes('renamed', name=name, returns=_returns(returns))


def macro(body: str, returns: str | Returns | None = None) -> Becomes:
    """Make it a macro of DuckDB's, given as its parameters and its body; it may have several."""
    return Becomes('macro', macro=body, returns=_returns(returns))


def rule(rule: Rule, returns: str | Returns | None = None) -> Becomes:
    """Let a rule say, by the arguments, what a call becomes."""
    return Becomes('rewritten', rule=rule, returns=_returns(returns))


def missing(reason: str) -> Becomes:
    """Refuse it: Redshift has it, and this machine does not."""
    return Becomes('missing', missing=reason)


def first(types: Sequence[SqlType | None]) -> SqlType | None:
    """Return the type of the first argument."""
    return types[0] if types else None


def _returns(returns: str | Returns | None) -> Returns | None:
    if not isinstance(returns, str):
        return returns
    constant = SqlType(returns)
    return lambda _: constant


def call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    """Return the call of a function of DuckDB's."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def is_aggregated(value: exp.Expr) -> bool:
    """Tell whether a value is computed from an aggregate or a window."""
    return any(
        isinstance(part, exp.Window) or part.name.lower() in AGGREGATES
        for part in value.find_all(exp.Anonymous, exp.Window)
    )


def type_of(node: exp.Expr | None) -> SqlType | None:
    """Return the type that a part of a statement has, where that is known."""
    found = node.meta.get('sql_type') if node is not None else None
    return found if isinstance(found, SqlType) else None
