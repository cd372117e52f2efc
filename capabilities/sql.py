"""SQL on Redshift, whose results are files."""

from capabilities.capability import Capability, Statement

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
        Statement(
            'RunStatements',
            ['redshift-data:BatchExecuteStatement'],
            [
                ('REDSHIFT_CLUSTER_IDENTIFIER', [_CLUSTER]),
                ('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
            ],
        ),
        Statement(
            'ReadItsOwnStatements',
            [
                'redshift-data:CancelStatement',
                'redshift-data:DescribeStatement',
                'redshift-data:GetStatementResult',
            ],
            [('REDSHIFT_CLUSTER_IDENTIFIER', ['*']), ('REDSHIFT_WORKGROUP_NAME', ['*'])],
            {'StringEquals': {'redshift-data:statement-owner-iam-userid': '${aws:userid}'}},
        ),
        Statement(
            'SignInToTheWorkgroup',
            ['redshift-serverless:GetCredentials'],
            [
                ('REDSHIFT_SECRET_ARN', []),
                ('REDSHIFT_CLUSTER_IDENTIFIER', []),
                ('REDSHIFT_WORKGROUP_NAME', [_WORKGROUP]),
            ],
        ),
        Statement(
            'SignInToTheClusterAsUser',
            ['redshift:GetClusterCredentials'],
            [
                ('REDSHIFT_SECRET_ARN', []),
                ('REDSHIFT_DB_USER', [_DATABASE_USER, _DATABASE]),
            ],
        ),
        Statement(
            'SignInToTheClusterAsRole',
            ['redshift:GetClusterCredentialsWithIAM'],
            [
                ('REDSHIFT_SECRET_ARN', []),
                ('REDSHIFT_DB_USER', []),
                ('REDSHIFT_CLUSTER_IDENTIFIER', [_DATABASE]),
            ],
        ),
        Statement(
            'ReadTheDatabaseSecret',
            ['secretsmanager:GetSecretValue'],
            [('REDSHIFT_SECRET_ARN', ['{REDSHIFT_SECRET_ARN}'])],
        ),
        Statement(
            'KeepResults',
            ['s3:GetObject', 's3:PutObject'],
            [('RESULTS_BUCKET_NAME', [f'{_RESULTS}/sql/*'])],
        ),
        Statement('ListResults', ['s3:ListBucket'], [('RESULTS_BUCKET_NAME', [_RESULTS])]),
    ],
    lost={'AWS::S3::Bucket': 'the files in it'},
    emptied=['ResultsBucket'],
    pages=['sql.md'],
    requirements=['sqlglot'],
)
