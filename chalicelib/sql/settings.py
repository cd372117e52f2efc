"""The settings of SQL, read when they are asked for."""

from chalicelib.settings import optional, required


def redshift_connection() -> dict[str, str]:
    """Return what the Redshift Data API is told of where, and as whom, to run a statement."""
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
