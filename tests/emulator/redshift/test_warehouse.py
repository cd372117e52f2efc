"""SQL as the warehouse runs it: Redshift's meaning, Redshift's errors, nothing of the machine."""

import csv
import io
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from emulator.redshift.functions.refused import SqlError
from emulator.redshift.warehouse import Outcome, Warehouse


@pytest.fixture(scope='module')
def warehouse() -> Iterator[Warehouse]:
    warehouse = Warehouse('dev', 1)
    yield warehouse
    warehouse.close()


def execute(warehouse: Warehouse, sql: str) -> Outcome:
    connection = warehouse.connect()
    try:
        return connection.execute(sql, {}, 'CSV', warehouse.folder / 'result', threading.Event())
    finally:
        connection.close()


def rows(warehouse: Warehouse, sql: str) -> list[list[str]]:
    """Return the rows of a query as text, the header first."""
    result = execute(warehouse, sql).result
    assert result
    return list(csv.reader(io.StringIO(result.chunk(0).decode(), newline='')))


def error(warehouse: Warehouse, sql: str) -> str:
    with pytest.raises(SqlError) as found:
        execute(warehouse, sql)
    return str(found.value)


@pytest.mark.parametrize(
    ('expression', 'value'),
    [
        ("NVL(NULL, 'a')", 'a'),
        ('NVL2(NULL, 1, 2)', '2'),
        ('ISNULL(NULL, 3)', '3'),
        ('COALESCE(NULL, 4)', '4'),
        ("DECODE(2, 1, 'one', 2, 'two', 'many')", 'two'),
        ("LEN('añb')", '3'),
        ("DATEADD(month, 1, DATE '2024-01-31')", '2024-02-29 00:00:00'),
        ("DATEDIFF(day, '2024-02-28', '2024-03-01')", '2'),
        ("DATEDIFF(month, '2024-01-31', '2024-02-01')", '1'),
        ("DATE_TRUNC('month', TIMESTAMP '2024-02-29 12:00:00')", '2024-02-01 00:00:00'),
        ("EXTRACT(year FROM DATE '2024-02-29')", '2024'),
        ("DATE_PART(dow, DATE '2024-03-03')", '0'),
        ("TRUNC(TIMESTAMP '2024-02-29 12:00:00')", '2024-02-29'),
        ('TRUNC(2.79, 1)', '2.7'),
        ("LAST_DAY('2024-02-03')", '2024-02-29'),
        ("ADD_MONTHS('2024-01-31', 1)", '2024-02-29 00:00:00'),
        ("TO_CHAR(DATE '2024-02-29', 'YYYY-MM-DD')", '2024-02-29'),
        ("TO_DATE('29.02.2024', 'DD.MM.YYYY')", '2024-02-29'),
        ("CONVERT_TIMEZONE('UTC', 'Europe/Berlin', TIMESTAMP '2024-07-01 12:00')",
         '2024-07-01 14:00:00'),
        ("DATE '2024-02-29' + 1", '2024-03-01'),
        ("DATE '2024-03-01' - DATE '2024-02-01'", '29'),
        ("CONVERT(INTEGER, '42')", '42'),
        ("'42'::INT + 1", '43'),
        ("'1.5'::NUMERIC", '2'),
        ("'1.5'::NUMERIC(4, 2)", '1.50'),
        ('7 / 2', '3'),
        ('7 / 2.0', '3.5000'),
        ('-7 / 2', '-3'),
        ("'a' || NULL IS NULL", 'true'),
        ("CONCAT('a', 'b')", 'ab'),
        ("CONCAT('a', NULL) IS NULL", 'true'),
        ("'Zoë' ILIKE 'zO%'", 'true'),
        ("'abc' SIMILAR TO 'a%'", 'true'),
        ("'abc' ~ '^a.c$'", 'true'),
        ("REGEXP_REPLACE('aXbX', 'X', '-')", 'a-b-'),
        ("REGEXP_SUBSTR('order 66', '[0-9]+')", '66'),
        ("SPLIT_PART('a-b-c', '-', 2)", 'b'),
        ("INITCAP('jane doe')", 'Jane Doe'),
        ("'añbc'::VARCHAR(2)", 'añ'),
        ("CHARINDEX('b', 'abc')", '2'),
        ("SUM(ISNULL(NULL, 1)) + SUM(TRUNC(2.5))", '3'),
        ('SUM(1.23456::NUMERIC(10, 5))', '1.23456'),
        ('SUM(12345678901234567890::NUMERIC(38, 0))', '12345678901234567890'),
        ('SUM(1.5::FLOAT8)', '1.5'),
        ('SUM(DISTINCT 2)', '2'),
        ('AVG(5)', '5'),
        ('RATIO_TO_REPORT(2) OVER ()', '1.0'),
        ("EXTRACT(epoch FROM TIMESTAMP '1970-01-02')", '86400'),
        ("BTRIM('  a ')", 'a'),
        ("JSON_EXTRACT_PATH_TEXT('{\"a\": {\"b\": 2}}', 'a', 'b')", '2'),
        ("MD5('a')", '0cc175b9c0f1b6a831c399e269772661'),
        ('CURRENT_USER', 'IAM:emulator'),
        ('CURRENT_DATABASE()', 'dev'),
        ('CURRENT_SCHEMA()', 'public'),
        ("GETDATE() > DATE '2024-01-01' AND SYSDATE > DATE '2024-01-01'", 'true'),
        ('GETDATE()::DATE = CURRENT_DATE', 'true'),
    ],
)  # fmt: skip
def test_expression_means_what_it_means_in_redshift(
    warehouse: Warehouse, expression: str, value: str
) -> None:
    assert rows(warehouse, f'SELECT {expression} AS value') == [['value'], [value]]


