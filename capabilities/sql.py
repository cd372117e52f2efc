"""SQL on Redshift, whose results are files."""

from capabilities.capability import About, Capability, Statement

_WORKGROUP = 'arn:{partition}:redshift-serverless:{region}:{account}:workgroup/*'
_CLUSTER = 'arn:{partition}:redshift:{region}:{account}:cluster:{REDSHIFT_CLUSTER_IDENTIFIER}'
_DATABASE = (
    'arn:{partition}:redshift:{region}:{account}'
    ':dbname:{REDSHIFT_CLUSTER_IDENTIFIER}/{REDSHIFT_DATABASE}'
)
_DATABASE_USER = (
    'arn:{partition}:redshift:{region}:{account}'
    ':dbuser:{REDSHIFT_CLUSTER_IDENTIFIER}/{REDSHIFT_DB_USER}'
)
_RESULTS = 'arn:{partition}:s3:::{RESULTS_BUCKET_NAME}'

# As the function, or as the person: both sign in to the database in the same way.
_DATABASE_STATEMENTS = [
    Statement(
        'RunStatements',
        ['redshift-data:BatchExecuteStatement'],
        [
            About('REDSHIFT_CLUSTER_IDENTIFIER', [_CLUSTER]),
            About('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
        ],
    ),
    Statement(
        'ReadItsOwnStatements',
        [
            'redshift-data:CancelStatement',
            'redshift-data:DescribeStatement',
            'redshift-data:GetStatementResult',
        ],
        [About('REDSHIFT_CLUSTER_IDENTIFIER', ['*']), About('REDSHIFT_WORKGROUP_NAME', ['*'])],
        {'StringEquals': {'redshift-data:statement-owner-iam-userid': '${aws:userid}'}},
    ),
    Statement(
        'SignInToTheWorkgroup',
        ['redshift-serverless:GetCredentials'],
        [
            About('REDSHIFT_SECRET_ARN', []),
            About('REDSHIFT_CLUSTER_IDENTIFIER', []),
            About('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
        ],
    ),
    Statement(
        'SignInToTheClusterAsUser',
        ['redshift:GetClusterCredentials'],
        [
            About('REDSHIFT_SECRET_ARN', []),
            About('REDSHIFT_DB_USER', [_DATABASE_USER, _DATABASE]),
        ],
    ),
    Statement(
        'SignInToTheClusterAsRole',
        ['redshift:GetClusterCredentialsWithIAM'],
        [
            About('REDSHIFT_SECRET_ARN', []),
            About('REDSHIFT_DB_USER', []),
            About('REDSHIFT_CLUSTER_IDENTIFIER', [_DATABASE]),
        ],
    ),
    Statement(
        'ReadTheDatabaseSecret',
        ['secretsmanager:GetSecretValue'],
        [About('REDSHIFT_SECRET_ARN', ['{REDSHIFT_SECRET_ARN}'])],
    ),
]

CAPABILITY = Capability(
    'sql',
    settings=[
        'REDSHIFT_WORKGROUP_NAME',
        'REDSHIFT_CLUSTER_IDENTIFIER',
        'REDSHIFT_DATABASE',
        'REDSHIFT_SECRET_ARN',
        'REDSHIFT_DB_USER',
        'REDSHIFT_PERSON_VARIABLE',
        'REDSHIFT_GROUPS_VARIABLE',
        'SQL_STATEMENT_TIMEOUT_SECONDS',
        'SQL_STATEMENTS_PER_PERSON',
        'SQL_FUNCTIONS',
        'RESULTS_BUCKET_NAME',
    ],
    in_use={
        'RedshiftWorkgroupName': 'REDSHIFT_WORKGROUP_NAME',
        'RedshiftClusterIdentifier': 'REDSHIFT_CLUSTER_IDENTIFIER',
        'RedshiftDatabase': 'REDSHIFT_DATABASE',
        'RedshiftSecretArn': 'REDSHIFT_SECRET_ARN',
        'RedshiftDbUser': 'REDSHIFT_DB_USER',
        'RedshiftPersonVariable': 'REDSHIFT_PERSON_VARIABLE',
        'RedshiftGroupsVariable': 'REDSHIFT_GROUPS_VARIABLE',
        'SqlStatementTimeoutSeconds': 'SQL_STATEMENT_TIMEOUT_SECONDS',
        'SqlStatementsPerPerson': 'SQL_STATEMENTS_PER_PERSON',
        'SqlFunctions': 'SQL_FUNCTIONS',
        'ExistingResultsBucketName': 'RESULTS_BUCKET_NAME',
    },
    statements=[
        *_DATABASE_STATEMENTS,
        Statement(
            'KeepResults',
            ['s3:GetObject', 's3:PutObject'],
            [About('RESULTS_BUCKET_NAME', [f'{_RESULTS}/sql/*'])],
        ),
        Statement('ListResults', ['s3:ListBucket'], [About('RESULTS_BUCKET_NAME', [_RESULTS])]),
    ],
    person=[
        *_DATABASE_STATEMENTS,
        Statement(
            'KeepTheirResults',
            ['s3:GetObject', 's3:PutObject'],
            [About('RESULTS_BUCKET_NAME', [f'{_RESULTS}/sql/{{sub}}/*'])],
        ),
    ],
    lost={'AWS::S3::Bucket': 'the files in it'},
    emptied=['ResultsBucket'],
    pages=['sql.md'],
    requirements=['sqlglot'],
    read_by_others=['functions.py'],
)
