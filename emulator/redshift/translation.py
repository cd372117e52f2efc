"""Redshift SQL as DuckDB takes it: parsed by sqlglot, checked, rewritten where they differ."""

import logging
import re
from collections.abc import Mapping
from typing import NamedTuple

from sqlglot import ErrorLevel, exp, parse
from sqlglot.errors import ParseError, TokenError
from sqlglot.optimizer.normalize_identifiers import normalize_identifiers

from emulator.redshift import shown
from emulator.redshift.errors import Named
from emulator.redshift.functions.catalogue import CATALOGUE, duckdb_name
from emulator.redshift.functions.refused import SqlError
from emulator.redshift.functions.types import SqlType
from emulator.redshift.session import security_statements, settings
from emulator.redshift.session.refused import Refused
from emulator.redshift.session.security_statements import SECURITY_VIEWS, Command
from emulator.redshift.session.settings import Assignment
from emulator.redshift.sql import overloads
from emulator.redshift.sql.grammar import Redshift, SyntaxRefused, syntax_error
from emulator.redshift.sql.names import Catalog, resolve
from emulator.redshift.sql.naming import name_columns
from emulator.redshift.sql.outer_joins import rewrite_outer_joins
from emulator.redshift.sql.refusals import refuse, signature
from emulator.redshift.sql.rewriting import rewrite
from emulator.redshift.system_catalog import SYSTEM_CATALOG, SYSTEM_VIEWS

# It warns of each statement that it knows only by its first word: those are handled here.
logging.getLogger('sqlglot').setLevel(logging.ERROR)

# What is not listed is refused, whatever DuckDB would do with it.
_STATEMENTS = (
    exp.Query,
    exp.Insert,
    exp.Update,
    exp.Delete,
    exp.Merge,
    exp.Create,
    exp.Drop,
    exp.Alter,
    exp.TruncateTable,
)
_CREATED = ('TABLE', 'VIEW', 'SCHEMA')
_TABLE_FUNCTIONS = ('generate_series',)
_HIDDEN_SCHEMAS = (SYSTEM_CATALOG, 'main', 'memory', 'system', 'temp')
_HIDDEN_RELATIONS = re.compile(r'(duckdb|sqlite|pragma)_')
_FIRST_WORDS = re.compile(
    r'\W*(SELECT|WITH|TABLE|VALUES|INSERT|UPDATE|DELETE|MERGE|CREATE|DROP|ALTER|TRUNCATE|SHOW|'
    r'EXPLAIN)\b',
    re.IGNORECASE,
)


class Translation(NamedTuple):
    """A statement as the engine runs it.

    ``kind`` is ``query``, ``explain``, ``change``, ``setting`` or ``security``. ``named`` is
    what it names, for errors. ``lengths`` are what CREATE TABLE declares
    and DuckDB forgets: table, column and type. ``assigned`` is what it sets, before it runs.
    ``tree`` is that of a change, and ``command`` a statement of row-level security.
    """

    sql: str
    kind: str
    sleep_seconds: float = 0
    named: Named = Named()
    counts_rows: bool = False
    lengths: tuple[tuple[str, str, str], ...] = ()
    assigned: tuple[Assignment, ...] = ()
    tree: exp.Expr | None = None
    command: Command | None = None


def no_columns(_schema: str, _table: str) -> dict[str, SqlType | None]:
    """Know no relation's columns."""
    return {}


def translate(
    sql: str, parameters: Mapping[str, str], database: str, catalog: Catalog = no_columns
) -> Translation:
    """Translate one statement; raises SqlError as Redshift would at parsing.

    ``catalog`` gives the columns of a relation: what a statement means depends on their types.
    """
    try:
        assigned = settings.read(sql)
        if assigned is not None:
            return Translation(sql, 'setting', assigned=assigned)
        command = security_statements.read(sql)
        if command:
            return Translation(sql, 'security', command=command)
        tree, kind = _read(sql, parameters)
        security_statements.refuse_hidden(tree)
        return _translate(tree, kind, database, catalog)
    except Refused as error:
        raise SqlError(f'ERROR: {error}') from error
    except RecursionError as error:
        raise SqlError('ERROR: stack depth limit exceeded') from error


