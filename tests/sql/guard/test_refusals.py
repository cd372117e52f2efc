"""Only one query that reads passes, whatever is tried around it."""

import logging
from contextlib import suppress

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.settings import MissingSetting
from chalicelib.sql.errors import StatementRefused
from chalicelib.sql.functions import FUNCTIONS, Function
from chalicelib.sql.guard import MAX_STATEMENT_BYTES, check

QUERIES = [
    'SELECT 1',
    '(SELECT 1) INTERSECT (SELECT 1)',
    'SHOW TABLES FROM SCHEMA dev.public',
    '/* why so slow? */ explain select 1',
    '-- weekly report; v2\nSELECT /* all of it; */ 1',
    'SELECT 1 -- DROP TABLE t',
]
REFUSED = {
    # no query
    'INSERT INTO t VALUES (1)': 'INSERT',
    'update t set a = 1': 'UPDATE',
    'DELETE FROM t': 'DELETE',
    'MERGE INTO t USING u ON t.a = u.a WHEN MATCHED THEN DELETE': 'MERGE',
    'TRUNCATE t': 'TRUNCATE',
    'CREATE TABLE t (a int)': 'CREATE',
    'CREATE TABLE t AS SELECT 1': 'CREATE',
    'CREATE OR REPLACE VIEW v AS SELECT 1': 'CREATE',
    "CREATE EXTERNAL FUNCTION f(int) RETURNS int STABLE LAMBDA 'x' IAM_ROLE default": 'CREATE',
    'DROP TABLE t': 'DROP',
    'ALTER TABLE t ADD COLUMN a int': 'ALTER',
    "COPY t FROM 's3://bucket/key' IAM_ROLE default": 'COPY',
    "UNLOAD ('SELECT 1') TO 's3://bucket/key' IAM_ROLE default": 'UNLOAD',
    'CALL p()': 'CALL',
    'GRANT SELECT ON t TO jane': 'GRANT',
    'REVOKE SELECT ON t FROM jane': 'REVOKE',
    "SET search_path TO 'x'": 'SET',
    'RESET ALL': 'RESET',
    'BEGIN': 'BEGIN',
    'COMMIT': 'COMMIT',
    'VACUUM t': 'VACUUM',
    'ANALYZE t': 'ANALYZE',
    'LOCK t': 'LOCK',
    'CANCEL 123': 'CANCEL',
    'PREPARE p AS SELECT 1': 'PREPARE',
    'EXECUTE p': 'EXECUTE',
    'DECLARE c CURSOR FOR SELECT 1': 'DECLARE',
    'FETCH 1 FROM c': 'FETCH',
    "COMMENT ON TABLE t IS 'x'": 'COMMENT',
    'USE dev': 'USE',
    'REFRESH MATERIALIZED VIEW v': 'REFRESH',
    'VALUES (1)': 'VALUES',
    'TABLE t': 'TABLE',
    'FROM t': 'FROM',
    'DO something': 'DO',
    '"SELECT" 1': '"SELECT"',
    # a query that does more than read
    'SELECT 1 INTO t': 'SELECT INTO',
    'SELECT * INTO TEMP t FROM u': 'SELECT INTO',
    'SELECT * FROM (SELECT 1 INTO t) x': 'SELECT INTO',
    'SELECT 1 UNION ALL SELECT 2 INTO t': 'SELECT INTO',
    'WITH x AS (SELECT 1 AS a INTO t) SELECT * FROM x': 'SELECT INTO',
    "SELECT 'x'::nchar varying WINDOW INTO t UNION ALL SELECT name FROM u": 'SELECT INTO',
    '(SELECT 1) INTO t': 'SELECT INTO',
    'SELECT "into" INTO t FROM u': 'SELECT INTO',
    'SELECT * FROM t FOR UPDATE': 'FOR UPDATE',
    'SELECT * FROM t FOR SHARE': 'FOR UPDATE',
    'SELECT * FROM t FOR UPDATE OF t NOWAIT': 'FOR UPDATE',
    # what the parser drops or misreads
    'SELECT 1 WINDOW w AS (PARTITION BY a)': '`WINDOW` is not understood where it stands',
    'SELECT a COLLATE "x" FROM t': '`COLLATE` is not understood where it stands',
    'SELECT :a': '`a` is not understood where it stands',
    'SELECT 1 FETCH FIRST 5 ROWS ONLY': '`FETCH` is not understood where it stands',
    'SELECT desc FROM t': 'DESC is not allowed here; a name, write in quotes',
    'SELECT full FROM t': 'FULL is not allowed here; a name, write in quotes',
    "SELECT TRIM('x'": 'A `)` is missing',
    'SELECT (1))': 'A `)` closes nothing',
    'SELECT (1]': 'A `]` closes nothing',
    'SELECT 5x': 'more than one way',
    'WITH x AS (INSERT INTO t VALUES (1)) SELECT * FROM x': 'INSERT INTO',
    'WITH x AS (DELETE FROM t) SELECT * FROM x': 'after WITH',
    'WITH x AS (UPDATE t SET a = 1) SELECT 1': 'after WITH',
    'SELECT * FROM (WITH x AS (DROP TABLE t) SELECT 1) y': 'after WITH',
    'WITH x AS (SELECT 1) DELETE FROM t': 'DELETE',
    'WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x': 'INSERT',
    'WITH x AS (SELECT 1) UPDATE t SET a = 1': 'UPDATE',
    'SELECT * FROM (DELETE FROM t RETURNING *)': 'not understood',
    'SELECT (INSERT INTO t VALUES (1))': 'INSERT INTO',
    # EXPLAIN of something else
    'EXPLAIN': 'EXPLAIN OF NOTHING',
    'EXPLAIN VERBOSE': 'EXPLAIN OF NOTHING',
    'EXPLAIN DELETE FROM t': 'DELETE',
    'EXPLAIN VERBOSE DELETE FROM t': 'DELETE',
    'EXPLAIN ANALYZE SELECT 1': 'ANALYZE',
    'EXPLAIN EXPLAIN SELECT 1': 'EXPLAIN',
    'EXPLAIN SELECT 1 INTO t': 'SELECT INTO',
    # more than one
    'SELECT 1; SELECT 2': 'More than one',
    'SELECT 1; DROP TABLE t': 'More than one',
    'SELECT 1;;DROP TABLE t;': 'More than one',
    ';DROP TABLE t': 'More than one',
    'SELECT 1 -- x\n; DROP TABLE t': 'More than one',
    'SELECT 1 -- x\r; DROP TABLE t': 'More than one',
    'SHOW DATABASES; DROP TABLE t': 'More than one',
    'EXPLAIN SELECT 1; DROP TABLE t': 'More than one',
    'SELECT 1 /* ; */; /* */ DROP TABLE t': 'More than one',
    # comments and quotes that hide one
    '/* SELECT 1 */ DROP TABLE t': 'DROP',
    '-- SELECT 1\nDROP TABLE t': 'DROP',
    'DROP/**/TABLE t': 'DROP',
    '/* /* */ DROP TABLE t -- */ SELECT 1': 'more than one way',
    "/* /* ' */ ; DROP TABLE t; -- ' */ */ SELECT 1": 'more than one way',
    'SELECT 1 /* open': 'more than one way',
    "SELECT 'open": 'more than one way',
    'SELECT "open': 'more than one way',
    "SELECT 'a\\'; DROP TABLE t; --'": 'more than one way',
    "SELECT E'a\\'; DROP TABLE t; --'": 'more than one way',
    "SELECT 'a\\\\\\'; DROP TABLE t; --'": 'more than one way',
    "SELECT $$'$$; DROP TABLE t; --'": 'more than one way',
    'SELECT $a$ x $a$': 'more than one way',
    'SELECT 1 {# ; DROP TABLE t #}': 'more than one way',
    'SELECT {{ x }}': 'more than one way',
    'SELECT `a` FROM t': 'more than one way',
    'SELECT 1\x00; DROP TABLE t': 'control character',
    "SELECT '\x1b[2J'": 'control character',
    'SELECT U&"pg_terminat\\0065_backend"(1)': 'more than one way',
    "SELECT u&'a'": 'more than one way',
    # SHOW of anything but databases, schemas, tables and columns
    'SHOW': 'SHOW is allowed as',
    'SHOW ALL': 'SHOW is allowed as',
    'SHOW search_path': 'SHOW is allowed as',
    'SHOW TABLE shop.orders': 'SHOW is allowed as',
    'SHOW VIEW shop.orders': 'SHOW is allowed as',
    'SHOW PROCEDURE shop.p(int)': 'SHOW is allowed as',
    'SHOW GRANTS ON TABLE shop.orders': 'SHOW is allowed as',
    'SHOW TABLES FROM SCHEMA a.b.c': 'SHOW is allowed as',
    'SHOW DATABASES FROM DATA CATALOG': 'SHOW is allowed as',
    'SHOW DATABASES IAM_ROLE default': 'SHOW is allowed as',
    "SHOW DATABASES FROM DATA CATALOG ACCOUNT '1' IAM_ROLE 'arn:x'": 'SHOW is allowed as',
    "SHOW DATABASES LIKE 'a' IAM_ROLE 'arn:x'": 'SHOW is allowed as',
    "SHOW set_config('a', 'b', true)": 'SHOW is allowed as',
    # functions that do something
    'SELECT pg_terminate_backend(1)': 'pg_terminate_backend',
    'SELECT pg_catalog.PG_CANCEL_BACKEND (1)': 'pg_cancel_backend',
    'SELECT "pg_terminate_backend"(1)': 'pg_terminate_backend',
    'SELECT pg_terminate_backend/* */(1)': 'pg_terminate_backend',
    'SELECT a FROM t WHERE (SELECT pg_cancel_backend(2)) IS NULL': 'pg_cancel_backend',
    'WITH x AS (SELECT pg_terminate_backend(1)) SELECT * FROM x': 'pg_terminate_backend',
    'EXPLAIN SELECT pg_terminate_backend(1)': 'pg_terminate_backend',
    "SELECT set_config('search_path', 'x', false)": 'set_config',
    "SELECT * FROM dblink('host=x', 'DROP TABLE t') AS r(a int)": 'dblink',
    "SELECT dblink_exec('DROP TABLE t')": 'dblink_exec',
    "SELECT nextval('s')": 'nextval',
    "SELECT setval('s', 1)": 'setval',
    "SELECT pg_read_file('/etc/passwd')": 'pg_read_file',
    'SELECT pg_advisory_lock(1)': 'pg_advisory_lock',
    "SELECT lo_import('/etc/passwd')": 'lo_import',
    "SELECT change_query_priority(1, 'critical')": 'change_query_priority',
    'SELECT reboot_cluster()': 'reboot_cluster',
    'SELECT pg_catalog.REBOOT_CLUSTER ()': 'reboot_cluster',
    'SELECT dev.pg_catalog.reboot_cluster()': 'reboot_cluster',
    'SELECT pg_stat_reset()': 'pg_stat_reset',
    "SELECT a FROM t ORDER BY set_config('a.b', 'c', true)": 'set_config',
    "SELECT 1 LIMIT (SELECT set_config('a.b', 'c', true)::int)": 'set_config',
    "SELECT CASE WHEN set_config('a.b', 'c', true) = 'x' THEN 1 END": 'set_config',
    'SELECT SUM(a) OVER (ORDER BY "SET_CONFIG" (a, b, true)) FROM t': 'set_config',
    "SELECT EXTRACT(set_config('a.b', 'c', true) FROM x)": 'set_config',
    "SELECT * FROM t PIVOT (set_config(a, 'x', true) FOR b IN (1))": 'set_config',
    "SELECT 1::decimal(set_config('a.b', 'c', true))": 'function decimal is not allowed',
    'SELECT * FROM t JOIN LATERAL reboot_cluster() ON true': 'reboot_cluster',
    'SELECT * FROM ROWS FROM (reboot_cluster())': 'A table without a name',
    # functions that tell of others
    'SELECT pg_last_query_id()': 'pg_last_query_id is not allowed: it tells what others did',
    "SELECT pg_get_iam_role_by_user('jane')": 'pg_get_iam_role_by_user',
    'SELECT pg_stat_get_backend_activity(1)': 'pg_stat_get_backend_activity',
    # functions that nobody knows
    'SELECT f(1)': 'The function f is not allowed',
    'SELECT shop.f(1)': 'The function shop.f is not allowed',
    'SELECT "Shop" . "F" (1)': 'The function shop.f is not allowed',
    "SELECT public.len('x')": 'The function public.len is not allowed',
    'SELECT * FROM t, f(1) AS x': 'The function f is not allowed',
    'SELECT * FROM f(1) AS (a int)': 'The function f is not allowed',
    'SELECT by(1)': 'The function by is not allowed',
    'SELECT second(a)': 'The function second is not allowed',
    'SELECT exi\u017fts(SELECT 1)': 'The function exi\u017fts is not allowed',
    '\u017fELECT 1': '\u017fELECT is not allowed',
    'SELECT COUNT(*) FILTER (WHERE a) FROM t': 'Redshift has no FILTER (WHERE …)',
    'SELECT ARRAY_AGG(a) FROM t': "Redshift has LISTAGG(value, ', ')",
    'SELECT ran\u212a() OVER ()': 'The function ran\u212a is not allowed',
    # tables that tell of others
    'SELECT * FROM stl_query': 'The system table stl_query',
    'SELECT * FROM STL_QUERYTEXT': 'The system table stl_querytext',
    'SELECT * FROM "STL_QueryText"': 'The system table stl_querytext',
    'SELECT * FROM pg_catalog.stl_ddltext': 'The system table stl_ddltext',
    'SELECT * FROM dev.pg_catalog.stl_utilitytext': 'The system table stl_utilitytext',
    'SELECT * FROM "dev"."PG_CATALOG"."sys_query_text"': 'The system table sys_query_text',
    'SELECT * FROM sys_query_history': 'The system table sys_query_history',
    'SELECT * FROM (SELECT * FROM svl_qlog) x': 'The system table svl_qlog',
    'SELECT (SELECT MAX(text) FROM svl_statementtext)': 'The system table svl_statementtext',
    'WITH a AS (SELECT * FROM stv_recents) SELECT * FROM a': 'The system table stv_recents',
    'WITH pg_user AS (SELECT * FROM pg_user) SELECT * FROM pg_user': 'The system table pg_user',
    'SELECT * FROM t WHERE EXISTS (SELECT 1 FROM pg_stat_activity)': 'pg_stat_activity',
    'SELECT * FROM (t JOIN stv_inflight ON true)': 'The system table stv_inflight',
    'SELECT * FROM t, svv_transactions AS i AT x': 'The system table svv_transactions',
    'SELECT * FROM t, UNPIVOT pg_stats AS v AT a': 'The system table pg_stats',
    'SELECT * FROM stl_query[0] AS v': 'The system table stl_query',
    'SELECT * FROM ONLY stcs_query': 'The system table stcs_query',
    'SELECT 1 UNION TABLE svcs_explain': 'The system table svcs_explain',
    'SELECT * FROM pg_temp_1.x': 'The system table x',
    'EXPLAIN SELECT * FROM padb_config': 'The system table padb_config',
    # nothing, and nonsense
    '': 'no statement',
    ' \n\t': 'no statement',
    ';': 'no statement',
    '-- only a comment': 'no statement',
    'SELECT FROM WHERE': 'not understood',
    'SELECT 1 SELECT 2': 'not understood',
}

