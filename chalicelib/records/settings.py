"""The settings of records, read when they are asked for."""

from chalicelib.settings import required


def records_table_name() -> str:
    """Return the DynamoDB table that records are found in."""
    return required('RECORDS_TABLE_NAME', 'the DynamoDB table that records are found in')
