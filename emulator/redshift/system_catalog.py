"""Redshift's system views, and the macros of DuckDB that its functions become.

They live in a database of their own, which every connection searches after its own schemas.
"""

from collections.abc import Iterator

from emulator.redshift.sql import overloads

SYSTEM_CATALOG = 'redshift_system'

# A table with row-level security is kept as rls:<name>, behind a view that has its name.
# A length that CREATE TABLE declares is kept as the comment of DuckDB's column.
_COLUMNS = """
SELECT database_name, schema_name, regexp_replace(table_name, '^rls:', '') AS table_name,
    column_name,
    column_index::INTEGER AS ordinal_position, column_default,
    CASE WHEN is_nullable THEN 'YES' ELSE 'NO' END AS is_nullable,
    CASE
        WHEN starts_with(comment, 'bpchar') THEN 'character'
        WHEN starts_with(data_type, 'DECIMAL') THEN 'numeric'
        ELSE coalesce(MAP {
            'TINYINT': 'smallint', 'SMALLINT': 'smallint', 'INTEGER': 'integer',
            'BIGINT': 'bigint', 'HUGEINT': 'numeric', 'FLOAT': 'real',
            'DOUBLE': 'double precision', 'BOOLEAN': 'boolean', 'DATE': 'date',
            'TIME': 'time without time zone', 'TIMESTAMP': 'timestamp without time zone',
            'TIMESTAMP WITH TIME ZONE': 'timestamp with time zone', 'JSON': 'super',
            'BLOB': 'binary varying'
        }[data_type], 'character varying')
    END AS data_type,
    CASE WHEN data_type = 'VARCHAR'
        THEN coalesce(regexp_extract(comment, '[0-9]+')::INTEGER, 65535)
    END AS character_maximum_length,
    numeric_precision::INTEGER AS numeric_precision, numeric_scale::INTEGER AS numeric_scale,
    NULL::VARCHAR AS remarks, data_type AS duckdb_type, comment AS declared
FROM duckdb_columns() AS c WHERE database_name = current_database() AND NOT internal
    AND schema_name <> 'main' AND NOT EXISTS (
        SELECT 1 FROM duckdb_tables() AS t WHERE t.database_name = c.database_name
            AND t.schema_name = c.schema_name AND t.table_name = 'rls:' || c.table_name)
"""

_SCHEMAS = """
SELECT current_database() AS database_name, schema_name, 'IAM:emulator' AS schema_owner,
    'local' AS schema_type
FROM duckdb_schemas() WHERE database_name = current_database() AND schema_name <> 'main'
"""

_TABLES = """
SELECT database_name, schema_name, regexp_replace(table_name, '^rls:', '') AS table_name,
    'TABLE' AS table_type, NULL::VARCHAR AS remarks
FROM duckdb_tables() WHERE database_name = current_database() AND schema_name <> 'main'
UNION ALL
SELECT database_name, schema_name, view_name, 'VIEW', NULL
FROM duckdb_views() AS v WHERE database_name = current_database() AND NOT internal
    AND NOT EXISTS (
        SELECT 1 FROM duckdb_tables() AS t WHERE t.database_name = v.database_name
            AND t.schema_name = v.schema_name AND t.table_name = 'rls:' || v.view_name)
UNION ALL
SELECT current_database(), 'pg_catalog', view_name, 'SYSTEM VIEW', NULL
FROM duckdb_views() WHERE database_name = 'redshift_system' AND view_name ~ '^(svv|pg)_'
"""

_SVV_TABLES = """
SELECT database_name AS table_catalog, schema_name AS table_schema, table_name,
    CASE table_type WHEN 'TABLE' THEN 'BASE TABLE' ELSE 'VIEW' END AS table_type, remarks
FROM redshift_system.main.svv_all_tables
"""
_SVV_COLUMNS = """
SELECT database_name AS table_catalog, schema_name AS table_schema,
    * EXCLUDE (database_name, schema_name)
FROM redshift_system.main.svv_all_columns
"""

SYSTEM_VIEWS = {
    'emulated_columns': _COLUMNS,
    'svv_all_schemas': _SCHEMAS,
    'svv_redshift_schemas': _SCHEMAS,
    'svv_all_tables': _TABLES,
    'svv_redshift_tables': _TABLES,
    'svv_all_columns': """
        SELECT * EXCLUDE (duckdb_type, declared) FROM redshift_system.main.emulated_columns
    """,
    'svv_redshift_columns': 'FROM redshift_system.main.svv_all_columns',
    'svv_redshift_databases': """
        SELECT current_database() AS database_name, 1 AS database_owner, 'local' AS database_type
    """,
    'svv_tables': _SVV_TABLES,
    'svv_columns': _SVV_COLUMNS,
    'information_schema_tables': _SVV_TABLES,
    'information_schema_columns': _SVV_COLUMNS,
    'information_schema_schemata': """
        SELECT database_name AS catalog_name, schema_name, schema_owner
        FROM redshift_system.main.svv_all_schemas
    """,
    'pg_namespace': 'SELECT schema_name AS nspname FROM redshift_system.main.svv_all_schemas',
    'pg_tables': """
        SELECT schema_name AS schemaname, table_name AS tablename, 'IAM:emulator' AS tableowner
        FROM redshift_system.main.svv_all_tables WHERE table_type = 'TABLE'
    """,
    'pg_table_def': """
        SELECT schema_name AS schemaname, table_name AS tablename, column_name AS "column",
            CASE
                WHEN character_maximum_length IS NOT NULL
                    THEN data_type || '(' || character_maximum_length || ')'
                WHEN data_type = 'numeric'
                    THEN 'numeric(' || numeric_precision || ',' || numeric_scale || ')'
                ELSE data_type
            END AS "type",
            'none' AS encoding, FALSE AS distkey, 0 AS sortkey, is_nullable = 'NO' AS "notnull"
        FROM redshift_system.main.svv_all_columns
    """,
}


def definitions() -> Iterator[str]:
    """Yield the DuckDB statements that create all this."""
    yield f"ATTACH ':memory:' AS {SYSTEM_CATALOG}"
    for name, query in SYSTEM_VIEWS.items():
        yield f'CREATE VIEW {SYSTEM_CATALOG}.main.{name} AS {query}'
    # A macro finds those that it calls by the search path.
    yield f"SET search_path = '{SYSTEM_CATALOG}.main'"
    for macro in overloads.definitions():
        yield f'CREATE MACRO {SYSTEM_CATALOG}.main.{macro}'
    yield 'RESET search_path'