# Their arguments are not a list; valid_statements.sql has them.
WITH_GRAMMAR = ('cast', 'convert', 'extract', 'position', 'try_cast')

# Pieces out of which a statement that does harm can be put together.
PIECES = st.sampled_from(
    [
        *('SELECT 1', 'SELECT', 'FROM t', 'WITH x AS', 'UNION ALL', 'VALUES (1)', 'INTO u', 'INTO'),
        *('INSERT INTO t VALUES (2)', 'UPDATE t SET a = 3', 'DELETE FROM t', 'TRUNCATE t', 'CALL'),
        *('DROP TABLE t', 'CREATE TABLE u', 'CREATE TABLE v AS', 'RETURNING a', 'EXPLAIN'),
        *("set_config('a.b', 'c', true)", 'nextval(', 'stl_query', 'FOR UPDATE', 'WINDOW', '::'),
        *('EXPLAIN ANALYZE', 'SHOW', 'AS', 'E', 'a', 't', 'u', 'x', '*', '(', ')', ',', ';', ';'),
        *("'", "''", '\\', '"', '--', '/*', '*/', '\n', '\r', ' ', '$$', '{#', '#}'),
    ]
)


@pytest.mark.parametrize('query', QUERIES)
@pytest.mark.parametrize('end', ['', ';', ' ; ', ';;', '; -- done', ';\n/* done */\n'])
def test_query_passes_as_it_is(query: str, end: str) -> None:
    assert check(f'\n {query}{end if "--" not in query.splitlines()[-1] else ""}') == query


