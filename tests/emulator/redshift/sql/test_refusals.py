"""What Redshift refuses is refused, in Redshift's words and at its place."""

from collections.abc import Callable

import duckdb
import pytest

from chalicelib.sql.functions import FUNCTIONS

FROM = 'FROM shop.orders'
NO_FRAME = 'Aggregate window functions with an ORDER BY clause require a frame clause'
CORRELATED = 'This type of correlated subquery pattern is not supported yet'


@pytest.mark.parametrize(
    ('text', 'sql'),
    [
        ('FILTER', f'SELECT COUNT(*) FILTER (WHERE order_id > 1) {FROM}'),
        ('FILTER', f'SELECT SUM(order_id) FILTER (WHERE TRUE) OVER () {FROM}'),
        ('DISTINCT', f'SELECT order_id IS DISTINCT FROM 1 {FROM}'),
        ('DISTINCT', f'SELECT order_id IS NOT DISTINCT FROM 1 {FROM}'),
        ('[', 'SELECT [1, 2, 3]'),
        ('{', "SELECT {'a': 1}"),
        ('{', "SELECT MAP {'a': 1}"),
        ('FROM', f'{FROM} SELECT order_id'),
        ('FROM', f'SELECT * FROM ({FROM})'),
        ('FROM', f'SELECT order_id, {FROM}'),
        (')', 'SELECT COALESCE(1, )'),
        ('USING', f'SELECT * {FROM} USING SAMPLE 5'),
        ('5', f'SELECT * {FROM} TABLESAMPLE 5'),
        ('WINDOW', f'SELECT SUM(order_id) OVER w {FROM} WINDOW w AS (ORDER BY order_id)'),
        ('->', "SELECT JSON_PARSE('{}') -> 'a'"),
        ('order', 'SELECT 1 order'),
        ('user', f'SELECT status user {FROM}'),
        ('left', f'SELECT status left {FROM}'),
        ('table', 'SELECT 1 AS x FROM shop.orders table'),
        ('(', f'SELECT * REPLACE (1 AS order_id) {FROM}'),
        (':', 'SELECT x:a'),
        ('c', 'SELECT a b c'),
    ],
)
def test_form_that_redshift_lacks_is_a_syntax_error(
    refusal: Callable[[str], str], text: str, sql: str
) -> None:
    place = sql.rindex(text) if text in ('FROM', ')') and sql.count(text) > 1 else sql.index(text)
    if sql.startswith('SELECT * FROM (FROM'):
        place = sql.index('FROM', 10)
    assert refusal(sql) == f'syntax error at or near "{text}"\n  Position: {place + 1}'


@pytest.mark.parametrize(
    ('sql', 'message'),
    [
        (f'SELECT DISTINCT ON (status) order_id {FROM}', 'SELECT DISTINCT ON is not supported'),
        (f'SELECT order_id {FROM} LIMIT 5, 10', 'LIMIT #,# syntax is not supported'),
        (f'SELECT SUM(order_id) OVER (ORDER BY order_id) {FROM}', NO_FRAME),
        (f'SELECT FIRST_VALUE(status) OVER (ORDER BY order_id) {FROM}', NO_FRAME),
        (f'SELECT LAST_VALUE(status) IGNORE NULLS OVER (ORDER BY order_id) {FROM}', NO_FRAME),
        (('SELECT (SELECT o.status FROM shop.orders o WHERE o.customer_id = c.customer_id LIMIT 1) '
         'FROM shop.customers c'), CORRELATED),
        (('SELECT name FROM shop.customers c WHERE EXISTS (SELECT 1 FROM shop.orders o '
         'WHERE o.customer_id = c.customer_id LIMIT 1)'), CORRELATED),
        ('SELECT TRUE::VARCHAR', 'cannot cast type boolean to character varying'),
        ('SELECT CAST(newsletter AS CHAR(5)) FROM shop.customers',
         'cannot cast type boolean to character'),
        (f'SELECT ARRAY_AGG(order_id) {FROM}', 'function array_agg(bigint) does not exist'),
        (f"SELECT STRING_AGG(status, ',') {FROM}",
         'function string_agg(character varying, "unknown") does not exist'),
        (f'SELECT GROUP_CONCAT(status) {FROM}',
         'function group_concat(character varying) does not exist'),
        ('SELECT IFNULL(1, 2.5)', 'function ifnull(integer, numeric) does not exist'),
        ('SELECT UNNEST(ARRAY(1, 2))', 'function unnest(super) does not exist'),
        (f'SELECT CORR(order_id, shipping_fee) {FROM}',
         'function corr(bigint, numeric) does not exist'),
        (f"SELECT STRFTIME(ordered_at, '%Y') {FROM}",
         'function strftime(timestamp without time zone, "unknown") does not exist'),
        ('SELECT EPOCH_MS(GETDATE())',
         'function epoch_ms(timestamp without time zone) does not exist'),
        ('SELECT LIST_VALUE(1, 2)', 'function list_value(integer, integer) does not exist'),
        ("SELECT DATE_DIFF('day', DATE '2024-01-01', CURRENT_DATE)",
         'function date_diff("unknown", date, date) does not exist'),
        (f"SELECT COLUMNS('order_id') {FROM}", 'function columns("unknown") does not exist'),
        ('SELECT * FROM read_csv(1)', 'function read_csv does not exist'),
        (f'SELECT SUM(amount) {FROM}', 'column "amount" does not exist in orders'),
        (f'SELECT DATEADD(day, 1, ordered) {FROM}', 'column "ordered" does not exist in orders'),
        (f'SELECT LEN(nosuch) {FROM} o', 'column "nosuch" does not exist in o'),
        ('SELECT ROUND(1, 2, 3)', 'function round(integer, integer, integer) does not exist'),
        ('SELECT * FROM shop.orders o ASOF JOIN shop.customers c ON o.customer_id = c.customer_id',
         'syntax error at or near "ASOF"\n  Position: 29'),
        ('SELECT * FROM shop.orders SEMI JOIN shop.customers ON orders.order_id = 1',
         'syntax error at or near "SEMI"\n  Position: 27'),
        ('SELECT redshift_len(1)', 'function redshift_len(integer) does not exist'),
        ("SELECT DATEDIFF(day, 'a')", 'function datediff("unknown", "unknown") does not exist'),
        ('CREATE TABLE t (id INT IDENTITY(1, 1))', 'IDENTITY is not available in the emulator'),
    ],
)  # fmt: skip
def test_statement_is_refused(refusal: Callable[[str], str], sql: str, message: str) -> None:
    assert refusal(sql) == message


