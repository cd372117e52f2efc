"""What a rule is, and the table of them."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from openapi_lint.findings.evidence import Evidence
from openapi_lint.text.document import Document, Node

Severity = Literal['error', 'warning']
Profile = Literal['chatgpt-actions', 'tools']
# Where it is, what is wrong, and how bad that is where it is not as bad as the rule says.
Problems = Iterator[tuple[Node, str] | tuple[Node, str, Severity]]
Check = Callable[[Document], Problems]

ACTIONS: Profile = 'chatgpt-actions'
TOOLS: Profile = 'tools'
PROFILES: tuple[Profile, ...] = (ACTIONS, TOOLS)
PAGES = 'docs/openapi_rules.md'


@dataclass(frozen=True)
class Rule:
    """A rule: its check yields every place that breaks it, and how.

    What breaks an ``error`` is refused or dropped by who reads the document; what breaks a
    ``warning`` is taken, but known to work badly or not known to work.
    """

    name: str
    severity: Severity
    breaks: str
    remedy: str
    evidence: Evidence
    check: Check
    profiles: frozenset[Profile] = frozenset({ACTIONS})
    fixable: bool = False
    milder: str = ''


# All that was written; openapi_lint.rules has them in order.
ENTERED: list[Rule] = []


def rule(  # noqa: PLR0913 - what is told of a rule
    name: str,
    severity: Severity,
    *,
    breaks: str,
    remedy: str,
    evidence: Evidence,
    profiles: tuple[Profile, ...] = (ACTIONS,),
    fixable: bool = False,
    milder: str = '',
) -> Callable[[Check], Check]:
    """Enter a check into the table, in which rules stand as they are written.

    ``milder`` says where what breaks an error is only warned of.
    """

    def enter(check: Check) -> Check:
        ENTERED.append(
            Rule(
                name=name,
                severity=severity,
                breaks=breaks,
                remedy=remedy,
                evidence=evidence,
                check=check,
                profiles=frozenset(profiles),
                fixable=fixable,
                milder=milder,
            )
        )
        return check

    return enter


def quote(value: object) -> str:
    """Return a value of the document as a problem may hold it, however long it is."""
    text = value if isinstance(value, str) else json.dumps(value)
    return f'`{text[:80]}`'
