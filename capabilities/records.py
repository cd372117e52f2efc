"""Records in a DynamoDB table."""

from capabilities.capability import About, Capability, Kept, Statement

_TABLE, _KEYS = 'RECORDS_TABLE_NAME', 'RECORDS_KEYS'
_LEADING_KEYS = 'dynamodb:LeadingKeys'
_RECORDS = 'arn:{partition}:dynamodb:{region}:{account}:table/{RECORDS_TABLE_NAME}'

CAPABILITY = Capability(
    'records',
    settings=[_TABLE, _KEYS],
    in_use={'ExistingRecordsTableName': _TABLE, 'RecordsKeys': _KEYS},
    statements=[
        # Which says how records are found, and nothing of any of them.
        Statement(
            'DescribeRecords', ['dynamodb:DescribeTable'], [About(_TABLE, [_RECORDS])], stays=True
        ),
        Statement('FindRecords', ['dynamodb:Query'], [About(_TABLE, [_RECORDS])]),
    ],
    person=[
        Statement(
            'FindTheirRecords',
            ['dynamodb:Query'],
            [
                About(
                    _KEYS,
                    [_RECORDS],
                    {
                        'ForAllValues:StringLike': {_LEADING_KEYS: 'keys'},
                        # No value at all would be like each of them.
                        'Null': {_LEADING_KEYS: 'false'},
                    },
                ),
                About(_TABLE, [_RECORDS]),
            ],
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
