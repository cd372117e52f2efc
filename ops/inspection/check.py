"""What a check is, and the decorator that puts it into the table."""

from collections.abc import Callable, Generator
from typing import Literal, NamedTuple

from ops.inspection.facts import Facts

# What renews a stage; where it is one stack, or on this machine, one of the last two does instead.
UP = 'python -m ops up --stage {stage}'
DEPLOY = 'chalice deploy --stage {stage}'
DEPLOY_AND_UP = f'{DEPLOY}, then {UP}'
UP_AND_DEPLOY = f'{UP}, then {DEPLOY}'
ONE_STACK = 'python -m ops deploy --stage {stage}'
LOCAL = 'end `make dev` and start it again'

Level = Literal['ok', 'warning', 'error', 'not applicable']


class Problem(NamedTuple):
    """A problem, and a remedy where that of the check does not fit."""

    level: Level
    found: str
    remedy: str | None = None


# It yields what is wrong and returns what was found where nothing is.
Findings = Generator[Problem, None, str]
Ask = Callable[[Facts], Findings]


class Check(NamedTuple):
    """One question about a live stage; ``{stage}`` in a remedy is the stage's name."""

    name: str
    subject: str
    question: str
    remedy: str
    ask: Ask


ENTERED: list[Check] = []
Enter = Callable[[Ask], Ask]


def subject(title: str) -> Callable[[str, str, str], Enter]:
    """Return the decorator that enters checks of a subject into the table, as they are written."""

    def check(name: str, question: str, remedy: str) -> Enter:
        def enter(ask: Ask) -> Ask:
            ENTERED.append(Check(name, title, question, remedy, ask))
            return ask

        return enter

    return check


def error(found: str, remedy: str | None = None) -> Problem:
    """Return a problem that stops people or ChatGPT, or lets strangers in."""
    return Problem('error', found, remedy)


def warning(found: str, remedy: str | None = None) -> Problem:
    """Return a problem with which everything still works."""
    return Problem('warning', found, remedy)
