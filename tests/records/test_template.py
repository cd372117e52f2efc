"""The part of the template for records: what it makes, and under which names."""

from tests.support.stages import templates
from tests.support.stages.templates import properties, resolved


def test_table_can_be_recovered_and_is_paid_by_use() -> None:
    table = properties(resolved(templates.resources()), 'RecordsTable')

    assert table['DeletionProtectionEnabled'] is True
    assert table['BillingMode'] == 'PAY_PER_REQUEST'
    assert table['PointInTimeRecoverySpecification'] == {'PointInTimeRecoveryEnabled': True}
    assert table['KeySchema'] == [
        {'AttributeName': 'owner', 'KeyType': 'HASH'},
        {'AttributeName': 'item', 'KeyType': 'RANGE'},
    ]


def test_table_has_the_name_that_is_given_or_is_one_that_exists() -> None:
    templates.check_is_named('RecordsTableName', 'RecordsTable', 'TableName')
    templates.check_is_used_instead(
        'ExistingRecordsTableName', {'RecordsTable'}, 'RecordsTableName'
    )
    for parameter in ('RecordsTableName', 'ExistingRecordsTableName'):
        templates.check_name_is_checked(parameter)
