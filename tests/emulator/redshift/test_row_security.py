"""Row-level security as Redshift has it: who sees which rows, and what is refused."""

import csv
import io
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.redshift.functions.refused import SqlError
from emulator.redshift.warehouse import Connection, Warehouse

# A policy by person and one by group, which has another table look the group up.
TABLES = (
    'CREATE SCHEMA hr',
    'CREATE TABLE hr.pay (person VARCHAR(64) NOT NULL, team VARCHAR(20), amount INTEGER)',
    "INSERT INTO hr.pay VALUES ('ann', 'red', 1), ('ann', 'blue', 2), ('bob', 'red', 30)",
    'CREATE TABLE hr.leads (lead VARCHAR(64), team VARCHAR(20))',
    "INSERT INTO hr.leads VALUES ('cid', 'red')",
)
OWN = "person = current_setting('app.person', FALSE)"
BY_PERSON = (
    f'CREATE RLS POLICY own WITH (person VARCHAR(64)) USING ({OWN})',
    'ATTACH RLS POLICY own ON hr.pay TO PUBLIC',
    'ALTER TABLE hr.pay ROW LEVEL SECURITY ON',
)
BY_LEAD = (
    'CREATE RLS POLICY leads WITH (team VARCHAR(20)) USING (team IN '
    "(SELECT l.team FROM hr.leads AS l WHERE l.lead = current_setting('app.person', FALSE)))"
)
CORRELATED = (
    'CREATE RLS POLICY p WITH (team VARCHAR(20)) AS t USING '
    '(EXISTS (SELECT 1 FROM hr.leads AS l WHERE l.team = t.team))'
)
ALL = 'SELECT COALESCE(SUM(amount), 0) FROM hr.pay'


@pytest.fixture(scope='module')
def warehouse() -> Iterator[Warehouse]:
    warehouse = Warehouse('dev', 1)
    yield warehouse
    warehouse.close()


@pytest.fixture
def connection(warehouse: Warehouse) -> Iterator[Connection]:
    """Return a connection in a transaction, which leaves nothing behind, with the tables."""
    connection = warehouse.connect()
    connection.begin()
    run(warehouse, connection, *TABLES)
    yield connection
    connection.rollback()
    connection.close()


class People:
    """What people see on one connection."""

    def __init__(self, warehouse: Warehouse, connection: Connection) -> None:
        self.warehouse, self.connection = warehouse, connection

    def __call__(self, *statements: str) -> list[list[str]]:
        """Run statements; return the rows of the last."""
        return run(self.warehouse, self.connection, *statements)

    def seen_by(self, person: str, query: str = ALL) -> Any:
        """Return the one value of a query, asked as somebody."""
        ((value,),) = self(f"SELECT set_config('app.person', '{person}', TRUE)", query)
        return value

    def refusal(self, *statements: str) -> str:
        """Return the error of the last statement."""
        self(*statements[:-1])
        with pytest.raises(SqlError) as refused:
            self(statements[-1])
        return str(refused.value)


@pytest.fixture
def people(warehouse: Warehouse, connection: Connection) -> People:
    return People(warehouse, connection)


def run(warehouse: Warehouse, connection: Connection, *statements: str) -> list[list[str]]:
    """Run statements; return the rows of the last, without its header."""
    rows: list[list[str]] = []
    for sql in statements:
        path = warehouse.folder / f'result-{id(connection)}'
        result = connection.execute(sql, {}, 'CSV', path, threading.Event()).result
        rows = list(csv.reader(io.StringIO(result.chunk(0).decode())))[1:] if result else []
    return rows


def test_everybody_sees_the_own_rows(people: People) -> None:
    assert people(ALL) == [['33']]
    people(*BY_PERSON)

    assert [people.seen_by(person) for person in ('ann', 'bob', 'cid', "x'' OR 1=1")] == [
        *('3', '30', '0', '0')
    ]


def test_without_context_nobody_sees_anything(people: People) -> None:
    people(*BY_PERSON)

    assert people('SELECT COUNT(*) FROM hr.pay') == [['0']]
    assert people.seen_by('ann', 'SELECT COUNT(*) FROM hr.pay') == '2'
    assert people('RESET app.person', 'SELECT COUNT(*) FROM hr.pay') == [['0']]


def test_without_policy_nobody_sees_anything(people: People) -> None:
    people('ALTER TABLE hr.pay ROW LEVEL SECURITY ON')
    assert people.seen_by('ann', 'SELECT COUNT(*) FROM hr.pay') == '0'

    people(*BY_PERSON[:2])
    assert people.seen_by('ann', 'SELECT COUNT(*) FROM hr.pay') == '2'

    people('DETACH RLS POLICY own ON hr.pay FROM PUBLIC')
    assert people.seen_by('ann', 'SELECT COUNT(*) FROM hr.pay') == '0'

    people('ALTER TABLE hr.pay ROW LEVEL SECURITY OFF')
    assert people.seen_by('nobody', ALL) == '33'