@pytest.mark.parametrize(('sql', 'reason'), REFUSED.items(), ids=repr)
def test_anything_else_is_refused(sql: str, reason: str) -> None:
    with pytest.raises(StatementRefused) as refusal:
        check(sql)

    assert reason in str(refusal.value)
    assert str(refusal.value).endswith(
        '. Send exactly one query that only reads: SELECT, also with WITH, UNION, INTERSECT or '
        'EXCEPT; SHOW; or EXPLAIN of a query.'
    )


def test_place_of_a_mistake_is_reported() -> None:
    with pytest.raises(StatementRefused, match=r'at `WHERE` \(line 2, column 10\)'):
        check('SELECT a\nFROM WHERE b = 1')


def test_size_is_counted_in_bytes() -> None:
    query = f"SELECT '{'ü' * ((MAX_STATEMENT_BYTES - 9) // 2)}'"

    assert check(query) == query
    with pytest.raises(StatementRefused, match='over 100,000 bytes'):
        check(query.replace('SELECT', 'SELECT  '))


def test_text_of_a_statement_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger('sqlglot').setLevel(logging.NOTSET)

    for sql in ("WITH x AS (CALL secret('s3cr3t')) SELECT 1", "SELECT 's3cr3t' FROM FROM"):
        with pytest.raises(StatementRefused):
            check(sql)

    assert caplog.text == ''


