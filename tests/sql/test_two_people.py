"""Two people and a stranger ask the same of a protected table: each gets what their rows give.

What is right is told by copies of the table that hold only what somebody may see.
"""

import json
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from typing import Any, NamedTuple

import boto3
import pytest
from chalice.local import LambdaContext

from app import app
from emulator.sample import people
from tests.support.mcp import local_stage
from tests.support.people.verified_calls import JANE as CLAIMS
from tests.support.people.verified_calls import proxy_event, token_with


class Person(NamedTuple):
    """Somebody who asks, and the schema whose tables hold what they may see."""

    sub: str
    groups: tuple[str, ...] = ()
    sees: str = ''


JANE = Person(people.JANE.sub, people.JANE.groups, 'of_jane')
OMAR = Person(people.OMAR.sub, people.OMAR.groups, 'staff')
STRANGER = Person('00000000-0000-4000-8000-000000000000', ('sales',), 'of_nobody')
COPIES = {
    'of_jane': f"person = '{JANE.sub}'",
    'of_nobody': 'FALSE',
}
VIEWS = (
    (
        "CREATE VIEW {s}.by_month AS SELECT DATE_TRUNC('month', day) AS month, "
        'SUM(amount) AS total, COUNT(*) AS expenses FROM {s}.expenses GROUP BY 1'
    ),
    'CREATE VIEW {s}.best AS SELECT MAX(total) AS total FROM {s}.by_month',
    'CREATE VIEW {s}.people AS SELECT DISTINCT e.person AS who FROM {s}.expenses AS e',
)
ODD_QUERIES = [
    'SELECT * FROM {s}.expenses ORDER BY day, amount',
    'SELECT COUNT(*), SUM(amount), MIN(person), MAX(person) FROM {s}.expenses',
    'SELECT x.person, x.amount FROM {s}.expenses AS x ORDER BY 2, 1',
    'SELECT who, how_much FROM {s}.expenses AS x(who, how_much, day, note) ORDER BY 2, 1',
    'SELECT expenses.person FROM {s}.expenses ORDER BY expenses.amount',
    'SELECT COUNT(*) FROM "{s}"."expenses"',
    'SELECT "PERSON", "Amount" FROM "{S}"."EXPENSES" ORDER BY 2',
    'SELECT COUNT(*) FROM dev.{s}.expenses',
    'SELECT COUNT(*) FROM/**/{s}/**/./**/expenses -- as ever',
    'SELECT COUNT(*) FROM {s}.expenses AS shop, {s}.expenses AS pg_catalog',
    'SELECT COUNT(*) FROM {s}.expenses a JOIN {s}.expenses b ON a.day = b.day',
    'SELECT COUNT(*) FROM ({s}.expenses a JOIN {s}.expenses b ON a.day <> b.day)',
    'SELECT COUNT(b.person) FROM shop.products LEFT JOIN {s}.expenses b ON TRUE',
    'SELECT COUNT(*) FROM {s}.expenses a FULL JOIN {s}.expenses b ON a.amount = b.amount + 1',
    'SELECT COUNT(*) FROM shop.customers NATURAL JOIN (SELECT amount FROM {s}.expenses) x',
    'SELECT person FROM {s}.expenses UNION SELECT person FROM {s}.expenses ORDER BY 1',
    'SELECT amount FROM {s}.expenses UNION ALL SELECT price FROM shop.products ORDER BY 1',
    "SELECT person FROM {s}.expenses EXCEPT SELECT '{jane}' ORDER BY 1",
    "SELECT person FROM {s}.expenses INTERSECT SELECT '{omar}'",
    'WITH expenses AS (SELECT * FROM {s}.expenses) SELECT COUNT(*) FROM expenses',
    ('WITH expenses AS (SELECT 1 AS one) SELECT one, (SELECT COUNT(*) FROM {s}.expenses) '
    'FROM expenses'),
    'WITH {s} AS (SELECT * FROM {s}.expenses) SELECT COUNT(*) FROM {s}',
    'WITH a AS (WITH b AS (SELECT * FROM {s}.expenses) SELECT * FROM b) SELECT COUNT(*) FROM a',
    'WITH a AS (SELECT 1 AS n), b AS (SELECT COUNT(*) AS n FROM {s}.expenses, a) SELECT n FROM b',
    ('WITH RECURSIVE r(n, total) AS (SELECT 1, (SELECT SUM(amount) FROM {s}.expenses) UNION ALL '
    'SELECT n + 1, total FROM r WHERE n < 3) SELECT * FROM r ORDER BY n'),
    ('WITH RECURSIVE r(n, who) AS (SELECT 1, MIN(person) FROM {s}.expenses UNION ALL SELECT n + 1, '
    '(SELECT MAX(person) FROM {s}.expenses) FROM r WHERE n < 3) SELECT * FROM r ORDER BY n'),
    ('SELECT x.c FROM {s}.expenses e, LATERAL (SELECT COUNT(*) AS c FROM {s}.expenses f '
    'WHERE f.day <= e.day) x ORDER BY 1'),
    'SELECT (SELECT COUNT(*) FROM {s}.expenses)',
    ('SELECT (SELECT MAX(person) FROM {s}.expenses WHERE amount > p.price) FROM shop.products p '
    'ORDER BY p.product_id'),
    'SELECT 1 WHERE EXISTS (SELECT 1 FROM {s}.expenses)',
    "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {s}.expenses WHERE person <> '{jane}')",
    "SELECT COUNT(*) FROM {s}.expenses WHERE person = '{omar}' OR 1 = 1",
    "SELECT COUNT(*) FROM {s}.expenses WHERE NOT (person = '{jane}')",
    "SELECT COUNT(*) FROM {s}.expenses WHERE person IS NULL OR person LIKE '%'",
    'SELECT name FROM shop.products WHERE price IN (SELECT amount FROM {s}.expenses) ORDER BY 1',
    'SELECT name FROM shop.products WHERE price > ALL (SELECT amount FROM {s}.expenses) ORDER BY 1',
    'SELECT name FROM shop.products ORDER BY (SELECT COUNT(*) FROM {s}.expenses), 1 LIMIT 2',
    ('SELECT category FROM shop.products GROUP BY 1 HAVING COUNT(*) > '
    '(SELECT COUNT(*) FROM {s}.expenses) ORDER BY 1'),
    ('SELECT person, SUM(amount) OVER (PARTITION BY person ORDER BY day, amount ROWS UNBOUNDED '
    'PRECEDING) FROM {s}.expenses ORDER BY day, amount'),
    ('SELECT person, amount FROM {s}.expenses QUALIFY ROW_NUMBER() OVER '
    '(PARTITION BY person ORDER BY amount DESC, day) = 1 ORDER BY 1'),
    ('SELECT * FROM (SELECT note, amount FROM {s}.expenses) PIVOT '
    "(SUM(amount) FOR note IN ('Books', 'Phone'))"),
    'SELECT LISTAGG(DISTINCT person, \'|\') WITHIN GROUP (ORDER BY person) FROM {s}.expenses',
    'SELECT MEDIAN(amount), COUNT(DISTINCT person) FROM {s}.expenses',
    'SELECT TOP 3 person, amount FROM {s}.expenses ORDER BY amount DESC',
    'SELECT person, COUNT(*) FROM {s}.expenses GROUP BY ROLLUP (person) ORDER BY 1, 2',
    'SELECT CASE WHEN COUNT(*) > 100 THEN \'many\' ELSE \'few\' END FROM {s}.expenses',
    "SELECT COALESCE(MAX(NULLIF(person, '{jane}')), 'nobody else') FROM {s}.expenses",
    'SELECT * FROM {s}.by_month ORDER BY 1',
    'SELECT total FROM {s}.best',
    'SELECT who FROM {s}.people ORDER BY 1',
    'SELECT b.total FROM {s}.best b, {s}.expenses e WHERE e.amount = b.total OR TRUE ORDER BY 1',
    'TABLE {s}.expenses',
    'SELECT e FROM {s}.expenses e ORDER BY e.day, e.amount LIMIT 3',
    'SELECT COUNT(*) FROM expenses',
    'SELECT COUNT(*) FROM {s}."rls:expenses"',
    "SELECT COUNT(*) FROM '{s}.expenses'",
]  # fmt: skip
ORACLES = [
    'SELECT CAST(person AS INTEGER) FROM {s}.expenses',
    'SELECT COUNT(*) FROM {s}.expenses WHERE CAST(person AS INTEGER) = 1',
    "SELECT 1 / (CASE WHEN person = '{omar}' THEN 0 ELSE 1 END) FROM {s}.expenses",
    "SELECT 2 FROM {s}.expenses WHERE 1 / (CASE WHEN person = '{omar}' THEN 0 ELSE 1 END) = 1",
    'SELECT 1 FROM {s}.expenses a JOIN shop.products b ON CAST(a.person AS INTEGER) = b.product_id',
    "SELECT 1 FROM {s}.expenses ORDER BY 1 / (CASE WHEN person = '{omar}' THEN 0 ELSE 1 END)",
    'SELECT (SELECT person FROM {s}.expenses)',
    'SELECT COUNT(*) FROM {s}.expenses HAVING 1 / (CASE WHEN COUNT(*) > 100 THEN 0 ELSE 1 END) = 1',
    'SELECT 1 FROM {s}.best WHERE CAST(total AS VARCHAR(3))::DATE IS NULL',
]
OVERWRITING = [
    "SELECT set_config('app.person', '{omar}', TRUE)",
    "SELECT SET_CONFIG('app.groups', '|finance|', FALSE), COUNT(*) FROM staff.expenses",
    "SELECT pg_catalog.set_config('app.person', '{omar}', TRUE)",
    'SELECT "set_config"(\'app.person\', \'{omar}\', TRUE)',
    "SELECT set_config/**/('app.person', '{omar}', TRUE)",
    "WITH c AS (SELECT set_config('app.groups', '|finance|', TRUE)) SELECT * FROM c",
    "SELECT * FROM staff.expenses WHERE set_config('app.groups', '|finance|', TRUE) IS NOT NULL",
    "SELECT * FROM set_config('app.groups', '|finance|', TRUE)",
    "EXPLAIN SELECT set_config('app.groups', '|finance|', TRUE)",
    "SET app.person TO '{omar}'",
    "SET LOCAL app.groups = '|finance|'",
    'SET SESSION AUTHORIZATION joe',
    'RESET app.person',
    "SELECT 1; SET app.groups TO '|finance|'; SELECT * FROM staff.expenses",
    "SELECT 1; SELECT set_config('app.groups', '|finance|', TRUE)",
    'COMMIT',
    'CALL staff.become(\'{omar}\')',
    'ALTER TABLE staff.expenses ROW LEVEL SECURITY OFF',
    'DETACH RLS POLICY own_expenses ON staff.expenses FROM PUBLIC',
    'DROP RLS POLICY own_expenses CASCADE',
    'ALTER RLS POLICY own_expenses USING (TRUE)',
    'CREATE VIEW staff.mine AS SELECT * FROM staff.expenses',
    'SELECT * INTO public.mine FROM staff.expenses',
    'DELETE FROM staff.expenses',
]  # fmt: skip


