"""How values are compared: texts without the blanks at their ends, a SUPER by what it holds."""

import re

from sqlglot import exp

from emulator.redshift.functions.becomes import call, type_of
from emulator.redshift.functions.comparable import comparable
from emulator.redshift.functions.types import SUPER


def compare(node: exp.Expr) -> exp.Expr:
    """Return ``=``, ``<`` and the like over values as Redshift compares them."""
    if isinstance(node.parent, exp.Update) and node.arg_key == 'expressions':
        return node  # SET a = b
    left, right = node.this, node.expression
    if not isinstance(left, exp.Tuple) and not isinstance(right, exp.Tuple | exp.Subquery):
        node.set('this', comparable(left, right))
        node.set('expression', comparable(right, left))
    return node


def compare_between(node: exp.Expr) -> exp.Expr:
    """Return BETWEEN over such values."""
    value, low, high = node.this, node.args['low'], node.args['high']
    node.set('this', comparable(value, low))
    node.set('low', comparable(low, value))
    node.set('high', comparable(high, value))
    return node


def compare_in(node: exp.Expr) -> exp.Expr:
    """Return IN over such values."""
    value, items = node.this, node.expressions
    if isinstance(value, exp.Tuple) or isinstance(node.parent, exp.Pivot):
        return node
    if items:
        node.set('this', comparable(value, items[0]))
        node.set('expressions', [comparable(item, value) for item in items])
        return node
    found = node.args.get('query')
    select = found.this if isinstance(found, exp.Subquery) else found
    if isinstance(select, exp.Select) and len(select.expressions) == 1:
        only = select.expressions[0]
        inner = only.this if isinstance(only, exp.Alias) else only
        if not isinstance(inner, exp.Star):
            node.set('this', comparable(value, inner))
            only.replace(exp.alias_(comparable(inner.copy(), value), only.alias_or_name or 'x'))
    return node


def like(node: exp.Expr) -> exp.Expr:
    """Return LIKE over a text, with the backslash to escape by if nothing else is named."""
    kind = type_of(node.this)
    if kind == SUPER:
        node.set('this', call('redshift_super_string', node.this))
    elif kind and not kind.is_text:
        node.set('this', exp.cast(node.this, 'text', dialect='duckdb'))
    if isinstance(node.parent, exp.Escape):
        return node
    return exp.Escape(this=node.copy(), expression=exp.Literal.string('\\'))


def similar_to(node: exp.Expr) -> exp.Expr:
    """Return SIMILAR TO: a regular expression whose ``%`` and ``_`` are LIKE's."""
    mark = node.parent.expression.name if isinstance(node.parent, exp.Escape) else '\\'
    if node.expression.is_string:
        pattern = _regular_expression(node.expression.name, mark)
        node.set('expression', exp.Literal.string(pattern))
    return node


def escaped(node: exp.Expr) -> exp.Expr:
    """Return LIKE with its ESCAPE; that of SIMILAR TO has been heeded."""
    return node.this if isinstance(node.this, exp.SimilarTo) else node


def overlaps(node: exp.Expr) -> exp.Expr:
    """Return OVERLAPS: each of two periods begins before the other ends."""
    (start, end), (other_start, other_end) = node.this.expressions, node.expression.expressions
    return exp.and_(
        exp.LT(this=start, expression=other_end), exp.LT(this=other_start, expression=end)
    )


def _regular_expression(pattern: str, mark: str) -> str:
    written = {'%': '.*', '_': '.', '.': r'\.', '^': r'\^', '$': r'\$'}
    return re.sub(
        rf'{re.escape(mark)}(.)|\[[^]]*\]|[%_.^$]',
        lambda found: re.escape(found[1]) if found[1] else written.get(found[0], found[0]),
        pattern,
    )
