"""Outer joins in their old form: ``WHERE a.x = b.x (+)``."""

from sqlglot import exp
from sqlglot.transforms import eliminate_join_marks

from emulator.redshift.functions.refused import SqlError


def rewrite_outer_joins(tree: exp.Expr) -> exp.Expr:
    """Return a statement whose joins of that form are LEFT JOINs.

    https://docs.aws.amazon.com/redshift/latest/dg/r_WHERE_oracle_outer.html
    """
    marked = [column for column in tree.find_all(exp.Column) if column.args.get('join_mark')]
    if not marked:
        return tree
    for column in tree.find_all(exp.Column):
        if not column.table and column.meta.get('source'):
            column.set('table', exp.to_identifier(column.meta['source']))
    if any(not column.table for column in marked):
        raise SqlError('ERROR: The operator (+) needs a column of a table in the FROM clause')
    try:
        return eliminate_join_marks(tree)
    except AssertionError as error:
        raise SqlError(
            'ERROR: The operator (+) can join one table by conditions that are combined with AND'
        ) from error
