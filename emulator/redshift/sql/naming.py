"""The names that Redshift gives to computed columns."""

from sqlglot import exp

from emulator.redshift.functions.types import of_data_type

_FUNCTION_NAMES = {
    'datediff': 'date_diff',
    'dateadd': 'date_add',
    'date_part': 'pgdate_part',
    'length': 'len',
    'nvl': 'coalesce',
    'isnull': 'coalesce',
    'decode': 'case',
    'nvl2': 'case',
    'sysdate': 'timestamp',
    'substr': 'substring',
    'current_date': 'date',
}
_NAMES: dict[type[exp.Expr], str] = {
    exp.Case: 'case',
    exp.Extract: 'date_part',
    exp.StrPosition: 'strpos',
    exp.Substring: 'substring',
    exp.Trim: 'btrim',
}
_NAMED_WITHIN = (
    exp.Bracket,
    exp.IgnoreNulls,
    exp.Paren,
    exp.RespectNulls,
    exp.Window,
    exp.WithinGroup,
)
_UNNAMED = '?column?'


def name_columns(tree: exp.Expr) -> None:
    """Give every computed column the name that Redshift gives it."""
    for select in tree.find_all(exp.Select):
        for column in select.expressions:
            if not isinstance(column, exp.Alias | exp.Column | exp.Star):
                column.replace(exp.alias_(column.copy(), _column_name(column), quoted=True))


def _column_name(node: exp.Expr) -> str:
    fixed = _NAMES.get(type(node))
    if fixed:
        return fixed
    match node:
        case exp.Column() | exp.Alias():
            return str(node.alias_or_name)
        case exp.Dot():
            return str(node.expression.name)
        case exp.Cast():
            named, inner = of_data_type(node.to), _column_name(node.this)
            return named.name if named and inner == _UNNAMED else inner
        case exp.Subquery() if isinstance(node.this, exp.Select) and node.this.expressions:
            return _column_name(node.this.expressions[0])
        case exp.Anonymous():
            return _FUNCTION_NAMES.get(node.name.lower(), node.name.lower())
    return _column_name(node.this) if isinstance(node, _NAMED_WITHIN) else _UNNAMED