@pytest.mark.parametrize(
    ('query', 'found'),
    [
        ('SELECT TOP 2 n FROM {n} ORDER BY n DESC', ['', '3']),
        ('SELECT n FROM {n} ORDER BY n', ['1', '2', '3', '']),
        ("SELECT LISTAGG(n, ', ') WITHIN GROUP (ORDER BY n DESC) FROM {n}", ['3, 2, 1']),
        ("SELECT LISTAGG(DISTINCT n % 2, '|') WITHIN GROUP (ORDER BY n % 2) FROM {n}", ['0|1']),
        ('SELECT AVG(n) FROM {n} WHERE n > 1', ['2']),
        ('SELECT AVG(n) OVER () FROM {n} LIMIT 1', ['2']),
        ('SELECT SUM(COUNT(*)) OVER () FROM {n} GROUP BY n % 2 LIMIT 1', ['4']),
        ('SELECT SUM(SUM(n)) OVER (ORDER BY n % 2 ROWS UNBOUNDED PRECEDING) FROM {n} WHERE n > 0 GROUP BY n % 2',  # noqa: E501
         ['2', '6']),
        ('SELECT JSON_PARSE(\'[7]\')::SUPER FROM {n} LIMIT 1', ['[7]']),
        ('SELECT MEDIAN(n) FROM {n}', ['2.0']),
        ('SELECT n FROM {n} QUALIFY ROW_NUMBER() OVER (ORDER BY n) = 2', ['2']),
        ('WITH RECURSIVE r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 3) TABLE r',
         ['1', '2', '3']),
        ('SELECT "N" FROM {n} WHERE N = 1', ['1']),
        ('SELECT n FROM {n} WHERE n = 1 EXCEPT SELECT 1', []),
        ('TABLE shop.none_left', []),
    ],
)  # fmt: skip
def test_query_gives_the_rows_that_redshift_gives(
    warehouse: Warehouse, query: str, found: list[str]
) -> None:
    if 'none_left' in query:
        execute(warehouse, 'CREATE VIEW shop.none_left AS SELECT 1 AS a WHERE FALSE')
    values = '(SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT NULL) AS t'
    header, *data = rows(warehouse, query.format(n=values))
    assert len(header) == 1
    assert [row[0] if row else '' for row in data] == found


def test_columns_are_named_and_typed_as_in_redshift(warehouse: Warehouse) -> None:
    result = execute(
        warehouse,
        """
        SELECT COUNT(*), SUM(quantity), SUM(order_id), AVG(quantity), AVG(unit_price), 1 + 1,
            MAX(note) AS "Note", NVL(MAX(quantity), 0), 'x'::VARCHAR(10),
            CASE WHEN TRUE THEN 1 END, DATEDIFF(day, '2024-01-01', '2024-01-02'), (SELECT 1)
        FROM shop.order_lines
        """,
    ).result
    assert result
    assert [(column.name, column.type.name) for column in result.columns] == [
        ('count', 'int8'),
        ('sum', 'int8'),
        ('sum', 'numeric'),
        ('avg', 'int8'),
        ('avg', 'numeric'),
        ('?column?', 'int4'),
        ('note', 'varchar'),
        ('coalesce', 'int4'),
        ('varchar', 'varchar'),
        ('case', 'int4'),
        ('date_diff', 'int8'),
        ('?column?', 'int4'),
    ]


def test_two_columns_may_have_one_name(warehouse: Warehouse) -> None:
    assert rows(warehouse, 'SELECT 1 AS a, 2 AS a') == [['a', 'a'], ['1', '2']]