def translate_own(sql: str, database: str, catalog: Catalog = no_columns) -> str:
    """Translate a query of the emulator's own, which may name what nobody else may."""
    return _translate(*_read(sql, {}), database, catalog).sql


def placeholders(sql: str) -> set[str]:
    """Return the names of the parameters (``:name``) that a statement refers to."""
    try:
        return {p.name for tree in parse(sql, read=Redshift) if tree for p in _parameters(tree)}
    except (ParseError, TokenError, RecursionError):
        return set(re.findall(r'(?<![:\w]):(\w+)', sql))


def _translate(tree: exp.Expr, kind: str, database: str, catalog: Catalog) -> Translation:
    tree = normalize_identifiers(tree, dialect='redshift')
    name_columns(tree)
    for table in list(tree.find_all(exp.Table)):
        _resolve(table, database)
    sleep_seconds = _take_sleep(tree)
    resolve(tree, catalog)
    refuse(tree)
    calls = {
        duckdb_name(call.name.lower()).removeprefix('redshift_'): signature(call)
        for call in tree.find_all(exp.Anonymous)
        if call.name.lower() in CATALOGUE
    }
    unknown = [column.name for column in tree.find_all(exp.Column) if column.meta.get('unknown')]
    assigned = settings.take(tree)
    tables = dict.fromkeys(table.alias_or_name for table in tree.find_all(exp.Table))
    lengths = _declared_lengths(tree)
    counts_rows = isinstance(tree, exp.DML)  # pyright: ignore[reportPrivateImportUsage]
    for encoding in list(tree.find_all(exp.EncodeColumnConstraint)):
        (encoding.parent or encoding).pop()
    tree = rewrite_outer_joins(tree)
    rewrite(tree)
    overloads.choose(tree)
    # Constructs that DuckDB lacks are left for it to refuse.
    sql = tree.sql('duckdb', unsupported_level=ErrorLevel.IGNORE, identify=True)
    return Translation(
        sql,
        kind,
        sleep_seconds,
        Named(tuple(tables), calls, tuple(unknown)),
        counts_rows,
        tuple(lengths),
        assigned,
        tree if kind == 'change' else None,
    )


def _read(sql: str, parameters: Mapping[str, str]) -> tuple[exp.Expr, str]:
    """Parse a statement with its parameters, and say of what kind it is."""
    tree = _parse(sql)
    kind = 'query' if isinstance(tree, exp.Query) and not tree.args.get('into') else 'change'
    if isinstance(tree, exp.Command) and tree.name.upper() == 'EXPLAIN':
        explained = re.sub(r'^\s*VERBOSE\b', '', tree.expression.name, flags=re.IGNORECASE)
        tree, kind = _parse(explained), 'explain'
    elif isinstance(tree, exp.Command) and tree.name.upper() == 'SHOW':
        query, parameters = shown.query(tree.expression.name)
        tree, kind = _parse(query), 'query'
    _check(tree, sql)
    for parameter in _parameters(tree):
        if parameter.name not in parameters:
            raise SqlError('ERROR: syntax error at or near ":"')
        parameter.replace(exp.Literal.string(parameters[parameter.name]))
    return tree, kind


def _parse(sql: str) -> exp.Expr:
    try:
        trees = [tree for tree in parse(sql, read=Redshift) if tree]
    except TokenError as error:
        raise SqlError('ERROR: syntax error at end of input') from error
    except SyntaxRefused as error:
        known = _FIRST_WORDS.match(sql)
        raise SqlError(syntax_error(sql, error) if known else _near_first_word(sql)) from error
    if len(trees) > 1:
        raise SqlError('ERROR: cannot insert multiple commands into a prepared statement')
    if not trees or (isinstance(trees[0], exp.Select) and not trees[0].expressions):
        raise SqlError('ERROR: syntax error at end of input')
    return trees[0]


