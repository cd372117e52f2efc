"""Row-level security: its statements, and protected tables seen through DuckDB views.

A protected table has another name, and a view of its visible rows stands in its place: DuckDB sees
to aliases, scopes and views by itself. A policy reads the context by DuckDB's variables of the
connection. The view ends in a LIMIT that no table reaches: DuckDB evaluates nothing of a query
before the policy then, so that no error can tell a value of a row that isn't visible.
"""

from collections.abc import Callable

import duckdb
from sqlglot import exp, parse_one

from emulator.redshift.session.policies import Policies, Policy, parsed
from emulator.redshift.session.refused import Refused
from emulator.redshift.session.security_statements import (
    HIDDEN,
    AlterPolicy,
    AttachPolicy,
    Command,
    CreatePolicy,
    DropPolicy,
    Grantee,
    Name,
    RowLevelSecurity,
)

_NO_TABLE_HAS_SO_MANY_ROWS = 2**62


class RowSecurity:
    """Row-level security as one connection sees and changes it, within its transaction."""

    def __init__(
        self,
        cursor: duckdb.DuckDBPyConnection,
        database: str,
        user: str,
        translate: Callable[[str], str],
    ) -> None:
        self._database = database
        self._user = user.lower()
        self._translate = translate
        self._policies = Policies(cursor, database)

    def run(self, command: Command) -> None:
        """Run a statement; raises Refused."""
        match command:
            case CreatePolicy():
                self._create(command)
            case AlterPolicy():
                self._alter(command)
            case DropPolicy():
                self._drop(command)
            case AttachPolicy():
                self._attach(command)
            case RowLevelSecurity():
                self._switch(command)

    def redirected(self, tree: exp.Expr) -> str | None:
        """Return a change of a protected table as DuckDB does it to the table behind the view.

        None if the change is of anything else. Raises Refused for what isn't done to such a table.
        """
        targets = _targets(tree)
        found = [(target, self._relation(Name(target.db, target.name))) for target in targets]
        protected = [(target, name) for target, name in found if name and self._is_hidden(name)]
        if not protected:
            return None
        target, name = protected[0]
        if len(targets) > 1:
            raise Refused(f'"{name.table}" has row-level security: name no other beside it')
        if isinstance(tree, exp.Drop) and tree.kind == 'TABLE':
            self._policies.forget(name)
            self._policies.run(f'DROP VIEW {self._sql(name)}')
            return f'DROP TABLE {self._sql(_hidden(name))}'
        if not isinstance(tree, exp.Insert | exp.Update | exp.Delete | exp.TruncateTable):
            raise Refused(_refusal(tree, name))
        if isinstance(tree, exp.Update | exp.Delete):
            self._restrict(tree, target, name)
        target.set('this', exp.to_identifier(HIDDEN + name.table, quoted=True))
        target.set('db', exp.to_identifier(name.schema, quoted=True))
        return tree.sql('duckdb')

    def _restrict(self, tree: exp.Update | exp.Delete, target: exp.Table, name: Name) -> None:
        """Have an UPDATE or DELETE change visible rows only."""
        alias = exp.to_identifier(target.alias or target.name, quoted=True)
        target.set('alias', exp.TableAlias(this=alias))
        rows = parse_one(self._visible(name, 'rowid'), dialect='duckdb')
        visible = exp.In(this=exp.column('rowid', alias.copy()), query=exp.Subquery(this=rows))
        where = tree.args.get('where')
        tree.set('where', exp.Where(this=exp.and_(where.this, visible) if where else visible))

    def _create(self, command: CreatePolicy) -> None:
        if self._policies.find(command.name):
            raise Refused(f'RLS policy "{command.name}" already exists')
        self._policies.keep(self._checked(Policy(*command)))

    def _alter(self, command: AlterPolicy) -> None:
        policy = self._existing(command.name)._replace(predicate=command.predicate)
        self._policies.keep(self._checked(policy))
        for table in self._policies.tables_of(policy.name):
            self._renew(table)

    def _drop(self, command: DropPolicy) -> None:
        if command.if_exists and not self._policies.find(command.name):
            return
        policy = self._existing(command.name)
        tables = self._policies.tables_of(policy.name)
        if tables and not command.cascade:
            raise Refused(
                f'cannot drop RLS policy "{policy.name}" because other objects depend on it'
            )
        self._policies.remove(policy.name)
        for table in tables:
            self._renew(table)

    def _attach(self, command: AttachPolicy) -> None:
        policy = self._existing(command.name)
        for name in command.tables:
            table = self._table(name)
            if command.attach:
                self._check_fits(policy, table)
            for grantee in command.grantees:
                self._check_exists(grantee)
                self._attach_one(policy, table, grantee, attach=command.attach)
            self._renew(table)

    def _attach_one(self, policy: Policy, table: Name, grantee: Grantee, *, attach: bool) -> None:
        if self._policies.is_attached(policy, table, grantee) == attach:
            is_so = 'is already' if attach else 'is not'
            raise Refused(
                f'RLS policy "{policy.name}" {is_so} attached on "{table.table}" '
                f'to "{grantee.name}"'
            )
        if attach:
            self._policies.attach(policy, table, grantee)
        else:
            self._policies.detach(policy, table, grantee)

    def _switch(self, command: RowLevelSecurity) -> None:
        table = self._table(command.table)
        if command.on and table in self._policies.lookup_tables():
            raise Refused(f'"{table.table}" is a lookup table of an RLS policy')
        self._policies.switch(table, command.conjunction, on=command.on)
        self._renew(table)

    def _renew(self, table: Name) -> None:
        """Bring the view of a table in line with what is kept of it."""
        run, view, hidden = self._policies.run, self._sql(table), self._sql(_hidden(table))
        if self._policies.conjunction(table):
            if not self._is_hidden(table):
                run(f'ALTER TABLE {view} RENAME TO "{HIDDEN}{table.table}"')
            run(f'CREATE OR REPLACE VIEW {view} AS {self._visible(table, "*")}')
        elif self._is_hidden(table):
            run(f'DROP VIEW {view}')
            run(f'ALTER TABLE {hidden} RENAME TO "{table.table}"')

    def _visible(self, table: Name, what: str) -> str:
        """Return the DuckDB query of a protected table's visible rows: none without a policy."""
        policies = self._policies.of_table(table)
        conjunction = f' {self._policies.conjunction(table)} '
        condition = conjunction.join(f'({policy.predicate})' for policy in policies) or 'FALSE'
        alias = next((policy.alias for policy in policies if policy.alias), table.table)
        seen = exp.select(exp.column(exp.Star() if what == '*' else what, alias, quoted=True))
        hidden = exp.table_(HIDDEN + table.table, db=table.schema, alias=alias, quoted=True)
        seen = seen.from_(hidden).where(parsed(condition)).limit(_NO_TABLE_HAS_SO_MANY_ROWS)
        return self._translate(seen.sql('redshift'))

    def _checked(self, policy: Policy) -> Policy:
        """Return a policy with the schema of each lookup table; raises Refused for a wrong one."""
        predicate = parsed(policy.predicate)
        for table in predicate.find_all(exp.Table):
            lookup = self._relation(Name(table.db, table.name))
            if table.catalog or lookup is None or self._policies.kind(lookup) != 'table':
                raise Refused(
                    f'RLS policy "{policy.name}" can not refer to relation "{table.name}"'
                )
            table.set('db', exp.to_identifier(lookup.schema, quoted=True))
        columns = [exp.alias_(f'CAST(NULL AS {kind})', name) for name, kind in policy.columns]
        no_row = exp.select(*(columns or [exp.null()])).subquery(policy.alias or 'r')
        self._columns_of(exp.select('1').from_(no_row).where(predicate))
        for query in predicate.find_all(exp.Query):
            try:
                self._columns_of(query)
            except duckdb.Error as error:
                raise Refused('RLS policy could not be rewritten.') from error
        return policy._replace(predicate=predicate.sql('redshift'))

    def _check_fits(self, policy: Policy, table: Name) -> None:
        if table in self._policies.lookup_tables():
            raise Refused(f'"{table.table}" is a lookup table of an RLS policy')
        found = self._policies.columns(_hidden(table) if self._is_hidden(table) else table)
        for name, kind in policy.columns:
            wanted = self._columns_of(exp.select(f'CAST(NULL AS {kind})'))
            if name not in found:
                raise Refused(f'column "{name}" does not exist in {table.table}')
            if [found[name]] != wanted:
                raise Refused(
                    f'column "{name}" of {table.table} has not the type of RLS policy '
                    f'"{policy.name}"'
                )
        if any(other.alias != policy.alias for other in self._policies.of_table(table)):
            raise Refused(f'RLS policies of "{table.table}" must have the same relation alias')

    def _columns_of(self, query: exp.Query) -> list[str]:
        """Return DuckDB's types of a query's columns; raises Refused for one that fails."""
        sql = self._translate(query.sql('redshift'))
        return [kind for _, kind, *_ in self._policies.run(f'DESCRIBE {sql}')]

    def _check_exists(self, grantee: Grantee) -> None:
        """Refuse who is not there: there are no roles, and one user."""
        is_user = grantee.kind == 'user' and grantee.name == self._user
        if grantee.kind != 'public' and not is_user:
            raise Refused(f'{grantee.kind} "{grantee.name}" does not exist')

    def _existing(self, name: str) -> Policy:
        policy = self._policies.find(name)
        if policy is None:
            raise Refused(f'RLS policy "{name}" does not exist')
        return policy

    def _table(self, name: Name) -> Name:
        found = self._relation(name)
        if found is None:
            raise Refused(f'relation "{name.table}" does not exist')
        if self._policies.kind(found) == 'view':
            raise Refused(f'"{name.table}" is not a table')
        return found

    def _relation(self, name: Name) -> Name | None:
        is_own = name.table.startswith(HIDDEN)
        return None if is_own else self._policies.relation(name)

    def _is_hidden(self, table: Name) -> bool:
        return self._policies.kind(table) == 'protected'

    def _sql(self, table: Name) -> str:
        return f'{self._database}."{table.schema}"."{table.table}"'


def _hidden(table: Name) -> Name:
    return Name(table.schema, HIDDEN + table.table)


def _targets(tree: exp.Expr) -> list[exp.Table]:
    """Return the tables that a statement changes."""
    targets = [tree.this]
    if isinstance(tree, exp.TruncateTable | exp.Drop):
        targets = tree.expressions or tree.args.get('tables') or []
    tables = (target.this if isinstance(target, exp.Schema) else target for target in targets)
    return [table for table in tables if isinstance(table, exp.Table)]


def _refusal(tree: exp.Expr, table: Name) -> str:
    if isinstance(tree, exp.Create) and tree.kind == 'TABLE':
        return f'Relation "{table.table}" already exists'
    if isinstance(tree, exp.Create | exp.Drop):
        return f'"{table.table}" is not a view'
    return f'{tree.key.upper()} of a table with row-level security is not available in the emulator'
