"""Asking a check: every check has an answer, also one that fails."""

from dataclasses import dataclass

import click
from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.settings import MissingSetting
from ops.aws_errors import in_one_line
from ops.inspection.check import (
    DEPLOY,
    DEPLOY_AND_UP,
    LOCAL,
    ONE_STACK,
    UP,
    UP_AND_DEPLOY,
    Check,
    Level,
    Problem,
    error,
)
from ops.inspection.facts import Facts, NotApplicable
from ops.inspection.live import is_one_stack

_MAX_CHARACTERS = 500


@dataclass(frozen=True)
class Finding:
    """What a check found, each text on one line that a terminal may be given."""

    check: str
    subject: str
    level: Level
    found: str
    remedy: str


def ask(check: Check, facts: Facts) -> list[Finding]:
    """Return what a check finds, at least one finding.

    Why it can't tell, a permission that is missing for example, is a finding too; where the same
    keeps several from telling, only the first one says it.
    """
    asking, found = check.ask(facts), list[Problem]()
    try:
        while True:
            found.append(next(asking))
    except StopIteration as end:
        found = found or [Problem('ok', end.value)]
    except NotApplicable as reason:
        found.append(Problem('not applicable', str(reason)))
    except (BotoCoreError, ClientError) as failure:
        found.append(_unanswered(check, facts, in_one_line(failure)))
    except click.ClickException as failure:
        found.append(_unanswered(check, facts, failure.message))
    except MissingSetting as failure:
        found.append(_unanswered(check, facts, str(failure)))
    except Exception as failure:  # a mistake in one check must not keep back what the others find
        mistake = f'this check itself failed: {type(failure).__name__}: {failure}'
        found.append(_unanswered(check, facts, mistake))
    return [_finding(check, problem, facts) for problem in found]


def _unanswered(check: Check, facts: Facts, why: str) -> Problem:
    first = facts.unanswered.setdefault(why, check.name)
    if first != check.name:
        return Problem('not applicable', f'not known, for the reason that {first} found')
    return error(why, '')


def _finding(check: Check, problem: Problem, facts: Facts) -> Finding:
    remedy = ''
    if problem.level in ('warning', 'error'):
        remedy = check.remedy if problem.remedy is None else problem.remedy
        instead = LOCAL if facts.stage.is_local else ONE_STACK if _is_one_stack(facts) else None
        if instead:
            for command in (DEPLOY_AND_UP, UP_AND_DEPLOY, DEPLOY, UP):
                remedy = remedy.replace(command, instead)
        remedy = _in_one_line(remedy.replace('{stage}', facts.stage.name))
    return Finding(check.name, check.subject, problem.level, _in_one_line(problem.found), remedy)


def _is_one_stack(facts: Facts) -> bool:
    try:
        return is_one_stack(facts)
    except Exception:  # which the checks of the stack tell
        return False


def _in_one_line(text: str) -> str:
    """Return a text that quotes others, with nothing that a terminal would obey."""
    line = ' '.join(text.split())
    cut = line if len(line) <= _MAX_CHARACTERS else line[:_MAX_CHARACTERS] + '...'
    return ''.join(c if c.isprintable() else '?' for c in cut)
