"""The errors of records that a caller may see; each message says what to do next."""

from chalice.app import ChaliceViewError


class RecordNotFound(ChaliceViewError):
    """No record has the partition key."""

    STATUS_CODE = 404

    def __init__(self) -> None:
        super().__init__('No record has this key. Check how it is written, or ask the person.')