READING_AROUND = [
    'SELECT * FROM sys_query_history',
    'SELECT querytxt FROM stl_query',
    'SELECT text FROM stl_querytext',
    'SELECT * FROM pg_catalog.svl_qlog',
    'SELECT * FROM "STV_RECENTS"',
    'WITH q AS (SELECT * FROM svl_statementtext) SELECT * FROM q',
    'SELECT * FROM pg_stat_activity',
    'SELECT pg_stat_get_backend_activity(1)',
    "SELECT * FROM pg_stats WHERE tablename = 'expenses'",
    'SELECT * FROM svv_rls_policy',
    'SELECT * FROM svv_rls_attached_policy',
    'SHOW app.person',
    'SHOW ALL',
]


@pytest.fixture(scope='module', autouse=True)
def _stage() -> Iterator[None]:
    """The stage local, with the copies and the same views over each."""
    with local_stage.running(), pytest.MonkeyPatch.context() as patch:
        patch.setenv('SQL_STATEMENTS_PER_PERSON', '100')
        statements = ["SELECT set_config('app.groups', '|finance|', TRUE)"]
        for schema, condition in COPIES.items():
            statements.append(f'CREATE SCHEMA {schema}')
            statements.append(
                f'CREATE TABLE {schema}.expenses AS SELECT * FROM staff.expenses WHERE {condition}'
            )
        statements += [view.format(s=s) for s in ('staff', *COPIES) for view in VIEWS]
        done = boto3.client('redshift-data').batch_execute_statement(
            Sqls=statements, WorkgroupName='sample', Database='dev', WaitTimeSeconds=30
        )
        assert done['Status'] == 'FINISHED'
        yield


