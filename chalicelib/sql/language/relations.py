"""The tables and views of the system that may be read: those that say what there is to query.

Redshift shows a user the own rows of all others, with the text of statements and their values. But
all who ask through this function are one database user: each would see what everybody asked. There
are more of them with each release, so they are refused by the beginning of their names.

https://docs.aws.amazon.com/redshift/latest/dg/c_visibility-of-data.html
"""

import re

_CATALOGUE = """
    pg_attribute pg_class pg_description pg_namespace pg_table_def pg_tables pg_type
    svv_all_columns svv_all_schemas svv_all_tables svv_columns svv_external_columns
    svv_external_schemas svv_external_tables svv_redshift_columns svv_redshift_databases
    svv_redshift_schemas svv_redshift_tables svv_tables
"""
READABLE = frozenset(_CATALOGUE.split())
_SYSTEM = re.compile('(padb|pg|stcs|stl|stll|stv|svcs|svl|svv|sys)_')
_SYSTEM_SCHEMA = re.compile('pg_')


def is_readable(schema: str, name: str) -> bool:
    """Return whether a relation is no system relation, or one that may be read."""
    if schema in ('', 'pg_catalog'):
        return name in READABLE or not _SYSTEM.match(name)
    return not _SYSTEM_SCHEMA.match(schema)
