"""What each name in a query means: a column, of which source and type, or a path into a SUPER."""

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from emulator.redshift.functions.becomes import type_of
from emulator.redshift.functions.types import SUPER, SqlType, common
from emulator.redshift.sql.iterations import iterated
from emulator.redshift.sql.types import set_type

Columns = Mapping[str, SqlType | None]
Catalog = Callable[[str, str], Columns]
"""Gives the columns of a relation, by its schema (or nothing) and name."""
Sources = dict[str, Columns]

_TABLES = ('from_', 'joins', 'laterals', 'with_')


def resolve(tree: exp.Expr, catalog: Catalog) -> None:
    """Note the type of every part of a statement, and write paths into SUPER as such."""
    reader = _Reader(catalog)
    if isinstance(tree, exp.Query):
        reader.query(tree, {}, [])
        return
    sources: Sources = {}
    for key in ('this', 'from_', 'using'):
        part = tree.args.get(key)
        source = part.this if isinstance(part, exp.From | exp.Schema) else part
        if isinstance(source, exp.Table | exp.Subquery):
            reader.source(source, sources, {}, [])
    for node in tree.args.values():
        for part in node if isinstance(node, list) else [node]:
            if isinstance(part, exp.Expr) and not isinstance(part, exp.Table):
                reader.expression(part, {}, [sources])


