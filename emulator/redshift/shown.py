"""What SHOW shows: a query of the system views, or a setting."""

import re
from collections.abc import Mapping

from emulator.redshift.functions.refused import SqlError
from emulator.redshift.session import settings

_CHOSEN = re.compile(
    r"(.*?)(?:\s+LIKE\s+'([^']*)')?(?:\s+LIMIT\s+(\d+))?\s*;?\s*", re.IGNORECASE | re.DOTALL
)
_SHOWN: Mapping[str, str] = {
    r'databases': 'SELECT database_name FROM svv_redshift_databases',
    r'schemas\s+from\s+database\s+\S+': """
        SELECT database_name, schema_name, schema_owner, schema_type
        FROM svv_all_schemas ORDER BY schema_name
    """,
    r'tables\s+from\s+schema\s+(?:"?\w+"?\.)?"?(?P<schema>\w+)"?': """
        SELECT database_name, schema_name, table_name, table_type, remarks
        FROM svv_all_tables WHERE schema_name = :schema ORDER BY table_name
    """,
    r'columns\s+from\s+table\s+(?:"?\w+"?\.)?"?(?P<schema>\w+)"?\."?(?P<table>\w+)"?': """
        SELECT database_name, schema_name, table_name, column_name, ordinal_position,
            column_default, is_nullable, data_type, character_maximum_length, numeric_precision,
            numeric_scale, remarks
        FROM svv_all_columns WHERE schema_name = :schema AND table_name = :table
        ORDER BY ordinal_position
    """,
    r'search_path': "SELECT '$user, public' AS search_path",
}


def query(what: str) -> tuple[str, dict[str, str]]:
    """Return the query that SHOW stands for, and its parameters; raises SqlError."""
    whole = _CHOSEN.fullmatch(what)
    asked, like, limit = whole.groups() if whole else (what, None, None)
    for pattern, whole_query in _SHOWN.items():
        found = re.fullmatch(rf'\s*{pattern}\s*', asked, re.IGNORECASE)
        if found:
            given = {name: value.lower() for name, value in found.groupdict().items()}
            return _chosen(whole_query, like, limit), given | ({'pattern': like} if like else {})
    parameter = settings.shown(what)
    if parameter:
        return parameter, {}
    raise SqlError(f'ERROR: unrecognized configuration parameter "{what.strip()}"')


def _chosen(whole: str, like: str | None, limit: str | None) -> str:
    """Return a query of some of what is shown: those whose name is like something."""
    names = re.findall(r'\b(?:database|schema|table|column)_name\b', whole.partition('FROM')[0])
    where = f' WHERE {names[-1]} LIKE :pattern' if like and names else ''
    chosen = f'SELECT * FROM ({whole}) AS shown{where}' if where or limit else whole  # noqa: S608
    return f'{chosen} LIMIT {limit}' if limit else chosen
