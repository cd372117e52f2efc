"""The settings of SQL, read when they are asked for."""

import re

from chalicelib.settings import MissingSetting, optional, required

# https://docs.aws.amazon.com/redshift/latest/dg/r_SET.html: two names, one dot, no quotes.
_CONTEXT_VARIABLE = re.compile(r'[a-z_][a-z0-9_]{0,62}\.[a-z_][a-z0-9_]{0,62}')
_FUNCTION = re.compile(r'[a-z_][a-z0-9_]*(\.([a-z_][a-z0-9_]*|\*))?')
# A statement of the Data API may run for as long.
_A_DAY_SECONDS = 86_400


def redshift_connection() -> dict[str, str]:
    """Return the Data API's parameters that say where and as whom a statement runs."""
    cluster = optional('REDSHIFT_CLUSTER_IDENTIFIER')
    purpose = 'the workgroup that runs SQL statements, unless REDSHIFT_CLUSTER_IDENTIFIER is set'
    workgroup = '' if cluster else required('REDSHIFT_WORKGROUP_NAME', purpose)
    connection = {
        'ClusterIdentifier': cluster,
        'WorkgroupName': workgroup,
        'Database': required('REDSHIFT_DATABASE', 'the database that SQL statements run in'),
        'SecretArn': optional('REDSHIFT_SECRET_ARN'),
        'DbUser': optional('REDSHIFT_DB_USER'),
    }
    return {name: value for name, value in connection.items() if value}


def results_bucket_name() -> str:
    """Return the bucket that the results of SQL statements are put into."""
    return required('RESULTS_BUCKET_NAME', 'the bucket that results of SQL statements go to')


def sql_functions() -> frozenset[str]:
    """Return the functions of the company's own that SQL may call: names, or ``schema.*``."""
    functions = optional('SQL_FUNCTIONS').lower().replace(',', ' ').split()
    if not all(map(_FUNCTION.fullmatch, functions)):
        raise MissingSetting('SQL_FUNCTIONS', 'it has a value that is not functions or schema.*')
    return frozenset(functions)


def person_variable() -> str:
    """Return the context variable that tells policies in the database who asks."""
    return _context_variable('REDSHIFT_PERSON_VARIABLE', 'app.person')


def groups_variable() -> str:
    """Return the context variable that tells policies in the database the groups of who asks."""
    return _context_variable('REDSHIFT_GROUPS_VARIABLE', 'app.groups')


def statement_timeout_seconds() -> int:
    """Return how long a statement may take, also when nobody comes for its result."""
    return _number('SQL_STATEMENT_TIMEOUT_SECONDS', 300, _A_DAY_SECONDS)


def statements_per_person() -> int:
    """Return how many statements of a person may run at once."""
    return _number('SQL_STATEMENTS_PER_PERSON', 3, 100)


def _context_variable(name: str, default: str) -> str:
    value = optional(name) or default
    if not _CONTEXT_VARIABLE.fullmatch(value):
        raise MissingSetting(name, f'it has a value that is not two names and a dot, as {default}')
    return value


def _number(name: str, default: int, highest: int) -> int:
    value = optional(name) or str(default)
    if not re.fullmatch('[0-9]{1,6}', value) or not 1 <= int(value) <= highest:
        raise MissingSetting(name, f'it has a value that is not a number from 1 to {highest:,}')
    return int(value)
