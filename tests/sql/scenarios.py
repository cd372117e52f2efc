"""SQL in every front, on workgroups and clusters."""

from chalicelib.sql import redshift
from tests.sql import warehouse
from tests.support.aws.calls import ACCOUNT
from tests.support.every_operation import ask
from tests.support.people.verified_calls import CALLER, being_served
from tests.support.scenario import Scenario

QUERY = 'SELECT status, COUNT(*) AS orders FROM shop.orders GROUP BY status ORDER BY status'
SECRET = f'arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:redshift-a1b2c3'
CLUSTER = {'REDSHIFT_WORKGROUP_NAME': '', 'REDSHIFT_CLUSTER_IDENTIFIER': 'shop'}
VARIANTS = {
    'a workgroup, with a secret': {'REDSHIFT_SECRET_ARN': SECRET},
    'a cluster, as the role': CLUSTER,
    'a cluster, as a database user': CLUSTER | {'REDSHIFT_DB_USER': 'gpt_reader'},
    'a cluster, with a secret': CLUSTER | {'REDSHIFT_SECRET_ARN': SECRET},
}
_FILE = {'result.csv': b'status,orders\r\ncancelled,94\r\n'}


def _in_two_calls() -> None:
    """Get a result of several pages, interrupted."""
    with being_served(CALLER):
        database = redshift.Redshift.of_settings()
    interrupted = warehouse.failing(
        database, 'GetStatementResultV2', 'ThrottlingException', after=1
    )
    sql = "SELECT order_id, REPEAT('x', 1000) FROM shop.order_lines"
    with interrupted:
        begun = ask('POST', '/sql_statement', {'sql_statement': sql})
    assert begun['status'] == 'running'
    assert ask('GET', f'/sql_statement/{begun["statement_id"]}')['status'] == 'finished'


def _of_nobody() -> None:
    """Go on with a statement that nobody has begun."""
    ask('GET', '/sql_statement/3b0c8a8e-6b7e-4d55-9a59-0a6f3a1f3c11', status=404)


def _while_it_runs() -> None:
    """Cancel a statement that is running."""
    with being_served(CALLER):
        database = redshift.Redshift.of_settings()
    # The first look is at the statement before, whose slot this one takes.
    unseen = warehouse.failing(database, 'DescribeStatement', 'ThrottlingException', after=1)
    with unseen:
        begun = ask('POST', '/sql_statement', {'sql_statement': 'SELECT pg_sleep(600)'})
    path = f'/sql_statement/{begun["statement_id"]}/cancel'
    assert ask('POST', path)['status'] == 'cancelled'


SCENARIOS = {
    'listTables': Scenario({'schema': 'shop'}),
    'executeSqlStatement': Scenario(
        {'sql_statement': QUERY}, {'row_count': 5}, files=_FILE, more=_in_two_calls
    ),
    'getSqlStatement': Scenario(
        lambda seen: {'statement_id': seen['executeSqlStatement']['statement_id']},
        {'row_count': 5},
        files=_FILE,
        more=_of_nobody,
    ),
    'cancelSqlStatement': Scenario(
        lambda seen: {'statement_id': seen['executeSqlStatement']['statement_id']},
        refused='The statement has ended already',
        status=409,
        more=_while_it_runs,
    ),
}
