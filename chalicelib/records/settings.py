"""The settings of records, read when they are asked for."""

from chalicelib.person import patterns
from chalicelib.settings import MissingSetting, optional, required


def records_table_name() -> str:
    """Return the DynamoDB table that records are found in."""
    return required('RECORDS_TABLE_NAME', 'the DynamoDB table that records are found in')


def records_keys() -> tuple[str, ...]:
    """Return the patterns of the partition keys that a person may ask for; empty means all."""
    name = 'RECORDS_KEYS'
    try:
        return patterns.of_records(optional(name))
    except patterns.InvalidPattern as error:
        raise MissingSetting(name, f'it has a value in which {error}') from error
