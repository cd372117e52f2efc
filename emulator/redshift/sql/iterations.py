"""What FROM iterates over: the items of an array with their places, the pairs of an object.

https://docs.aws.amazon.com/redshift/latest/dg/query-super.html
"""

from sqlglot import exp

from emulator.redshift.functions.becomes import call

ITERATION_MACROS = {
    'redshift_positions': '(x) AS range(len(redshift_items(x)))',
    'redshift_values': """
        (x) AS list_transform(variant_keys(x), lambda key:
            json_extract(x::JSON, '$."' || replace(key, '"', '\\"') || '"')::VARIANT)
    """,
}


def iterated(table: exp.Expr) -> tuple[exp.Expr, exp.Subquery] | None:
    """Return what ``path AS item AT place`` or ``UNPIVOT path`` reads, and a query of that.

    None for whatever else stands in FROM.
    """
    unpivot = isinstance(table, exp.Pivot) and bool(table.args.get('unpivot'))
    inner = table.this if unpivot else table
    place = None
    if isinstance(inner, exp.Unnest):
        if not (unpivot or inner.args.get('offset')):
            return None
        place = inner.args['offset'].name if inner.args.get('offset') else None
        names = inner.args['alias'].columns if inner.args.get('alias') else []
        inner = exp.alias_(inner.expressions[0].copy(), names[0] if names else 'value')
    if isinstance(inner, exp.AtIndex):
        place, inner = inner.expression.name, inner.this
    elif not unpivot and not place:
        return None
    if not isinstance(inner, exp.Alias):
        inner = exp.alias_(inner.to_column() if isinstance(inner, exp.Table) else inner, 'value')
    path, name = inner.this.copy(), inner.alias
    functions = (
        ('redshift_values', 'variant_keys') if unpivot else ('redshift_items', 'redshift_positions')
    )
    columns = [exp.alias_(_each(functions[0], path), name, quoted=True)]
    if place:
        columns.append(exp.alias_(_each(functions[1], path.copy()), place, quoted=True))
    query = exp.select(*columns).subquery(name)
    return exp.Tuple(expressions=list(query.find_all(exp.Column))), query


def _each(function: str, path: exp.Expr) -> exp.Expr:
    items = call(function, path)
    every = call('unnest', items)
    for node in (items, every):
        node.meta['own'] = True
    return every