@pytest.mark.parametrize(
    ('allowed', 'sql'),
    [
        ('margin', 'SELECT margin(1), "MARGIN" (2) FROM t'),
        ('shop.margin, x', 'SELECT shop.margin(1) FROM t'),
        ('Shop.*', 'SELECT shop.margin(1), dev.shop.tax(2) FROM t'),
        ('a,b shop.*', 'SELECT a(1), b(2), shop.c(3)'),
        ('margin', 'SELECT * FROM margin(1)'),
    ],
)
def test_function_of_the_companys_own_passes_when_it_is_allowed(
    monkeypatch: pytest.MonkeyPatch, allowed: str, sql: str
) -> None:
    monkeypatch.setenv('SQL_FUNCTIONS', allowed)

    assert check(sql) == sql


@pytest.mark.parametrize(
    ('allowed', 'sql'),
    [
        ('margin', 'SELECT shop.margin(1)'),
        ('shop.margin', 'SELECT margin(1)'),
        ('shop.margin', 'SELECT other.margin(1)'),
        ('shop.*', 'SELECT tax(1)'),
        ('shop.*', 'SELECT shop.x.tax(1)'),
        ('set_config, pg_catalog.*', "SELECT pg_catalog.set_config('a.b', 'c', true)"),
        ('set_config', "SELECT set_config('a.b', 'c', true)"),
    ],
)
def test_only_the_function_that_is_allowed_passes(
    monkeypatch: pytest.MonkeyPatch, allowed: str, sql: str
) -> None:
    monkeypatch.setenv('SQL_FUNCTIONS', allowed)

    with pytest.raises(StatementRefused, match='function'):
        check(sql)


