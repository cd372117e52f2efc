"""The errors of SQL that a caller may see; each message says what to do next."""

from collections.abc import Sequence

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


class DataNotPermitted(ChaliceViewError):
    """The database refuses this person a table, a schema, or whatever else a statement names."""

    STATUS_CODE = 403

    def __init__(self, problem: str) -> None:
        super().__init__(
            f'{problem}. This person may not read that, whatever the statement: do not try another '
            'way, and tell the person to ask whoever runs the database.'
        )


class StatementEnded(ChaliceViewError):
    """A statement that is to be cancelled has ended already."""

    STATUS_CODE = 409

    def __init__(self, *, has_result: bool) -> None:
        remedy = (
            'Get its result with getSqlStatement.'
            if has_result
            else 'It has no result: there is nothing left to do.'
        )
        super().__init__(f'The statement has ended already, so it was not cancelled. {remedy}')


class StatementNotStarted(ChaliceViewError):
    """A statement that is to be cancelled does not run yet, and only what runs can be."""

    STATUS_CODE = 409

    def __init__(self) -> None:
        super().__init__(
            'Redshift has queued the statement and can cancel only what is running. '
            'Cancel it again in a few seconds.'
        )


class TooManyStatements(ChaliceViewError):
    """A person has as many statements running as one may have."""

    STATUS_CODE = 429

    def __init__(self, running: Sequence[str | None]) -> None:
        named = [each for each in running if each]
        starting = len(running) - len(named)
        parts = [', '.join(named)] if named else []
        parts += [f'{starting} that only just started'] if starting else []
        count = f'{len(running)} statement{"" if len(running) == 1 else "s"}'
        super().__init__(
            f'The person has {count} running already, and no more may run at '
            f'once: {" and ".join(parts)}. Wait for one with getSqlStatement or end one with '
            'cancelSqlStatement, then try again.'
        )


class PersonNotSupported(ChaliceViewError):
    """The id of who asks can't be told to the database."""

    STATUS_CODE = 403

    def __init__(self) -> None:
        super().__init__(
            'The id that the person signed in with is not one that the database is told. '
            'Do not try again: tell the person to ask whoever runs this API.'
        )
