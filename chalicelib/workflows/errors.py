"""The errors of workflows that a caller may see; each message says what to do next."""

from chalice.app import ChaliceViewError


class ExecutionNotFound(ChaliceViewError):
    """The caller has started no such execution."""

    STATUS_CODE = 404

    def __init__(self) -> None:
        super().__init__('The person has started no such process. Use an id from startWorkflow.')


class RequestIdReused(ChaliceViewError):
    """A request_id came again with another input."""

    STATUS_CODE = 409

    def __init__(self) -> None:
        super().__init__(
            'This request_id belongs to a process with another input. '
            'Choose a new one to start another process.'
        )