def ask(person: Person, sql: str, more: Mapping[str, object] = {}) -> dict[str, Any]:
    """Ask as somebody; return what comes back, with its status."""
    named = {**CLAIMS, 'sub': person.sub, 'username': person.sub}
    token = token_with({**named, 'cognito:groups': list(person.groups)})
    claims = {**named, 'cognito:groups': ','.join(person.groups)}
    event = proxy_event(claims, path='/sql_statement', token=token)
    event['body'] = json.dumps({'sql_statement': sql, **more})
    answer = app(event, LambdaContext('aws-middleware-test', memory_size=128))
    return {'http': answer['statusCode'], **json.loads(answer['body'])}


def told(person: Person, sql: str, schema: str) -> dict[str, Any]:
    """Return what somebody is told of a query over a schema, but for what differs each time."""
    query = sql.format(s=schema, S=schema.upper(), jane=JANE.sub, omar=OMAR.sub)
    answer = ask(person, query)
    for each_time in ('statement_id', 'openaiFileResponse'):
        answer.pop(each_time, None)
    if 'Message' in answer:
        answer['Message'] = answer['Message'].replace(schema, 'staff')
    return answer


@pytest.fixture(scope='module')
def answers() -> dict[tuple[Person, str, str], dict[str, Any]]:
    """What each is told of each query, over the protected table and over what they may see."""
    asked = [
        (person, sql, schema)
        for sql in ODD_QUERIES
        for person in (JANE, OMAR, STRANGER)
        for schema in {'staff', person.sees}
    ]
    with ThreadPoolExecutor(8) as calls:
        return dict(zip(asked, calls.map(lambda each: told(*each), asked), strict=True))