@pytest.mark.parametrize(
    ('conjunction', 'seen'),
    [('', '0'), (' CONJUNCTION TYPE AND', '0'), (' CONJUNCTION TYPE OR', '3')],
)
def test_policies_go_together_as_the_table_says(
    people: People, conjunction: str, seen: str
) -> None:
    people(*BY_PERSON, BY_LEAD, 'ATTACH RLS POLICY leads ON TABLE hr.pay TO PUBLIC')
    people(f'ALTER TABLE hr.pay ROW LEVEL SECURITY ON{conjunction}')

    assert people.seen_by('ann') == seen


def test_lookup_table_gives_a_lead_the_rows_of_the_team(people: People) -> None:
    people(BY_LEAD, 'ATTACH RLS POLICY leads ON hr.pay TO PUBLIC', BY_PERSON[-1])

    assert (people.seen_by('cid'), people.seen_by('ann')) == ('31', '0')
    assert people.seen_by('cid', 'SELECT COUNT(*) FROM hr.pay p JOIN hr.leads USING (team)') == '2'


def test_changed_policy_is_in_force_at_once(people: People) -> None:
    people(*BY_PERSON)
    people(f'ALTER RLS POLICY own USING (NOT {OWN})')
    assert people.seen_by('ann') == '30'

    people('DROP RLS POLICY own CASCADE')
    assert people.seen_by('ann') == '0'


def test_view_shows_whoever_asks_the_own_rows(people: People) -> None:
    people('CREATE VIEW hr.teams AS SELECT team, SUM(amount) AS amount FROM hr.pay GROUP BY team')
    people(*BY_PERSON, 'CREATE VIEW hr.pays AS SELECT p.amount AS a FROM hr.pay AS p')

    assert people.seen_by('ann', 'SELECT SUM(amount) FROM hr.teams') == '3'
    assert people.seen_by('bob', 'SELECT SUM(a) FROM hr.pays') == '30'


def test_changes_reach_visible_rows_only(people: People) -> None:
    people(*BY_PERSON, "SELECT set_config('app.person', 'ann', TRUE)")
    people('UPDATE hr.pay SET amount = amount + 100 WHERE pay.amount > 0')
    people("DELETE FROM hr.pay WHERE team = 'red'")
    people("INSERT INTO hr.pay VALUES ('bob', 'red', 7)")

    people('ALTER TABLE hr.pay ROW LEVEL SECURITY OFF')
    assert people('SELECT person, amount FROM hr.pay ORDER BY 1, 2') == [
        *(['ann', '102'], ['bob', '7'], ['bob', '30'])
    ]


def test_protected_table_is_a_table_to_all_who_look(people: People) -> None:
    columns = 'column_name, data_type, character_maximum_length'
    about = (
        "SELECT table_name, table_type FROM svv_tables WHERE table_schema = 'hr' ORDER BY 1",
        f"SELECT {columns} FROM svv_columns WHERE table_name = 'pay' ORDER BY ordinal_position",
        'SHOW TABLES FROM SCHEMA dev.hr',
    )
    before = [people(query) for query in about]
    people(*BY_PERSON)

    assert [people(query) for query in about] == before
    assert ['pay', 'BASE TABLE'] in before[0]
    assert ['person', 'character varying', '64'] in before[1]
    (plan,) = people('EXPLAIN SELECT * FROM hr.pay')[-1:]
    assert 'rls' not in str(plan)


def test_system_views_tell_what_there_is(people: People) -> None:
    people(*BY_PERSON)

    assert people('SELECT polname, polatts, polqual FROM svv_rls_policy ORDER BY 1')[0] == [
        'own',
        '[{"colname": "person", "type": "VARCHAR(64)"}]',
        "person = CURRENT_SETTING('app.person', FALSE)",
    ]
    assert [
        'hr', 'pay', 'own', 'public', 'true',
    ] in people(
        'SELECT relschema, relname, polname, granteekind, is_rls_on FROM svv_rls_attached_policy'
    )  # fmt: skip
    assert ['hr', 'pay', 'true', 'and'] in people(
        'SELECT relschema, relname, is_rls_on, rls_conjunction_type FROM svv_rls_relation'
    )


def test_dropped_table_is_forgotten_with_its_protection(people: People) -> None:
    people(*BY_PERSON, 'DROP TABLE hr.pay', *TABLES[1:3])

    assert people(ALL) == [['33']]
    assert people("SELECT COUNT(*) FROM svv_rls_relation WHERE relschema = 'hr'") == [['0']]