@pytest.mark.parametrize('wrong', ['*', '*.*', 'a.b.c', 'a;b', 'shop.', 'f(int)', '"F"'])
def test_setting_that_names_no_functions_is_told(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv('SQL_FUNCTIONS', wrong)

    with pytest.raises(MissingSetting, match=r'^SQL_FUNCTIONS is not set: it has a value that'):
        check('SELECT tax(1)')


@pytest.mark.parametrize('function', FUNCTIONS.values(), ids=lambda function: function.name)
def test_each_function_of_the_catalogue_passes_if_it_only_reads(function: Function) -> None:
    arguments = ', '.join(['a'] * function.least)
    sql = f'SELECT {function.name}{f"({arguments})" if function.brackets else ""} FROM t'

    if function.effect == 'reads' and function.name not in WITH_GRAMMAR:
        assert check(sql) == sql
    elif function.effect != 'reads':
        with pytest.raises(StatementRefused, match=function.name):
            check(sql)


@settings(derandomize=True, max_examples=300)
@given(st.text() | st.lists(PIECES).map(' '.join) | st.lists(PIECES).map(''.join))
def test_anything_is_either_refused_or_passed_as_it_is(sql: str) -> None:
    try:
        checked = check(sql)
    except StatementRefused:
        return

    assert checked
    assert sql.strip().startswith(checked)
    assert set(sql.strip().removeprefix(checked).partition('--')[0].partition('/*')[0]) <= set(
        '; \t\r\n'
    )
    assert check(checked) == checked


@settings(derandomize=True, max_examples=500)
@given(st.lists(PIECES, max_size=12).map(' '.join) | st.lists(PIECES, max_size=12).map(''.join))
def test_what_passes_changes_nothing(sql: str) -> None:
    try:
        checked = check(sql)
    except StatementRefused:
        return
    with duckdb.connect() as database:
        with suppress(duckdb.Error):
            kinds = {statement.type for statement in database.extract_statements(checked)}
            assert kinds <= {duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN}
        database.execute('CREATE TABLE t AS SELECT 1 AS a')
        with suppress(duckdb.Error):
            database.execute(checked).fetchall()
        tables = database.execute('SELECT table_name FROM information_schema.tables').fetchall()
        rows = database.execute('SELECT * FROM t').fetchall()

    assert (tables, rows) == ([('t',)], [(1,)])