@pytest.mark.parametrize('sql', ODD_QUERIES)
def test_each_gets_what_the_own_rows_give(
    answers: dict[tuple[Person, str, str], dict[str, Any]], sql: str
) -> None:
    for person in (JANE, STRANGER):
        assert answers[person, sql, 'staff'] == answers[person, sql, person.sees]


def test_most_queries_are_answered_and_answers_differ(
    answers: dict[tuple[Person, str, str], dict[str, Any]],
) -> None:
    pairs = [(answers[JANE, sql, 'staff'], answers[OMAR, sql, 'staff']) for sql in ODD_QUERIES]
    answered = [(jane, omar) for jane, omar in pairs if jane['http'] == omar['http'] == 200]

    assert len(answered) >= 48
    assert len([1 for jane, omar in answered if jane['preview'] != omar['preview']]) >= 40


@pytest.mark.parametrize('sql', ORACLES)
def test_no_error_tells_of_rows_that_are_not_seen(sql: str) -> None:
    for person in (JANE, STRANGER):
        seen, right = told(person, sql, 'staff'), told(person, sql, person.sees)
        assert seen == right
        assert OMAR.sub not in str(seen)
    assert told(OMAR, sql, 'staff')['http'] == 400


@pytest.mark.parametrize('sql', READING_AROUND)
def test_nothing_is_read_around_the_policy(sql: str) -> None:
    refused = ask(JANE, sql)

    assert (refused['http'], refused['Code']) == (400, 'StatementRefused')


