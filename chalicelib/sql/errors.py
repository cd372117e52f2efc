"""What a caller may be told of SQL; each message says what to do next."""

from chalice.app import ChaliceViewError


class StatementRefused(ChaliceViewError):
    """An SQL statement is not one query that only reads."""

    STATUS_CODE = 400

    def __init__(self, problem: str) -> None:
        super().__init__(
            f'{problem}. Send exactly one query that only reads: SELECT, also with WITH, UNION, '
            'INTERSECT or EXCEPT; SHOW; or EXPLAIN of a query.'
        )


class StatementNotFound(ChaliceViewError):
    """The caller has started no such statement, or its result has been forgotten."""

    STATUS_CODE = 404

    def __init__(self) -> None:
        super().__init__(
            'The person has started no such statement, or more than a day ago. '
            'Start it with executeSqlStatement.'
        )


class QueryFailed(ChaliceViewError):
    """Redshift did not run a statement to its end."""

    STATUS_CODE = 400

    def __init__(self, problem: str) -> None:
        super().__init__(
            f'{problem}. Correct the statement and execute it again; '
            'listTables tells which tables and columns there are.'
        )
