"""What sqlglot reads and Redshift refuses: functions, types and forms that it does not have."""

from sqlglot import exp

from chalicelib.sql.functions import FUNCTIONS
from emulator.redshift.functions.aggregates import NEED_A_FRAME
from emulator.redshift.functions.catalogue import CATALOGUE, FORMS
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.functions.types import NAMES, SqlType, of_data_type
from emulator.redshift.sql.types import arguments_of

_TABLE_FUNCTIONS = ('generate_series',)
_NOT_HERE = ('geometry', 'geography', 'hllsketch')


_SPANS = (exp.Interval, exp.IntervalSpan)


def refuse(tree: exp.Expr) -> None:
    """Raise SqlError at what Redshift does not take."""
    for node in tree.walk():
        match node:
            case exp.Anonymous() if not (node.meta.get('own') or isinstance(node.parent, _SPANS)):
                _function(node)
            case exp.GeneratedAsIdentityColumnConstraint():
                raise SqlError('ERROR: IDENTITY is not available in the emulator')
            case exp.DataType() if not isinstance(node.parent, exp.DataType | exp.Interval):
                _type(node)
            case exp.Window():
                _frame(node)
            case exp.Select():
                _select(node)


def signature(node: exp.Anonymous) -> str:
    """Return a call as error messages name it: ``array_agg(integer)``."""
    stars = [isinstance(part, exp.Star) for part in node.expressions]
    known = [
        '*' if star else _named(kind) for star, kind in zip(stars, arguments_of(node), strict=True)
    ]
    return f'{node.name.lower()}({", ".join(known)})'


def _named(kind: SqlType | None) -> str:
    return kind.long_name if kind else '"unknown"'


def _function(node: exp.Anonymous) -> None:
    name = node.name.lower()
    if name not in CATALOGUE or name in FORMS:
        raise SqlError(f'ERROR: function {signature(node)} does not exist')
    function, given = FUNCTIONS[name], len(node.expressions)
    if given < function.least or (function.most is not None and given > function.most):
        raise SqlError(f'ERROR: function {signature(node)} does not exist')
    if CATALOGUE[name].missing:
        reason = CATALOGUE[name].missing
        raise SqlError(f'ERROR: {name.upper()} is not available in the emulator: {reason}')


def _type(node: exp.DataType) -> None:
    name = node.this.name if isinstance(node.this, exp.DType) else str(node.this)
    of = of_data_type(node)
    known = of.name if of else NAMES.get(name)
    if known is None:
        said = node.args['kind'].name if node.args.get('kind') else node.sql('redshift').lower()
        raise SqlError(f'ERROR: type "{said}" does not exist')
    if known in _NOT_HERE:
        raise SqlError(f'ERROR: {known.upper()} is not available in the emulator')


def _frame(node: exp.Window) -> None:
    function = node.this
    while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        function = function.this
    if (
        node.args.get('order')
        and not node.args.get('spec')
        and function.name.lower() in NEED_A_FRAME
    ):
        raise SqlError(
            'ERROR: Aggregate window functions with an ORDER BY clause require a frame clause'
        )


def _select(node: exp.Select) -> None:
    distinct = node.args.get('distinct')
    if distinct and distinct.args.get('on'):
        raise SqlError('ERROR: SELECT DISTINCT ON is not supported')
    if node.args.get('limit') and isinstance(node.parent, exp.Subquery | exp.Exists | exp.In):
        _correlated(node)


def _correlated(node: exp.Select) -> None:
    if isinstance(node.parent, exp.Subquery) and isinstance(
        node.parent.parent, exp.From | exp.Join | exp.CTE
    ):
        return
    own = {table.alias_or_name for table in node.find_all(exp.Table, exp.Subquery, exp.Unnest)}
    for column in node.find_all(exp.Column):
        source = column.meta.get('source') or column.table
        if source and source not in own:
            raise SqlError('ERROR: This type of correlated subquery pattern is not supported yet')
