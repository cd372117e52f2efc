"""What the Data API tells of statements, as its service model has it."""

from emulator.redshift.inputs import Json
from emulator.redshift.statements import Query, Statement


def session_id(statement: Statement) -> Json:
    """Return the session that a statement runs in, if any."""
    return {'SessionId': statement.session.id} if statement.session else {}


def describe(statement: Statement) -> Json:
    """Return what there is to tell of a statement as a whole."""
    found = {
        'Id': statement.id,
        'CreatedAt': statement.created_at,
        'UpdatedAt': statement.updated_at,
        'Status': statement.status,
        'Duration': statement.duration_ns,
    }
    return found | ({'Error': statement.error} if statement.error else {})


def describe_query(query: Query) -> Json:
    """Return what there is to tell of one SQL statement."""
    result = query.result
    found: Json = {
        'Id': query.id,
        'CreatedAt': query.created_at,
        'UpdatedAt': query.updated_at,
        'Status': query.status,
        'Duration': query.duration_ns,
        'QueryString': query.sql,
        'RedshiftQueryId': query.query_id,
        'HasResultSet': result is not None,
        'ResultRows': -1,
        'ResultSize': -1,
    }
    if query.error:
        found['Error'] = query.error
    if result:
        found |= {'ResultRows': result.row_count, 'ResultSize': result.size_bytes}
    elif query.outcome:
        found |= {'ResultRows': query.outcome.changed_rows, 'ResultSize': 0}
    return found


def list_item(statement: Statement) -> Json:
    """Return a statement as it stands in a list."""
    request = statement.request
    found: Json = {
        'Id': statement.id,
        'CreatedAt': statement.created_at,
        'UpdatedAt': statement.updated_at,
        'Status': statement.status,
        'IsBatchStatement': statement.is_batch,
        'ResultFormat': request.get('ResultFormat', 'JSON'),
    }
    for name, source in (
        ('QueryString', 'Sql'),
        ('QueryStrings', 'Sqls'),
        ('QueryParameters', 'Parameters'),
        ('StatementName', 'StatementName'),
        ('SecretArn', 'SecretArn'),
    ):
        if source in request:
            found[name] = request[source]
    return found | session_id(statement)