@pytest.mark.parametrize(
    'sql',
    [
        'SELECT 1 AS "order"', 'SELECT 1 AS order', 'SELECT status "left" FROM shop.orders',
        'SELECT status AS user FROM shop.orders', 'SELECT order_id year FROM shop.orders',
        'SELECT COUNT(*) OVER (PARTITION BY status) FROM shop.orders',
        'SELECT ROW_NUMBER() OVER (ORDER BY order_id) FROM shop.orders',
        'SELECT LAG(order_id) OVER (ORDER BY order_id) FROM shop.orders',
        'SELECT * FROM (SELECT order_id FROM shop.orders LIMIT 3) o',
        'SELECT (SELECT order_id FROM shop.orders ORDER BY 1 LIMIT 1)',
        ('SELECT name FROM shop.customers c WHERE EXISTS '
        '(SELECT 1 FROM shop.orders o WHERE o.customer_id = c.customer_id)'),
        'SELECT * FROM UNNEST(ARRAY(1, 2)) AS t(x)',
    ],
)  # fmt: skip
def test_valid_sibling_passes(ask: Callable[[str], list[list[str]]], sql: str) -> None:
    assert ask(sql)


def test_no_function_of_duckdb_alone_can_be_called(refusal: Callable[[str], str]) -> None:
    with duckdb.connect() as connection:
        rows = connection.execute('SELECT DISTINCT function_name FROM duckdb_functions()')
        names = [name for (name,) in rows.fetchall() if name.isidentifier()]
    assert len(names) > 500
    left = [name for name in names if name not in FUNCTIONS and name.lower() not in _WORDS]
    for name in left:
        for sql in (f'SELECT {name}(1)', f'SELECT {name}()', f'SELECT "{name}"(1, 2)'):
            message = refusal(sql)
            said = message.lower()
            assert said.startswith((f'function {name}('.lower(), 'syntax error at or near')), sql
        assert 'does not exist' in refusal(f'SELECT * FROM {name}(1)')


# The grammar reads these words in forms of their own; ``pg_sleep`` is the emulator's.
_WORDS = ('pg_sleep', 'unnest')


@pytest.mark.parametrize(
    'sql',
    [
        'SELECT getvariable(1)', 'SELECT LPAD(1)', 'SELECT SUM()', 'SELECT SUM(1, 2)',
        "SELECT DATEDIFF(day, 'a')", 'SELECT MEDIAN(nosuch)', 'SELECT JSON_PARSE(1)',
        'SELECT NVL2(1)', "SELECT 'a' + 1", 'SELECT -TRUE', "SELECT SUM('a')",
        "SELECT CONVERT_TIMEZONE('Nowhere', 'UTC', '2024-01-01')", "SELECT 'abc' ~ '('",
        "SELECT REGEXP_COUNT('a', '(?=a)', 1, 'p')", 'SELECT LN(0)', 'SELECT SQRT(-1)',
        'SELECT CHR(-1)', 'SELECT CAST(1 AS INTERVAL)', 'SELECT GREATEST()',
        'SELECT COUNT(DISTINCT) FROM shop.orders', 'SELECT PERCENTILE_CONT(2) FROM shop.orders',
        'SELECT * FROM shop.orders GROUP BY status', 'SELECT MAX(SUM(1))', 'SELECT o.* FROM x o',
        'SELECT 1 FROM shop.orders WHERE COUNT(*) > 1', "SELECT INTERVAL 'x'",
        'SELECT * FROM shop.orders JOIN shop.customers', 'SELECT 1 UNION SELECT 1, 2',
    ],
)  # fmt: skip
def test_no_message_speaks_of_duckdb(refusal: Callable[[str], str], sql: str) -> None:
    said = refusal(sql).lower()
    for word in (
        'duckdb',
        'macro',
        'overload',
        'binder',
        'candidate',
        'redshift_',
        'catalog error',
    ):
        assert word not in said