def test_rows_of_a_table_stay_in_order(warehouse: Warehouse) -> None:
    execute(
        warehouse, 'CREATE TABLE public.ordered AS SELECT n FROM generate_series(1, 200000) s(n)'
    )
    result = execute(warehouse, 'SELECT n FROM public.ordered WHERE n % 3 > 0').result
    assert result
    text = b''.join(result.chunk(number) for number in range(result.chunk_count)).decode()
    assert text.split('\r\n')[1:-1] == [str(n) for n in range(1, 200_001) if n % 3]


@pytest.mark.parametrize(
    ('statement', 'columns', 'row'),
    [
        ('SHOW DATABASES', ['database_name'], ['dev']),
        ('SHOW SCHEMAS FROM DATABASE dev', ['database_name', 'schema_name'], ['dev', 'shop']),
        ('SHOW TABLES FROM SCHEMA dev.shop', ['database_name', 'schema_name', 'table_name'],
         ['dev', 'shop', 'order_lines']),
        ('show columns from table shop.products;',
         ['database_name', 'schema_name', 'table_name', 'column_name'],
         ['dev', 'shop', 'products', 'price']),
        ("SHOW DATABASES LIKE 'd%' LIMIT 5", ['database_name'], ['dev']),
        ("show tables from schema dev.shop like 'o%s' limit 1;",
         ['database_name', 'schema_name', 'table_name'], ['dev', 'shop', 'order_lines']),
        ("SELECT * FROM svv_tables WHERE table_schema = 'shop'",
         ['table_catalog', 'table_schema', 'table_name', 'table_type'],
         ['dev', 'shop', 'orders', 'BASE TABLE']),
        ('SELECT column_name, data_type, character_maximum_length FROM pg_catalog.svv_columns',
         ['column_name', 'data_type', 'character_maximum_length'],
         ['status', 'character varying', '20']),
        ('SELECT t.table_schema, t.table_name FROM information_schema.tables AS t',
         ['table_schema', 'table_name'], ['shop', 'customers']),
        ("SELECT tablename, \"column\", type FROM pg_table_def WHERE schemaname = 'shop'",
         ['tablename', 'column', 'type'], ['orders', 'shipping_fee', 'numeric(8,2)']),
    ],
)  # fmt: skip
def test_catalog_is_asked_in_redshifts_words(
    warehouse: Warehouse, statement: str, columns: list[str], row: list[str]
) -> None:
    header, *data = rows(warehouse, statement)
    assert header[: len(columns)] == columns
    assert row in [found[: len(row)] for found in data]


def test_plan_reads_as_redshifts(warehouse: Warehouse) -> None:
    header, *plan = rows(warehouse, 'EXPLAIN SELECT count(*) FROM shop.orders WHERE order_id > 5')
    assert header == ['QUERY PLAN']
    assert plan[0][0].startswith('XN ')
    assert any('->  XN Seq Scan on orders' in line for (line,) in plan)


@pytest.mark.parametrize(
    ('sql', 'message'),
    [
        ('SELECT * FROM nosuch', 'relation "nosuch" does not exist'),
        ('SELECT * FROM shop.nosuch', 'relation "nosuch" does not exist'),
        ('SELECT * FROM nosuch.orders', 'schema "nosuch" does not exist'),
        ('SELECT * FROM other.shop.orders', 'database "other" does not exist'),
        ('SELECT nosuch FROM shop.orders', 'column "nosuch" does not exist in orders'),
        ('SELECT nosuch FROM shop.orders o JOIN shop.order_lines l USING (order_id)',
         'column "nosuch" does not exist in o, l'),
        ('SELECT o.nosuch FROM shop.orders o', 'column o.nosuch does not exist'),
        ('SELECT x.a FROM shop.orders', 'missing FROM-clause entry for table "x"'),
        ('SELECT nosuch(1)', 'function nosuch(integer) does not exist'),
        ('SELECT UPPER(1)', 'function upper(integer) does not exist'),
        ('SELECT name + 1 FROM shop.products',
         'operator does not exist: character varying + integer'),
        ("SELECT 'abc'::INT", 'invalid input syntax for integer: "abc"'),
        ("SELECT '2024-13-01'::DATE", 'date/time field value out of range: "2024-13-01"'),
        ('SELECT 10000000000::INT', 'Value out of range'),
        ('SELECT 1 / 0', 'Divide by zero'),
        ('SELECT 1 / (order_id - order_id) FROM shop.orders', 'Divide by zero'),
        ('SELECT status, count(*) FROM shop.orders',
         'column "status" must appear in the GROUP BY clause or be used in an aggregate function'),
        ('SELECT order_id FROM shop.orders, shop.order_lines',
         'column reference "order_id" is ambiguous'),
        ('SELECT (SELECT order_id FROM shop.orders)',
         'more than one row returned by a subquery used as an expression'),
        ('INSERT INTO shop.products VALUES (NULL, \'a\', \'b\', 1, 1, \'c\', TRUE, NULL)',
         'Cannot insert a NULL value into column product_id'),
        ('SELEC 1', 'syntax error at or near "SELEC"\n  Position: 1'),
        ('SELECT a b c', 'syntax error at or near "c"\n  Position: 12'),
        ('SELECT * FROM', 'syntax error at end of input\n  Position: 14'),
        ('SELECT (1', 'syntax error at end of input\n  Position: 10'),
        ("SELECT 'abc", 'syntax error at end of input'),
        ('-- nothing', 'syntax error at end of input'),
        ('SELECT 1; SELECT 2', 'cannot insert multiple commands into a prepared statement'),
        ('SELECT :nosuch', 'syntax error at or near ":"'),
        ('SELECT ' + '(' * 5000 + '1' + ')' * 5000, 'stack depth limit exceeded'),
    ],
)  # fmt: skip
def test_error_is_said_as_redshift_says_it(warehouse: Warehouse, sql: str, message: str) -> None:
    assert error(warehouse, sql) == f'ERROR: {message}'


