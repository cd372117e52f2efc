"""Redshift's types, as far as what a statement means depends on them."""

from typing import NamedTuple

from sqlglot import exp

MAX_PRECISION = 38


class SqlType(NamedTuple):
    """A type by Redshift's short name, such as ``int4``, ``numeric`` or ``super``.

    ``unknown`` is a literal between quotes, and NULL.
    """

    name: str
    precision: int = 0
    scale: int = 0

    @property
    def long_name(self) -> str:
        """The name that error messages give it."""
        return _LONG_NAMES.get(self.name, self.name)

    @property
    def as_numeric(self) -> 'SqlType | None':
        """The NUMERIC that this type counts as beside one."""
        return self if self.name == 'numeric' else _WHOLE.get(self.name)

    @property
    def is_text(self) -> bool:
        """Whether it is a text, of a column or between quotes."""
        return self.name in ('varchar', 'bpchar', 'unknown')


UNKNOWN = SqlType('unknown')
SUPER = SqlType('super')
BOOL = SqlType('bool')
# https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
_WHOLE = {
    'int2': SqlType('numeric', 5),
    'int4': SqlType('numeric', 10),
    'int8': SqlType('numeric', 19),
}
_LONG_NAMES = {
    **dict.fromkeys(('ABSTIME', 'ACLITEM', 'OID', 'REGCLASS', 'RELTIME'), 'varchar'),
    'bool': 'boolean',
    'bpchar': 'character',
    'float4': 'real',
    'float8': 'double precision',
    'int2': 'smallint',
    'int4': 'integer',
    'int8': 'bigint',
    'time': 'time without time zone',
    'timestamp': 'timestamp without time zone',
    'timestamptz': 'timestamp with time zone',
    'timetz': 'time with time zone',
    'unknown': '"unknown"',
    'varbyte': 'binary varying',
    'varchar': 'character varying',
}
# Redshift's names of types, by sqlglot's.
NAMES = {
    **dict.fromkeys(('ABSTIME', 'ACLITEM', 'OID', 'REGCLASS', 'RELTIME'), 'varchar'),
    'BIGINT': 'int8',
    'BOOLEAN': 'bool',
    'BPCHAR': 'bpchar',
    'CHAR': 'bpchar',
    'DATE': 'date',
    'DATETIME': 'timestamp',
    'DECIMAL': 'numeric',
    'DOUBLE': 'float8',
    'FLOAT': 'float4',
    'GEOGRAPHY': 'geography',
    'GEOMETRY': 'geometry',
    'HLLSKETCH': 'hllsketch',
    'INT': 'int4',
    'INTERVAL': 'interval',
    'NAME': 'varchar',
    'NCHAR': 'bpchar',
    'NVARCHAR': 'varchar',
    'SMALLINT': 'int2',
    'SUPER': 'super',
    'TEXT': 'varchar',
    'TIME': 'time',
    'TIMETZ': 'timetz',
    'TIMESTAMP': 'timestamp',
    'TIMESTAMPTZ': 'timestamptz',
    'VARBINARY': 'varbyte',
    'VARCHAR': 'varchar',
}
_OF_DUCKDB = {
    'BIGINT': 'int8',
    'BLOB': 'varbyte',
    'BOOLEAN': 'bool',
    'DATE': 'date',
    'DOUBLE': 'float8',
    'FLOAT': 'float4',
    'HUGEINT': 'numeric',
    'INTEGER': 'int4',
    'INTERVAL': 'interval',
    'SMALLINT': 'int2',
    'TIME': 'time',
    'TIME WITH TIME ZONE': 'timetz',
    'TIMESTAMP': 'timestamp',
    'TIMESTAMP WITH TIME ZONE': 'timestamptz',
    'TINYINT': 'int2',
    'VARCHAR': 'varchar',
    'VARIANT': 'super',
}


def of_data_type(node: exp.DataType) -> SqlType | None:
    """Return the type that a statement names."""
    dtype = node.this
    if isinstance(node.args.get('kind'), exp.Identifier) and node.args['kind'].name == 'char':
        return SqlType('bpchar', 1)
    if isinstance(dtype, exp.Interval):
        return SqlType('interval')
    name = NAMES.get(dtype.name if isinstance(dtype, exp.DType) else str(dtype).upper())
    if name is None:
        return None
    numbers = [int(part.name) for part in node.expressions if part.name.isdigit()]
    if name == 'numeric':
        precision, scale = (*numbers, 0, 0)[:2] if numbers else (18, 0)
        return SqlType(name, precision, scale)
    return SqlType(name, numbers[0] if numbers else 0)


def of_duckdb(name: str, declared: str | None = None) -> SqlType | None:
    """Return the type of a column, from DuckDB's name of it and what CREATE TABLE said."""
    if name.startswith('DECIMAL('):
        precision, scale = name[8:-1].split(',')
        return SqlType('numeric', int(precision), int(scale))
    if declared and declared.startswith('bpchar'):
        return SqlType('bpchar')
    known = _OF_DUCKDB.get(name)
    return SqlType(known, MAX_PRECISION if known == 'numeric' else 0) if known else None


_ORDER = ('int2', 'int4', 'int8', 'numeric', 'float4', 'float8')


def common(*types: SqlType | None) -> SqlType | None:
    """Return the type of a value that has one of several types."""
    known = [t for t in types if t and t != UNKNOWN]
    if not known:
        return UNKNOWN if types and all(types) else None
    if all(t.name in _ORDER for t in known):
        widest = max(known, key=lambda t: _ORDER.index(t.name))
        decimals = [d for t in known if (d := t.as_numeric)]
        if widest.name != 'numeric' or len(decimals) < len(known):
            return widest
        scale = max(d.scale for d in decimals)
        whole = max(d.precision - d.scale for d in decimals)
        return SqlType('numeric', min(whole + scale, MAX_PRECISION), scale)
    return known[0] if len({t.name for t in known}) == 1 else None


def quotient(left: SqlType, right: SqlType) -> SqlType:
    """Return the type of a NUMERIC divided by another.

    https://docs.aws.amazon.com/redshift/latest/dg/r_numeric_computations201.html
    """
    scale = max(4, left.scale + right.precision - right.scale + 1)
    precision = left.precision - left.scale + right.scale + scale
    if precision > MAX_PRECISION:
        scale = max(MAX_PRECISION + scale - precision, min(scale, 4))
    return SqlType('numeric', min(precision, MAX_PRECISION), scale)


def product(left: SqlType, right: SqlType) -> SqlType:
    """Return the type of a NUMERIC multiplied by another."""
    precision = min(left.precision + right.precision, MAX_PRECISION)
    return SqlType('numeric', precision, min(left.scale + right.scale, MAX_PRECISION))


def total(left: SqlType, right: SqlType) -> SqlType:
    """Return the type of two NUMERICs added or subtracted."""
    scale = max(left.scale, right.scale)
    whole = max(left.precision - left.scale, right.precision - right.scale)
    return SqlType('numeric', min(whole + scale + 1, MAX_PRECISION), scale)