@pytest.mark.parametrize(
    ('statement', 'error'),
    [
        (BY_PERSON[0], 'RLS policy "own" already exists'),
        (BY_PERSON[1], 'RLS policy "own" is already attached on "pay" to "public"'),
        ('ATTACH RLS POLICY none ON hr.pay TO PUBLIC', 'RLS policy "none" does not exist'),
        ('ATTACH RLS POLICY own ON hr.none TO PUBLIC', 'relation "none" does not exist'),
        ('ATTACH RLS POLICY own ON hr.pay TO ROLE boss', 'role "boss" does not exist'),
        ('ATTACH RLS POLICY own ON hr.pay TO joe', 'user "joe" does not exist'),
        ('ATTACH RLS POLICY own ON hr.leads TO PUBLIC', 'column "person" does not exist in leads'),
        ('ATTACH RLS POLICY own ON hr."rls:pay" TO PUBLIC', 'relation "rls:pay" does not exist'),
        ('DETACH RLS POLICY own ON hr.leads FROM PUBLIC',
         'RLS policy "own" is not attached on "leads" to "public"'),
        ('DROP RLS POLICY own', 'cannot drop RLS policy "own" because other objects depend on it'),
        ('DROP RLS POLICY none', 'RLS policy "none" does not exist'),
        ('ALTER RLS POLICY none USING (TRUE)', 'RLS policy "none" does not exist'),
        ('ALTER RLS POLICY own USING (salary > 1)', 'column "salary" does not exist in '),
        ('CREATE RLS POLICY p USING ()', 'syntax error at or near ")"\n  Position: 28'),
        ('CREATE RLS POLICY p USING (1 = 1', 'syntax error at end of input'),
        ('CREATE RLS POLICY p USING (1 = 1) x', 'syntax error at or near "x"\n  Position: 35'),
        ('CREATE RLS POLICY p USING (EXISTS (SELECT 1 FROM svv_tables))',
         'RLS policy "p" can not refer to relation "svv_tables"'),
        ('CREATE RLS POLICY p USING (EXISTS (SELECT 1 FROM hr.pay))',
         'RLS policy "p" can not refer to relation "pay"'),
        (CORRELATED, 'RLS policy could not be rewritten.'),
        ('ALTER TABLE hr.none ROW LEVEL SECURITY ON', 'relation "none" does not exist'),
        ('ALTER TABLE hr.pay ROW LEVEL SECURITY', 'syntax error at end of input'),
        ('SELECT * FROM hr."rls:pay"', 'relation "rls:pay" does not exist'),
        ('CREATE OR REPLACE VIEW hr.pay AS SELECT 1 AS one', '"pay" is not a view'),
        ('DROP VIEW hr.pay', '"pay" is not a view'),
        ('CREATE TABLE hr.pay (one INTEGER)', 'Relation "pay" already exists'),
        ('ALTER TABLE hr.pay ADD COLUMN two INTEGER',
         'ALTER of a table with row-level security is not available in the emulator'),
    ],
)  # fmt: skip
def test_statement_that_makes_no_sense_is_refused(
    people: People, statement: str, error: str
) -> None:
    assert people.refusal(*BY_PERSON, statement).startswith(f'ERROR: {error}')


@pytest.mark.parametrize(
    ('statements', 'error'),
    [
        ((BY_LEAD, 'ALTER TABLE hr.leads ROW LEVEL SECURITY ON'),
         '"leads" is a lookup table of an RLS policy'),
        ((BY_PERSON[0], BY_LEAD, 'ATTACH RLS POLICY leads ON hr.leads TO PUBLIC'),
         '"leads" is a lookup table of an RLS policy'),
        (('CREATE VIEW hr.v AS SELECT 1 AS one', 'ALTER TABLE hr.v ROW LEVEL SECURITY ON'),
         '"v" is not a table'),
        (('CREATE RLS POLICY a WITH (amount INTEGER) AS x USING (x.amount > 1)', BY_PERSON[0],
          'ATTACH RLS POLICY a ON hr.pay TO PUBLIC', BY_PERSON[1]),
         'RLS policies of "pay" must have the same relation alias'),
        (('CREATE RLS POLICY a WITH (amount VARCHAR(9)) USING (amount IS NULL)',
          'ATTACH RLS POLICY a ON hr.pay TO PUBLIC'),
         'column "amount" of pay has not the type of RLS policy "a"'),
    ],
)  # fmt: skip
def test_policy_that_does_not_fit_is_refused(
    people: People, statements: tuple[str, ...], error: str
) -> None:
    assert people.refusal(*statements) == f'ERROR: {error}'