@pytest.mark.parametrize('sql', OVERWRITING)
def test_context_and_policy_cannot_be_overwritten(sql: str) -> None:
    refused = ask(JANE, sql.format(omar=OMAR.sub))

    assert (refused['http'], refused['Code']) == (400, 'StatementRefused')
    assert ask(JANE, 'SELECT COUNT(*) FROM staff.expenses')['preview'] == [['14']]


def test_plan_tells_nothing_of_the_policy() -> None:
    plan = ask(JANE, 'EXPLAIN SELECT * FROM staff.expenses WHERE amount > 7')

    assert plan['http'] == 200
    assert not any(word in str(plan['preview']) for word in ('finance', 'app.', 'person', 'rls'))


@pytest.mark.parametrize('more', [{'sub': OMAR.sub}, {'person': OMAR.sub, 'groups': ['finance']}])
def test_claims_in_the_input_count_for_nothing(more: dict[str, object]) -> None:
    answer = ask(JANE, 'SELECT COUNT(*) FROM staff.expenses', more)

    assert (answer['http'], answer['Code']) == (400, 'InvalidRequest')


@pytest.mark.parametrize(
    'groups',
    [
        (),
        ('sales', 'x|finance|y'),
        ('|finance|',),
        ('FINANCE',),
        ('finance ',),
        ('%',),
        ("x', TRUE), set_config('app.groups', '|finance|",),
        ('ﬁnance',),
        ('a/finance', 'finance*', '$finance', '{finance}'),
    ],
)
def test_only_the_group_itself_opens_all_rows(groups: tuple[str, ...]) -> None:
    counted = ask(OMAR._replace(groups=groups), 'SELECT COUNT(*), MIN(person) FROM staff.expenses')

    assert counted['http'] == 200
    assert counted['preview'] == [['23', OMAR.sub]]


def test_person_whose_id_is_sql_is_refused() -> None:
    answer = ask(Person("x' OR '1'='1"), 'SELECT 1')

    assert (answer['http'], answer['Code']) == (403, 'PersonRefused')


def test_statement_of_another_cannot_be_read_or_cancelled() -> None:
    mine = ask(OMAR, 'SELECT person FROM staff.expenses')['statement_id']

    for statement_id in (mine, f'{mine}:1', f'{mine}:2', f'../{OMAR.sub}/{mine}', 'slot-1'):
        path = '/sql_statement/{statement_id}/cancel'
        named = {**CLAIMS, 'sub': JANE.sub, 'username': JANE.sub}
        event = proxy_event(named, path=path) | {'pathParameters': {'statement_id': statement_id}}
        answer = app(event, LambdaContext('aws-middleware-test', memory_size=128))
        assert (answer['statusCode'], json.loads(answer['body'])['Code']) == (
            *(404, 'StatementNotFound'),
        )


def test_concurrent_calls_of_one_function_never_cross() -> None:
    query = 'SELECT person, COUNT(*) FROM staff.expenses GROUP BY 1 ORDER BY 2, 1'
    right = {person: told(person, query, person.sees) for person in (JANE, OMAR, STRANGER)}
    asked = list(islice(cycle(right), 45))

    with ThreadPoolExecutor(9) as calls:
        answers = list(calls.map(lambda person: told(person, query, 'staff'), asked))

    assert [right[person] for person in asked] == answers


def test_log_line_and_statement_carry_the_same_ids(capsys: pytest.CaptureFixture[str]) -> None:
    statement_id = ask(JANE, "SELECT 'hunter2' AS password")['statement_id']

    logged = capsys.readouterr().out
    line = json.loads(logged.splitlines()[-1])
    kept = boto3.client('redshift-data').list_statements(StatementName=f'{JANE.sub}/')
    names = {each['Id']: each['StatementName'] for each in kept['Statements']}
    assert (line['sub'], line['statement_id']) == (JANE.sub, statement_id)
    assert names[statement_id] == f'{JANE.sub}/{line["request_id"]}'
    assert 'hunter2' not in logged