class _Reader:
    """Reads a query from its sources to its columns; an inner one sees what is around it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def query(self, query: exp.Expr, ctes: Sources, around: list[Sources]) -> Columns:
        """Note the types in a query, and return its columns."""
        ctes = dict(ctes)
        if with_ := query.args.get('with_'):
            for cte in with_.expressions:
                self._cte(cte, ctes, around, recursive=bool(with_.recursive))
        if isinstance(query, exp.Subquery):
            return self.query(query.this, ctes, around)
        if isinstance(query, exp.SetOperation):
            left = self.query(query.this, ctes, around)
            right = self.query(query.expression, ctes, around)
            self._rest(query, ('this', 'expression', 'with_'), ctes, [{'': left}, *around])
            types = zip(left.values(), [*right.values(), *[None] * len(left)], strict=False)
            return {name: common(*pair) for name, pair in zip(left, types, strict=False)}
        if not isinstance(query, exp.Select):
            return {}
        return self._select(query, ctes, around)

    def _select(self, query: exp.Select, ctes: Sources, around: list[Sources]) -> Columns:
        sources: Sources = {}
        scopes = [sources, *around]
        tables = [query.args['from_'].this] if query.args.get('from_') else []
        tables += [join.this for join in query.args.get('joins') or ()]
        for table in tables:
            self.source(table, sources, ctes, scopes)
        for join in query.args.get('joins') or ():
            if join.args.get('on'):
                self.expression(join.args['on'], ctes, scopes)
        aliases: dict[str, SqlType | None] = {}
        for projection in list(query.expressions):
            self.expression(projection, ctes, [*scopes, {'': aliases}])
            aliases[projection.alias_or_name] = type_of(projection)
        self._rest(query, ('expressions', *_TABLES), ctes, [*scopes, {'': aliases}])
        columns: dict[str, SqlType | None] = {}
        for name, kind in _columns(query, sources):
            # Columns may have one name; nobody can say which of them is meant.
            columns[name if name not in columns else f'{name}\0{len(columns)}'] = kind
        return columns

    def _cte(self, cte: exp.Expr, ctes: Sources, around: list[Sources], *, recursive: bool) -> None:
        query, named = cte.this, cte.args['alias'].columns
        if recursive and isinstance(query, exp.SetOperation):
            first = self.query(query.this, ctes, around)
            ctes[cte.alias] = _renamed(first, named)
        ctes[cte.alias] = _renamed(self.query(query, ctes, around), named)

    def source(
        self, table: exp.Expr, sources: Sources, ctes: Sources, scopes: list[Sources]
    ) -> None:
        """Add what FROM names to the sources of a query."""
        alias = table.args.get('alias')
        named = alias.columns if isinstance(alias, exp.TableAlias) else []
        columns: Columns = {}
        if isinstance(table, exp.Subquery):
            columns = self.query(table.this, ctes, scopes)
        elif isinstance(table, exp.Table) and isinstance(table.this, exp.Identifier):
            known = ctes.get(table.name) if not table.db else None
            columns = self._catalog(table.db, table.name) if known is None else known
        elif iteration := iterated(table):
            path, made = iteration
            table.replace(made)
            self.expression(path, ctes, scopes)
            sources.update({each: {each: SUPER} for each in made.this.named_selects})
            return
        elif isinstance(table, exp.Unnest):
            for part in table.expressions:
                self.expression(part, ctes, scopes)
            sources.update({each.name: {each.name: SUPER} for each in named})
            return
        sources[table.alias_or_name] = {} if table.args.get('pivots') else _renamed(columns, named)
        for join in table.args.get('joins') or ():
            self.source(join.this, sources, ctes, scopes)

    def _rest(
        self, query: exp.Expr, done: tuple[str, ...], ctes: Sources, scopes: list[Sources]
    ) -> None:
        for key, value in list(query.args.items()):
            if key not in done:
                for part in value if isinstance(value, list) else [value]:
                    if isinstance(part, exp.Expr):
                        self.expression(part, ctes, scopes)

    def expression(self, node: exp.Expr, ctes: Sources, scopes: list[Sources]) -> None:
        """Note the types in an expression, the inner parts first."""
        if isinstance(node, exp.Query):
            self.query(node, ctes, scopes)
        else:
            for part in list(node.iter_expressions()):
                self.expression(part, ctes, scopes)
        if isinstance(node, exp.Column):
            _resolve_column(node, scopes)
        set_type(node)


def _renamed(columns: Columns, named: list[exp.Expr]) -> Columns:
    names = [each.name for each in named]
    names += list(columns)[len(names) :]
    return dict(zip(names, [*columns.values(), *[None] * len(names)], strict=False))


def _columns(query: exp.Select, sources: Sources) -> Iterator[tuple[str, SqlType | None]]:
    for projection in query.expressions:
        if isinstance(projection, exp.Star):
            for columns in sources.values():
                yield from columns.items()
        elif isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star):
            yield from sources.get(projection.table, {}).items()
        else:
            yield projection.alias_or_name, type_of(projection)


def _resolve_column(node: exp.Column, scopes: list[Sources]) -> None:
    parts = node.parts
    names = [part.name for part in parts]
    for sources in scopes:
        if len(names) > 1 and names[1] in sources.get(names[0], {}):
            node.meta['source'] = names[0]
            _note(node, parts, 2, sources[names[0]][names[1]])
            return
        for source, columns in sources.items():
            if (names[0] in columns and names[0] not in sources) or source == names[0] in columns:
                node.meta['source'] = source
                _note(node, parts, 1, columns[names[0]])
                return
    known = [columns for sources in scopes for name, columns in sources.items() if name]
    if len(names) == 1 and all(known) and not _is_a_word(node):
        node.meta['unknown'] = True


def _is_a_word(node: exp.Column) -> bool:
    """Tell whether a name is that of a part of a date, the first argument of a call."""
    call = node.parent
    return (
        isinstance(call, exp.Anonymous)
        and len(call.expressions) > 1
        and node.arg_key == 'expressions'
        and node.index == 0
    )


def _note(node: exp.Column, parts: list[exp.Expr], used: int, kind: SqlType | None) -> None:
    """Note a column's type; what follows its name is a path into it."""
    path = parts[used:]
    if kind:
        node.meta['sql_type'] = kind
    if path and kind == SUPER:
        name, parent = path[-1].name, node.parent
        found: exp.Expr = _column(parts[:used])
        found.meta['sql_type'] = SUPER
        for part in path:
            found = exp.Dot(this=found, expression=part.copy())
            found.meta['sql_type'] = SUPER
        is_named = not isinstance(parent, exp.Select) or node.arg_key != 'expressions'
        node.replace(found if is_named else exp.alias_(found, name, quoted=True))


def _column(parts: list[exp.Expr]) -> exp.Expr:
    names = [part.copy() for part in reversed(parts)]
    return exp.Column(**dict(zip(('this', 'table', 'db'), names, strict=False)))