@pytest.mark.parametrize(
    'query',
    [
        "SELECT 1 FROM hr.pay WHERE CAST(REPLACE(team, 'blue', '1') AS INTEGER) = 1",
        'SELECT 1 / (amount - 30) FROM hr.pay',
        'SELECT COUNT(*) FROM hr.pay WHERE 1 / (amount - 30) > 0',
        'SELECT 1 FROM hr.pay a JOIN hr.pay b ON 1 / (a.amount - 30) = 1 / (b.amount - 30)',
        'SELECT MAX(1 / (amount - 30)) OVER () FROM hr.pay ORDER BY 1 / (amount - 30)',
    ],
)
def test_error_tells_no_value_that_is_not_visible(people: People, query: str) -> None:
    people(*BY_PERSON, "SELECT set_config('app.person', 'cid', TRUE)", query)

    people("SELECT set_config('app.person', 'bob', TRUE)")
    with pytest.raises(SqlError):
        people(query)


def test_context_of_a_transaction_ends_with_it(warehouse: Warehouse) -> None:
    connection = warehouse.connect()
    people = People(warehouse, connection)
    read = "SELECT current_setting('app.one', FALSE), current_setting('app.two', FALSE)"

    connection.begin()
    people("SELECT set_config('app.one', 'local', TRUE), set_config('app.two', 'kept', FALSE)")
    assert people(read) == [['local', 'kept']]
    connection.commit()
    assert people(read) == [['', 'kept']]

    connection.begin()
    people("SET app.two TO 'lost'", 'SET LOCAL app.one = 5')
    assert people(read) == [['5', 'lost']]
    connection.rollback()
    assert people(read) == [['', 'kept']]

    # By itself, a statement is a transaction of its own.
    assert people("SELECT set_config('app.one', 'x', TRUE)", read) == [['', 'kept']]
    with pytest.raises(SqlError):
        people("SELECT set_config('app.two', 'y', FALSE), 1 / 0")
    assert people(read) == [['', 'kept']]
    assert people('RESET app.two', read) == [['', '']]
    connection.close()


def test_context_is_of_its_connection(warehouse: Warehouse) -> None:
    one, other = (People(warehouse, warehouse.connect()) for _ in range(2))
    one("SET app.person TO 'ann'")

    assert other("SELECT current_setting('app.person', FALSE) IS NULL") == [['true']]
    one.connection.close()
    other.connection.close()


@pytest.mark.parametrize(
    ('statement', 'error'),
    [
        ("SELECT current_setting('app.unset')",
         'unrecognized configuration parameter "app.unset"'),
        ("SELECT current_setting('nonsense', FALSE)",
         'unrecognized configuration parameter "nonsense"'),
        ("SELECT set_config('a.b.c', 'x', TRUE)", 'unrecognized configuration parameter "a.b.c"'),
        ("SELECT current_setting(team) FROM hr.pay", 'current_setting takes a string constant'),
        ("SELECT set_config('app.x', team, TRUE) FROM hr.pay",
         'set_config takes constants only in the emulator'),
        ("SET statement_timeout TO 'soon'",
         'parameter "statement_timeout" requires an integer value'),
        ('SET enable_result_cache_for_session TO maybe',
         'parameter "enable_result_cache_for_session" requires a Boolean value'),
        ('SET SESSION AUTHORIZATION joe', 'SET SESSION AUTHORIZATION is not available'),
        ('SHOW nonsense', 'unrecognized configuration parameter "nonsense"'),
    ],
)  # fmt: skip
def test_wrong_setting_is_refused(people: People, statement: str, error: str) -> None:
    assert people.refusal(statement).startswith(f'ERROR: {error}')


@pytest.mark.parametrize(
    'spelling',
    [
        "SELECT pg_catalog.set_config('app.person', 'bob', TRUE)",
        "SELECT \"set_config\"('APP.person', 'bob', TRUE)",
        "SELECT amount FROM hr.pay WHERE set_config('app.person', 'bob', TRUE) = 'bob'",
        "WITH x AS (SELECT set_config('app.person', 'bob', TRUE) AS s) SELECT * FROM x",
        "/* as */ SET LOCAL app.person = 'bob';",
    ],
)
def test_context_can_be_set_wherever_redshift_lets_it(people: People, spelling: str) -> None:
    assert people(spelling, "SELECT current_setting('app.person', FALSE)") == [['bob']]


def test_parameters_have_their_defaults(people: People) -> None:
    assert people('SHOW statement_timeout') == [['0']]
    people("SELECT set_config('enable_result_cache_for_session', 'off', TRUE)")
    assert people("SELECT current_setting('enable_result_cache_for_session')") == [['off']]
    assert people('RESET ALL', 'SHOW enable_result_cache_for_session') == [['on']]


@pytest.mark.parametrize(
    'slow',
    [
        'SELECT pg_sleep(60)',
        'SELECT COUNT(*) FROM shop.order_lines a, shop.order_lines b, shop.order_lines c',
    ],
)
def test_statement_ends_at_its_timeout(people: People, slow: str) -> None:
    people("SELECT set_config('statement_timeout', '50', TRUE)")

    assert people.refusal(slow) == "ERROR: Query cancelled on user's request"