def _near_first_word(sql: str) -> str:
    first = re.search(r'\w+', sql)
    word, position = (first[0], first.start() + 1) if first else ('', 1)
    return f'ERROR: syntax error at or near "{word}"\n  Position: {position}'


def _check(tree: exp.Expr, sql: str) -> None:
    words = re.findall(r'\w+', sql)
    if isinstance(tree, exp.Create | exp.Drop) and tree.kind not in _CREATED:
        raise SqlError(f'ERROR: {words[0].upper()} {tree.kind} is not available in the emulator')
    if isinstance(tree, exp.Command | exp.Copy | exp.Grant | exp.Revoke | exp.Analyze):
        raise SqlError(f'ERROR: {words[0].upper()} is not available in the emulator')
    if not isinstance(tree, _STATEMENTS):
        raise SqlError(_near_first_word(sql))


def _parameters(tree: exp.Expr) -> list[exp.Placeholder]:
    return [found for found in tree.find_all(exp.Placeholder) if found.this]


def _resolve(table: exp.Table, database: str) -> None:
    """Point a system relation to its view, and refuse what only DuckDB has."""
    called = table.this
    if isinstance(called, exp.Func) and called.name.lower() not in _TABLE_FUNCTIONS:
        raise SqlError(f'ERROR: function {called.name.lower()} does not exist')
    if table.catalog and table.catalog != database:
        raise SqlError(f'ERROR: database "{table.catalog}" does not exist')
    if table.db in _HIDDEN_SCHEMAS:
        raise SqlError(f'ERROR: schema "{table.db}" does not exist')
    if _HIDDEN_RELATIONS.match(table.name):
        raise SqlError(f'ERROR: relation "{table.name}" does not exist')
    prefix = 'information_schema_' if table.db == 'information_schema' else ''
    view = prefix + table.name
    is_system_view = view in SYSTEM_VIEWS or view in SECURITY_VIEWS
    if table.db in ('', 'pg_catalog', 'information_schema') and is_system_view:
        if not table.alias:
            table.set('alias', exp.TableAlias(this=exp.to_identifier(table.name)))
        table.set('this', exp.to_identifier(view))
        table.set('db', exp.to_identifier('main'))
        table.set('catalog', exp.to_identifier(SYSTEM_CATALOG))


def _take_sleep(tree: exp.Expr) -> float:
    """Take ``pg_sleep(seconds)`` out of a statement: the engine waits before it runs the rest."""
    seconds = 0.0
    for call in list(tree.find_all(exp.Anonymous)):
        if call.name.lower() == 'pg_sleep':
            argument = call.expressions[0] if call.expressions else None
            if not isinstance(argument, exp.Literal) or argument.is_string:
                raise SqlError('ERROR: pg_sleep takes a number of seconds')
            seconds += float(argument.name)
            call.replace(exp.Literal.string(''))
    return seconds


def _declared_lengths(tree: exp.Expr) -> list[tuple[str, str, str]]:
    """Return table, column and type of each VARCHAR(n) and CHAR(n) that CREATE TABLE declares."""
    if not isinstance(tree, exp.Create) or not isinstance(tree.this, exp.Schema):
        return []
    table = tree.this.this.sql('duckdb')
    found = []
    for column in tree.this.expressions:
        kind = column.args.get('kind')
        if kind and kind.is_type('varchar', 'char', 'nvarchar', 'nchar', 'bpchar'):
            name, default = ('varchar', '256') if 'VAR' in kind.this.name else ('bpchar', '1')
            length = kind.expressions[0].name.lower() if kind.expressions else default
            length = length if length.isdigit() else '65535'  # VARCHAR(MAX)
            found.append((table, column.this.sql('duckdb'), f'{name}({length})'))
    return found