HOST_FILE = Path(__file__)


@pytest.mark.parametrize(
    'sql',
    [
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM glob('/*')",
        "SELECT * FROM sniff_csv('{file}')",
        "SELECT * FROM read_csv('https://example.com/a.csv')",
        "SELECT * FROM '{file}'",
        'SELECT * FROM "{file}"',
        "SELECT * FROM (SELECT * FROM read_text('{file}'))",
        "CREATE TABLE public.stolen AS SELECT * FROM read_text('{file}')",
        "CREATE VIEW public.stolen AS SELECT * FROM read_text('{file}')",
        "INSERT INTO shop.orders SELECT * FROM read_csv('{file}')",
        "COPY shop.orders TO '/tmp/stolen.csv'",
        "COPY shop.orders FROM '{file}'",
        "EXPORT DATABASE '/tmp/stolen'",
        "IMPORT DATABASE '/tmp/stolen'",
        "ATTACH '/tmp/stolen.duckdb' AS stolen",
        "ATTACH ':memory:' AS stolen",
        'INSTALL httpfs',
        'LOAD httpfs',
        "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
        "CREATE FUNCTION f() AS TABLE SELECT * FROM read_text('{file}')",
        'CREATE MACRO f() AS 1',
        'PRAGMA database_list',
        'CALL pragma_version()',
        "PREPARE p AS SELECT * FROM read_text('{file}')",
        "EXECUTE IMMEDIATE 'SELECT 1'",
        'USE memory',
        'CHECKPOINT',
        'SELECT * FROM duckdb_settings()',
        "SELECT * FROM query('SELECT 1')",
        'SELECT * FROM duckdb_tables',
        'SELECT * FROM sqlite_master',
        'SELECT * FROM redshift_system.emulated_columns',
        'SELECT * FROM memory.main.anything',
        "UNLOAD ('SELECT 1') TO 's3://bucket/a' IAM_ROLE default",
        'SELECT warehouse FROM warehouse',
    ],
)
def test_sql_does_not_reach_the_machine(warehouse: Warehouse, sql: str) -> None:
    message = error(warehouse, sql.format(file=HOST_FILE))
    assert message.startswith('ERROR: ')
    assert 'duckdb' not in message.lower().replace('duckdb_', '')
    assert not Path('/tmp/stolen.csv').exists()
    assert not Path('/tmp/stolen').exists()


@pytest.mark.parametrize(
    'sql',
    [
        f"SELECT * FROM read_text('{HOST_FILE}')",
        f"SELECT * FROM '{HOST_FILE}'",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/tmp/stolen.csv'",
        "EXPORT DATABASE '/tmp/stolen'",
        "ATTACH '/tmp/stolen.duckdb' AS stolen",
        'INSTALL httpfs',
        'LOAD httpfs',
        "SET memory_limit = '100GB'",
        'SET enable_external_access = true',
        'SET lock_configuration = false',
        "SET temp_directory = '/tmp/stolen'",
        'SELECT * FROM warehouse',
    ],
)
def test_duckdb_itself_refuses_what_the_translation_might_let_through(
    warehouse: Warehouse, sql: str
) -> None:
    with pytest.raises(duckdb.Error):
        warehouse.rows(sql)


def test_close_leaves_nothing_on_disk() -> None:
    warehouse = Warehouse('dev', 1)
    execute(warehouse, 'SELECT * FROM shop.orders')
    assert list(warehouse.folder.iterdir())
    warehouse.close()
    assert not warehouse.folder.exists()
