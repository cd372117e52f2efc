"""Records in a DynamoDB table."""

from capabilities.capability import Capability, Kept, Statement

_RECORDS = 'arn:{partition}:dynamodb:{region}:{account}:table/{RECORDS_TABLE_NAME}'

CAPABILITY = Capability(
    'records',
    settings=['RECORDS_TABLE_NAME'],
    in_use={'ExistingRecordsTableName': 'RECORDS_TABLE_NAME'},
    statements=[
        Statement(
            'FindRecords',
            ['dynamodb:DescribeTable', 'dynamodb:Query'],
            [('RECORDS_TABLE_NAME', [_RECORDS])],
        )
    ],
    kept={
        'RecordsTable': Kept(
            'the records',
            'ExistingRecordsTableName',
            'RecordsTableName',
            'aws dynamodb update-table --table-name {id} --no-deletion-protection-enabled '
            '&& aws dynamodb delete-table --table-name {id}',
        )
    },
    lost={'AWS::DynamoDB::Table': 'the records in it'},
)
