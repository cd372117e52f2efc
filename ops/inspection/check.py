"""What a check is, and how it gets into the table of them."""

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
    """What is not as it should be, and what to do where the check's own remedy is not it."""

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
    """Return what keeps people or ChatGPT from working, or leaves a door open."""
    return Problem('error', found, remedy)


def warning(found: str, remedy: str | None = None) -> Problem:
    """Return what works, but not as it was meant to."""
    return Problem('warning', found, remedy)
